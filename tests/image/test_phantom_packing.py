"""Packing: nothing solid goes into anything, everything rests on something, and a recipe says how much is hidden.

The solids are asked point by point whether it lies inside, by formulas of their own that share nothing with packing.
"""

from dataclasses import replace

import numpy as np
import pytest

from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import make_bag, render_bag
from beltline.image.phantom.gaps import along, bounds_mm, free_mm, lines
from beltline.image.phantom.items import CATALOGUE, CLUTTER, COVERS
from beltline.image.phantom.model import Draw, Model, moved, part
from beltline.image.phantom.packing import Pile
from beltline.image.phantom.rotations import Pose, about_y
from beltline.image.phantom.settle import Ground, outer_parts, skin_of
from beltline.image.phantom.solids import (
    Capsule,
    Difference,
    Frustum,
    Prism,
    Slab,
    Soft,
    Torus,
    box,
    cylinder,
    ellipsoid,
    shell,
)
from beltline.verdict import BadRow

DEEP_MM = 0.4
"""A point counts as an intersection when all points this far around it lie in both things."""
FEW = {"clear": 2, "everyday": 3, "severe": 3, "mmxray": 2, "dual": 2, "dvxray": 2, "hardened": 2}


def bags(recipe, rows):
    made = []
    for row in rows:
        try:
            made.append((row, make_bag(recipe, row)[0]))
        except BadRow:
            continue
    assert len(made) >= 0.97 * len(rows) - 0.99
    return made


def inside(solid, p):
    if isinstance(solid, Difference):
        return inside(solid.whole, p) & ~inside(solid.hole, p)
    if isinstance(solid, Frustum):
        radius = (solid.bottom + solid.top) / 2 + (solid.top - solid.bottom) * p[2] / solid.height
        return (np.hypot(p[0], p[1]) <= radius) & (abs(p[2]) <= solid.height / 2)
    if isinstance(solid, Capsule):
        return p[0] ** 2 + p[1] ** 2 + np.maximum(abs(p[2]) - solid.height / 2, 0) ** 2 <= solid.radius**2
    if isinstance(solid, Prism):
        result = np.zeros(p.shape[1:], bool)
        for (x0, y0), (x1, y1) in zip(solid.polygon, solid.polygon[1:] + solid.polygon[:1], strict=True):
            result ^= ((y0 > p[1]) != (y1 > p[1])) & (p[0] < (x1 - x0) * (p[1] - y0) / (y1 - y0 or 1) + x0)
        return result & (abs(p[2]) <= solid.half_height)
    if isinstance(solid, Torus):
        return (np.hypot(p[0], p[1] / solid.squeeze) - solid.ring) ** 2 + p[2] ** 2 <= solid.wire**2
    result = np.ones(p.shape[1:], bool)
    for cut in solid.cuts:
        if isinstance(cut, Slab):
            result &= abs(sum(cut.normal[i] * p[i] for i in range(3)) - cut.offset) <= cut.half
        else:
            result &= sum(cut.square[i] * p[i] ** 2 + cut.linear[i] * p[i] for i in range(3)) + cut.constant <= 0
    return result


def in_both(a, b, points):
    own = [np.array(one.pose.rotation).T @ (points - np.array(one.pose.shift)[:, None]) for one in (a, b)]
    return inside(a.solid, own[0]) & inside(b.solid, own[1])


def deep_points(a, b):
    """How many points of a 1 mm grid lie DEEP_MM inside a part of `a` and a part of `b` at once."""
    count = 0
    for one in a:
        for other in b:
            both = zip(bounds_mm((one,)), bounds_mm((other,)), strict=True)
            ends = [(max(x[0], y[0]) + DEEP_MM, min(x[1], y[1]) - DEEP_MM) for x, y in both]
            if any(high < low for low, high in ends):
                continue
            grid = np.meshgrid(*(np.arange(low, high + 1e-9, 1.0) for low, high in ends), indexing="ij")
            points = np.stack([axis.ravel() for axis in grid])
            for step in (
                (0, 0, 0),
                *(tuple(s * DEEP_MM * (k == axis) for k in range(3)) for axis in range(3) for s in (-1, 1)),
            ):
                points = points[:, in_both(one, other, points + np.array(step)[:, None])]
            count += points.shape[1]
    return count


def hard(thing):
    return tuple(one for one in moved(thing.model.parts, thing.pose) if not isinstance(one.solid, Soft))


def pressed(thing):
    """Parts of a placed thing, textiles as far as they give way."""
    parts = moved(thing.model.parts, thing.pose)
    return tuple(
        replace(one, solid=ellipsoid(*(1.4 * half for half in one.solid.half))) if isinstance(one.solid, Soft) else one
        for one in parts
    )


def beside(a, b):
    return any(free_mm(*ends) for ends in list(zip(a, b, strict=True))[:2])


def intersections(bag):
    solids = [hard(thing) for thing in bag.contents]
    for i, a in enumerate(solids):
        for j in range(i):
            if (
                a
                and solids[j]
                and not any(free_mm(*ends) for ends in zip(bounds_mm(a), bounds_mm(solids[j]), strict=True))
            ):
                count = deep_points(a, solids[j])
                if count:
                    yield bag.contents[i].model.kind, bag.contents[j].model.kind, count


