"""Two transmissions to pseudo-colour, through tables.

A detector gives two readings per pixel, the share of low- and of high-energy rays that came through. Their optical depths tell
how much there is (the sum) and what it is (the ratio: about 1.25 for organic things, 1.6 to 2.4 for light metals, glass and
electronics, above 3 for metals). A `Palette` turns both into a colour; vendors differ, so it is a parameter.

Readings are integers, 65535 for an empty belt. Optical depths are integers in units of 1 / DEPTH_ONE. Both go through tables,
so that the last bit of a floating-point exponential cannot decide a pixel.

    low, high = transmission(depth_low), transmission(depth_high)
    rgb = colour(low, high, DVXRAY)
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Readings = NDArray[np.uint16]
Rgb = NDArray[np.uint8]

DEPTH_ONE = 1 << 14
"""Units of an integer optical depth."""
FULL = 65535
"""Reading of the empty belt."""
LEVELS = 384
"""Steps of the colour table in each reading, finer for thin things."""
DEEPEST = 9.0
"""Optical depth of the last step: what is thicker is black."""

_STEP = 1 << 4  # the exponential's table has 1024 entries per unit of depth: a tenth of a grey level
_ENTRIES = 11 * DEPTH_ONE // _STEP

Rgb3 = tuple[int, int, int]
Ramp = tuple[tuple[float, Rgb3], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colour of each kind of material from thin to thick: pairs of (mean optical depth, RGB), and where the kinds lie."""

    organic: Ramp
    mixed: Ramp
    metal: Ramp
    ratios: tuple[float, float, float, float] = (1.32, 1.62, 2.55, 3.3)
    """Depth ratios low/high: organic below the first, mixed between the middle two, metal above the last; blended between."""
    thin: float = 0.08
    """Below this mean depth everything fades to white."""
    white: int = 255
    """Grey level of the empty belt."""


