"""One view of a bag: the depths of each labelled item, their sum with the rest, pixels, and what is true of each item in it.

shot = Shot(items, rest, recipe.tunnel.top, recipe.detector, rng)     # parts, placed in the tunnel
shot.rgb, shot.truth(0)                                               # pixels; mask and visible share of items[0]
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from beltline.image.energy import Rgb
from beltline.image.phantom import render
from beltline.image.phantom.model import Part
from beltline.image.phantom.tracing import Depths, grown, trace_all, without
from beltline.image.phantom.tunnel import Geometry

VISIBLE_LEVELS = 5
"""A pixel shows an item where removing it changes some channel by this many grey levels."""


class Shot:
    """One view. The generator gives the detector's noise and nothing else."""

    def __init__(
        self,
        items: Sequence[Sequence[Part]],
        rest: Sequence[Sequence[Part]],
        geometry: Geometry,
        detector: render.Detector,
        rng: np.random.Generator,
    ):
        self.detector = detector
        self.noise = render.noise_bytes(rng, geometry.size_wh)
        self.total = render.empty(geometry.size_wh)
        traced = trace_all([*items, *rest], geometry)
        for depths in traced:
            render.add(self.total, depths)
        self.items = traced[: len(items)]
        self.rgb = self._developed()

    def truth(self, number: int) -> tuple[NDArray[np.bool_], float]:
        """Mask over the view, and the visible share of it."""
        depths = self.items[number]
        mask = np.zeros(self.total.low.shape, bool)
        u0, v0, u1, v1 = depths.window
        mask[v0:v1, u0:u1] = depths.mask
        size = int(mask.sum())
        if not size:
            return mask, 0.0
        changed = np.zeros_like(mask)
        rest, place = without(self.total, depths, render.HALO)
        bare = render.develop(rest, self.noise[:, place[0], place[1]], self.detector)
        changed[place] = _differs(self.rgb[place], bare)
        return mask, round(int((changed & mask).sum()) / size, 4)

    def _developed(self) -> Rgb:
        """Pixels; the empty belt around the contents is white without asking the detector."""
        height, width = self.total.low.shape
        rgb = np.full((height, width, 3), self.detector.palette.white, np.uint8)
        rows, columns = (np.flatnonzero(self.total.low.any(axis=axis)) for axis in (1, 0))
        if rows.size and columns.size:
            window = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
            place = grown(self.total, window, 2 * render.HALO)
            depths = Depths(window, self.total.planes[:, *place])
            rgb[place] = render.develop(depths, self.noise[:, place[0], place[1]], self.detector)
        return rgb


def _differs(a: Rgb, b: Rgb) -> NDArray[np.bool_]:
    return (np.maximum(a, b) - np.minimum(a, b)).max(axis=2) >= VISIBLE_LEVELS
