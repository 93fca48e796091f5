"""caption: words about the kept scans of a version.

python -m jobs caption --recipe grammar --input bags --output bags-captions
python -m jobs caption --recipe qwen3-vl-235b --endpoint http://host:8000/v1 --input bags --output words
python -m jobs caption --recipe endpoint --model NAME@REVISION --input bags --output words
python -m jobs caption --recipe nano --model FOLDER --gpus 0 --input bags --output words
python -m jobs caption --recipe pupil --input model=captioner --input scans=bags --output words
python -m jobs caption --recipe grammar --input scans=bags --input only=bags-parts --where part=seed --output words

`pupil` is a model version of `train` that was taught to take notes (converse --recipe notes); it is asked in this process. With
--input only=VERSION --where COLUMN=VALUE only those scans are described whose row in that version says so, and with --input but=VERSION
not those that have a kept row there.
"""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from beltline import verdict
from beltline.language import captions
from beltline.library import paths_of
from beltline.verdict import KEPT
from beltline.version import Manifest
from jobs import asking, pupils, sources
from jobs.job import execute
from jobs.options import Options, add_common, read_common
from jobs.recipes import CAPTIONS, CleanRecipe, seeded, values
from jobs.synthesize import check_roles
from jobs.work import Work

HELP = "words about the kept scans of a version"
CAPTION_FIELDS = [pa.field("facts", pa.string()), *captions.FIELDS]
KEYS = [pa.field("id", pa.int64(), False), pa.field("scan_content", pa.string())]
CAPTION_ROWS = pa.schema([*KEYS, *CAPTION_FIELDS, *verdict.FIELDS])
EVERYTHING = CleanRecipe(name="everything", min_side_px=1, max_hash_distance=None)
ALL = 1_000_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", recipes=sorted([*CAPTIONS, pupils.CAPTIONER]))
    asking.add_asking(parser)
    parser.add_argument("--device", default="cpu", help="of a model version: cpu or cuda; default cpu")
    parser.add_argument("--where", metavar="COLUMN=VALUE", help="only scans whose row in --input only=VERSION says so")


def run(args: argparse.Namespace) -> int:
    """0 when the captions are there."""
    options = read_common(args)
    work = prepare(options, args)
    if options.recipe == pupils.CAPTIONER and not options.dry_run:
        return pupils.captioned(work, options, args)
    return execute(work, options)


def prepare(options: Options, args: argparse.Namespace) -> Work:
    """What describes which scans.

    Raises:
        ValueError: the inputs are not those that the words ask for.
    """
    inputs = options.manifests()
    pupil = options.recipe == pupils.CAPTIONER
    needed = {"scans"} | ({"only"} if args.where else set()) | ({pupils.ROLE} if pupil else set())
    check_roles(inputs, needed | ({"but"} & inputs.keys()))
    where = {"where": args.where} if args.where else {}
    same = {
        "verb": "caption",
        "inputs": inputs,
        "specs": lambda: _specs(options, inputs, args.where),
        "schema": CAPTION_ROWS,
    }
    if pupil:
        made = pupils.describes(inputs[pupils.ROLE])
        return Work(recipe=made | where, stages=lambda folder: [], says=(f"described by {made['model']}",), **same)
    recipe = asking.with_model(seeded(CAPTIONS[options.recipe], options.seed), args)
    paths = paths_of(inputs["scans"])
    return Work(
        recipe=values(recipe, None) | where,
        stages=lambda folder: [asking.caption_stage(recipe, options, args, folder, paths)],
        says=(f"described by {recipe.who}",),
        **same,
    )


def _specs(options: Options, inputs: Mapping[str, Manifest], where: str | None) -> Iterator[tuple[int, Any]]:
    """The scans of lowest id up to --limit, of those that are asked for."""
    store = options.store
    chosen = sources.where(store, inputs["only"], where) if where else None
    done = sources.where(store, inputs["but"], f"status={KEPT}") if "but" in inputs else set()
    for key, spec in sources.scan_specs(store, [inputs["scans"]], EVERYTHING, options.limit or ALL):
        if (chosen is None or key in chosen) and key not in done:
            yield key, spec
