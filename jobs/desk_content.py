"""What the desk shows of a version of scans, captions or questions: its queue, an item as JSON, a picture by id.

Items are named by id alone and looked up in the version; no name from outside ever becomes a path. Boxes are pixels of their view,
`{"item": 1, "category": "gun", "top": [x, y, x, y], "side": null, "colour": ...}`: of a scan its items, of a caption its entries.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from beltline import boxes
from beltline.language import captions
from beltline.language.captions import Caption
from beltline.language.facts import Facts, facts_of
from beltline.language.marks import mark
from beltline.language.worklist import Entry
from beltline.library import Library, index_of, paths_of
from beltline.scan import VIEWS, Row, Scan
from beltline.store import Store
from beltline.verdict import KEPT, BadRow
from beltline.version import Manifest, read_files

Kind = Literal["scans", "captions", "questions"]
FOR_PEOPLE = ("screen/undefined", "exam/hard")
"""Reasons of rejected rows that a person is to look at."""
ATTRIBUTES = ("category", "colour", "quantity", "container", "top_place", "side_place")
"""Of One App. B; the box is the sixth."""
ITEM_COLUMNS = ("items.list.element.category",)


def kind_of(manifest: Manifest) -> Kind:
    """What a version holds, by its columns.

    Raises:
        ValueError: nothing that the desk shows.
    """
    for kind, column in (("questions", "options"), ("captions", "caption"), ("scans", "top")):
        if column in manifest.columns:
            return kind  # type: ignore[return-value]
    raise ValueError(
        f"{manifest.ref}: expected a version of scans, captions or questions, found {sorted(manifest.columns)}"
    )


class Content:
    """A version to be reviewed, and the scans that it speaks of.

    Args:
        scans: versions of scans; the version itself where it holds pictures.
    """

    def __init__(self, store: Store, manifest: Manifest, scans: Sequence[Manifest]):
        self.kind, self.manifest = kind_of(manifest), manifest
        self.scans = [one for one in scans if "top" in one.columns]
        tables = {path: read_files(store, [path], _columns(manifest)) for path in paths_of(manifest)}
        self._entries = [entry for table in tables.values() for entry in _entries(table)]
        where = index_of(tables)
        plain = [name for name in manifest.columns if name not in (*VIEWS, "status")]
        self._rows = Library(store, paths_of(manifest), [*plain, "content"], where)
        paths = [path for one in self.scans for path in paths_of(one)]
        self._scans = Library(store, paths, None, where if self.scans == [manifest] else None)

    def entries(self) -> list[Entry]:
        """The queue: kept rows, and rejected ones that are for people, in the version's own order."""
        return self._entries

    def shown(self, item: int) -> Row:
        """An item as the page gets it. Ids are text: JavaScript's numbers end at 53 bits.

        Raises:
            KeyError: the version has no such item.
        """
        row = self._rows.row(item)
        scan = self._scan(row)
        more = {"scans": _scan_shown, "captions": _caption_shown, "questions": _question_shown}[self.kind](row, scan)
        same = {"item": str(item), "digest": row["content"], "title": _title(row, scan)}
        return {**same, "views": _views(item, scan), "boxes": [], "reference": [], **more}

    def boxes(self, item: int) -> list[Row]:
        """The boxes of an item as the version has them."""
        found: list[Row] = self.shown(item)["boxes"]
        return found

    def image(self, item: int, view: str) -> bytes | None:
        """A picture's bytes; None where the item has no such view.

        Raises:
            KeyError: the version has no such item.
        """
        scan = self._scan(self._rows.row(item))
        found = getattr(scan, view) if scan is not None and view in VIEWS else None
        return None if found is None else bytes(found.bytes)

    def _scan(self, row: Row) -> Scan | None:
        key = row["scan"] if self.kind == "questions" else row["id"]
        try:
            return None if key is None else self._scans.scan(key)
        except KeyError:
            return None


_SCORES = ("coverage_asserted", "coverage_facts", "alignment_matched", "alignment_entities")


def _columns(manifest: Manifest) -> list[str]:
    """What a queue has to know of every row; nothing else is read of tens of thousands."""
    names = [name for name in ("reason", *_SCORES, "task", "facts") if name in manifest.columns]
    return ["id", "content", "status", *names, *(ITEM_COLUMNS if "items" in manifest.columns else ())]


def _entries(table: pa.Table) -> Iterator[Entry]:
    """Of one file. Column by column: a dictionary a row takes longer to make than the file to read."""
    has_items = "items" in table.column_names
    rows = (table.drop_columns(["items"]) if has_items else table).to_pylist()
    names = _item_names(table["items"]) if has_items else [_names(row) for row in rows]
    for row, own in zip(rows, names, strict=True):
        if row["status"] == KEPT or row.get("reason") in FOR_PEOPLE:
            yield Entry(item=row["id"], digest=row["content"], categories=_sorted(tuple(own)), score=_score(row))


