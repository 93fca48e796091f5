"""promote: a model version becomes the champion, or gets another alias, in MLflow's registry.

    python -m jobs promote gsr-nano@1.0.0
    python -m jobs promote gsr-nano --alias candidate --tracking http://127.0.0.1:5000

The alias moves: whoever had it has it no more. What marks the model got stands beside it in MLflow, from every `examine --input model=` whose
ledger is the same server's. Given again it changes nothing. A served model is another matter: nothing is started or stopped.
"""

import argparse
import sys

from beltline.store import Store
from beltline.version import resolve
from jobs import logged_models, models
from jobs.ledger import EXPERIMENT, connect
from jobs.options import absolute_sqlite, add_address, add_store, add_tracking

HELP = "a model version becomes the champion"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("version", metavar="NAME[@VERSION]", help="the model; the newest version without a number")
    parser.add_argument("--alias", default="champion", help="default champion")
    add_store(parser)
    add_address(parser)
    add_tracking(parser)


def run(args: argparse.Namespace) -> int:
    """0 when it has the alias; 3 when MLflow does not answer.

    Raises:
        ValueError: there is no such version, it is no model, or MLflow does not know it.
    """
    manifest = resolve(Store(args.store).absolute(), args.version)
    if not models.is_model(manifest):
        raise ValueError(f"{manifest.ref}: expected a version with {models.WEIGHTS}/, found rows alone")
    try:
        client, experiment = connect(absolute_sqlite(args.tracking), EXPERIMENT)
    except ConnectionError as error:
        print(f"promote: {error}", file=sys.stderr)
        return 3
    number = logged_models.promote(client, experiment, manifest, args.alias)
    print(f"{manifest.ref} is {args.alias}: models:/{manifest.name}@{args.alias}, number {number} there")
    return 0
