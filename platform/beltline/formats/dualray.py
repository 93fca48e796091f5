"""Dualray: two VOC folders, `X_ray2022/` (vertical, our top view) and `X_ray2022_1/` (horizontal), paired by file name.

Each view has its own boxes and nothing says which belong together. The belt runs along image x in both views, so boxes of one
category that share most of their columns are one item; what finds no partner is an item that one view shows.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from beltline.formats import voc
from beltline.formats.entry import Entry, attempt
from beltline.formats.folder import Images, by_stem, stem_of, walk
from beltline.scan import Box, Item
from beltline.verdict import BadRow

FOLDERS = ("X_ray2022", "X_ray2022_1")
"""Top view, side view."""
SAME_COLUMNS = 0.5
"""Boxes of one category whose x-ranges have at least this intersection over union are one item."""

Pair = dict[str, str]
"""Folder to XML file."""


def find(root: Path) -> Iterator[Entry]:
    """Every pair of XML files of the same name."""
    pairs: dict[str, Pair] = {}
    folder = walk(root)
    images = _images(folder.images())
    for path in folder.named(".xml"):
        view = next((part for part in path.split("/") if part in FOLDERS), None)
        if view:
            pairs.setdefault(stem_of(path), {}).setdefault(view, path)
    for stem, pair in sorted(pairs.items()):
        fallback = Entry(source_id=stem, group=stem, top="", uses=tuple(sorted(pair.values())))
        yield attempt(partial(_entry, root, stem, pair, images, fallback), fallback)


def paired(top: tuple[Item, ...], side: tuple[Item, ...], stretch: float) -> tuple[Item, ...]:
    """Items of both views as one list; `stretch` turns the side view's x into the top view's.

    The best-fitting pairs are joined first; ties go to the lower numbers.
    """
    fits = sorted(
        (-_common(a.top_xyxy, b.top_xyxy, stretch), a.item, b.item)
        for a in top
        for b in side
        if a.category == b.category
    )
    partner: dict[int, int] = {}
    for fit, a, b in fits:
        if -fit >= SAME_COLUMNS and a not in partner and b not in partner.values():
            partner[a] = b
    joined = [replace(a, side_xyxy=side[partner[a.item]].top_xyxy if a.item in partner else None) for a in top]
    alone = [replace(b, top_xyxy=None, side_xyxy=b.top_xyxy) for b in side if b.item not in partner.values()]
    return tuple(replace(item, item=number) for number, item in enumerate([*joined, *alone]))


def _common(a: Box | None, b: Box | None, stretch: float) -> float:
    assert a and b, "VOC items have boxes"
    left, right = b[0] * stretch, b[2] * stretch
    return max(0.0, min(a[2], right) - max(a[0], left)) / (max(a[2], right) - min(a[0], left))


def _entry(root: Path, stem: str, pair: Pair, images: dict[str, Images], fallback: Entry) -> Entry:
    for name in FOLDERS:
        if name not in pair:
            raise BadRow("ingest/missing-view", f"{stem}: expected {stem}.xml below {name}, found none")
    top, side = (voc.image_of(root, pair[name], images[name]) for name in FOLDERS)
    placed = replace(fallback, top=top[0], side=side[0], notes=(*top[1], *side[1]))
    return attempt(partial(_labelled, root, pair, placed), placed)


def _labelled(root: Path, pair: Pair, placed: Entry) -> Entry:
    widths = [voc.width_of(root, pair[name]) for name in FOLDERS]
    stretch = widths[0] / widths[1] if widths[0] and widths[1] else 1.0
    top_items, side_items = (voc.items_of(root, pair[name], "dualray") for name in FOLDERS)
    return replace(placed, items=paired(top_items, side_items, stretch))


def _images(paths: tuple[str, ...]) -> dict[str, Images]:
    return {name: by_stem(path for path in paths if name in path.split("/")) for name in FOLDERS}
