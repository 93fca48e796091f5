"""Which questions a check asks, which state was the best, and what a restart knows."""

import json
import os
from pathlib import Path
from typing import Any, cast

import pytest

from jobs import checks as checks_module
from jobs.checks import BEST, CHECKS, FOUND, MARK, RANK, Checks, Plan, chosen
from jobs.ledger import Ledger

NOBODY = cast(Ledger, None)


def row(key: int, task: str, scan: int | None = 1) -> dict[str, Any]:
    return {"id": key, "task": task, "scan": scan}


def test_no_exam_is_no_work(tmp_path: Path) -> None:
    checks = Checks(None, tmp_path, NOBODY)
    checks.after(100, lambda folder: 1 / 0)
    assert checks.end() == {} and list(tmp_path.iterdir()) == []


def test_tasks_are_asked_alike_whatever_their_size() -> None:
    rows = [row(key, "CT", scan=9 - key) for key in range(9)] + [row(20, "SR"), row(21, "SR", scan=None)]
    assert chosen([], 4) == [] and len(chosen(rows, None)) == 11
    some = chosen(rows, 4)
    assert sorted(one["id"] for one in some) == [0, 1, 20, 21]
    assert [one["scan"] for one in some] == [None, 1, 8, 9]  # bag by bag
    assert chosen(list(reversed(rows)), 4) == some


def test_the_first_of_the_best_is_the_best_and_a_restart_knows(tmp_path: Path) -> None:
    marks = {100: 25.0, 200: 40.0, 300: 40.0, 400: 30.0}
    (tmp_path / FOUND).write_text(
        "".join(json.dumps({"step": step, MARK: mark}) + "\n" for step, mark in marks.items())
    )
    checks = Checks(None, tmp_path, NOBODY)
    assert checks.found == {step: {MARK: mark} for step, mark in marks.items()}
    assert checks.best() == 200 and checks.end() == {"exam/best_step": 200.0, f"exam/best/{MARK}": 40.0}


def test_a_mark_is_written_down_after_its_weights_are_safe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the two, the step is examined again; the other way round the best state would be lost."""
    (tmp_path / CHECKS / "step-00000100").mkdir(parents=True)

    def killed(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", killed)
        Checks(None, tmp_path, NOBODY)._enter(100, {MARK: 30.0})
    assert Checks(None, tmp_path, NOBODY).found == {} and not (tmp_path / BEST).exists()


def rank(plan: Plan, step: int, weights: str) -> dict[str, float]:
    return {MARK: float(os.nice(0))}


def test_an_exam_steps_aside_for_the_teaching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_module, "marks", rank)
    plan = Plan(store=str(tmp_path), exam="exam@1.0.0", scans=(), every=100, folder="f", form="tagged")
    checks = Checks(plan, tmp_path, NOBODY)
    checks._put(plan, 100, lambda folder: folder.mkdir(parents=True))
    [(step, mark)] = checks._waiting
    assert (step, mark.result()[MARK]) == (100, min(19, os.nice(0) + RANK))
