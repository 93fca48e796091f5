"""curate: a clean version from a raw one: gates and twins, or CleanDET's backgrounds and cut-outs.

python -m jobs curate --recipe clean --input ldxray --output ldxray-clean
python -m jobs curate --recipe backgrounds --input dvxray --output bg
python -m jobs curate --recipe cutouts --input sixray --output cuts
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from actors.synthesizer import BackgroundMaker, CutoutMaker, Fetcher
from beltline.language.weights import digest
from beltline.library import paths_of
from beltline.scan import scan_id
from beltline.store import Store
from beltline.version import Manifest
from jobs import sources
from jobs.ingest import SCAN_ROWS
from jobs.options import Options, add_common
from jobs.recipes import CLEAN, CleanRecipe, values
from jobs.synthesize import check_roles
from jobs.work import Stage, Work

HELP = "gates and twins; or clean backgrounds and cut-outs"
ALL = 1_000_000_000
CLEANDET = {
    "backgrounds": CleanRecipe(name="backgrounds", max_hash_distance=None),
    "cutouts": CleanRecipe(name="cutouts", max_hash_distance=None, min_side_px=8),
}
"""A cut-out may be small; a background must be a whole scan. Neither may lose its twins: a bag seen twice is two backgrounds."""
MAKERS: dict[str, type[Fetcher]] = {"backgrounds": BackgroundMaker, "cutouts": CutoutMaker}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", recipes=sorted({**CLEAN, **CLEANDET}))
    words = "SAM-type weights that cut out items without a mask; default: against the white background"
    parser.add_argument("--segmenter", type=Path, metavar="FOLDER", help=words)


def prepare(options: Options, args: argparse.Namespace) -> Work:
    recipe, inputs, store = {**CLEAN, **CLEANDET}[options.recipe], options.manifests(), options.store
    check_roles(inputs, {"scans"}, repeated=True)
    scans = list(inputs.values())
    paths = [path for manifest in scans for path in paths_of(manifest)]
    kwargs = {"store": store.uri, "paths": paths, "gates": sources.gates(recipe)} | segmenter(
        args.segmenter, options.recipe
    )
    # Weights are heavy to load: whoever holds them is an actor.
    on: Literal["actors", "tasks"] = "actors" if args.segmenter else "tasks"
    stage = Stage(name="curate", make=MAKERS.get(options.recipe, Fetcher), kwargs=kwargs, on=on)
    listing = item_specs if options.recipe == "cutouts" else sources.scan_specs
    return Work(
        verb="curate",
        recipe=values(recipe, None) | ({"segmenter": digest(args.segmenter)[:16]} if args.segmenter else {}),
        inputs=inputs,
        specs=_listed(listing, store, scans, recipe, options.limit or ALL),
        stages=lambda folder: [stage],
        schema=SCAN_ROWS,
    )


def segmenter(folder: Path | None, recipe: str) -> dict[str, str]:
    """The argument of CutoutMaker, if a folder of weights is named.

    Raises:
        ValueError: the recipe cuts nothing out, or there is no such folder.
    """
    if folder and recipe != "cutouts":
        raise ValueError(f"--segmenter: expected recipe cutouts, found {recipe}, which cuts nothing out")
    if folder and not folder.is_dir():
        raise ValueError(f"--segmenter: expected a folder with config.json and weights, found no folder {folder}")
    return {"segmenter": str(folder.absolute())} if folder else {}


def _listed(listing: Callable[..., sources.Specs], *args: Any) -> Callable[[], Iterator[tuple[int, Any]]]:
    return lambda: listing(*args)


def item_specs(store: Store, scans: Sequence[Manifest], clean: CleanRecipe, count: int) -> sources.Specs:
    """One row for every item of the kept scans: a row that became several would be lost in part when the job is killed."""
    columns = ["source", "source_id", "items.list.element.item"]
    rows = sorted(sources.kept(store, scans, columns), key=lambda row: row["id"])
    pairs = [(row, item["item"]) for row in rows for item in row["items"] or ()][:count]
    for row, item in pairs:
        yield scan_id("cutouts", f"{row['source']}/{row['source_id']}#{item}"), {"scan": row["id"], "item": item}
