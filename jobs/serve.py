"""serve: a model behind an API that OpenAI's clients speak, /v1/inspect for bags, and a page for inspectors.

    python -m jobs serve --recipe cpu                                        # the champion, or else an untaught nano model
    python -m jobs serve --recipe cpu --input model=gsr-nano                 # a version of the store
    python -m jobs serve --recipe gpu --model /models/gsr --config serve.yaml
    python -m jobs serve --recipe h200x8 --config serve.yaml --dry-run       # the Serve YAML, for `serve deploy` or KubeRay
    python -m jobs serve --recipe cpu --new-key "belt 3"                     # a key for serve.yaml, and stops

Without keys in --config it makes one and shows it once. Ctrl-C or SIGTERM lets requests in hand end. While it runs it follows its file: change
an alias, a key or a limit there and it holds within seconds. Where neither --input, --model nor the file names a model it follows the champion:
`promote` another version and clients get that. No request is lost by either. docs/serving.md says the rest.
"""

import argparse
import json
import logging
import signal
import threading
from pathlib import Path

from beltline.serving import new_key
from jobs.options import add_address, add_store, add_tracking
from jobs.serve_choice import Watch, configured
from jobs.serve_recipes import RECIPES, deploy
from jobs.serve_rolls import roll, start, stop

HELP = "models behind an API and a page"
LOOK_S = 2.0
"""How often the file is looked at."""
log = logging.getLogger("beltline")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipe", required=True, choices=sorted(RECIPES), help="where models run")
    parser.add_argument("--input", metavar="model=NAME[@VERSION]", help="a version of the store")
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="a Hugging Face folder")
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML of keys, limits, models, aliases")
    parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1: this machine alone")
    parser.add_argument("--port", type=int, default=8000, help="default 8000")
    add_address(parser)
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
    recipe, serving = RECIPES[args.recipe], configured(args)
    if args.dry_run:
        import yaml

        print(yaml.safe_dump(deploy(recipe, serving, args.host, args.port), sort_keys=False), end="")
        return 0
    watch = Watch(args)  # before: what changes while it starts is a change
    start(recipe, serving, args)
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    print(f"serving {', '.join(one.name for one in serving.models)} at http://{args.host}:{args.port}", flush=True)
    refused = serving
    while not stopped.wait(LOOK_S):
        new = watch.look(serving)
        if new not in (serving, refused):
            serving, refused = (new, new) if roll(recipe, serving, new, args) else (serving, new)
    stop()
    return 0
