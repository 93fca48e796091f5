"""assess: replies to one of MMXray's three other exams are marked, beside a guesser who sees no picture; writes no version.

    python -m jobs assess --exam classification --input scans=bags --ask questions.jsonl
    python -m jobs assess --exam classification --input scans=bags --replies replies.jsonl --model NAME@REV
    python -m jobs assess --exam localisation --input scans=bags --replies replies.jsonl --space pixels
    python -m jobs assess --exam understanding --input scans=bags --limit 500 --input lesson=others

The exam is every kept scan, or the first --limit. A file of replies holds a JSON object a line, {"scan": 7, "reply": "a gun"}, for
localisation with the "category" whose boxes were asked for; --ask writes what is asked in the same form. What has no reply counts as
wrong. The guesser (prevalence, mean box of each category, commonest caption) learns from the bags of --input lesson that the exam
lacks; without a lesson each half of the exam's bags is guessed from the other. Without --replies there are its marks alone. Pictures
are read for understanding only, whose reference is the grammar's caption of the top view. All goes into MLflow's experiment "exams".
"""

import argparse
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from beltline import card
from beltline.exam.mm_marks import BASELINES, KINDS, Kind, Marks, Said, guessed, mark, questions, read, read_lines
from beltline.exam.mm_tasks import COLUMNS, MOST_CAPTIONS, Entry, entry, placed
from beltline.scan import Row, Scan
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import Manifest, iter_rows, read_columns
from jobs.options import Options, add_common, read_common
from jobs.scores import EXPERIMENT, open_run, show

HELP = "replies to MMXray's three other exams are marked"
ROLES = ("scans", "lesson")
SPACES = ("thousandths", "pixels", "unit")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", writes=False)
    parser.add_argument("--exam", required=True, choices=KINDS, help="what was asked for")
    parser.add_argument("--replies", type=Path, metavar="FILE", help="a JSONL file of replies")
    parser.add_argument("--model", metavar="NAME@REV", help="who replied; default the file's name")
    parser.add_argument("--space", choices=SPACES, default=SPACES[0], help="what the replies' coordinates are")
    parser.add_argument("--ask", type=Path, metavar="FILE", help="write the questions there")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Who got what."""

    kind: Kind
    marks: Mapping[str, Marks]
    """The model, if there is one, and the guesser."""
    said: Said | None
    lesson: str
    num_scans: int


def run(args: argparse.Namespace) -> int:
    """0 when the marks are on screen and in MLflow.

    Raises:
        ValueError: the inputs are not scans and at most a lesson, or the replies do not fit them.
    """
    if args.output:
        raise ValueError("--output: assess writes no version; the marks are on screen and in MLflow")
    args.output = "assess"
    options = read_common(args)
    inputs = options.manifests()
    by_role = {wanted: [one for role, one in inputs.items() if role.split(".")[0] == wanted] for wanted in ROLES}
    if not by_role["scans"] or len(inputs) > sum(map(len, by_role.values())):
        raise ValueError(f"inputs: expected --input scans=NAME and at most --input lesson=NAME, found {sorted(inputs)}")
    if options.dry_run:
        print(f"would mark {args.replies or 'the guesser alone'} on {args.exam}, and write no version")
        return 0
    exam = list(entries(options.store, by_role["scans"], args.exam, options.limit))
    if not exam:
        raise ValueError(f"scans: expected kept scans, found none in {', '.join(one.ref for one in by_role['scans'])}")
    if args.ask:
        ask(args.ask, args.exam, exam)
    found = sheet(args, exam, lesson_of(options.store, by_role["lesson"], args.exam, exam))
    return enter(options, args, inputs, found)


def entries(
    store: Store, scans: Iterable[Manifest], kind: Kind, limit: int | None, without: Collection[str] = ()
) -> Iterator[Entry]:
    """The first kept scans, of bags that are not in `without`; pictures are read for understanding alone."""
    kept = (row for one in scans for row in _rows(store, one, kind) if row["status"] == KEPT)
    fit = (row for row in kept if row["group"] not in without)
    for row in islice(fit, limit):
        yield entry(Scan.of(row)) if kind == "understanding" else placed(row)


def _rows(store: Store, scans: Manifest, kind: Kind) -> Iterator[Row]:
    if kind == "understanding":
        return iter_rows(store, scans)
    return iter(read_columns(store, scans, ["status", *COLUMNS]).to_pylist())


def lesson_of(store: Store, lesson: list[Manifest], kind: Kind, exam: list[Entry]) -> list[Entry] | None:
    """The lesson's scans of bags that the exam lacks; None where no lesson is named."""
    most = MOST_CAPTIONS if kind == "understanding" else None
    return list(entries(store, lesson, kind, most, {one.group for one in exam})) if lesson else None


