"""From parts to integer optical depths: every part in its own window, every item in its own, the view as their sum.

Depths are kept as planes, one for each energy that the detector tells apart: two, or as many as its tube's spectrum has.
Chords are floating-point numbers, but an item's depths are rounded to whole numbers before anything is added to anything else.

    depths = trace(parts, geometry)              # parts placed in the tunnel
    view = empty(geometry.size_wh)
    add(view, depths)
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beltline.image.phantom.alike import Make, make_of, stacked
from beltline.image.phantom.hardening import depth_per_mm, num_planes
from beltline.image.phantom.model import Part
from beltline.image.phantom.solids import length
from beltline.image.phantom.tunnel import Floats, Geometry, Window
from beltline.image.spectrum import Spectrum

Ints = NDArray[np.int32]

FAINTEST = 1e-3
"""An item is where its optical depth, in units of 1 / DEPTH_ONE, is above this: anything but rounding."""
THIN_PX = 8
BLOCK = 1 << 15
"""Rays that are traced at a time: as many as the processor's cache holds."""


@dataclass(frozen=True, slots=True)
class Depths:
    """Integer optical depths of something in its window of a view: `planes` (N, H, W) int32; `mask` where it is."""

    window: Window
    planes: Ints
    mask: NDArray[np.bool_] | None = None

    @property
    def low(self) -> Ints:
        """(H, W), of the detector's front row (without a spectrum)."""
        return self.planes[0]

    @property
    def high(self) -> Ints:
        """(H, W), of its rear row (without a spectrum)."""
        return self.planes[1]


def trace(parts: Sequence[Part], geometry: Geometry, spectrum: Spectrum | None = None) -> Depths:
    """Optical depths of an item whose parts are placed in the tunnel."""
    return trace_all([parts], geometry, spectrum)[0]


def trace_all(items: Sequence[Sequence[Part]], geometry: Geometry, spectrum: Spectrum | None = None) -> list[Depths]:
    """Optical depths of each of several items; equal to `trace` of each, and faster."""
    parts = [one for item in items for one in item]
    windows = _windows(parts, geometry)
    found = chords(parts, geometry, windows)
    depths, first = [], 0
    for item in items:
        last = first + len(item)
        depths.append(_sum(item, windows[first:last], found[first:last], spectrum))
        first = last
    return depths


def trace_lengths(
    parts: Sequence[Part], geometry: Geometry, window: Window | None = None
) -> tuple[Window, dict[str, Floats]]:
    """Millimetres of each material (times fill) along every ray of a window (by default the parts' own), for spectra."""
    windows = _windows(parts, geometry)
    whole = window or _union(windows)
    shape = whole[3] - whole[1], whole[2] - whole[0]
    common = [_common(each, whole) for each in windows]
    lengths: dict[str, Floats] = {}
    for one, each, chord in zip(parts, common, chords(parts, geometry, common), strict=True):
        if chord.size:
            lengths.setdefault(one.material, np.zeros(shape))[inside(whole, each)] += chord * one.fill
    return whole, lengths


def chords(parts: Sequence[Part], geometry: Geometry, windows: Sequence[Window]) -> list[Floats]:
    """Chord of each pixel of each part's window, (H, W) in mm; small parts of one make are traced together."""
    found = [np.zeros((max(0, v1 - v0), max(0, u1 - u0))) for u0, v0, u1, v1 in windows]
    together: dict[tuple[Make, tuple[int, int], int], list[int]] = defaultdict(list)
    for number, (one, window) in enumerate(zip(parts, windows, strict=True)):
        if not found[number].size:
            continue
        height, width = found[number].shape
        fine_w, fine_h = fine_wh = (4 if width <= THIN_PX else 1), (4 if height <= THIN_PX else 1)
        make = make_of(one.solid)
        if make is None or height * width * fine_w * fine_h > BLOCK // 8:
            _trace_one(one, geometry, window, fine_wh, found[number])
        else:
            together[make, fine_wh, max(6, (width * fine_w).bit_length())].append(number)
    for (_, fine_wh, _), numbers in together.items():
        for some in _blocks(numbers, windows, fine_wh):
            chord = _trace_some([parts[i] for i in some], geometry, [windows[i] for i in some], fine_wh)
            first = 0
            for i in some:
                height, width = found[i].shape
                found[i] = chord[first : first + height, :width]
                first += height
    return found


def _blocks(numbers: list[int], windows: Sequence[Window], fine_wh: tuple[int, int]) -> list[list[int]]:
    """Parts in runs of about BLOCK rays."""
    blocks: list[list[int]] = [[]]
    rays = 0
    for number in numbers:
        u0, v0, u1, v1 = windows[number]
        rays += (u1 - u0) * (v1 - v0) * fine_wh[0] * fine_wh[1]
        if rays > BLOCK and blocks[-1]:
            blocks.append([])
            rays = 0
        blocks[-1].append(number)
    return blocks


