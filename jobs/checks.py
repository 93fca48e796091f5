"""Exams of a model while it learns, in a process beside: how its marks rise, and which of its states was the best.

    checks = Checks(plan, scratch, ledger)               # train --exam nano-exam --exam-scans nano-exam-bags --exam-every 200
    checks.after(400, student.graduate)                  # writes the weights where an exam is due, and goes on at once
    checks.end()                                         # waits for what is left; the best lies in scratch/best

Learning does not wait for an exam, and no question of it is ever learnt: the process beside is given weights and gives figures back. They go
into the run's ledger as exam/..., at the step that they speak of. Answers are kept as in any exam, so a run that is killed asks nothing again.
A state that is better than all before it is kept beside the last one, which becomes the version.
"""

import argparse
import json
import logging
import multiprocessing
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from beltline.scan import Row
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import iter_rows, resolve
from jobs.ledger import Ledger
from jobs.work import ASKED

BEST, CHECKS, FOUND = "best", "checks", "checks.jsonl"
MARK: Final = "overall/accuracy"
REASONED_TOKENS: Final = 512
RANK: Final = 10
"""Below the teaching, which has ten times an exam's share of a busy processor then."""
log = logging.getLogger("beltline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked, and how often. Literals only: it travels to the process beside."""

    store: str
    exam: str
    """NAME@VERSION."""
    scans: tuple[str, ...]
    every: int
    """Steps between two exams."""
    folder: str
    """Of the teaching run, in the store: its answers lie there."""
    form: str
    """How the model is taught to be shown views."""
    num: int | None = None
    """Questions, over all tasks alike; all of them where it is None."""
    reasoned: bool = False
    max_tokens: int = 8
    device: str = "cpu"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--exam", metavar="NAME[@VERSION]", help="put what is learnt to this exam while learning goes on"
    )
    parser.add_argument("--exam-scans", action="append", default=[], metavar="NAME[@VERSION]", help="the exam's scans")
    parser.add_argument("--exam-every", type=int, default=500, metavar="N", help="steps between two exams; default 500")
    parser.add_argument("--exam-num", type=int, metavar="N", help="questions of it, over all tasks alike; default all")
    parser.add_argument("--exam-reasoned", action="store_true", help="ask for reasoning, and see where its boxes lie")


def read(args: argparse.Namespace, store: Store, folder: str, form: str) -> Plan | None:
    """What the command line asks for; None where it asks for no exam.

    Raises:
        ValueError: the exam's scans are not named, no such version, or many workers.
    """
    if not args.exam:
        return None
    if not args.exam_scans:
        raise ValueError("--exam: expected --exam-scans NAME[@VERSION] of its scans as well, found none")
    if args.workers > 1:
        raise ValueError(
            f"--exam: expected one worker, found {args.workers}: examine the finished model, or teach with --workers 1"
        )
    refs = [resolve(store, ref).ref for ref in (args.exam, *args.exam_scans)]
    return Plan(
        store=store.uri, exam=refs[0], scans=tuple(refs[1:]), every=args.exam_every, folder=folder, form=form,
        num=args.exam_num, reasoned=args.exam_reasoned, max_tokens=REASONED_TOKENS if args.exam_reasoned else 8,
    )  # fmt: skip


