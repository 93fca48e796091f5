"""regenerate: the whole belt in one job. Scans are made or read, cleaned, captioned, screened, and end as one version.

    python -m jobs regenerate --recipe everyday --limit 240 --output corpus
    python -m jobs regenerate --recipe anycontrasyn --input backgrounds=bg --input cutouts=cuts --limit 500 --output corpus
    python -m jobs regenerate --recipe scans --input ldxray --output corpus
    python -m jobs regenerate --recipe mmxray-corpus --input scans=mmxray-real --output mmxray
    python -m jobs regenerate --recipe everyday --captions qwen3-vl-235b --endpoint http://host:8000/v1 --output corpus

`mmxray-corpus` is a corpus in MMXray's form (One 3): the real scans that are given, with their sources and licences, and 3,000
virtual bags in which the 28 categories come equally often; --limit says how many bags instead.

One streaming plan: a bag is captioned while the next one is made, and no stage waits for the whole of the one before.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pyarrow as pa

from actors.captioner import Screener
from beltline import verdict
from beltline.image.phantom import BagRecipe
from beltline.language import screening
from beltline.scan import SCHEMA
from jobs import asking, sources, synthesize
from jobs.caption import CAPTION_FIELDS
from jobs.options import Options, add_common
from jobs.recipes import CAPTIONS, REGENERATE, RegenerateRecipe, seeded, values
from jobs.work import Stage, Work

HELP = "the whole belt in one job: the main job"
CORPUS_ROWS = pa.schema([*SCHEMA, *CAPTION_FIELDS, *screening.FIELDS, *verdict.FIELDS])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", recipes=sorted(REGENERATE))
    parser.add_argument("--captions", choices=sorted(CAPTIONS), help="another describer than the recipe's")
    asking.add_asking(parser)


def prepare(options: Options, args: argparse.Namespace) -> Work:
    recipe = _described(REGENERATE[options.recipe], options, args)
    count = options.limit or recipe.limit
    make, specs = source(recipe, options, count)
    return Work(
        verb="regenerate",
        recipe={**values(recipe, None), "screen": screening.RULES, "rows": count},
        inputs=options.manifests(),
        specs=specs,
        stages=lambda folder: [
            make,
            asking.caption_stage(recipe.caption, options, args, folder),
            Stage(name="screen", make=Screener),
        ],
        schema=CORPUS_ROWS,
        says=(f"at most {count} {_things(recipe, options)}, described by {recipe.caption.who}",),
    )


def _described(recipe: RegenerateRecipe, options: Options, args: argparse.Namespace) -> RegenerateRecipe:
    """The recipe with the describer and the model that the command names."""
    caption = CAPTIONS[args.captions] if args.captions else recipe.caption
    return seeded(replace(recipe, caption=asking.with_model(caption, args)), options.seed)


def _things(recipe: RegenerateRecipe, options: Options) -> str:
    return "virtual bags beside the real scans of the input" if recipe.real and options.inputs else "scans"


def source(recipe: RegenerateRecipe, options: Options, count: int) -> tuple[Stage, Callable[[], sources.Specs]]:
    """The first stage and the specs, by what the recipe makes or reads."""
    inputs, store, clean = options.manifests(), options.store, recipe.clean
    if isinstance(recipe.make, BagRecipe) and recipe.real and inputs:
        return mixed_source(recipe.make, recipe, options, count)
    if recipe.make is not None:
        return synthesize.source(recipe.make, clean, inputs, store, count)
    synthesize.check_roles(inputs, {"scans"})
    scans = inputs["scans"]
    return sources.scan_stage(store, scans, clean), partial(sources.scan_specs, store, [scans], clean, count)


def mixed_source(
    bags: BagRecipe, recipe: RegenerateRecipe, options: Options, count: int
) -> tuple[Stage, Callable[[], sources.Specs]]:
    """Real scans of one or several versions, all of them, then `count` virtual bags."""
    inputs, store, real = options.manifests(), options.store, recipe.real
    assert real is not None
    synthesize.check_roles(inputs, {"scans"}, repeated=True)
    scans = list(inputs.values())
    return (
        sources.mixed_stage(store, scans, real, bags, recipe.clean),
        partial(sources.mixed_specs, store, scans, real, bags, recipe.clean, count),
    )
