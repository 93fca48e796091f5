"""Moving a real item across the tunnel, against ray-tracing it at its new place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.image.energy import colour, transmission
from beltline.image.phantom.model import Part, moved
from beltline.image.phantom.render import trace_lengths
from beltline.image.phantom.rotations import IDENTITY, Pose, about_z
from beltline.image.phantom.solids import box, cylinder
from beltline.image.phantom.tunnel import Tunnel
from beltline.image.reproject import Imaged, imaged, on_window, place_mm, reproject

TUNNEL = Tunnel()


def traced(parts, pose):
    """Both views of parts at a place; millimetres stand for depths, half of them for the second reading."""
    views = []
    for geometry in (TUNNEL.top, TUNNEL.side):
        window, lengths = trace_lengths(moved(parts, pose), geometry)
        views.append(Imaged(window=window, low=sum(lengths.values()) / 50, high=sum(lengths.values()) / 100))
    return tuple(views)


def apart(found, wanted):
    """Mean absolute difference on the wanted item's pixels, as a share of its mean."""
    low, _ = on_window(found, wanted.window)
    seen = wanted.low > 0
    return float(np.abs(low - wanted.low)[seen].mean() / wanted.low[seen].mean())


def shifted_only(item, start_uv, end_uv):
    """What a shift in the picture does."""
    u0, v0, u1, v1 = item.window
    by = round(end_uv[1] - start_uv[1])
    return Imaged(window=(u0, v0 + by, u1, v1 + by), low=item.low, high=item.high)


def test_nothing_to_move_is_refused():
    nothing = Imaged(window=(4, 4, 6, 6), low=np.zeros((2, 2)), high=np.zeros((2, 2)))
    with pytest.raises(ValueError, match="empty one"):
        reproject(nothing, nothing, TUNNEL, (0.0, 0.0))
    with pytest.raises(ValueError, match="window's shape"):
        Imaged(window=(4, 4, 4, 6), low=np.zeros((2, 0)), high=np.zeros((2, 0)))
    with pytest.raises(ValueError, match="window's shape"):
        Imaged(window=(4, 4, 6, 6), low=np.zeros((2, 3)), high=np.zeros((2, 3)))


def test_views_must_share_columns_and_sources_stay_outside():
    top, side = traced((Part(box(40, 30, 20), "water"),), Pose(IDENTITY, (0.0, 0.0, 60.0)))
    u0, v0, u1, v1 = side.window
    other = Imaged(window=(u0 + 1, v0, u1 + 1, v1), low=side.low, high=side.high)
    with pytest.raises(ValueError, match="same columns"):
        reproject(top, other, TUNNEL, (0.0, 0.0))
    with pytest.raises(ValueError, match="beyond the source"):
        reproject(top, side, TUNNEL, (0.0, -1200.0))
    with pytest.raises(ValueError, match="beyond the source"):
        reproject(top, side, TUNNEL, (-1400.0, 0.0))


def test_staying_changes_nothing():
    top, side = traced((Part(box(90, 60, 20), "water"),), Pose(about_z(0.08), (10.0, 30.0, 80.0)))
    for found, item in zip(reproject(top, side, TUNNEL, (0.0, 0.0)), (top, side), strict=True):
        low, high = on_window(found, item.window)
        np.testing.assert_allclose(low, item.low, atol=1e-9)
        np.testing.assert_allclose(high, item.high, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(
    st.tuples(st.integers(20, 90), st.integers(30, 60), st.integers(30, 60)),
    st.tuples(st.integers(-80, 80), st.integers(40, 160)),
    st.tuples(st.integers(-60, 60), st.integers(-60, 60)),
)
def test_a_small_straight_box_lands_where_it_is_traced(size, start, shift):
    """Its middle within half a pixel, its amount within the row that a pixel's centre hits or misses at either end."""
    parts = (Part(box(*size), "water"),)
    top, side = traced(parts, Pose(IDENTITY, (7.0, *start)))
    end = (start[0] + shift[0], start[1] + shift[1])
    wanted = traced(parts, Pose(IDENTITY, (7.0, *end)))
    found = reproject(top, side, TUNNEL, shift)
    np.testing.assert_allclose(place_mm(top, side, TUNNEL), (7.0, *start), atol=0.75)
    np.testing.assert_allclose(place_mm(*found, TUNNEL), (7.0, *end), atol=0.75)
    for one, other in zip(found, wanted, strict=True):
        rows = int((other.low > 0).any(axis=1).sum())
        assert apart(one, other) < 2 / rows
        assert on_window(one, (0, 0, *TUNNEL.size_wh))[0].sum() == pytest.approx(other.low.sum(), rel=1.2 / rows)


@pytest.mark.parametrize("turn", [0.0, 0.03, 0.1])
def test_a_thin_bar_turned_on_the_belt_follows_its_own_depth_in_every_column(turn):
    """The side view of a turned bar shows each column at another distance: one distance for all bends it."""
    parts = (Part(box(240, 6, 6), "steel"),)
    start, end = (0.0, 20.0, 100.0), (0.0, 60.0, 40.0)
    top, side = traced(parts, Pose(about_z(turn), start))
    wanted = traced(parts, Pose(about_z(turn), end))
    found = reproject(top, side, TUNNEL, (40.0, -60.0))
    for one, other in zip(found, wanted, strict=True):
        assert apart(one, other) < 0.16
    if turn:
        flat = shifted_only(side, TUNNEL.side.project(start), TUNNEL.side.project(end))
        assert apart(found[1], wanted[1]) < 0.5 * apart(flat, wanted[1])


def test_two_things_at_one_place_each_keep_their_reading():
    """Depths of both readings are carried alike, and the ratio that tells the material stays."""
    parts = (Part(cylinder(30, 80), "water"),)
    top, side = traced(parts, Pose(IDENTITY, (0.0, -40.0, 90.0)))
    for one in reproject(top, side, TUNNEL, (50.0, 20.0)):
        np.testing.assert_allclose(one.high * 2, one.low, rtol=1e-12)
        assert one.low.min() >= 0


def test_a_cutout_is_read_and_put_back_on_any_window():
    depth = np.full((3, 4), 9000, np.int32)
    reading = transmission(depth), transmission(depth // 2)
    item = imaged(colour(*reading), (10, 20))
    assert item.window == (10, 20, 14, 23)
    assert np.abs(item.low + item.high - 1.5 * 9000 / 16384).max() < 0.15
    low, high = on_window(item, (12, 21, 30, 40))
    assert low.shape == high.shape == (19, 18)
    np.testing.assert_array_equal(low[:2, :2], item.low[1:, 2:])
    assert low[2:].sum() == 0 and low[:, 2:].sum() == 0
    assert not on_window(item, (100, 100, 104, 103))[0].any()
