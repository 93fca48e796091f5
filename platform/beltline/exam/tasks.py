"""What is asked: the eight tasks of DualXrayBench, the six types of MMXray, how a question is put and what an answer scores.

    question = Question.of(row)
    ask(question)                       # the words that a model is shown, options and instruction included
    score(question, reply).correct      # an answer that cannot be read is wrong, and counted by its kind

A question is one row of `SCHEMA`, an answer to it one row of `REPLIES`; both papers' exams, the public ones and anything that a
user builds are made of the same rows, so that every job, audit and metric serves them all.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from beltline.exam.answers import LETTERS, Reading, read_choice
from beltline.scan import Box, Row, canonical_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One kind of question."""

    name: str
    """As in the rows and in MLflow's metrics."""
    title: str
    num: int
    """Questions of the paper's exam."""
    views: tuple[str, ...] = ("top", "side")
    """Shown to who is asked; none for a question of knowledge."""


DUALXRAY: Final[dict[str, Task]] = {
    task.name: task
    for task in (
        Task(name="CT", title="counting under occlusion", num=200),
        Task(name="OR", title="object recognition", num=200),
        Task(name="SR", title="spatial relation", num=200),
        Task(name="SD", title="spatial distance", num=200),
        Task(name="OA", title="occluded area", num=196),
        Task(name="CO", title="contact or occlusion", num=199),
        Task(name="PA", title="placement attribute", num=199),
        Task(name="SA", title="spatial attribute", num=200),
    )
}
"""Dual Table 3: 1,594 in all."""

MMXRAY: Final[dict[str, Task]] = {
    task.name: task
    for task in (
        Task(name="location", title="instance location", num=3430, views=("top",)),
        Task(name="counting", title="instance counting", num=2495, views=("top",)),
        Task(name="identity", title="instance identity", num=2924, views=("top",)),
        Task(name="feature", title="instance feature", num=1545, views=("top",)),
        Task(name="misleading", title="misleading", num=5848, views=("top",)),
        Task(name="basic", title="basic understanding", num=1427, views=()),
    )
}
"""One Table 14: 17,669 in all."""

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), False),
        pa.field("exam", pa.string()),
        pa.field("task", pa.string()),
        pa.field("scan", pa.int64()),  # null for a question of knowledge
        pa.field("scan_content", pa.string()),  # digest of the scan's row
        pa.field("group", pa.string()),  # the bag, or the fact that is asked for: what intervals and splits go by
        pa.field("views", pa.list_(pa.string())),
        pa.field("question", pa.string()),
        pa.field("options", pa.list_(pa.string())),
        pa.field("answer", pa.string()),  # a letter
        pa.field(
            "words", pa.string()
        ),  # canonical JSON: what the text alone tells (category, pair, axis, the options as a set)
        pa.field("evidence", pa.string()),  # canonical JSON: boxes in pixels of their views
        pa.field("details", pa.string()),  # canonical JSON: rule, margins, whatever else a reader may want
    ]
)

REPLIES = pa.schema(
    [
        pa.field("id", pa.int64(), False),  # of this asking: of question, model and seed
        pa.field("question_id", pa.int64()),
        pa.field("question_content", pa.string()),  # digest of the question's row
        pa.field("model", pa.string()),
        pa.field("seed", pa.int64()),
        pa.field("reply", pa.string()),
        pa.field("thinking", pa.string()),
        pa.field("finish_reason", pa.string()),
    ]
)

