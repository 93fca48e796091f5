"""Chord lengths against an integration that knows only whether a point is inside, at 1,000 random poses per solid."""

import dataclasses
import itertools

import numpy as np
import pytest

from beltline.image.phantom.model import cable
from beltline.image.phantom.rotations import (
    Pose,
    about_x,
    about_y,
    about_z,
    product,
    quaternion,
    sin_cos,
    towards,
    turn_vector,
)
from beltline.image.phantom.solids import (
    Capsule,
    Difference,
    Frustum,
    Prism,
    Soft,
    Torus,
    box,
    cylinder,
    ellipsoid,
    length,
    pillow,
    shell,
    tube,
)
from beltline.image.phantom.tunnel import Tunnel

STAR = (
    (30.0, 0.0),
    (9.0, 7.0),
    (8.0, 28.0),
    (-4.0, 9.0),
    (-27.0, 15.0),
    (-12.0, -3.0),
    (-20.0, -25.0),
    (2.0, -11.0),
    (18.0, -22.0),
    (11.0, -5.0),
)


def in_box(p, x, y, z):
    return (abs(p[0]) <= x / 2) & (abs(p[1]) <= y / 2) & (abs(p[2]) <= z / 2)


def in_cylinder(p, d, h):
    return (p[0] ** 2 + p[1] ** 2 <= d * d / 4) & (abs(p[2]) <= h / 2)


def in_polygon(p, polygon):
    """Even-odd rule."""
    inside = np.zeros(p[0].shape, bool)
    for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        crosses = (y0 > p[1]) != (y1 > p[1])
        inside ^= crosses & (p[0] < (x1 - x0) * (p[1] - y0) / (y1 - y0) + x0)
    return inside


def in_frustum(p, bottom, top, h):
    return (np.hypot(p[0], p[1]) <= (bottom + top) / 2 + (top - bottom) * p[2] / h) & (abs(p[2]) <= h / 2)


def in_capsule(p, r, h):
    return p[0] ** 2 + p[1] ** 2 + np.maximum(abs(p[2]) - h / 2, 0) ** 2 <= r * r


def in_pillow(p, x, y, z, k):
    a, b, c = (2 * p[0] / x / k) ** 2, (2 * p[1] / y / k) ** 2, (2 * p[2] / z / k) ** 2
    return in_box(p, x, y, z) & (a + b <= 1) & (a + c <= 1) & (b + c <= 1)


SOLIDS = {
    "box": (box(60, 40, 25), lambda p: in_box(p, 60, 40, 25)),
    "ellipsoid": (ellipsoid(60, 40, 30), lambda p: (p[0] / 30) ** 2 + (p[1] / 20) ** 2 + (p[2] / 15) ** 2 <= 1),
    "cylinder": (cylinder(36, 70), lambda p: in_cylinder(p, 36, 70)),
    "elliptic cylinder": (cylinder(40, 50, 22), lambda p: ((p[0] / 20) ** 2 + (p[1] / 11) ** 2 <= 1) & (abs(p[2]) <= 25)),
    "cone": (Frustum(28, 0, 45), lambda p: in_frustum(p, 28, 0, 45)),
    "flat frustum": (Frustum(12, 40, 15), lambda p: in_frustum(p, 12, 40, 15)),
    "capsule": (Capsule(14, 40), lambda p: in_capsule(p, 14, 40)),
    "tube": (tube(40, 60, 5), lambda p: in_cylinder(p, 40, 60) & ~in_cylinder(p, 30, 62)),
    "shell": (shell(60, 45, 40, 4), lambda p: in_box(p, 60, 45, 40) & ~in_box(p, 52, 37, 32)),
    "pillow": (pillow(60, 45, 40, 1.2), lambda p: in_pillow(p, 60, 45, 40, 1.2)),
    "torus": (Torus(24, 7), lambda p: (np.hypot(p[0], p[1]) - 24) ** 2 + p[2] ** 2 <= 49),
    "squeezed torus": (Torus(30, 4, 0.6), lambda p: (np.hypot(p[0], p[1] / 0.6) - 30) ** 2 + p[2] ** 2 <= 16),
    "star prism": (Prism(STAR, 14), lambda p: in_polygon(p, list(STAR)) & (abs(p[2]) <= 14)),
    "drilled prism": (Difference(Prism(STAR, 14), cylinder(16, 60)), lambda p: in_polygon(p, list(STAR)) & (abs(p[2]) <= 14) & ~in_cylinder(p, 16, 60)),
}  # fmt: skip


