"""Claim: a caption job keeps vLLM in the cluster as busy as vLLM is when nothing else runs.

Workload: virtual bags in two views, the requests that a real run has, a tiny Qwen3-VL of our own (random weights) on the CPU,
4 sequences at once, answers held to the caption schema and long (several hundred tokens), so that the bare engine needs 300 ms
or more a request. The bound is `vllm.LLM.chat` with the same engine arguments on the same messages and sampling, its caches
emptied before each run. Our side is the job: the clock starts when its engine takes the first request (engine and actors are up),
and stops when the last answer is stored (`asking`), or when the last row is written (`job`). Interleaved runs, medians.
Target: `asking` and `job` at least 0.9 of the bound. For short answers the processor milliseconds that we add a row are given.

    python -m benchmarks.caption_vllm [--rows 32] [--runs 3] [--in-flight 4]
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa

from actors.asker import CAPTIONED, KnownCaptioner, Questions, after_engine, before_engine, sampling
from beltline.cache import FOLDER
from beltline.image import phantom
from beltline.language.asking import request_of
from beltline.language.captions import Bounds
from beltline.language.facts import facts_of
from beltline.language.models import Model
from beltline.language.weights import from_folder
from beltline.library import paths_of
from beltline.scan import Scan
from beltline.store import Store
from beltline.version import resolve
from jobs import belt, cluster, engines, sources
from jobs.caption import CAPTION_ROWS, EVERYTHING
from jobs.options import Options
from jobs.recipes import NANO
from jobs.shapes import Vllm
from jobs.work import ASKED, SPECS, Stage, Work, write_specs
from tests import tiny
from tests.made import SCAN_ROWS, rows_of, version_of_rows

WORKERS = 2
BAGS = replace(phantom.RECIPES["everyday"], name="benchmark", size_wh=(700, 500))
LONG = replace(NANO, bounds=Bounds(scene_chars=300, text_chars=200, items=6), attempts=1)


class Bare:
    """vLLM alone, in this process."""

    def __init__(self, model: Model, engine: Vllm):
        os.environ.update({**engine.environment(), "OMP_NUM_THREADS": "1"})
        from vllm import LLM

        self._llm = LLM(model=engine.source, **engine.arguments(model))
        self._model = model

    def rows_per_second(self, messages: list[Any]) -> tuple[float, int]:
        """Rows per second, and the tokens of all answers."""
        from vllm import SamplingParams
        from vllm.sampling_params import StructuredOutputsParams

        values = sampling(self._model, 0)
        held = StructuredOutputsParams(**values.pop("structured_outputs"))
        self._llm.reset_prefix_cache()
        self._llm.llm_engine.reset_mm_cache()
        begun = time.monotonic()
        said = self._llm.chat(messages, SamplingParams(**values, structured_outputs=held), use_tqdm=False)
        seconds = time.monotonic() - begun
        return len(messages) / seconds, sum(len(one.outputs[0].token_ids) for one in said)


def job(model: Model, engine: Vllm, store: Store, name: str) -> tuple[float, float]:
    """Rows per second of the job, until the last answer is stored, and until the last row is written."""
    source, folder = resolve(store, "bags"), f"{name}/.runs/bench"
    kwargs = {"store": store.uri, "asked": f"{folder}/{ASKED}", "model": model, "paths": paths_of(source)}
    work = Work(
        verb="caption",
        recipe={"name": name},
        inputs={"scans": source},
        specs=lambda: sources.scan_specs(store, [source], EVERYTHING, 1_000_000),
        stages=lambda _: [Stage(name="caption", make=KnownCaptioner, kwargs=kwargs, engine=engine)],
        schema=CAPTION_ROWS,
    )
    count = write_specs(store, f"{folder}/{SPECS}", work.specs(), WORKERS, None)
    plan = engines.Plan(store=store, folder=folder, workers=WORKERS, paths=paths_of(source))
    with engines.small_blocks():
        found = list(engines.vllm(model, engine, store)(engines.questions(model, plan, None)).iter_rows())
    assert len(found) == count and all("outcome" in row for row in found), found
    stored = {
        row["name"]: os.path.getmtime(store.path(f"{FOLDER}/{row['name'][:2]}/{row['name']}.json")) for row in found
    }
    seconds = max(stored.values()) - min(stored[row["name"]] - row["seconds"] for row in found)
    begun = time.monotonic()
    belt.carry(work, store, folder, WORKERS)
    written = seconds + time.monotonic() - begun
    store.delete(FOLDER)
    return count / seconds, count / written


def processor_ms(model: Model, scans: list[Scan]) -> float:
    """Processor milliseconds a row of our parts around the engine, with an answer of a few words; Ray's stages are not in it."""
    model = replace(model, attempts=1)
    rows = [scan.row() | {"row": number} for number, scan in enumerate(scans)]
    with tempfile.TemporaryDirectory() as folder:
        ask, known = Questions(folder, "asked", model), KnownCaptioner(folder, "asked", model)
        block = pa.Table.from_pylist(rows)
        begun = time.process_time()
        for question in ask(block).to_pylist():
            before_engine(question)
            text = '{"top": "A bag.", "side": "A bag.", "items": [], "whole": "A bag."}'
            out = {**question, "generated_text": text, "num_generated_tokens": 24, "num_input_tokens": 2400}
            assert after_engine(out, folder, model, 32_768)["outcome"] == CAPTIONED
        assert all("status" not in known(row) for row in rows)
        return 1000 * (time.process_time() - begun) / len(rows)


def figures(rows: int, runs: int, in_flight: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        store, weights = Store(f"{folder}/store"), tiny.build("qwen3-vl", Path(folder) / "tiny")
        model, engine = from_folder(LONG, weights), Vllm(source=str(weights), gpus=0, max_num_seqs=in_flight)
        scans = [phantom.make_scan(BAGS, key) for key in range(rows)]
        version_of_rows(store, rows_of(scans), SCAN_ROWS, "bags", num_files=4)
        messages = [request_of(model, scan, facts_of(scan)).messages() for scan in scans]
        bare, alone, asking, whole, tokens = Bare(model, engine), [], [], [], 0
        cluster.connect(Options(recipe="", output="x", workers=WORKERS, store=store), 5)
        bare.rows_per_second(messages[:in_flight])
        for run in range(runs):
            rate, tokens = bare.rows_per_second(messages)
            alone.append(rate)
            asked, written = job(model, engine, store, f"words-{run}")
            asking.append(asked)
            whole.append(written)
        return {
            "benchmark": "caption vllm",
            "rows": rows,
            "in_flight": in_flight,
            "tokens_per_answer": round(tokens / rows),
            "bare_ms_per_request": round(1000 / median(alone)),
            "bare_rows_per_second": [round(one, 3) for one in alone],
            "asking_rows_per_second": [round(one, 3) for one in asking],
            "job_rows_per_second": [round(one, 3) for one in whole],
            "ratio_asking": round(median(asking) / median(alone), 3),
            "ratio_job": round(median(whole) / median(alone), 3),
            "target": 0.9,
            "processor_ms_per_row": round(processor_ms(model, scans[:24]), 1),
        }


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--rows", type=int, default=32)
    given.add_argument("--runs", type=int, default=3)
    given.add_argument("--in-flight", type=int, default=4)
    args = given.parse_args()
    print(json.dumps(figures(args.rows, args.runs, args.in_flight), indent=1))


if __name__ == "__main__":
    main()
