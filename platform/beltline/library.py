"""Rows of a version by their id: what a worker uses to read the scans that its specs name.

    library = Library(Store("./data"), manifest_files)
    scan = library.scan(4711)

The index (id to file and row) is read once from the id columns, or given by whoever has read them already; images are read file by file, the last few files kept: whoever
asks for ids in the order of the files reads each file once.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import pyarrow as pa

from beltline.scan import Row, Scan
from beltline.store import Store
from beltline.version import Manifest, read_files

FILES_KEPT = 4


Index = Mapping[int, tuple[str, int]]
"""Id -> the file that its row is in, and which of its rows."""


def index_of(tables: Mapping[str, pa.Table]) -> Index:
    """Where rows are, from their files' tables by path."""
    return {key: (path, at) for path, one in tables.items() for at, key in enumerate(one["id"].to_pylist())}


class Library:
    """Kept and rejected rows of some parquet files of a store; all their columns, or those that are named."""

    def __init__(
        self, store: Store, paths: Sequence[str], columns: Sequence[str] | None = None, where: Index | None = None
    ):
        self._store, self._columns = store, None if columns is None else list(columns)
        self._where = where or index_of({path: read_files(store, [path], ["id"]) for path in paths})
        self._file = lru_cache(maxsize=FILES_KEPT)(self._read)

    def row(self, key: int) -> Row:
        """The row of this id.

        Raises:
            KeyError: the version has no such id.
        """
        path, index = self._where[key]
        found: Row = self._file(path).slice(index, 1).to_pylist()[0]
        return found

    def scan(self, key: int) -> Scan:
        return Scan.of(self.row(key))

    def _read(self, path: str) -> pa.Table:
        return read_files(self._store, [path], self._columns)


def paths_of(manifest: Manifest) -> list[str]:
    """The row files of a version: all that a `Library` needs to know of it."""
    return [file.path for file in manifest.rows]
