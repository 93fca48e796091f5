"""Reads files of predictions that another program has made: a JSON object a line, one a question and seed.

{"question_id": 7, "reply": "B"}
{"question_id": 7, "reply": "The answer is B.", "seed": 1, "thinking": "...", "finish_reason": "stop"}
"""

import json
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from beltline.language.asking import Reply

WORDS = ("thinking", "finish_reason")


@dataclass(frozen=True, slots=True)
class Prediction:
    """One reply of a file."""

    question: int
    seed: int
    reply: Reply | None


def read_replies(text: str, known: Container[int]) -> list[Prediction]:
    """The replies of a JSONL file, in its order.

    Args:
        text: of the file.
        known: the ids of the exam's questions.

    Raises:
        ValueError: a line is no such object, names no question of the exam, or is the second reply to an asking.
    """
    found: dict[tuple[int, int], Prediction] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            one = _prediction(line, number)
            if one.question not in known:
                raise ValueError(f"line {number}: expected a question of the exam, found id {one.question}")
            if (one.question, one.seed) in found:
                raise ValueError(f"line {number}: a second reply to question {one.question} with seed {one.seed}")
            found[one.question, one.seed] = one
    return list(found.values())


def _prediction(line: str, number: int) -> Prediction:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {number}: expected a JSON object, found {line[:80]!r}") from error
    if not isinstance(row, dict) or not _whole(row.get("question_id")) or not _whole(row.get("seed", 0)):
        raise ValueError(f'line {number}: expected {{"question_id": N, "reply": TEXT}}, found {line[:80]!r}')
    said, more = row.get("reply"), {name: row.get(name) for name in WORDS}
    if any(value is not None and not isinstance(value, str) for value in (said, *more.values())):
        raise ValueError(f"line {number}: expected the reply as text, found {said!r}; write numbers in quotes")
    reply = None if said is None else Reply.of(said, more["thinking"], finish_reason=more["finish_reason"])
    return Prediction(row["question_id"], row.get("seed", 0), reply)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
