"""Tracing: together or alone, whole or in part, the same depths to the last bit."""

import numpy as np
import pytest

from beltline.image.phantom import RECIPES
from beltline.image.phantom.alike import make_of
from beltline.image.phantom.bags import make_bag
from beltline.image.phantom.model import moved, part
from beltline.image.phantom.solids import Capsule, Frustum, Prism, Torus, box
from beltline.image.phantom.tracing import add, chords, empty, trace, trace_all, without
from beltline.image.phantom.tunnel import Tunnel

EVERYDAY = RECIPES["everyday"]


@pytest.fixture(scope="module")
def things():
    found = []
    for row in (1, 2):
        bag, _ = make_bag(EVERYDAY, row)
        found += [moved(one.model.parts, one.pose) for one in bag.contents]
    extra = [
        part(kind, "steel", (0, 0, 20.0 * i)) for i, kind in enumerate((Torus(12, 1), Capsule(3, 9), Frustum(8, 2, 9)))
    ]
    again = [
        part(kind, "steel", (30, 0, 20.0 * i))
        for i, kind in enumerate((Torus(9, 2, 0.7), Capsule(5, 5), Frustum(2, 7, 5)))
    ]
    return [*found, tuple(extra), tuple(again)]


def test_nothing_has_no_depth():
    geometry = Tunnel().top
    assert trace_all([], geometry) == []
    assert trace([], geometry).planes.shape == (2, 0, 0)
    outside = trace([part(box(9, 9, 9), "steel", (5000, 0, 0))], geometry)
    assert outside.planes.size == 0


@pytest.mark.parametrize("view", ["top", "side"])
def test_a_part_among_many_is_traced_as_alone(things, view):
    geometry = getattr(EVERYDAY.tunnel, view)
    parts = [one for thing in things for one in thing]
    windows = [geometry.window(one.pose, one.solid.half, one.solid.centre) for one in parts]
    together = chords(parts, geometry, windows)
    makes = [make_of(one.solid) for one in parts]
    assert max(makes.count(make) for make in makes if make) > 30
    for one, window, chord in zip(parts, windows, together, strict=True):
        (alone,) = chords([one], geometry, [window])
        assert chord.shape == alone.shape
        assert np.array_equal(chord, alone), one.solid


def test_items_together_are_the_items_alone(things):
    geometry = EVERYDAY.tunnel.side
    for thing, depths in zip(things, trace_all(things, geometry), strict=True):
        alone = trace(thing, geometry)
        assert depths.window == alone.window
        assert np.array_equal(depths.planes, alone.planes) and np.array_equal(depths.mask, alone.mask)


def test_a_large_part_in_blocks_is_one_piece():
    """Rows of a large window are those of any smaller window inside of it."""
    geometry = Tunnel(size_wh=(1280, 960), mm_per_px=0.75).top
    wide = part(Prism(((-150.0, -100.0), (150.0, -80.0), (0.0, 110.0)), 20.0), "wood", (3, 4, 60))
    u0, v0, u1, v1 = geometry.window(wide.pose, wide.solid.half, wide.solid.centre)
    (whole,) = chords([wide], geometry, [(u0, v0, u1, v1)])
    (strip,) = chords([wide], geometry, [(u0, v0 + 100, u1, v0 + 120)])
    assert np.array_equal(whole[100:120], strip)
    assert whole.size > 1 << 16


def test_taking_an_item_away_leaves_the_rest(things):
    geometry = EVERYDAY.tunnel.top
    first, second = trace_all(things[:2], geometry)
    total, rest = empty(geometry.size_wh), empty(geometry.size_wh)
    add(total, first)
    add(total, second)
    add(rest, second)
    left, place = without(total, first, 4)
    assert np.array_equal(left.planes, rest.planes[:, *place])
