"""Opens the images that a public set's annotation names and makes Scan rows of them."""

from dataclasses import replace
from pathlib import Path

from beltline.formats import READERS, Entry, load
from beltline.scan import Row, scan_id
from beltline.verdict import BadRow


class Ingester:
    """Row work for `ingest`: the spec is an Entry as JSON.

    Args:
        reader: name in formats.READERS.
        root: folder of the set.
        mm_per_px: the user's scale instead of the reader's; None keeps the reader's.
    """

    def __init__(self, reader: str, root: str, mm_per_px: float | None = None):
        found = READERS[reader]
        self._reader = found if mm_per_px is None else replace(found, mm_per_px=mm_per_px)
        self._root = Path(root)

    def __call__(self, row: Row) -> Row:
        entry = Entry.of(row["spec"])
        named = self.named(entry)
        if entry.reject:
            return named | entry.reject.columns()
        try:
            return named | load(self._reader, self._root, entry).row()
        except BadRow as error:
            return named | error.verdict.columns()

    def named(self, entry: Entry) -> Row:
        """The columns that a row has before any image is opened."""
        key = scan_id(self._reader.name, entry.source_id)
        return {
            "id": key,
            "group": entry.group,
            "source": self._reader.name,
            "source_id": entry.source_id,
            "licence": self._reader.licence,
        }
