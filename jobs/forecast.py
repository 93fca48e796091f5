"""What a job with a model will ask, for `--dry-run`: every row is made as the belt would make it, and its question looked up.

    for line in forecast(work, options, folder):
        print(line)

Many rows are shared out among processes, `--workers` of them on this machine: a dry run needs no cluster, and writes nothing.
"""

import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import cast

import pyarrow as pa

from actors.asker import Scans, heard
from actors.rowwise import RowWise, RowWork
from beltline.cache import AnswerCache
from beltline.language.estimate import Look, look, outlook_of
from beltline.language.models import Model
from beltline.scan import Row
from beltline.store import Store
from beltline.verdict import REJECTED, BadRow
from jobs.options import Options
from jobs.work import PLACE, SPEC_SCHEMA, Stage, Work

ROWS_AT_ONCE, ALONE = 64, 128
"""Rows handed to a process at a time; up to so many rows a second process would start later than this one ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """The part of a plan that decides what is asked."""

    uri: str
    model: Model
    paths: Sequence[str] | None
    before: Sequence[Stage]
    schema: pa.Schema


def forecast(work: Work, options: Options, folder: str) -> tuple[str, ...]:
    """Lines for a person; none for a work that asks no model."""
    ask = _asking(work, options.store, folder)
    if ask is None:
        return ()
    rows = [{"row": number, "id": key, "spec": spec} for number, (key, spec) in enumerate(work.specs())]
    chunks = [rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE)]
    alone = options.workers == 1 or len(rows) <= ALONE
    return outlook_of(found for chunk in _each(ask, chunks, 1 if alone else options.workers) for found in chunk).lines()


def _asking(work: Work, store: Store, folder: str) -> _Ask | None:
    stages = work.stages(folder)
    for index, stage in enumerate(stages):
        model = stage.kwargs.get("model")
        if isinstance(model, Model):
            schema = pa.schema([*PLACE, *work.schema, pa.field("spec", pa.string())])
            before, paths = stages[:index], stage.kwargs.get("paths")
            return _Ask(uri=store.uri, model=model, paths=paths, before=before, schema=schema)
    return None


def _each(ask: _Ask, chunks: list[list[Row]], processes: int) -> Iterator[list[Look]]:
    if processes == 1:
        looker = Looker(ask)
        yield from map(looker, chunks)
        return
    start = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(processes, len(chunks)), mp_context=start, initializer=_begin, initargs=(ask,)
    ) as pool:
        yield from pool.map(_go_on, chunks)


class Looker:
    """Rows of the spec table to what each of them will cost."""

    def __init__(self, ask: _Ask):
        self._before = [
            RowWise(cast(Callable[..., RowWork], stage.make), stage.kwargs, ask.schema) for stage in ask.before
        ]
        self._scans = Scans(ask.uri, ask.model, ask.paths)
        self._cache = AnswerCache(Store(ask.uri), asked="")  # it is only read, so it needs no journal

    def __call__(self, rows: list[Row]) -> list[Look]:
        specs = [row | {"spec": json.dumps(row["spec"])} for row in rows]
        block = pa.Table.from_pylist(specs, schema=SPEC_SCHEMA)
        for stage in self._before:
            block = stage(block)
        return [self._look(row) for row in block.to_pylist()]

    def _look(self, row: Row) -> Look:
        if row.get("status") == REJECTED:
            return Look(state="unshown")
        try:
            _, facts, request = self._scans(row)
        except BadRow:
            return Look(state="unshown")
        attempt, reply, failed = heard(self._cache, request)
        return look(request, facts, attempt, reply, failed is not None)


_looker: Looker | None = None


def _begin(ask: _Ask) -> None:
    global _looker
    _looker = Looker(ask)


def _go_on(rows: list[Row]) -> list[Look]:
    assert _looker is not None
    return _looker(rows)
