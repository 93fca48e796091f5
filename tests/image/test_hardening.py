"""Bags under a whole spectrum: the readings are those of the floating-point model, thick things harden the beam, truth holds."""

import dataclasses

import numpy as np
import pytest

from beltline.image.composition import colour_depths
from beltline.image.energy import FULL, colour
from beltline.image.phantom import RECIPES, make_scan
from beltline.image.phantom.bags import make_bag
from beltline.image.phantom.hardening import depth_per_mm, transmitted
from beltline.image.phantom.model import moved, part
from beltline.image.phantom.render import Detector
from beltline.image.phantom.shots import VISIBLE_LEVELS, Shot
from beltline.image.phantom.solids import box
from beltline.image.phantom.tracing import add, empty, trace, trace_all, trace_lengths
from beltline.image.phantom.tunnel import Tunnel
from beltline.image.spectrum import Spectrum
from beltline.scan import canonical_json

HARDENED = RECIPES["hardened"]
TUBE = HARDENED.detector.spectrum


@pytest.fixture(scope="module")
def things():
    bag, _ = make_bag(HARDENED, 2)
    return [moved(bag.container.parts, bag.offset), *(moved(one.model.parts, one.pose) for one in bag.contents)]


@pytest.mark.parametrize("spectrum", [None, Spectrum(), Spectrum(kvp=100.0)])
def test_the_empty_belt_is_full(spectrum):
    low, high = transmitted(empty((5, 4), spectrum).planes, spectrum)
    assert low.shape == (4, 5)
    assert (low == FULL).all() and (high == FULL).all()


@pytest.mark.parametrize("view", ["top", "side"])
def test_a_bag_is_what_its_lengths_are_under_the_spectrum(things, view):
    geometry = getattr(HARDENED.tunnel, view)
    total = empty(geometry.size_wh, TUBE)
    for depths in trace_all(things, geometry, TUBE):
        add(total, depths)
    _, lengths = trace_lengths([one for thing in things for one in thing], geometry, total.window)
    expected = TUBE.depths(lengths)
    found = transmitted(total.planes, TUBE)
    assert len(lengths) > 5 and np.max(expected) > 3
    for reading, depth in zip(found, expected, strict=True):
        assert np.abs(255 * (reading / FULL - np.exp(-depth))).max() <= 0.25  # of a grey level
    palette = HARDENED.detector.palette
    grey = np.abs(colour(*found, palette).astype(int) - colour_depths(*expected, palette))
    assert (grey <= 1).mean() > 0.995  # the colour table's own steps are larger where a kind of material ends


def test_thick_slabs_harden_the_beam_and_thin_ones_do_not():
    """Depth per mm at the middle of a slab falls with its thickness, to that of the hardest rays."""
    tunnel, effective = Tunnel(), []
    for mm in (0.25, 1.0, 4.0, 8.0):
        depths = trace([part(box(120, 120, mm), "steel", (0, 0, 105.0))], tunnel.top, TUBE)
        low, _ = transmitted(depths.planes, TUBE)
        effective.append(-np.log(low[low.shape[0] // 2, 40] / FULL) / mm)
    assert (np.diff(effective) < 0).all()
    assert effective[0] > 1.8 * effective[-1]
    slab = trace([part(box(120, 120, 8.0), "steel", (0, 0, 105.0))], tunnel.top)
    assert slab.low[40, 40] / 8 == pytest.approx(
        depth_per_mm("steel", None)[0], rel=1e-2
    )  # without a spectrum it is fixed


@pytest.mark.parametrize("detector", [Detector(), HARDENED.detector], ids=["two energies", "spectrum"])
def test_visible_is_what_differs_from_the_bag_without_the_item(things, detector):
    geometry = HARDENED.tunnel.top
    items, rest = things[1:4], [things[0], *things[4:]]
    shot = Shot(items, rest, geometry, detector, np.random.default_rng(3))
    for number in range(3):
        bare = Shot([], [*items[:number], *items[number + 1 :], *rest], geometry, detector, np.random.default_rng(3))
        changed = np.abs(shot.rgb.astype(int) - bare.rgb).max(axis=2) >= VISIBLE_LEVELS
        depths = shot.items[number]
        u0, v0, u1, v1 = depths.window
        share = changed[v0:v1, u0:u1][depths.mask].mean()
        assert 0 < share and shot.truth(number).visible == pytest.approx(share, abs=6e-5)


def test_the_recipe_hardens_and_is_written_down_by_its_numbers():
    plain = dataclasses.replace(HARDENED, detector=dataclasses.replace(HARDENED.detector, spectrum=None))
    hard, soft = make_scan(HARDENED, 1), make_scan(plain, 1)
    assert hard.top.sha256 != soft.top.sha256
    assert [one.top_mask for one in hard.items] == [one.top_mask for one in soft.items]
    assert '"spectrum":{"copper_mm":0.6,"kvp":140.0}' in canonical_json(dataclasses.asdict(HARDENED))
