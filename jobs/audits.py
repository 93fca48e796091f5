"""The audits of an exam that is being set: of a large draw, which decides, and of the exam itself, for those who take it."""

from collections.abc import Mapping
from dataclasses import dataclass

from beltline import card
from beltline.exam.answers import LETTERS
from beltline.exam.audit import LIMIT, Audit, Line, audit
from beltline.exam.tables import points
from beltline.exam.tasks import Question
from beltline.language.conversations import Conversation
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import Manifest, iter_rows
from jobs.scores import show

Drawn = dict[str, list[Question]]
HEAD = ("task", "blind answerer", "n", "accuracy", "95 % interval", "chance", "over chance", "at most")
SHOWN = 3
"""Answerers a task on the card; the best alone on screen."""


@dataclass(frozen=True, slots=True)
class Audits:
    """What blind answerers reach."""

    large: Audit
    exam: Audit
    refused: list[str]
    """One sentence for each task of the large draw that can be passed without looking."""

    def sections(self) -> dict[str, list[str]]:
        """For the card."""
        verdict = [f"- {said}" for said in self.refused] or [
            f"No task is refused: at most {100 * LIMIT:g} points over chance."
        ]
        return {
            "Blind answerers on a large draw": [*verdict, "", *card.table(HEAD, _rows(self.large, SHOWN))],
            "Blind answerers on this exam": card.table(HEAD, _rows(self.exam, SHOWN)),
        }

    def figures(self) -> dict[str, float]:
        """For MLflow, in percent: the best blind answerer's accuracy on the exam, and the highest upper bound of the large draw."""
        found = {f"blind/{task}/accuracy": 100 * line.accuracy for task, line in self.exam.best().items()}
        for line in self.large.lines:
            name = f"blind/{line.task}/over_chance_at_most"
            found[name] = max(found.get(name, -100.0), 100 * line.gap_high)
        return found | {"blind/num_refused": float(len(self.refused))}


def held(store: Store, lesson: Mapping[str, Manifest], exam: Drawn, large: Drawn, seed: int) -> Audits:
    """Both audits; the blind answerers may learn from lessons that hold questions."""
    read = [one for manifest in lesson.values() for one in _questions(store, manifest)]
    both = [audit([one for task in drawn.values() for one in task], read, seed) for drawn in (large, exam)]
    return Audits(large=both[0], exam=both[1], refused=both[0].refused())


def say(found: Audits) -> None:
    """The best blind answerer of each task on screen."""
    show("blind answerers on a large draw", HEAD, _rows(found.large, 1))
    show("blind answerers on this exam", HEAD, _rows(found.exam, 1))


def _questions(store: Store, manifest: Manifest) -> list[Question]:
    """What a lesson asks with options: a version of questions, or of conversations."""
    rows = (row for row in iter_rows(store, manifest) if row["status"] == KEPT)
    if {"options", "answer", "words"} <= manifest.columns.keys():
        return [Question.of(row) for row in rows]
    return [one for row in rows for one in asked_in(Conversation.of(row))] if "exchanges" in manifest.columns else []


def asked_in(lesson: Conversation) -> list[Question]:
    """The closed questions of a conversation, as an exam would have them."""
    asked = zip(lesson.turns[::2], lesson.exchanges, strict=False)
    return [
        Question(
            exam="lesson",
            task=one.topic,
            question=turn.content,
            options=one.options,
            answer=one.answer,
            group=lesson.group,
            scan=lesson.scan,
            views=lesson.views,
        )
        for turn, one in asked
        if len(set(one.options)) == len(one.options) > 1 and one.answer in LETTERS[: len(one.options)]
    ]


def _rows(found: Audit, most: int) -> list[tuple[str, ...]]:
    seen: dict[str, int] = {}
    rows = []
    for line in found.lines:
        seen[line.task] = seen.get(line.task, 0) + 1
        if seen[line.task] <= most:
            rows.append(_row(line))
    return rows


def _row(line: Line) -> tuple[str, ...]:
    figures = (
        f"{100 * line.accuracy:.1f}",
        f"{100 * line.low:.1f} to {100 * line.high:.1f}",
        f"{100 * line.chance:.1f}",
    )
    return (line.task, line.answerer, str(line.n), *figures, points(line.gap), points(line.gap_high))
