"""Colour, spectra and composition: identities of physics, checked with numpy's own exponentials."""

import numpy as np
import pytest

from beltline.image.composition import add_basis, add_energy, add_mixup, add_paper, colour_depths
from beltline.image.energy import DEPTH_ONE, DVXRAY, FULL, LDXRAY, PALETTES, colour, read_depths, transmission
from beltline.image.materials import ENERGIES_KEV, MATERIALS, per_mm
from beltline.image.phantom.bags import make_bag
from beltline.image.phantom.model import moved, part
from beltline.image.phantom.recipes import RECIPES
from beltline.image.phantom.render import Detector, develop, empty, trace, trace_lengths
from beltline.image.phantom.solids import box
from beltline.image.phantom.tunnel import Tunnel
from beltline.image.spectrum import Spectrum, attenuation, calibrated


def hue(rgb):
    import cv2

    return cv2.cvtColor(np.asarray(rgb, np.uint8)[None], cv2.COLOR_RGB2HSV)[0, :, 0].astype(int) * 2


def test_nothing_is_white_in_every_palette():
    nothing = np.full((2, 3), FULL, np.uint16)
    for palette in PALETTES.values():
        assert (colour(nothing, nothing, palette) == palette.white).all()


def test_readings_follow_the_exponential():
    depth = np.arange(0, 10 * DEPTH_ONE, 37, dtype=np.int32)
    expected = FULL * np.exp(-depth / DEPTH_ONE)
    assert np.abs(transmission(depth) - expected).max() <= 0.0006 * FULL
    assert (np.diff(transmission(depth).astype(int)) <= 0).all()
    assert transmission(np.array([0], np.int32))[0] == FULL


@pytest.mark.parametrize("material", ["water", "aluminium", "steel"])
def test_a_uniform_slab_obeys_beer_lambert(material):
    """Depth = mu x thickness / cosine of the ray, to 1e-6, in the integer depths' own rounding."""
    tunnel, thick = Tunnel(), 10.0
    depths = trace([part(box(200, 200, thick), material, (0, 0, 105.0))], tunnel.top)
    _, v0, _, v1 = depths.window
    rows = np.arange(v0 + 10, v1 - 10)
    across = (rows + 0.5 - tunnel.top.zero_row) * tunnel.mm_per_px
    stretch = np.hypot(across, tunnel.top_plane_mm - tunnel.top_source_mm[1]) / (
        tunnel.top_plane_mm - tunnel.top_source_mm[1]
    )
    for found, mu in zip((depths.low, depths.high), per_mm(material), strict=True):
        expected = mu * thick * stretch
        error = np.abs(found[10:-10, 50] / DEPTH_ONE - expected)
        assert (error <= 0.5 / DEPTH_ONE + 1e-6 * expected).all()


