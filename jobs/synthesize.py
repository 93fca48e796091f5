"""synthesize: virtual bags, or composites of real backgrounds and cut-outs.

python -m jobs synthesize --recipe everyday --limit 1000 --output bags
python -m jobs synthesize --recipe anycontrasyn --input backgrounds=bg --input cutouts=cuts --limit 500 --output composites
"""

import argparse
from collections.abc import Mapping

from beltline.image import phantom
from beltline.image.phantom import BagRecipe
from jobs import sources
from jobs.ingest import SCAN_ROWS
from jobs.options import Options, add_common
from jobs.recipes import COMPOSITES, REGENERATE, seeded, values
from jobs.work import Work

HELP = "virtual bags, or composites of backgrounds and cut-outs"
DEFAULT_LIMIT = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="backgrounds", recipes=sorted({**phantom.RECIPES, **COMPOSITES}))


def prepare(options: Options, args: argparse.Namespace) -> Work:
    recipe = seeded({**phantom.RECIPES, **COMPOSITES}[options.recipe], options.seed)
    clean, inputs, store, count = (
        REGENERATE[options.recipe].clean,
        options.manifests(),
        options.store,
        options.limit or DEFAULT_LIMIT,
    )
    if isinstance(recipe, BagRecipe):
        check_roles(inputs, set())
        stage, specs = sources.bag_stage(recipe, clean), lambda: sources.bag_specs(recipe, clean, count)
    else:
        check_roles(inputs, {"backgrounds", "cutouts"})
        stage = sources.composite_stage(store, recipe, inputs, clean)
        specs = lambda: sources.composite_specs(store, recipe, inputs, clean, count)  # noqa: E731
    return Work(
        verb="synthesize",
        recipe={**values(recipe, None), "rows": count},
        inputs=inputs,
        specs=specs,
        stages=lambda folder: [stage],
        schema=SCAN_ROWS,
        says=(f"makes {count} scans",),
    )


def check_roles(inputs: Mapping[str, object], expected: set[str], *, repeated: bool = False) -> None:
    """The roles of the inputs are exactly those that the recipe needs; `repeated` allows several versions of a role.

    Raises:
        ValueError: one is missing or not known.
    """
    roles = {role.split(".")[0] for role in inputs} if repeated else set(inputs)
    if roles != expected:
        words = " ".join(f"--input {role}=NAME@VERSION" for role in sorted(expected)) or "no --input"
        raise ValueError(f"inputs: this recipe expects {words}, found roles {sorted(inputs) or 'none'}")
