"""What is done more than once because a worker was lost is counted: blocks of rows by their marks, steps of teaching by what workers report."""

import os
from pathlib import Path

import pytest

from beltline.store import Store
from jobs import belt
from jobs.train_on_ray import Heard
from jobs.work import Again, write_specs

pytestmark = pytest.mark.cluster
FOLDER = "bags/.runs/0f"


def test_a_task_knows_that_ray_has_begun_it_before(ray_here: None) -> None:
    import ray

    @ray.remote(max_retries=1)
    def dies_once() -> int:
        if belt._attempt() == 0:
            os._exit(1)
        return belt._attempt()

    assert ray.get(dies_once.remote()) == 1


def test_a_block_that_is_begun_again_leaves_its_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(str(tmp_path))
    write_specs(store, f"{FOLDER}/specs.parquet", [(number, {}) for number in range(10)], workers=1, blocks=3)
    for index, attempt in ((0, 0), (1, 1), (1, 2), (2, 1)):
        monkeypatch.setattr(belt, "_attempt", lambda attempt=attempt: attempt)
        (block,) = belt.ReadGroup(store.uri, f"{FOLDER}/specs.parquet", index)()
        assert block.num_rows == (4, 4, 2)[index]
    assert Again.rows_of(store, FOLDER) == 4 + 4 + 2
    assert Again.rows_of(store, "bags/.runs/1f") == 0


class Ledger:
    """Takes what it is told."""

    def metrics(self, *_: object, **__: object) -> None:
        pass


def step(number: int) -> dict[str, float]:
    names = ("epoch", "loss", "norm", "rate", "samples", "tokens", "supervised", "seconds")
    return {"step": number} | dict.fromkeys(names, 1)


def test_steps_that_are_taken_again_are_counted() -> None:
    heard = Heard(Ledger())  # type: ignore[arg-type]
    began = {"parameters": {"taught": 1, "all": 1}, "samples": 9, "steps": 40, "batch": 1, "left_out": []}
    for report in (
        {"began": began | {"step": 0}},
        {"steps": [step(number) for number in range(9)]},
        {"began": began | {"step": 5}},
        {"steps": [step(number) for number in range(5, 40)]},
    ):
        heard(report)
    assert (heard.times, heard.again) == (2, 4)
