"""From optical depths (tracing.py) to pixels, through tables and integer arithmetic: transmission, blur, noise, colour.

rgb = develop(depths, noise_bytes(rng, size_wh), Detector())
"""

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from beltline.image.energy import DVXRAY, FULL, Palette, Readings, Rgb, colour, transmission
from beltline.image.phantom.hardening import transmitted
from beltline.image.phantom.tracing import Depths, Ints, add, empty, trace, trace_lengths
from beltline.image.spectrum import Spectrum

__all__ = [
    "HALO",
    "Depths",
    "Detector",
    "Ints",
    "add",
    "develop",
    "empty",
    "noise_bytes",
    "read",
    "trace",
    "trace_lengths",
]

_ONE_TWO_ONE = np.array([1, 2, 1], np.float32)
HALO = 4
"""Pixels around a window that blur and edge enhancement reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """How readings become pixels."""

    palette: Palette = DVXRAY
    noise: int = 40
    """Photon noise of the empty belt, in readings of 65535 (standard deviation); falls with the root of the reading."""
    electronic: int = 12
    """Noise that does not depend on the reading."""
    sharpen: int = 6
    """Edge enhancement as scanners' displays have it: eighths of the difference to a wider blur that are added."""
    spectrum: Spectrum | None = None
    """The tube's: beams harden in the bag, and depths have a plane for each energy. None: two effective energies."""


def noise_bytes(rng: np.random.Generator, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """(2, H, W) random bytes, the detector's noise of one view."""
    width, height = size_wh
    return np.frombuffer(rng.bytes(2 * width * height), np.uint8).reshape(2, height, width)


def develop(depths: Depths, noise: NDArray[np.uint8], detector: Detector) -> Rgb:
    """(H, W, 3) pixels of a window's depths and noise (a rim of HALO pixels is exact only at the view's own edge)."""
    low, high = transmitted(depths.planes, detector.spectrum)
    return colour(_detected(low, noise[0], detector), _detected(high, noise[1], detector), detector.palette)


def read(depth: Ints, noise: NDArray[np.uint8], detector: Detector) -> Readings:
    """(H, W) readings of integer depths: blurred, edges enhanced, with the noise that `noise`, (H, W) bytes, stands for."""
    return _detected(transmission(depth), noise, detector)


def _detected(readings: Readings, noise: NDArray[np.uint8], detector: Detector) -> Readings:
    fine = _blur(readings)
    if detector.sharpen:
        edges = fine - _blur(_blur(fine))
        edges *= np.float32(detector.sharpen / 8)
        fine += np.floor(edges, out=edges)
        np.clip(fine, 0, FULL, out=fine)
    whole = fine.astype(np.int32)
    jitter = _gauss().take(noise)
    jitter *= _sigma(detector.noise, detector.electronic).take(whole >> 6)
    jitter >>= 8
    whole += jitter
    return np.clip(whole, 1, FULL, out=whole).astype(np.uint16)


def _blur(readings: Readings | NDArray[np.float32]) -> NDArray[np.float32]:
    """[1 2 1] / 4 across and down, rounded: whole numbers below 2**24 all the way, which float32 adds exactly in any order."""
    sums = cv2.sepFilter2D(readings, cv2.CV_32F, _ONE_TWO_ONE, _ONE_TWO_ONE, borderType=cv2.BORDER_REPLICATE)
    sums += np.float32(8)
    sums *= np.float32(1 / 16)
    return np.floor(sums, out=sums)


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
