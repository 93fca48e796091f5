"""Exams for the two common runners: VLMEvalKit's TSV and an lmms-eval task folder. Rows are those of exam questions.

    sh: LMUData=FOLDER python run.py --data Beltline ...                        # VLMEvalKit, as a custom multiple-choice set
    sh: python -m lmms_eval --tasks beltline --include_path FOLDER ...          # lmms-eval

Neither is needed to write them. Both score a letter; our own scoring, which also tells what cannot be read apart, stays with
the exam's rows.
"""

import base64
import csv
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from beltline.formats.export.places import write_text
from beltline.scan import VIEWS, Row, Scan, View

ROWS_PER_GROUP = 100
INSTRUCTION = "Answer with the letter of the right option alone."
_text = pa.string()
QUESTIONS = pa.schema(
    [
        ("id", _text),
        ("task", _text),
        ("question", _text),
        ("options", pa.list_(_text)),
        ("answer", _text),
        ("group", _text),
        *((view, pa.struct([("bytes", pa.binary()), ("path", _text)])) for view in VIEWS),
    ]
)


def vlmevalkit(root: Path, scans: Iterable[Scan], rows: Iterable[Row]) -> None:
    """Beltline.tsv: index, image (base64, a list of two, or the index of the row that has the same), question, A to the last
    letter, answer, category, split. Questions of knowledge go to BeltlineKnowledge.tsv, without the column: a row without
    an image would be skipped.
    """
    asked, shown = list(rows), _views(scans)
    letters = ascii_uppercase[: max((len(row["options"]) for row in asked), default=2)]
    columns = ["index", "question", "hint", *letters, "answer", "category", "l2-category", "split"]
    seen, blind = ([row for row in asked if bool(row["views"]) is wanted] for wanted in (True, False))
    first: dict[tuple[Any, ...], int] = {}
    with _table(root / "Beltline.tsv", [columns[0], "image", *columns[1:]]) as write:
        for number, row in enumerate(seen):
            images = _shown(row, shown)
            same = first.setdefault((row["scan"], *row["views"]), number)
            write(_cells(number, row, letters) | {"image": _encoded(images) if same == number else str(same)})
    if blind:
        with _table(root / "BeltlineKnowledge.tsv", columns) as write:
            for number, row in enumerate(blind):
                write(_cells(number, row, letters))


@contextmanager
def _table(path: Path, columns: list[str]) -> Iterator[Callable[[Row], Any]]:
    """A TSV that takes one row at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, delimiter="\t", lineterminator="\n", restval="")
        table.writeheader()
        yield table.writerow


def _cells(number: int, row: Row, letters: str) -> Row:
    options = dict(zip(letters, row["options"], strict=False))
    told = {"index": number, "question": row["question"], "answer": row["answer"], "split": "test"}
    return told | options | {"category": row["task"], "l2-category": row["exam"]}


def lmms(root: Path, scans: Iterable[Scan], rows: Iterable[Row]) -> None:
    """beltline.yaml, utils.py and data/test.parquet, which lmms-eval reads as a local data set."""
    shown = _views(scans)
    told = (_told(row, _shown(row, shown)) for row in rows)
    (root / "data").mkdir(parents=True, exist_ok=True)
    features: dict[str, Any] = {
        name: {"_type": "Value", "dtype": "string"} for name in QUESTIONS.names if name not in ("options", *VIEWS)
    }
    features |= {"options": {"_type": "List", "feature": {"_type": "Value", "dtype": "string"}}}
    features |= {view: {"_type": "Image"} for view in VIEWS}
    ordered = {name: features[name] for name in QUESTIONS.names}
    schema = QUESTIONS.with_metadata({"huggingface": json.dumps({"info": {"features": ordered}})})
    with pq.ParquetWriter(root / "data" / "test.parquet", schema) as writer:
        while chunk := list(islice(told, ROWS_PER_GROUP)):
            writer.write_table(pa.Table.from_pylist(chunk, schema=schema))
    write_text(root / "beltline.yaml", _TASK.format(data=json.dumps(str((root / "data" / "test.parquet").absolute()))))
    write_text(root / "utils.py", _UTILS.replace("INSTRUCTION", json.dumps(INSTRUCTION)))


def _views(scans: Iterable[Scan]) -> dict[int, dict[str, View]]:
    views = {scan.id: {view: getattr(scan, view) for view in VIEWS} for scan in scans}
    return {key: {view: image for view, image in found.items() if image is not None} for key, found in views.items()}


def _shown(row: Row, views: dict[int, dict[str, View]]) -> list[tuple[str, View]]:
    """The views of a question, in order; none for a question of knowledge.

    Raises:
        ValueError: the scans that were given lack one.
    """
    wanted, found = list(row["views"] or ()), views.get(row["scan"], {})
    if missing := [view for view in wanted if view not in found]:
        raise ValueError(
            f"question {row['id']}: expected scan {row['scan']} with {missing}, found {sorted(found) or 'none'}"
        )
    return [(view, found[view]) for view in wanted]


def _encoded(shown: list[tuple[str, View]]) -> str:
    images = [base64.b64encode(image.bytes).decode() for _, image in shown]
    return "" if not images else images[0] if len(images) == 1 else str(images)


def _told(row: Row, shown: list[tuple[str, View]]) -> dict[str, Any]:
    plain = {name: row[name] for name in ("task", "question", "answer", "group")}
    images = {view: {"bytes": image.bytes, "path": image.path} for view, image in shown}
    return {"id": str(row["id"]), **plain, "options": list(row["options"]), **images}


_TASK = """\
task: beltline
dataset_path: parquet
dataset_kwargs:
  data_files:
    test: {data}
