"""One item into both views of a real bag: at the same x, resting on the floor of its silhouette, with boxes and masks in both.

The bag's depths are read from its colours (energy.py); only the pixels of the item change, by the difference that the item
makes to the colour of what is there. Geometry is the tunnel's: an item is traced at its place, so it has the right size in both.

    done = insert(top_rgb, side_rgb, model, rng)
    done.top, done.side, done.top_mask, done.side_mask

Raises BadRow `insertion/no-room` when no tried place lies wholly inside the bag in both views.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beltline.image.composition import colour_depths
from beltline.image.energy import DEPTH_ONE, DVXRAY, Palette, Rgb, read_depths
from beltline.image.phantom import render
from beltline.image.phantom.model import Draw, Model, moved
from beltline.image.phantom.packing import resting_rotation
from beltline.image.phantom.rotations import Pose, Vector
from beltline.image.phantom.tunnel import Geometry, Tunnel, Window
from beltline.pixels import foreground
from beltline.verdict import BadRow

Mask = NDArray[np.bool_]
TRIES = 200


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
    bags = filled(top), filled(side)
    draw = Draw(rng)
    for _ in range(TRIES):
        pose = Pose(resting_rotation(model, draw), _somewhere(draw, bags, tunnel))
        found = _traced(model, pose, tunnel, bags)
        if found is None:
            continue
        pose, found = _let_down(model, pose, found, tunnel, bags)
        (a, a_mask, a_seen), (b, b_mask, b_seen) = (
            _drawn(rgb, depths, palette) for rgb, depths in zip((top, side), found, strict=True)
        )
        return Inserted(
            top=a, side=b, top_mask=a_mask, side_mask=b_mask, top_visible=a_seen, side_visible=b_seen, pose=pose
        )
    raise BadRow(
        "insertion/no-room", f"expected room for a {model.kind} inside both views, found none in {TRIES} places"
    )


def belt_row(side: Rgb) -> float:
    """The lowest row with at least 3 dark pixels, as a share of the height."""
    rows = np.flatnonzero(foreground(side, 225).sum(axis=1) >= 3)
    if not rows.size:
        raise BadRow("insertion/empty-view", "expected a bag in the side view, found an empty belt")
    return float(rows[-1] + 1) / side.shape[0]


def filled(rgb: Rgb) -> Mask:
    """The bag's silhouette: from its first to its last dark pixel both in the row and in the column, (H, W)."""
    seen = foreground(rgb, 235)
    across = np.logical_or.accumulate(seen, axis=1) & np.logical_or.accumulate(seen[:, ::-1], axis=1)[:, ::-1]
    down = np.logical_or.accumulate(seen, axis=0) & np.logical_or.accumulate(seen[::-1], axis=0)[::-1]
    return across & down


def _somewhere(draw: Draw, bags: tuple[Mask, Mask], tunnel: Tunnel) -> Vector:
    """A point inside both silhouettes at one x."""
    columns = np.flatnonzero(bags[0].any(axis=0) & bags[1].any(axis=0))
    if not columns.size:
        raise BadRow("insertion/empty-view", "expected a bag at the same x in both views, found none")
    u = int(draw.pick(columns.tolist()))
    v, w = (int(draw.pick(np.flatnonzero(bag[:, u]).tolist())) for bag in bags)
    x = (u + 0.5 - tunnel.size_wh[0] / 2) * tunnel.mm_per_px
    return (
        x,
        (v - tunnel.size_wh[1] / 2) * tunnel.mm_per_px,
        (tunnel.belt_row * tunnel.size_wh[1] - w) * tunnel.mm_per_px,
    )


def _traced(
    model: Model, pose: Pose, tunnel: Tunnel, bags: tuple[Mask, Mask]
) -> tuple[render.Depths, render.Depths] | None:
    """The item's depths in both views, if it lies wholly inside the bag in both."""
    parts = moved(model.parts, pose)
    views = tuple(zip((tunnel.top, tunnel.side), bags, strict=True))
    for geometry, bag in views:
        windows = [geometry.window(one.pose, one.solid.half, one.solid.centre) for one in parts]
        if not all(_inside_frame(window, bag, geometry) for window in windows):
            return None
    found = []
    for geometry, bag in views:
        depths = render.trace(parts, geometry)
        u0, v0, u1, v1 = depths.window
        if depths.mask is None or not depths.mask.any() or not bag[v0:v1, u0:u1][depths.mask].all():
            return None
        found.append(depths)
    return found[0], found[1]


def _inside_frame(window: Window, bag: Mask, geometry: Geometry) -> bool:
    """A cheap look first: not cut by the image's edge, and its middle near the bag."""
    u0, v0, u1, v1 = window
    width, height = geometry.size_wh
    if not (0 < u0 < u1 < width and 0 < v0 < v1 < height):
        return False
    v, u = (v0 + v1) // 2, (u0 + u1) // 2
    return bool(bag[v - 1 : v + 2, u - 1 : u + 2].any())


def _let_down(
    model: Model, pose: Pose, found: tuple[render.Depths, render.Depths], tunnel: Tunnel, bags: tuple[Mask, Mask]
) -> tuple[Pose, tuple[render.Depths, render.Depths]]:
    """The item on the lowest place below, in steps of 8 mm, at which it is still inside: what lies under it is not known."""
    while True:
        x, y, z = pose.shift
        lower = Pose(pose.rotation, (x, y, z - 8.0))
        there = _traced(model, lower, tunnel, bags)
        if there is None:
            return pose, found
        pose, found = lower, there


def _drawn(rgb: Rgb, depths: render.Depths, palette: Palette) -> tuple[Rgb, Mask, float]:
    assert depths.mask is not None
    u0, v0, u1, v1 = depths.window
    place = slice(v0, v1), slice(u0, u1)
    low, high = read_depths(rgb[place], palette)
    before = colour_depths(low, high, palette).astype(np.int16)
    after = colour_depths(low + depths.low / DEPTH_ONE, high + depths.high / DEPTH_ONE, palette)
    result = rgb.copy()
    result[place] = np.clip(rgb[place] + (after - before), 0, 255).astype(np.uint8)
    mask = np.zeros(rgb.shape[:2], bool)
    mask[place] = depths.mask
    changed = np.abs(result.astype(np.int16) - rgb).max(axis=2) >= 5
    return result, mask, round(float((changed & mask).sum()) / max(1, int(mask.sum())), 4)
