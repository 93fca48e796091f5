"""Many workers under Ray Train learn what one process learns, whoever is killed in between: a worker, the driver, a node.

Who is killed is killed as soon as a checkpoint is there, in the middle of the second of three epochs; what comes after is compared to the last bit.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, Thread
from typing import Any

import psutil
import pytest

from beltline.learning.recipes import RECIPES, Lora, Recipe
from beltline.scan import Row
from beltline.store import Store
from beltline.version import iter_rows, resolve, verify

pytestmark = [pytest.mark.cluster, pytest.mark.learning, pytest.mark.timeout(1200)]
SAME = 2e-4
"""Relative, of losses of two workers and of one: sums in another order, over whose squares AdamW divides."""
FIRST = 15
"""The checkpoint after which a kill comes: in the middle of the second epoch of ten steps."""
FULL = replace(RECIPES["gsr_nano"], batch=3, epochs=3, rate=1e-3, sight_steps=2, sight_batch=2, max_tokens=1500)
LORA = replace(FULL, tower="frozen", aligner="frozen", llm="lora", lora=Lora(rank=4, alpha=8), sight_steps=0)


@dataclass(frozen=True)
class Cell:
    """One way of teaching."""

    family: str
    stage: int
    how: str

    @property
    def recipe(self) -> Recipe:
        base = FULL if self.how == "full" else LORA
        return replace(base, family=self.family, tags=self.family == "qwen3_vl", zero_stage=self.stage)

    def command(self, output: str, workers: int = 2) -> str:
        inputs = "--input lessons=lessons --input scans=bags"
        return (
            f"train --recipe gsr_nano --base tiny:{self.family} {inputs} --keep 5 --workers {workers} --output {output}"
        )


EVERYDAY = Cell("qwen3_vl", 2, "full")
CELLS = [
    Cell(family, stage, how) for family in ("qwen3_vl", "qwen2_5_vl") for stage in (2, 3) for how in ("full", "lora")
]
CALM: dict[Cell, Row] = {}


def name(cell: Cell) -> str:
    return f"{cell.family}-zero{cell.stage}-{cell.how}"


@pytest.fixture
def cell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Cell:
    """The cell that the test is about, EVERYDAY by default; `--recipe gsr_nano` is its recipe."""
    found: Cell = getattr(request, "param", EVERYDAY)
    monkeypatch.setitem(RECIPES, "gsr_nano", found.recipe)
    monkeypatch.setenv("RAY_TRAIN_HEALTH_CHECK_INTERVAL_S", "0.1")
    return found


@pytest.fixture
def calm(cell: Cell, jobs: Callable[..., int], lessons: Store) -> Row:
    """What two workers learn that nobody disturbs, which is what one process learns; once for all tests of a cell."""
    if cell not in CALM:
        assert jobs(cell.command("alone", workers=1)) == 0
        assert jobs(cell.command("calm")) == 0
        alone, calm = learnt(lessons, "alone"), learnt(lessons, "calm")
        assert len(calm["losses"]) == len(alone["losses"]) == 30 and calm["losses"][-1] < calm["losses"][0]
        apart = [abs(two - one) / one for one, two in zip(alone["losses"], calm["losses"], strict=True)]
        print(f"{name(cell)}: two workers and one process at most {max(apart):.2g} apart, relative")
        assert max(apart) < SAME
        assert calm["names"] == alone["names"]
        assert not lessons.exists(f"calm/.runs/{calm['run']}/checkpoints"), "what is learnt needs no checkpoints"
        CALM[cell] = calm
    return CALM[cell]


def learnt(store: Store, output: str) -> Row:
    """What a run has come to: to be the same in another."""
    found = resolve(store, output)
    assert verify(store, found.ref, deep=True) == []
    rows = sorted(iter_rows(store, found), key=lambda row: row["id"])
    weights = {file.path.rsplit("/", 1)[1]: file.sha256 for file in found.files if "/weights/" in file.path}
    return {
        "run": found.run,
        "digest": found.digest,
        "losses": [row["loss"] for row in rows],
        "names": sorted(weights),
        "weights": weights["model.safetensors"],
    }


def kept(store: Store, output: str) -> int:
    """The step of the last checkpoint that Ray Train knows; 0 before there is one."""
    found = [path for path in store.list(output, recursive=True) if path.endswith("/checkpoint_manager_snapshot.json")]
    try:
        last = json.loads(store.read(found[0]))["latest_checkpoint_result"]
    except (IndexError, FileNotFoundError, json.JSONDecodeError):
        return 0
    return int(last["checkpoint_dir_name"].removeprefix("step-")) if last else 0


def workers(of: psutil.Process) -> list[psutil.Process]:
    """The processes below another that learn."""
    found = []
    for one in of.children(recursive=True):
        try:
            if "RayTrainWorker" in " ".join(one.cmdline()):
                found.append(one)
        except psutil.NoSuchProcess:
            pass
    return found


def kill_a_worker(store: Store, output: str) -> Thread:
    """A thread that kills one of the workers below this process as soon as there is a checkpoint."""

    def kill() -> None:
        look = Event()
        while kept(store, output) < FIRST:
            look.wait(0.05)
        workers(psutil.Process())[-1].kill()

    thread = Thread(target=kill, daemon=True)
    thread.start()
    return thread


def went_on(said: str) -> bool:
    """In the middle of the run."""
    return any(f"goes on at step {step}" in said for step in range(FIRST, 30, 5))


def first_alone(cells: list[Cell]) -> list[Any]:
    return [one if one == EVERYDAY else pytest.param(one, marks=pytest.mark.exhaustive) for one in cells]


@pytest.mark.parametrize("cell", first_alone(CELLS), indirect=True, ids=name)
def test_a_worker_is_killed(
    cell: Cell, calm: Row, jobs: Callable[..., int], lessons: Store, caplog: pytest.LogCaptureFixture
) -> None:
    killer = kill_a_worker(lessons, "again")
    with caplog.at_level("INFO", "beltline"):
        assert jobs(cell.command("again")) == 0
    killer.join()
    assert went_on(caplog.text)
    assert learnt(lessons, "again") == calm
    assert jobs(cell.command("again")) == 0  # nothing to do
    assert len([one for one in lessons.list("again") if one.endswith(".0.0")]) == 1
