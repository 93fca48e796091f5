"""What names a run, who holds it, and what counts as done."""

import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from beltline.store import Store
from beltline.version import run_of
from jobs.job import _flat, held, identity
from jobs.options import Options
from jobs.progress import Committed
from tests.made import put_parquet, scan, version_of, work

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def _held_elsewhere(uri: str) -> bool:
    try:
        with held(Store(uri), "corpus/.runs/r1"):
            return False
    except ValueError:
        return True


def elsewhere(store: Store) -> bool:
    """Whether another process is refused."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_held_elsewhere, (store.uri,))


def test_a_run_is_held_while_its_driver_works_and_then_no_more(store: Store) -> None:
    assert not elsewhere(store)
    with held(store, "corpus/.runs/r1"):
        assert elsewhere(store)
        with held(store, "corpus/.runs/r2"):
            pass
    assert not elsewhere(store)


def test_a_run_is_free_after_a_failure(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), held(store, "corpus/.runs/r1"):
        raise KeyboardInterrupt
    assert not elsewhere(store)


HOLDER = """
import sys
from beltline.store import Store
from jobs.job import held
with held(Store(sys.argv[1]), "corpus/.runs/r1"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_living_process_refuses_and_a_killed_one_does_not_even_as_a_zombie(store: Store) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    other = subprocess.Popen([sys.executable, "-c", HOLDER, store.uri], env=environment, **pipes)
    assert other.stdout.readline() == b"held\n"
    with (
        pytest.raises(ValueError, match=f"process {other.pid} of .* works on this run already"),
        held(store, "corpus/.runs/r1"),
    ):
        pass
    other.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # dead, and nobody has taken notice yet
    with held(store, "corpus/.runs/r1"):
        pass
    other.communicate()


def test_a_number_of_a_process_that_is_another_one_by_now_holds_nothing(store: Store) -> None:
    store.write("corpus/.runs/r1/driver", f"process {os.getppid()} of here".encode())
    with held(store, "corpus/.runs/r1"):
        pass


def test_where_and_how_fast_do_not_name_a_run_but_what_does(store: Store) -> None:
    options = Options(recipe="drawn", output="corpus", store=store)
    same = [
        replace(options, workers=9, blocks=3, tracking="http://t", address="auto", dry_run=True),
        replace(options, store=Store("/elsewhere"), output="other"),
    ]
    names = {run_of(identity(work(), one)) for one in (options, *same)}
    assert len(names) == 1
    one, other = (version_of(store, [scan(number)], f"v{number}") for number in (0, 1))
    different = [
        (work(), replace(options, limit=1)),
        (work(), replace(options, seed=1)),
        (replace(work(), verb="write"), options),
        (replace(work(), recipe={"name": "drawn", "seed": 2}), options),
        (work(inputs={"scans": one}), options),
        (work(inputs={"scans": other}), options),
        (work(inputs={"words": one}), options),
        (work(inputs={"scans": one.model_copy(update={"digest": "0"})}), options),
    ]
    names |= {run_of(identity(done, given)) for done, given in different}
    assert len(names) == 1 + len(different)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, {}),
        ({"a": 1}, {"a": 1}),
        ({"a": {"b": {"c": 1}, "d": [1, {"e": 2}]}, "f": None}, {"a.b.c": 1, "a.d": [1, {"e": 2}], "f": None}),
        ({"a": {}}, {}),
    ],
)
def test_nested_values_become_flat_parameters(value, expected) -> None:
    assert _flat(value) == expected


def test_committed_rows_are_counted_and_pending_ones_are_not(store: Store) -> None:
    committed = Committed(store, "checkpoint")
    assert committed.count() == 0
    rows = pa.table({"row": [1, 2, 3]})
    put_parquet(store, "checkpoint/a.parquet", rows)
    put_parquet(store, "checkpoint/b.pending.parquet", rows)
    store.write("checkpoint/note.txt", b"no rows")
    assert committed.count() == 3
    put_parquet(store, "checkpoint/b.parquet", rows[:2])
    assert committed.count() == 5
    store.write("checkpoint/a.parquet", b"read once: what is counted is not opened again")
    assert committed.count() == 5
