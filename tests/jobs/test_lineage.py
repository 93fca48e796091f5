"""The verb: the tree on screen, the page in MLflow with every ancestor as a dataset; `verify --deep` looks at ancestors too."""

import json
from pathlib import Path

import mlflow
import pytest

from beltline.store import Store
from beltline.version import publish, resolve
from jobs.__main__ import main
from jobs.ledger import EXPERIMENT, Ledger
from tests.made import GUN, scan, version_of


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Scans; words that were made of them; a model of both."""
    store = Store(str(tmp_path / "store"))
    made: dict[str, str] = {}
    for name in ("scans", "words", "gsr"):
        version_of(store, [scan(items=(GUN,), source_id=name)], name)
        manifest = resolve(store, name)
        (Path(store.path(name, "1.0.0", "manifest.json"))).unlink()
        digests = {role: resolve(store, role).digest for role in made}
        publish(
            store, manifest.model_copy(update={"inputs": dict(made), "input_digests": digests, "run": f"run-{name}"})
        )
        made[name] = f"{name}@1.0.0"
    return store


def places(store: Store, ledger: str) -> list[str]:
    return ["--store", store.uri, "--tracking", ledger]


def test_the_tree_and_the_page(store: Store, ledger: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = Ledger(tmp_path / "outbox", ledger, "words", {"beltline.run": "run-words"})
    assert job.end() is None
    assert main(["lineage", "gsr", *places(store, ledger)]) == 0
    told = capsys.readouterr().out
    assert "gsr@1.0.0" in told and "words: words@1.0.0" in told and told.count("scans: scans@1.0.0") == 2
    client = mlflow.MlflowClient(ledger)
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    (run,) = client.search_runs([experiment], "tags.`beltline.verb` = 'lineage'")
    assert {one.dataset.name for one in run.inputs.dataset_inputs} == {"scans", "words", "gsr"}
    page = Path(client.download_artifacts(run.info.run_id, "lineage.html")).read_text(encoding="utf-8")
    (made,) = client.search_runs([experiment], "tags.`beltline.run` = 'run-words'")
    assert made.info.run_id in page and all(resolve(store, name).digest in page for name in ("scans", "words", "gsr"))


def test_as_json_for_programs(store: Store, ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lineage", "gsr@1.0.0", "--json", *places(store, ledger)]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert {one["ref"] for one in tree["made_of"]} == {"scans@1.0.0", "words@1.0.0"}
    assert tree["sources"] == {"CC0-1.0": {"scans@1.0.0": 1}}


@pytest.mark.parametrize("name", ["scans", "words"])
def test_a_lost_ancestor_is_found(name: str, store: Store, ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "gsr@1.0.0", "--deep", "--store", store.uri]) == 0
    (row,) = [file.path for file in resolve(store, name).rows]
    Path(store.path(row)).unlink()
    assert main(["verify", "gsr@1.0.0", "--store", store.uri]) == 0, "the version itself is as it was"
    assert main(["verify", "gsr@1.0.0", "--deep", "--store", store.uri]) == 1
    assert f"{row}: expected" in capsys.readouterr().out
    Path(store.path(name, "1.0.0", "manifest.json")).unlink()
    assert main(["lineage", "gsr@1.0.0", *places(store, ledger)]) == 1
    assert f"{name}@1.0.0" in capsys.readouterr().out
    assert main(["verify", "gsr@1.0.0", "--deep", "--store", store.uri]) == 1
