"""ingest: a public set's folder in, a version of scans out.

python -m jobs ingest --recipe dvxray --root $SCANS/dvxray --output dvxray
"""

import argparse
import hashlib
import json
import os
from pathlib import Path

import pyarrow as pa

from actors.ingester import Ingester
from beltline import verdict
from beltline.formats import READERS, survey
from beltline.scan import SCHEMA, canonical_json, scan_id
from jobs.options import Options, add_common
from jobs.work import Stage, Work

HELP = "a public set's folder in, a version of scans out"
SCAN_ROWS = pa.schema([*SCHEMA, *verdict.FIELDS])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", recipes=sorted(READERS))
    parser.add_argument("--root", required=True, type=Path, metavar="FOLDER", help="where the set lies")
    parser.add_argument(
        "--mm-per-px", type=float, metavar="MM", help="scale of the scans, instead of the set's usual one"
    )


def prepare(options: Options, args: argparse.Namespace) -> Work:
    """Survey the folder and plan one row for every scan and for every file that is none."""
    reader, root = READERS[options.recipe], args.root.absolute()
    entries = survey(reader, root)[: options.limit]
    specs = [(scan_id(reader.name, entry.source_id), entry) for entry in entries]
    scale = args.mm_per_px or reader.mm_per_px
    listing = fingerprint(root, [entry.json() for entry in entries])
    kwargs = {"reader": reader.name, "root": str(root), "mm_per_px": args.mm_per_px}
    return Work(
        verb="ingest",
        recipe={"name": reader.name, "licence": reader.licence, "mm_per_px": scale, "listing": listing},
        inputs={},
        specs=lambda: ((key, json.loads(entry.json())) for key, entry in specs),
        stages=lambda folder: [Stage(name="open", make=Ingester, kwargs=kwargs)],
        schema=SCAN_ROWS,
        says=(
            f"{len(entries)} entries in {root}, {sum(entry.reject is not None for entry in entries)} of them no scan",
        ),
    )


def fingerprint(root: Path, entries: list[str]) -> str:
    """What a folder held: the entries and every file's path and size. Contents are hashed later, by the workers."""
    sizes = sorted(
        (os.path.relpath(os.path.join(folder, name), root), os.lstat(os.path.join(folder, name)).st_size)
        for folder, _, names in os.walk(root)
        for name in names
    )
    return hashlib.sha256(canonical_json([sizes, entries]).encode(errors="backslashreplace")).hexdigest()[:16]
