"""The main job, sent from outside to a cluster with a token by either way: its digest is that of this process, and its run is in MLflow."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import mlflow
import pytest

from beltline.store import Store
from jobs.ledger import EXPERIMENT
from tests.cluster.sending import Team, digests
from tests.s3 import become

pytestmark = [pytest.mark.cluster, pytest.mark.exhaustive, pytest.mark.timeout(900)]
CORPUS = "regenerate --recipe everyday --limit 6 --workers 2 --output corpus"


@pytest.fixture
def here(small: Team, monkeypatch: pytest.MonkeyPatch) -> Team:
    """A team whose bucket and ledger this process may read."""
    become(monkeypatch, small.bucket)
    for name, value in small.ledger.credentials().items():
        monkeypatch.setenv(name, value)
    return replace(small, place=uuid.uuid4().hex[:8])


@pytest.fixture
def store(here: Team) -> Store:
    return Store(here.uri)


def test_the_main_job_by_either_way(here: Team, store: Store, jobs: Callable[..., int], tmp_path: Path) -> None:
    said = here.send(CORPUS)
    assert "corpus@1.0.0" in said and ": SUCCEEDED, exit code 0" in said
    assert "is complete already" in here.submit(CORPUS), "Ray's own command finds what ours has made"
    assert "nothing is sent" in here.send(CORPUS)
    assert "as it was written" in here.submit("verify corpus --deep")
    assert jobs(CORPUS) == 0, "in this process, with a folder and SQLite"
    assert digests(store) == digests(Store(str(tmp_path / "store")))
    client = mlflow.MlflowClient(here.ledger.uri)
    where = [client.get_experiment_by_name(EXPERIMENT).experiment_id]
    runs = client.search_runs(where, f"tags.`beltline.store` = '{here.uri}'")
    assert [(run.info.run_name, run.info.status) for run in runs] == [("regenerate corpus", "FINISHED")]
    assert runs[0].data.metrics["rows"] == 6
    assert "manifest.json" in {one.path for one in client.list_artifacts(runs[0].info.run_id)}
    assert [path for path in Store(f"s3://{here.bucket.bucket}/mlflow").list("", recursive=True) if "manifest" in path]
