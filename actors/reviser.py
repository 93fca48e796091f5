"""Makes of a version's rows what people said of them: the row work behind `review --close`."""

import json
from collections.abc import Sequence

from beltline.language.revising import Ruling, revised
from beltline.library import Library
from beltline.scan import VIEWS, Row
from beltline.store import Store

_SIZES = [f"{view}_{edge}" for view in VIEWS for edge in ("width", "height")]


class Reviser:
    """Row work: the spec holds a ruling.

    Args:
        store: URI.
        paths: row files of the version that was reviewed.
        scans: row files of the scans that it speaks of, for the sizes of their views.
    """

    def __init__(self, store: str, paths: Sequence[str], scans: Sequence[str]):
        self._rows = Library(Store(store), paths)
        self._sizes = Library(Store(store), scans, ["id", *_SIZES])

    def __call__(self, row: Row) -> Row:
        found = self._rows.row(row["id"])
        ruling = Ruling(**json.loads(row["spec"]))
        kept = {name: value for name, value in found.items() if name not in ("row", "content")}
        return kept | revised(found, ruling, self.sizes(found))

    def sizes(self, row: Row) -> dict[str, tuple[int, int]]:
        """(width, height) of the views that the row's scan has."""
        try:
            scan = self._sizes.row(row.get("scan") or row["id"])
        except KeyError:
            return {}
        return {view: (scan[f"{view}_width"], scan[f"{view}_height"]) for view in VIEWS if scan[f"{view}_width"]}
