"""A tube's spectrum in whole numbers: optical depths at each of its energies, and what the two detectors make of them.

Without a spectrum a bag has two planes of depths, one for each detector row, at its effective energy. With one it has a plane for
each energy: depths add at every energy, transmissions do not, and so thick things harden the beam. The tables are rounded so far
that the last bit of an exponential cannot show, and from the depths on there is only integer arithmetic.

    depth_per_mm("steel", spectrum)              # of each plane, per mm
    low, high = transmitted(planes, spectrum)    # readings, before the detector's blur and noise
"""

import functools

import numpy as np
from numpy.typing import NDArray

from beltline.image.energy import DEPTH_ONE, Readings, transmission
from beltline.image.materials import per_mm
from beltline.image.spectrum import Spectrum, attenuation

_ONE = 1 << 16
"""The whole answer of a detector; times a full reading it still fits 32 bits."""


@functools.cache
def depth_per_mm(material: str, spectrum: Spectrum | None) -> tuple[float, ...]:
    """Depth of one mm of a material in each plane, in units of 1 / DEPTH_ONE."""
    if spectrum is None:
        return tuple(mu * DEPTH_ONE for mu in per_mm(material))
    return tuple(round(float(mu) * DEPTH_ONE, 6) for mu in attenuation(material, spectrum.energies))


def num_planes(spectrum: Spectrum | None) -> int:
    """Planes that depths are kept in."""
    return 2 if spectrum is None else len(spectrum.energies)


def transmitted(planes: NDArray[np.int32], spectrum: Spectrum | None) -> tuple[Readings, Readings]:
    """Low and high readings, (H, W) each, of (N, H, W) depths."""
    if spectrum is None:
        return transmission(planes[0]), transmission(planes[1])
    sums = np.full((2, *planes.shape[1:]), _ONE // 2, np.uint32)
    for plane, answers in zip(planes, _answers(spectrum).T, strict=True):
        through = transmission(plane).astype(np.uint32)
        for total, answer in zip(sums, answers, strict=True):
            total += through * answer
    low, high = (sums >> 16).astype(np.uint16)
    return low, high


@functools.cache
def _answers(spectrum: Spectrum) -> NDArray[np.uint32]:
    """(2, N) shares of each energy in what a detector reads, in units of 1 / 2^16; each row adds up to exactly that."""
    shares = np.rint(np.round(spectrum.weights * _ONE, 6)).astype(np.int64)
    for row in shares:
        row[row.argmax()] += _ONE - row.sum()
    return shares.astype(np.uint32)
