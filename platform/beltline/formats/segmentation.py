"""COCO segmentations as masks: polygons, run lengths as a list, run lengths as text.

The text form packs each run length in characters of 6 bits, least significant first: 5 bits of value and one that says whether
more follow; from the fourth on, each run is the difference to the last but one.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from beltline import masks
from beltline.formats.values import BAD, listing, number, size
from beltline.pixels import MAX_PIXELS
from beltline.verdict import BadRow

Size = tuple[int, int]


def counts_of(shape: Any, size_wh: Size | None, what: str) -> tuple[int, ...]:
    """Run lengths (masks.py) of a COCO `segmentation`, over an image of `size_wh` pixels.

    Raises:
        BadRow: it is no segmentation, or it is of another size.
    """
    if isinstance(shape, dict):
        return _runs(shape, size_wh, what)
    if size_wh is None:
        raise BadRow(BAD, f"{what}: expected the image's width and height beside a polygon, found none")
    return polygons(listing(shape, what), size_wh, what)


def polygons(shape: list[Any], size_wh: Size, what: str) -> tuple[int, ...]:
    """Run lengths of the union of flat polygons [x1, y1, x2, y2, ...] in pixels."""
    width, height = size_wh
    if width * height > MAX_PIXELS:
        raise BadRow("image/too-large", f"{what}: expected at most {MAX_PIXELS:,} pixels, found {width}x{height}")
    canvas = np.zeros((height, width), bool)
    for values in shape:
        flat = [number(value, what) for value in listing(values, what)]
        if len(flat) < 6 or len(flat) % 2:
            raise BadRow(
                "ingest/bad-mask", f"{what}: expected a polygon of at least 3 points, found {len(flat)} numbers"
            )
        canvas |= filled(np.array(flat).reshape(-1, 2), size_wh)
    return masks.encode(canvas)


def filled(points_xy: NDArray[np.float64], size_wh: Size) -> masks.Mask:
    """(H, W) mask of the pixels whose centre lies inside a polygon of (N, 2) points, by the even-odd rule.

    In whole 64ths of a pixel, so that the last bit of a float never decides.
    """
    width, height = size_wh
    corners = np.rint(np.clip(points_xy, -(2**15), 2**15) * 64).astype(np.int64)
    flips = np.zeros((height, width + 1), np.uint8)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        (x1, y1), (x2, y2) = (start, end) if start[1] < end[1] else (end, start)
        first, last = (int(np.clip(-((32 - y) // 64), 0, height)) for y in (y1, y2))  # rows with y1 <= centre < y2
        rows = np.arange(first, last)
        crossing = x1 * (y2 - y1) + (64 * rows + 32 - y1) * (x2 - x1)  # times (y2 - y1)
        columns = -((32 * (y2 - y1) - crossing) // (64 * (y2 - y1))) if first < last else rows
        flips[rows, np.clip(columns, 0, width)] ^= 1
    return np.logical_xor.accumulate(flips[:, :width].astype(bool), axis=1)


def unpacked(text: str) -> tuple[int, ...]:
    """Run lengths of COCO's packed text."""
    counts: list[int] = []
    position = 0
    while position < len(text):
        value, shift, more = 0, 0, True
        while more:
            if position >= len(text) or shift > 60 or not 0 <= ord(text[position]) - 48 < 64:
                raise ValueError(f"expected packed run lengths, found {text[position : position + 8]!r}")
            bits = ord(text[position]) - 48
            value |= (bits & 31) << shift
            more, shift, position = bool(bits & 32), shift + 5, position + 1
        if bits & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
    return tuple(counts)


def _runs(shape: dict[str, Any], size_wh: Size | None, what: str) -> tuple[int, ...]:
    counts = shape.get("counts")
    if isinstance(counts, str):
        try:
            runs = unpacked(counts)
        except ValueError as error:
            raise BadRow("ingest/bad-mask", f"{what}: {error}") from error
    else:
        runs = tuple(int(number(value, what, "ingest/bad-mask")) for value in listing(counts, what))
    sides = listing(shape.get("size"), what)
    if len(sides) != 2:
        raise BadRow(BAD, f"{what}: expected a size [height, width], found {len(sides)} numbers")
    height, width = (size(value, what) for value in sides)
    if sum(runs) != width * height or min(runs, default=0) < 0 or (size_wh and size_wh != (width, height)):
        expected = size_wh or (width, height)
        raise BadRow(
            "ingest/mask-size", f"{what}: expected runs over {expected[0]}x{expected[1]} px, found {sum(runs)}"
        )
    return runs
