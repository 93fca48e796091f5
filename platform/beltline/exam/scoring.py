"""Scores predictions: replies joined to the questions of an exam, read anew, counted by task. No model, no cluster, seconds.

    graded = grade(questions, replies)                      # one Graded a question and seed, silence included
    result = score(graded)
    result.tasks["CT"].accuracy, result.tasks["CT"].interval.low, result.macro.estimate

Every question of the exam counts for every seed: a reply that is missing, refused, withheld or not to be read is wrong and counted by its
kind. Intervals are those of a bootstrap over bags; the seeds of a bag stand or fall with it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from beltline.exam.answers import LETTERS
from beltline.exam.metrics import choices
from beltline.exam.metrics.intervals import Interval
from beltline.exam.replies import STATUSES, Status
from beltline.exam.tasks import Question
from beltline.exam.tasks import score as mark
from beltline.scan import Row

MAX_CLASSES = 32
"""Answers of a task that F1 tells apart by what they say; where more are right at some time, it goes by letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """One question, one seed."""

    key: int
    """The question's id."""
    question: Question
    seed: int
    letter: str | None
    status: Status

    @property
    def correct(self) -> bool:
        return self.letter == self.question.answer

    @property
    def value(self) -> float:
        """1 or 0."""
        return float(self.correct)


@dataclass(frozen=True, kw_only=True)
class TaskScore:
    """One task. Shares are 0 to 1."""

    num: int
    """Questions, however many seeds."""
    asked: int
    """Questions times seeds."""
    statuses: Mapping[str, int]
    """Of the askings, by how they could be read: answered, invalid, refused, abstained, no-response."""
    accuracy: float
    interval: Interval
    macro_f1: float
    micro_f1: float
    num_classes: int

    @property
    def valid(self) -> int:
        return self.statuses["answered"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """An exam's score."""

    tasks: Mapping[str, TaskScore]
    """In the order of the exam."""
    macro: Interval
    """Accuracy as the mean over tasks: the papers' overall."""
    micro: Interval
    """Accuracy over all questions."""
    macro_f1: Interval
    """Mean over tasks of their macro F1."""
    seeds: Mapping[int, float]
    """Macro accuracy of each seed alone."""


def grade(
    questions: Sequence[Question], replies: Iterable[Row], contents: Mapping[int, str] | None = None
) -> list[Graded]:
    """One for each question and seed, in the order of the exam; silence is no response.

    Args:
        questions: the exam's.
        replies: rows of `tasks.REPLIES`; those to turned options (`turn` above 0) are left to circular.py.
        contents: question id to the digest of its row; replies to a question that was another one then are refused.

    Raises:
        ValueError: a reply to a question that the exam does not have, or has changed, or two replies to one asking.
    """
    known = {question.id for question in questions}
    said: dict[tuple[int, int], str | None] = {}
    for row in replies:
        if row.get("turn"):
            continue
        _check(row, known, said, contents)
        said[row["question_id"], row["seed"]] = row["reply"]
    seeds = sorted({seed for _, seed in said}) or [0]
    keyed = [(question.id, question) for question in questions]
    return [_graded(key, question, seed, said.get((key, seed))) for key, question in keyed for seed in seeds]


def score(graded: Sequence[Graded], *, rounds: int = 1000, seed: int = 0) -> Result:
    """The score of an exam.

    Raises:
        ValueError: nothing to score.
    """
    named = _class_names(graded)
    found = choices.score([_answer(one, one.question.task in named) for one in graded], rounds=rounds, seed=seed)
    by_task: dict[str, list[Graded]] = defaultdict(list)
    for one in graded:
        by_task[one.question.task].append(one)
    return Result(
        tasks={task: _task(some, found.tasks[task], found.intervals[task]) for task, some in by_task.items()},
        macro=found.macro["accuracy"],
        micro=found.micro["accuracy"],
        macro_f1=found.macro["macro_f1"],
        seeds={number: _macro(graded, number) for number in sorted({one.seed for one in graded})},
    )


def _check(
    row: Row, known: set[int], said: Mapping[tuple[int, int], str | None], contents: Mapping[int, str] | None
) -> None:
    key = row["question_id"]
    if key not in known:
        raise ValueError(f"grade: expected replies to the exam's questions, found one to {key}: is this another exam?")
    if (key, row["seed"]) in said:
        raise ValueError(f"grade: expected one reply a question and seed, found two to {key} with seed {row['seed']}")
    if contents is not None and row.get("question_content") not in (None, contents[key]):
        raise ValueError(f"grade: question {key} is not the one that was answered: score against the exam that was put")


def _graded(key: int, question: Question, seed: int, reply: str | None) -> Graded:
    reading = mark(question, reply).reading
    return Graded(key=key, question=question, seed=seed, letter=reading.value, status=reading.status)


def _class_names(graded: Iterable[Graded]) -> set[str]:
    """Tasks whose answers are few enough to be told apart by what they say. It depends on the exam alone."""
    right: dict[str, set[str]] = defaultdict(set)
    for one in graded:
        right[one.question.task].add(one.question.answer_text)
    return {task for task, texts in right.items() if len(texts) <= MAX_CLASSES}


def _answer(one: Graded, named: bool) -> choices.Answer:
    question = one.question
    texts = dict(zip(LETTERS, question.options, strict=False))
    given = one.letter and (texts[one.letter] if named else one.letter)
    missing = None if given is not None else choices.REFUSED if one.status == "refused" else choices.INVALID
    gold = question.answer_text if named else question.answer
    return choices.Answer(task=question.task, bag=question.group, gold=gold, given=given, missing=missing)


def _task(some: Sequence[Graded], cell: choices.Cell, spans: Mapping[str, Interval]) -> TaskScore:
    counted = Counter(one.status for one in some)
    return TaskScore(
        num=len(some) // len({one.seed for one in some}),
        asked=len(some),
        statuses={status: counted[status] for status in STATUSES},
        accuracy=cell.accuracy,
        interval=spans["accuracy"],
        macro_f1=cell.macro_f1,
        micro_f1=cell.micro_f1,
        num_classes=cell.num_classes,
    )


def _macro(graded: Iterable[Graded], seed: int) -> float:
    right: dict[str, list[bool]] = defaultdict(list)
    for one in graded:
        if one.seed == seed:
            right[one.question.task].append(one.correct)
    return sum(sum(some) / len(some) for some in right.values()) / len(right)
