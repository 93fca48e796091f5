"""The belt: carries out a verb's work as one streaming Ray Data plan that can be killed and run again.

A verb prepares `Work` (a small table of specs and the stages that turn a spec into a row); here it becomes
`specs -> stage -> stage -> ... -> one write partitioned by status`, checkpointed by row number with Ray Data's own
checkpointing. Three of its traps decide the form: the source must be a read (rows from items are silently doubled on
resume), the write must append (an overwrite deletes what the checkpoint skips), and rejected rows must reach the write (a
dropped row is made again on every resume).
"""

import os
import posixpath
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import ray
from ray.data import ActorPoolStrategy, Datasource, ExecutionResources, ReadTask
from ray.data.block import BlockMetadata
from ray.data.checkpoint import CheckpointConfig

from actors.rowwise import AsyncRowWise, RowWise, RowWork
from beltline import verdict
from beltline.scan import VIEWS, content_hash
from beltline.store import Store
from jobs.work import AGAIN, CHECKPOINT, PLACE, ROWS, SPECS, Again, Stage, Work

BLOCKWISE: dict[str, Any] = {"batch_format": "pyarrow", "batch_size": None, "num_cpus": 1}
"""Whole blocks, as Arrow. Stages fuse only when they ask for the same resources."""


class SpecSource(Datasource):  # type: ignore[misc]
    """Rows of the spec table, one row group a block: a read, so that the checkpoint is honoured."""

    def __init__(self, store: Store, path: str):
        self._store, self._path = store, path

    @property
    def num_blocks(self) -> int:
        return max(1, len(self._sizes()))

    @property
    def num_rows(self) -> int:
        return sum(self._sizes())

    @property
    def rows_per_block(self) -> int:
        return max(1, *self._sizes(), 1)

    def _sizes(self) -> list[int]:
        with pq.ParquetFile(self._store.path(self._path), filesystem=self._store.filesystem) as table:
            return [table.metadata.row_group(index).num_rows for index in range(table.num_row_groups)]

    def estimate_inmemory_data_size(self) -> int | None:
        return None

    def get_read_tasks(
        self, parallelism: int, per_task_row_limit: int | None = None, data_context: Any = None
    ) -> list[ReadTask]:
        """One task a row group; `parallelism` was already decided when the table was written."""
        return [
            ReadTask(ReadGroup(self._store.uri, self._path, index), _metadata(size))
            for index, size in enumerate(self._sizes())
        ]


@dataclass(frozen=True, slots=True)
class ReadGroup:
    """A block of specs, read where it is worked on. One that Ray has begun before, on a worker or node that is lost, is written down."""

    uri: str
    path: str
    index: int

    def __call__(self) -> list[pa.Table]:
        store = Store(self.uri)
        with pq.ParquetFile(store.path(self.path), filesystem=store.filesystem) as table:
            block = table.read_row_group(self.index)
        if attempt := _attempt():
            again = Again(block.num_rows, self.index, attempt)
            store.write(posixpath.join(posixpath.dirname(self.path), AGAIN, again.name), b"again")
        return [block]


def _attempt() -> int:
    """How often Ray has begun this task before."""
    return int(ray._private.worker.global_worker.core_worker.get_current_task_attempt_number())


def _metadata(num_rows: int) -> BlockMetadata:
    return BlockMetadata(num_rows=num_rows, size_bytes=None, input_files=None, exec_stats=None)


def carry(work: Work, store: Store, folder: str, workers: int) -> None:
    """Run the plan to its end, continuing where an earlier process was stopped.

    Raises:
        ValueError: a server turned a worker away, or is gone: what a person must see to.
    """
    source = SpecSource(store, posixpath.join(folder, SPECS))
    workers, stages = min(workers, source.num_blocks), work.stages(folder)
    _configure(store, folder, num_cpus=workers * (1 + sum(stage.on == "actors" for stage in stages)))
    # The number of blocks must be said: otherwise Ray splits them again, down to single rows, for each CPU to have some.
    dataset = ray.data.read_datasource(source, override_num_blocks=source.num_blocks)
    between = pa.schema([*PLACE, *work.schema, pa.field("spec", pa.string())])
    for stage in stages:
        dataset = add(dataset, stage, between, workers, source.rows_per_block)
    sealed = partial(seal, schema=pa.schema([*PLACE, *work.schema]))
    dataset = dataset.map_batches(sealed, **BLOCKWISE)
    place = store.path(folder, ROWS)
    options = parquet_options(work.schema) | {"ray_remote_args": {"num_cpus": 1}}
    try:
        dataset.write_parquet(place, filesystem=store.filesystem, partition_cols=["status"], **options)
    except ray.exceptions.RayTaskError as error:  # the worker's exception comes as text
        if said := _FOR_A_PERSON.search(str(error)):
            raise ValueError(said[1]) from error
        raise


