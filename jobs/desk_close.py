"""review --close: what people said becomes a version, with the log beside it; a gate may refuse it.

Rows that were accepted are kept, edited ones are kept as they were edited, rejected ones carry `review/REASON`. What nobody has
decided on yet is rejected as `review/open` (or kept, with --undecided keep), what people differ on as `review/disputed`. The log of the
queue is written as JSON lines beside the version's rows (reviews.jsonl), every event of it, also those that no longer hold.
"""

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from actors.reviser import Reviser
from beltline import verdict
from beltline.language import gate
from beltline.language.review import Event, audit
from beltline.language.revising import FIELD, Ruling
from beltline.language.rounds import outcome
from beltline.language.worklist import Worklist
from beltline.library import paths_of
from beltline.store import Store
from beltline.version import Manifest, find_run, read_columns, run_of
from jobs import export
from jobs.job import execute, identity
from jobs.options import Options
from jobs.work import Stage, Work

AUDIT = "reviews.jsonl"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A queue and what belongs to it."""

    manifest: Manifest
    scans: Sequence[Manifest]
    work: Worklist
    events: list[Event]
    boxes_of: Any


def close(found: Reviewed, options: Options, args: argparse.Namespace) -> int:
    """0 when the version is there.

    Raises:
        ValueError: the gate is not met, with all that is missing; the boxes cannot be written. Before any work is done.
    """
    if args.boxes:
        export.check(found.manifest, args.boxes, args.to)
    unmet = gate.check(args.gate, found.work, found.boxes_of)
    if unmet:
        raise ValueError("the gate is not met: " + "; ".join(unmet))
    work = close_work(found, options.store, args)
    code = execute(work, options)
    made = find_run(options.store, options.output, run_of(identity(work, options)))
    if code or made is None:
        return code
    lines = "".join(f"{line}\n" for line in audit(found.events))
    place = f"{options.output}/.reviews/{made.version}/{AUDIT}"
    options.store.write(place, lines.encode())
    print(f"{len(found.events)} events in {options.store.uri}/{place}")
    return _boxes(made, options.store, args.boxes, args.to)


def close_work(found: Reviewed, store: Store, args: argparse.Namespace) -> Work:
    """Every row of the version, with its ruling."""
    said = hashlib.sha256("\n".join(audit(found.events)).encode()).hexdigest()
    rules = {"rounds": found.work.rules.rounds, "undecided": args.undecided, "gate": sorted(args.gate)}
    scans = {f"scans{number or ''}": one for number, one in enumerate(found.scans) if one.ref != found.manifest.ref}
    paths = {"paths": paths_of(found.manifest), "scans": [path for one in found.scans for path in paths_of(one)]}
    return Work(
        verb="review",
        recipe={"name": args.recipe, **rules, "log": said},
        inputs={"reviewed": found.manifest, **scans},
        specs=lambda: specs(found, store, args.undecided),
        stages=lambda folder: [Stage(name="revise", make=Reviser, kwargs={"store": store.uri, **paths})],
        schema=schema_of(store, found.manifest),
        says=tuple(f"{name}: {num}" for name, num in found.work.counts().items()),
    )


def specs(found: Reviewed, store: Store, undecided: str) -> Any:
    """(id, ruling) of every row that was in the queue, in the version's order."""
    for key in read_columns(store, found.manifest, ["id"])["id"].to_pylist():
        if key in found.work.position:
            yield key, _spec(ruling(found.work, key, undecided))


def _spec(made: Ruling) -> dict[str, Any]:
    return {name: getattr(made, name) for name in ("outcome", "reason", "before", "after", "reviews")}


def ruling(work: Worklist, item: int, undecided: str) -> Ruling:
    """What holds of an item; one that nobody decided on is `accepted` by nobody where that is wished."""
    state = work.state(item)
    result, decision = outcome(state, work.rules)
    reviews = len({who for _, who in state.decisions})
    if decision is None:
        kept = undecided == "keep" and result == "open"
        return Ruling(outcome="accepted" if kept else result, reviews=reviews)
    texts = {"before": decision.before, "after": decision.after}
    return Ruling(outcome=result, reason=decision.reason, reviews=reviews, **texts)


def schema_of(store: Store, manifest: Manifest) -> pa.Schema:
    """The columns of a version as it was written, and `review`."""
    path = manifest.rows[0].path
    with pq.ParquetFile(store.path(path), filesystem=store.filesystem) as file:
        known = file.schema_arrow.remove_metadata()
    said = {field.name for field in verdict.FIELDS}
    plain = [field for field in known if field.name not in {"row", "content", FIELD.name, *said}]
    return pa.schema([*plain, FIELD, *verdict.FIELDS])


def _boxes(made: Manifest, store: Store, form: str | None, to: Path | None) -> int:
    """COCO or YOLO of what is kept, where it was asked for."""
    if form is None:
        return 0
    words = argparse.Namespace(input=made.ref, format=form, to=to, limit=None, store=store.uri)
    return export.run(words)
