"""Marks of MMXray's three other exams (One 5.2): replies in free text read and scored, and the same marks for a guesser who looks at nothing.

    replies = read_lines(text, "classification", exam)          # {"scan": 7, "reply": "a gun and a laptop"}
    said = read("classification", exam, replies)
    mark("classification", exam, said.answer).figures["F1"]     # percent
    mark("classification", exam, guessed("classification", exam, lesson))

A scan without a reply, and a reply in which nothing can be read, name no category, draw no box and say no word: they are scored as such,
and `said.counts` tells how many there were.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from beltline.exam.metrics import detection, intervals, labelsets, text
from beltline.exam.metrics.intervals import Floats, Interval, divide
from beltline.exam.mm_tasks import ASK_CAPTION, Entry, Guess, boxes_score, gold, guess, located, words_score
from beltline.exam.quantities import Space, read_boxes
from beltline.exam.replies import CUT_OFF, EMPTY, parts, unanswered
from beltline.labels import canonical

Kind = Literal["classification", "localisation", "understanding"]
KINDS: Final[tuple[Kind, ...]] = ("classification", "localisation", "understanding")
BASELINES: Final[Mapping[str, str]] = {
    "classification": "prevalence",
    "localisation": "mean box of each category",
    "understanding": "commonest caption",
}
MISSING: Final = "missing"
Key = tuple[int, str]
"""Scan, and the category whose boxes are asked for; empty in the other exams."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is marked: of the three fields the one of the exam."""

    labels: Sequence[frozenset[str]] = ()
    shares: NDArray[np.float64] | None = None
    """Confidence in each category, shape (scans, categories); None where a reply only names categories."""
    boxes: Sequence[tuple[int, str, tuple[float, ...]]] = ()
    """Scan, category, thousandths."""
    captions: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Said:
    """Replies, read."""

    answer: Answer
    counts: Mapping[str, int]
    """Questions by how their reply was read: a status of replies.py, or missing."""


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Figures of one exam in percent, the headline first; NaN where nothing defines them."""

    figures: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float]]
    """95 % intervals, bags drawn, of the figures that have one."""
    signature: str


def questions(kind: Kind, exam: Sequence[Entry]) -> dict[Key, str]:
    """What is asked, in the order of the exam: of each scan, or of each scan and category that is in it."""
    if kind == "localisation":
        return {(one.scan, name): one.ask_boxes(name) for one in exam for name in sorted(one.present)}
    return {(one.scan, ""): one.ask_labels() if kind == "classification" else ASK_CAPTION for one in exam}


def read_lines(lines: str, kind: Kind, exam: Sequence[Entry]) -> dict[Key, str | None]:
    """The replies of a JSONL file: {"scan": 7, "reply": "..."}, of boxes with the "category" that was asked for.

    Raises:
        ValueError: a line is no such object, answers what was not asked, or is the second reply to a question.
    """
    asked, found = questions(kind, exam).keys(), dict[Key, str | None]()
    for number, line in enumerate(lines.splitlines(), 1):
        if line.strip():
            key, reply = _line(line, number, kind)
            if key not in asked:
                raise ValueError(f"line {number}: expected a scan (and category) of the exam, found {key}")
            if key in found:
                raise ValueError(f"line {number}: expected one reply to a question, found a second to {key}")
            found[key] = reply
    return found


def read(kind: Kind, exam: Sequence[Entry], replies: Mapping[Key, str | None], space: Space = "thousandths") -> Said:
    """Replies as answers; `space` is what a reply's coordinates are, declared once for the model."""
    reader = {"classification": _labels, "localisation": _boxes, "understanding": _captions}[kind]
    return reader(exam, replies, space)


