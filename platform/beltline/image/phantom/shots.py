"""One view of a bag: the depths of each labelled item, their sum with the rest, pixels, and what is true of each item in it.

shot = Shot(items, rest, recipe.tunnel.top, recipe.detector, rng)     # parts, placed in the tunnel
shot.rgb, shot.truth(0)                                               # pixels; mask and visible share of items[0]
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from beltline import masks
from beltline.image.energy import Rgb
from beltline.image.phantom import render
from beltline.image.phantom.model import Part
from beltline.image.phantom.tracing import Depths, grown, inside, trace_all, without
from beltline.image.phantom.tunnel import Geometry
from beltline.scan import Box

VISIBLE_LEVELS = 5
"""A pixel shows an item where removing it changes some channel by this many grey levels."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An item in a view: the rectangle around it (None when the view shows nothing of it), its mask, the share that shows."""

    xyxy: Box | None
    mask: tuple[int, ...]
    """Run lengths over the whole view."""
    visible: float


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
        self.total = render.empty(geometry.size_wh, detector.spectrum)
        traced = trace_all([*items, *rest], geometry, detector.spectrum)
        for depths in traced:
            render.add(self.total, depths)
        self.items = traced[: len(items)]
        self.rgb = self._developed()

    def truth(self, number: int) -> Seen:
        """What the view shows of items[number]."""
        depths = self.items[number]
        assert depths.mask is not None
        size = int(np.count_nonzero(depths.mask))
        if not size:
            return Seen(None, (), 0.0)
        (u0, v0, _, _), (height, width) = depths.window, self.total.low.shape
        left, upper, right, lower = masks.bounds(depths.mask) or (0.0,) * 4
        rest, place = without(self.total, depths, render.HALO)
        bare = render.develop(rest, self.noise[:, place[0], place[1]], self.detector)
        at = inside(rest.window, depths.window)
        changed = _differs(self.rgb[place][at], bare[at])
        return Seen(
            (left + u0, upper + v0, right + u0, lower + v0),
            masks.encode_at(depths.mask, (u0, v0), (width, height)),
            round(int(np.count_nonzero(changed & depths.mask)) / size, 4),
        )

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
    difference: NDArray[np.uint8] = cv2.absdiff(a, b)
    largest = np.maximum(np.maximum(difference[..., 0], difference[..., 1]), difference[..., 2])
    return largest >= VISIBLE_LEVELS
