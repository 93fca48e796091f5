"""Jobs that are sent to a cluster with a token: the main job by either way, its digest and its run; then list, logs, stop, resume, and how it fails."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import mlflow
import pytest

from beltline.store import Store
from beltline.version import resolve, verify
from jobs.ledger import EXPERIMENT
from tests.cluster.launched import pools
from tests.cluster.sending import Team, digests
from tests.cluster.test_node_kill import Stopping, bags
from tests.s3 import become

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
CORPUS = "regenerate --recipe everyday --limit 6 --workers 2 --output corpus"
ROWS = 16
CAPTION = "caption --recipe endpoint --model tested@7 --endpoint {} --in-flight 4 --tries 12 --pause 0.02 --workers 1 --blocks 4 --input bags --output words"
ID = re.compile(r"^(\S+) is sent: ", re.M)


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


@pytest.mark.exhaustive
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


def told(here: Team, name: str) -> dict[str, str]:
    done = here.ask("list", "--json")
    assert done.returncode == 0, done.stderr
    return next(row for row in map(json.loads, done.stdout.splitlines()) if row["id"] == name)


@pytest.mark.exhaustive
def test_stopped_and_resumed(here: Team, store: Store, jobs: Callable[..., int], tmp_path: Path) -> None:
    """In the middle, where the server of a captioner answers no more; what it has answered is not asked again."""
    bags(store, ROWS)
    with Stopping(ROWS // 2) as fire:
        name = ID.search(here.send(CAPTION.format(fire.url), "--no-wait"))[1]
        look = Event()
        while fire.requests < ROWS // 2:
            assert told(here, name)["status"] in ("PENDING", "RUNNING")
            look.wait(0.2)
        assert "expected a job that has ended" in here.ask("resume", name).stderr
        said = here.ask("stop", name)
        assert said.returncode == 0 and f"python -m jobs resume {name}" in said.stdout, said.stdout + said.stderr
        assert told(here, name)["status"] == "STOPPED"
        assert "has ended already: STOPPED" in here.ask("stop", name).stdout
        fire.go_on()
        said = here.ask("resume", name)
        assert said.returncode == 0 and f"{name}.2: SUCCEEDED" in said.stdout, said.stdout + said.stderr
        assert ROWS <= fire.requests <= fire.allowed(ROWS, 1), fire.requests
        local = Store(str(tmp_path / "store"))
        bags(local, ROWS)
        assert jobs(CAPTION.format(fire.url)) == 0
    assert "nothing to do" in here.ask("resume", f"{name}.2").stdout
    words = resolve(store, "words")
    assert words.num_rows == ROWS and verify(store, words.ref, deep=True) == []
    assert resolve(local, "words").digest == words.digest
    logs = here.ask("logs", f"{name}.2", "--no-wait")
    assert logs.returncode == 0 and words.digest in logs.stdout


@pytest.mark.exhaustive
def test_a_job_that_fails_says_what_to_do(here: Team, store: Store) -> None:
    """By Ray's own command nothing is looked over before, so it fails on the cluster; `logs` says what and what then."""
    with pytest.raises(AssertionError, match="no version of 'nobody'"):
        here.submit("caption --recipe grammar --input nobody --output words")
    done = here.ask("list", "--json")
    name = json.loads(done.stdout.splitlines()[0])["id"]
    logs = here.ask("logs", name, "--no-wait")
    assert logs.returncode == 2
    assert f"{name}: FAILED, exit code 2" in logs.stdout and "it said: caption: " in logs.stdout
    assert logs.stdout.splitlines()[-1].strip().startswith("what to do: the command is wrong as the sentence says")
    gone = here.ask("logs", "nobody")
    assert gone.returncode == 2 and "expected a job that this cluster was sent, found " in gone.stderr


def test_without_the_token_nobody_is_let_in(here: Team, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("f" * 64)
    (tmp_path / "token").chmod(0o600)
    stranger = here.raylets.ask("list", RAY_AUTH_TOKEN_PATH=str(tmp_path / "token"))
    assert stranger.returncode == 2 and "to know our token, found it refused" in stranger.stderr


def test_a_node_that_was_lost_keeps_nobody_from_sending(here: Team) -> None:
    here.raylets.order("node caption")
    here.raylets.order("kill 2")
    look = Event()
    while "caption" in pools(here.raylets.address, here.raylets.environment):
        look.wait(0.2)
    assert "would send to" in here.send(CORPUS, "--dry-run")
