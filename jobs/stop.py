"""stop: a job of a cluster ends now, and has ended when this returns; what it has finished is kept, and `resume` goes on from there.

python -m jobs stop regenerate-corpus-1a2b3c4d --address http://127.0.0.1:8265
"""

import argparse
import time

from jobs import submission
from jobs.options import add_dashboard

HELP = "a job of a cluster ends now"
PAUSE_S = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job", help="its id, as `list` has it")
    add_dashboard(parser)


def run(args: argparse.Namespace) -> int:
    """0 when it has ended.

    Raises:
        ValueError: there is no such job, or nobody answers.
    """
    client = submission.connect(args.address)
    found = submission.find(client, args.job)
    if found.status.is_terminal():
        print(f"{args.job} has ended already: {found.status.value}")
        return 0
    client.stop_job(args.job)
    while not client.get_job_status(args.job).is_terminal():
        time.sleep(PAUSE_S)
    submission.told(client, args.job, args.address)
    return 0
