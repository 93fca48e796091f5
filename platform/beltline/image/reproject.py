"""A real item moved across the tunnel: what both views of it would show at another place, from both views of it alone.

The fan lies across the belt, so every image column is a plane with two sources, and nothing mixes columns. In a column the two rays
through the middles of what the views show meet in one point: the item's depth there. Across that depth lies a mid-plane for each
view; a new ray that meets it at a point takes the reading of the old ray through the same point, times the change of its slant.
Exact for what is thin along the rays, whatever its turn about the vertical; what is deep keeps the blur (or the sharpness) that the
old angle gave it, which is the error that stays (docs/physics.md). Along the belt nothing changes: move the windows.

    top, side = (imaged(rgb[v0:v1, u0:u1], (u0, v0), palette) for ...)
    x, y, z = place_mm(top, side, tunnel)
    top, side = reproject(top, side, tunnel, (wanted_y - y, wanted_z - z))
    low, high = on_window(top, window)                  # then add_energy or add_basis of composition.py
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beltline.image.energy import DEPTH_ONE, DVXRAY, Palette, Rgb, read_depths
from beltline.image.phantom.rotations import Vector
from beltline.image.phantom.tunnel import Geometry, Tunnel, Window

Floats = NDArray[np.float64]
FINE = 64
"""Middles are rounded to this part of a pixel, so that the last bit of a division cannot decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imaged:
    """An item alone in one view: optical depths (H, W) of both readings on the columns u0:u1 and rows v0:v1 of the view."""

    window: Window
    low: Floats
    high: Floats

    def __post_init__(self) -> None:
        u0, v0, u1, v1 = self.window
        if not (self.low.shape == self.high.shape == (v1 - v0, u1 - u0)) or u0 >= u1 or v0 >= v1:
            raise ValueError(
                f"imaged: expected depths of the window's shape {(v1 - v0, u1 - u0)}, none of it empty, "
                f"found {self.low.shape} and {self.high.shape}; cut the depths to the window"
            )


def imaged(rgb: Rgb, at_uv: tuple[int, int], palette: Palette = DVXRAY) -> Imaged:
    """The item of a cut-out on white, (H, W, 3), whose first pixel lies at column u, row v of its view."""
    low, high = read_depths(rgb, palette)
    height, width = low.shape
    return Imaged(window=(at_uv[0], at_uv[1], at_uv[0] + width, at_uv[1] + height), low=low, high=high)


def place_mm(top: Imaged, side: Imaged, tunnel: Tunnel) -> Vector:
    """Where the item's middle is, (x, y, z): the mean column, and the mean of where the columns' rays meet.

    Raises:
        ValueError: the views' columns differ, or a view is empty.
    """
    y, z = _meeting(top, side, tunnel)
    shares = _weights(top).sum(axis=0)
    total = float(shares.sum())
    x = tunnel.top.columns_mm(top.window[0], top.window[2])
    middle_x, middle_y, middle_z = (float((shares * values).sum()) / total for values in (x, y, z))
    return middle_x, middle_y, middle_z


def reproject(top: Imaged, side: Imaged, tunnel: Tunnel, shift_mm: tuple[float, float]) -> tuple[Imaged, Imaged]:
    """Both views of the item after it was moved by `shift_mm` = (across the belt, up); its turn stays.

    Args:
        top, side: the item alone, on the same columns; depths at least 0.

    Raises:
        ValueError: the views' columns differ, a view is empty, or the item would lie at or behind a source.
    """
    meeting = _meeting(top, side, tunnel)
    return _moved(top, tunnel.top, meeting, shift_mm), _moved(side, tunnel.side, meeting, shift_mm)


def on_window(item: Imaged, window: Window) -> tuple[Floats, Floats]:
    """The item's depths on another window of the same view, (H, W) each: cut, and 0 where the item is not."""
    a, b, c, d = item.window
    u0, v0, u1, v1 = window
    found = []
    for depth in (item.low, item.high):
        whole = np.zeros((v1 - v0, u1 - u0))
        left, above, right, below = max(a, u0), max(b, v0), min(c, u1), min(d, v1)
        if left < right and above < below:
            whole[above - v0 : below - v0, left - u0 : right - u0] = depth[above - b : below - b, left - a : right - a]
        found.append(whole)
    return found[0], found[1]


