"""lineage: what a version was made of, down to the sources and their licences, as a tree; the same as a page in MLflow.

    python -m jobs lineage gsr-nano
    python -m jobs lineage corpus@1.0.0 --json
    python -m jobs lineage gsr-nano --tracking http://127.0.0.1:5000

Every ancestor is named with its version, digest and, where MLflow answers, its run. The page lies in MLflow as a run of its own, whose dataset
inputs are all the ancestors. Exit code 1 when an ancestor is gone or is not what was read then; `verify --deep` also reads their bytes.
"""

import argparse
import json

from rich.tree import Tree

from beltline import lineage, lineage_page
from beltline.lineage import Ancestor
from beltline.store import Store
from beltline.version import resolve
from jobs.console import show
from jobs.ledger import EXPERIMENT, runs_of
from jobs.options import Options, absolute_sqlite, add_address, add_store, add_tracking
from jobs.scores import open_run

HELP = "what a version was made of, down to the licences of its sources"
WIDE = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("version", metavar="NAME[@VERSION]", help="the newest version without a number")
    parser.add_argument("--json", action="store_true", help="the tree as JSON, and nothing else; MLflow is left alone")
    add_store(parser)
    add_tracking(parser)
    add_address(parser)


def run(args: argparse.Namespace) -> int:
    """0 when every ancestor is there as it was read, 1 when one is not.

    Raises:
        ValueError: there is no such version.
    """
    store = Store(args.store).absolute()
    store.check(writes=False)
    found = lineage.walk(lambda ref: resolve(store, ref), args.version)
    if args.json:
        print(json.dumps(found.plain() | {"sources": found.sources}, indent=1))
        return 1 if found.faults else 0
    options = Options(recipe="", output="lineage", store=store, tracking=absolute_sqlite(args.tracking))
    show(tree(found), WIDE)
    for licence, there in sorted(found.sources.items()):
        print(f"{licence}: " + ", ".join(f"{ref} ({rows} rows)" for ref, rows in sorted(there.items())))
    print(enter(found, options))
    return 1 if found.faults else 0


def tree(one: Ancestor, at: Tree | None = None) -> Tree:
    """For a terminal."""
    style = "red" if one.fault else ""
    here = at.add(lineage.label(one), style=style) if at else Tree(lineage.label(one), style=style)
    for parent in one.parents:
        tree(parent, here)
    return here


def enter(found: Ancestor, options: Options) -> str:
    """The page as a run of MLflow; where it is, or where it waits."""
    runs = runs_of(options.tracking, [one.run for one in found.every() if one.run])
    ledger = open_run(
        options, f"lineage of {found.ref}", {"beltline.verb": "lineage", "beltline.version": found.ref}, EXPERIMENT
    )
    for one in found.every():
        if not one.fault:
            manifest = resolve(options.store, one.ref)
            ledger.dataset(manifest, f"{options.store.uri}/{manifest.name}/{manifest.version}", "input")
    ledger.artifact("lineage.html", lineage_page.page(found, runs).encode())
    ledger.artifact("lineage.json", json.dumps(found.plain(), indent=1).encode())
    return ledger.end() or f"lineage.html is in MLflow, run {f'lineage of {found.ref}'!r} of {options.tracking}"