def random_pose(rng):
    turns = rng.random(3)
    rotation = product(about_z(turns[0]), product(about_y(turns[1]), about_x(turns[2])))
    return Pose(rotation, tuple(rng.uniform((-200, -120, 40), (200, 120, 250))))


def world_ray(geometry, u, v):
    """Two points of the ray through the centre of pixel (u, v), from the source and the reference plane alone."""
    x = (u + 0.5 - geometry.size_wh[0] / 2) * geometry.mm_per_px
    across = (v + 0.5 - geometry.zero_row) * geometry.mm_per_px * (-1 if geometry.upward else 1)
    source, target = np.zeros(3), np.zeros(3)
    source[[0, geometry.across, geometry.along]] = x, *geometry.source_mm
    target[[0, geometry.across, geometry.along]] = x, across, geometry.plane_mm
    return source, target


def integrate(inside, pose, source, target, samples=3000, reach=140.0):
    """Length inside along the ray, each change of side found by bisection; the finest feature is reach / samples."""
    direction = (target - source) / np.linalg.norm(target - source)
    middle = np.dot(np.array(pose.shift) - source, direction)
    rotation = np.array(pose.rotation)

    def at(t):
        return inside(rotation.T @ (source[:, None] + direction[:, None] * t - np.array(pose.shift)[:, None]))

    t = np.linspace(middle - reach / 2, middle + reach / 2, samples)
    state = at(t)
    change = np.flatnonzero(state[1:] != state[:-1])
    low, high, first = t[change], t[change + 1], state[change]
    for _ in range(36):
        half = (low + high) / 2
        same = at(half) == first
        low, high = np.where(same, half, low), np.where(same, high, half)
    return float(np.sum(np.where(first, low, -low)))


