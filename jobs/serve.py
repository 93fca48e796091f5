"""serve: a model behind an API that OpenAI's clients speak, /v1/inspect for bags, and a page for inspectors.

    python -m jobs serve --recipe cpu                                        # the champion, or else an untaught nano model
    python -m jobs serve --recipe cpu --input model=gsr-nano                 # a version of the store
    python -m jobs serve --recipe gpu --model /models/gsr --config serve.yaml
    python -m jobs serve --recipe h200x8 --config serve.yaml --dry-run       # the Serve YAML, for `serve deploy` or KubeRay
    python -m jobs serve --recipe cpu --new-key "belt 3"                     # a key for serve.yaml, and stops

Without keys in --config it makes one and shows it once. Ctrl-C or SIGTERM lets requests in hand end. While it runs without --input and
--model it follows the champion: `promote` another version and clients get that, without a request lost. docs/serving.md says the rest.
"""

import argparse
import contextlib
import json
import logging
import os
import re
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from beltline.serving import Serving, new_key, read
from beltline.store import Store
from beltline.version import resolve
from jobs import cluster, models
from jobs.options import Options, absolute_sqlite, add_store, add_tracking
from jobs.serve_recipes import RECIPES, ServeRecipe, deploy

HELP = "models behind an API and a page"
FOLLOW_S = 10.0
log = logging.getLogger("beltline")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipe", required=True, choices=sorted(RECIPES), help="where models run")
    parser.add_argument("--input", metavar="model=NAME[@VERSION]", help="a version of the store")
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="a Hugging Face folder")
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML of keys, limits, models, aliases")
    parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1: this machine alone")
    parser.add_argument("--port", type=int, default=8000, help="default 8000")
    parser.add_argument(
        "--address", metavar="HOST:PORT", help="a running Ray cluster, or auto; default: one of our own"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the Serve YAML, and stop")
    parser.add_argument("--new-key", metavar="NAME", help="print a new key and its line for --config, and stop")
    add_store(parser)
    add_tracking(parser)


def run(args: argparse.Namespace) -> int:
    """0 when it was stopped.

    Raises:
        ValueError: the configuration is wrong, or there is no such model.
    """
    if args.new_key:
        secret, key = new_key(args.new_key)
        print(f"{secret}\nkeys:\n  - {json.dumps(key.model_dump(mode='json'))}")
        return 0
    recipe, follows = RECIPES[args.recipe], not args.input and args.model is None
    serving = configured(args)
    if args.dry_run:
        import yaml

        print(yaml.safe_dump(deploy(recipe, serving, args.host, args.port), sort_keys=False), end="")
        return 0
    start(recipe, serving, args)
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    print(f"serving {', '.join(one.name for one in serving.models)} at http://{args.host}:{args.port}", flush=True)
    while not stopped.wait(FOLLOW_S):
        if follows:
            serving = _followed(recipe, serving, args)
    stop()
    return 0


def configured(args: argparse.Namespace) -> Serving:
    """The configuration: of the file, with a model and a key where it has none.

    Raises:
        ValueError: a fault of the file, or no such model.
    """
    found = _file(args.config)
    if "models" not in found:
        found |= _model(args)
    if "keys" not in found:
        secret, key = new_key("first")
        found["keys"] = [key.model_dump(mode="json")]
        if not args.dry_run:
            print(f"key: {secret}  (shown this once; give --config to have others)", flush=True)
    store = Store(args.store).absolute()
    if "feedback" not in found and store.is_local:
        Path(store.path("")).mkdir(parents=True, exist_ok=True)
        found["feedback"] = f"sqlite:///{store.path('feedback.db')}"
    return read(found, str(args.config or "configuration"))


def _file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    import yaml

    try:
        found = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: expected a YAML file, found {type(error).__name__}: {str(error)[:200]}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{path}: expected names with values, found {type(found).__name__}")
    return found


def _model(args: argparse.Namespace) -> dict[str, Any]:
    """The model that the command names, the champion, or a new one."""
    if args.model is not None:
        if not (args.model / "config.json").is_file():
            raise ValueError(f"--model: expected a folder with config.json and weights, found none in {args.model}")
        return {
            "models": [
                {
                    "name": re.sub(r"[^A-Za-z0-9._-]", "-", args.model.resolve().name),
                    "source": str(args.model.resolve()),
                }
            ]
        }
    store = Store(args.store).absolute()
    ref = args.input.removeprefix("model=") if args.input else champion(args.tracking)
    return version(store, ref) if ref else untaught(store)


def version(store: Store, ref: str) -> dict[str, Any]:
    """A version of the store under its own name, and the name without the number as an alias."""
    manifest = resolve(store, ref)
    return {
        "models": [{"name": manifest.ref, "source": str(models.local(store, manifest)), "version": manifest.ref}],
        "aliases": {manifest.name: manifest.ref},
    }


def champion(tracking: str) -> str | None:
    """NAME@VERSION of whoever is champion in MLflow, the one last made so where there are several; None without MLflow or champion."""
    from jobs.ledger import EXPERIMENT, connect
    from jobs.logged_models import champions

    path = absolute_sqlite(tracking).removeprefix("sqlite:///")
    if path != absolute_sqlite(tracking) and not Path(path).exists():
        return None
    try:
        found = champions(connect(absolute_sqlite(tracking), EXPERIMENT)[0])
    except ConnectionError as error:
        log.warning("%s", error)
        return None
    return found[0] if found else None


def untaught(store: Store) -> dict[str, Any]:
    """A nano model that has learnt nothing, so that everything else can be tried."""
    folder = Path(store.path(".untaught-nano")) if store.is_local else Path.home() / ".beltline" / "untaught-nano"
    if not (folder / "processor_config.json").exists() and not (folder / "preprocessor_config.json").exists():
        log.info("no champion and no model named: making a nano model that has learnt nothing")
        with contextlib.redirect_stdout(sys.stderr):  # DeepSpeed greets there, and a dry run's YAML is no place for it
            from beltline.language.prompts import PROMPTS
            from beltline.learning import nano

            nano.build("nano:qwen3_vl", folder, [str(one) for one in PROMPTS.values()])
    return {"models": [{"name": "untaught-nano", "source": str(folder), "view_px": 65_536}]}


PATIENCE = {
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60",
    "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "60",
    "RAY_SERVE_LOG_TO_STDERR": "0",
}
"""For a cluster of our own: on a busy machine a process takes longer to start than Serve waits."""


def start(recipe: ServeRecipe, serving: Serving, args: argparse.Namespace) -> None:
    """Bring it up, or change what is up into this."""
    import ray
    from ray import serve
    from ray.serve.schema import ServeDeploySchema

    if not ray.is_initialized():
        os.environ.update({name: os.environ.get(name, value) for name, value in PATIENCE.items()})
        stages = 1 + len(serving.models)
        options = Options(recipe="", output="x", workers=4, store=Store(args.store), address=args.address)
        cluster.connect(options, num_stages=stages)
    plan = ServeDeploySchema.model_validate(deploy(recipe, serving, args.host, args.port))
    from ray.serve.context import _get_global_client  # as the command `serve run` does it

    try:
        serve.start(
            proxy_location=plan.proxy_location,
            http_options=plan.http_options.model_dump(),
            logging_config=plan.logging_config,
        )
    except (TimeoutError, ray.exceptions.ActorDiedError) as slow:
        log.warning("the proxy takes long to start (%s); going on", type(slow).__name__)
    _get_global_client().deploy_apps(plan, _blocking=False)  # it would wait a minute, and an engine takes longer
    _wait({one.name for one in plan.applications})


def _wait(names: set[str]) -> None:
    """Until every application is up.

    Raises:
        RuntimeError: one of them will not be.
    """
    from ray import serve

    pause, said = threading.Event(), ""
    while True:
        apps = serve.status().applications
        states = {name: str(apps[name].status.value) if name in apps else "DEPLOYING" for name in sorted(names)}
        bad = [
            f"{name}: {apps[name].message}" for name, state in states.items() if state in ("DEPLOY_FAILED", "UNHEALTHY")
        ]
        if bad:
            raise RuntimeError("\n".join(bad))
        told = ", ".join(f"{name} {state.lower()}" for name, state in states.items())
        if told != said:
            log.info("%s", told)
            said = told
        if set(states.values()) == {"RUNNING"}:
            return
        pause.wait(1.0)


def stop() -> None:
    """Let what is in hand end, and go."""
    import ray
    from ray import serve

    serve.shutdown()
    ray.shutdown()


def _followed(recipe: ServeRecipe, serving: Serving, args: argparse.Namespace) -> Serving:
    """The configuration after the champion: first both models are there, then the names move, then the old one goes."""
    ref = champion(args.tracking)
    if ref is None or any(one.version == ref for one in serving.models):
        return serving
    log.info("the champion is %s now", ref)
    try:
        new = read({**serving.model_dump(mode="json"), **version(Store(args.store).absolute(), ref)})
    except ValueError as error:
        log.warning("%s: not served: %s", ref, error)
        return serving
    roll(recipe, serving, new, args)
    log.info("%s is served", ref)
    return new


def roll(recipe: ServeRecipe, old: Serving, new: Serving, args: argparse.Namespace) -> None:
    """From one configuration to another without a request lost: what is new comes before what is old goes."""
    known = {one.name for one in old.models}
    both = {
        **old.model_dump(mode="json"),
        "models": [
            *(one.model_dump(mode="json") for one in (*old.models, *(m for m in new.models if m.name not in known)))
        ],
    }
    start(recipe, read(both), args)
    gone = [one.model_dump(mode="json") for one in old.models if one.name not in {m.name for m in new.models}]
    moved = {**new.model_dump(mode="json"), "models": [*(one.model_dump(mode="json") for one in new.models), *gone]}
    start(recipe, read(moved), args)
    start(recipe, new, args)
