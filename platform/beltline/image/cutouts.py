"""CleanDET (One 3.1): single items on pure white, and empty-of-contraband bags sorted by density, out of ordinary scans.

    items = cutouts_of(scan)                 # one Scan per item of the scan
    bag = as_background(negative_scan)       # the same scan, with `density` set

What a cut-out cannot be. A radiograph adds everything on a ray up, so an item's pixels also hold what lay over and under
it. Segmentation removes what is beside the item, never what is on it: items of full bags keep some clutter, which is
why single-item scans are preferred (and what One's authors collected). `subtract_surroundings=True` takes an even
layer off: the median depth of a ring around the item (the tray, a bag wall, cloth) is subtracted, so the cut-out keeps the item's own depth
and does not bring its old bag along; the composite is otherwise darker than the item would be. It is off by default
because it is wrong where the ring shows something that does not go on behind the item, and because it cannot help opaque pixels.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from beltline import masks, pixels
from beltline.boxes import Boxes
from beltline.image.bagmask import WHITE_AT, bag_mask, filled, square
from beltline.image.physics import BRIGHT_AT, I0, normalise_white, optical_depth, scale_table
from beltline.masks import Mask
from beltline.pixels import Rgb
from beltline.scan import Item, Scan, View, scan_id
from beltline.verdict import BadRow

SOURCE = "cutouts"
MARGIN_PX = 4
MIN_ITEM_PX = 16
"""Fewest mask pixels of a cut-out: less is a speck, not an item."""
MIN_BAG_SHARE = 0.02
"""Smallest part of the view that a background's bag covers."""
SPARSE_BELOW = 0.30
DENSE_FROM = 0.60
"""Mean optical depth inside the bag (natural logarithm) that parts sparse, medium and dense: about thirds of 33 real views (12, 12, 9)."""
RING_PX = (2, 8)
"""The ring whose median depth stands for what lies under an item begins and ends so far outside its mask."""


class Segmenter(Protocol):
    """Anything that turns boxes into masks: the default below, or actors/segmenter.py's promptable model."""

    def __call__(self, rgb: Rgb, boxes_xyxy: Boxes) -> NDArray[np.bool_]:
        """(N, H, W) masks of the items in (N, 4) boxes."""
        ...


Decode = Callable[[View], Rgb]


def decode_view(view: View) -> Rgb:
    """The pixels of a view (H, W, 3); jobs hand in a caching decoder instead."""
    return pixels.decode(view.bytes)


def segment_on_white(rgb: Rgb, boxes_xyxy: Boxes) -> NDArray[np.bool_]:
    """(N, H, W) masks: in each of (N, 4) boxes all that is not white, gaps closed and holes filled.

    Right for plain scans of one item. In a bag it takes the clutter inside the box along: use masks or a promptable model there.
    """
    empty = cv2.inRange(normalise_white(rgb), (WHITE_AT,) * 3, (I0,) * 3)
    found = np.zeros((len(boxes_xyxy), *rgb.shape[:2]), bool)
    for mask, box in zip(found, np.asarray(boxes_xyxy), strict=True):
        x0, y0, x1, y1 = _outward(box, rgb)
        if x1 > x0 and y1 > y0:
            part = cv2.copyMakeBorder(255 - empty[y0:y1, x0:x1], 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=0)
            closed = filled(cv2.morphologyEx(part, cv2.MORPH_CLOSE, square(1)))
            mask[y0:y1, x0:x1] = closed[4:-4, 4:-4] > 0
    return found


def cutouts_of(
    scan: Scan,
    segmenter: Segmenter = segment_on_white,
    *,
    only: int | None = None,
    subtract_surroundings: bool = False,
    decode: Decode = decode_view,
) -> list[Scan]:
    """One single-item scan on pure white for every item that the top view shows by mask or box; of `only` that item if given.

    An item whose mask has fewer than MIN_ITEM_PX pixels gives none; the notes of the others say so.

    Raises:
        BadRow: items are claimed but not one gives a cut-out, or a mask's run lengths do not fit the view.
    """
    shown = [item for item in scan.items if item.top_mask is not None or item.top_xyxy is not None]
    shown = [item for item in shown if only in (None, item.item)]
    if not shown:
        return []
    rgb = normalise_white(decode(scan.top))
    found = list(zip(shown, _item_masks(rgb, shown, segmenter), strict=True))
    small = [item.item for item, mask in found if mask.sum() < MIN_ITEM_PX]
    if len(small) == len(shown):
        raise BadRow(
            "cutout/empty-mask", f"expected items of at least {MIN_ITEM_PX} pixels, found none in {len(shown)} masks"
        )
    notes = tuple(f"item {number} of the scan gave no cut-out: its mask is empty or a speck" for number in small)
    return [
        _cutout(scan, item, rgb, mask, subtract_surroundings, notes) for item, mask in found if item.item not in small
    ]


