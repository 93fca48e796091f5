"""Claim: the whole synthesize job keeps the cores as busy with pictures as decoding and encoding alone would.

Workload: 6,000 AnyContraSyn composites (one to three items each) of 200 backgrounds (virtual bags, 768x576, their items left
in the picture and out of the record) and 60 cut-outs of at most 220 px, on 2 workers, from the spec table to the published
version. The bound decodes the same backgrounds and encodes the job's own results again (PNG level 1) in 2 processes without
Ray, for the first 1,000 of them. Five interleaved runs, medians; Ray's start is reported apart. Only kept bags count. Target: at
least 0.6 of the bound.

`where` splits one bag's time, in milliseconds of one process, over the parts of the job.

    python -m benchmarks.synthesize [--rows 6000] [--runs 5]
"""

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from actors.rowwise import RowWise
from actors.synthesizer import CompositeMaker, Made
from beltline import pixels
from beltline.image import cutouts, phantom
from beltline.library import Library, paths_of
from beltline.scan import Row, Scan, scan_id
from beltline.store import Store
from beltline.verdict import BadRow
from beltline.version import iter_rows, resolve
from jobs import cluster, sources
from jobs.belt import parquet_options, seal
from jobs.ingest import SCAN_ROWS
from jobs.job import execute
from jobs.options import Options
from jobs.recipes import REGENERATE, values
from jobs.work import PLACE, Stage, Work

NUM_BACKGROUNDS, NUM_CUTOUTS, WORKERS, SIZE_WH = 200, 60, 2, (768, 576)
MAX_CUTOUT_PX = 220
"""Larger ones fit into few bags: the rows that they cost would be neither decoded nor encoded."""
BOUND_ROWS = 1000
BAGS = replace(phantom.RECIPES["clear"], name="benchmark", size_wh=SIZE_WH)


class Background(Made):
    """A virtual bag whose items stay in the picture and leave the record."""

    def make(self, key: int, spec: Row) -> Scan:
        return cutouts.as_background(replace(phantom.make_scan(BAGS, key), items=()))


class Cutout(Made):
    """The first item of a virtual bag, cut out."""

    def make(self, key: int, spec: Row) -> Scan:
        cut = replace(cutouts.cutouts_of(phantom.make_scan(BAGS, key))[0], id=key)
        if max(cut.top.width, cut.top.height) > MAX_CUTOUT_PX:
            raise BadRow(
                "benchmark/too-large", f"expected at most {MAX_CUTOUT_PX} px, found {cut.top.width}x{cut.top.height}"
            )
        return cut


def options(store: Store, output: str, inputs: tuple[tuple[str, str], ...] = ()) -> Options:
    tracking = f"sqlite:///{store.path('mlflow.db')}"
    return Options(recipe="anycontrasyn", inputs=inputs, output=output, workers=WORKERS, store=store, tracking=tracking)


def prepare(store: Store, name: str, make: type[Made], count: int) -> None:
    def specs() -> Iterator[tuple[int, Any]]:
        return ((scan_id(name, index), {}) for index in range(count))

    stage = Stage(name=name, make=make)
    work = Work(
        verb=name, recipe={"name": name}, inputs={}, specs=specs, stages=lambda folder: [stage], schema=SCAN_ROWS
    )
    quietly(lambda: execute(work, options(store, name)))


def quietly(call: Callable[[], object]) -> float:
    """Seconds that a call takes, its output thrown away."""
    begin = time.perf_counter()
    with redirect_stdout(StringIO()):
        call()
    return time.perf_counter() - begin


def job(store: Store, run: int, rows: int) -> float:
    """Seconds of one whole job; a new output name makes it a new run."""
    chosen = options(store, f"composites-{run}", (("backgrounds", "backgrounds"), ("cutouts", "cutouts")))
    inputs, recipe = chosen.manifests(), REGENERATE["anycontrasyn"]
    stage = sources.composite_stage(store, recipe.make, inputs, recipe.clean)  # type: ignore[arg-type]
    work = Work(
        verb="synthesize",
        recipe={**values(recipe.make, None), "rows": rows},
        inputs=inputs,
        specs=lambda: sources.composite_specs(store, recipe.make, inputs, recipe.clean, rows),  # type: ignore[arg-type]
        stages=lambda folder: [stage],
        schema=SCAN_ROWS,
    )
    return quietly(lambda: execute(work, chosen))


def codec(pair: tuple[bytes, bytes]) -> int:
    """Decode a background; decode (not timed apart, see main) and encode a result."""
    pixels.decode(pair[0])
    return len(pixels.encode_png(pixels.decode(pair[1])))


def decode_only(pair: tuple[bytes, bytes]) -> int:
    return int(pixels.decode(pair[1]).size)


