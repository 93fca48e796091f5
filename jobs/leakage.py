"""What an exam that is being set shares with the lessons that are named: counts for the card and MLflow."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from beltline import card
from beltline.exam.leaks import COLUMNS, KINDS, Leak, counts, scan_leaks, text_leaks
from beltline.exam.tasks import Question
from beltline.scan import SCHEMA, Row
from beltline.store import Store
from beltline.version import Manifest, iter_rows, read_columns, resolve

SHOWN = 5
"""Examples of each lesson on the card."""


@dataclass(frozen=True, slots=True)
class Report:
    """Lesson to its leaks."""

    lessons: Mapping[str, list[Leak]]

    def lines(self) -> list[str]:
        """For the card."""
        if not self.lessons:
            return ["No lesson was named."]
        rows = [(name, *counts(found).values()) for name, found in self.lessons.items()]
        examples = [
            f"- {name}: {leak.kind}, {leak.what}" for name, found in self.lessons.items() for leak in found[:SHOWN]
        ]
        return [*card.table(("lesson", *KINDS), rows), "", *examples]

    def figures(self) -> dict[str, float]:
        """For MLflow: scans or questions of the exam by kind, over all lessons."""
        found = counts(leak for leaks in self.lessons.values() for leak in leaks)
        return {f"leaks/{kind.replace(' ', '_')}": float(num) for kind, num in found.items()} if self.lessons else {}


def report(
    store: Store, scans: Iterable[Manifest], questions: list[Question], lessons: Mapping[str, Manifest]
) -> Report:
    """Bags, origins, images and wordings of an exam that stand in a lesson. A lesson is a version of scans, of captions or
    conversations about scans, or of questions; its scans are found through the inputs of the version.
    """
    if not lessons:
        return Report({})
    exam = _table(store, scans, {one.scan for one in questions if one.scan is not None})
    found = {}
    for manifest in lessons.values():
        shared = scan_leaks(exam, _lesson_scans(store, manifest))
        found[manifest.ref] = [*shared, *text_leaks(questions, texts(store, manifest))]
    return Report(found)


def _lesson_scans(store: Store, lesson: Manifest) -> pa.Table:
    if "top_phash" in lesson.columns:
        return _table(store, [lesson], None)
    named = [resolve(store, ref) for role, ref in lesson.inputs.items() if role.split(".")[0] == "scans"]
    column = "scan" if "scan" in lesson.columns else "id"
    return _table(store, named, set(read_columns(store, lesson, [column])[column].to_pylist()))


def _table(store: Store, scans: Iterable[Manifest], ids: set[int] | None) -> pa.Table:
    """What leaks are sought in, of these scans; None takes all."""
    tables = [read_columns(store, manifest, list(COLUMNS)) for manifest in scans]
    table = pa.concat_tables(tables, promote_options="permissive") if tables else _empty()
    return table if ids is None else table.filter(pc.is_in(table["id"], pa.array(sorted(ids - {None}), pa.int64())))


def _empty() -> pa.Table:
    return pa.schema([SCHEMA.field(name.split(".")[0]) for name in COLUMNS]).empty_table()


def texts(store: Store, lesson: Manifest) -> Iterator[str]:
    """Everything that a lesson says."""
    if not {"turns", "question", "caption"} & lesson.columns.keys():
        return
    for row in iter_rows(store, lesson):
        yield from _said(row)


def _said(row: Row) -> Iterator[str]:
    yield from (turn["content"] for turn in row.get("turns") or ())
    yield from (text for text in (row.get("question"), *(row.get("options") or ()), row.get("caption")) if text)
