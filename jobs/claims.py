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
from beltline.exam.claim_tables import GAPS, HEAD, gap_lines, gaps, lines, standings, task_lines
from beltline.exam.claims import CLAIMS, Cell, Claim
from beltline.exam.comparing import OVERALL, chances
from beltline.exam.scoring import Graded
from beltline.version import resolve
from jobs.options import Options, add_common, read_common
from jobs.scores import answered, open_run, show
from jobs.steps import Do, doer, sayer

HELP = "the papers' claims, repeated at the size that is taught here"
ASKED = "--form tagged --reasoned --temperature 0 --max-tokens 512 --seeds 0 --no-score"
LEARNT = ("base", "scans", "exam", "exam-scans")
MARKDOWN, PICTURE = "claims.md", "claims.png"
Runs = dict[str, dict[int, Sequence[Graded]]]


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
        runs.setdefault(cell.name, {})[seed] = answered(options, replies).graded
    return runs


def _tell(claim: Claim, options: Options, args: argparse.Namespace) -> int:
    runs = _found(claim, options, args)
    parts = [
        (claim.source, HEAD, lines(claim, runs)),
        ("What the paper finds", GAPS, gap_lines(claim, runs)),
        ("Task by task; * the whole interval on one side of 0", *task_lines(claim, runs)),
    ]
    for title, head, rows in parts:
        show(title, head, rows)
    text = "\n\n".join(f"## {title}\n\n" + "\n".join(card.table(head, rows)) for title, head, rows in parts)
    held, out = standings(claim, runs), Path(args.out)
    figures = {f"accuracy/{one.name}": 100 * one.tasks[OVERALL].estimate for one in held}
    figures |= {f"difference/{a} - {b}": 100 * one[OVERALL].estimate for (a, b), one in gaps(claim, runs).items()}
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKDOWN).write_text(f"# {claim.name}\n\n{text}\n", encoding="utf-8")
    (out / "claims.json").write_text(json.dumps(figures | _each(claim, runs), indent=1), encoding="utf-8")
    if held:
        draw(held, chances(next(iter(next(iter(runs.values())).values()))), "", [out / PICTURE])
    ledger = open_run(options, f"claims {claim.name}", {"beltline.verb": "claims"})
    ledger.params({"claim": claim.name, "seeds": str(args.seeds)})
    ledger.metrics({re.sub(r"[^\w/. -]", "", name): value for name, value in figures.items()})
    for name in (MARKDOWN, PICTURE) if held else (MARKDOWN,):
        ledger.artifact(name, (out / name).read_bytes())
    print(ledger.end() or f"written to {out}, and to MLflow's experiment 'exams' of {options.tracking}")
    return 0


def _each(claim: Claim, runs: Runs) -> dict[str, float]:
    """Accuracy of each seed by itself."""
    return {
        f"accuracy/{cell}/seed {seed}": 100 * standings(claim, {cell: {seed: graded}})[0].tasks[OVERALL].estimate
        for cell, seeds in runs.items()
        for seed, graded in seeds.items()
    }
