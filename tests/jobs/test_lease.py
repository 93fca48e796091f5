"""The lease of a run on S3: one holder, a living one is never robbed, a dead one never waited for longer than needed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from beltline.store import Store
from jobs import lease
from jobs.job import held
from jobs.lease import FREE, Lease, holds, leased, me
from tests.s3 import Server, outside

PATH = "corpus/.runs/r1/driver"
ELSEWHERE = {"machine": "another one", "pid": os.getpid(), "started": "1", "holder": "process 7 of far"}


@pytest.fixture
def store(s3_writer: Server) -> Store:
    return Store(f"s3://{s3_writer.bucket}/{uuid.uuid4().hex}")


def test_a_run_is_held_while_the_block_runs_and_then_free(store: Store) -> None:
    for _ in range(2):
        with held(store, "corpus/.runs/r1"):
            with (
                pytest.raises(ValueError, match=rf"process {os.getpid()} of .* works on this run already"),
                leased(store, PATH),
            ):
                pass
            with held(store, "corpus/.runs/r2"):
                pass
        assert json.loads(store.read(PATH)) == FREE


@pytest.mark.parametrize("kind", ["local", "s3"])
def test_who_works_for_a_driver_can_ask_whether_it_holds_the_run(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    where = request.getfixturevalue("store") if kind == "s3" else Store(str(tmp_path))
    with held(where, "corpus/.runs/r1"):
        assert holds(me(), where, "corpus/.runs/r1")
        assert not holds(f"process 7 of {me()}", where, "corpus/.runs/r1")
        assert not holds(me()[:-1], where, "corpus/.runs/r1"), "a host whose name begins alike"
    assert not holds(me(), where, "corpus/.runs/r1")
    where.write("corpus/.runs/r1/driver", json.dumps(ELSEWHERE).encode())
    assert not holds(me(), where, "corpus/.runs/r1") and holds("process 7 of far", where, "corpus/.runs/r1")


def test_a_run_is_free_after_a_failure(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), leased(store, PATH):
        raise KeyboardInterrupt
    with leased(store, PATH):
        pass


HOLDER = """
import sys
from beltline.store import Store
from jobs.lease import leased
with leased(Store(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_living_process_of_this_machine_refuses_and_a_killed_one_does_not_even_as_a_zombie(
    store: Store, s3_writer: Server, caplog: pytest.LogCaptureFixture
) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    other = subprocess.Popen([sys.executable, "-c", HOLDER, store.uri, PATH], env=outside(s3_writer), **pipes)
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(ValueError, match=f"process {other.pid} of"), leased(store, PATH):
        pass
    other.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    with caplog.at_level("INFO"), leased(store, PATH, lease_s=1):
        assert "taken over after" not in caplog.text, "nobody waited for the lease to be stale"
    other.communicate()


def test_a_number_of_a_process_that_is_another_one_by_now_holds_nothing(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    mine = lease._process(os.getpid())
    store.write(PATH, json.dumps({**mine, "started": "1"}).encode())
    with caplog.at_level("INFO"), leased(store, PATH, lease_s=1):
        assert "taken over after" not in caplog.text


def test_of_many_takers_one_wins(store: Store) -> None:
    store.write(PATH, json.dumps(FREE).encode())
    takers = [Lease(store.bucket, store.key(PATH), beat_s=0.1) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        holders = list(pool.map(lambda taker: taker.take(lease_s=60), takers))
    assert holders.count(None) == 1


def test_another_machines_holder_that_beats_is_alive_however_slow(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = Lease(store.bucket, store.key(PATH), beat_s=0.05)
    far._me = ELSEWHERE
    assert far.take(lease_s=60) is None
    with far:
        assert Lease(store.bucket, store.key(PATH), beat_s=0.2).take(lease_s=60) == "process 7 of far"


def test_another_machines_holder_that_is_silent_is_taken_over_and_learns_it(store: Store) -> None:
    far = Lease(store.bucket, store.key(PATH), beat_s=60)
    far._me = ELSEWHERE
    assert far.take(lease_s=60) is None
    begun = time.monotonic()
    with leased(store, PATH, lease_s=0.5, beat_s=0.2):
        assert time.monotonic() - begun >= 0.5, "not before its time"
        assert far._write(far._mark) is None
    assert far._write(None) is None


@pytest.mark.parametrize("ctrl_c", [signal.default_int_handler, signal.SIG_IGN], ids=["at-hand", "in-the-background"])
def test_who_was_robbed_stops(store: Store, ctrl_c: Any, request: pytest.FixtureRequest) -> None:
    before = signal.signal(signal.SIGINT, ctrl_c)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    with pytest.raises(ValueError, match="another job took the run over"), leased(store, PATH, beat_s=0.05):
        store.write(PATH, json.dumps(ELSEWHERE).encode())
        threading.Event().wait(20)  # cut short by the beat
    assert json.loads(store.read(PATH)) == ELSEWHERE, "and leaves the lease to the robber"