@pytest.mark.parametrize("name", SOLIDS)
def test_chords_agree_with_integration_at_1000_poses(name):
    solid, inside = SOLIDS[name]
    rng = np.random.default_rng(len(name))
    tunnel, hits = Tunnel(), 0
    for number in range(1000):
        pose = random_pose(rng)
        geometry = (tunnel.top, tunnel.side)[number % 2]
        window = geometry.window(pose, solid.half, solid.centre)
        u, v = (
            int(rng.integers(a + (b - a) // 4, max(a + (b - a) // 4 + 1, b - (b - a) // 4)))
            for a, b in (window[::2], window[1::2])
        )
        chord = length(solid, geometry.beam(pose, (u, v, u + 1, v + 1)))[0, 0]
        expected = integrate(inside, pose, *world_ray(geometry, u, v))
        if expected > 1.0:  # at an edge the integration may miss a sliver
            hits += 1
            assert chord == pytest.approx(expected, rel=1e-3), (number, pose)
    assert hits > 400


def test_soft_density_integrates_to_its_closed_form_and_numerically():
    solid, tunnel, rng = Soft((40.0, 25.0, 15.0)), Tunnel(), np.random.default_rng(4)
    for _ in range(200):
        pose = random_pose(rng)
        window = tunnel.top.window(pose, solid.half)
        got = length(solid, tunnel.top.beam(pose, window))
        row, column = got.shape[0] // 2, got.shape[1] // 2
        source, target = world_ray(tunnel.top, window[0] + column, window[1] + row)
        direction = (target - source) / np.linalg.norm(target - source)
        t = np.linspace(-70, 70, 20001) + np.dot(np.array(pose.shift) - source, direction)
        own = np.array(pose.rotation).T @ (source[:, None] + direction[:, None] * t - np.array(pose.shift)[:, None])
        density = np.maximum(1 - (own[0] / 40) ** 2 - (own[1] / 25) ** 2 - (own[2] / 15) ** 2, 0)
        assert got[row, column] == pytest.approx(density.sum() * (t[1] - t[0]), rel=1e-3)


def test_nothing_is_lost_outside_the_window():
    """A window grown on all sides adds empty chords only."""
    rng, tunnel = np.random.default_rng(5), Tunnel()
    for name, (solid, _) in SOLIDS.items():
        for geometry in (tunnel.top, tunnel.side):
            pose = random_pose(rng)
            u0, v0, u1, v1 = geometry.window(pose, solid.half, solid.centre)
            wide = length(solid, geometry.beam(pose, (u0 - 4, v0 - 4, u1 + 4, v1 + 4)))
            assert wide[4:-4, 4:-4] == pytest.approx(length(solid, geometry.beam(pose, (u0, v0, u1, v1))))
            wide[4:-4, 4:-4] = 0
            assert wide.max() == 0, name


def test_a_bent_cable_is_as_heavy_as_its_length():
    """Mitred joints: no gap and nothing twice. Area of the image times chord is a volume (parallel enough rays)."""
    points = [(0.0, 0.0, 0.0), (60.0, 0.0, 0.0), (60.0, 50.0, 0.0), (10.0, 80.0, 0.0)]
    tunnel = dataclasses.replace(Tunnel(mm_per_px=0.5), top_source_mm=(0.0, -1e6), top_plane_mm=0.0)
    volume = 0.0
    for one in cable(points, 8.0, "copper"):
        window = tunnel.top.window(one.pose, one.solid.half, one.solid.centre)
        volume += length(one.solid, tunnel.top.beam(one.pose, window)).sum() * 0.25
    path = sum(np.hypot(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(points))
    assert volume == pytest.approx(np.pi * 16 * path, rel=5e-3)


def test_projection_of_a_point_is_where_its_rays_pass():
    rng, tunnel = np.random.default_rng(6), Tunnel(size_wh=(1920, 1440), mm_per_px=0.5)
    ball = ellipsoid(6, 6, 6)
    for geometry in (tunnel.top, tunnel.side):
        for _ in range(50):
            pose = random_pose(rng)
            window = geometry.window(pose, (8.0, 8.0, 8.0))
            chords = length(ball, geometry.beam(pose, window))
            rows, columns = np.indices(chords.shape) + 0.5
            found = (
                window[0] + (columns * chords).sum() / chords.sum(),
                window[1] + (rows * chords).sum() / chords.sum(),
            )
            assert found == pytest.approx(geometry.project(pose.shift), abs=0.1)


def test_views_share_the_belt_axis_and_magnify_across_it_only():
    tunnel = Tunnel()
    low, high = (50.0, 60.0, 20.0), (50.0, 60.0, 220.0)
    assert tunnel.top.project(low)[0] == tunnel.top.project(high)[0] == tunnel.side.project(low)[0]
    assert tunnel.top.project(low)[1] != pytest.approx(tunnel.top.project(high)[1], abs=1)


def test_series_and_rotations_against_the_mathematics():
    for turns in np.linspace(-3, 3, 997):
        assert sin_cos(turns) == pytest.approx((np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns)), abs=1e-14)
    rng = np.random.default_rng(7)
    for _ in range(100):
        rotation = random_pose(rng).rotation
        w, x, y, z = quaternion(rotation)
        assert w >= 0
        vector = rng.uniform(-1, 1, 3)
        q = np.array([x, y, z])
        turned = vector + 2 * np.cross(q, np.cross(q, vector) + w * vector)
        assert turned == pytest.approx(turn_vector(rotation, tuple(vector)))
        assert turn_vector(towards(tuple(vector)), (0.0, 0.0, 1.0)) == pytest.approx(vector / np.linalg.norm(vector))
