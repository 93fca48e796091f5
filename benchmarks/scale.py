"""Claim: constants from 500 rows predict the CPU-seconds of 2,000 and 8,000 within 25 %, and memory is flat between those two.

    python -m benchmarks.scale                                  # synthesize dual-nano: minutes
    python -m benchmarks.scale --recipe everyday --verb regenerate --sizes 50 500

Every size is a job of its own in a store of its own; CPU-seconds, memory and bytes are those of the job with all that it starts. What a job costs
before its first row is the smallest size's, taken as nearly nothing but that. Prints one JSON object; jobs/constants.yaml holds what was measured.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

SMALLEST = 20
"""Rows of the run that says what a start costs."""
MB = 1e6


class Watch:
    """CPU-seconds and memory of a process and everything below it, looked at twice a second."""

    def __init__(self, pid: int):
        self._top = psutil.Process(pid)
        self._spent: dict[int, float] = {}
        self.driver_bytes = self.worker_bytes = 0

    def look(self) -> None:
        try:
            everybody = [self._top, *self._top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for one in everybody:
            try:
                times, memory, name = one.cpu_times(), one.memory_info(), " ".join(one.cmdline())[:40]
            except psutil.Error:
                continue
            self._spent[one.pid] = times.user + times.system
            own = memory.rss - getattr(memory, "shared", 0)  # the object store is everybody's
            if one.pid == self._top.pid:
                self.driver_bytes = max(self.driver_bytes, own)
            elif "ray::" in name:
                self.worker_bytes = max(self.worker_bytes, own)

    @property
    def cpu_s(self) -> float:
        return sum(self._spent.values())


def measured(verb: str, recipe: str, rows: int, workers: int) -> dict[str, Any]:
    """One job of so many rows."""
    with tempfile.TemporaryDirectory(prefix="beltline-scale-") as folder:
        job = f"{verb} --recipe {recipe} --limit {rows} --output made --workers {workers}"
        places = ["--store", f"{folder}/store", "--tracking", f"sqlite:///{folder}/mlflow.db"]
        began = time.monotonic()
        with open(f"{folder}/log", "wb") as log:
            process = subprocess.Popen([sys.executable, "-m", "jobs", *job.split(), *places], stdout=log, stderr=log)
        watch = Watch(process.pid)
        while process.poll() is None:
            watch.look()
            time.sleep(0.5)
        if process.returncode:
            raise RuntimeError(Path(f"{folder}/log").read_text()[-2000:])
        size = sum(path.stat().st_size for path in Path(folder, "store").rglob("*") if path.is_file())
        return {
            "rows": rows,
            "cpu_s": round(watch.cpu_s, 1),
            "wall_s": round(time.monotonic() - began, 1),
            "driver_mb": round(watch.driver_bytes / MB),
            "worker_mb": round(watch.worker_bytes / MB),
            "bytes": size,
        }


def constants(start: dict[str, Any], run: dict[str, Any]) -> dict[str, float]:
    """What a start and a row cost, from two runs."""
    rows = run["rows"] - start["rows"]
    per_row = (run["cpu_s"] - start["cpu_s"]) / rows
    return {
        "cpu_s_start": round(start["cpu_s"] - start["rows"] * per_row, 2),
        "cpu_s_per_row": round(per_row, 5),
        "bytes_per_row": round((run["bytes"] - start["bytes"]) / rows),
    }


def predicted(known: dict[str, float], rows: int) -> float:
    return known["cpu_s_start"] + rows * known["cpu_s_per_row"]


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verb", default="synthesize")
    parser.add_argument("--recipe", default="dual-nano")
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 2000, 8000])
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args(words)
    runs = [measured(args.verb, args.recipe, rows, args.workers) for rows in (SMALLEST, *args.sizes)]
    known = constants(runs[0], runs[1])
    errors = {run["rows"]: round(predicted(known, run["rows"]) / run["cpu_s"] - 1, 3) for run in runs[2:]}
    told = {
        "verb": args.verb,
        "recipe": args.recipe,
        "machine": platform.processor() or platform.machine(),
        "runs": runs,
    }
    print(json.dumps(told | {"constants": known, "relative_error": errors}))


if __name__ == "__main__":
    main()
