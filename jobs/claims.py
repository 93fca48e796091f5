"""claims: does what the papers found hold at the size that is taught here? Models under each condition, seed by seed, and the table.

    python -m jobs claims --recipe second-view --input base=nano-base --input lessons=drills --input scans=bags --input exam=nano-exam \
        --input exam-scans=nano-exam-bags --seeds 1 2 3 4 5 --output second-view
    python -m jobs claims --recipe second-view ... --only "taught, two views" --seeds 1 --output second-view   # one cell today
    python -m jobs claims --recipe second-view ... --output second-view --table                                # what has been run so far

A cell is one condition with one seed of teaching: a `train` and an `examine`, versions of their own (OUTPUT-condition-sSEED). The same
command finds what is finished, so a table may grow over days; a cell that was not run is printed as not run. Written beside the table:
claims.md, claims.json (seed by seed as well) and claims.png in --out, and a run in MLflow's experiment "exams". The roles of lessons are those that the claim names
(synthetic-scans: captions, captions-made, lessons, lessons-made); --limit N teaches each cell from N samples at most.
"""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path

from beltline import card
from beltline.exam.bars import draw
from beltline.exam.claim_tables import (
    ACCURACY,
    BOXES,
    GAPS,
    HEAD,
    MIOU,
    NOT_RUN,
    Marked,
    gap_lines,
    gaps,
    lines,
    standings,
    task_lines,
)
from beltline.exam.claims import CLAIMS, Cell, Claim
from beltline.exam.comparing import OVERALL, chances
from beltline.version import resolve
from jobs.options import Options, add_common, read_common
from jobs.scores import Answered, answered, open_run, show
from jobs.steps import Do, doer, sayer

HELP = "the papers' claims, repeated at the size that is taught here"
ASKED = "--form tagged --reasoned --temperature 0 --max-tokens 512 --seeds 0 --no-score"
LEARNT = ("base", "scans", "exam", "exam-scans")
MARKDOWN, PICTURE = "claims.md", "claims.png"
Runs = dict[str, dict[int, Answered]]
Marks = dict[str, dict[int, Sequence[Marked]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="lessons", recipes=sorted(CLAIMS))
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5], metavar="N", help="of teaching; default 1 to 5"
    )
    parser.add_argument(
        "--only", action="append", metavar="CONDITION", help="run these conditions; all of them by default"
    )
    parser.add_argument("--table", action="store_true", help="run nothing, show what has been run")
    parser.add_argument("--ask", default=ASKED, metavar="WORDS", help=f"how `examine` asks; default {ASKED!r}")
    parser.add_argument("--out", default="claims", metavar="FOLDER", help="where the files go; default ./claims")
    parser.add_argument("--device", default="cpu", help="cpu or cuda; default cpu")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """0 when the cells that were asked for are run, and the table is written.

    Raises:
        ValueError: an input that the claim needs is missing, or no such condition.
    """
    options, claim = read_common(args), CLAIMS[args.recipe]
    roles = _checked(claim, options, args)
    if not args.table:
        do = sayer(options.output) if options.dry_run else doer(args, options.output)
        for cell, seed in _wanted(claim, args):
            _run_cell(do, claim, cell, seed, roles, args)
    return 0 if options.dry_run else _tell(claim, options, args)


def _checked(claim: Claim, options: Options, args: argparse.Namespace) -> dict[str, list[str]]:
    """Role to versions as they were given."""
    roles: dict[str, list[str]] = {}
    for role, ref in options.inputs:
        roles.setdefault(role, []).append(ref)
    lessons = {role for cell in claim.cells for _, given in cell.teach for role in given}
    if missing := [role for role in (*LEARNT, *sorted(lessons)) if role not in roles]:
        raise ValueError(f"{claim.name}: expected --input ROLE=NAME of {', '.join(missing)} as well, found none")
    if unknown := set(args.only or ()) - {cell.name for cell in claim.cells}:
        raise ValueError(
            f"--only: expected conditions of {[cell.name for cell in claim.cells]}, found {sorted(unknown)}"
        )
    return roles


def _wanted(claim: Claim, args: argparse.Namespace) -> list[tuple[Cell, int]]:
    """The first seed of every condition before the second of any; an untaught base is asked once."""
    cells = [cell for cell in claim.cells if not args.only or cell.name in args.only]
    return [(cell, seed) for seed in args.seeds for cell in cells if cell.teach or seed == args.seeds[0]]


