"""The edge between Arrow blocks and rows: what Ray Data calls, around a plain class that knows one row.

A row that cannot be made is rejected with its reason and travels on; a rejected row passes every later stage untouched. Any
other exception is a fault of ours, and stops the job with the row's id in its message.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from beltline.scan import Row
from beltline.verdict import REJECTED, BadRow

RowWork = Callable[[Row], Row]
"""Takes a row, gives the columns that it adds or changes."""


class RowWise:
    """`make(**kwargs)` once, then its result on every row of every block."""

    def __init__(self, make: Callable[..., RowWork], kwargs: Mapping[str, Any], schema: pa.Schema):
        self._work = make(**kwargs)
        self._schema = schema

    def __call__(self, block: pa.Table) -> pa.Table:
        """A block of any columns to a block of `schema`; columns that nobody has filled are null."""
        rows = [self._done(row) for row in block.to_pylist()]
        wanted = self._schema.names
        return pa.Table.from_pylist([{name: row.get(name) for name in wanted} for row in rows], schema=self._schema)

    def _done(self, row: Row) -> Row:
        if row.get("status") == REJECTED:
            return row
        try:
            return row | self._work(row)
        except BadRow as error:
            return row | error.verdict.columns()
        except Exception as error:
            error.add_note(f"while working on row {row.get('row')}, id {row.get('id')}")
            raise
