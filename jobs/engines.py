"""vLLM in the cluster's own actors: asks a model about every row of a job, through `ray.data.llm`, before its belt runs.

`ray.data.llm` cannot leave rows out, and what it returns is not checkpointed. So a job that captions by vLLM has two halves:
`ask` sends to the engine what nobody has answered yet and puts every answer into the cache; the belt then makes captions of
what is stored (actors/asker.py). An answer that is no caption opens the row's next attempt, which is asked in the next round.

    ask_first(work, store, folder, workers=4)
    belt.carry(work, store, folder, workers=4)

Ray's own HTTP processor is not used: it asks one by one and takes a 500 for an answer (actors/endpoint.py does that work).
"""

import logging
import posixpath
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import ray
from ray.data import ActorPoolStrategy, ExecutionResources

from actors.asker import FAULTY, UNANSWERED, Questions, after_engine, before_engine
from beltline.cache import AnswerCache
from beltline.language.models import Model
from beltline.scan import Row
from beltline.store import Store
from jobs.belt import BLOCKWISE, SpecSource, add
from jobs.shapes import Vllm
from jobs.work import ASKED, PLACE, SPEC_SCHEMA, SPECS, Stage, Work

log = logging.getLogger("beltline")
ANSWERED = "answered"
"""Written when every row has all its answers: a run that was killed later starts no engine again."""
BLOCK_BYTES = 1 << 20
"""Blocks on their way to the engine and out of it: what a dead engine takes with it is at most a few of them."""
SAID_EVERY_S, SHOWN = 30.0, 400
REFUSED = ("VLLMValidationError:", "ValueError:")
"""How vLLM's word begins for a request that it will not take: a prompt too long, an image that is none."""
DEAD_AFTER = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The rows that are asked about, as the belt will meet them."""

    store: Store
    folder: str
    """Of the run: its spec table, its journals."""
    workers: int
    paths: Sequence[str] | None = None
    """The row files of the version that has the scans; None finds them in the rows."""
    before: Sequence[Stage] = ()
    """The belt's stages that make the rows; they run here too, since what they make is cheap beside an answer."""
    schema: pa.Schema = SPEC_SCHEMA
    """Columns that those stages fill."""

    def source(self) -> SpecSource:
        return SpecSource(self.store, posixpath.join(self.folder, SPECS))


def ask_first(work: Work, store: Store, folder: str, workers: int) -> None:
    """Ask what the work's stages will look for in the cache; nothing for a work without an engine, or that has all answers."""
    stages = work.stages(folder)
    schema = pa.schema([*PLACE, *work.schema, pa.field("spec", pa.string())])
    for index, stage in enumerate(stages):
        done = posixpath.join(folder, ANSWERED)
        if stage.engine is not None and not store.exists(done):
            model, paths, before = stage.kwargs["model"], stage.kwargs["paths"], stages[:index]
            plan = Plan(store=store, folder=folder, workers=workers, paths=paths, before=before, schema=schema)
            if not ask(model, plan, vllm(model, stage.engine, store)):
                store.write(done, b"")


Processor = Callable[[Any], Any]
"""Takes a dataset of QUESTION, gives one of rows with `row` and `outcome`, or with `__inference_error__`."""


def ask(model: Model, plan: Plan, processor: Processor) -> int:
    """Ask about every row until it has a caption or no attempt is left; how many rows the engine left without an answer.

    Raises:
        RuntimeError: the engine answered nothing.
    """
    rows, outcomes = None, Counter[str]()
    cache, source = AnswerCache(plan.store, f"{plan.folder}/{ASKED}"), plan.source()
    for number in range(model.attempts):
        with small_blocks():
            found = _round(processor(questions(model, plan, rows)), cache)
        outcomes = Counter(found.values())
        log.info("asking, round %d: %s", number + 1, dict(outcomes) or "nothing left to ask")
        _stop_if_dead(found, source.num_rows)
        rows = frozenset(row for row, outcome in found.items() if outcome in (FAULTY, UNANSWERED))
        if not rows:
            break
    return outcomes[UNANSWERED]