def guessed(kind: Kind, exam: Sequence[Entry], lesson: Sequence[Entry] | None = None) -> Answer:
    """What the blind guesser says: taught by the lesson or, without one, each half of the bags by the other half.

    Raises:
        ValueError: an exam or a lesson of nothing, or no lesson and fewer than two bags.
    """
    if lesson is not None:
        return _answer(kind, guess(exam, lesson))
    groups = sorted({one.group for one in exam}, key=lambda group: hashlib.sha256(group.encode()).digest())
    first = frozenset(groups[::2])
    halves = [[one for one in exam if (one.group in first) == side] for side in (True, False)]
    if not all(halves):
        raise ValueError(f"blind: expected a lesson, or scans of two bags at least, found {len(groups)} bags")
    both = [_answer(kind, guess(mine, other)) for mine, other in (halves, halves[::-1])]
    return _joined(exam, halves, both)


def mark(kind: Kind, exam: Sequence[Entry], answer: Answer, *, rounds: int = 200, seed: int = 0) -> Marks:
    """The exam's figures (One 5.2: F1 and mAP; AP50 and AP25; BLEU-4 and ROUGE-L), and how sure they are."""
    marker = {"classification": _mark_labels, "localisation": _mark_boxes, "understanding": _mark_words}[kind]
    return marker(exam, answer, rounds, seed)


def f1_of_occurring(totals: Floats) -> Floats:
    """Mean F1 of the classes that occur in a draw, of sums of `labelsets.counted`, shape (R, 3 classes) to (R,)."""
    right, said, there = totals[:, 0::3], totals[:, 1::3], totals[:, 2::3]
    f1 = np.where(there > 0, divide(2 * right, said + there), 0.0)
    return divide(f1.sum(1), (there > 0).sum(1))


def _mark_labels(exam: Sequence[Entry], answer: Answer, rounds: int, seed: int) -> Marks:
    truth, classes = [one.present for one in exam], exam[0].categories
    source = "hard" if answer.shares is None else "prevalence"
    found = labelsets.score(truth, answer.labels, classes, confidence=answer.shares, score_source=source)
    counts = labelsets.counted(truth, answer.labels, classes)
    span = intervals.bootstrap(counts, [one.group for one in exam], f1_of_occurring, rounds=rounds, seed=seed)
    figures = {"F1": span.estimate, "mAP": found.map, "micro F1": found.micro_f1, "F1 of all classes": found.macro_f1}
    return _marks(figures, {"F1": span}, found.signature, 100)


def _mark_boxes(exam: Sequence[Entry], answer: Answer, rounds: int, seed: int) -> Marks:
    said = located(answer.boxes)
    bags: dict[str | int, str] = {one.scan: one.group for one in exam}
    found = boxes_score(exam, said)
    spans = detection.bootstrap(gold(exam), said, bags, rounds=rounds, seed=seed)
    figures = {"AP50": found.ap50, "AP25": found.ap25, "mAP": found.map, "F1 at 50": found.at50.f1}
    named = {"AP50": spans["ap50"], "AP25": spans["ap25"], "mAP": spans["map"]}
    return _marks(figures, named, found.signature, 100)


def _mark_words(exam: Sequence[Entry], answer: Answer, rounds: int, seed: int) -> Marks:
    found, references = words_score(exam, answer.captions), [one.caption for one in exam]
    groups = [one.group for one in exam]
    rouge = np.stack([text.rouge_each(answer.captions, references)[:, 1], np.ones(len(exam))], axis=1)
    spans = {
        "BLEU-4": text.bleu_interval(answer.captions, references, groups, rounds=rounds, seed=seed),
        "ROUGE-L": intervals.bootstrap(rouge, groups, rounds=rounds, seed=seed),
    }
    figures = {"BLEU-4": found.bleu4, "ROUGE-L": found.rouge_l, "BLEU-1": found.bleu1, "ROUGE-1": found.rouge1}
    return _marks(figures, spans, "; ".join(found.signatures[name] for name in ("bleu4", "rouge_l")), 1)


def _marks(figures: Mapping[str, float], spans: Mapping[str, Interval], signature: str, scale: float) -> Marks:
    bounds = {name: (scale * span.low, scale * span.high) for name, span in spans.items()}
    return Marks(figures={name: scale * value for name, value in figures.items()}, bounds=bounds, signature=signature)


