"""caption: words about the kept scans of a version.

python -m jobs caption --recipe grammar --input bags --output bags-captions
"""

import argparse

import pyarrow as pa

from actors.captioner import Captioner, VersionCaptioner
from beltline import verdict
from beltline.language import captions
from beltline.library import paths_of
from beltline.store import Store
from jobs import sources
from jobs.options import Options, add_common
from jobs.recipes import CAPTIONS, CaptionRecipe, CleanRecipe, seeded, values
from jobs.synthesize import check_roles
from jobs.work import ASKED, Stage, Work

HELP = "words about the kept scans of a version"
CAPTION_FIELDS = [pa.field("facts", pa.string()), *captions.FIELDS]
KEYS = [pa.field("id", pa.int64(), False), pa.field("scan_content", pa.string())]
CAPTION_ROWS = pa.schema([*KEYS, *CAPTION_FIELDS, *verdict.FIELDS])
EVERYTHING = CleanRecipe(name="everything", min_side_px=1, max_hash_distance=None)
ALL = 1_000_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", recipes=sorted(CAPTIONS))


def prepare(options: Options, args: argparse.Namespace) -> Work:
    recipe, inputs, store = seeded(CAPTIONS[options.recipe], options.seed), options.manifests(), options.store
    check_roles(inputs, {"scans"})
    count = options.limit or ALL
    return Work(
        verb="caption",
        recipe=values(recipe, None),
        inputs=inputs,
        specs=lambda: sources.scan_specs(store, [inputs["scans"]], EVERYTHING, count),
        stages=lambda folder: [fetch_and_caption(recipe, store, paths_of(inputs["scans"]), folder)],
        schema=CAPTION_ROWS,
    )


def caption_stage(recipe: CaptionRecipe, store: Store, folder: str) -> Stage:
    """The describer, on rows that hold a scan."""
    return Stage(name="caption", make=Captioner, kwargs=captioner(recipe, store, folder))


def captioner(recipe: CaptionRecipe, store: Store, folder: str) -> dict[str, object]:
    return {"store": store.uri, "asked": f"{folder}/{ASKED}", "describer": recipe.describer, "seed": recipe.seed}


def fetch_and_caption(recipe: CaptionRecipe, store: Store, paths: list[str], folder: str) -> Stage:
    kwargs = {"store": store.uri, "paths": paths, "captioner": captioner(recipe, store, folder)}
    return Stage(name="caption", make=VersionCaptioner, kwargs=kwargs)
