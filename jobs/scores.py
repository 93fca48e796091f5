"""Scores of versions of replies: read, graded, told on screen, and put into MLflow's experiment "exams"."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from beltline import card
from beltline.exam import tables
from beltline.exam.answersheet import Shown, answer_sheet, chosen
from beltline.exam.circular import Circular, Polar, all_no, circular
from beltline.exam.grounded import Grounded, grounded
from beltline.exam.scoring import Graded, Result, grade, score
from beltline.exam.tasks import Question
from beltline.language.reasoning import boxes_in
from beltline.library import Library, paths_of
from beltline.scan import VIEWS, Row
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import Manifest, iter_rows, read_columns, resolve
from jobs import console
from jobs.ledger import Ledger
from jobs.options import Options

EXPERIMENT = "exams"
PAGE = 6
"""Right answers, and wrong ones, on a page."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A version of replies and the exam that it answers."""

    manifest: Manifest
    exam: Manifest
    graded: list[Graded]
    replies: list[Row]
    grounding: Grounded | None = None
    """Where the boxes in the reasoning lie; None where nothing reasoned with boxes."""

    @property
    def turned(self) -> list[Row]:
        """Replies to turned options, and to the questions as they stand, if they were asked in turns."""
        return self.replies if any(row.get("turn") for row in self.replies) else []

    @property
    def model(self) -> str:
        """Who answered, for a person."""
        return str(self.manifest.recipe["model"])


def answered(options: Options, manifest: Manifest) -> Answered:
    """A version of replies, graded against the exam that was put.

    Raises:
        ValueError: it is no version of replies.
    """
    if "exam" not in manifest.inputs or "reply" not in manifest.columns:
        raise ValueError(
            f"{manifest.ref}: expected a version of replies that `examine` has written, found {manifest.verb}"
        )
    exam = resolve(options.store, manifest.inputs["exam"])
    rows = [row for row in iter_rows(options.store, exam) if row["status"] == KEPT]
    questions = [Question.of(row) for row in rows]
    contents = {row["id"]: row["content"] for row in rows}
    replies = list(iter_rows(options.store, manifest))
    told = any(boxes_in(row["reply"] or "") for row in replies)
    grounding = grounded(questions, replies, sizes(options.store, exam)) if told else None
    return Answered(manifest, exam, grade(questions, replies, contents), replies, grounding)


def sizes(store: Store, exam: Manifest) -> dict[tuple[int, str], tuple[int, int]]:
    """(scan, view) to width and height, of all scans that an exam is about."""
    columns = [f"{view}_{side}" for view in VIEWS for side in ("width", "height")]
    found: dict[tuple[int, str], tuple[int, int]] = {}
    for scans in _scans(store, exam):
        for row in read_columns(store, scans, ["id", *columns]).to_pylist():
            found |= {(row["id"], view): (row[f"{view}_width"], row[f"{view}_height"]) for view in VIEWS}
    return found


def _scans(store: Store, exam: Manifest) -> list[Manifest]:
    return [resolve(store, ref) for role, ref in exam.inputs.items() if role.split(".")[0] == "scans"]


def score_version(options: Options, manifest: Manifest, sheet: Path | None = None) -> int:
    """Score a version of replies, with a page of answers where one is asked for; 0."""
    found = answered(options, manifest)
    if sheet:
        sheet.parent.mkdir(parents=True, exist_ok=True)
        sheet.write_bytes(page(options.store, found))
    result = score(found.graded)
    show(f"{found.model} on {found.exam.ref}", tables.HEAD, tables.rows(result))
    if found.turned:
        show("in every turn of the options", tables.CIRCULAR, tables.circular_rows(circles(found)))
    if noes := polar(found.graded):
        show("where the answer is yes or no", tables.POLAR, tables.polar_rows(noes))
    if found.grounding:
        show("where the boxes of the reasoning lie", tables.GROUNDED, [tables.grounded_row(found.grounding)])
    print(enter(options, found, result) or f"in MLflow's experiment {EXPERIMENT!r} of {options.tracking}")
    return 0


def page(store: Store, found: Answered, each: int = PAGE) -> bytes:
    """PNG of right and wrong answers with the views that they are about."""
    said = {(row["question_id"], row["seed"]): row["reply"] or "" for row in found.replies if not row.get("turn")}
    library = Library(store, [path for one in _scans(store, found.exam) for path in paths_of(one)])
    shown = [
        Shown(
            scan=library.row(one.question.scan or 0),
            question=one.question,
            reply=said.get((one.key, one.seed), ""),
            correct=one.correct,
        )
        for one in chosen(found.graded, each)
    ]
    return answer_sheet(shown, f"{found.model} on {found.exam.ref}")


def circles(found: Answered) -> dict[str, Circular]:
    """Circular evaluation of the first seed."""
    seed = min(row["seed"] for row in found.turned)
    said = {(row["question_id"], row["turn"]): row["reply"] for row in found.turned if row["seed"] == seed}
    questions = [one.question for one in found.graded if one.seed == seed]
    replies = {one.id: [said.get((one.id, turn)) for turn in range(len(one.options))] for one in questions}
    return circular(questions, replies)


def first_seed(graded: Sequence[Graded]) -> list[Graded]:
    """What was answered to the lowest seed."""
    seed = min(one.seed for one in graded)
    return [one for one in graded if one.seed == seed]


def polar(graded: Sequence[Graded]) -> list[Polar]:
    """The all-No test (One Table 13) of the first seed; empty where no question is a yes or a no."""
    first = first_seed(graded)
    return all_no([one.question for one in first], {one.key: one.letter for one in first})


def enter(options: Options, found: Answered, result: Result) -> str | None:
    """The score as a run of MLflow; None, or where it waits."""
    tags = {"beltline.exam": found.exam.ref, "beltline.replies": found.manifest.ref, "beltline.verb": "score"}
    ledger = open_run(options, f"{found.model} on {found.exam.name}", tags)
    recipe = {name: value for name, value in found.manifest.recipe.items() if not isinstance(value, dict)}
    ledger.params({"model": found.model, **recipe})
    for one in (found.exam, found.manifest):
        ledger.dataset(one, f"{options.store.uri}/{one.name}/{one.version}", "input")
    model = found.manifest.inputs.get("model")
    ledger.metrics(tables.metrics(result), model=resolve(options.store, model) if model else None, dataset=found.exam)
    ledger.metrics(tables.circular_metrics(circles(found)) if found.turned else {})
    ledger.metrics(tables.polar_metrics(polar(found.graded)))
    ledger.metrics(found.grounding.figures() if found.grounding else {})
    text = "\n".join(card.table(tables.HEAD, tables.rows(result)))
    ledger.artifact("scores.md", f"# {found.model} on {found.exam.ref}\n\n{text}\n".encode())
    ledger.artifact("scores.json", json.dumps(tables.metrics(result), indent=1, sort_keys=True).encode())
    return ledger.end()


def open_run(options: Options, name: str, tags: Mapping[str, str], experiment: str = EXPERIMENT) -> Ledger:
    """A run in the experiment of exams, or in another."""
    home = Path(options.store.path("")) if options.store.is_local else Path.home() / ".beltline"
    return Ledger(home / ".ledger", options.tracking, name, tags, experiment)


def show(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A table on screen."""
    table = Table(title=title, title_justify="left")
    for number, name in enumerate(head):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.show(table)
