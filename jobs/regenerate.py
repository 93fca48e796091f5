"""regenerate: the whole belt in one job. Scans are made or read, cleaned, captioned, screened, and end as one version.

    python -m jobs regenerate --recipe everyday --limit 240 --output corpus
    python -m jobs regenerate --recipe anycontrasyn --input backgrounds=bg --input cutouts=cuts --limit 500 --output corpus
    python -m jobs regenerate --recipe scans --input ldxray --output corpus

One streaming plan: a bag is captioned while the next one is made, and no stage waits for the whole of the one before.
"""

import argparse
from collections.abc import Callable
from functools import partial

import pyarrow as pa

from actors.captioner import Screener
from beltline import verdict
from beltline.language import screening
from beltline.scan import SCHEMA
from jobs import sources, synthesize
from jobs.caption import CAPTION_FIELDS, caption_stage
from jobs.options import Options, add_common
from jobs.recipes import REGENERATE, RegenerateRecipe, seeded, values
from jobs.work import Stage, Work

HELP = "the whole belt in one job: the main job"
CORPUS_ROWS = pa.schema([*SCHEMA, *CAPTION_FIELDS, *screening.FIELDS, *verdict.FIELDS])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", recipes=sorted(REGENERATE))


def prepare(options: Options, args: argparse.Namespace) -> Work:
    recipe = seeded(REGENERATE[options.recipe], options.seed)
    count = options.limit or recipe.limit
    make, specs = source(recipe, options, count)
    return Work(
        verb="regenerate",
        recipe={**values(recipe, None), "screen": screening.RULES, "rows": count},
        inputs=options.manifests(),
        specs=specs,
        stages=lambda folder: [
            make,
            caption_stage(recipe.caption, options.store, folder),
            Stage(name="screen", make=Screener),
        ],
        schema=CORPUS_ROWS,
        says=(f"at most {count} scans, described by {recipe.caption.describer}",),
    )


def source(recipe: RegenerateRecipe, options: Options, count: int) -> tuple[Stage, Callable[[], sources.Specs]]:
    """The first stage and the specs, by what the recipe makes or reads."""
    inputs, store, clean = options.manifests(), options.store, recipe.clean
    if recipe.make is not None:
        return synthesize.source(recipe.make, clean, inputs, store, count)
    synthesize.check_roles(inputs, {"scans"})
    scans = inputs["scans"]
    return sources.scan_stage(store, scans, clean), partial(sources.scan_specs, store, [scans], clean, count)
