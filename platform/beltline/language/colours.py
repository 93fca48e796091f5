"""The colour of an item, measured: one of the ten of One App. B, or None when its pixels do not agree.

Integers and a table throughout: the same pixels have the same colour on every processor.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from beltline.labels import COLOURS
from beltline.pixels import WHITE_AT, Rgb

MIN_PIXELS, MIN_SHARE_PERCENT = 12, 40
"""Fewer pixels, or a smaller share for the commonest colour, say nothing."""
NONE = len(COLOURS)
_HUES = ((14, 44, "orange"), (44, 72, "yellow"), (72, 168, "green"), (168, 200, "cyan"), (200, 262, "blue"))
"""Degrees of hue, from and below. Red, violet and grey have no name in One's list."""


def measure(rgb: Rgb, patch: tuple[slice, slice, NDArray[np.bool_] | None], lead_percent: int = 0) -> str | None:
    """The commonest colour of a patch (rows, columns, mask of that patch or None for all of it) of an (H, W, 3) image.

    With `lead_percent` the next colour must have fewer pixels by so many percent of all.
    """
    rows, columns, mask = patch
    cut = rgb[rows, columns]
    kept = cut[mask] if mask is not None else cut.reshape(-1, 3)
    coded = (kept >> 3).astype(np.int64) @ np.array([1024, 32, 1])
    votes = np.bincount(_table()[coded], minlength=NONE + 2)[
        : NONE + 1
    ]  # the last class is background, which has no vote
    best = int(votes[:NONE].argmax())
    next_best = int(np.delete(votes[:NONE], best).max())
    enough = votes.sum() >= MIN_PIXELS and 100 * votes[best] >= MIN_SHARE_PERCENT * votes.sum()
    enough &= 100 * (votes[best] - next_best) >= lead_percent * votes.sum()
    return COLOURS[best] if enough else None


@lru_cache(maxsize=1)
def _table() -> NDArray[np.int64]:
    """Class of each of the 32,768 colours with 5 bits a channel: an index into COLOURS, NONE, or NONE + 1 for background."""
    return np.array([_class(r * 8 + 4, g * 8 + 4, b * 8 + 4) for r in range(32) for g in range(32) for b in range(32)])


def _class(red: int, green: int, blue: int) -> int:
    high, low = max(red, green, blue), min(red, green, blue)
    if low >= WHITE_AT - 4:
        return NONE + 1
    if high < 64:
        return COLOURS.index("black")
    if 6 * (high - low) < high:  # too grey for a hue
        return NONE
    name = _name(_hue(red, green, blue, high, low), high, low)
    return COLOURS.index(name) if name else NONE


def _hue(red: int, green: int, blue: int, high: int, low: int) -> int:
    """Whole degrees, 0 to 359."""
    chroma = high - low
    if high == red:
        return (60 * (green - blue) // chroma) % 360
    return 120 + 60 * (blue - red) // chroma if high == green else 240 + 60 * (red - green) // chroma


def _name(hue: int, high: int, low: int) -> str | None:
    name = next((name for start, end, name in _HUES if start <= hue < end), None)
    if name in ("green", "blue") and high < 140:
        return f"dark {name}"
    if name in ("green", "yellow") and low >= 150:  # pale: little lies in the beam
        return f"light {name}"
    return name
