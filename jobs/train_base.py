"""The part of `train` that knows where a model starts: a folder, a name on a hub, another version's weights, or a form that is built here.

base = chosen(recipe, args, inputs, store)        # "nano:qwen3_vl", "/models/qwen", "Qwen/Qwen3-VL-8B-Instruct"
folder = built(base, scratch, work, store)        # what transformers loads
travelling(str(folder), work, store, place)       # where workers on other machines find it
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from beltline.learning.recipe import Recipe
from beltline.store import Store
from beltline.version import Manifest, iter_rows
from jobs import models
from jobs.work import Work

BUILT: Final = ("tiny:", "nano:", "mini:", "small:")


def chosen(recipe: Recipe, args: argparse.Namespace, inputs: dict[str, Manifest], store: Store) -> str:
    """Where the weights come from: a folder, a name on a hub, or a form that is built.

    Raises:
        ValueError: the recipe goes on from another one's result, and none is given.
    """
    if "base" in inputs:
        return str(models.local(store, inputs["base"]))
    if args.base:
        return str(args.base)
    if recipe.starts_from and not args.dry_run:
        raise ValueError(
            f"{recipe.name}: expected the result of {recipe.starts_from} as --input base=NAME@VERSION, found none"
        )
    return recipe.base


def built(base: str, scratch: Path, work: Work, store: Store) -> Path | str:
    """The base as transformers takes it; a form is built once, its words from the lessons."""
    if not base.startswith(BUILT):
        return base
    folder = scratch / "base"
    if not (folder / "config.json").exists():
        from beltline.learning import nano

        part = scratch / "base.part"
        nano.build(base, part, _texts(work, store))
        part.replace(folder)
    return folder


def _texts(work: Work, store: Store) -> Iterator[str]:
    lessons = (manifest for role, manifest in work.inputs.items() if role.split(".")[0] == "lessons")
    for manifest in lessons:
        for row in iter_rows(store, manifest):
            yield from (turn["content"] for turn in row["turns"] or ())


def travelling(base: str, work: Work, store: Store, folder: str) -> tuple[str, tuple[str, ...]] | None:
    """Where in the store the workers find the base; None where its folder is theirs too, or they fetch it from a hub."""
    if store.is_local or not Path(base).is_dir():
        return None
    if "base" in work.inputs:
        return models.place(work.inputs["base"])
    return f"{folder}/base", tuple(models.upload(store, Path(base), f"{folder}/base"))
