"""resume: the command of a job that has ended is sent again, with the code of here; it goes on from what was finished.

    python -m jobs resume regenerate-corpus-1a2b3c4d --address http://127.0.0.1:8265

Every verb continues what it finds in the store, so this is the same command once more, under a new id.
"""

import argparse
import re

from jobs import submission
from jobs.options import add_dashboard

HELP = "the command of a job that has ended is sent again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", help="its id, as `list` has it")
    add_dashboard(parser)
    parser.add_argument("--no-wait", action="store_true", help="return once it is sent")


def run(args: argparse.Namespace) -> int:
    """The exit code of the new job; 0 when the old one has ended well, for then there is nothing to do.

    Raises:
        ValueError: there is no such job, it lives, or nobody answers.
    """
    client = submission.connect(args.address)
    found = submission.find(client, args.job)
    if found.status.value == "SUCCEEDED":
        print(f"{args.job} has ended well; nothing to do")
        return 0
    if not found.status.is_terminal():
        raise ValueError(f"{args.job}: expected a job that has ended, found it {found.status.value}; stop it first")
    taken = {one.submission_id for one in client.list_jobs()}
    return submission.start(client, args, found.entrypoint, next_name(args.job, taken))


def next_name(name: str, taken: set[str | None]) -> str:
    """The first of name.2, name.3, ... that no job has: an id is never given twice."""
    bare = re.sub(r"\.\d+$", "", name)
    number = 2
    while f"{bare}.{number}" in taken:
        number += 1
    return f"{bare}.{number}"
