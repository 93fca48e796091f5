"""Facts in space, checked on things whose distances are known."""

import dataclasses

import numpy as np
import pytest

from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import make_bag
from beltline.image.phantom.gaps import GRID_MM, free_mm, gap_mm, lines
from beltline.image.phantom.model import moved, part
from beltline.image.phantom.rotations import Pose, about_y, about_z
from beltline.image.phantom.solids import Prism, box, cylinder, ellipsoid
from beltline.image.phantom.truth import truth
from beltline.verdict import BadRow

EVERYDAY = RECIPES["everyday"]


def bags(recipe, rows):
    for row in rows:
        try:
            yield row, make_bag(recipe, row)[0]
        except BadRow:
            continue


@pytest.mark.parametrize("gap", [0.0, 0.5, 3.0, 12.0])
def test_distance_of_two_spheres_lies_between_the_bounds(gap):
    a = (part(ellipsoid(40, 40, 40), "water"),)
    direction = np.array([2.0, 1.0, 2.0]) / 3
    b = (part(ellipsoid(30, 30, 30), "water", tuple(direction * (35 + gap))),)
    lower, upper = gap_mm(a, b)
    assert lower <= gap + 1e-6 <= upper + 1e-3


@pytest.mark.parametrize("gap", [0.2, 0.9, 11.0])
def test_stacked_plates_are_measured_exactly(gap):
    a, b = (part(box(60, 40, 10), "wood"),), (part(cylinder(50, 8), "wood", (5, 0, 9 + gap)),)
    lower, upper = gap_mm(a, b)
    assert upper == pytest.approx(gap, abs=1e-6) and lower <= gap


def test_far_things_are_bounded_from_below_only():
    lower, _ = gap_mm((part(box(10, 10, 10), "wood"),), (part(box(10, 10, 10), "wood", (100, 0, 0)),))
    assert lower == pytest.approx(90)


def test_lines_through_a_prism_span_its_notches():
    u_shape = Prism(
        ((0.0, 0.0), (30.0, 0.0), (30.0, 20.0), (20.0, 20.0), (20.0, 10.0), (10.0, 10.0), (10.0, 20.0), (0.0, 20.0)), 6
    )
    _, low, high, _ = lines(part(u_shape, "wood"), 0)
    rows = (low < 1e5).any(axis=1)
    assert (high - low)[rows].max() == pytest.approx(30)


def test_lines_along_a_prism_meet_its_outline():
    """A flat thing lying flat: the lines run exactly along its axis, and no edge is crossed."""
    triangle = part(Prism(((0.0, 0.0), (40.0, 0.0), (0.0, 40.0)), 6), "wood")
    _, low, high, _ = lines(triangle, 2)
    hit = low < 1e5
    assert hit.sum() * GRID_MM**2 == pytest.approx(800, rel=0.15)
    assert set((high - low)[hit]) == {12.0}
    assert gap_mm((triangle,), (part(box(10, 10, 10), "wood", (10, 10, 14)),))[1] == pytest.approx(3)


def test_free_distance_is_signed_and_zero_in_between():
    assert free_mm((0, 10), (15, 20)) == 5
    assert free_mm((15, 20), (0, 10)) == -5
    assert free_mm((0, 10), (5, 20)) == 0


def test_labelled_items_are_inside_their_container():
    for _, bag in bags(RECIPES["severe"], range(6)):
        half = [side / 2 for side in bag.container.inside_mm]
        for thing in bag.contents:
            own = [
                bag.offset.inverse_apply(one.pose.apply(one.solid.centre))
                for one in moved(thing.model.parts, thing.pose)
            ]
            assert all(abs(x) <= half[0] + 5 and abs(y) <= half[1] + 5 for x, y, _ in own)


def test_facts_agree_with_each_other():
    for row in (1, 3):
        facts = truth(EVERYDAY, row)
        for pair in facts.pairs:
            assert pair.gap_mm[0] <= pair.gap_mm[1]
            if pair.touching:
                assert pair.gap_mm[1] <= 1.0
            if any(abs(margin) >= 10 for margin in pair.margin_mm):
                assert pair.touching is False
            assert 0 <= pair.top_overlap <= 1 and 0 <= pair.side_overlap <= 1


def test_a_touching_pair_is_found():
    """A plate laid upon a plate: let down until it touches."""
    recipe = dataclasses.replace(EVERYDAY, num_clutter=(0, 0), fullness=(1.9, 2.0), tries=1)
    found = []
    for row in range(1):
        try:
            found += [pair.touching for pair in truth(recipe, row, ("laptop", "tablet", "mobile phone")).pairs]
        except BadRow:
            continue
    assert True in found


def test_turning_the_bag_changes_no_distance():
    a = (part(box(60, 40, 10), "wood"), part(cylinder(10, 30), "steel", (0, 0, 20)))
    b = (part(box(20, 20, 10), "wood", (0, 0, 41)),)
    before = gap_mm(a, b)[1]
    turn = Pose(about_z(0.25), (11.0, 7.0, 3.0))
    assert gap_mm(moved(a, turn), moved(b, turn))[1] == pytest.approx(before, abs=1e-6)
    tipped = Pose(about_y(0.25))
    assert gap_mm(moved(a, tipped), moved(b, tipped))[1] == pytest.approx(before, abs=1e-6)
