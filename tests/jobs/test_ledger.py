"""The ledger against a real MLflow server: all of it arrives, once, whatever dies in between."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import mlflow
import pytest

from beltline.version import Manifest, digest_of
from jobs import ledger as ledger_module
from jobs.job import _flat
from jobs.ledger import EXPERIMENT, Ledger, flush, send
from jobs.outbox import EVENTS, STATE, events
from jobs.recipes import CAPTIONS, CLEAN, REGENERATE
from tests.jobs.conftest import ROOT_OF_REPOSITORY, free_port

MANY = {f"p{number}": number for number in range(230)}


def manifest(name: str, pairs: dict[int, str]) -> Manifest:
    empty: dict = {"inputs": {}, "input_digests": {}, "reasons": {}, "licences": {}, "columns": {}, "change": {}}
    said: dict = {
        "verb": "draw",
        "recipe": {},
        "parent": None,
        "commit": "",
        "libraries": {},
        "created": "",
        "files": [],
    }
    digest, counts = digest_of(pairs.items()), {"kept": len(pairs), "rejected": 0}
    return Manifest(
        name=name, version="1.2.3", run="r", digest=digest, num_rows=len(pairs), counts=counts, **empty, **said
    )


INPUT, OUTPUT = manifest("scans", {1: "a"}), manifest("corpus", {2: "b"})


@pytest.fixture
def name() -> str:
    """Of a run that no other test has."""
    return uuid.uuid4().hex


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def down() -> str:
    """Where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def fill(outbox: Path, name: str) -> Callable[..., Ledger]:
    """A ledger with something of every kind, not ended."""

    def filled(tracking: str, run_name: str = name) -> Ledger:
        ledger = Ledger(outbox, tracking, run_name, {"beltline.verb": "draw"})
        ledger.params({**MANY, "recipe.name": "everyday", "limit": None, "empty": "", "long": "x" * 9000})
        ledger.dataset(INPUT, "data/scans/1.2.3", "input")
        for step in (0, 1):
            ledger.metrics({"rows": 20 + step, "rejected/screen/coverage": 0.5}, step=step)
        ledger.dataset(OUTPUT, "data/corpus/1.2.3", "output")
        ledger.artifact("card.md", b"# card\n")
        ledger.artifact("sheet.png", bytes(range(256)))
        return ledger

    return filled


def runs_of(server: str, name: str) -> list[Any]:
    client = mlflow.MlflowClient(server)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    return client.search_runs([experiment.experiment_id], f"tags.`mlflow.runName` = '{name}'") if experiment else []


def check_arrived(server: str, name: str, status: str, tmp_path: Path) -> None:
    """One run, with everything that `fill` wrote, each once."""
    (run,) = runs_of(server, name)
    client = mlflow.MlflowClient(server)
    assert run.info.status == status and run.info.end_time >= run.info.start_time > 0
    assert run.data.tags["beltline.verb"] == "draw"
    assert run.data.tags["beltline.input.scans"] == "scans@1.2.3"
    expected = {**MANY, "recipe.name": "everyday", "limit": None, "empty": "", "long": "x" * 6000}
    assert run.data.params == {key: str(value) for key, value in expected.items()}
    for key, values in {"rows": [20, 21], "rejected/screen/coverage": [0.5, 0.5]}.items():
        history = client.get_metric_history(run.info.run_id, key)
        assert [(metric.step, metric.value) for metric in history] == list(enumerate(values))
    check_datasets(run)
    for file, data in {"card.md": b"# card\n", "sheet.png": bytes(range(256))}.items():
        assert Path(client.download_artifacts(run.info.run_id, file, str(tmp_path))).read_bytes() == data
    assert len(client.list_artifacts(run.info.run_id)) == 2


def check_datasets(run: Any) -> None:
    found = {given.tags[0].value: given.dataset for given in run.inputs.dataset_inputs}
    assert len(run.inputs.dataset_inputs) == 2
    for context, written in (("input", INPUT), ("output", OUTPUT)):
        dataset = found[context]
        assert (dataset.name, dataset.digest) == (written.name, written.digest[:36])
        assert json.loads(dataset.source) == {"uri": f"data/{written.name}/1.2.3"}
        assert json.loads(dataset.profile)["rows"] == 1


def waiting(outbox: Path) -> list[Path]:
    return sorted(outbox.iterdir())


def test_everything_arrives_and_the_outbox_is_empty(server, outbox, name, fill, tmp_path) -> None:
    assert fill(server).end() is None
    check_arrived(server, name, "FINISHED", tmp_path)
    assert waiting(outbox) == []


def test_a_failed_job_is_a_failed_run_and_nothing_logged_is_fine(server, outbox, name) -> None:
    ledger = Ledger(outbox, server, name, {})
    ledger.params({})
    ledger.metrics({})
    assert ledger.end("FAILED") is None
    (run,) = runs_of(server, name)
    assert (run.info.status, run.data.params, run.data.metrics) == ("FAILED", {}, {})


def test_every_recipe_is_understood_as_parameters(server, outbox, name) -> None:
    ledger = Ledger(outbox, server, name, {})
    recipes = {**REGENERATE, **CAPTIONS, **CLEAN}
    values = {f"{key}.{inner}": value for key, made in recipes.items() for inner, value in _flat(asdict(made)).items()}
    ledger.params(values)
    assert ledger.end() is None
    assert runs_of(server, name)[0].data.params.keys() == values.keys()


