"""Where exported images lie, what they are called, and how text files are written: shared by all writers.

A view is `images/<scan id>_<view>.png` (or .jpg, as it is stored): the bytes are copied, never encoded again.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beltline.scan import VIEWS, Scan, View

IMAGES = "images"
PNG = b"\x89PNG"
VAL_IN = 10
"""One bag in so many is put aside for validation, where a format wants a part for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One exported view."""

    scan: Scan
    view: str
    image: View
    path: str
    """Relative to the export's folder."""

    @property
    def stem(self) -> str:
        return stem(self.scan.id, self.view)


def stem(scan: int, view: str) -> str:
    """Name of a view without its ending."""
    return f"{scan}_{view}"


def suffix(image: View) -> str:
    return ".png" if image.bytes.startswith(PNG) else ".jpg"


def views(scan: Scan, folder: str = IMAGES) -> Iterator[Placed]:
    """The scan's views, top first, and where they go."""
    for view in VIEWS:
        image: View | None = getattr(scan, view)
        if image is not None:
            path = f"{folder}/{stem(scan.id, view)}{suffix(image)}"
            yield Placed(scan=scan, view=view, image=image, path=path)


def place(root: Path, placed: Placed) -> None:
    """Write the view's own bytes."""
    write_bytes(root / placed.path, placed.image.bytes)


def place_all(root: Path, scans: Iterable[Scan]) -> dict[int, dict[str, str]]:
    """Write all views; scan id to view to path."""
    where: dict[int, dict[str, str]] = {}
    for scan in scans:
        found = where.setdefault(scan.id, {})
        for placed in views(scan):
            place(root, placed)
            found[placed.view] = placed.path
    return where


def paths_for(row: dict[str, Any], where: dict[int, dict[str, str]]) -> list[str]:
    """The images that a conversation or a question is about, in the order in which they are shown.

    Raises:
        ValueError: its scan, or one of its views, is not among the scans that were given.
    """
    shown = list(row["views"] or ())
    found = where.get(row["scan"], {})
    missing = [view for view in shown if view not in found]
    if missing:
        raise ValueError(
            f"row {row['id']}: expected scan {row['scan']} with the views {shown}, found {sorted(found) or 'no such scan'}; "
            "export it together with the version of scans that it was made from"
        )
    return [found[view] for view in shown]


def is_val(group: str) -> bool:
    """Whether a bag is put aside for validation: by its name alone, so that both views and every export agree."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:4], "big") % VAL_IN == 0


def write_bytes(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Indented JSON in UTF-8, keys as given."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
