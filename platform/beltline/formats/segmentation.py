"""COCO segmentations as masks: polygons, run lengths as a list, run lengths as text.

The text form packs each run length in characters of 6 bits, least significant first: 5 bits of value and one that says whether
more follow; from the fourth on, each run is the difference to the last but one.
"""

from typing import Any

import cv2
import numpy as np

from beltline import masks
from beltline.formats.values import BAD, listing, number
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
    canvas = np.zeros((height, width), np.uint8)
    for values in shape:
        flat = [number(value, what) for value in listing(values, what)]
        if len(flat) < 6 or len(flat) % 2:
            raise BadRow(
                "ingest/bad-mask", f"{what}: expected a polygon of at least 3 points, found {len(flat)} numbers"
            )
        points = np.clip(np.array(flat).reshape(-1, 2), -(2**15), 2**15)
        one = np.zeros_like(canvas)  # one canvas each: fillPoly on several would cut out what they share
        cv2.fillPoly(one, [np.rint(points - 0.5).astype(np.int32)], 1)
        canvas |= one
    return masks.encode(canvas > 0)


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
    height, width = (int(number(value, what, BAD)) for value in listing(shape.get("size"), what)[:2])
    if sum(runs) != width * height or min(runs, default=0) < 0 or (size_wh and size_wh != (width, height)):
        expected = size_wh or (width, height)
        raise BadRow(
            "ingest/mask-size", f"{what}: expected runs over {expected[0]}x{expected[1]} px, found {sum(runs)}"
        )
    return runs
