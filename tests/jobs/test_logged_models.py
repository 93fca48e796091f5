"""Models in MLflow: each once, with where it comes from; marks of an exam beside it; one champion."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import pytest

from beltline.version import Manifest
from jobs import logged_models
from jobs.__main__ import main
from jobs.ledger import EXPERIMENT, Ledger, connect
from tests.jobs.test_ledger import manifest

EXAM, REPLIES = manifest("exam", {3: "c"}), manifest("replies", {4: "d"})


def model(name: str = "gsr-nano", content: str = "a") -> Manifest:
    recipe = {"name": "gsr_nano", "rate": 0.001, "lora": {"rank": 4, "alpha": 8}, "views": None}
    inputs = {"lessons": "drills@2.0.0", "scans": "bags@1.1.0"}
    digests = {"lessons": "1" * 64, "scans": "2" * 64}
    return manifest(name, {1: content}).model_copy(
        update={"recipe": recipe, "inputs": inputs, "input_digests": digests}
    )


def trained(tracking: str, outbox: Path, made: Manifest) -> None:
    ledger = Ledger(outbox, tracking, f"train {made.name}", {"beltline.verb": "train"})
    ledger.dataset(manifest("drills", {7: "x"}), "data/drills/2.0.0", "input")
    ledger.model(made, f"data/{made.name}/weights")
    assert ledger.end() is None


def examined(tracking: str, outbox: Path, who: Manifest, marks: dict[str, float]) -> None:
    ledger = Ledger(outbox, tracking, f"{who.name} on exam", {}, "exams")
    ledger.metrics(marks, model=who, dataset=EXAM)
    assert ledger.end() is None


def known(tracking: str) -> list[Any]:
    client, experiment = connect(tracking, EXPERIMENT)
    return list(client.search_logged_models([experiment]))


def test_a_model_has_its_recipe_its_lineage_and_its_run(ledger: str, tmp_path: Path) -> None:
    made = model()
    trained(ledger, tmp_path / "outbox", made)
    (found,) = known(ledger)
    assert (found.name, found.status.value) == ("gsr-nano", "READY")
    assert found.params["recipe.rate"] == "0.001" and found.params["recipe.lora"] == '{"rank": 4, "alpha": 8}'
    expected = {"version": made.ref, "digest": made.digest, "source": "data/gsr-nano/weights"}
    expected |= {"input.lessons": "drills@2.0.0", "input.lessons.digest": "1" * 64, "input.scans": "bags@1.1.0"}
    assert {f"beltline.{name}": value for name, value in expected.items()}.items() <= found.tags.items()
    run = mlflow.MlflowClient(ledger).get_run(found.source_run_id)
    assert run.data.tags["beltline.verb"] == "train"
    assert [one.dataset.name for one in run.inputs.dataset_inputs] == ["drills"]


def test_what_is_sent_twice_is_one_model(ledger: str) -> None:
    """A sender that was killed before it wrote down what it had sent begins anew."""
    event = logged_models.told(model(), "somewhere")
    client, experiment = connect(ledger, EXPERIMENT)
    run = client.create_run(experiment).info.run_id
    for _ in range(2):
        logged_models.put(client, experiment, run, event)
    assert len(known(ledger)) == 1
    logged_models.put(client, experiment, run, logged_models.told(model(content="b"), "somewhere"))
    assert len(known(ledger)) == 2  # the same number, other weights: another model


def test_marks_stand_beside_the_model_that_got_them(ledger: str, tmp_path: Path) -> None:
    """With the exam's name and digest; another model of the same name has none of them."""
    first, second = model(), model(content="b").model_copy(update={"version": "2.0.0"})
    for made in (first, second):
        trained(ledger, tmp_path / "outbox", made)
    examined(ledger, tmp_path / "outbox", first, {"overall/accuracy": 31.5, "PA/accuracy": 40.0})
    marks = {one.tags[logged_models.VERSION]: one.metrics or [] for one in known(ledger)}
    assert marks[second.ref] == []
    assert {(one.key, one.value) for one in marks[first.ref]} == {("overall/accuracy", 31.5), ("PA/accuracy", 40.0)}
    assert {(one.dataset_name, one.dataset_digest) for one in marks[first.ref]} == {("exam", EXAM.digest[:36])}


def test_marks_of_a_model_that_nobody_has_told_of_are_kept_with_the_run(ledger: str, tmp_path: Path) -> None:
    examined(ledger, tmp_path / "outbox", model(), {"overall/accuracy": 31.5})
    client, experiment = connect(ledger, "exams")
    (run,) = client.search_runs([experiment])
    assert run.data.metrics == {"overall/accuracy": 31.5} and known(ledger) == []


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Callable[[Manifest], None]:
    """`store(manifest)`: what `promote` finds; whether weights are there is no matter here."""

    def put(made: Manifest) -> None:
        monkeypatch.setattr("jobs.promote.resolve", lambda *_: made)
        monkeypatch.setattr("jobs.models.is_model", lambda _: True)

    return put


@pytest.mark.parametrize("where", ["ledger", "server"])
def test_one_is_champion(
    request: pytest.FixtureRequest, where: str, tmp_path: Path, store: Callable[[Manifest], None]
) -> None:
    """The alias goes from one to the next, and given twice it changes nothing: on a file, and on a server."""
    ledger: str = request.getfixturevalue(where)
    first, second = model(), model(content="b").model_copy(update={"version": "2.0.0"})
    for made in (first, second):
        trained(ledger, tmp_path / "outbox", made)
    client = mlflow.MlflowClient(ledger)
    for made, number in ((first, "1"), (first, "1"), (second, "2"), (first, "1")):
        store(made)
        assert main(["promote", made.ref, "--tracking", ledger]) == 0
        champion = client.get_model_version_by_alias("gsr-nano", "champion")
        assert str(champion.version) == number and champion.tags[logged_models.VERSION] == made.ref
        assert champion.tags[logged_models.DIGEST] == made.digest
        assert client.get_run(champion.run_id).data.tags["beltline.verb"] == "train"
    assert len(client.search_model_versions("name = 'gsr-nano'")) == 2


def test_a_model_of_another_server_is_refused(
    ledger: str, store: Callable[[Manifest], None], capsys: pytest.CaptureFixture[str]
) -> None:
    store(model())
    assert main(["promote", "gsr-nano", "--tracking", ledger]) == 2
    assert "gsr-nano@1.2.3: expected a model that MLflow has" in capsys.readouterr().err
