"""publish: what others have published, as runs of MLflow's experiment "published", beside which one's own models stand.

python -m jobs publish
python -m jobs publish --tracking http://127.0.0.1:5000
python -m jobs publish --dry-run

One run for each row of the result tables of both papers; metrics are named TASK/METRIC, values are as printed. Run again it changes nothing.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from beltline.exam.published import misprints, results
from jobs.ledger import connect, log_values
from jobs.options import absolute_sqlite, add_address, add_tracking

HELP = "put both papers' results into MLflow"
PUBLISHED, KEY, DIGEST = "published", "beltline.published", "beltline.published.digest"
"""The experiment of other people's results, and the tags that say which result a run is and what it holds."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_tracking(parser)
    add_address(parser)
    parser.add_argument("--dry-run", action="store_true", help="print the rows, and stop")


def run(args: argparse.Namespace) -> int:
    """0 when everything is there; 3 when MLflow does not answer."""
    found = results()
    if args.dry_run:
        for key, result in found.items():
            print(f"{key:50} " + "  ".join(f"{name} {value:g}" for name, value in result["metrics"].items()))
        return 0
    try:
        made, there = publish(absolute_sqlite(args.tracking), found)
    except ConnectionError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 3
    print(
        f"{made} runs made, {there} were there: experiment {PUBLISHED!r} of {args.tracking}; {len(misprints())} numbers have a note"
    )
    return 0


def publish(tracking: str, results: Mapping[str, Mapping[str, Any]]) -> tuple[int, int]:
    """Put finished results into the experiment "published", one run each; (runs made, runs that were there already).

    Run again it changes nothing. A result whose content has changed gets a new run, and its old one is deleted.

    Args:
        tracking: MLflow tracking URI.
        results: key to {"name": str, "tags": {...}, "params": {...}, "metrics": {...}}.

    Raises:
        ConnectionError: the server does not answer.
    """
    client, experiment = connect(tracking, PUBLISHED)
    there = {(run.data.tags.get(KEY), run.data.tags.get(DIGEST)): run for run in _finished(client, experiment)}
    made = 0
    for key, result in results.items():
        digest = hashlib.sha256(json.dumps(result, sort_keys=True).encode()).hexdigest()
        if there.pop((key, digest), None) is None:
            _publish_one(client, experiment, {**result["tags"], KEY: key, DIGEST: digest}, result)
            made += 1
    for (key, _), run in there.items():
        if key in results:
            client.delete_run(run.info.run_id)
    return made, len(results) - made


def _finished(client: Any, experiment: str) -> Iterator[Any]:
    """Every run of ours that was written whole; what a killed command left half done is deleted."""
    token: str | None = ""
    while token is not None:
        page = client.search_runs([experiment], max_results=1000, page_token=token or None)
        for run in page:
            if KEY in run.data.tags and run.info.status != "FINISHED":
                client.delete_run(run.info.run_id)
            elif KEY in run.data.tags:
                yield run
        token = page.token or None


def _publish_one(client: Any, experiment: str, tags: Mapping[str, str], result: Mapping[str, Any]) -> None:
    run_id = client.create_run(experiment, run_name=result["name"], tags=dict(tags)).info.run_id
    now = time.time_ns() // 1_000_000
    for kind in ("params", "metrics"):
        log_values(client, run_id, {"kind": kind, "values": result[kind], "time_ms": now, "step": 0})
    client.set_terminated(run_id, "FINISHED")
