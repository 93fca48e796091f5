"""logs: what a job of a cluster says, until it ends; then how it ended, and what to do.

python -m jobs logs regenerate-corpus-1a2b3c4d --address http://127.0.0.1:8265
"""

import argparse

from jobs import submission
from jobs.options import add_dashboard

HELP = "what a job of a cluster says"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", help="its id, as `list` has it")
    add_dashboard(parser)
    parser.add_argument("--no-wait", action="store_true", help="only what was said until now")


def run(args: argparse.Namespace) -> int:
    """The job's own exit code; 0 while it has none.

    Raises:
        ValueError: there is no such job, or nobody answers.
    """
    client = submission.connect(args.address)
    submission.find(client, args.job)
    if not args.no_wait:
        return submission.follow(client, args.job, args.address)
    print(submission.log_of(client, args.job), end="")
    return submission.told(client, args.job, args.address)
