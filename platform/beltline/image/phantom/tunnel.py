"""The tunnel: two fan beams across the belt, none along it.

Axes in mm: x along the belt, y across it, z up from the belt. Each view has a point-like fan in the plane x = constant, so an
item has exactly the same x-range in both views, and magnification acts across the fan only. Rows of the top view are y, rows
of the side view are z (upwards, so rows fall); both are measured where the ray crosses the view's reference plane.

    tunnel = Tunnel()
    u, v = tunnel.top.project((0.0, 20.0, 55.0))
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beltline.image.phantom.rotations import Pose, Vector

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Window = tuple[int, int, int, int]
"""Columns u0:u1 and rows v0:v1 of a view, as (u0, v0, u1, v1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """One view. `across` is the axis seen in the rows (1 is y, 2 is z), `along` the one the rays mainly follow."""

    size_wh: tuple[int, int]
    mm_per_px: float
    across: int
    along: int
    source_mm: tuple[float, float]
    """Where the source is: (across, along)."""
    plane_mm: float
    """Value of the `along` axis at which a row is `mm_per_px` high."""
    zero_row: float
    """Row (pixel edges, so half a pixel more than an index) of across = 0 on the reference plane."""
    upward: bool
    """Rows fall as the `across` value rises."""

    def project(self, point: Vector) -> tuple[float, float]:
        """Image position (u, v) of a point, in pixels, pixel i covering i to i + 1."""
        row: float = self._row(point[self.across], point[self.along])
        return point[0] / self.mm_per_px + self.size_wh[0] / 2, row

    def _row(self, across: Any, along: Any) -> Any:
        """Rows of points: numbers, or arrays of them."""
        source_across, source_along = self.source_mm
        scale = (self.plane_mm - source_along) / (along - source_along)
        on_plane = source_across + (across - source_across) * scale
        sign = -1.0 if self.upward else 1.0
        return self.zero_row + sign * on_plane / self.mm_per_px

    def columns_mm(self, u0: int, u1: int, fine: int = 1) -> Floats:
        """x of the pixel centres u0 .. u1 - 1; of `fine` points inside each pixel."""
        return self._x_mm(_centres(u0, u1, fine))

    def slopes(self, v0: int, v1: int, fine: int = 1) -> Floats:
        """d(across)/d(along) of the rays of rows v0 .. v1 - 1; of `fine` rays inside each row."""
        return self._slope(_centres(v0, v1, fine))

    def window(self, pose: Pose, half: Vector, centre: Vector = (0.0, 0.0, 0.0)) -> Window:
        """The smallest window that holds the projection of a body's bounding box, cut to the image; may be empty."""
        return self.windows([pose], [half], [centre])[0]

    def windows(self, poses: Sequence[Pose], halves: Sequence[Vector], centres: Sequence[Vector]) -> list[Window]:
        """The window of each of several bodies."""
        if not poses:
            return []
        placed = np.array([(*pose.rotation, pose.shift, half) for pose, half in zip(poses, halves, strict=True)])
        rotation, half = placed[:, :3].transpose(1, 2, 0), placed[:, 4].T
        middle = np.array([pose.apply(centre) for pose, centre in zip(poses, centres, strict=True)]).T
        size = np.abs(rotation[0]) * half
        reach = size[0] + size[1] + size[2]
        width, height = self.size_wh
        us = [end / self.mm_per_px + width / 2 for end in (middle[0] - reach, middle[0] + reach)]
        across, along = rotation[self.across] * half, rotation[self.along] * half
        corners = np.array([(i, j, k) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)])[:, :, None]
        vs = self._row(
            *(
                middle[axis] + corners[:, 0] * side[0] + corners[:, 1] * side[1] + corners[:, 2] * side[2]
                for axis, side in ((self.across, across), (self.along, along))
            )
        )
        ends = np.array([us[0] - 0.01, vs.min(axis=0) - 0.01, us[1] + 0.01, vs.max(axis=0) + 0.01])
        ends[:2], ends[2:] = np.maximum(np.floor(ends[:2]), 0), np.minimum(np.ceil(ends[2:]), [[width], [height]])
        ends[2:] = np.maximum(ends[2:], ends[:2])
        return [(u0, v0, u1, v1) for u0, v0, u1, v1 in ends.T.astype(np.int64).tolist()]

    def beam(self, pose: Pose, window: Window, fine_wh: tuple[int, int] = (1, 1)) -> "Beam":
        """The rays of a window in the body's own axes; several inside each pixel where `fine_wh` says so."""
        u0, v0, u1, v1 = window
        x_mm = self.columns_mm(u0, u1, fine_wh[0]) - pose.shift[0]
        return self._beam(x_mm, self.slopes(v0, v1, fine_wh[1]), pose.rotation, pose.shift)

    def beams(
        self, poses: Sequence[Pose], windows: Sequence[Window], fine_wh: tuple[int, int] = (1, 1)
    ) -> tuple["Beam", Indices]:
        """The rays of several windows, each in its body's axes, rows one below the other, and whose each row is.

        All rows are as wide as the widest window: what lies to the right of a narrower one is to be left alone.
        """
        corners = np.array(windows, np.int64)
        rows = (corners[:, 3] - corners[:, 1]) * fine_wh[1]
        owner = np.repeat(np.arange(len(windows)), rows)
        first = corners[:, 1] * fine_wh[1] - (np.cumsum(rows) - rows)
        slope = self._slope((np.arange(len(owner)) + first[owner] + 0.5) / fine_wh[1])
        widest = int((corners[:, 2] - corners[:, 0]).max()) * fine_wh[0]
        across = (np.arange(widest) + (corners[:, :1] * fine_wh[0]) + 0.5) / fine_wh[0]
        placed = np.array([(*sum(pose.rotation, ()), *pose.shift) for pose in poses]).T
        x_mm = (self._x_mm(across) - placed[9][:, None])[owner]
        each = placed[:, owner]
        rotation = (tuple(each[0:3]), tuple(each[3:6]), tuple(each[6:9]))
        return self._beam(x_mm, slope, rotation, tuple(each[9:])), owner

    def _beam(self, x_mm: Floats, slope: Floats, rotation: Any, shift: Any) -> "Beam":
        """Numbers of one pose, or columns of them with one value for each row."""
        (cx, cy, cz), (lx, ly, lz) = rotation[self.across], rotation[self.along]
        source_across, source_along = self.source_mm
        at_centre = source_across + slope * (shift[self.along] - source_along) - shift[self.across]
        return Beam(
            x_mm=x_mm,
            per_x=rotation[0],
            base=(cx * at_centre, cy * at_centre, cz * at_centre),
            direction=(cx * slope + lx, cy * slope + ly, cz * slope + lz),
            stretch=np.sqrt(1 + slope * slope),
        )

    def _x_mm(self, columns: Floats) -> Floats:
        return (columns - self.size_wh[0] / 2) * self.mm_per_px

    def _slope(self, rows: Floats) -> Floats:
        on_plane = (rows - self.zero_row) * ((-1.0 if self.upward else 1.0) * self.mm_per_px)
        return (on_plane - self.source_mm[0]) / (self.plane_mm - self.source_mm[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Beam:
    """Rays of a (H, W) window in a body's axes: p_i(u, v, t) = per_x_i * x_mm(u) + base_i(v) + t * direction_i(v).

    `t` is millimetres along the view's main axis, 0 in the plane of the body's origin; times `stretch` it is a length.
    """

    x_mm: Floats
    """(W,), or (H, W) when the rows belong to several bodies."""
    per_x: Vector | tuple[Floats, ...]
    base: tuple[Floats, ...]
    direction: tuple[Floats, ...]
    stretch: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    """Both views of one machine; the values are a recipe's to change."""

    size_wh: tuple[int, int] = (640, 480)
    mm_per_px: float = 1.5
    belt_row: float = 0.895
    """Belt line of the side view, as a share of its height (measured on DvXray)."""
    top_source_mm: tuple[float, float] = (0.0, -1100.0)
    top_plane_mm: float = 100.0
    side_source_mm: tuple[float, float] = (10.0, -1300.0)
    side_plane_mm: float = 0.0

    @property
    def top(self) -> Geometry:
        """Seen from below the belt: rows are y."""
        return Geometry(
            size_wh=self.size_wh,
            mm_per_px=self.mm_per_px,
            across=1,
            along=2,
            source_mm=self.top_source_mm,
            plane_mm=self.top_plane_mm,
            zero_row=self.size_wh[1] / 2,
            upward=False,
        )

    @property
    def side(self) -> Geometry:
        """Seen along y: rows are z, upwards."""
        return Geometry(
            size_wh=self.size_wh,
            mm_per_px=self.mm_per_px,
            across=2,
            along=1,
            source_mm=self.side_source_mm,
            plane_mm=self.side_plane_mm,
            zero_row=self.belt_row * self.size_wh[1],
            upward=True,
        )


def _centres(first: int, last: int, fine: int) -> Floats:
    """Middles of the `fine` equal pieces of each pixel, in pixels."""
    pieces: Floats = (np.arange(first * fine, last * fine, dtype=np.float64) + 0.5) / fine
    return pieces
