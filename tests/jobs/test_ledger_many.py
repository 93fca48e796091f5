"""Eight jobs write into MLflow on PostgreSQL at once, and it is away for a while in the middle: all arrives, once, and no job waits for it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest

from jobs.ledger import EXPERIMENT
from tests.jobs.conftest import ROOT_OF_REPOSITORY
from tests.ledgers import Server, team_ledger

JOBS = 8
JOB = """
import sys, time
from pathlib import Path
from jobs.ledger import Ledger
outbox, tracking, number, writes = sys.argv[1:]
ledger = Ledger(Path(outbox), tracking, f"job {number}", {"number": number})
longest = 0.0
for step in range(int(writes)):
    before = time.monotonic()
    ledger.metrics({"loss": float(step), "rate": 1.0 / (1 + step)}, step=step)
    longest = max(longest, time.monotonic() - before)
    if step % 50 == 0:
        sys.stdin.readline()  # the test lets all go on together
print(longest, ledger.end(patience_s=400), flush=True)
"""


@pytest.fixture
def server() -> Iterator[Server]:
    with team_ledger() as one:
        yield one


def begin(server: Server, outbox: Path, number: int, writes: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", JOB, str(outbox), server.uri, str(number), str(writes)]
    paths = os.pathsep.join([str(ROOT_OF_REPOSITORY), str(ROOT_OF_REPOSITORY / "platform")])
    environment = {**os.environ, "PYTHONPATH": paths, **server.credentials()}
    return subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def go_on(jobs: list[subprocess.Popen[str]], lines: int) -> None:
    for job in jobs:
        assert job.stdin
        job.stdin.write("\n" * lines)
        job.stdin.flush()


def history(client: Any, run: str, key: str) -> list[tuple[int, float]]:
    return sorted((one.step, one.value) for one in client.get_metric_history(run, key))


@pytest.mark.parametrize(
    ("writes", "away_s"), [(300, 3), pytest.param(2000, 60, marks=[pytest.mark.exhaustive, pytest.mark.timeout(1800)])]
)
def test_eight_jobs_at_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int, away_s: int
) -> None:
    jobs = [begin(server, tmp_path / "outbox", number, writes) for number in range(JOBS)]
    turns = -(-writes // 50)
    go_on(jobs, turns // 2)
    server.stop()
    time.sleep(away_s)  # what the test is about: jobs write on while nobody listens
    go_on(jobs, turns)
    server.start()
    told = [json.dumps(job.communicate()[0].split()) for job in jobs]
    longest = [float(json.loads(one)[0]) for one in told]
    print(f"{JOBS} jobs x {writes} writes: the longest call took {max(longest):.3f} s; {told}")
    for name, value in server.credentials().items():
        monkeypatch.setenv(name, value)
    from jobs.ledger import flush

    assert list(flush(tmp_path / "outbox", server.uri)) == [], "the next job sends what waited"
    client = mlflow.MlflowClient(server.uri)
    runs = client.search_runs([client.get_experiment_by_name(EXPERIMENT).experiment_id])
    assert sorted(int(run.data.tags["number"]) for run in runs) == list(range(JOBS))
    for run in runs:
        assert run.info.status == "FINISHED"
        assert history(client, run.info.run_id, "loss") == [(step, float(step)) for step in range(writes)]
        assert history(client, run.info.run_id, "rate") == [(step, 1.0 / (1 + step)) for step in range(writes)]
    assert max(longest) < 5
    assert "deadlock" not in (server.folder / "log" / "postgres").read_text().lower()
