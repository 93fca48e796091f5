"""The words of verbs that ask a model: where it is, how much it may be asked at once, and which one it is.

    --endpoint http://host:8000/v1       or BELTLINE_ENDPOINT; the key, if it wants one, in OPENAI_API_KEY
    --in-flight 64                       requests at once, over all actors of the job
    --model Qwen/Qwen3-VL-8B@main        another model than the recipe's, asked in the same way
    --engine vllm --engines 4 --gpus 8   vLLM in the cluster's own actors instead, four times on eight cards each
    --model FOLDER                       weights in a folder: named after it, their revision is the hash of what is in it

Neither address nor key is ever written down: not into the recipe, the manifest, the ledger or a log.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from actors.captioner import Captioner, VersionCaptioner
from actors.rowwise import AsyncRowWork
from beltline.language.models import Model
from beltline.language.weights import from_folder
from beltline.store import Store
from jobs.options import Options
from jobs.recipes import CaptionRecipe, ConverseRecipe
from jobs.shapes import Vllm
from jobs.work import ASKED, Stage

if TYPE_CHECKING:
    from actors.endpoint import Access

Asking = TypeVar("Asking", CaptionRecipe, ConverseRecipe)
"""A recipe that may ask a model."""
ENDPOINT, KEY = "BELTLINE_ENDPOINT", "OPENAI_API_KEY"
LEAST_IN_FLIGHT = 8
"""Of one actor: at the end of a job the last actor works alone, with its own share of what is allowed."""


def add_asking(parser: argparse.ArgumentParser) -> None:
    """Add the words to a verb's parser."""
    add_server(parser)
    parser.add_argument("--model", metavar="NAME[@REVISION]", help="another model than the recipe's, or a folder")
    parser.add_argument("--engine", choices=("endpoint", "vllm"), help="another engine than the recipe's")
    parser.add_argument("--engines", type=int, default=1, metavar="N", help="vllm: how many engines")
    parser.add_argument("--gpus", type=int, default=1, metavar="N", help="vllm: cards of an engine; 0 runs on the CPU")


def add_server(parser: argparse.ArgumentParser) -> None:
    """Add those of a server alone."""
    parser.add_argument("--endpoint", metavar="URL", help=f"an OpenAI-compatible server; default: {ENDPOINT}")
    parser.add_argument("--in-flight", type=int, default=64, metavar="N", help="requests at once, of the whole job")
    parser.add_argument("--deadline", type=float, default=600.0, metavar="S", help="seconds that a request may take")
    parser.add_argument("--tries", type=int, default=8, metavar="N", help="requests for an answer that does not come")
    parser.add_argument(
        "--pause", type=float, default=1.0, metavar="S", help="seconds before a second try, then doubled"
    )


def with_model(recipe: Asking, args: argparse.Namespace) -> Asking:
    """The recipe, with the model that --model names.

    Raises:
        ValueError: the recipe asks no model, or it must be named and is not.
    """
    if args.model is None:
        if recipe.model is not None and not recipe.model.name:
            raise ValueError(f"recipe {recipe.name}: expected --model NAME[@REVISION], found none")
        return recipe if recipe.model is None else replace(recipe, model=_by(recipe.model, args))
    if recipe.model is None:
        raise ValueError(f"--model: recipe {recipe.name} asks no model; choose one that does")
    return replace(recipe, model=_named(_by(recipe.model, args), args.model))


def _by(model: Model, args: argparse.Namespace) -> Model:
    """The model through the engine that --engine names."""
    return replace(model, engine=args.engine) if args.engine else model


def _named(model: Model, word: str) -> Model:
    """The model that --model names: a folder with weights, or NAME[@REVISION]."""
    if Path(word).is_dir():
        return from_folder(model, Path(word))
    name, revision = name_and_revision(word, model.revision)
    return replace(model, name=name, revision=revision)


def name_and_revision(word: str, default: str = "main") -> tuple[str, str]:
    """NAME[@REVISION] in its parts."""
    name, mark, revision = word.rpartition("@")
    return (name, revision) if mark and name else (word, default)


def caption_stage(
    recipe: CaptionRecipe, options: Options, args: argparse.Namespace, folder: str, paths: list[str] | None = None
) -> Stage:
    """The describer: on rows that hold a scan, or on ids of the version whose row files are `paths`."""
    if recipe.model is not None:
        stage = _vllm_stage if recipe.model.engine == "vllm" else _endpoint_stage
        return stage(recipe.model, options, args, folder, paths)
    kwargs = _captioner(recipe, options.store, folder)
    if paths is None:
        return Stage(name="caption", make=Captioner, kwargs=kwargs)
    fetching = {"store": options.store.uri, "paths": paths, "captioner": kwargs}
    return Stage(name="caption", make=VersionCaptioner, kwargs=fetching)


def access(args: argparse.Namespace, actors: int) -> "Access":
    """How the server is reached; `--in-flight` is shared out among the actors.

    Raises:
        ValueError: nobody says where it is.
    """
    from actors.endpoint import Access  # the HTTP client takes a moment to import, and --help has no use for it

    url = args.endpoint or os.environ.get(ENDPOINT, "")
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"--endpoint: expected http://HOST:PORT/v1 here or in {ENDPOINT}, found none that begins so")
    url = url.rstrip("/").removesuffix("/chat/completions")
    return Access(
        url=url,
        key=os.environ.get(KEY) or None,
        in_flight=max(1, args.in_flight // actors),
        deadline_s=args.deadline,
        tries=args.tries,
        pause_s=args.pause,
    )


def _endpoint_stage(
    model: Model, options: Options, args: argparse.Namespace, folder: str, paths: list[str] | None
) -> Stage:
    from actors.endpoint import EndpointCaptioner

    kwargs = {"store": options.store.uri, "asked": f"{folder}/{ASKED}", "model": model, "paths": paths}
    return server_stage("caption", EndpointCaptioner, kwargs, options, args)


def server_stage(
    name: str, make: Callable[..., AsyncRowWork], kwargs: dict[str, Any], options: Options, args: argparse.Namespace
) -> Stage:
    """Actors that ask a server; what is allowed in flight is shared out among them, and `make` gets it as `access`."""
    actors = max(1, min(options.workers, args.in_flight // LEAST_IN_FLIGHT))
    door = access(args, actors)
    return Stage(
        name=name,
        make=make,
        kwargs={**kwargs, "access": door},
        on="actors",
        actors=actors,
        rows_at_once=2 * door.in_flight,
    )


def _vllm_stage(
    model: Model, options: Options, args: argparse.Namespace, folder: str, paths: list[str] | None
) -> Stage:
    from actors.asker import KnownCaptioner

    kwargs = {"store": options.store.uri, "asked": f"{folder}/{ASKED}", "model": model, "paths": paths}
    return Stage(name="caption", make=KnownCaptioner, kwargs=kwargs, engine=engine(model, args))


def engine(model: Model, args: argparse.Namespace) -> Vllm:
    """How vLLM runs the model; `--in-flight` is shared out among the engines."""
    source = str(Path(args.model).absolute()) if args.model and Path(args.model).is_dir() else model.name
    at_once = max(1, args.in_flight // args.engines)
    return Vllm(
        source=source,
        engines=args.engines,
        tensor_parallel=max(1, args.gpus),
        gpus=min(1, args.gpus),
        max_num_seqs=at_once,
    )


def _captioner(recipe: CaptionRecipe, store: Store, folder: str) -> dict[str, object]:
    return {"store": store.uri, "asked": f"{folder}/{ASKED}", "describer": recipe.describer, "seed": recipe.seed}
