"""Exact resizing in integers: the same pixels on every processor, symmetric under flips and transposition.

Library resizers accumulate in floats or in rounded tables whose last bit depends on the build. Here every output pixel is a
ratio of integers: the exact area average when shrinking (what a coarser detector would have counted), bilinear when growing.

    small = resize(rgb, (width, height))
"""

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def resize(image: Bytes, size_wh: tuple[int, int]) -> Bytes:
    """(H, W) or (H, W, C) uint8 to (height, width[, C]), rounded to the nearest level, halves up.

    Raises:
        ValueError: a side of either size is 0.
    """
    height, width = image.shape[:2]
    if min(height, width, *size_wh) < 1:
        raise ValueError(f"resize: expected sides of at least 1 px, found {width}x{height} to {size_wh}")
    if size_wh == (width, height):
        return image.copy()
    rows, row_unit = _along_first(image.astype(np.int64), size_wh[1])
    both, column_unit = _along_first(np.ascontiguousarray(rows.swapaxes(0, 1)), size_wh[0])
    unit = row_unit * column_unit
    return ((both.swapaxes(0, 1) + unit // 2) // unit).astype(np.uint8)


def area_sums(values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """First axis of length n cut into `count` equal parts and summed, times `count`: all parts weigh n, pixels on an edge count in part."""
    n = len(values)
    edges, parts = np.divmod(np.arange(count + 1, dtype=np.int64) * n, count)
    totals = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    following = np.concatenate([values, values[-1:]])[edges]
    upto = totals[edges] * count + following * parts.reshape(-1, *[1] * (values.ndim - 1))
    return np.diff(upto, axis=0)


def _along_first(values: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], int]:
    """Values resampled to `count` along the first axis, times the unit that is returned with them."""
    n = len(values)
    if count == n:
        return values, 1
    if count < n:
        return area_sums(values, count), n
    # Pixel centres: output i lies at ((2i + 1) n - count) / (2 count) of the input, held at both ends.
    places = ((2 * np.arange(count, dtype=np.int64) + 1) * n - count).clip(0, 2 * count * (n - 1))
    before, parts = np.divmod(places, 2 * count)
    parts = parts.reshape(-1, *[1] * (values.ndim - 1))
    after = np.minimum(before + 1, n - 1)
    return values[before] * (2 * count - parts) + values[after] * parts, 2 * count