def ask(file: Path, kind: Kind, exam: list[Entry]) -> None:
    """Write what is asked, a JSON object a line."""
    named = "category" if kind == "localisation" else None
    rows = (
        {"scan": scan, **({named: category} if named else {}), "question": words}
        for (scan, category), words in questions(kind, exam).items()
    )
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def sheet(args: argparse.Namespace, exam: list[Entry], lesson: list[Entry] | None) -> Sheet:
    """The marks of the replies, and the guesser's."""
    kind: Kind = args.exam
    marks, said = dict[str, Marks](), None
    if args.replies:
        replies = read_lines(args.replies.read_text(encoding="utf-8"), kind, exam)
        said = read(kind, exam, replies, args.space)
        marks[args.model or args.replies.stem] = mark(kind, exam, said.answer)
    marks[f"blind: {BASELINES[kind]}"] = mark(kind, exam, guessed(kind, exam, lesson))
    taught = "the other half of the exam's bags" if lesson is None else f"{len(lesson)} scans of other bags"
    return Sheet(kind=kind, marks=marks, said=said, lesson=taught, num_scans=len(exam))


def table(found: Sheet) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and lines; percent, each figure with its interval where it has one."""
    head = ("who", *next(iter(found.marks.values())).figures)
    lines = [(who, *(_cell(marks, name) for name in marks.figures)) for who, marks in found.marks.items()]
    return head, lines


def _cell(marks: Marks, name: str) -> str:
    low, high = marks.bounds.get(name, (None, None))
    return f"{marks.figures[name]:.1f}" + ("" if low is None else f" ({low:.1f} to {high:.1f})")


def enter(options: Options, args: argparse.Namespace, inputs: Mapping[str, Manifest], found: Sheet) -> int:
    """The marks on screen and as a run of MLflow; 0."""
    head, lines = table(found)
    scans = ", ".join(one.ref for role, one in inputs.items() if role.startswith("scans"))
    show(f"{found.kind}: {found.num_scans} scans of {scans}; the guesser learnt from {found.lesson}", head, lines)
    counts = dict(found.said.counts) if found.said else {}
    if counts:
        print("replies: " + ", ".join(f"{num} {status}" for status, num in sorted(counts.items())))
    figures = metrics(found, counts)
    who = next(iter(found.marks))
    tags = {"beltline.exam": found.kind, "beltline.verb": "assess"}
    ledger = open_run(options, f"{who} on {found.kind} of {scans}", tags)
    ledger.params(params(args, found, who))
    for one in inputs.values():
        ledger.dataset(one, f"{options.store.uri}/{one.name}/{one.version}", "input")
    ledger.metrics(figures)
    ledger.artifact("scores.md", "\n".join(card.table(head, lines)).encode())
    ledger.artifact("scores.json", json.dumps(figures, indent=1, sort_keys=True).encode())
    print(ledger.end() or f"in MLflow's experiment {EXPERIMENT!r} of {options.tracking}")
    return 0


def params(args: argparse.Namespace, found: Sheet, who: str) -> dict[str, object]:
    """What decided the marks."""
    held = {"model": who, "exam": found.kind, "num_scans": found.num_scans, "lesson": found.lesson}
    digest = {"replies": hashlib.sha256(args.replies.read_bytes()).hexdigest()} if args.replies else {}
    return held | digest | {"space": args.space, "signature": found.marks[who].signature}


def metrics(found: Sheet, counts: Mapping[str, int]) -> dict[str, float]:
    """For MLflow, percent: overall/F1 of the replies, blind/F1 of the guesser, replies/missing as counts."""
    shown: dict[str, float] = {}
    for who, marks in found.marks.items():
        place = "blind" if who.startswith("blind: ") else "overall"
        shown |= {f"{place}/{name}": value for name, value in marks.figures.items()}
        for name, (low, high) in marks.bounds.items():
            shown |= {f"{place}/{name}_low": low, f"{place}/{name}_high": high}
    return shown | {f"replies/{status}": float(num) for status, num in counts.items()}