def bound(pairs: list[tuple[bytes, bytes]]) -> float:
    """Seconds to decode the backgrounds and encode the results in WORKERS processes, without Ray.

    The results lie there encoded, so they must be decoded to be encoded again; that decoding is measured and taken off.
    """
    with multiprocessing.Pool(WORKERS) as pool:
        seconds = []
        for work in (codec, decode_only):
            begin = time.perf_counter()
            for _ in pool.imap_unordered(work, pairs, chunksize=16):
                pass
            seconds.append(time.perf_counter() - begin)
    return seconds[0] - seconds[1]


def pairs_of(store: Store, run: int) -> list[tuple[bytes, bytes]]:
    """(background, result) bytes of every kept row of a run."""
    manifest = resolve(store, f"composites-{run}")
    backgrounds = resolve(store, "backgrounds")
    library = Library(store, paths_of(backgrounds))
    rows = (library.row(row["id"]) for row in sources.kept(store, [backgrounds], []))
    where = {row["group"]: row["top"]["bytes"] for row in rows}
    return [(where[row["group"]], row["top"]["bytes"]) for row in iter_rows(store, manifest) if row["status"] == "kept"]


def where(store: Store, run: int, rows: int = 64) -> dict[str, float]:
    """Milliseconds a bag of one process in every part of the job, outside Ray."""
    recipe = REGENERATE["anycontrasyn"]
    inputs = {role: resolve(store, role) for role in ("backgrounds", "cutouts")}
    planned = list(sources.composite_specs(store, recipe.make, inputs, recipe.clean, rows))  # type: ignore[arg-type]
    block = pa.table(
        {"row": range(rows), "id": [key for key, _ in planned], "spec": [json.dumps(spec) for _, spec in planned]}
    )
    kwargs = sources.composite_stage(store, recipe.make, inputs, recipe.clean).kwargs  # type: ignore[arg-type]
    maker = CompositeMaker(**kwargs)
    warm = RowWise(
        lambda: maker, {}, pa.schema([*PLACE, *SCAN_ROWS])
    )  # as the job's workers are after their first blocks
    warm(block)
    block = block.filter(pc.is_null(warm(block)["reason"]))
    times: dict[str, float] = {}
    made: list[Row] = []
    timed(times, "make", lambda: made.extend(maker(row) for row in block.to_pylist()))
    pictures = [pixels.decode(row["top"]["bytes"]) for row in made]
    timed(times, "of which encode", lambda: [pixels.encode_png(picture) for picture in pictures])
    timed(
        times, "of which fingerprints", lambda: [(pixels.pixel_sha256(p), pixels.perceptual_hash(p)) for p in pictures]
    )
    tables: list[pa.Table] = []
    schema = pa.schema([*PLACE, *SCAN_ROWS])
    timed(times, "make and rows to Arrow", lambda: tables.append(warm(block)))
    timed(times, "seal", lambda: tables.append(seal(tables[0], schema)))
    sink = store.path("where.parquet")
    timed(times, "parquet", lambda: pq.write_table(tables[1], sink, **parquet_options(SCAN_ROWS)))
    return {name: round(1000 * seconds / block.num_rows, 2) for name, seconds in times.items()}


def timed(times: dict[str, float], name: str, call: Callable[[], object]) -> None:
    begin = time.perf_counter()
    call()
    times[name] = time.perf_counter() - begin


def measure(store: Store, rows: int, runs: int) -> dict[str, Any]:
    ray_start = quietly(lambda: cluster.connect(options(store, "x"), num_stages=2))
    prepare(store, "backgrounds", Background, NUM_BACKGROUNDS)
    prepare(store, "cutouts", Cutout, NUM_CUTOUTS)
    seconds, bounds, kept = [], [], 0
    for run in range(runs):
        seconds.append(job(store, run, rows))
        pairs = pairs_of(store, run)
        kept = len(pairs)
        bounds.append(bound(pairs[:BOUND_ROWS]) / min(kept, BOUND_ROWS))
        store.delete(f"composites-{run}") if run < runs - 1 else None
    speed, limit = kept / median(seconds), 1 / median(bounds)
    return {
        "benchmark": "synthesize",
        "rows": rows,
        "kept": kept,
        "workers": WORKERS,
        "seconds_ray_start": round(ray_start, 2),
        "bags_per_second": round(speed, 2),
        "bound_per_second": round(limit, 2),
        "ratio": round(speed / limit, 3),
        "runs": [round(kept / one * two, 3) for one, two in zip(seconds, bounds, strict=True)],
        "where_ms": where(store, runs - 1),
        "budget_ms": round(1000 * WORKERS / speed, 2),
    }


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Store(str(Path(folder))), args.rows, args.runs)))


if __name__ == "__main__":
    main()
