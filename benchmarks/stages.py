"""Claim: none; what each stage of a recipe costs a row, in one process and without a cluster, and how many bytes a row takes.

    python -m benchmarks.stages --verb regenerate --recipe everyday --rows 60
    python -m benchmarks.stages --verb synthesize --recipe dual-nano --rows 300

CPU-seconds are the process's own, so other work on the machine hardly counts. The first rows are left out: they load what a worker loads once.
What Ray adds, and what a job costs before its first row, is benchmarks/scale.py's to say. Prints one JSON object, for jobs/constants.yaml.
"""

import argparse
import json
import platform
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from actors.rowwise import RowWise, RowWork
from jobs.__main__ import parser as verbs
from jobs.belt import parquet_options, seal
from jobs.options import read_common
from jobs.work import PLACE, SPEC_SCHEMA

WARM = 4


def main(words: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verb", default="regenerate")
    parser.add_argument("--recipe", default="everyday")
    parser.add_argument("--rows", type=int, default=60)
    args = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        told = measured(args.verb, args.recipe, args.rows, Path(folder))
    print(json.dumps({"verb": args.verb, "recipe": args.recipe, "rows": args.rows, "machine": machine(), **told}))


def machine() -> str:
    names = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return f"{names[0] if names else platform.machine()}, {len(names)} processors"


def measured(verb: str, recipe: str, rows: int, folder: Path) -> dict[str, Any]:
    """CPU-seconds a row by stage, and bytes."""
    command = f"{verb} --recipe {recipe} --limit {rows + WARM} --output made --store {folder}/store --tracking sqlite:///{folder}/m.db"
    args = verbs().parse_args(command.split())
    work = args.module.prepare(read_common(args), args)
    schema = pa.schema([*PLACE, *work.schema, pa.field("spec", pa.string())])
    specs = [{"row": number, "id": key, "spec": json.dumps(spec)} for number, (key, spec) in enumerate(work.specs())]
    stages: dict[str, Callable[[pa.Table], pa.Table]] = {
        one.name: RowWise(cast(Callable[..., RowWork], one.make), one.kwargs, schema)
        for one in work.stages("made/.runs/x")
    }
    result = pa.schema([*PLACE, *work.schema])
    stages["seal"] = lambda block: seal(block, result)
    spent = dict.fromkeys((*stages, "write"), 0.0)
    size = 0
    for number, spec in enumerate(specs):
        block = pa.Table.from_pylist([spec], schema=SPEC_SCHEMA)
        for name, stage in stages.items():
            began = time.process_time()
            block = stage(block)
            spent[name] += (time.process_time() - began) * (number >= WARM)
        if number >= WARM:
            began = time.process_time()
            sink = pa.BufferOutputStream()
            pq.write_table(block, sink, **parquet_options(work.schema))
            spent["write"] += time.process_time() - began
            size += len(sink.getvalue())
    return {
        "cpu_s_per_row": {name: round(one / rows, 5) for name, one in spent.items()},
        "cpu_s_per_row_all": round(sum(spent.values()) / rows, 5),
        "bytes_per_row": round(size / rows),
        "process_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000,
    }


if __name__ == "__main__":
    main()
