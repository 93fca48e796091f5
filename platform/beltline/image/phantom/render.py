"""From parts to optical depths, and from depths to pixels.

Each item is traced in its own window only, into integer depths; the view is the sum of its items. Pixels follow from the depths
through tables and integer arithmetic: transmission, a small blur, detector noise, colour.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beltline.image.energy import DEPTH_ONE, DVXRAY, FULL, Palette, Readings, Rgb, colour, transmission
from beltline.image.phantom.materials import per_mm
from beltline.image.phantom.model import Part
from beltline.image.phantom.solids import length
from beltline.image.phantom.tunnel import Geometry, Window

Ints = NDArray[np.int32]

FAINTEST = 1e-3
"""An item is where its optical depth, in units of 1 / DEPTH_ONE, is above this: anything but rounding."""
THIN_PX = 8
HALO = 4
"""Pixels around a window that blur and edge enhancement reach."""


@dataclass(frozen=True, slots=True)
class Depths:
    """Integer optical depths of something in its window of a view: `low` and `high`, (H, W) int32; `mask` where it is."""

    window: Window
    low: Ints
    high: Ints
    mask: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """How readings become pixels."""

    palette: Palette = DVXRAY
    noise: int = 40
    """Photon noise of the empty belt, in readings of 65535 (standard deviation); falls with the root of the reading."""
    electronic: int = 12
    sharpen: int = 6
    """Edge enhancement as scanners' displays have it: eighths of the difference to a wider blur that are added."""
    """Noise that does not depend on the reading."""


def trace(parts: Sequence[Part], geometry: Geometry) -> Depths:
    """Optical depths of an item whose parts are placed in the tunnel."""
    windows = [geometry.window(one.pose, one.solid.half, one.solid.centre) for one in parts]
    whole = _union(windows)
    u0, v0, u1, v1 = whole
    low, high = np.zeros((v1 - v0, u1 - u0)), np.zeros((v1 - v0, u1 - u0))
    for one, window in zip(parts, windows, strict=True):
        if window[0] == window[2] or window[1] == window[3]:
            continue
        chord = _chord(one, geometry, window)
        mu_low, mu_high = _depth_per_mm(one.material)
        place = slice(window[1] - v0, window[3] - v0), slice(window[0] - u0, window[2] - u0)
        low[place] += chord * (mu_low * one.fill)
        high[place] += chord * (mu_high * one.fill)
    return Depths(whole, np.rint(low).astype(np.int32), np.rint(high).astype(np.int32), low > FAINTEST)


def trace_lengths(
    parts: Sequence[Part], geometry: Geometry, window: Window | None = None
) -> tuple[Window, dict[str, NDArray[np.float64]]]:
    """Millimetres of each material (times fill) along every ray of a window (by default the parts' own), for spectra."""
    windows = [geometry.window(one.pose, one.solid.half, one.solid.centre) for one in parts]
    whole = window or _union(windows)
    shape = whole[3] - whole[1], whole[2] - whole[0]
    lengths: dict[str, NDArray[np.float64]] = {}
    for one, each in zip(parts, windows, strict=True):
        u0, v0, u1, v1 = max(each[0], whole[0]), max(each[1], whole[1]), min(each[2], whole[2]), min(each[3], whole[3])
        if u0 >= u1 or v0 >= v1:
            continue
        total = lengths.setdefault(one.material, np.zeros(shape))
        total[v0 - whole[1] : v1 - whole[1], u0 - whole[0] : u1 - whole[0]] += (
            _chord(one, geometry, (u0, v0, u1, v1)) * one.fill
        )
    return whole, lengths


def _chord(one: Part, geometry: Geometry, window: Window) -> NDArray[np.float64]:
    """Chord of each pixel; the mean of four in each direction in which the part is so thin that rays may miss it."""
    fine_wh = (4 if window[2] - window[0] <= THIN_PX else 1), (4 if window[3] - window[1] <= THIN_PX else 1)
    chord = length(one.solid, geometry.beam(one.pose, window, fine_wh))
    if fine_wh[1] > 1:
        chord = ((chord[0::4] + chord[1::4]) + (chord[2::4] + chord[3::4])) * 0.25
    if fine_wh[0] > 1:
        chord = ((chord[:, 0::4] + chord[:, 1::4]) + (chord[:, 2::4] + chord[:, 3::4])) * 0.25
    return chord


