"""What the steps of a teaching run were: told on screen and to the ledger, and kept as the rows of the version that it becomes.

    curve = Curve(folder / "curve.jsonl", ledger, num_steps)
    student.learn(curve)

One process keeps its curve in a file beside its state; many workers keep it in their checkpoints, and their driver only tells.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from beltline.scan import Row
from jobs import models
from jobs.ledger import Ledger

log = logging.getLogger("beltline")
TELL_EVERY = 20
"""Steps between two lines of progress, and two entries in the ledger."""


def begin(told: Row) -> None:
    """Say how a student begins, or goes on."""
    parameters = told["parameters"]
    log.info(
        "train: %d samples, %d steps of %d, %.2f M of %.2f M parameters taught",
        *(told["samples"], told["steps"], told["batch"], parameters["taught"] / 1e6, parameters["all"] / 1e6),
    )
    left_out: Counter[str] = Counter(told["left_out"])
    for reason, count in sorted(left_out.items()):
        log.info("train: %d samples left out: %s", count, reason)
    if told.get("step"):
        log.info("train: goes on at step %d", told["step"])


class Teller:
    """Says what the steps were, on screen and in the ledger."""

    def __init__(self, ledger: Ledger, num_steps: int):
        self._ledger, self._total = ledger, num_steps
        self._recent: list[Any] = []

    def __call__(self, done: Any) -> None:
        self._recent.append(done)
        if len(self._recent) == TELL_EVERY or done.step + 1 == self._total:
            from actors.student import figures

            shown = figures(self._recent)
            self._ledger.metrics(shown, step=done.step + 1)
            log.info(
                "train: step %d of %d, loss %.4f, %.0f tokens/s",
                *(done.step + 1, self._total, shown["loss"], shown["tokens_per_second"]),
            )
            self._recent.clear()


class Curve(Teller):
    """The same, and line by line in a file that a restart goes on with."""

    def __init__(self, path: Path, ledger: Ledger, num_steps: int):
        super().__init__(ledger, num_steps)
        self._path, self._new = path, list[Any]()

    def __call__(self, done: Any) -> None:
        self._new.append(done)
        super().__call__(done)

    def flush(self) -> None:
        """Write what is new; before a state is written, so that no state is ahead of its curve."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(text_of(asdict(one) for one in self._new))
        self._new.clear()

    def back_to(self, step: int) -> None:
        """Forget steps from `step` on: they are done again."""
        kept = (one for one in self.steps() if one["step"] < step)
        self._path.write_text(text_of(list(kept)), encoding="utf-8")

    def steps(self) -> list[Row]:
        """What is written."""
        return steps_of(self._path.read_text(encoding="utf-8")) if self._path.exists() else []


def text_of(steps: Iterable[Mapping[str, Any]]) -> str:
    """Steps as lines of JSON."""
    return "".join(f"{json.dumps(one)}\n" for one in steps)


def steps_of(text: str) -> list[Row]:
    """What `text_of` wrote."""
    return [json.loads(line) for line in text.splitlines()]


def rows_of(steps: Iterable[Row]) -> list[Row]:
    """Steps as rows of models.STEPS."""
    names = set(models.STEPS.names)
    return [
        {name: value for name, value in one.items() if name in names} | {"id": one["step"], "status": None}
        for one in steps
    ]
