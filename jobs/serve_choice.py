"""What is served: of a file, of what the command names, or of who is champion; and what has changed of that since.

    serving = configured(args)                 # checked in whole, before anything starts
    watch = Watch(args)
    serving = watch.look(serving)              # the same, or another one: the file was changed, or another model is champion

A file that has become wrong is said once and not taken over: what is served stays.
"""

import argparse
import contextlib
import logging
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from beltline.serving import Serving, new_key, read
from beltline.store import Store
from beltline.version import resolve
from jobs import models
from jobs.options import absolute_sqlite

CHAMPION_S = 10.0
"""How often MLflow is asked who is champion."""
log = logging.getLogger("beltline")


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


class Watch:
    """What a running server follows: the bytes of its file, and the champion where nothing else says what is served."""

    def __init__(self, args: argparse.Namespace, clock: Callable[[], float] = time.monotonic):
        self._args, self._clock = args, clock
        self._seen, self._asked, self._follows = self._bytes(), clock(), follows(args)

    def look(self, serving: Serving) -> Serving:
        """The configuration as it should be now."""
        return self._championed(self._filed(serving))

    def _filed(self, serving: Serving) -> Serving:
        """With what its file says now; keys, models and feedback that the file does not name stay."""
        found = self._bytes()
        if found is None or found == self._seen:
            return serving
        self._seen = found
        try:
            new = _file(self._args.config)
            kept = ["feedback", *(name for name in ("models", "keys") if name not in new)]
            stays = {name: value for name, value in serving.model_dump(mode="json").items() if name in kept}
            if "models" not in new:
                stays["aliases"] = serving.aliases
            taken = read({**stays, **new}, str(self._args.config))
        except ValueError as error:
            log.warning("not taken over, what is served stays: %s", error)
            return serving
        self._follows = follows(self._args)
        return taken

    def _championed(self, serving: Serving) -> Serving:
        """With the model that is champion now, if the champion is what is served."""
        if not self._follows or self._clock() - self._asked < CHAMPION_S:
            return serving
        self._asked = self._clock()
        ref = champion(self._args.tracking)
        if ref is None or any(one.version == ref for one in serving.models):
            return serving
        log.info("the champion is %s now", ref)
        try:
            return read({**serving.model_dump(mode="json"), **version(Store(self._args.store).absolute(), ref)})
        except ValueError as error:
            log.warning("%s: not served: %s", ref, error)
            return serving

    def _bytes(self) -> bytes | None:
        """Of the file; None where there is none, or none at this moment."""
        try:
            return self._args.config.read_bytes() if self._args.config else None
        except OSError:
            return None


def follows(args: argparse.Namespace) -> bool:
    """Whether the champion is served: neither the command nor the file names a model."""
    return not args.input and args.model is None and "models" not in _file(args.config)
