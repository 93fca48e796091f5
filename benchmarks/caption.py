"""Claim: a caption job keeps a model as busy as a bare client of the same server would.

Part `endpoint`. Workload: 120 virtual bags in two views (700x500, so that each is scaled), facts and Qwen3-VL messages as a real run has them, against
a server of its own process that answers each after 500 ms, with 4 requests in flight at most. Our side is the job's own stage,
from the spec table to the written rows, on 2 workers, with an empty answer cache each time; Ray's start and the actors' start
are not counted (the clock starts at the first request that the server sees, and stops when the last row is written). The bound
is aiohttp alone in one event loop: the same bodies, encoded before the clock starts, the same number at once, each answer read.
Five interleaved runs, medians. Target: at least 0.9 of the bound.

    python -m benchmarks.caption endpoint [--rows 120] [--runs 5] [--in-flight 4] [--latency 0.5]
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from statistics import median
from typing import Any

import aiohttp

from actors.endpoint import Access, EndpointCaptioner
from beltline.cache import FOLDER
from beltline.image import phantom
from beltline.language.asking import request_of
from beltline.language.facts import facts_of
from beltline.library import paths_of
from beltline.store import Store
from beltline.version import iter_rows, resolve
from jobs import belt, cluster
from jobs.__main__ import parser
from jobs.caption import prepare
from jobs.options import read_common
from jobs.recipes import CAPTIONS
from jobs.work import SPECS, write_specs
from tests.made import SCAN_ROWS, rows_of, version_of_rows

WORKERS = 2
BAGS = replace(phantom.RECIPES["everyday"], name="benchmark", size_wh=(700, 500))
MODEL = "bench@1"


@contextmanager
def server(latency_s: float) -> Iterator[str]:
    """The address of a server of the tests, in a process of its own."""
    command = [sys.executable, "-m", "tests.fire", "--latency", str(latency_s)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def figures(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url.removesuffix("/v1") + "/figures") as answered:
        return dict(json.load(answered))


def make_bags(store: Store, count: int) -> list[bytes]:
    """A version of so many bags; the bodies of the requests about them."""
    model = CAPTIONS["endpoint"].model
    assert model is not None
    model = replace(model, name="bench", revision="1")
    scans = [phantom.make_scan(BAGS, key) for key in range(count)]
    version_of_rows(store, rows_of(scans), SCAN_ROWS, "bags", num_files=4)
    return [json.dumps(request_of(model, scan, facts_of(scan)).body(0)).encode() for scan in scans]


def bare(url: str, bodies: list[bytes], in_flight: int) -> float:
    """Rows per second of aiohttp alone."""

    async def one(session: aiohttp.ClientSession, bound: asyncio.Semaphore, data: bytes) -> str:
        headers = {"Content-Type": "application/json"}
        async with bound, session.post(f"{url}/chat/completions", data=data, headers=headers) as response:
            return str((await response.json())["choices"][0]["message"]["content"])

    async def every() -> float:
        bound = asyncio.Semaphore(in_flight)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            started = time.monotonic()
            found = await asyncio.gather(*(one(session, bound, data) for data in bodies))
            assert len(found) == len(bodies) and all(found)
            return len(bodies) / (time.monotonic() - started)

    return asyncio.run(every())


def ours(store: Store, url: str, rows: int, in_flight: int, name: str) -> float:
    """Rows per second of the job's stage, from the server's first request to the last written row."""
    words = f"caption --recipe endpoint --model {MODEL} --endpoint {url} --in-flight {in_flight} --workers {WORKERS}"
    args = parser().parse_args([*words.split(), "--input", "bags", "--output", name, "--store", store.uri])
    options = read_common(args)
    work, folder = prepare(options, args), f"{name}/.runs/bench"
    assert write_specs(store, f"{folder}/{SPECS}", work.specs(), WORKERS, None) == rows
    cluster.connect(options, 1)
    figures(url)
    belt.carry(work, store, folder, WORKERS)
    found = figures(url)
    store.delete(FOLDER)
    assert found["requests"] == rows and found["most"] <= in_flight, found
    return rows / float(found["seconds"])


def processor_ms(store: Store, url: str, rows: int) -> float:
    """Processor milliseconds a row of the actor's part, HTTP included, without Ray."""
    source = resolve(store, "bags")
    ids = [row["id"] for row in iter_rows(store, source)][:rows]
    model = replace(CAPTIONS["endpoint"].model, name="bench", revision="1")  # type: ignore[type-var]

    async def every() -> float:
        access = Access(url=url, in_flight=len(ids))
        work = EndpointCaptioner(store.uri, "alone/asked", model, access, paths_of(source))
        begun = time.process_time()
        await asyncio.gather(*(work({"id": key}) for key in ids))
        spent = time.process_time() - begun
        await work.close()
        return 1000 * spent / len(ids)

    try:
        return asyncio.run(every())
    finally:
        store.delete(FOLDER)


def endpoint(rows: int, runs: int, in_flight: int, latency_s: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, server(latency_s) as url:
        store = Store(folder)
        bodies = make_bags(store, rows)
        job, alone = [], []
        for run in range(runs):
            job.append(ours(store, url, rows, in_flight, f"words-{run}"))
            alone.append(bare(url, bodies, in_flight))
        return {
            "benchmark": "caption endpoint",
            "rows": rows,
            "in_flight": in_flight,
            "latency_s": latency_s,
            "rows_per_second": [round(one, 2) for one in job],
            "bare_rows_per_second": [round(one, 2) for one in alone],
            "ratio": round(median(job) / median(alone), 3),
            "target": 0.9,
            "processor_ms_per_row": round(processor_ms(store, url, min(rows, 48)), 1),
        }


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("part", choices=["endpoint"])
    given.add_argument("--rows", type=int, default=120)
    given.add_argument("--runs", type=int, default=5)
    given.add_argument("--in-flight", type=int, default=4)
    given.add_argument("--latency", type=float, default=0.5)
    args = given.parse_args()
    print(json.dumps(endpoint(args.rows, args.runs, args.in_flight, args.latency), indent=1))


if __name__ == "__main__":
    main()