def test_lengths_are_exact_where_depths_are_rounded():
    tunnel = Tunnel()
    _, lengths = trace_lengths([part(box(200, 200, 10), "water", (0, 0, 105.0))], tunnel.top)
    middle = lengths["water"][lengths["water"].shape[0] // 2, 50]
    row = (0.5 * tunnel.mm_per_px) / (tunnel.top_plane_mm - tunnel.top_source_mm[1])
    assert middle == pytest.approx(10 * np.sqrt(1 + row * row), rel=1e-6)


def test_kinds_of_material_have_their_colours():
    for name, low_hue, high_hue, mm in (("water", 15, 45, 40), ("aluminium", 90, 170, 12), ("steel", 200, 235, 1.2)):
        depths = [np.full((1, 1), mu * mm) for mu in per_mm(name)]
        assert low_hue <= hue(colour_depths(*depths)[0])[0] <= high_hue, name


def test_thicker_is_never_lighter():
    for name in ("water", "aluminium", "steel"):
        thick = np.linspace(0, 200, 400)
        rgb = colour_depths(*[(mu * thick)[None] for mu in per_mm(name)])[0].astype(int).sum(axis=1)
        assert (np.diff(rgb) <= 3).all(), name


def test_adding_depths_is_an_identity_without_hardening():
    """A bag with an item is, to a level, the bag without it and the item alone, added by energy and then coloured."""
    bag, _ = make_bag(RECIPES["everyday"], 1)
    geometry = RECIPES["everyday"].tunnel.top
    item, *others = bag.contents
    rest = empty(geometry.size_wh)
    from beltline.image.phantom.render import add

    for one in others:
        add(rest, trace(moved(one.model.parts, one.pose), geometry))
    alone = trace(moved(item.model.parts, item.pose), geometry)
    together = empty(geometry.size_wh)
    for one in bag.contents:
        add(together, trace(moved(one.model.parts, one.pose), geometry))
    u0, v0, u1, v1 = alone.window
    place = slice(v0, v1), slice(u0, u1)
    composed = add_energy(
        (rest.low[place] / DEPTH_ONE, rest.high[place] / DEPTH_ONE), (alone.low / DEPTH_ONE, alone.high / DEPTH_ONE)
    )
    truth = colour_depths(together.low[place] / DEPTH_ONE, together.high[place] / DEPTH_ONE)
    assert np.abs(colour_depths(*composed).astype(int) - truth).max() <= 1


def test_basis_is_right_under_hardening_and_paper_is_not():
    spectrum = Spectrum(kvp=140)
    water, steel, plastic = np.linspace(5, 80, 30), np.full(30, 0.8), np.linspace(30, 2, 30)
    scan, item = (
        spectrum.depths({"water": water, "steel": steel}),
        spectrum.depths({"plastic": plastic, "steel": steel}),
    )
    truth = colour_depths(
        *(d[None] for d in spectrum.depths({"water": water, "steel": 2 * steel, "plastic": plastic}))
    ).astype(int)
    errors = {
        "paper": add_paper(colour_depths(*(d[None] for d in scan)), colour_depths(*(d[None] for d in item))),
        "mixup": add_mixup(colour_depths(*(d[None] for d in scan)), colour_depths(*(d[None] for d in item))),
        "energy": colour_depths(*(d[None] for d in add_energy(scan, item))),
        "basis": colour_depths(*(d[None] for d in add_basis(scan, item, Spectrum(kvp=135)))),
    }
    error = {mode: np.abs(rgb.astype(int) - truth).mean() for mode, rgb in errors.items()}
    assert error["basis"] <= error["paper"] / 5
    assert error["basis"] <= error["mixup"] / 20
    assert error["basis"] < error["energy"] < error["paper"]


def test_lengths_of_bases_come_back():
    spectrum = Spectrum()
    water, steel = np.meshgrid(np.linspace(0, 150, 7), np.linspace(0, 6, 7))
    found = spectrum.lengths(*spectrum.depths({"water": water, "steel": steel}))
    assert found[0] == pytest.approx(water, abs=1e-4)
    assert found[1] == pytest.approx(steel, abs=1e-4)


def test_a_calibrated_palette_keeps_thin_things_their_colour():
    spectrum = Spectrum(kvp=140)
    palette = calibrated(DVXRAY, spectrum)
    assert list(palette.ratios) == sorted(palette.ratios)
    for name, low_hue, high_hue, mm in (("water", 15, 45, 40), ("aluminium", 80, 170, 8), ("steel", 195, 235, 0.4)):
        depths = [depth[None] for depth in spectrum.depths({name: np.array([float(mm)])})]
        assert low_hue <= hue(colour_depths(*depths, palette)[0])[0] <= high_hue, name


def test_beams_harden():
    """Twice the steel is less than twice the depth; the rear detector sees less depth than the front one."""
    low, high = Spectrum().depths({"steel": np.array([1.0, 2.0])})
    assert low[1] < 1.9 * low[0] and high[1] < 1.99 * high[0]
    assert (high < low).all()


def test_a_tube_beyond_the_table_is_refused():
    with pytest.raises(ValueError, match="60 to 160"):
        Spectrum(kvp=200)


def test_attenuation_meets_the_table_and_falls_between():
    energies = np.array(ENERGIES_KEV, float)
    for name in MATERIALS:
        assert attenuation(name, energies) == pytest.approx(per_mm(name, ENERGIES_KEV))
    with pytest.raises(ValueError, match="unobtainium"):
        per_mm("unobtainium")
    with pytest.raises(ValueError, match="keV"):
        per_mm("water", (61,))


@pytest.mark.parametrize("palette", [DVXRAY, LDXRAY])
def test_depths_read_from_colour_are_near(palette):
    """The stated error of the inverse: mean depth within 15 % (or 0.05) for four in five thicknesses that are not black."""
    good = []
    for name in ("water", "plastic", "aluminium", "glass", "steel", "copper"):
        mu = per_mm(name)
        for mean in np.linspace(0.15, 2.2, 20):
            depths = [np.full((1, 1), m * 2 * mean / sum(mu)) for m in mu]
            low, high = read_depths(colour_depths(*depths, palette), palette)
            good.append(abs((low + high) / 2 - mean)[0, 0] <= max(0.05, 0.15 * mean))
    assert np.mean(good) > 0.8


def test_white_reads_as_nothing():
    low, high = read_depths(np.full((2, 2, 3), 255, np.uint8))
    assert not low.any() and not high.any()


def test_noise_is_centred_and_small_on_the_belt():
    rng = np.random.default_rng(3)
    depths = empty((80, 60))
    depths.low[:], depths.high[:] = DEPTH_ONE, DEPTH_ONE // 2
    noise = rng.integers(0, 256, (2, 60, 80)).astype(np.uint8)
    noisy = develop(depths, noise, Detector(noise=2000)).astype(int)
    clean = develop(depths, np.full_like(noise, 128), Detector(noise=2000)).astype(int)
    difference = noisy - clean
    assert abs(difference.mean()) < 0.6
    assert 0.5 < difference.std() < 8
