"""Is a score earned? Every rotation of the options, a world in which every answer is "No", and who needs the second view.

    asked = [turn for question in questions for turn in rotations(question)]          # each question once a rotation
    circular(questions, replies)["CT"].all_right       # replies: question id -> one reply for each rotation, in order
    all_no(questions, replies_by_id)                   # One Table 13: what "No" to everything would be worth
    views_needed(questions, {"top": ..., "side": ..., "both": ...})

A model that likes one letter, or guesses, is right in one rotation of four; right in all of them it is by the picture or by the words
(for the words there is audit.py).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beltline.exam.answers import LETTERS
from beltline.exam.blind import affirms, denies
from beltline.exam.metrics import intervals
from beltline.exam.metrics.intervals import Interval
from beltline.exam.tasks import Question, rearranged, score


@dataclass(frozen=True, kw_only=True, slots=True)
class Circular:
    """One task under all rotations. Figures with their intervals, bags drawn with replacement."""

    num: int
    all_right: Interval
    """Share of questions that are right in every rotation: the headline."""
    mean: Interval
    """Mean over questions of the share of rotations that are right."""
    consistency: Interval
    """Share of questions in which every rotation is answered by the same option, right or wrong; an unread answer is none."""


def rotations(question: Question) -> list[Question]:
    """The question once for each option, the options moved on by one place each time; the first is as it is.

    All have the question's number, since they ask the same.
    """
    turns = range(len(question.options))
    return [rearranged(question, question.options[turn:] + question.options[:turn]) for turn in turns]


def circular(
    questions: Sequence[Question], replies: Mapping[int, Sequence[str | None]], *, rounds: int = 1000, seed: int = 0
) -> dict[str, Circular]:
    """Figures by task, from each question's replies to its `rotations`, in their order.

    Raises:
        ValueError: a question without one reply for each of its options.
    """
    tasks: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        tasks[question.task].append(question)
    return {task: _task(asked, replies, rounds, seed) for task, asked in tasks.items()}


def _task(asked: list[Question], replies: Mapping[int, Sequence[str | None]], rounds: int, seed: int) -> Circular:
    rows = [_marks(question, replies.get(question.id, ())) for question in asked]
    bags = [question.group for question in asked]
    found = [
        intervals.bootstrap([(row[column], 1.0) for row in rows], bags, rounds=rounds, seed=seed) for column in range(3)
    ]
    return Circular(num=len(asked), all_right=found[0], mean=found[1], consistency=found[2])


def _marks(question: Question, replies: Sequence[str | None]) -> tuple[float, float, float]:
    """All right, share right, always the same option."""
    if len(replies) != len(question.options):
        raise ValueError(
            f"circular: expected {len(question.options)} replies to question {question.id}, one for each of its rotations, "
            f"found {len(replies)}; ask `rotations(question)`"
        )
    marks = [(turn, score(turn, reply)) for turn, reply in zip(rotations(question), replies, strict=True)]
    right = [mark.correct for _, mark in marks]
    chosen = {turn.options[LETTERS.index(mark.reading.value)] if mark.reading.value else None for turn, mark in marks}
    return float(all(right)), sum(right) / len(right), float(len(chosen) == 1 and None not in chosen)


@dataclass(frozen=True, kw_only=True, slots=True)
class Polar:
    """Yes/no questions of one task, or of all. Figures 0 to 1."""

    task: str
    num: int
    right: float
    """As the answers are."""
    gold_no: float
    """Share of questions whose right answer is no."""
    said_no: float
    """Share that was answered by no: also the accuracy if every right answer were no (One Table 13)."""
    said_yes: float
    """The accuracy if every right answer were yes; what could not be read is neither."""

    @property
    def lean(self) -> float:
        """How much more no was said than there was, -1 to 1: above 0 a model leans to no, and a set of noes would flatter it."""
        return self.said_no - self.gold_no


def all_no(questions: Sequence[Question], replies: Mapping[int, str | None]) -> list[Polar]:
    """The "all No" test by task, and over all tasks (`all`) where there are several; only questions that are a yes and a no count.

    Args:
        questions: of any kind.
        replies: question id to reply; a question without one counts as unread.
    """
    tasks: dict[str, list[tuple[bool, str | None, bool]]] = defaultdict(list)
    for question in questions:
        if _is_polar(question):
            mark = score(question, replies.get(question.id))
            said = mark.reading.value
            option = question.options[LETTERS.index(said)] if said else None
            tasks[question.task].append((mark.correct, option, denies(question.answer_text)))
    found = [_polar(task, rows) for task, rows in tasks.items()]
    return [*found, _polar("all", [row for rows in tasks.values() for row in rows])] if len(found) > 1 else found


def _is_polar(question: Question) -> bool:
    options = question.options
    return len(options) == 2 and sum(map(affirms, options)) == sum(map(denies, options)) == 1


def _polar(task: str, rows: Sequence[tuple[bool, str | None, bool]]) -> Polar:
    num = len(rows)
    return Polar(
        task=task,
        num=num,
        right=sum(right for right, _, _ in rows) / num,
        gold_no=sum(no for _, _, no in rows) / num,
        said_no=sum(option is not None and denies(option) for _, option, _ in rows) / num,
        said_yes=sum(option is not None and affirms(option) for _, option, _ in rows) / num,
    )


SEEN = ("top", "side", "both")


@dataclass(frozen=True, kw_only=True, slots=True)
class Views:
    """How much one task needs the second view, by an oracle that sees one view or both. Figures 0 to 1."""

    task: str
    num: int
    top: float
    """Right with the top view alone."""
    side: float
    both: float
    needs_both: float
    """Right with both views and wrong with either alone."""
    needs_side: float
    """Right with both views and wrong with the top view alone."""


def views_needed(questions: Sequence[Question], oracle: Mapping[str, Mapping[int, str | None]]) -> list[Views]:
    """By task, what the same oracle knows of one view and of both.

    Args:
        questions: those that the oracle was asked.
        oracle: "top", "side", "both" -> question id -> reply; an oracle that cannot tell should reply nothing rather than guess.

    Raises:
        ValueError: not these three, or a question that one of them was not asked.
    """
    if set(oracle) != set(SEEN):
        raise ValueError(f"views_needed: expected replies for {SEEN}, found {tuple(oracle)}")
    tasks: dict[str, list[dict[str, bool]]] = defaultdict(list)
    for question in questions:
        for seen in SEEN:
            if question.id not in oracle[seen]:
                raise ValueError(f"views_needed: expected a reply of {seen} to question {question.id}, found none")
        tasks[question.task].append({seen: score(question, oracle[seen][question.id]).correct for seen in SEEN})
    return [_views(task, rows) for task, rows in tasks.items()]


def _views(task: str, rows: Sequence[dict[str, bool]]) -> Views:
    num = len(rows)
    return Views(
        task=task,
        num=num,
        **{seen: sum(row[seen] for row in rows) / num for seen in SEEN},
        needs_both=sum(row["both"] and not row["top"] and not row["side"] for row in rows) / num,
        needs_side=sum(row["both"] and not row["top"] for row in rows) / num,
    )
