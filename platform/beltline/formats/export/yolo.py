"""YOLO text: images/{train,val}, labels/{train,val} with `class cx cy w h` in shares of the view, and data.yaml.

Bags are put into train or val by their name, both views together. A view without an item has an empty label file, which
YOLO trains as background.
"""

from collections.abc import Iterable
from pathlib import Path

from beltline.formats.export.places import Placed, is_val, place, views, write_text
from beltline.scan import Box, Row, Scan


def yolo(root: Path, scans: Iterable[Scan], rows: Iterable[Row] = ()) -> None:
    """Write data.yaml, images/ and labels/. Class numbers follow the names' order in the alphabet."""
    told: list[tuple[Path, list[tuple[str, str]]]] = []
    for scan in scans:
        part = "val" if is_val(scan.group) else "train"
        for placed in views(scan, f"images/{part}"):
            place(root, placed)
            told.append((root / "labels" / part / f"{placed.stem}.txt", _lines(placed)))
    names = sorted({name for _, lines in told for name, _ in lines})
    for path, lines in told:
        write_text(path, "".join(f"{names.index(name)} {box}\n" for name, box in lines))
    listed = "".join(f"  {number}: {name}\n" for number, name in enumerate(names))
    (root / "images" / "val").mkdir(parents=True, exist_ok=True)
    write_text(root / "data.yaml", f"path: .\ntrain: images/train\nval: images/val\nnames:\n{listed}")


def _lines(placed: Placed) -> list[tuple[str, str]]:
    size = (placed.image.width, placed.image.height)
    boxes = ((item.category, getattr(item, f"{placed.view}_xyxy")) for item in placed.scan.items)
    return [(category, _centred(box, size)) for category, box in boxes if box is not None]


def _centred(xyxy: Box, size_wh: tuple[int, int]) -> str:
    (left, top, right, bottom), (width, height) = xyxy, size_wh
    shares = ((left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width, (bottom - top) / height)
    return " ".join(f"{share:.9f}" for share in shares)
