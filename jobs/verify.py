"""verify: whether a version is what it was when it was written, to the byte; with --deep also everything that it was made of.

python -m jobs verify corpus@1.0.0
python -m jobs verify corpus@1.0.0 --deep
"""

import argparse

from beltline.lineage import walk
from beltline.store import Store
from beltline.version import resolve, verify
from jobs.options import add_address, add_store

HELP = "whether a version is what it was when it was written"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("version", metavar="NAME[@VERSION]")
    parser.add_argument(
        "--deep",
        action="store_true",
        help="also decode every image and hash every row again, and look at the bytes of all its ancestors",
    )
    add_store(parser)
    add_address(parser)


def run(args: argparse.Namespace) -> int:
    """0 when nothing is wrong, 1 when something is; every fault on a line of its own."""
    store = Store(args.store).absolute()
    store.check(writes=False)
    ref = args.version if "@" in args.version else resolve(store, args.version).ref
    problems = verify(store, ref, deep=args.deep)
    problems += ancestors(store, ref) if args.deep and not problems else []
    for problem in problems:
        print(problem)
    print(f"{ref}: {f'{len(problems)} faults' if problems else 'as it was written'}")
    return 1 if problems else 0


def ancestors(store: Store, ref: str) -> list[str]:
    """What is wrong with the versions that a version was made of: gone, another than was read, or another to the byte."""
    found = walk(lambda name: resolve(store, name), ref)
    there = [one.ref for one in found.every() if one.ref != ref and not one.fault]
    return [*found.faults, *(problem for one in there for problem in verify(store, one))]