test_split: test
output_type: generate_until
doc_to_visual: !function utils.doc_to_visual
doc_to_text: !function utils.doc_to_text
doc_to_target: answer
generation_kwargs:
  max_new_tokens: 1024
  temperature: 0
process_results: !function utils.process_results
metric_list:
  - metric: accuracy
    aggregation: !function utils.mean_by_task
    higher_is_better: true
  - metric: unread
    aggregation: !function utils.share_unread
    higher_is_better: false
metadata:
  - version: 1.0
"""

_UTILS = '''"""How lmms-eval shows a Beltline exam and scores it; written by the export."""

import re

VIEWS = ("top", "side")
INSTRUCT = INSTRUCTION
TAGGED = re.compile(r"<answer>\\s*\\(?([A-Z])\\b", re.IGNORECASE)
ALONE = re.compile(r"^\\W*([A-Z])\\W*$")
NAMED = re.compile(r"(?:answer|option)\\s*(?:is|:)?\\s*\\(?([A-Z])\\b(?!')")
LED = re.compile(r"^\\W*([A-Z])[).:]\\s")


def doc_to_visual(doc):
    return [doc[view].convert("RGB") for view in VIEWS if doc[view] is not None]


def doc_to_text(doc, lmms_eval_specific_kwargs=None):
    options = "\\n".join(f"{chr(65 + number)}. {option}" for number, option in enumerate(doc["options"]))
    return f"{doc['question']}\\n{options}\\n{INSTRUCT}"


def read_letter(reply, num_options):
    """The letter that a reply gives, or None: nothing is guessed."""
    text = reply.rpartition("</think>")[2].strip()
    for pattern in (TAGGED, ALONE, NAMED, LED):
        letters = {letter.upper() for letter in pattern.findall(text)}
        letters = {letter for letter in letters if ord(letter) - 65 < num_options}
        if len(letters) == 1:
            return letters.pop()
    return None


def process_results(doc, results):
    letter = read_letter(results[0], len(doc["options"]))
    mark = {"task": doc["task"], "group": doc["group"], "correct": letter == doc["answer"], "read": letter is not None}
    return {"accuracy": mark, "unread": mark}


def mean_by_task(marks):
    """Mean of the tasks' accuracies, as both papers average."""
    tasks = {}
    for mark in marks:
        tasks.setdefault(mark["task"], []).append(mark["correct"])
    return sum(sum(correct) / len(correct) for correct in tasks.values()) / len(tasks)


def share_unread(marks):
    return sum(not mark["read"] for mark in marks) / len(marks)
'''
