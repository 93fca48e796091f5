"""One item into both views of a real bag: at the same x, as low as it goes inside the bag, with boxes and masks in both.

The bag's depths are read from its colours (energy.py); only the pixels of the item and the rim that a detector's blur gives it
change, by the difference that the item makes to the colour of what is there: so the scan keeps its own noise. Geometry is the
tunnel's: an item is traced at its place, so it has the right size in both views.

    done = insert(top_rgb, side_rgb, model, rng)
    done.top, done.side, done.top_mask, done.side_mask

Raises BadRow `insertion/no-room` when the item lies in no way wholly inside the bag in both views: a laptop does not go into a
handbag. `python -m benchmarks.insertion` puts items into real pairs, looks for them in the difference, and draws a sheet.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beltline.image.bagmask import bag_mask
from beltline.image.composition import colour_depths
from beltline.image.energy import DEPTH_ONE, DVXRAY, FULL, Palette, Rgb, read_depths
from beltline.image.phantom import render
from beltline.image.phantom.model import Draw, Model, moved
from beltline.image.phantom.packing import resting_rotation
from beltline.image.phantom.rotations import Pose, Rotation
from beltline.image.phantom.tunnel import Geometry, Tunnel
from beltline.image.placement import valid_offsets
from beltline.pixels import foreground
from beltline.verdict import BadRow

Mask = NDArray[np.bool_]
Found = tuple[render.Depths, render.Depths]
ROTATIONS, PLACES = 12, 6
"""Ways of lying that are tried, and places for each."""
RISE_MM = (0.0, 3.0, 6.0, 12.0)
"""How far an item is lifted where its size at the true distance from the source does not fit at first."""
STEP_MM = 2.0
NOMINAL_MM = 240.0
"""Height at which an item is traced to find where it fits: the middle of the side view, so that nothing is cut off."""
RIM_PX = render.HALO
DETECTOR = render.Detector(noise=0, electronic=0, sharpen=12)
"""Blur and edges of the item; the noise is the scan's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inserted:
    """Both views with the item, its masks (H, W), the share of each mask's pixels that changed by 5 levels or more, its place."""

    top: Rgb
    side: Rgb
    top_mask: Mask
    side_mask: Mask
    top_visible: float
    side_visible: float
    pose: Pose


def insert(
    top: Rgb, side: Rgb, model: Model, rng: np.random.Generator, mm_per_px: float = 2.1, palette: Palette = DVXRAY
) -> Inserted:
    """Puts a model into both views, (H, W, 3) each of the same size."""
    height, width = top.shape[:2]
    tunnel = Tunnel(size_wh=(width, height), mm_per_px=mm_per_px, belt_row=belt_row(side))
    bags = bag_mask(top), bag_mask(side)
    if not (bags[0].any(axis=0) & bags[1].any(axis=0)).any():
        raise BadRow("insertion/empty-view", "expected a bag at the same x in both views, found none")
    draw = Draw(rng)
    for _ in range(ROTATIONS):
        placed = _placed(model, resting_rotation(model, draw), tunnel, bags, draw)
        if placed is not None:
            pose, found = placed
            (a, a_mask, a_seen), (b, b_mask, b_seen) = (
                _drawn(rgb, depths, palette) for rgb, depths in zip((top, side), found, strict=True)
            )
            return Inserted(
                top=a, side=b, top_mask=a_mask, side_mask=b_mask, top_visible=a_seen, side_visible=b_seen, pose=pose
            )
    raise BadRow(
        "insertion/no-room",
        f"expected room for a {model.kind} inside both views, found none in {ROTATIONS} ways of lying",
    )


def belt_row(side: Rgb) -> float:
    """The lowest row with at least 3 dark pixels, as a share of the height."""
    rows = np.flatnonzero(foreground(side, 225).sum(axis=1) >= 3)
    if not rows.size:
        raise BadRow("insertion/empty-view", "expected a bag in the side view, found an empty belt")
    return float(rows[-1] + 1) / side.shape[0]


def _placed(
    model: Model, rotation: Rotation, tunnel: Tunnel, bags: tuple[Mask, Mask], draw: Draw
) -> tuple[Pose, Found] | None:
    """A place at which the item is wholly inside both views, the lowest at its x; None when there is none."""
    nominal = Pose(rotation, (0.0, 0.0, NOMINAL_MM))
    views = tunnel.top, tunnel.side
    found = [render.trace(moved(model.parts, nominal), view) for view in views]
    u0 = found[0].window[0]
    fits = [valid_offsets(bag, _mask(depths)) for bag, depths in zip(bags, found, strict=True)]
    if not (fits[0].any() and fits[1].any() and fits[0].shape[1] == fits[1].shape[1]):  # or cut off by the image's edge
        return None
    columns = np.flatnonzero(fits[0].any(axis=0) & fits[1].any(axis=0))
    for _ in range(PLACES if columns.size else 0):
        u = int(draw.pick(columns.tolist()))
        v, w = int(draw.pick(np.flatnonzero(fits[0][:, u]).tolist())), int(np.flatnonzero(fits[1][:, u])[-1])
        moves = v - found[0].window[1], w - found[1].window[1]
        pose = _pose(nominal, tunnel, (u - u0) * tunnel.mm_per_px, moves)
        for rise in RISE_MM:
            x, y, z = pose.shift
            lifted = Pose(rotation, (x, y, z + rise))
            there = _traced(model, lifted, tunnel, bags)
            if there is not None:
                return _let_down(model, lifted, there, tunnel, bags)
    return None


