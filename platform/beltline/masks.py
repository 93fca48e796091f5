"""Binary masks as COCO run lengths: how a mask travels in a row.

Runs are counted down the columns (Fortran order) and begin with the zeros, as in COCO's uncompressed RLE.

    >>> encode(np.array([[0, 1], [0, 1]], bool))
    (2, 2)
"""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def encode(mask: Mask) -> tuple[int, ...]:
    """Run lengths of a (H, W) mask, column by column, zeros first. An empty mask gives ()."""
    flat = np.asarray(mask, bool).ravel(order="F")
    if flat.size == 0:
        return ()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate(([0], changes, [flat.size])))
    return (*([0] if flat[0] else []), *runs.tolist())


def encode_at(mask: Mask, at_xy: tuple[int, int], size_wh: tuple[int, int]) -> tuple[int, ...]:
    """Run lengths of a view that holds `mask` (h, w) at `at_xy` and is empty elsewhere; costs the mask's columns, not the view."""
    (x, y), (width, height) = at_xy, size_wh
    strip = np.zeros((height, mask.shape[1]), bool)
    strip[y : y + mask.shape[0]] = mask
    runs = list(encode(strip)) or [0]
    runs[0] += x * height
    after = (width - x - mask.shape[1]) * height
    if len(runs) % 2:  # the last run is one of zeros
        runs[-1] += after
    elif after:
        runs.append(after)
    return tuple(runs)


def decode(counts: tuple[int, ...], size_wh: tuple[int, int]) -> Mask:
    """The (H, W) mask of run lengths.

    Raises:
        ValueError: the runs do not add up to width * height.
    """
    width, height = size_wh
    runs = np.asarray(counts, np.int64)
    if runs.sum() != width * height or (runs < 0).any():
        raise ValueError(f"mask: expected runs of {width}x{height} = {width * height} pixels, found {runs.sum()}")
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape((height, width), order="F")


def bounds(mask: Mask) -> tuple[float, float, float, float] | None:
    """Smallest `xyxy` rectangle around the set pixels (right and lower edge exclusive); None for an empty mask."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if columns.size == 0:
        return None
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