def _item_names(items: pa.ChunkedArray) -> list[list[str]]:
    """The categories of every row's items."""
    lists = items.combine_chunks()
    names = iter(pc.struct_field(lists.flatten(), "category").to_pylist())
    return [list(islice(names, num or 0)) for num in pc.list_value_length(lists).to_pylist()]


def _names(row: Row) -> list[str]:
    if row.get("facts"):
        return [item["category"] for item in json.loads(row["facts"])["items"]]
    return [row["task"]] if row.get("task") else []


@lru_cache(maxsize=4096)
def _sorted(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _score(row: Row) -> float | None:
    """The lower of coverage and alignment."""
    pairs = [
        (row.get("coverage_asserted"), row.get("coverage_facts")),
        (row.get("alignment_matched"), row.get("alignment_entities")),
    ]
    shares = [100 * part / whole for part, whole in pairs if whole and part is not None]
    return min(shares) if shares else None


def _title(row: Row, scan: Scan | None) -> str:
    return f"{scan.source} {scan.source_id}" if scan is not None else str(row.get("task") or row["id"])


def _views(item: int, scan: Scan | None) -> list[Row]:
    views = [(name, getattr(scan, name)) for name in VIEWS if scan is not None and getattr(scan, name) is not None]
    return [
        {
            "name": name,
            "url": f"/desk/image/{item}/{name}?v={view.sha256[:16]}",
            "width": view.width,
            "height": view.height,
        }
        for name, view in views
    ]


def scan_boxes(scan: Scan) -> list[Row]:
    """A scan's items as boxes, with what its pixels and its source say of the six attributes."""
    known = facts_of(scan)
    facts, counts, found = {one.item: one for one in known.items}, known.counts(), []
    for item in scan.items:
        said = facts.get(item.item)
        places = {f"{view}_place": seen.place if said and (seen := said.seen(view)) else None for view in VIEWS}
        box = {view: _listed(getattr(item, f"{view}_xyxy")) for view in VIEWS}
        colour = item.attributes.get("colour") or (said.colour if said else None)
        more = {"colour": colour, "quantity": counts.get(item.category, 1), "container": scan.container}
        told = {name: item.attributes[name] for name in ATTRIBUTES if name in item.attributes}  # by an earlier reviewer
        found.append({"item": item.item, **box, **more, **places, **told, "category": item.category})
    return found


def _listed(xyxy: Any) -> list[float] | None:
    return None if xyxy is None else [round(float(edge), 1) for edge in xyxy]


def _scan_shown(row: Row, scan: Scan | None) -> Row:
    return {"boxes": scan_boxes(scan) if scan is not None else []}


def caption_boxes(caption: Caption, scan: Scan | None) -> list[Row]:
    """A caption's entries as boxes, in pixels."""
    found = []
    for entry in caption.items:
        box = {view: _pixels(entry.box(view), getattr(scan, view) if scan else None) for view in VIEWS}
        same = {name: getattr(entry, name) for name in ATTRIBUTES}
        found.append({"item": entry.item, **same, **box, "text": entry.text})
    return found


def _pixels(box: tuple[int, ...] | None, view: Any) -> list[float] | None:
    return None if box is None or view is None else _listed(boxes.from_thousandths(box, (view.width, view.height)))


def _caption_shown(row: Row, scan: Scan | None) -> Row:
    try:
        caption = captions.read(row["caption"] or "")
    except BadRow as error:
        return {"broken": str(error)}
    marked = asdict(mark(Facts.of(row["facts"]), caption)) if row.get("facts") else {}
    scenes = {"top": caption.top, "side": caption.side, "whole": caption.whole}
    reference = scan_reference(scan) if scan is not None else []
    return {"caption": scenes, "marked": marked, "boxes": caption_boxes(caption, scan), "reference": reference}


def scan_reference(scan: Scan) -> list[Row]:
    """The source's boxes, only to be looked at."""
    return [
        {
            "item": item.item,
            "category": item.category,
            **{view: _listed(getattr(item, f"{view}_xyxy")) for view in VIEWS},
        }
        for item in scan.items
    ]


def _question_shown(row: Row, scan: Scan | None) -> Row:
    evidence = json.loads(row.get("evidence") or "[]")
    reference = [
        {"item": one["item"], "category": one["category"], "top": None, "side": None, one["view"]: _listed(one["xyxy"])}
        for one in evidence
    ]
    asked = {name: row[name] for name in ("task", "question", "options", "answer")}
    return {"question": asked, "reference": reference, "details": json.loads(row.get("details") or "{}")}