def density_level(rgb: Rgb, mask: Mask | None = None) -> str:
    """'sparse', 'medium' or 'dense' by the mean optical depth inside the bag; an empty belt is sparse."""
    depth = mean_depth(rgb, bag_mask(rgb) if mask is None else mask)
    return "sparse" if depth < SPARSE_BELOW else "medium" if depth < DENSE_FROM else "dense"


def mean_depth(rgb: Rgb, mask: Mask) -> float:
    """Mean of -ln(I / 255) over the mask and the channels, in steps of 1/1000; 0 for an empty mask. Black counts as 0.5."""
    values = normalise_white(rgb)[mask]
    if not values.size:
        return 0.0
    return int(np.bincount(values.ravel(), minlength=256) @ _MILLI_DEPTHS) // values.size / 1000


def as_background(scan: Scan, *, decode: Decode = decode_view) -> Scan:
    """`scan` as a background: the same scan with its density level set.

    Raises:
        BadRow: it holds items, or its bag covers less than MIN_BAG_SHARE of the view.
    """
    if scan.items:
        raise BadRow("background/has-items", f"expected a bag without items, found {len(scan.items)}")
    rgb = normalise_white(decode(scan.top))
    mask = bag_mask(rgb)
    if mask.mean() < MIN_BAG_SHARE:
        share = f"expected a bag on at least {MIN_BAG_SHARE:.0%} of the view"
        raise BadRow("background/bag-too-small", f"{share}, found {mask.mean():.2%}")
    return replace(scan, density=density_level(rgb, mask))


# Thousandths of depth per grey level: sums of integers, so a threshold is crossed on all processors or on none.
_MILLI_DEPTHS = np.rint(1000 * optical_depth(np.maximum(np.arange(256), 0.5))).astype(np.int64)


def _cutout(scan: Scan, item: Item, rgb: Rgb, mask: Mask, subtract_surroundings: bool, notes: tuple[str, ...]) -> Scan:
    clean = _without_surroundings(rgb, mask) if subtract_surroundings else rgb
    x0, y0, x1, y1 = (int(edge) for edge in masks.bounds(mask) or ())
    canvas = np.full((y1 - y0 + 2 * MARGIN_PX, x1 - x0 + 2 * MARGIN_PX, 3), I0, np.uint8)
    inside = np.pad(mask[y0:y1, x0:x1], MARGIN_PX)
    canvas[inside] = clean[mask]
    source_id = f"{scan.source}/{scan.source_id}#{item.item}"
    identity = scan_id(SOURCE, source_id)
    kept = replace(
        item,
        top_xyxy=masks.bounds(inside),
        top_mask=masks.encode(inside),
        side_xyxy=None,
        side_mask=None,
        top_visible=None,
        side_visible=None,
        centre_mm=None,
        attributes={**item.attributes, "origin": str(scan.id)},
    )
    return replace(
        scan,
        id=identity,
        source=SOURCE,
        source_id=source_id,
        top=pixels.make_view(canvas, f"{identity}.png"),
        side=None,
        items=(kept,),
        container=None,
        density=None,
        notes=notes,
    )


def _item_masks(rgb: Rgb, items: list[Item], segmenter: Segmenter) -> list[Mask]:
    """The items' own masks; the segmenter's where there is only a box."""
    boxes = np.array([item.top_xyxy for item in items if item.top_mask is None], float).reshape(-1, 4)
    from_boxes = iter(segmenter(rgb, boxes) if len(boxes) else ())
    return [next(from_boxes) if item.top_mask is None else _own_mask(item.top_mask, rgb) for item in items]


def _own_mask(runs: tuple[int, ...], rgb: Rgb) -> Mask:
    try:
        return masks.decode(runs, (rgb.shape[1], rgb.shape[0]))
    except ValueError as error:
        raise BadRow("cutout/bad-mask", str(error)) from error


def _without_surroundings(rgb: Rgb, mask: Mask) -> Rgb:
    """Depth minus the ring's median depth. The logarithm keeps order, so that is intensity over the ring's median intensity."""
    spot = mask.astype(np.uint8)
    near, far = (cv2.dilate(spot, square(radius)) for radius in RING_PX)
    ring = rgb[(far > near)]
    if not len(ring):
        return rgb
    middle = np.sort(ring, axis=0)[len(ring) // 2]
    red, green, blue = (max(int(level), BRIGHT_AT // 2) for level in middle)  # a dark ring would amplify noise
    return cv2.LUT(rgb, scale_table((red, green, blue)))


def _outward(box: NDArray[np.float64], rgb: Rgb) -> tuple[int, int, int, int]:
    """The box in whole pixels, grown outwards and clipped to the scan."""
    height, width = rgb.shape[:2]
    x0, y0 = np.floor(box[:2]).astype(int).clip(0)
    x1, y1 = np.ceil(box[2:]).astype(int).clip(0, (width, height))
    return int(x0), int(y0), int(x1), int(y1)
