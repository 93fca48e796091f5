"""What a verb prepares and the belt carries out: a table of specs, the stages that turn a spec into a row, and their names.

Ray is not imported here, so that --help, --dry-run and a finished run answer at once.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from actors.rowwise import AsyncRowWork, RowWork
from beltline.store import Store
from beltline.version import Manifest
from jobs.shapes import Vllm

ROWS, CHECKPOINT, SPECS, ASKED, AGAIN = "rows", "checkpoint", "specs.parquet", "asked", "again"
SPEC_SCHEMA = pa.schema([("row", pa.int64()), ("id", pa.int64()), ("spec", pa.string())])
PLACE = [pa.field("row", pa.int64(), False), pa.field("content", pa.string())]
MAX_ROWS_PER_BLOCK, BLOCKS_PER_WORKER = 64, 8
"""A block is what a kill loses at most, answers apart. Small ones waste time: a worker waits for each to be handed out."""


@dataclass(frozen=True, slots=True)
class Again:
    """A block whose work was begun more than once, since the worker or the node that had it was lost: a mark in the run's folder."""

    rows: int
    block: int
    attempt: int

    @property
    def name(self) -> str:
        return f"{self.block:06}-{self.attempt:03}-{self.rows}"

    @staticmethod
    def rows_of(store: Store, folder: str) -> int:
        """Rows of all marks: so many were made, in part at least, more than once."""
        return sum(int(path.rsplit("-", 1)[1]) for path in store.list(f"{folder}/{AGAIN}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One station of the belt: a plain class (loads in its constructor) or a function, row by row."""

    name: str
    make: Callable[..., RowWork] | Callable[..., AsyncRowWork]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    on: Literal["actors", "tasks"] = "tasks"
    """Tasks are fused from the read to the write, so that a block never leaves its process: right for all that is light to
    load. Actors hold what is heavy to load, an engine or a GPU model, and pass blocks on through the object store."""
    pool: str | None = None
    """Node label `beltline/pool` that it asks for; None runs anywhere."""
    num_cpus: float = 1
    num_gpus: float = 0
    actors: int | None = None
    """How many, at most; None is as many as workers."""
    rows_at_once: int = 0
    """Rows that one actor has in hand at a time. Above 0 `make` gives an asynchronous work, and blocks overlap."""
    engine: Vllm | None = None
    """Asked about every row before the belt runs, and the stage only looks up what it said: jobs/engines.py."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a verb will do: enough to say it (`--dry-run`), to name it (the run), and to do it."""

    verb: str
    recipe: dict[str, Any]
    """Every value that decides a row, canonical JSON able."""
    inputs: dict[str, Manifest]
    specs: Callable[[], Iterable[tuple[int, Any]]]
    """(scan id, spec) for every row, in order; called once, in the driver."""
    stages: Callable[[str], list[Stage]]
    """The stages, given the run's folder."""
    schema: pa.Schema
    """Columns of the result, without row and content."""
    says: tuple[str, ...] = ()
    """Lines for --dry-run."""
    sections: Mapping[str, list[str]] = field(default_factory=dict)
    """What else the card says: title to markdown lines."""


def write_specs(store: Store, path: str, specs: Iterable[tuple[int, Any]], workers: int, blocks: int | None) -> int:
    """Write the spec table once (a resumed run finds it) and return its number of rows.

    `blocks` decides into how many row groups, and so blocks, it is cut; None gives each worker several.
    """
    if not store.exists(path):
        rows = [{"row": row, "id": key, "spec": json.dumps(spec)} for row, (key, spec) in enumerate(specs)]
        size = max(1, -(-len(rows) // (blocks or workers * BLOCKS_PER_WORKER)))
        size = size if blocks else min(size, MAX_ROWS_PER_BLOCK)
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist(rows, schema=SPEC_SCHEMA), sink, row_group_size=size)
        store.write(path, sink.getvalue().to_pybytes())
    with pq.ParquetFile(store.path(path), filesystem=store.filesystem) as table:
        return int(table.metadata.num_rows)
