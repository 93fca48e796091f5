"""diff: what was added, removed and changed between two versions, and the number that follows.

python -m jobs diff corpus@1.0.0 corpus@2.0.0
"""

import argparse

from beltline.store import Store
from beltline.version import diff_versions, resolve
from jobs.options import add_address, add_store

HELP = "what differs between two versions"
SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", metavar="A", help="NAME@VERSION")
    parser.add_argument("after", metavar="B", help="NAME@VERSION")
    add_store(parser)
    add_address(parser)


def run(args: argparse.Namespace) -> int:
    store = Store(args.store).absolute()
    store.check(writes=False)
    before, after = resolve(store, args.before), resolve(store, args.after)
    found = diff_versions(store, before, after)
    for word in ("added", "removed", "changed"):
        ids = getattr(found, word)
        few = ", ".join(map(str, ids[:SHOWN])) + (", …" if len(ids) > SHOWN else "")
        print(f"{word:8} {len(ids):8}   {few}")
    print(f"{before.ref} -> {after.ref}: as a successor of {before.version} this is {found.bump(before.version)}")
    return 0