def _trace_some(
    parts: Sequence[Part], geometry: Geometry, windows: Sequence[Window], fine_wh: tuple[int, int]
) -> Floats:
    """Chords of parts of one make, one below the other."""
    if len(parts) == 1:
        return _means(length(parts[0].solid, geometry.beam(parts[0].pose, windows[0], fine_wh)), fine_wh)
    beam, owner = geometry.beams([one.pose for one in parts], windows, fine_wh)
    return _means(length(stacked([one.solid for one in parts], owner), beam), fine_wh)


def _trace_one(one: Part, geometry: Geometry, window: Window, fine_wh: tuple[int, int], out: Floats) -> None:
    """Chords of a large part, some rows at a time."""
    u0, v0, u1, v1 = window
    step = max(1, BLOCK // ((u1 - u0) * fine_wh[0] * fine_wh[1]))
    for v in range(v0, v1, step):
        beam = geometry.beam(one.pose, (u0, v, u1, min(v + step, v1)), fine_wh)
        out[v - v0 : v - v0 + step] = _means(length(one.solid, beam), fine_wh)


def _means(chord: Floats, fine_wh: tuple[int, int]) -> Floats:
    """The mean of four in each direction in which a part is so thin that rays may miss it."""
    if fine_wh[1] > 1:
        chord = ((chord[0::4] + chord[1::4]) + (chord[2::4] + chord[3::4])) * 0.25
    if fine_wh[0] > 1:
        chord = ((chord[:, 0::4] + chord[:, 1::4]) + (chord[:, 2::4] + chord[:, 3::4])) * 0.25
    return chord


def _sum(
    parts: Sequence[Part], windows: Sequence[Window], found: Sequence[Floats], spectrum: Spectrum | None
) -> Depths:
    """An item's depths from its parts' chords."""
    whole = _union(windows)
    planes = np.zeros((num_planes(spectrum), whole[3] - whole[1], whole[2] - whole[0]))
    for one, window, chord in zip(parts, windows, found, strict=True):
        if chord.size:
            place = inside(whole, window)
            for plane, depth in zip(planes, depth_per_mm(one.material, spectrum), strict=True):
                plane[place] += chord * (depth * one.fill)
    mask = planes[0] > FAINTEST
    return Depths(whole, np.rint(planes, out=planes).astype(np.int32), mask)


def empty(size_wh: tuple[int, int], spectrum: Spectrum | None = None) -> Depths:
    """A view of the empty belt."""
    width, height = size_wh
    return Depths((0, 0, width, height), np.zeros((num_planes(spectrum), height, width), np.int32))


def add(total: Depths, item: Depths) -> None:
    """Adds an item's depths to a view's, in place."""
    total.planes[:, *inside(total.window, item.window)] += item.planes


def without(total: Depths, item: Depths, halo: int) -> tuple[Depths, tuple[slice, slice]]:
    """The view around an item, without the item's depths: (depths, place inside the view)."""
    place = grown(total, item.window, halo)
    planes = total.planes[:, *place].copy()
    v, u = place[0].start, place[1].start
    planes[:, *inside((u, v, 0, 0), item.window)] -= item.planes
    return Depths((u, v, place[1].stop, place[0].stop), planes), place


def grown(total: Depths, window: Window, halo: int) -> tuple[slice, slice]:
    """The window with a rim, cut to the view, as slices."""
    height, width = total.low.shape
    u0, v0, u1, v1 = window
    return slice(max(0, v0 - halo), min(height, v1 + halo)), slice(max(0, u0 - halo), min(width, u1 + halo))


def inside(outer: Window, inner: Window) -> tuple[slice, slice]:
    """Where a window lies in an array of another: slices of its rows and columns."""
    return slice(inner[1] - outer[1], inner[3] - outer[1]), slice(inner[0] - outer[0], inner[2] - outer[0])


def _windows(parts: Sequence[Part], geometry: Geometry) -> list[Window]:
    solids = [one.solid for one in parts]
    return geometry.windows(
        [one.pose for one in parts], [each.half for each in solids], [each.centre for each in solids]
    )


def _common(a: Window, b: Window) -> Window:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def _union(windows: Sequence[Window]) -> Window:
    full = [window for window in windows if window[0] < window[2] and window[1] < window[3]]
    if not full:
        return 0, 0, 0, 0
    u0s, v0s, u1s, v1s = zip(*full, strict=True)
    return min(u0s), min(v0s), max(u1s), max(v1s)
