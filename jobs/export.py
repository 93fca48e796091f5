"""export: a version as the files that another tool reads; writes no version.

python -m jobs export --input bags-lessons --format sharegpt --to FOLDER
python -m jobs export --input bags --format yolo --to FOLDER --limit 1000
"""

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from beltline.formats.export import EXPORTS
from beltline.scan import Row, Scan
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import Manifest, iter_rows, resolve
from jobs.options import add_address, add_store

HELP = "a version as the files that another tool reads"
COLUMN = {"scans": "top", "conversations": "turns", "questions": "question"}
"""What tells versions apart: a column that only they have."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--input", required=True, metavar="NAME[@VERSION]", help="a version of scans, conversations or questions"
    )
    parser.add_argument("--format", required=True, choices=sorted(EXPORTS), help="what is written")
    parser.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="a folder that is empty or not there")
    parser.add_argument("--limit", type=int, metavar="N", help="at most this many rows")
    add_store(parser)
    add_address(parser)


def run(args: argparse.Namespace) -> int:
    """0 when all is written.

    Raises:
        ValueError: the version does not hold what the format takes, or the folder is in use.
    """
    export, store = EXPORTS[args.format], Store(args.store).absolute()
    store.check(writes=False)
    manifest = resolve(store, args.input)
    check(manifest, args.format, args.to)
    rows = list(islice(_kept(store, manifest), args.limit)) if export.takes != "scans" else []
    scans = _scans_of(store, manifest, export.takes)
    wanted = {row["scan"] for row in rows} if export.takes != "scans" else None
    found = (row for one in scans for row in _kept(store, one))
    given = (Scan.of(row) for row in found if wanted is None or row["id"] in wanted)
    export.write(args.to, islice(given, args.limit if wanted is None else None), rows)
    files = sum(path.is_file() for path in args.to.rglob("*"))
    print(f"{manifest.ref} as {export.name} in {args.to}: {files} files, for {export.opened_by}")
    return 0


def check(manifest: Manifest, form: str, to: Path) -> None:
    """Whether a version can be written in this form, into this folder.

    Raises:
        ValueError: it holds something else, or the folder is in use.
    """
    takes = EXPORTS[form].takes
    if COLUMN[takes] not in manifest.columns:
        holds = [name for name, column in COLUMN.items() if column in manifest.columns]
        raise ValueError(f"--format {form}: expected a version of {takes}, found one of {holds or 'something else'}")
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ValueError(f"--to: expected a folder that is empty or not there, found something in {to}")


def _scans_of(store: Store, manifest: Manifest, takes: str) -> list[Manifest]:
    """The versions of scans that the rows are about: those that they were made from."""
    if takes == "scans":
        return [manifest]
    inputs = [resolve(store, ref) for ref in manifest.inputs.values()]
    return [one for one in inputs if COLUMN["scans"] in one.columns]


def _kept(store: Store, manifest: Manifest) -> Iterator[Row]:
    """Kept rows in the version's own order, one file in memory at a time."""
    return (row for row in iter_rows(store, manifest) if row["status"] == KEPT)