def _moved(item: Imaged, geometry: Geometry, meeting: tuple[Floats, Floats], shift_mm: tuple[float, float]) -> Imaged:
    """One view of the moved item: for each new row and column, where the old ray through the same point fell."""
    plane = meeting[geometry.along - 1]
    aside, nearer = shift_mm if geometry.across == 1 else (shift_mm[1], shift_mm[0])
    if float((plane + min(nearer, 0.0)).min()) <= geometry.source_mm[1]:
        raise ValueError(
            f"reproject: expected the item beyond the source, found a shift of {shift_mm} mm; move it less"
        )
    v0, v1 = _rows(item, geometry, plane, aside, nearer)
    new = _slope(geometry, np.arange(v0, v1, dtype=np.float64) + 0.5)[:, None]
    old_across = geometry.source_mm[0] + new * (plane + nearer - geometry.source_mm[1]) - aside
    old = (old_across - geometry.source_mm[0]) / (plane - geometry.source_mm[1])
    slant = np.sqrt(1 + new * new) / np.sqrt(1 + old * old)
    places = _row(geometry, old_across, plane) - item.window[1] - 0.5
    low, high = (_between_rows(depth, places) * slant for depth in (item.low, item.high))
    return Imaged(window=(item.window[0], v0, item.window[2], v1), low=low, high=high)


def _rows(item: Imaged, geometry: Geometry, plane: Floats, aside: float, nearer: float) -> tuple[int, int]:
    """Rows that the moved item can reach: its first and last row, carried along in every column."""
    ends = _slope(geometry, np.array([[item.window[1] - 1.0], [item.window[3] + 1.0]]))
    moved = geometry.source_mm[0] + ends * (plane - geometry.source_mm[1]) + aside
    rows = _row(geometry, moved, plane + nearer)
    return math.floor(float(rows.min())), math.ceil(float(rows.max()))


def _meeting(top: Imaged, side: Imaged, tunnel: Tunnel) -> tuple[Floats, Floats]:
    """y and z, (W,) each, of the points where the columns' middle rays of both views meet."""
    if top.window[::2] != side.window[::2]:
        raise ValueError(
            f"reproject: expected the same columns in both views, found {top.window[::2]} and {side.window[::2]}; "
            "cut both to the columns of either"
        )
    (across_y, from_z), (across_z, from_y) = tunnel.top.source_mm, tunnel.side.source_mm
    m, n = _slope(tunnel.top, _middles(top)), _slope(tunnel.side, _middles(side))
    y = (across_y + m * (across_z - n * from_y - from_z)) / (1 - m * n)
    return y, across_z + n * (y - from_y)


def _middles(item: Imaged) -> Floats:
    """Mean row of what each column shows, weighted by depth, (W,); the whole item's where a column is empty."""
    weights = _weights(item)
    rows = 2 * np.arange(item.window[1], item.window[3])[:, None] + 1
    amount, moment = weights.sum(axis=0), (weights * rows).sum(axis=0)
    if not amount.any():
        raise ValueError(
            "reproject: expected an item in both views, found an empty one; cut the window around the item"
        )
    whole = float(moment.sum()) / float(amount.sum())
    middles: Floats = np.where(amount > 0, moment / np.maximum(amount, 1), whole) / 2
    return np.rint(middles * FINE) / FINE


def _weights(item: Imaged) -> NDArray[np.int64]:
    """Depths of both readings as integers: their sums are exact."""
    total = np.rint(np.maximum(item.low, 0) * DEPTH_ONE) + np.rint(np.maximum(item.high, 0) * DEPTH_ONE)
    return total.astype(np.int64)


def _slope(geometry: Geometry, rows: Floats) -> Floats:
    """d(across)/d(along) of the rays at any rows, in pixels from the image's upper edge."""
    sign = -1.0 if geometry.upward else 1.0
    on_plane = (rows - geometry.zero_row) * (sign * geometry.mm_per_px)
    slopes: Floats = (on_plane - geometry.source_mm[0]) / (geometry.plane_mm - geometry.source_mm[1])
    return slopes


def _row(geometry: Geometry, across: Floats, along: Floats) -> Floats:
    """The row at which points are seen: the inverse of `_slope`."""
    slope = (across - geometry.source_mm[0]) / (along - geometry.source_mm[1])
    on_plane = geometry.source_mm[0] + slope * (geometry.plane_mm - geometry.source_mm[1])
    return geometry.zero_row + (-1.0 if geometry.upward else 1.0) * on_plane / geometry.mm_per_px


def _between_rows(depth: Floats, places: Floats) -> Floats:
    """`depth` at fractional rows of each column, linear between neighbours, 0 outside; places and result (N, W)."""
    padded = np.pad(depth, ((1, 2), (0, 0)))
    spot = np.clip(places + 1, 0, len(depth) + 1)
    first = spot.astype(np.intp)
    share = spot - first
    columns = np.arange(depth.shape[1])
    found: Floats = padded[first, columns] * (1 - share) + padded[first + 1, columns] * share
    return found
