"""converse: training conversations about the scans of a version.

python -m jobs converse --recipe gsxray --input bags --output bags-lessons
python -m jobs converse --recipe lessons --input scans=bags --input captions=bags-captions --output bags-lessons
python -m jobs converse --recipe drills --input scans=bags --input questions=bags-questions --output bags-drills
python -m jobs converse --recipe gsxray-endpoint --model NAME@REVISION --endpoint URL --input bags --output bags-chains
"""

import argparse
import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pyarrow as pa

from actors.converser import Converser
from beltline import verdict
from beltline.language import conversations, surveys
from beltline.language.conversations import conversation_id
from beltline.language.lessonforms import FORMS, LESSONS
from beltline.library import paths_of
from beltline.scan import Row, canonical_json
from jobs import asking, drills, sources
from jobs.options import Options, add_common
from jobs.recipes import CONVERSE, ConverseRecipe, seeded, values
from jobs.synthesize import check_roles
from jobs.work import ASKED, Stage, Work

HELP = "training conversations about the scans of a version"
CONVERSATION_ROWS = pa.schema([*conversations.SCHEMA, *verdict.FIELDS])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", recipes=sorted(CONVERSE))
    asking.add_asking(parser)


def prepare(options: Options, args: argparse.Namespace) -> Work:
    recipe = asking.with_model(seeded(CONVERSE[options.recipe], options.seed), args)
    _check_engine(recipe)
    if any(kind == drills.KIND for kind, _ in recipe.kinds):
        return drills.prepare(options, recipe, CONVERSATION_ROWS)
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
        recipe=values(recipe, None) | _version(recipe) | _told(recipe),
        inputs=inputs,
        specs=lambda: islice(_specs(options, recipe, described), options.limit),
        stages=lambda folder: [_stage(recipe, options, args, folder, kwargs)],
        schema=CONVERSATION_ROWS,
        says=tuple(f"{count} of kind {kind} about each scan" for kind, count in recipe.kinds),
    )


def _stage(recipe: ConverseRecipe, options: Options, args: argparse.Namespace, folder: str, kwargs: Row) -> Stage:
    if recipe.model is None:
        return Stage(name="converse", make=Converser, kwargs=kwargs)
    from actors.tutor import EndpointTutor  # the HTTP client takes a moment to import

    actors = max(1, min(options.workers, args.in_flight // asking.LEAST_IN_FLIGHT))
    door = asking.access(args, actors)
    asked = {"asked": f"{folder}/{ASKED}", "tutor": recipe.model, "access": door}
    at_once = 2 * door.in_flight
    return Stage(
        name="converse", make=EndpointTutor, kwargs=kwargs | asked, on="actors", actors=actors, rows_at_once=at_once
    )


def _check_engine(recipe: ConverseRecipe) -> None:
    if recipe.model is not None and recipe.model.engine != "endpoint":
        raise ValueError(f"--engine: converse asks a server, expected endpoint, found {recipe.model.engine}")


def _version(recipe: ConverseRecipe) -> Row:
    """Another composer of surveys makes other surveys of the same scans."""
    return {"version": surveys.VERSION} if "survey" in dict(recipe.kinds) else {}


def _told(recipe: ConverseRecipe) -> Row:
    """The hash of what a model is told, instructions and schemas."""
    if recipe.model is None:
        return {}
    told = [[LESSONS[kind].sha, FORMS[kind].model_json_schema()] for kind, _ in recipe.kinds if kind in LESSONS]
    return {"prompt_sha": hashlib.sha256(canonical_json(told).encode()).hexdigest()}


def _specs(options: Options, recipe: ConverseRecipe, described: bool) -> Iterator[tuple[int, Any]]:
    """The kept scans, or those with a kept caption, file by file; all conversations about one scan together."""
    role = "captions" if described else "scans"
    rows = sources.kept(options.store, [options.manifests()[role]], [])
    for row in rows:
        for kind, count in recipe.kinds:
            for index in range(count):
                key = conversation_id(row["id"], kind, index)
                yield key, {"scan": row["id"], "kind": kind, "index": index}
