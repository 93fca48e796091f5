"""synthesize: virtual bags, or composites of real backgrounds and cut-outs.

python -m jobs synthesize --recipe everyday --limit 1000 --output bags
python -m jobs synthesize --recipe anycontrasyn --input backgrounds=bg --input cutouts=cuts --limit 500 --output composites
"""

import argparse
from collections.abc import Callable, Mapping
from functools import partial

from beltline.image import phantom
from beltline.image.composite import CompositeRecipe
from beltline.image.phantom import BagRecipe
from beltline.store import Store
from beltline.version import Manifest
from jobs import sources
from jobs.ingest import SCAN_ROWS
from jobs.options import Options, add_common
from jobs.recipes import COMPOSITES, REGENERATE, CleanRecipe, seeded, values
from jobs.work import Stage, Work

HELP = "virtual bags, or composites of backgrounds and cut-outs"
DEFAULT_LIMIT = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="backgrounds", recipes=sorted({**phantom.RECIPES, **COMPOSITES}))


def prepare(options: Options, args: argparse.Namespace) -> Work:
    recipe = seeded({**phantom.RECIPES, **COMPOSITES}[options.recipe], options.seed)
    clean, inputs, count = REGENERATE[options.recipe].clean, options.manifests(), options.limit or DEFAULT_LIMIT
    stage, specs = source(recipe, clean, inputs, options.store, count)
    return Work(
        verb="synthesize",
        recipe={**values(recipe, None), "rows": count},
        inputs=inputs,
        specs=specs,
        stages=lambda folder: [stage],
        schema=SCAN_ROWS,
        says=(f"makes {count} scans",),
    )


def source(
    make: BagRecipe | CompositeRecipe, clean: CleanRecipe, inputs: Mapping[str, Manifest], store: Store, count: int
) -> tuple[Stage, Callable[[], sources.Specs]]:
    """The stage that makes scans, and the specs that it makes them from, by kind of recipe.

    Raises:
        ValueError: the inputs are not those that the recipe needs.
    """
    if isinstance(make, BagRecipe):
        check_roles(inputs, set())
        return sources.bag_stage(make, clean), partial(sources.bag_specs, make, clean, count)
    check_roles(inputs, {"backgrounds", "cutouts"})
    stage = sources.composite_stage(store, make, inputs, clean)
    return stage, partial(sources.composite_specs, store, make, inputs, clean, count)


def check_roles(inputs: Mapping[str, object], expected: set[str], *, repeated: bool = False) -> None:
    """The roles of the inputs are exactly those that the recipe needs; `repeated` allows several versions of a role.

    Raises:
        ValueError: one is missing or not known.
    """
    roles = {role.split(".")[0] for role in inputs} if repeated else set(inputs)
    if roles != expected:
        words = " ".join(f"--input {role}=NAME@VERSION" for role in sorted(expected)) or "no --input"
        raise ValueError(f"inputs: this recipe expects {words}, found roles {sorted(inputs) or 'none'}")
