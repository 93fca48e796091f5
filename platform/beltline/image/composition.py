"""Four ways to put an item into a scan, from what the paper does to what the physics asks for.

Given the scan without the item and the item alone, on white, in the same place (reproject.py brings it there from another):
    paper    per-channel product of the pseudo-colour images (One eq. 1-4 comes to this): right only where a channel is a
             transmission, and a pseudo-colour is none
    mixup    their mean: for comparison
    energy   optical depths added for each energy, coloured afterwards: exact without beam hardening
    basis    both readings taken apart into lengths of two base materials, lengths added, projected through the spectrum:
             right under beam hardening too

    rgb = colour_depths(*add_energy(scan_depths, item_depths))
"""

import numpy as np
from numpy.typing import NDArray

from beltline.image.energy import DEPTH_ONE, DVXRAY, Palette, Rgb, colour, transmission
from beltline.image.spectrum import BASES, Spectrum

Floats = NDArray[np.float64]
Depths = tuple[Floats, Floats]
"""Optical depths of the low and the high reading, (H, W) each."""
MODES = ("paper", "mixup", "energy", "basis")


def add_paper(scan: Rgb, item: Rgb) -> Rgb:
    """Per-channel product of two (H, W, 3) images, rounded."""
    product = scan.astype(np.uint16) * item
    return ((product + 127) // 255).astype(np.uint8)


def add_mixup(scan: Rgb, item: Rgb) -> Rgb:
    """Mean of two images."""
    return ((scan.astype(np.uint16) + item + 1) // 2).astype(np.uint8)


def add_energy(scan: Depths, item: Depths) -> Depths:
    """Optical depths, energy by energy."""
    return scan[0] + item[0], scan[1] + item[1]


def add_basis(scan: Depths, item: Depths, spectrum: Spectrum) -> Depths:
    """Lengths of the base materials added, then seen through the spectrum."""
    first, second = spectrum.lengths(*scan), spectrum.lengths(*item)
    return spectrum.depths({base: a + b for base, a, b in zip(BASES, first, second, strict=True)})


def colour_depths(low: Floats, high: Floats, palette: Palette = DVXRAY) -> Rgb:
    """Pseudo-colour of optical depths, (H, W, 3)."""
    readings = [transmission(np.rint(np.maximum(depth, 0) * DEPTH_ONE).astype(np.int32)) for depth in (low, high)]
    return colour(readings[0], readings[1], palette)
