"""SIGKILL at three points, run again: the same digest, nothing lost or doubled, hardly an answer asked twice.

Who is killed has a Ray of its own, which dies with it; the last run, which comes to the end, uses the tests' Ray.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from beltline.cache import calls
from beltline.store import Store
from beltline.version import resolve, verify
from jobs.progress import Committed
from tests.killing import EVERYDAY, ROWS, kill_when

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).parents[2]
WORKERS = 2
IN_FLIGHT = WORKERS + 1
"""One task more than workers runs, so that no worker waits for its next block."""
COMMAND = f"{EVERYDAY} --blocks 8 --workers {WORKERS}"


def start(store: Store, ledger: str) -> subprocess.Popen[bytes]:
    places = ["--store", store.uri, "--tracking", ledger]
    environment = {**os.environ, "RAY_ADDRESS": ""}
    return subprocess.Popen([sys.executable, "-m", "jobs", *COMMAND.split(), *places], cwd=ROOT, env=environment)


def state(store: Store) -> tuple[int, int]:
    """(answers that are asked, rows that are committed) of the only run; (0, 0) before it exists."""
    runs = store.list("corpus/.runs")
    if not runs:
        return 0, 0
    return calls(store, f"{runs[0]}/asked")[0], Committed(store, f"{runs[0]}/checkpoint").count()


def test_three_kills_change_nothing(jobs: Callable[..., int], everyday: Store, ledger: str, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    points: list[Callable[[], bool]] = [
        lambda: state(store)[0] > 2,  # answers on disk, before their block is committed
        lambda: state(store)[1] >= ROWS // 4,
        lambda: state(store)[1] >= ROWS // 2,
    ]
    for point in points:
        kill_when(start(store, ledger), point)
    assert state(store)[1] < ROWS
    assert jobs(COMMAND) == 0
    manifest = resolve(store, "corpus")
    assert manifest.num_rows == ROWS
    assert verify(store, manifest.ref, deep=True) == []
    assert manifest.digest == resolve(everyday, "corpus").digest
    asked, repeated = calls(store, f"corpus/.runs/{manifest.run}/asked")
    print(
        f"{len(points)} kills: {asked} calls for {ROWS} rows, {repeated} repeated, at most {len(points) * IN_FLIGHT} allowed"
    )
    assert asked - repeated == ROWS
    assert repeated <= len(points) * IN_FLIGHT