def _run_cell(
    do: Do, claim: Claim, cell: Cell, seed: int, roles: dict[str, list[str]], args: argparse.Namespace
) -> None:
    base, limit = roles["base"][0], f" --limit {args.limit}" if args.limit else ""
    scans = " ".join(f"--input scans={ref}" for ref in roles["scans"])
    for number, (recipe, given) in enumerate(cell.teach, 1):
        lessons = " ".join(f"--input lessons={ref}" for role in given for ref in roles[role])
        words = (
            f"train --recipe {recipe} --seed {seed} --input base={base} {lessons} {scans}{limit} --device {args.device}"
        )
        base = do(_model(claim, cell, seed, number), words).ref
    views = f" --views {cell.views}" if cell.views else ""
    exam = f"--input exam={roles['exam'][0]} " + " ".join(f"--input scans={ref}" for ref in roles["exam-scans"])
    do(_name(cell, seed), f"examine --input model={base} {exam} {args.ask}{views} --device {args.device}")


def _model(claim: Claim, cell: Cell, seed: int, number: int) -> str:
    """What several conditions begin with is taught once, under the name of the first of them."""
    first = next(one for one in claim.cells if one.teach[:number] == cell.teach[:number])
    return f"{_name(first, seed)}-model{number}"


def _name(cell: Cell, seed: int) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", cell.name.lower()).strip("-")
    return f"{plain}-s{seed}" if cell.teach else plain


def _found(claim: Claim, options: Options, args: argparse.Namespace) -> Runs:
    """What has been run, of this and of earlier commands."""
    runs: Runs = {}
    for cell, seed in _wanted(claim, argparse.Namespace(only=None, seeds=args.seeds)):
        name = f"{options.output}-{_name(cell, seed)}"
        try:
            replies = resolve(options.store, name)
        except ValueError:
            continue
        runs.setdefault(cell.name, {})[seed] = answered(options, replies)
    return runs


def _tell(claim: Claim, options: Options, args: argparse.Namespace) -> int:
    runs, out = _found(claim, options, args), Path(args.out)
    right: Marks = {name: {seed: one.graded for seed, one in seeds.items()} for name, seeds in runs.items()}
    boxes = _boxes(runs)
    parts = _parts(claim, right, boxes)
    for title, head, rows in parts:
        show(title, head, rows)
    text = "\n\n".join(f"## {title}\n\n" + "\n".join(card.table(head, rows)) for title, head, rows in parts)
    figures = _figures(claim, right, ACCURACY) | _figures(claim, boxes, MIOU)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKDOWN).write_text(f"# {claim.name}\n\n{text}\n", encoding="utf-8")
    (out / "claims.json").write_text(json.dumps(figures | _each(claim, right), indent=1), encoding="utf-8")
    if held := standings(claim, right):
        draw(held, chances(next(iter(next(iter(runs.values())).values())).graded), "", [out / PICTURE])
    ledger = open_run(options, f"claims {claim.name}", {"beltline.verb": "claims"})
    ledger.params({"claim": claim.name, "seeds": str(args.seeds)})
    ledger.metrics({re.sub(r"[^\w/. -]", "", name): value for name, value in figures.items()})
    for name in (MARKDOWN, PICTURE) if held else (MARKDOWN,):
        ledger.artifact(name, (out / name).read_bytes())
    print(ledger.end() or f"written to {out}, and to MLflow's experiment 'exams' of {options.tracking}")
    return 0


def _parts(claim: Claim, right: Marks, boxes: Marks) -> list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
    """Title, head and rows of each table."""
    answers = [
        (claim.source, HEAD, lines(claim, right)),
        ("What the paper finds", GAPS, gap_lines(claim, right)),
        ("Task by task; * the whole interval on one side of 0", *task_lines(claim, right)),
    ]
    places = [
        ("Where the boxes of the reasoning lie", BOXES, _run(lines(claim, boxes, MIOU))),
        ("What the paper finds, of the boxes", GAPS, _run(gap_lines(claim, boxes, MIOU))),
    ]
    return answers + [part for part in places if part[-1]]


def _run(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Without those that have no boxes: what was not run is said of accuracy already."""
    return [row for row in rows if NOT_RUN not in row]


def _boxes(runs: Runs) -> Marks:
    """Of the cells that reason with boxes."""
    found: Marks = {
        name: {seed: one.grounding.each for seed, one in seeds.items() if one.grounding} for name, seeds in runs.items()
    }
    return {name: seeds for name, seeds in found.items() if seeds}


def _figures(claim: Claim, marks: Marks, metric: str) -> dict[str, float]:
    """Percent, of every cell that was run and of every difference."""
    held = standings(claim, marks, metric)
    figures = {f"{metric}/{one.name}": 100 * one.tasks[OVERALL].estimate for one in held}
    apart = {f"{metric} difference/{a} - {b}": one[OVERALL] for (a, b), one in gaps(claim, marks, metric).items()}
    return figures | {name: 100 * one.estimate for name, one in apart.items()}


def _each(claim: Claim, runs: Marks) -> dict[str, float]:
    """Accuracy of each seed by itself."""
    return {
        f"accuracy/{cell}/seed {seed}": 100 * standings(claim, {cell: {seed: graded}})[0].tasks[OVERALL].estimate
        for cell, seeds in runs.items()
        for seed, graded in seeds.items()
    }