_FOR_A_PERSON = re.compile(r"^actors\.endpoint\.(?:WrongDoor|Gone): (.+)$", re.MULTILINE)


def seal(block: pa.Table, schema: pa.Schema) -> pa.Table:
    """The end of the belt: what nobody rejected is kept, and every row gets the hash of its content.

    The hash is taken of rows that were Arrow already, so that reading them back gives the same values (3 is 3.0 by then).
    """
    names = [name for name in schema.names if name not in ("row", "content")]
    rows = [row if row["status"] else row | verdict.KEEP.columns() for row in block.to_pylist()]
    sealed = [row | {"content": content_hash({name: row[name] for name in names})} for row in rows]
    return pa.Table.from_pylist([{name: row[name] for name in schema.names} for row in sealed], schema=schema)


def parquet_options(schema: pa.Schema) -> dict[str, Any]:
    """How rows are written: encoded images as they are, since they are compressed already; all the rest by zstd."""
    leaves = [leaf for field in (*PLACE, *schema) for leaf in _leaves(field.name, field.type)]
    images = {f"{view}.bytes" for view in VIEWS}
    others = [leaf for leaf in leaves if leaf not in images]
    compression = {leaf: "none" if leaf in images else "zstd" for leaf in leaves}
    return {"compression": compression, "use_dictionary": others, "write_statistics": others}


def _leaves(path: str, kind: pa.DataType) -> list[str]:
    """Parquet's names of the leaf columns of a field."""
    if pa.types.is_list(kind):
        return _leaves(f"{path}.list.element", kind.value_type)
    if pa.types.is_struct(kind):
        return [leaf for inner in kind for leaf in _leaves(f"{path}.{inner.name}", inner.type)]
    return [path]


def task(
    block: pa.Table, key: str, make: Callable[..., RowWork], kwargs: Mapping[str, Any], schema: pa.Schema
) -> pa.Table:
    """A stage as a task. What it has loaded is kept by the process under `key` for its next block."""
    if key not in _LOADED:
        if len(_LOADED) >= MAX_LOADED:
            _LOADED.clear()
        _LOADED[key] = RowWise(make, kwargs, schema)
    return _LOADED[key](block)


_LOADED: dict[str, RowWise] = {}
MAX_LOADED = 8
"""Stages that a worker process keeps: it outlives a job on a shared cluster."""


def _configure(store: Store, folder: str, num_cpus: int) -> None:
    context = ray.data.DataContext.get_current()
    # The number of tasks is bounded here and not stage by stage: a stage with a bound of its own is not fused with the write.
    # One task more than workers, so that none of them waits for the driver to hand out the next block.
    # A resumed plan also has an actor that leaves out what is done.
    resuming = bool(store.list(f"{folder}/{CHECKPOINT}"))
    context.execution_options.resource_limits = ExecutionResources(cpu=num_cpus + 1 + resuming)
    context.checkpoint_config = CheckpointConfig(
        id_column="row",
        checkpoint_path=store.path(folder, CHECKPOINT),
        override_filesystem=store.filesystem,
        delete_checkpoint_on_success=False,  # the version is not published yet; until then a kill must find it
    )
    context.execution_no_progress_timeout_s = -1  # an engine may compile, a cluster wait for nodes, for over 30 min
    context.enable_progress_bars = False
    if store.is_local:
        for part in (ROWS, CHECKPOINT):
            os.makedirs(store.path(folder, part), exist_ok=True)


def add(dataset: Any, stage: Stage, schema: pa.Schema, workers: int, rows_per_block: int) -> Any:
    """A dataset with one more stage."""
    same = BLOCKWISE | {"num_cpus": stage.num_cpus}
    if stage.pool:
        same["label_selector"] = {"beltline/pool": stage.pool}
    arguments = {"make": stage.make, "kwargs": stage.kwargs, "schema": schema}
    if stage.on == "tasks":
        work = partial(task, key=f"{stage.name}-{uuid.uuid4().hex}", **arguments)
        return dataset.map_batches(work, **same)
    size = min(workers, stage.actors or workers)  # fixed: an autoscaling pool takes minutes to reach its size
    # One block more than the rows need: while the last rows of a block wait, the first of another are asked.
    blocks = -(-stage.rows_at_once // rows_per_block) + 1 if stage.rows_at_once else None
    pool = ActorPoolStrategy(size=size, max_concurrent_calls_per_actor=blocks)
    kind = AsyncRowWise if stage.rows_at_once else RowWise
    return dataset.map_batches(
        kind, fn_constructor_kwargs=arguments, compute=pool, num_gpus=stage.num_gpus or None, **same
    )
