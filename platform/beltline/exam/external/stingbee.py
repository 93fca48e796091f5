"""STING-BEE's VQA benchmark (Dual 5.3, Table 7): questions as JSON lines, answers in a spreadsheet, one pair of files a set.

    found = read(folder)
    found.questions, found.rejects

Layout: `{Pidray,Sixray,STCray}_VQA_questions.jsonl` and `{...}_VQA_answers.xlsx` side by side; the options stand in the question's
text. Numbers restart in every file, so that a question is known by file and number. The audit finds what is the matter with it: all
yes/no answers are "Yes", all Misleading questions deny.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from beltline.exam.external.spreadsheet import first_sheet
from beltline.exam.tasks import Question
from beltline.formats import series
from beltline.formats.folder import stem_of
from beltline.formats.values import read_text
from beltline.scan import scan_id
from beltline.verdict import BadRow, Reject

WHERE = (
    "STING-BEE's VQA benchmark (github.com/Divs1159/STING-BEE, stingbee/eval/VQA Evaluation Benchmark): "
    "{Pidray,Sixray,STCray}_VQA_questions.jsonl, each with its _VQA_answers.xlsx"
)
EXAM: Final = "stingbee"
TASKS: Final[dict[str, str]] = {
    "instanceslocation": "IL",
    "complexreasoning": "CR",
    "instancesidentity": "ID",
    "instancescounting": "IC",
    "misleadingquestion": "ML",
    "instanceattribute": "IA",
    "instanceinteraction": "IT",
}
"""Category as the files have it, without spaces, to the name of Dual Table 7's column."""
BAD = "exam/bad-question"
_ENDING = "_VQA_questions.jsonl"
_ASKED = re.compile(
    r"(?P<asks>.*?)\s*(?:Select from the following options:)?\s*\n(?P<options>(?:[A-Z]\.[^\n]*\n?)+)", re.S
)
_OPTION = re.compile(r"^([A-Z])\.\s*(.*?)\s*$", re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The questions of a public exam, and what could not be one."""

    questions: tuple[Question, ...]
    rejects: tuple[Reject, ...] = ()


def read(folder: Path) -> Found:
    """Every question of every pair of files in the folder or below it.

    Raises:
        ValueError: no such folder, or no question file in it; says where to get them.
        BadRow: a question file without its answers, or answers that cannot be read.
    """
    paths = sorted(folder.rglob(f"*{_ENDING}")) if folder.is_dir() else []
    if not paths:
        raise ValueError(f"stingbee: expected {WHERE}; found none in {folder}")
    questions: dict[int, Question] = {}
    rejects: list[Reject] = []
    for one in (one for path in paths for one in _each(folder, path)):
        if isinstance(one, Reject):
            rejects.append(one)
        elif questions.setdefault(one.id, one) is not one:
            rejects.append(Reject(BAD, f"{one.source_id}: expected a number once in its file, found it again"))
    return Found(questions=tuple(questions.values()), rejects=tuple(rejects))


def answers(path: Path) -> dict[int, str]:
    """Number of the question to the right letter, of one spreadsheet; both spellings of the header are known.

    Raises:
        BadRow: no such columns, or a number that is none.
    """
    rows = first_sheet(path)
    head = [re.sub(r"[\W_]", "", cell).lower() for cell in rows[0]] if rows else []
    number = head.index("questionid") if "questionid" in head else None
    right = next((head.index(name) for name in ("answer", "correctanswer") if name in head), None)
    if number is None or right is None:
        raise BadRow(BAD, f"{path.name}: expected columns 'Question ID' and 'Answer', found {rows[:1]}")
    try:
        return {
            int(float(row[number])): row[right].strip().upper() for row in rows[1:] if len(row) > max(number, right)
        }
    except ValueError as error:
        raise BadRow(BAD, f"{path.name}: expected numbers of questions, found: {error}") from error


def _each(folder: Path, path: Path) -> Iterator[Question | Reject]:
    sheet = path.with_name(path.name.replace("_questions.jsonl", "_answers.xlsx"))
    if not sheet.exists():
        raise BadRow(BAD, f"{path.name}: expected its answers in {sheet.name}, found no such file; see {WHERE}")
    right, part = answers(sheet), path.name.removesuffix(_ENDING)
    for place, line in enumerate(read_text(folder, path.relative_to(folder).as_posix()).splitlines()):
        if line.strip():
            try:
                yield _question(json.loads(line), part, right)
            except (BadRow, ValueError, KeyError, TypeError, AttributeError) as error:
                detail = error.verdict.detail if isinstance(error, BadRow) else f"{type(error).__name__}: {error}"
                yield Reject(BAD, f"{path.name}, line {place + 1}: {detail}")


def _question(row: dict[str, Any], part: str, right: dict[int, str]) -> Question:
    """One line of a file of `part`, such as Sixray."""
    number, stem = int(row["question_id"]), stem_of(str(row["image"]))
    found = _ASKED.match(row["text"])
    lettered = dict(_OPTION.findall(found["options"])) if found else {}
    task = TASKS.get(re.sub(r"[\W_]", "", row["category"]).lower())
    if found is None or task is None or number not in right:
        lacks = "an answer" if found and task else "a known category" if found else "lines of options"
        raise BadRow(BAD, f"question {number}: expected {lacks}, found none ({row['category']!r})")
    source = part.lower()
    return Question(
        exam=EXAM,
        task=task,
        question=found["asks"].strip(),
        options=tuple(lettered.values()),
        answer=right[number],
        group=f"{source}/{series.stcray(stem) if source == 'stcray' else stem}",
        scan=scan_id(source, stem),
        views=("top",),
        details={"image": row["image"], "category": row["category"]},
        source_id=f"{part}/{number}",
    )
