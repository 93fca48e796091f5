"""SIGKILL of a driver, of a captioner, of a node of three, in the middle of captioning: the same digest, and hardly a request twice.

The server of the test stops answering at a request that the test names, until everybody who may ask has as many requests out as
are agreed: whoever is killed then takes all of them along. What was answered before is never asked again.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import web

from beltline.scan import scan_id
from beltline.store import Store
from beltline.version import resolve, verify
from tests.cluster.short import short_folder
from tests.fire import Fire
from tests.made import GUN, KNIFE, scan, version_of

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]
ROOT = Path(__file__).parents[2]
WORKERS, IN_FLIGHT = 3, 24
PATIENCE_S = 600
SHORT_LIVED = ("429", "500", "cut")
"""Faults that pass, so that a row's answer does not depend on how often it was asked for."""
CALM: dict[int, str] = {}
ROWS = [240, pytest.param(2000, marks=pytest.mark.exhaustive)]


class Stopping(Fire):
    """Fire that answers nobody from its `stop_at`-th request on, until it is let go."""

    def __init__(self, stop_at: int):
        super().__init__(faults=SHORT_LIVED, rate=0.02, seed=4)
        self._stop_at, self._all_out, self._on = stop_at, threading.Event(), asyncio.Event()

    async def _given(self, request: web.Request, data: bytes) -> web.StreamResponse:
        if self.requests >= self._stop_at and not self._on.is_set():
            if self.now == IN_FLIGHT:
                self._all_out.set()
            await self._on.wait()
        return await super()._given(request, data)

    def wait_until_all_are_out(self) -> None:
        assert self._all_out.wait(PATIENCE_S), f"{self.requests} requests came, {self.now} are open"
        assert self.now == IN_FLIGHT

    def go_on(self) -> None:
        self._loop.call_soon_threadsafe(self._on.set)

    def allowed(self, rows: int, kills: int) -> int:
        """The most requests that so many rows and kills may need."""
        return rows + self.failed.total() + kills * IN_FLIGHT


@pytest.fixture(params=ROWS)
def rows(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def bags(store: Store, count: int) -> None:
    """A version of so many scans, of which each is another question."""
    one = scan()
    version_of(
        store,
        [
            replace(
                one,
                id=scan_id("drawn", number),
                group=f"bag {number}",
                source_id=str(number),
                items=(replace(GUN, top_xyxy=(5 + number % 50, 30, 90 + number // 50, 70)), KNIFE),
            )
            for number in range(count)
        ],
        "bags",
    )


def command(store: Store, url: str, ledger: str, *more: str) -> list[str]:
    job = f"caption --recipe endpoint --model tested@7 --input bags --output words --workers {WORKERS}"
    asking = f"--endpoint {url} --in-flight {IN_FLIGHT} --tries 12 --pause 0.02"
    places = ["--store", store.uri, "--tracking", ledger]
    return [*job.split(), *asking.split(), *places, *more]


def start(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "jobs", *words], cwd=ROOT, env={**os.environ, "RAY_ADDRESS": ""})


def captioners(of: psutil.Process) -> list[psutil.Process]:
    """The actor processes below a process in which captions are asked for."""
    return [one for one in of.children(recursive=True) if "AsyncRowWise" in " ".join(one.cmdline())]


def digest(store: Store, rows: int) -> str:
    """Of a version that is whole."""
    words = resolve(store, "words")
    assert words.num_rows == words.counts["kept"] == rows and verify(store, words.ref, deep=True) == []
    return words.digest


@pytest.fixture
def calm(rows: int, tmp_path: Path, ledger: str, jobs: Callable[..., int]) -> str:
    """The digest of a run that nobody disturbs; one run is enough for all tests."""
    if rows in CALM:
        return CALM[rows]
    store = Store(str(tmp_path / "calm"))
    bags(store, rows)
    with Fire() as fire:
        assert jobs("", *command(store, fire.url, ledger)) == 0
        assert fire.requests == rows
    CALM[rows] = digest(store, rows)
    return CALM[rows]


@pytest.fixture
def store(rows: int, tmp_path: Path) -> Store:
    store = Store(str(tmp_path / "killed"))
    bags(store, rows)
    return store


def test_the_driver(rows: int, calm: str, store: Store, ledger: str, jobs: Callable[..., int]) -> None:
    """Its Ray dies with it; the next driver uses the tests' Ray."""
    with Stopping(rows // 3) as fire:
        words = command(store, fire.url, ledger)
        job = start(*words)
        fire.wait_until_all_are_out()
        job.send_signal(signal.SIGKILL)
        job.wait()
        fire.go_on()
        assert jobs("", *words) == 0
        print(f"driver: {fire.requests} requests of at most {fire.allowed(rows, 1)}, faults {dict(fire.failed)}")
        assert fire.requests <= fire.allowed(rows, 1)
    assert digest(store, rows) == calm


@pytest.mark.exhaustive
def test_a_captioner(rows: int, calm: str, store: Store, ledger: str) -> None:
    with Stopping(rows // 3) as fire:
        job = start(*command(store, fire.url, ledger))
        fire.wait_until_all_are_out()
        victim, *others = captioners(psutil.Process(job.pid))
        assert len(others) == WORKERS - 1
        victim.kill()
        fire.go_on()
        assert job.wait() == 0
        print(f"captioner: {fire.requests} requests of at most {fire.allowed(rows, 1)}, faults {dict(fire.failed)}")
        assert fire.requests <= fire.allowed(rows, 1)
    assert digest(store, rows) == calm


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head and two nodes, each with room for half of the job."""
    from ray.cluster_utils import Cluster

    with short_folder() as short:
        monkeypatch.setenv("RAY_TMPDIR", short)  # and the note by which others would find this cluster
        # a busy machine may be slow to say that it lives; a node that was killed refuses at once
        monkeypatch.setenv("RAY_health_check_timeout_ms", "120000")
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 4})
        try:
            for _ in range(2):
                cluster.add_node(num_cpus=4)
            yield cluster
        finally:
            cluster.shutdown()


def raylet(node: Any) -> psutil.Process:
    return psutil.Process(node.all_processes["raylet"][0].process.pid)


def kill_node(cluster: Any) -> None:
    """The raylet of a node that has a captioner, and all that it started."""
    _, node = max((len(captioners(raylet(node))), number, node) for number, node in enumerate(cluster.worker_nodes))[1:]
    top = raylet(node)
    assert captioners(top)
    for process in (top, *top.children(recursive=True)):
        process.kill()


def test_a_node_of_three(rows: int, calm: str, store: Store, ledger: str, cluster: Any) -> None:
    with Stopping(rows // 3) as fire:
        job = start(*command(store, fire.url, ledger, "--address", cluster.address))
        fire.wait_until_all_are_out()
        kill_node(cluster)
        fire.go_on()
        assert job.wait() == 0
        print(f"node: {fire.requests} requests of at most {fire.allowed(rows, 1)}, faults {dict(fire.failed)}")
        assert fire.requests <= fire.allowed(rows, 1)
    assert digest(store, rows) == calm