class Checks:
    """The exams of one run; `plan` None has none, and then nothing is done."""

    def __init__(self, plan: Plan | None, folder: Path, ledger: Ledger):
        self._plan, self._folder, self._ledger = plan, folder, ledger
        self._beside: ProcessPoolExecutor | None = None
        self._waiting: list[tuple[int, Future[dict[str, float]]]] = []
        self.found: dict[int, dict[str, float]] = _read(folder / FOUND)

    def after(self, step: int, graduate: Callable[[Path], Any]) -> None:
        """Put the state of this step to the exam where it is due; enter what has come back by now."""
        if self._plan and step % self._plan.every == 0 and step not in self.found:
            self._put(self._plan, step, graduate)
        self._collect(wait=False)

    def _put(self, plan: Plan, step: int, graduate: Callable[[Path], Any]) -> None:
        weights = self._folder / CHECKS / f"step-{step:08d}"
        graduate(weights)
        if self._beside is None:
            self._beside = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=step_aside)
        self._waiting.append((step, self._beside.submit(marks, plan, step, str(weights))))

    def end(self) -> dict[str, float]:
        """Wait for the exams that are on their way; the best step and its mark, nothing where there was no exam."""
        self._collect(wait=True)
        if self._beside:
            self._beside.shutdown()
        if not self.found:
            return {}
        best = self.best()
        return {"exam/best_step": float(best), f"exam/best/{MARK}": self.found[best][MARK]}

    def best(self) -> int:
        """The step with the highest mark, the first of several."""
        return max(self.found, key=lambda step: (self.found[step][MARK], -step))

    def _collect(self, wait: bool) -> None:
        while self._waiting and (wait or self._waiting[0][1].done()):
            step, future = self._waiting.pop(0)
            self._enter(step, future.result())

    def _enter(self, step: int, figures: dict[str, float]) -> None:
        self.found[step] = figures
        weights = self._folder / CHECKS / f"step-{step:08d}"
        if self.best() == step:
            shutil.rmtree(self._folder / BEST, ignore_errors=True)
            weights.replace(self._folder / BEST)
        else:
            shutil.rmtree(weights)
        with (self._folder / FOUND).open("a", encoding="utf-8") as file:  # last: what is killed before it is done again
            file.write(json.dumps({"step": step, **figures}) + "\n")
        self._ledger.metrics({f"exam/{name}": value for name, value in figures.items()}, step=step)
        log.info("train: step %d, exam %.1f %% right", step, figures[MARK])


def step_aside() -> None:
    """Teaching goes first. At the same rank two pools of threads wait for each other: two processors taught at a fourteenth of their speed.

    Not as far down as it goes: beside the work of others an exam at rank 19 would never end.
    """
    os.nice(RANK)


def marks(plan: Plan, step: int, weights: str) -> dict[str, float]:
    """What a state scores, in percent: overall, by task, and where its boxes lie if it reasons."""
    from actors.reciter import Reciter
    from beltline.exam.asking import Examinee
    from beltline.exam.grounded import grounded
    from beltline.exam.scoring import grade, score
    from beltline.exam.tasks import Question
    from beltline.library import paths_of
    from jobs.scores import sizes

    store = Store(plan.store)
    exam = resolve(store, plan.exam)
    rows = chosen([row for row in iter_rows(store, exam) if row["status"] == KEPT], plan.num)
    paths = [path for ref in plan.scans for path in paths_of(resolve(store, ref))]
    who = Examinee(name=plan.folder.rsplit("/", 1)[-1], revision=f"step-{step}", temperature=0.0, max_tokens=plan.max_tokens, reasoned=plan.reasoned, form=plan.form)  # fmt: skip
    replies = list(Reciter(plan.store, f"{plan.folder}/{ASKED}", who, weights, paths, plan.device).replies(rows))
    contents = {row["id"]: row["content"] for row in rows}
    questions = [Question.of(row) for row in rows]
    result = score(grade(questions, replies, contents))
    where = grounded(questions, replies, sizes(store, exam)) if plan.reasoned else None
    tasks = {f"{task}/accuracy": 100 * cell.accuracy for task, cell in result.tasks.items()}
    bounds = {f"{MARK}_low": 100 * result.macro.low, f"{MARK}_high": 100 * result.macro.high}
    return {MARK: 100 * result.macro.estimate, **bounds, **tasks, **(where.figures() if where else {})}


def chosen(rows: Sequence[Row], num: int | None) -> list[Row]:
    """So many questions of each task that they are `num` in all, the lowest ids, bag by bag; all where it is None."""
    tasks: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["id"]):
        tasks[row["task"]].append(row)
    each = None if num is None else max(1, num // max(1, len(tasks)))
    return sorted((row for some in tasks.values() for row in some[:each]), key=lambda row: (row["scan"] or 0, row["id"]))  # fmt: skip


def _read(path: Path) -> dict[int, dict[str, float]]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines]
    return {row.pop("step"): row for row in rows}
