"""Real vLLM on the CPU, its driver killed in mid-run: nothing lost, nothing doubled, and no question asked whose answer was stored."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from beltline.cache import FOLDER, calls
from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import make_scan
from beltline.store import Store
from beltline.version import iter_rows, resolve, verify
from tests import tiny
from tests.killing import kill_when
from tests.made import version_of

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1800)]
ROOT = Path(__file__).parents[2]
NUM_BAGS, STORED = 12, 3


def start(store: Store, model: Path) -> subprocess.Popen[bytes]:
    """One sequence at a time, so that answers come one by one."""
    job = "caption --recipe nano --gpus 0 --in-flight 1 --workers 1 --input bags --output words"
    places = ["--model", str(model), "--store", store.uri, "--tracking", f"sqlite:///{store.path('mlflow.db')}"]
    words = [sys.executable, "-m", "jobs", *job.split(), *places]
    return subprocess.Popen(words, cwd=ROOT, env={**os.environ, "RAY_ADDRESS": ""})


def answers(store: Store) -> dict[str, bytes]:
    """Every stored answer by the name of its question."""
    return {path.stem: path.read_bytes() for path in Path(store.path(FOLDER)).rglob("*.json")}


def noted(store: Store) -> dict[str, list[str]]:
    """The questions that each process was about to ask."""
    journals = Path(store.path("words/.runs")).glob("*/asked/*")
    return {path.name: path.read_text().split() for path in journals}


def test_a_driver_killed_between_answers(tmp_path: Path) -> None:
    model, store = tiny.build("qwen3-vl", tmp_path / "tiny"), Store(str(tmp_path / "store"))
    bags = [make_scan(RECIPES["everyday"], number) for number in range(NUM_BAGS)]
    version_of(store, bags, "bags")
    job = start(store, model)
    kill_when(job, lambda: len(answers(store)) >= STORED)
    before, asked = answers(store), noted(store)
    assert STORED <= len(before) < NUM_BAGS

    assert start(store, model).wait() == 0
    words = resolve(store, "words")
    rows = list(iter_rows(store, words))
    assert sorted(row["id"] for row in rows) == sorted(bag.id for bag in bags)
    assert verify(store, words.ref, deep=True) == []
    after = answers(store)
    assert {name: after[name] for name in before} == before
    anew = [name for journal, names in noted(store).items() if journal not in asked for name in names]
    assert anew and not set(anew) & set(before)
    assert set(anew) | {name for names in asked.values() for name in names} == set(after)
    total, repeated = calls(store, f"words/.runs/{words.run}/asked")
    print(
        f"{len(before)} answers at the kill; {total} questions noted for {len(after)} answers, {repeated} noted twice"
    )
    assert total - repeated == len(after)