def test_without_a_server_nothing_blocks_and_nothing_is_lost(server, down, outbox, name, fill, tmp_path) -> None:
    """Two jobs end while the server is down; the next job sends both, and each is there once."""
    for number in (1, 2):
        ledger = fill(down, f"{name}-{number}")
        sentence = ledger.end(patience_s=3600)  # within this test's own limit: it is not waited for
        assert not ledger._sender.is_alive()
        assert sentence and down in sentence and "the next job sends it" in sentence
    assert [events(folder)[-1]["kind"] for folder in waiting(outbox)] == ["end", "end"]
    assert Ledger(outbox, server, f"{name}-3", {}).end() is None
    for number in (1, 2):
        check_arrived(server, f"{name}-{number}", "FINISHED", tmp_path)
    assert len(runs_of(server, f"{name}-3")) == 1
    assert waiting(outbox) == []


def test_a_server_that_comes_back_while_the_job_runs_gets_it_all(server, down, outbox, name, fill, tmp_path) -> None:
    ledger = fill(down)
    ledger.tracking = server
    assert ledger.end() is None
    check_arrived(server, name, "FINISHED", tmp_path)


DRIVER = """
import os, signal, sys
from pathlib import Path
from jobs.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]), sys.argv[2], sys.argv[3], {})
ledger.metrics({"rows": 7})
with (ledger._folder / "events.jsonl").open("a") as journal:
    journal.write(sys.argv[4])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("torn", ["", '{"kind": "metrics", "values": {"rows": 8'])
def test_a_killed_driver_becomes_a_killed_run(server, down, outbox, name, torn: str) -> None:
    command = [sys.executable, "-c", DRIVER, str(outbox), down, name, torn]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT_OF_REPOSITORY}{os.pathsep}{ROOT_OF_REPOSITORY / 'platform'}"}
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert len(waiting(outbox)) == 1
    assert Ledger(outbox, server, f"{name}-next", {}).end() is None
    (run,) = runs_of(server, name)
    assert (run.info.status, run.data.metrics) == ("KILLED", {"rows": 7.0})
    assert waiting(outbox) == []


def test_a_living_driver_is_neither_closed_nor_sent_by_another(server, down, outbox, name, fill, tmp_path) -> None:
    living = fill(down)
    assert Ledger(outbox, server, f"{name}-other", {}).end() is None
    assert runs_of(server, name) == []
    assert len(waiting(outbox)) == 1
    living.tracking = server
    assert living.end() is None
    check_arrived(server, name, "FINISHED", tmp_path)


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it runs."""


def left_behind(outbox: Path, ledger: Ledger) -> Path:
    ledger.end()
    (folder,) = waiting(outbox)
    return folder


def test_a_sender_killed_after_every_event_repeats_none(
    server, down, outbox, name, fill, tmp_path, monkeypatch
) -> None:
    """Each event is carried out, the sender dies before it notes so, and the next sender carries it out again."""
    folder = left_behind(outbox, fill(down))
    carry_out, done = ledger_module._send_event, []

    def dying(client: Any, run_id: str | None, event: dict, place: Path) -> str:
        run_id = carry_out(client, run_id, event, place)
        done.append(event["kind"])
        if done.count(event["kind"]) % 2:
            raise Killed
        return run_id

    monkeypatch.setattr(ledger_module, "_send_event", dying)
    deaths = 0
    while folder.exists():
        try:
            send(folder, server)
        except Killed:
            deaths += 1
    assert deaths >= 6 and done.count("run") == done.count("end") == 2
    check_arrived(server, name, "FINISHED", tmp_path)


@pytest.mark.parametrize("state", ["", '{"run_id": "ab', None])
def test_a_torn_or_lost_state_starts_again_and_repeats_nothing(
    server, down, outbox, name, fill, tmp_path, monkeypatch, state
) -> None:
    folder = left_behind(outbox, fill(down))
    remove = ledger_module.shutil.rmtree
    with monkeypatch.context() as patch, pytest.raises(Killed):  # all was sent, the removal is what is cut off

        def cut_off(path: Path) -> None:
            raise Killed

        patch.setattr(ledger_module.shutil, "rmtree", cut_off)
        send(folder, server)
    assert ledger_module.shutil.rmtree is remove
    (folder / STATE).unlink() if state is None else (folder / STATE).write_text(state)
    assert send(folder, server) and not folder.exists()
    check_arrived(server, name, "FINISHED", tmp_path)


def test_a_torn_last_line_is_not_sent_until_it_is_whole(server, outbox, name, down) -> None:
    ledger = Ledger(outbox, down, name, {})
    line = json.dumps({"kind": "metrics", "time_ms": 1, "values": {"rows": 1.0}, "step": 0})
    path = waiting(outbox)[0] / EVENTS
    with path.open("a") as journal:
        journal.write(line[:20])
    assert not send(path.parent, server)
    assert runs_of(server, name)[0].data.metrics == {}
    with path.open("a") as journal:
        journal.write(f"{line[20:]}\n")
    assert not send(path.parent, server)
    assert runs_of(server, name)[0].data.metrics == {"rows": 1.0}
    ledger.tracking = server
    assert ledger.end() is None


def test_an_outbox_that_cannot_be_sent_stops_no_other(server, down, outbox, name, fill, tmp_path) -> None:
    """An older run whose artifact is lost stays and says why; the younger ones arrive."""
    bad = left_behind(outbox, fill(down, f"{name}-bad"))
    (bad / "artifacts" / "card.md").unlink()
    assert fill(server).end() is None
    check_arrived(server, name, "FINISHED", tmp_path)
    assert waiting(outbox) == [bad]
    assert "card.md" in (bad / "error.txt").read_text()
    (sentence,) = flush(outbox, server)
    assert str(bad) in sentence and "card.md" in sentence


def test_flush_of_nothing_and_of_a_server_that_is_down(outbox, down, fill) -> None:
    assert list(flush(outbox, down)) == []
    left_behind(outbox, fill(down))
    (sentence,) = flush(outbox, down)
    assert f"{down} does not answer" in sentence
    assert len(waiting(outbox)) == 1