def vllm(model: Model, engine: Vllm, store: Store) -> Processor:
    """The processor of `ray.data.llm`: a fixed pool of engines, held to the caption schema by each row's sampling."""
    from ray.data.llm import build_processor, vLLMEngineProcessorConfig

    stage = {"enabled": True, "concurrency": (1, 1)}
    config = vLLMEngineProcessorConfig(
        model_source=engine.source,
        engine_kwargs=engine.arguments(model),
        concurrency=(engine.engines, engine.engines),
        batch_size=max(1, engine.max_num_seqs // 2),
        max_concurrent_batches=4,  # twice as many rows as run: the next ones are there when one ends
        placement_group_config=engine.placement(),
        runtime_env={"env_vars": engine.environment()},
        should_continue_on_error=True,
        log_engine_metrics=False,
        prepare_multimodal_stage={**stage, "chat_template_content_format": "openai"},
        chat_template_stage=stage,
        tokenize_stage={"enabled": False},
        detokenize_stage={"enabled": False},
    )
    after = partial(after_engine, store=store.uri, model=model, max_model_len=engine.max_model_len(model))
    processor: Processor = build_processor(config, preprocess=before_engine, postprocess=after)
    return processor


def questions(model: Model, plan: Plan, rows: frozenset[int] | None) -> Any:
    """What nobody has answered yet, of all rows or of these."""
    source = plan.source()
    dataset = ray.data.read_datasource(source, override_num_blocks=source.num_blocks)
    if rows is not None:
        dataset = dataset.map_batches(partial(_only, rows=rows), **BLOCKWISE)
    for stage in plan.before:
        dataset = add(dataset, stage, plan.schema, plan.workers, source.rows_per_block)
    kwargs = {"store": plan.store.uri, "asked": f"{plan.folder}/{ASKED}", "model": model, "paths": plan.paths}
    pool = ActorPoolStrategy(size=min(plan.workers, source.num_blocks))
    return dataset.map_batches(Questions, fn_constructor_kwargs=kwargs, compute=pool, **BLOCKWISE)


def _only(block: pa.Table, rows: frozenset[int]) -> pa.Table:
    return block.filter(pa.array([row in rows for row in block["row"].to_pylist()], pa.bool_()))


@contextmanager
def small_blocks() -> Iterator[None]:
    """Ray Data's settings of a round: no checkpoint, the cache is it; blocks of a few rows; all CPUs that there are."""
    context = ray.data.DataContext.get_current()
    mine = context.copy()
    mine.checkpoint_config = None
    mine.target_max_block_size = BLOCK_BYTES
    mine.execution_options.resource_limits = ExecutionResources()
    mine.execution_no_progress_timeout_s = -1  # an engine may load and compile for over 30 min
    mine.enable_progress_bars = False
    ray.data.DataContext._set_current(mine)
    try:
        yield
    finally:
        ray.data.DataContext._set_current(context)


def _round(dataset: Any, cache: AnswerCache) -> dict[int, str]:
    """Run a round to its end: what became of each row that was asked."""
    found, faults, said = dict[int, str](), Counter[str](), time.monotonic()
    for row in dataset.iter_rows():
        fault = row.get("__inference_error__")
        found[row["row"]] = _failed(row, fault, cache) if fault else row["outcome"]
        faults.update([fault] if fault else [])
        if time.monotonic() - said > SAID_EVERY_S:
            said = time.monotonic()
            log.info("asking: %d answers so far", len(found))
    for fault, count in faults.most_common(3):
        log.warning("the engine failed on %d rows: %s", count, fault[:SHOWN])
    return found


def _failed(row: Row, fault: str, cache: AnswerCache) -> str:
    """What the engine refuses it will always refuse, and that is an answer; any other fault is none."""
    if not fault.startswith(REFUSED):
        return UNANSWERED
    cache.keep(
        row["name"], {"failed": ["caption/refused", f"the engine refused the request for good: {fault[:SHOWN]}"]}
    )
    return "refused"


def _stop_if_dead(found: dict[int, str], num_rows: int) -> None:
    """A few rows without an answer are rejected rows; many in a round, and not one answer, are a dead engine.

    Raises:
        RuntimeError: it is dead.
    """
    if len(found) >= min(DEAD_AFTER, num_rows) and set(found.values()) == {UNANSWERED}:
        raise RuntimeError(
            f"the engine answered none of {len(found)} rows; see the log, and give the same command again"
        )
