"""A job from its options to its exit code: find the run, carry it out, close it as a version, write it into the ledger."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from beltline.cache import calls
from beltline.store import Store
from beltline.version import Manifest, find_run, run_of
from jobs.closing import close
from jobs.forecast import forecast
from jobs.lease import leased, me
from jobs.ledger import Ledger
from jobs.lock import take
from jobs.options import Options
from jobs.progress import Committed, Reporter
from jobs.work import ASKED, CHECKPOINT, SPECS, Again, Work, write_specs

log = logging.getLogger("beltline")
ENGINE_STAGES = 4
"""Stages around an engine that hold a logical CPU each."""


def execute(work: Work, options: Options) -> int:
    """Do the work unless it is done already; 0 on success."""
    run = run_of(identity(work, options))
    done = find_run(options.store, options.output, run)
    if done:
        print(f"{done.ref} is complete already ({done.num_rows} rows, digest {done.digest[:12]}); nothing to do")
        return 0
    folder = f"{options.output}/.runs/{run}"
    if options.dry_run:
        return _say(work, options, folder)
    with held(options.store, folder):
        unfinished = options.store.drop_unfinished(folder)
        if unfinished:
            log.info("%s: %d uploads of a killed job removed", work.verb, unfinished)
        return _execute(work, options, run, folder)


def identity(work: Work, options: Options) -> dict[str, Any]:
    """What decides the rows: literals only, never where or how fast."""
    inputs = {role: [manifest.ref, manifest.digest] for role, manifest in work.inputs.items()}
    return {"verb": work.verb, "recipe": work.recipe, "inputs": inputs, "limit": options.limit, "seed": options.seed}


def _execute(work: Work, options: Options, run: str, folder: str) -> int:
    ledger = open_ledger(work, options, run)
    try:
        manifest, figures = _work(work, options, run, folder)
    except BaseException:
        ledger.end("FAILED", patience_s=10)
        raise
    enter(ledger, manifest, figures, options.store)
    waiting = ledger.end()
    options.store.delete(f"{folder}/{CHECKPOINT}")
    report(manifest, figures, waiting)
    return 0


def _work(work: Work, options: Options, run: str, folder: str) -> tuple[Manifest, dict[str, float]]:
    from jobs import belt, cluster  # ray is imported when there is work, not for --help or a finished run

    started = time.monotonic()
    total = write_specs(options.store, f"{folder}/{SPECS}", work.specs(), options.workers, options.blocks)
    log.info("%s: %d rows, run %s", work.verb, total, run)
    reporter = Reporter(Committed(options.store, f"{folder}/{CHECKPOINT}"), total, f"{work.verb} {options.output}")
    if reporter.before < total:
        stages = work.stages(folder)
        asks = any(stage.engine for stage in stages)
        cluster.connect(options, len(stages) + (ENGINE_STAGES if asks else 0))
        if asks:
            from jobs import engines  # torch and transformers are imported where a model is asked

            engines.ask_first(work, options.store, folder, options.workers)
        figures = {"seconds_start": time.monotonic() - started}
        with reporter:
            belt.carry(work, options.store, folder, options.workers)
    else:
        figures = {"seconds_start": time.monotonic() - started}
    manifest = close(work, options.store, options.output, run, folder)
    asked, repeated = calls(options.store, f"{folder}/{ASKED}")
    figures |= {
        "seconds": reporter.seconds,
        "rows_this_process": reporter.done,
        "asked": asked,
        "asked_again": repeated,
        "rows_begun_again": Again.rows_of(options.store, folder),
    }
    if reporter.seconds:
        figures["rows_per_second"] = reporter.done / reporter.seconds
    return manifest, figures


def open_ledger(work: Work, options: Options, run: str) -> Ledger:
    home = Path(options.store.path("")) if options.store.is_local else Path.home() / ".beltline"
    tags = {
        "beltline.verb": work.verb,
        "beltline.run": run,
        "beltline.output": options.output,
        "beltline.store": options.store.uri,
    }
    ledger = Ledger(home / ".ledger", options.tracking, f"{work.verb} {options.output}", tags)
    ledger.params({**_flat(work.recipe), "limit": options.limit, "workers": options.workers, "seed": options.seed})
    for manifest in work.inputs.values():
        ledger.dataset(manifest, f"{options.store.uri}/{manifest.name}/{manifest.version}", "input")
    return ledger


def enter(ledger: Ledger, manifest: Manifest, figures: dict[str, float], store: Store) -> None:
    """Write a finished version into the ledger."""
    place = f"{manifest.name}/{manifest.version}"
    ledger.dataset(manifest, f"{store.uri}/{place}", "output")
    reasons = {f"rejected/{reason}": float(count) for reason, count in manifest.reasons.items()}
    ledger.metrics({**figures, "rows": manifest.num_rows, **manifest.counts, **reasons})
    for name in ("card.md", "sheet.png", "manifest.json"):
        if store.exists(f"{place}/{name}"):
            ledger.artifact(name, store.read(f"{place}/{name}"))


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        flat |= _flat(inner, f"{prefix}{key}.") if isinstance(inner, dict) else {f"{prefix}{key}": inner}
    return flat


def _say(work: Work, options: Options, folder: str) -> int:
    print(f"would {work.verb} into {options.store.uri}/{folder}, recipe {work.recipe.get('name', '-')}")
    for role, manifest in work.inputs.items():
        print(f"  reads {role}: {manifest.ref}, {manifest.counts['kept']} kept rows, digest {manifest.digest[:12]}")
    for line in work.says:
        print(f"  {line}")
    for line in forecast(work, options, folder):
        print(f"  {line}")
    stages = ", ".join(f"{stage.name} ({stage.on})" for stage in work.stages(folder))
    print(f"  stages: {stages}; {options.workers} workers each; tracked at {options.tracking}")
    return 0


def report(manifest: Manifest, figures: dict[str, float], waiting: str | None) -> None:
    """The short table at the end."""
    table = Table()
    table.add_column("what")
    table.add_column("figure", justify="right")
    rows: list[tuple[str, object]] = [("rows", manifest.num_rows), *manifest.counts.items()]
    rows += [(f"  {reason}", count) for reason, count in manifest.reasons.items()]
    rows += [(name.replace("_", " "), round(value, 2)) for name, value in figures.items()]
    for name, figure in rows:
        table.add_row(name, str(figure))
    console = Console()
    console.print(f"{manifest.ref}   digest {manifest.digest}", soft_wrap=True, highlight=False)
    console.print(table)
    if waiting:
        console.print(waiting, soft_wrap=True)


@contextmanager
def held(store: Store, folder: str) -> Iterator[None]:
    """One driver a run: a second one would write the same rows again.

    Raises:
        ValueError: another living process holds the run.
    """
    if not store.is_local:
        with leased(store, f"{folder}/driver"):
            yield
        return
    path = Path(store.path(folder, "driver"))
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = take(path)
    if lock is None:
        holder = path.read_text().strip() or "another process"
        raise ValueError(f"{folder}: {holder} works on this run already; wait for it or stop it first")
    with lock:
        lock.truncate(0)
        lock.write(me())
        lock.flush()
        os.fsync(lock.fileno())  # workers on other nodes read it (lease.holds)
        yield
        lock.truncate(0)