def add(total: Depths, item: Depths) -> None:
    """Adds an item's depths to a view's, in place."""
    place = _inside(total.window, item.window)
    total.low[place] += item.low
    total.high[place] += item.high


def empty(size_wh: tuple[int, int]) -> Depths:
    """A view of the empty belt."""
    width, height = size_wh
    return Depths((0, 0, width, height), np.zeros((height, width), np.int32), np.zeros((height, width), np.int32))


def noise_bytes(rng: np.random.Generator, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """(2, H, W) random bytes, the detector's noise of one view."""
    width, height = size_wh
    return np.frombuffer(rng.bytes(2 * width * height), np.uint8).reshape(2, height, width)


def develop(depths: Depths, noise: NDArray[np.uint8], detector: Detector) -> Rgb:
    """(H, W, 3) pixels of a window's depths and noise (a rim of HALO pixels is exact only at the view's own edge)."""
    low = read(depths.low, noise[0], detector)
    high = read(depths.high, noise[1], detector)
    return colour(low, high, detector.palette)


def read(depth: Ints, noise: NDArray[np.uint8], detector: Detector) -> Readings:
    """(H, W) readings of integer depths: blurred, edges enhanced, with the noise that `noise`, (H, W) bytes, stands for."""
    fine = _blur(transmission(depth).astype(np.int32))
    if detector.sharpen:
        fine = np.clip(fine + (((fine - _blur(_blur(fine))) * detector.sharpen) >> 3), 0, FULL)
    sigma = _sigma(detector.noise, detector.electronic)
    jitter = (_gauss()[noise] * sigma[fine >> 6]) >> 8
    return np.clip(fine + jitter, 1, FULL).astype(np.uint16)


def without(total: Depths, item: Depths, halo: int = HALO) -> tuple[Depths, tuple[slice, slice]]:
    """The view around an item, as it is and without the item's depths: (depths, place inside the view)."""
    place = grown(total, item.window, halo)
    low, high = total.low[place].copy(), total.high[place].copy()
    v, u = place[0].start, place[1].start
    inner = _inside((u, v, 0, 0), item.window)
    low[inner] -= item.low
    high[inner] -= item.high
    return Depths((u, v, place[1].stop, place[0].stop), low, high), place


def grown(total: Depths, window: Window, halo: int) -> tuple[slice, slice]:
    """The window with a rim, cut to the view, as slices."""
    height, width = total.low.shape
    u0, v0, u1, v1 = window
    return slice(max(0, v0 - halo), min(height, v1 + halo)), slice(max(0, u0 - halo), min(width, u1 + halo))


def _blur(readings: Ints) -> Ints:
    """[1 2 1] across and down, in integers."""
    padded = np.pad(readings, 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] * 2 + padded[2:]
    return (rows[:, :-2] + rows[:, 1:-1] * 2 + rows[:, 2:] + 8) >> 4


@functools.cache
def _gauss() -> Ints:
    """256 quantiles of the normal distribution, times 256."""
    from statistics import NormalDist

    normal = NormalDist()
    return np.array([round(256 * normal.inv_cdf((i + 0.5) / 256)) for i in range(256)], np.int32)


@functools.cache
def _sigma(noise: int, electronic: int) -> Ints:
    """Standard deviation of the reading, by reading // 64."""
    share = (np.arange(1024) + 0.5) / 1024
    return np.rint(np.sqrt(noise * noise * share + electronic * electronic)).astype(np.int32)


@functools.cache
def _depth_per_mm(material: str) -> tuple[float, float]:
    low, high = per_mm(material)
    return low * DEPTH_ONE, high * DEPTH_ONE


def _union(windows: Sequence[Window]) -> Window:
    full = [window for window in windows if window[0] < window[2] and window[1] < window[3]]
    if not full:
        return 0, 0, 0, 0
    return (
        min(window[0] for window in full),
        min(window[1] for window in full),
        max(window[2] for window in full),
        max(window[3] for window in full),
    )


def _inside(outer: Window, inner: Window) -> tuple[slice, slice]:
    return slice(inner[1] - outer[1], inner[3] - outer[1]), slice(inner[0] - outer[0], inner[2] - outer[0])
