"""Items against the views they lie in: boxes clipped, masks measured, LDXray's side boxes drawn.

What lies partly outside a view is clipped and noted; what lies wholly outside, or does not fit, makes the row bad.
"""

from dataclasses import replace

import numpy as np

from beltline import boxes, masks
from beltline.pixels import Rgb
from beltline.scan import Box, Item
from beltline.verdict import BadRow

Size = tuple[int, int]

SIDE_DARK_BELOW = 240
"""LDXray's own tool: a side-view pixel belongs to the bag when all its channels are darker than this."""
SIDE_WIDEN = 0.15
"""LDXray's own tool: the side box is the top box's x-range, widened by this share of its width on each side."""
PSEUDO = {"side_box": "pseudo"}
"""Attribute of an item whose side box is drawn by `pseudo_side`, not by a person."""


def place(item: Item, sizes_wh: dict[str, Size | None]) -> tuple[Item, list[str]]:
    """The item with its boxes inside its views, and a note on each that was clipped.

    A mask without a box gives the box. `sizes_wh` maps "top" and "side" to the view's size.

    Raises:
        BadRow: a box lies outside its view (`ingest/box-outside`), a mask has another size (`ingest/mask-size`), or a box
            belongs to a view that the scan does not have (`ingest/missing-view`).
    """
    notes: list[str] = []
    for view, size_wh in sizes_wh.items():
        item = _masked(item, view, size_wh)
        box: Box | None = getattr(item, f"{view}_xyxy")
        if box is None:
            continue
        if size_wh is None:
            raise BadRow("ingest/missing-view", f"item {item.item}: has a {view} box, but the scan has no {view} view")
        inside = _clipped(box, size_wh, f"item {item.item} ({item.category}), {view} view")
        if inside != box:
            notes.append(f"{view} box of item {item.item} clipped to the view")
            item = _with_box(item, view, inside)
    return item, notes


def scaled(item: Item, full: float | None, sizes_wh: dict[str, Size | None]) -> Item:
    """The item with boxes in pixels, from boxes in which the view's width and height are both `full` (None: pixels already)."""
    if full is None:
        return item
    for view, box in (("top", item.top_xyxy), ("side", item.side_xyxy)):
        size_wh = sizes_wh[view]
        if box is not None and size_wh is not None:
            x1, y1, x2, y2 = (value * size_wh[axis % 2] / full for axis, value in enumerate(box))
            item = _with_box(item, view, (x1, y1, x2, y2))
    return item


def pseudo_side(top_xyxy: Box, top_width: int, side: Rgb) -> Box | None:
    """A side box from a top box and the (H, W, 3) side view; None when the bag shows nothing there.

    The views share the belt's axis, so the item lies in the same columns; the rows are all that the bag fills there.
    """
    width = side.shape[1]
    scale = width / top_width
    widen = SIDE_WIDEN * (top_xyxy[2] - top_xyxy[0])
    left, right = max(0.0, (top_xyxy[0] - widen) * scale), min(float(width), (top_xyxy[2] + widen) * scale)
    columns = side[:, int(left) : int(np.ceil(right))]
    rows = np.flatnonzero((columns.max(axis=2) < SIDE_DARK_BELOW).any(axis=1)) if columns.size else np.empty(0)
    return (left, float(rows[0]), right, float(rows[-1] + 1)) if rows.size else None


def _masked(item: Item, view: str, size_wh: Size | None) -> Item:
    counts: tuple[int, ...] | None = getattr(item, f"{view}_mask")
    if counts is None or size_wh is None:
        return item
    try:
        mask = masks.decode(counts, size_wh)
    except ValueError as error:
        raise BadRow("ingest/mask-size", f"item {item.item}, {view} view: {error}") from error
    if getattr(item, f"{view}_xyxy") is not None:
        return item
    return _with_box(item, view, masks.bounds(mask))


def _with_box(item: Item, view: str, box: Box | None) -> Item:
    return replace(item, top_xyxy=box) if view == "top" else replace(item, side_xyxy=box)


def _clipped(box: Box, size_wh: Size, what: str) -> Box:
    x1, y1, x2, y2 = boxes.clip(box, size_wh).tolist()
    if x2 <= x1 or y2 <= y1:
        width, height = size_wh
        raise BadRow("ingest/box-outside", f"{what}: expected a box inside {width}x{height} px, found {list(box)}")
    return x1, y1, x2, y2
