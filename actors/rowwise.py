"""The edge between Arrow blocks and rows: what Ray Data calls, around a plain class that knows one row.

A row that cannot be made is rejected with its reason and travels on; a rejected row passes every later stage untouched. Any
other exception is a fault of ours, and stops the job with the row's id in its message.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pyarrow as pa

from beltline.scan import Row
from beltline.verdict import REJECTED, BadRow

RowWork = Callable[[Row], Row]
"""Takes a row, gives the columns that it adds or changes."""
AsyncRowWork = Callable[[Row], Awaitable[Row]]
"""The same, for work that mostly waits."""


class RowWise:
    """`make(**kwargs)` once, then its result on every row of every block."""

    def __init__(self, make: Callable[..., RowWork], kwargs: Mapping[str, Any], schema: pa.Schema):
        self._work = make(**kwargs)
        self._schema = schema

    def __call__(self, block: pa.Table) -> pa.Table:
        """A block of any columns to a block of `schema`; columns that nobody has filled are null."""
        return _table([self._done(row) for row in block.to_pylist()], self._schema)

    def _done(self, row: Row) -> Row:
        if row.get("status") == REJECTED:
            return row
        try:
            return row | self._work(row)
        except BadRow as error:
            return row | error.verdict.columns()
        except Exception as error:
            _note(error, row)
            raise


class AsyncRowWise:
    """RowWise for work that mostly waits: all rows of a block at once. How many of them wait on a server is the work's to bound.

    Calls may overlap, so that the last rows of one block and the first of the next wait together.
    """

    def __init__(self, make: Callable[..., AsyncRowWork], kwargs: Mapping[str, Any], schema: pa.Schema):
        self._work = make(**kwargs)
        self._schema = schema

    async def __call__(self, block: pa.Table) -> pa.Table:
        """As RowWise. A fault of ours in one row calls off the others."""
        try:
            async with asyncio.TaskGroup() as together:
                tasks = [together.create_task(self._done(row)) for row in block.to_pylist()]
        except BaseExceptionGroup as faults:
            raise faults.exceptions[0] from None
        return _table([task.result() for task in tasks], self._schema)

    async def _done(self, row: Row) -> Row:
        if row.get("status") == REJECTED:
            return row
        try:
            return row | await self._work(row)
        except BadRow as error:
            return row | error.verdict.columns()
        except Exception as error:
            _note(error, row)
            raise


def _note(error: Exception, row: Row) -> None:
    error.add_note(f"while working on row {row.get('row')}, id {row.get('id')}")


def _table(rows: list[Row], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)
