"""An X-ray tube seen by two detectors: transmissions of known lengths of material under beam hardening, and their inverse.

The tube's spectrum is Kramers' law behind 3 mm of aluminium; the front detector answers mostly to soft rays, the rear one lies
behind copper. Coefficients are interpolated between the tabulated energies, so K edges of tungsten and lead are smeared.
Any material is, nearly, a mixture of two base materials (water and steel here): two readings give their two lengths, lengths add,
and the sum can be projected again through the spectrum. That is what the mode `basis` of composition.py does.

    spectrum = Spectrum(kvp=140)
    low, high = spectrum.depths({"water": 50.0, "steel": 1.0})       # mm to optical depths
    water_mm, steel_mm = spectrum.lengths(low, high)
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from beltline.image.energy import Palette
from beltline.image.materials import ENERGIES_KEV, per_mm

Floats = NDArray[np.float64]
BASES = ("water", "steel")
STEP_KEV = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """Tube voltage in kV, filter of the rear detector in mm of copper."""

    kvp: float = 140.0
    copper_mm: float = 0.6

    def __post_init__(self) -> None:
        if not 60 <= self.kvp <= 160:
            raise ValueError(f"spectrum: expected 60 to 160 kV (the materials' table ends there), found {self.kvp}")

    @property
    def energies(self) -> Floats:
        """(N,) energies in keV that the spectrum is made of."""
        return _curves(self)[0]

    @property
    def weights(self) -> Floats:
        """(2, N) answers of the front and the rear detector to each energy; each row sums to 1."""
        return _curves(self)[1]

    def depths(self, lengths_mm: Mapping[str, ArrayLike]) -> tuple[Floats, Floats]:
        """Optical depths -ln(I/I0) of both detectors behind lengths of materials, of the lengths' common shape."""
        total = np.zeros(1)
        for material, length in lengths_mm.items():
            total = total + np.asarray(length, float)[..., None] * attenuation(material, self.energies)
        through = np.exp(-total)
        low, high = ((through * weight).sum(axis=-1) for weight in self.weights)
        return -np.log(low), -np.log(high)

    def lengths(self, low: ArrayLike, high: ArrayLike, rounds: int = 12) -> tuple[Floats, Floats]:
        """Lengths of the base materials that give these depths, in mm (negative where the ratio lies outside both)."""
        wanted = np.stack([np.asarray(low, float), np.asarray(high, float)], axis=-1)
        mu = np.stack([attenuation(base, self.energies) for base in BASES])
        guess = np.linalg.solve(self.weights @ mu.T, wanted[..., None])[..., 0]
        for _ in range(rounds):
            through = np.exp(-np.clip(guess @ mu, -2.0, 60.0))[..., None, :] * self.weights
            sums = through.sum(axis=-1)
            slopes = np.einsum("...cn,bn->...cb", through, mu) / sums[..., None]
            step = np.linalg.solve(slopes, (wanted + np.log(sums))[..., None])[..., 0]
            guess = guess + np.clip(step, -40.0, 40.0)
        return guess[..., 0], guess[..., 1]


@functools.cache
def _curves(spectrum: Spectrum) -> tuple[Floats, Floats]:
    """Not fields: a recipe that holds a spectrum is written down by its two numbers."""
    energies = np.asarray(np.arange(40.0, spectrum.kvp, STEP_KEV), np.float64)
    tube = (spectrum.kvp - energies) * np.exp(-3.0 * attenuation("aluminium", energies))
    front = tube * np.minimum(1.0, (55.0 / energies) ** 2.5)
    rear = tube * np.exp(-spectrum.copper_mm * attenuation("copper", energies))
    weights: Floats = np.stack([front / front.sum(), rear / rear.sum()])
    energies.flags.writeable = weights.flags.writeable = False
    return energies, weights


def calibrated(palette: Palette, spectrum: Spectrum) -> Palette:
    """The palette with its bounds between kinds of material moved to where this tube sees them (thin samples)."""
    samples = {"water": 20.0, "aluminium": 3.0, "circuit board": 2.0, "steel": 0.3}
    single = [per_mm(name)[0] / per_mm(name)[1] for name in samples]
    seen = [float(low / high) for low, high in (spectrum.depths({name: mm}) for name, mm in samples.items())]
    first, second, third, fourth = (round(float(np.interp(bound, single, seen)), 4) for bound in palette.ratios)
    return replace(palette, ratios=(first, second, third, fourth))


def attenuation(material: str, kev: Floats) -> Floats:
    """Linear attenuation in 1/mm at any energies of the table's range, straight between its points on log-log paper."""
    known = per_mm(material, ENERGIES_KEV)
    curve: Floats = np.exp(np.interp(np.log(kev), np.log(ENERGIES_KEV), np.log(known)))
    return curve
