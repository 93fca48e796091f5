"""Mask-constrained placement (One 3.1, eq. 5-9): every place where an item lies wholly inside the bag, and a fair draw.

Eq. 5-8 ask that the translated item mask M_f(p) satisfies M_f(p) * M_b = M_f(p). The set of all such p is the erosion of the bag
mask by the item mask. `valid_offsets` computes it exactly for masks of any shape: both masks become runs of bits in
one long integer, a run of length L is eroded by doubling shifts, and the runs of the item are ANDed. No float takes part.

    valid = valid_offsets(bag, item)
    xy = sample_offset(valid, rng)          # None when the item fits nowhere

Eq. 9's white canvas never has to be built: white does not attenuate, so fusing the item's rectangle at `xy` is the same.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from beltline.masks import Mask, bounds

Offsets = NDArray[np.bool_]


def valid_offsets(background_mask: Mask, item_mask: Mask) -> Offsets:
    """Bool array (H-h+1, W-w+1): [y, x] is True where `item_mask` (h, w), moved by (x, y), lies inside `background_mask` (H, W).

    An item larger than the background in either direction gives an array with a side of 0. An item without pixels fits everywhere.
    """
    (height, width), (item_height, item_width) = background_mask.shape, item_mask.shape
    valid = np.zeros((max(height - item_height + 1, 0), max(width - item_width + 1, 0)), bool)
    bag, item = bounds(background_mask), bounds(item_mask)
    if item is None or not valid.size:
        return ~valid
    if bag is None:
        return valid
    # Only the rectangles around both masks matter: the rest of the answer is False.
    bag_x, bag_y, item_x, item_y = int(bag[0]), int(bag[1]), int(item[0]), int(item[1])
    inner = background_mask[bag_y : int(bag[3]), bag_x : int(bag[2])]
    eroded = _erode(inner, item_mask[item_y : int(item[3]), item_x : int(item[2])])
    _paste(valid, eroded, (bag_x - item_x, bag_y - item_y))
    return valid


def sample_offset(valid: Offsets, rng: np.random.Generator) -> tuple[int, int] | None:
    """One valid (x, y), every one equally likely; None when there is none."""
    places = np.flatnonzero(valid)
    if not places.size:
        return None
    y, x = divmod(int(places[rng.integers(places.size)]), valid.shape[1])
    return x, y


def place_all(
    background_mask: Mask, item_masks: Sequence[Mask], rng: np.random.Generator, *, may_overlap: bool = True
) -> list[tuple[int, int] | None]:
    """One (x, y) for each item, in order; None for an item that fits nowhere.

    Overlapping items occlude each other, as in a packed bag. With `may_overlap=False` a placed item's pixels are taken
    out of the free space, so a later item may share its bounding box but none of its pixels.
    """
    free, places = background_mask, []
    for item in item_masks:
        place = sample_offset(valid_offsets(free, item), rng)
        places.append(place)
        if place is not None and not may_overlap:
            free = without(free, item, place)
    return places


def without(background_mask: Mask, item_mask: Mask, at_xy: tuple[int, int]) -> Mask:
    """A copy of `background_mask` (H, W) less the pixels of `item_mask` moved to `at_xy`."""
    free, (x, y), (height, width) = background_mask.copy(), at_xy, item_mask.shape
    free[y : y + height, x : x + width] &= ~item_mask
    return free


def _erode(mask: Mask, item: Mask) -> Offsets:
    """Erosion of a tight mask by a tight item, top left corners; a side of 0 where the item does not fit."""
    (height, width), (item_height, item_width) = mask.shape, item.shape
    shape = (max(height - item_height + 1, 0), max(width - item_width + 1, 0))
    if 0 in shape:
        return np.zeros(shape, bool)
    powers = [int.from_bytes(np.packbits(mask, bitorder="little").tobytes(), "little")]
    alive = -1
    long_first = sorted(_runs(item), key=lambda run: -run[2])  # they empty the answer soonest
    for length, runs in groupby(long_first, key=lambda run: run[2]):
        fits = _run_fits(powers, length)
        for y, x, _ in runs:
            alive &= fits >> (y * width + x)
        if not alive:
            return np.zeros(shape, bool)
    # Bits whose run would wrap into the next line lie right of the last column that the item can start in.
    return _unpack(alive, height * width).reshape(height, width)[: shape[0], : shape[1]]


def _run_fits(powers: list[int], length: int) -> int:
    """Bit p is set where bits p .. p+length-1 of powers[0] are all set; powers[k] is that for length 2**k, grown on demand."""
    step = length.bit_length() - 1
    while len(powers) <= step:
        powers.append(powers[-1] & (powers[-1] >> (1 << len(powers) - 1)))
    return powers[step] & (powers[step] >> (length - (1 << step)))


def _runs(mask: Mask) -> list[tuple[int, int, int]]:
    """(y, x, length) of every horizontal run of set pixels."""
    padded = np.zeros((mask.shape[0], mask.shape[1] + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    (rows, starts), (_, ends) = np.nonzero(steps == 1), np.nonzero(steps == -1)
    return list(zip(rows.tolist(), starts.tolist(), (ends - starts).tolist(), strict=True))


def _unpack(bits: int, count: int) -> NDArray[np.bool_]:
    raw = np.frombuffer((bits & ((1 << count) - 1)).to_bytes((count + 7) // 8, "little"), np.uint8)
    return np.unpackbits(raw, count=count, bitorder="little").astype(bool)


def _paste(canvas: Offsets, part: Offsets, at_xy: tuple[int, int]) -> None:
    """Writes `part` into `canvas` with its corner at `at_xy`, clipped on all sides."""
    x, y = at_xy
    left, top = max(-x, 0), max(-y, 0)
    part = part[top : max(canvas.shape[0] - y, 0), left : max(canvas.shape[1] - x, 0)]
    canvas[y + top : y + top + part.shape[0], x + left : x + left + part.shape[1]] = part