def _labels(exam: Sequence[Entry], replies: Mapping[Key, str | None], space: Space) -> Said:
    keys = [(one.scan, "") for one in exam]
    found = [one.read_labels(replies.get(key)) for one, key in zip(exam, keys, strict=True)]
    counts = Counter(one.status if key in replies else MISSING for one, key in zip(found, keys, strict=True))
    return Said(answer=Answer(labels=[one.value or frozenset() for one in found]), counts=counts)


def _boxes(exam: Sequence[Entry], replies: Mapping[Key, str | None], space: Space) -> Said:
    rows, counts = list[tuple[int, str, tuple[float, ...]]](), Counter[str]()
    for one in exam:
        size = one.size_wh if space == "pixels" else (1000, 1000)
        for name in sorted(one.present):
            found = read_boxes(replies.get((one.scan, name)), space, size)
            counts[found.status if (one.scan, name) in replies else MISSING] += 1
            to = (1000 / size[0], 1000 / size[1])
            rows += [
                (one.scan, name, tuple(edge * to[place % 2] for place, edge in enumerate(box)))
                for box in found.value or ()
            ]
    return Said(answer=Answer(boxes=rows), counts=counts)


def _captions(exam: Sequence[Entry], replies: Mapping[Key, str | None], space: Space) -> Said:
    read = [_caption(replies.get((one.scan, ""))) for one in exam]
    counts = Counter(
        status if (one.scan, "") in replies else MISSING for one, (_, status) in zip(exam, read, strict=True)
    )
    return Said(answer=Answer(captions=[words for words, _ in read]), counts=counts)


def _caption(reply: str | None) -> tuple[str, str]:
    """The whole reply without its thoughts, or what its <answer> holds; and how it was read."""
    part = list(parts(reply))[-1]
    if part.sign in (EMPTY, CUT_OFF):
        return "", "no-response" if part.sign == EMPTY else "invalid"
    if unanswered(part.text) == "refused":
        return "", "refused"
    return part.text.strip(), "answered"


def _answer(kind: Kind, found: Guess) -> Answer:
    if kind == "classification":
        return Answer(labels=found.labels, shares=found.shares)
    return Answer(boxes=found.boxes) if kind == "localisation" else Answer(captions=found.captions)


def _joined(exam: Sequence[Entry], halves: Sequence[Sequence[Entry]], both: Sequence[Answer]) -> Answer:
    """The answers to both halves, in the order of the exam."""
    place = {one.scan: number for number, one in enumerate(one for half in halves for one in half)}
    order = [place[one.scan] for one in exam]
    labels, captions = ([value for one in both for value in getattr(one, name)] for name in ("labels", "captions"))
    shares = [one.shares for one in both if one.shares is not None]
    return Answer(
        labels=[labels[number] for number in order] if labels else (),
        # one for both halves: their own would rank each below the other wherever it has more, and end under the prevalence
        shares=np.tile(np.mean([one[0] for one in shares], axis=0), (len(exam), 1)) if shares else None,
        boxes=[box for one in both for box in one.boxes],
        captions=[captions[number] for number in order] if captions else (),
    )


def _line(line: str, number: int, kind: Kind) -> tuple[Key, str | None]:
    try:
        row: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {number}: expected a JSON object, found {line[:80]!r}") from error
    expected = '"category": NAME, ' if kind == "localisation" else ""
    if not isinstance(row, dict) or type(row.get("scan")) is not int or (expected and "category" not in row):
        raise ValueError(f'line {number}: expected {{"scan": N, {expected}"reply": TEXT}}, found {line[:80]!r}')
    if not isinstance(row.get("reply"), str | None):
        raise ValueError(f"line {number}: expected the reply as text, found {row['reply']!r}")
    return (row["scan"], canonical(row["category"]) if expected else ""), row.get("reply")
