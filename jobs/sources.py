"""Specs and makers: what the rows of a job are made of, planned in the driver over ids and hashes only.

Global decisions (twins, class balance, which cut-out goes into which background) are taken here, before the plan runs, so
that the plan itself can stream. A row that they reject keeps its place in the spec table with its reason.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from actors.synthesizer import BagMaker, CompositeMaker, Fetcher, Gate, MixedMaker
from beltline.image import cleaning, composite, phantom
from beltline.image.composite import CompositeRecipe
from beltline.image.phantom import BagRecipe
from beltline.library import paths_of
from beltline.scan import Row, scan_id
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import Manifest, read_columns
from jobs.recipes import CleanRecipe
from jobs.work import Stage

Specs = Iterator[tuple[int, Any]]
EVERY = sys.maxsize
CATEGORY = "items.list.element.category"


def gates(recipe: CleanRecipe) -> list[Gate]:
    """The gates of a recipe that look at one scan (One 3.2)."""
    size: Gate = partial(cleaning.big_enough, min_px=recipe.min_side_px)
    return [size, cleaning.boxes_match_masks] if recipe.masks_needed else [size]


def bag_specs(recipe: BagRecipe, clean: CleanRecipe, count: int) -> Specs:
    """`count` virtual bags: their planned categories, balanced if the recipe has a quota."""
    planned = {scan_id(recipe.name, index): index for index in range(count)}
    categories = {key: phantom.plan(recipe, key) for key in planned}
    rejected = over_quota(categories, clean.quota)
    for key, planned_categories in categories.items():
        yield key, {"categories": list(planned_categories)} | rejected.get(key, {})


def bag_stage(recipe: BagRecipe, clean: CleanRecipe) -> Stage:
    return Stage(name="synthesize", make=BagMaker, kwargs={"recipe": recipe, "gates": gates(clean)}, pool=None)


def composite_specs(
    store: Store, recipe: CompositeRecipe, inputs: Mapping[str, Manifest], clean: CleanRecipe, count: int
) -> Specs:
    """`count` composites: which background takes which cut-outs; doubles of a plan are rejected."""
    backgrounds = sorted(row["id"] for row in kept(store, [inputs["backgrounds"]], []))
    cutouts: dict[str, list[int]] = defaultdict(list)
    for row in kept(store, [inputs["cutouts"]], [CATEGORY]):
        cutouts[row["items"][0]["category"]].append(row["id"])
    ordered = {category: sorted(cutouts[category]) for category in sorted(cutouts)}
    if not backgrounds or not ordered:
        found = f"{len(backgrounds)} backgrounds and {sum(map(len, ordered.values()))} cut-outs"
        raise ValueError(f"synthesize: expected at least one kept background and one kept cut-out, found {found}")
    keys = [scan_id(recipe.name, index) for index in range(count)]
    plans = {key: composite.plan(recipe, key, backgrounds, ordered) for key in keys}
    names = {key: category for category, ids in ordered.items() for key in ids}
    rejected = over_quota({key: tuple(names[cut] for cut in plan.cutouts) for key, plan in plans.items()}, clean.quota)
    for key, plan in plans.items():
        yield key, asdict(plan) | rejected.get(key, {})


def composite_stage(store: Store, recipe: CompositeRecipe, inputs: Mapping[str, Manifest], clean: CleanRecipe) -> Stage:
    places = {role: paths_of(inputs[role]) for role in ("backgrounds", "cutouts")}
    return Stage(
        name="synthesize",
        make=CompositeMaker,
        kwargs={"recipe": recipe, "store": store.uri, "gates": gates(clean), **places},
    )


def scan_specs(store: Store, scans: Sequence[Manifest], clean: CleanRecipe, count: int) -> Specs:
    """The kept scans of a version, or those of lowest id; twins and scans over the quota are rejected here.

    They come in the order of their files: a worker reads a file once for all its rows, not once a row.
    """
    there = kept(store, scans, ["top_phash", "side_phash", CATEGORY])
    rows = sorted(there, key=lambda row: row["id"])[:count]
    rejected = over_quota(
        {row["id"]: tuple(item["category"] for item in row["items"] or ()) for row in rows}, clean.quota
    )
    rejected |= twins(rows, clean.max_hash_distance)
    chosen = {row["id"] for row in rows}
    for row in there:
        if row["id"] in chosen:
            yield row["id"], {"scan": row["id"]} | rejected.get(row["id"], {})


def scan_stage(store: Store, scans: Manifest, clean: CleanRecipe) -> Stage:
    return Stage(
        name="clean", make=Fetcher, kwargs={"store": store.uri, "paths": paths_of(scans), "gates": gates(clean)}
    )


def mixed_specs(
    store: Store, scans: Sequence[Manifest], real: CleanRecipe, bags: BagRecipe, clean: CleanRecipe, count: int
) -> Specs:
    """All kept scans of the versions, then `count` virtual bags; each kind has its own gates."""
    yield from scan_specs(store, scans, real, EVERY)
    yield from bag_specs(bags, clean, count)


def mixed_stage(
    store: Store, scans: Sequence[Manifest], real: CleanRecipe, bags: BagRecipe, clean: CleanRecipe
) -> Stage:
    return Stage(
        name="gather",
        make=MixedMaker,
        kwargs={
            "recipe": bags,
            "gates": gates(clean),
            "store": store.uri,
            "paths": [path for manifest in scans for path in paths_of(manifest)],
            "real_gates": gates(real),
        },
    )


def kept(store: Store, manifests: Sequence[Manifest], columns: list[str]) -> list[Row]:
    """id and some columns of the kept rows, without images.

    Raises:
        ValueError: two versions hold the same id.
    """
    tables = [read_columns(store, manifest, ["id", "status", *columns]).to_pylist() for manifest in manifests]
    rows = [row for table in tables for row in table if row["status"] == KEPT]
    doubled = len(rows) - len({row["id"] for row in rows})
    if doubled:
        raise ValueError(f"inputs: expected every scan once, found {doubled} of them in more than one of the versions")
    return rows


def where(store: Store, manifest: Manifest, word: str) -> set[int]:
    """The ids of a version's rows of which a column says what `COLUMN=VALUE` names.

    Raises:
        ValueError: the version has no such column.
    """
    column, _, value = word.partition("=")
    if column not in manifest.columns:
        raise ValueError(f"{manifest.ref}: expected a column of {sorted(manifest.columns)}, found {word!r}")
    rows = read_columns(store, manifest, ["id", column]).to_pylist()
    return {row["id"] for row in rows if str(row[column]) == value}


def over_quota(categories: Mapping[int, tuple[str, ...]], quota: int | None) -> dict[int, Row]:
    """The rejection of every row that a class balance leaves out; ties go to the lowest id."""
    if quota is None:
        return {}
    stay = cleaning.balance(list(categories), list(categories.values()), quota)
    detail = f"its categories already have {quota} scans with lower ids"
    return {key: {"reject": ["clean/over-quota", detail]} for key in categories if key not in stay}


def twins(rows: list[Row], max_distance: int | None) -> dict[int, Row]:
    """The rejection of every scan that looks like one with a lower id, in its top view and in its side view."""
    if max_distance is None:
        return {}
    hashes = [(row["top_phash"], row["side_phash"]) for row in rows]
    found = cleaning.near_duplicates([row["id"] for row in rows], hashes, max_distance=max_distance)
    return {
        key: {"reject": ["clean/near-duplicate", f"looks like scan {twin}, which has the lower id"]}
        for key, twin in found.items()
    }
