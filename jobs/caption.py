"""caption: words about the kept scans of a version.

python -m jobs caption --recipe grammar --input bags --output bags-captions
python -m jobs caption --recipe qwen3-vl-235b --endpoint http://host:8000/v1 --input bags --output words
python -m jobs caption --recipe endpoint --model NAME@REVISION --input bags --output words
python -m jobs caption --recipe nano --model FOLDER --gpus 0 --input bags --output words
"""

import argparse

import pyarrow as pa

from beltline import verdict
from beltline.language import captions
from beltline.library import paths_of
from jobs import asking, sources
from jobs.options import Options, add_common
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
    add_common(parser, role="scans", recipes=sorted(CAPTIONS))
    asking.add_asking(parser)


def prepare(options: Options, args: argparse.Namespace) -> Work:
    recipe = asking.with_model(seeded(CAPTIONS[options.recipe], options.seed), args)
    inputs, store = options.manifests(), options.store
    check_roles(inputs, {"scans"})
    count = options.limit or ALL
    return Work(
        verb="caption",
        recipe=values(recipe, None),
        inputs=inputs,
        specs=lambda: sources.scan_specs(store, [inputs["scans"]], EVERYTHING, count),
        stages=lambda folder: [asking.caption_stage(recipe, options, args, folder, paths_of(inputs["scans"]))],
        schema=CAPTION_ROWS,
        says=(f"described by {recipe.who}",),
    )
