"""What a format keeps: scans are exported, read back by our own reader of the format, and compared field by field.

    print(as_table(fields_kept(scans, Path("/tmp/there"))))

Masks, pixels and boxes must be equal (boxes to a thousandth of a pixel, since YOLO writes shares); a field counts as kept when
it is right in every view of every scan.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from beltline.formats.entry import Reader
from beltline.formats.export import coco, voc, yolo
from beltline.formats.export.places import Placed, views
from beltline.formats.readers import READERS
from beltline.formats.survey import load, survey
from beltline.scan import Item, Scan

WRITERS = {"coco": coco.coco, "yolo": yolo.yolo, "voc": voc.voc}
FIELDS = (
    "views",
    "pixels",
    "size",
    "items",
    "categories",
    "boxes",
    "masks",
    "visible",
    "millimetres",
    "bag",
    "view pairs",
)
TOLERANCE_PX = 1e-3


def fields_kept(scans: Sequence[Scan], folder: Path) -> dict[str, dict[str, bool]]:
    """Format to field to whether it comes back. Writes a folder for each format below `folder`.

    Raises:
        ValueError: there are no scans, so nothing could be lost.
    """
    if not scans:
        raise ValueError("fields_kept: expected at least one scan, found none")
    return {name: _kept(name, scans, folder / name) for name in WRITERS}


def as_table(kept: dict[str, dict[str, bool]]) -> str:
    """A Markdown table, a row for each format."""
    head = ["format", *FIELDS]
    rows = [[name, *("yes" if found[field] else "no" for field in FIELDS)] for name, found in kept.items()]
    lines = [" | ".join(cells) for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(f"| {line} |" for line in lines)


def _kept(name: str, scans: Sequence[Scan], folder: Path) -> dict[str, bool]:
    WRITERS[name](folder, scans, ())
    read = _read(READERS[name], folder)
    wanted = [placed for scan in scans for placed in views(scan)]
    pairs = [(placed, read[placed.stem]) for placed in wanted if placed.stem in read]
    same = {field: all(_same(field, placed, found) for placed, found in pairs) for field in FIELDS[1:]}
    return {"views": len(pairs) == len(wanted) == len(read), **same}


def _read(reader: Reader, folder: Path) -> dict[str, Scan]:
    entries = [entry for entry in survey(reader, folder) if entry.reject is None]
    return {Path(entry.top).stem: load(reader, folder, entry) for entry in entries}


def _same(field: str, placed: Placed, found: Scan) -> bool:
    mine = [item for item in placed.scan.items if _of(item, placed.view, "xyxy") is not None]
    if field == "pixels":
        return found.top.sha256 == placed.image.sha256
    if field == "size":
        return (found.top.width, found.top.height) == (placed.image.width, placed.image.height)
    if field == "bag":
        return found.group == placed.scan.group
    if field == "view pairs":
        return (found.side is None) == (placed.scan.side is None)
    if len(mine) != len(found.items):
        return False
    return all(_same_item(field, one, placed.view, two) for one, two in zip(mine, found.items, strict=True))


def _same_item(field: str, mine: Item, view: str, found: Item) -> bool:
    if field == "categories":
        return mine.category == found.category
    if field == "boxes":
        pairs = zip(_of(mine, view, "xyxy"), found.top_xyxy or (), strict=False)
        return found.top_xyxy is not None and all(abs(a - b) <= TOLERANCE_PX for a, b in pairs)
    if field == "masks":
        return bool(_of(mine, view, "mask") == found.top_mask)
    if field == "visible":
        return bool(_of(mine, view, "visible") == found.top_visible)
    return (mine.centre_mm, mine.size_mm) == (found.centre_mm, found.size_mm) if field == "millimetres" else True


def _of(item: Item, view: str, what: str) -> Any:
    return getattr(item, f"{view}_{what}")