def _look(light: Rgb3, middle: Rgb3, dark: Rgb3, depths: tuple[float, float, float]) -> Ramp:
    """White, three measured colours at three depths, then black."""
    white, black, deepest = (255, 255, 255), (0, 0, 0), depths[2]
    night = (dark[0] // 4, dark[1] // 4, dark[2] // 4)
    return (
        (0.0, white),
        (depths[0], light),
        (depths[1], middle),
        (deepest, dark),
        (deepest * 2.2, night),
        (deepest * 3.2, black),
    )


_ORGANIC, _MIXED, _METAL = (0.34, 0.85, 2.0), (0.4, 1.0, 2.3), (0.4, 1.25, 3.0)
# median colours of the dark, middle and light pixels of real scans, by hue (one set of depths suits all vendors)
DVXRAY = Palette(
    organic=_look((224, 201, 170), (196, 171, 128), (149, 97, 36), _ORGANIC),
    mixed=_look((152, 189, 162), (105, 146, 108), (44, 67, 45), _MIXED),
    metal=_look((147, 185, 212), (41, 94, 155), (0, 20, 53), _METAL),
)
LDXRAY = Palette(
    organic=_look((225, 201, 168), (207, 159, 96), (115, 65, 23), _ORGANIC),
    mixed=_look((191, 211, 158), (115, 144, 82), (45, 55, 32), _MIXED),
    metal=_look((84, 119, 218), (59, 88, 168), (19, 28, 45), _METAL),
    white=250,
)
SIXRAY = Palette(
    organic=_look((239, 219, 178), (217, 193, 133), (169, 118, 39), _ORGANIC),
    mixed=_look((202, 217, 162), (110, 187, 107), (25, 96, 61), _MIXED),
    metal=_look((55, 155, 208), (32, 128, 159), (4, 66, 90), _METAL),
)
PIDRAY = Palette(
    organic=_look((242, 221, 187), (199, 145, 79), (130, 83, 22), _ORGANIC),
    mixed=_look((161, 209, 129), (82, 147, 48), (17, 48, 4), _MIXED),
    metal=_look((109, 144, 212), (19, 55, 125), (3, 24, 66), _METAL),
)
PALETTES = {"dvxray": DVXRAY, "ldxray": LDXRAY, "sixray": SIXRAY, "pidray": PIDRAY}
"""One per vendor look."""


def transmission(depth: Ints) -> Readings:
    """Readings of integer optical depths (at least 0), same shape."""
    index = np.minimum(depth >> 4, _ENTRIES - 1)
    return _exponential()[index]


def colour(low: Readings, high: Readings, palette: Palette = DVXRAY) -> Rgb:
    """(H, W, 3) pseudo-colour of two (H, W) readings."""
    level = _level()
    index = level[low].astype(np.int32) * LEVELS + level[high]
    return np.ascontiguousarray(_packed(palette)[index].view(np.uint8).reshape(*low.shape, 4)[..., :3])


@functools.cache
def _exponential() -> Readings:
    step = _STEP / DEPTH_ONE
    return np.array([round(FULL * math.exp(-step * (i + 0.5) if i else 0.0)) for i in range(_ENTRIES)], np.uint16)


@functools.cache
def _level() -> NDArray[np.uint16]:
    """Step of the colour table for each reading: the square root of its optical depth."""
    depths = (-math.log(max(reading, 1) / FULL) for reading in range(FULL + 1))
    scale = (LEVELS - 1) / math.sqrt(DEEPEST)
    return np.array([min(LEVELS - 1, round(scale * math.sqrt(depth))) for depth in depths], np.uint16)


@functools.cache
def _packed(palette: Palette) -> NDArray[np.uint32]:
    rgb = colour_table(palette)
    packed = np.zeros((LEVELS * LEVELS, 4), np.uint8)
    packed[:, :3] = rgb.reshape(-1, 3)
    return packed.view(np.uint32).ravel()


@functools.cache
def colour_table(palette: Palette) -> Rgb:
    """(LEVELS, LEVELS, 3): the colour of each pair of low and high steps."""
    depth = (np.arange(LEVELS) / (LEVELS - 1)) ** 2 * DEEPEST
    low, high = depth[:, None], depth[None, :]
    mean = np.broadcast_to((low + high) / 2, (LEVELS, LEVELS))
    ratio = low / np.maximum(high, 1e-3)
    first, second, third, fourth = palette.ratios
    metal = np.clip((ratio - third) / (fourth - third), 0, 1)
    organic = np.clip((second - ratio) / (second - first), 0, 1)
    weights = np.stack([organic, 1 - metal - organic, metal])
    colours = np.stack([_ramp(mean, ramp) for ramp in (palette.organic, palette.mixed, palette.metal)])
    mixed = (weights[..., None] * colours).sum(axis=0)
    faint = np.clip(mean / palette.thin, 0, 1)[..., None]
    table = np.floor(255 + (mixed - 255) * faint + 0.5 + 1e-9)
    return np.clip(table, 0, palette.white).astype(np.uint8)


def _ramp(depth: NDArray[np.float64], ramp: Ramp) -> NDArray[np.float64]:
    places = [place for place, _ in ramp]
    return np.stack([np.interp(depth, places, [rgb[channel] for _, rgb in ramp]) for channel in range(3)], axis=-1)


def read_depths(rgb: Rgb, palette: Palette = DVXRAY) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The two optical depths that a pseudo-colour image most likely stands for, (H, W) each: the inverse of `colour`.

    Approximate: colours are rounded to 8 levels, the palette's nearest colour is taken, and of equal ones the thinnest. What is
    black is only known to be thick. docs/physics.md states the error.
    """
    low, high = _inverse(palette)
    index = (rgb[..., 0].astype(np.int32) >> 3 << 10) | (rgb[..., 1].astype(np.int32) >> 3 << 5) | (rgb[..., 2] >> 3)
    return low[index], high[index]


@functools.cache
def _inverse(palette: Palette) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each of 32 x 32 x 32 colours the depths of the nearest colour of the palette."""
    steps = np.arange(0, LEVELS, 3)
    depth = (steps / (LEVELS - 1)) ** 2 * DEEPEST
    low, high = (grid.ravel() for grid in np.meshgrid(depth, depth, indexing="ij"))
    possible = (low >= high) & (low <= 6.5 * high + 0.01)  # ratios of real materials
    order = np.flatnonzero(possible)[np.argsort((low + high)[possible], kind="stable")]
    colours = colour_table(palette)[np.ix_(steps, steps)].reshape(-1, 3)[order].astype(np.int32)
    _, first = np.unique(colours @ np.array([65536, 256, 1]), return_index=True)
    order, known = order[first], colours[first].astype(np.float32)
    side = np.arange(32, dtype=np.float32) * 8 + 4
    wanted = np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1).reshape(-1, 3)
    squares = (known * known).sum(axis=1)  # whole numbers below 2**24: float32 holds them exactly
    chunks = (squares - 2 * (wanted[start : start + 1024] @ known.T) for start in range(0, len(wanted), 1024))
    nearest = np.concatenate([np.argmin(chunk, axis=1) for chunk in chunks])
    found = low[order][nearest], high[order][nearest]
    found[0][-1] = found[1][-1] = 0.0  # white is nothing
    return found