def _let_down(model: Model, pose: Pose, found: Found, tunnel: Tunnel, bags: tuple[Mask, Mask]) -> tuple[Pose, Found]:
    """The rest of the way, as long as it stays inside."""
    while True:
        x, y, z = pose.shift
        lower = Pose(pose.rotation, (x, y, z - STEP_MM))
        there = _traced(model, lower, tunnel, bags)
        if there is None:
            return pose, found
        pose, found = lower, there


def _pose(nominal: Pose, tunnel: Tunnel, x: float, moves: tuple[int, int]) -> Pose:
    """The pose whose origin is seen `moves` rows further down in the top and in the side view."""
    y, z = 0.0, NOMINAL_MM
    rows = [view.project(nominal.shift)[1] + move for view, move in zip((tunnel.top, tunnel.side), moves, strict=True)]
    for _ in range(4):  # how far across a row lies depends a little on the other view's answer
        y, z = _across(tunnel.top, rows[0], z), _across(tunnel.side, rows[1], y)
    return Pose(nominal.rotation, (x, y, z))


def _across(geometry: Geometry, row: float, along_mm: float) -> float:
    """The inverse of Geometry.project: where a point lies across the fan, from its row and its distance."""
    on_plane = (row - geometry.zero_row) * geometry.mm_per_px * (-1.0 if geometry.upward else 1.0)
    across, along = geometry.source_mm
    return across + (on_plane - across) * (along_mm - along) / (geometry.plane_mm - along)


def _traced(model: Model, pose: Pose, tunnel: Tunnel, bags: tuple[Mask, Mask]) -> Found | None:
    """The item's depths in both views, if it lies wholly inside the bag in both."""
    found = []
    for geometry, bag in zip((tunnel.top, tunnel.side), bags, strict=True):
        depths = render.trace(moved(model.parts, pose), geometry)
        u0, v0, u1, v1 = depths.window
        width, height = geometry.size_wh
        whole = 0 < u0 < u1 < width and 0 < v0 < v1 < height
        if not whole or not _mask(depths).any() or not bag[v0:v1, u0:u1][_mask(depths)].all():
            return None
        found.append(depths)
    return found[0], found[1]


def _mask(depths: render.Depths) -> Mask:
    assert depths.mask is not None
    return depths.mask


def _drawn(rgb: Rgb, depths: render.Depths, palette: Palette) -> tuple[Rgb, Mask, float]:
    height, width = rgb.shape[:2]
    u0, v0, u1, v1 = depths.window
    x0, y0, x1, y1 = max(0, u0 - RIM_PX), max(0, v0 - RIM_PX), min(width, u1 + RIM_PX), min(height, v1 + RIM_PX)
    place, rims = (slice(y0, y1), slice(x0, x1)), ((v0 - y0, y1 - v1), (u0 - x0, x1 - u1))
    low, high = read_depths(rgb[place], palette)
    seen = [_detected(np.pad(depth, rims)) for depth in (depths.low, depths.high)]
    before = colour_depths(low, high, palette).astype(np.int16)
    after = colour_depths(low + seen[0], high + seen[1], palette)
    result = rgb.copy()
    result[place] = np.clip(rgb[place] + (after - before), 0, 255).astype(np.uint8)
    mask = np.zeros((height, width), bool)
    mask[v0:v1, u0:u1] = _mask(depths)
    changed = np.abs(result.astype(np.int16) - rgb).max(axis=2) >= 5
    return result, mask, round(float((changed & mask).sum()) / max(1, int(mask.sum())), 4)


def _detected(depth: render.Ints) -> NDArray[np.float64]:
    """Optical depth as a detector without noise reads it: blurred, edges enhanced."""
    return _depth_of()[render.read(depth, np.zeros(depth.shape, np.uint8), DETECTOR)]


@functools.cache
def _depth_of() -> NDArray[np.float64]:
    """Optical depth of each reading, on the grid of integer depths."""
    depths = [round(-math.log(max(reading, 1) / FULL) * DEPTH_ONE) / DEPTH_ONE for reading in range(FULL + 1)]
    return np.array(depths, np.float64)