INSTRUCTION = "Answer with the letter of the right option alone."
REASONED = "Think step by step, then give the letter of the right option as <answer>LETTER</answer>."


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What in the picture makes the answer right."""

    view: str
    category: str
    item: int
    xyxy: Box
    """Pixels of the view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question with one right option."""

    exam: str
    task: str
    question: str
    """Without its options."""
    options: tuple[str, ...]
    """In the order of their letters, without the letters."""
    answer: str
    """The right letter."""
    group: str
    scan: int | None = None
    scan_content: str | None = None
    views: tuple[str, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)
    """What a reader of the text alone knows that could tell the answer; balanced answers are balanced given these."""
    evidence: tuple[Evidence, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    source_id: str | None = None
    """The question's number in a public set; our own are told apart by what they ask."""

    def __post_init__(self) -> None:
        if not 2 <= len(self.options) <= len(LETTERS) or len(set(self.options)) != len(self.options):
            raise ValueError(f"question: expected 2 to 26 different options, found {self.options}")
        if self.answer not in LETTERS[: len(self.options)]:
            raise ValueError(f"question: expected a letter of {len(self.options)} options, found {self.answer!r}")

    @property
    def id(self) -> int:
        """63 bits of sha256 over exam, task, bag and text, so that adding a question shifts no other's number."""
        said = (self.exam, self.task, self.scan, self.group, self.source_id, self.question, sorted(self.options))
        return int.from_bytes(hashlib.sha256(canonical_json(said).encode()).digest()[:8], "big") >> 1

    @property
    def answer_text(self) -> str:
        return self.options[LETTERS.index(self.answer)]

    @property
    def stratum(self) -> str:
        """Everything that the text alone tells: within a stratum each role is right equally often."""
        return canonical_json([self.exam, self.task, self.words, self.roles])

    @property
    def role(self) -> str:
        """What is balanced: the right option's text; for options that no other question has (boxes, whole statements)
        `details["role"]`, what may be told of the right one without looking (its rank by some measure)."""
        return str(self.details.get("role", self.answer_text))

    @property
    def roles(self) -> list[str]:
        """What may be the role in the question's stratum: the options, or `details["roles"]`."""
        return list(self.details["roles"]) if "roles" in self.details else sorted(self.options)

    def row(self) -> Row:
        """The question as a row of `SCHEMA`."""
        lists = {"views": list(self.views), "options": list(self.options)}
        evidence = [
            {"view": e.view, "category": e.category, "item": e.item, "xyxy": list(e.xyxy)} for e in self.evidence
        ]
        details = dict(self.details) | ({"source_id": self.source_id} if self.source_id is not None else {})
        texts = {"words": dict(self.words), "evidence": evidence, "details": details}
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {"id": self.id, **plain, **lists, **{name: canonical_json(value) for name, value in texts.items()}}

    @classmethod
    def of(cls, row: Row) -> "Question":
        """The question of a row of `SCHEMA`; further columns are ignored."""
        details = json.loads(row["details"])
        evidence = tuple(Evidence(**{**one, "xyxy": tuple(one["xyxy"])}) for one in json.loads(row["evidence"]))
        lists: Row = {"views": tuple(row["views"] or ()), "options": tuple(row["options"])}
        more: Row = {
            "words": json.loads(row["words"]),
            "evidence": evidence,
            "source_id": details.pop("source_id", None),
        }
        return cls(**{name: row[name] for name in _PLAIN}, **lists, **more, details=details)


_PLAIN = ("exam", "task", "scan", "scan_content", "group", "question", "answer")


def rank(seed: int, *key: int | str) -> bytes:
    """Where something stands in an order that only a seed and its name decide: sort by it, or take a share of it."""
    return hashlib.sha256("\0".join(map(str, (seed, *key))).encode()).digest()


def arranged(question: Question, seed: int) -> Question:
    """The question with its options in a fair order: every letter is right equally often, by the question's own number."""
    order = sorted(question.options, key=lambda option: rank(seed, question.id, option))
    return rearranged(question, tuple(order))


def rearranged(question: Question, options: tuple[str, ...]) -> Question:
    """The same question with the same options in another order.

    Raises:
        ValueError: not the same options.
    """
    if sorted(options) != sorted(question.options):
        raise ValueError(f"rearranged: expected the options {question.options} in any order, found {options}")
    fields = {name: getattr(question, name) for name in question.__dataclass_fields__}
    return Question(**{**fields, "options": options, "answer": LETTERS[options.index(question.answer_text)]})


def ask(question: Question, *, instruction: str = INSTRUCTION) -> str:
    """The question as a model reads it: its words, one option a line, the instruction."""
    options = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, question.options, strict=False))
    return f"{question.question}\n{options}\n{instruction}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What an answer is worth."""

    correct: bool
    reading: Reading[str]
    """The letter and how it was found, or why there is none."""


def score(question: Question, reply: str | None) -> Mark:
    """Right only where the letter that was read is the right one; what cannot be read is wrong and keeps its status."""
    reading = read_choice(reply, question.options)
    return Mark(correct=reading.value == question.answer, reading=reading)
