"""list: the jobs that a cluster was sent, newest first: how far each is, and how it ended.

python -m jobs list --address http://127.0.0.1:8265
python -m jobs list --address http://127.0.0.1:8265 --json
"""

import argparse
import datetime
import json
import time
from typing import Any

from rich.table import Table

from jobs import submission
from jobs.console import show
from jobs.options import add_dashboard

HELP = "the jobs that a cluster was sent"
COLUMNS = ("id", "status", "began", "seconds", "command")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_dashboard(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    """0.

    Raises:
        ValueError: nobody answers at the address.
    """
    found = [one for one in submission.connect(args.address).list_jobs() if one.submission_id]
    rows = [row(one) for one in sorted(found, key=lambda one: one.start_time or 0, reverse=True)]
    if args.json:
        for one in rows:
            print(json.dumps(one))
        return 0
    table = Table(*COLUMNS)
    for one in rows:
        table.add_row(*(str(one[name]) for name in COLUMNS))
    show(table, width=240)
    return 0


def row(job: Any) -> dict[str, Any]:
    """One job for a person and for a program; `seconds` so far where it has not ended."""
    began, ended = job.start_time or 0, job.end_time or time.time_ns() // 1_000_000
    at = datetime.datetime.fromtimestamp(began / 1000, datetime.UTC).isoformat(timespec="seconds") if began else ""
    return {
        "id": job.submission_id,
        "status": str(job.status.value),
        "began": at,
        "seconds": round((ended - began) / 1000) if began else 0,
        "command": job.entrypoint,
    }
