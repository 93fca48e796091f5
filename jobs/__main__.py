"""python -m jobs VERB ...: the verbs of the platform.

python -m jobs --help
python -m jobs regenerate --help
"""

import argparse
import importlib
import logging
import re
import sys
from types import ModuleType

from beltline.s3_errors import StoreError
from jobs.options import read_common
from jobs.submission import names_dashboard, send

STORE_FAULT = re.compile(r"^(?:beltline\.s3_errors\.Store\w+|OSError): (s3://.*|.*\bAWS Error .*)$", re.MULTILINE)
VERBS = (
    *("ingest", "synthesize", "curate", "caption", "screen", "calibrate", "converse", "regenerate", "onepipe"),
    *("train", "set_exam", "examine", "assess", "agree", "compare", "claims", "review", "promote", "serve", "inspect"),
    *("verify", "diff", "lineage", "plan", "publish", "export"),
)
ASKS_A_CLUSTER = ("list", "logs", "stop", "resume")
"""Verbs that are never sent: they talk to the dashboard that --address names."""


def main(words: list[str] | None = None) -> int:
    """Run one verb; 0 on success, 1 when a check found faults, 2 when the command itself is wrong, 3 when the store gave out."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    for noisy in ("mlflow", "alembic", "ray", "boto3", "botocore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    args = parser().parse_args(words)
    module: ModuleType = args.module
    try:
        if args.verb not in ASKS_A_CLUSTER and names_dashboard(getattr(args, "address", None)):
            return send(module, args, sys.argv[1:] if words is None else words)
        if hasattr(module, "run"):
            return int(module.run(args))
        from jobs.job import execute

        options = read_common(args)
        return execute(module.prepare(options, args), options)
    except ValueError as error:
        print(f"{args.verb}: {error}", file=sys.stderr)
        return 2
    except Exception as error:
        fault = gave_out(error)
        if fault is None:
            raise
        print(f"{args.verb}: {fault}", file=sys.stderr)
        return 3


def gave_out(error: Exception) -> str | None:
    """What the store said when it was the store that failed, in this process or in a worker; None for any other fault.

    Of a worker's fault Ray hands over the text alone.
    """
    if isinstance(error, StoreError):
        return str(error)
    found = STORE_FAULT.search(str(error))
    return found[1] if found else None


def parser() -> argparse.ArgumentParser:
    """All verbs; each one's help ends with its examples."""
    top = argparse.ArgumentParser(
        prog="python -m jobs", description="The verbs of Beltline. Each writes or checks a version."
    )
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name in (*VERBS, *ASKS_A_CLUSTER):
        module = importlib.import_module(f"jobs.{name}")
        raw = argparse.RawDescriptionHelpFormatter
        verb = verbs.add_parser(name, help=module.HELP, description=module.__doc__, formatter_class=raw)
        module.add_arguments(verb)
        verb.set_defaults(module=module)
    return top


if __name__ == "__main__":
    sys.exit(main())
