"""converse: training conversations about the scans of a version.

python -m jobs converse --recipe gsxray --input bags --output bags-lessons
python -m jobs converse --recipe lessons --input scans=bags --input captions=bags-captions --output bags-lessons
"""

import argparse
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pyarrow as pa

from actors.converser import Converser
from beltline import verdict
from beltline.language import conversations
from beltline.language.conversations import conversation_id
from beltline.library import paths_of
from jobs import sources
from jobs.options import Options, add_common
from jobs.recipes import CONVERSE, ConverseRecipe, seeded, values
from jobs.synthesize import check_roles
from jobs.work import Stage, Work

HELP = "training conversations about the scans of a version"
CONVERSATION_ROWS = pa.schema([*conversations.SCHEMA, *verdict.FIELDS])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", recipes=sorted(CONVERSE))


def prepare(options: Options, args: argparse.Namespace) -> Work:
    recipe: ConverseRecipe = seeded(CONVERSE[options.recipe], options.seed)
    inputs, store = options.manifests(), options.store
    described = "captions" in inputs
    check_roles(inputs, {"scans", "captions"} if described else {"scans"})
    kwargs = {
        "store": store.uri,
        "scans": paths_of(inputs["scans"]),
        "captions": paths_of(inputs["captions"]) if described else None,
        "seed": recipe.seed,
    }
    return Work(
        verb="converse",
        recipe=values(recipe, None),
        inputs=inputs,
        specs=lambda: islice(_specs(options, recipe, described), options.limit),
        stages=lambda folder: [Stage(name="converse", make=Converser, kwargs=kwargs)],
        schema=CONVERSATION_ROWS,
        says=tuple(f"{count} of kind {kind} about each scan" for kind, count in recipe.kinds),
    )


def _specs(options: Options, recipe: ConverseRecipe, described: bool) -> Iterator[tuple[int, Any]]:
    """The kept scans, or those with a kept caption, in order of id; all conversations about one scan together."""
    role = "captions" if described else "scans"
    rows = sources.kept(options.store, [options.manifests()[role]], [])
    for key in sorted(row["id"] for row in rows):
        for kind, count in recipe.kinds:
            for index in range(count):
                yield conversation_id(key, kind, index), {"scan": key, "kind": kind, "index": index}
