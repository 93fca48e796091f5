"""Versions whose rows the driver has in hand already: a drawn exam, an imported file of predictions. No plan, no cluster.

A job that is killed here starts over and writes the same files again: making the rows was the work, and that is done or quick.
"""

import posixpath
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from beltline.scan import Row
from beltline.verdict import KEPT, REJECTED
from beltline.version import Manifest, find_run, run_of
from jobs.closing import close
from jobs.job import enter, held, identity, open_ledger, report
from jobs.options import Options
from jobs.work import PLACE, ROWS, SPECS, Work, write_specs

ROWS_A_FILE = 4096


def finished(work: Work, options: Options) -> Manifest | None:
    """The version that this work has become already, said on screen; None where it has not."""
    done = find_run(options.store, options.output, run_of(identity(work, options)))
    if done:
        print(f"{done.ref} is complete already ({done.num_rows} rows, digest {done.digest[:12]}); nothing to do")
    return done


def put(work: Work, options: Options, rows: Sequence[Row], figures: Mapping[str, float] | None = None) -> Manifest:
    """Publish rows of `work.schema` as a version; a row without a status is kept. Written into the ledger with `figures`."""
    run = run_of(identity(work, options))
    folder = f"{options.output}/.runs/{run}"
    with held(options.store, folder):
        ledger = open_ledger(work, options, run)
        try:
            manifest = publish(work, options, run, folder, rows)
        except BaseException:
            ledger.end("FAILED", patience_s=10)
            raise
        shown = dict(figures or {})
        enter(ledger, manifest, shown, options.store)
        report(manifest, shown, ledger.end())
    return manifest


def publish(
    work: Work, options: Options, run: str, folder: str, rows: Sequence[Row], more: Sequence[str] = ()
) -> Manifest:
    """Rows, and further files of the store that belong to them, as a version."""
    write_specs(options.store, f"{folder}/{SPECS}", [(row["id"], {}) for row in rows], options.workers, None)
    _write(work, options, posixpath.join(folder, ROWS), rows)
    return close(work, options.store, options.output, run, folder, more)


def _write(work: Work, options: Options, place: str, rows: Sequence[Row]) -> None:
    from jobs.belt import parquet_options, seal  # imports ray, which a finished job has no use for

    schema = pa.schema([*PLACE, *work.schema])
    how = parquet_options(work.schema)
    for start in range(0, len(rows), ROWS_A_FILE):
        some = [
            {name: row.get(name) for name in schema.names} | {"row": start + number}
            for number, row in enumerate(rows[start : start + ROWS_A_FILE])
        ]
        block = seal(pa.Table.from_pylist(_stated(some), schema=_open(schema)), schema)
        for status in (KEPT, REJECTED):
            chosen = block.filter(pa.compute.equal(block["status"], status)).drop_columns(["status"])
            if chosen.num_rows:
                sink = pa.BufferOutputStream()
                pq.write_table(chosen, sink, **how)
                path = f"{place}/status={status}/part-{start // ROWS_A_FILE:05}.parquet"
                options.store.write(path, sink.getvalue().to_pybytes())


def _stated(rows: list[Row]) -> list[Row]:
    return [row | {"status": row["status"] or KEPT} for row in rows]


def _open(schema: pa.Schema) -> pa.Schema:
    """Before sealing every column may be empty."""
    return pa.schema([field.with_nullable(True) for field in schema])