def air_below(bag):
    """Millimetres, along vertical lines, from each thing to the floor or to what is next below it."""
    parts = [pressed(thing) for thing in bag.contents]
    boxes = [bounds_mm(own) for own in parts]
    for i, own in enumerate(parts):
        below = boxes[i][2][0] - bag.container.floor_mm
        mine = [lines(one, 2) for one in own]
        for j, others in enumerate(parts):
            if i != j and not beside(boxes[i], boxes[j]):
                near = [lines(one, 2) for one in others if not beside(boxes[i], bounds_mm((one,)))]
                below = min([below, *(along(a, b)[1] for a in mine for b in near)])
        yield below


def check(name, rows):
    air = []
    for row, bag in bags(RECIPES[name], rows):
        assert list(intersections(bag)) == [], row
        air += air_below(bag)
    assert np.mean(np.array(air) <= 0.5) >= 0.6
    assert np.mean(np.array(air) <= 3.0) >= 0.93
    assert max(air) <= 12.0, max(air)


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_nothing_goes_into_anything_and_everything_rests(name):
    check(name, range(FEW.get(name, 1)))


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_nothing_goes_into_anything_in_many_bags(name):
    check(name, range(100, 120))


def test_the_test_of_points_sees_an_intersection():
    a, b = (part(box(20, 20, 20), "wood"),), (part(cylinder(10, 30), "wood", (9, 0, 0)),)
    assert deep_points(a, b) > 500
    assert deep_points(a, (part(cylinder(10, 30), "wood", (15, 0, 0)),)) == 0
    assert deep_points((part(shell(20, 20, 20, 1), "wood"),), (part(box(10, 10, 10), "wood"),)) == 0


def test_an_empty_floor_holds_at_zero():
    ground = Ground((200.0, 200.0))
    assert ground.rest(skin_of((part(box(20, 30, 10), "wood"),))) == pytest.approx(5.2)
    assert ground.rest(skin_of((part(ellipsoid(40, 40, 40), "wood"),))) == pytest.approx(20.2, abs=0.1)


def test_what_is_let_down_lies_on_what_is_there():
    ground = Ground((200.0, 200.0))
    ground.add(skin_of((part(cylinder(60, 40), "wood", (0, 0, 20)),)), 0.0)
    plate = skin_of((part(box(80, 80, 1.5), "wood"),))
    assert ground.rest(plate) == pytest.approx(40.95, abs=0.02)
    beyond = skin_of((part(box(20, 20, 10), "wood", (45, 0, 0)),))
    assert ground.rest(beyond) == pytest.approx(5.2)
    corner = skin_of((part(box(20, 20, 10), "wood", (36, 36, 0)),))
    assert ground.rest(corner) == pytest.approx(5.2), "a round thing has no corners to lie on"


def test_a_thin_blade_on_its_edge_is_not_missed():
    ground = Ground((200.0, 200.0))
    ground.add(skin_of((part(box(0.8, 120, 30), "steel", (5.1, 0, 15)),)), 0.0)
    assert ground.rest(skin_of((part(box(40, 40, 10), "wood"),))) == pytest.approx(35.2)


def test_nothing_balances_on_a_point():
    """A plate over a slim post tips until it is held, or lies elsewhere; it never stays level on the post."""
    plate = Model(kind="plate", parts=(part(box(100, 80, 6), "steel"),))
    post = Model(kind="post", parts=(part(box(8, 8, 40), "steel"),))
    for seed in range(12):
        pile, draw = Pile((260.0, 200.0, 300.0)), Draw(np.random.default_rng(seed))
        assert pile.drop(post, draw) is not None
        pose = pile.drop(plate, draw, tries=1, near=(0.0, 0.0))
        top = pile.height.max()
        if pose is not None and pose.shift[2] > 30:
            assert abs(pose.rotation[2][2]) < 0.99, (seed, top)


@pytest.mark.parametrize("name", sorted({**CATALOGUE, **CLUTTER, **COVERS}))
def test_leaving_out_what_is_inside_changes_no_outline(name):
    model = {**CATALOGUE, **CLUTTER, **COVERS}[name](Draw(np.random.default_rng([3, 1])))
    for pose in (Pose(), Pose(about_y(0.07))):
        whole, less = (skin_of(moved(parts, pose)) for parts in (model.parts, outer_parts(model.parts)))
        assert whole.corner == less.corner
        for a, b in ((whole.low, less.low), (whole.high, less.high)):
            known = np.isfinite(a)
            assert (known == np.isfinite(b)).all()
            assert np.abs(a[known] - b[known]).max() < 1.1  # a thin part counts with a box a little larger than itself


def shares(name, count):
    found = []
    for row in range(count):
        try:
            found += [item.top_visible for item in render_bag(RECIPES[name], row)[2]]
        except BadRow:
            continue
    return np.array(found)


def test_severe_bags_hide_and_clear_ones_do_not():
    clear, severe = shares("clear", 8), shares("severe", 16)
    assert clear.mean() > 0.97 and clear.min() > 0.6
    assert severe.mean() <= 0.75
    assert (severe < 0.4).mean() >= 0.15 and (severe < 0.2).any()
    assert (severe > 0.9).any(), "not all of them"
