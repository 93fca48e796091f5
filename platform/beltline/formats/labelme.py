"""STCray: labelme polygons and rectangles, and a caption per image.

Layout: `STCray_{Train,Test}Set/{Images,Json,Json_BB,Captions}/Class NN_Name/<stem>.{jpg,json,json,txt}`. `Json` holds polygons,
`Json_BB` rectangles. Where both are missing the folder's name is the category, without a box. The archives are full of macOS's
`._*` files, which no reader sees (folder.py).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from beltline.formats import series
from beltline.formats.entry import Entry, attempt
from beltline.formats.folder import folder_of, stem_of, walk
from beltline.formats.segmentation import polygons
from beltline.formats.values import corners, listing, mapping, number, read_json, read_text, size
from beltline.labels import canonical
from beltline.scan import Item
from beltline.verdict import BadRow

PARTS = {"Json": ".json", "Json_BB": ".json", "Captions": ".txt"}
EMPTY_CLASSES = frozenset({"nonthreat", "nothreat", "normal"})
"""Folders of bags without a threat."""
MIXED_CLASSES = frozenset({"multilabelthreat", "multilabel", "multiplethreats"})
"""Folders whose name says no category."""


def find(root: Path) -> Iterator[Entry]:
    """Every image below a folder `Images`."""
    folder = walk(root)
    files = frozenset(folder.files)
    for path in folder.images():
        head, found, tail = f"/{path}".rpartition("/Images/")
        if found:
            plain = tail.rpartition(".")[0]
            parts = {part: f"{head}/{part}/{plain}{suffix}".lstrip("/") for part, suffix in PARTS.items()}
            parts = {part: each for part, each in parts.items() if each in files}
            stem = stem_of(path)
            fallback = Entry(source_id=stem, group=series.stcray(stem), top=path, uses=tuple(parts.values()))
            yield attempt(partial(_entry, root, parts, fallback), fallback)


def captions(root: Path) -> Iterator[tuple[str, str]]:
    """(source_id, caption) of every image that has a caption file; files that are not UTF-8 are left out."""
    for entry in find(root):
        for path in entry.uses:
            if "/Captions/" in f"/{path}":
                try:
                    yield entry.source_id, read_text(root, path).strip()
                except BadRow:
                    continue


def _entry(root: Path, parts: dict[str, str], fallback: Entry) -> Entry:
    sheet = parts.get("Json") or parts.get("Json_BB")
    if sheet is None:
        return _by_folder(fallback)
    return replace(fallback, items=tuple(_items(root, sheet)))


def _items(root: Path, sheet: str) -> Iterator[Item]:
    document = mapping(read_json(root, sheet), sheet)
    for place, value in enumerate(listing(document.get("shapes"), f"{sheet}, shapes")):
        what = f"{sheet}, shape {place}"
        shape = mapping(value, what)
        category = canonical(shape.get("label"), "stcray")
        points = [_point(each, what) for each in listing(shape.get("points"), what)]
        if len(points) == 2:
            yield Item(item=place, category=category, top_xyxy=_rectangle(points, what))
        else:
            size_wh = size(document.get("imageWidth"), sheet), size(document.get("imageHeight"), sheet)
            mask = polygons([[value for point in points for value in point]], size_wh, what)
            yield Item(item=place, category=category, top_mask=mask)


def _point(value: Any, what: str) -> tuple[float, float]:
    point = listing(value, what)
    if len(point) != 2:
        raise BadRow("ingest/bad-box", f"{what}: expected a point [x, y], found {len(point)} numbers")
    return number(point[0], what), number(point[1], what)


def _rectangle(points: list[tuple[float, float]], what: str) -> tuple[float, float, float, float]:
    """A rectangle of any two opposite corners: labelme stores them in the order of the two clicks."""
    xs, ys = sorted(x for x, _ in points), sorted(y for _, y in points)
    return corners([xs[0], ys[0], xs[1], ys[1]], what)


def _by_folder(fallback: Entry) -> Entry:
    folder = folder_of(fallback.top).rpartition("/")[2]
    label = re.sub(r"^class\s*\d+[_\s]*", "", folder, flags=re.I)
    key = re.sub(r"[\W_]+", "", label).lower()
    if key in MIXED_CLASSES:
        raise BadRow(
            "ingest/missing-annotation", f"{fallback.top}: expected a json file, as {folder!r} says no category"
        )
    items = () if key in EMPTY_CLASSES else (Item(item=0, category=canonical(label, "stcray")),)
    note = f"{fallback.top}: no json file, the folder's name is the category"
    return replace(fallback, items=items, notes=(note,))
