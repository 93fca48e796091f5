"""What the desk shows of a version of scans, captions or questions: its queue, an item as JSON, a picture by id.

Items are named by id alone and looked up in the version; no name from outside ever becomes a path. Boxes are pixels of their view,
`{"item": 1, "category": "gun", "top": [x, y, x, y], "side": null, "colour": ...}`: of a scan its items, of a caption its entries.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from beltline import boxes
from beltline.language import captions
from beltline.language.captions import Caption
from beltline.language.facts import Facts, facts_of
from beltline.language.marks import mark
from beltline.language.worklist import Entry
from beltline.library import Library, paths_of
from beltline.scan import VIEWS, Row, Scan
from beltline.store import Store
from beltline.verdict import KEPT, BadRow
from beltline.version import Manifest, read_columns

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
        self.kind, self.manifest, self._store = kind_of(manifest), manifest, store
        self.scans = [one for one in scans if "top" in one.columns]
        plain = [name for name in manifest.columns if name not in (*VIEWS, "status")]
        self._rows = Library(store, paths_of(manifest), [*plain, "content"])
        paths = [path for one in self.scans for path in paths_of(one)]
        self._scans = Library(store, paths)

    def entries(self) -> list[Entry]:
        """The queue: kept rows, and rejected ones that are for people, in the version's own order."""
        names = [name for name in ("reason", *_SCORES, "task", "facts") if name in self.manifest.columns]
        names += list(ITEM_COLUMNS) if "items" in self.manifest.columns else []
        rows = read_columns(self._store, self.manifest, ["id", "content", "status", *names]).to_pylist()
        return [_entry(row) for row in rows if row["status"] == KEPT or row.get("reason") in FOR_PEOPLE]

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


def _entry(row: Row) -> Entry:
    if "items" in row:
        names = {item["category"] for item in row["items"] or ()}
    elif row.get("facts"):
        names = {item["category"] for item in json.loads(row["facts"])["items"]}
    else:
        names = {row["task"]} if row.get("task") else set()
    return Entry(item=row["id"], digest=row["content"], categories=tuple(sorted(names)), score=_score(row))


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
        found.append({"item": item.item, "category": item.category, **box, **more, **places})
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
