"""Virtual bags a second on one core, how time grows with the number of items, memory, and a plain ray marcher beside it.

    python benchmarks/phantom.py [--bags 40]

The speed is that of packing, tracing, developing and truth of both 640x480 views, without encoding. The marcher walks every ray
in 1 mm steps and asks each part whether the point is inside; it is run on a random sample of the pixels of the same bags and
scaled up. Prints one JSON object.
"""

import argparse
import dataclasses
import json
import resource
import time

import numpy as np

from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import Bag, make_bag, render_bag
from beltline.image.phantom.model import Part, moved
from beltline.image.phantom.recipes import BagRecipe
from beltline.image.phantom.solids import Capsule, Convex, Difference, Frustum, Prism, Slab, Soft, Solid, Torus
from beltline.image.phantom.tunnel import Geometry
from beltline.verdict import BadRow

FULL = dataclasses.replace(RECIPES["everyday"], num_items=(4, 4), num_clutter=(11, 11))
"""Fifteen things in the median."""


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bags", type=int, default=40)
    options = parser.parse_args()
    speed = bags_per_second(FULL, options.bags)
    growth = {}
    for count in (5, 10, 20, 30):
        recipe = dataclasses.replace(FULL, num_items=(2, 2), num_clutter=(count - 2, count - 2))
        growth[count] = round(1 / bags_per_second(recipe, max(4, options.bags // 4)), 4)
    bags = [bag for bag in (packed(FULL, row) for row in range(options.bags)) if bag]
    things = [len(bag.contents) for bag in bags]
    parts = [len(one.model.parts) for bag in bags for one in bag.contents]
    marched = float(np.mean([march(bag, FULL) for bag in bags[:2]]))
    print(
        json.dumps(
            {
                "bags_per_second": round(speed, 2),
                "median_items": float(np.median(things)),
                "median_solids_per_item": float(np.median(parts)),
                "mean_solids_per_item": round(float(np.mean(parts)), 2),
                "seconds_by_items": growth,
                "plain_marcher_seconds": round(marched, 1),
                "times_faster": round(marched * speed),
                "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def bags_per_second(recipe: BagRecipe, count: int) -> float:
    """Bags made per second of processor time, rejected rows left out."""
    render_row(recipe, 10_000)
    start, done = time.process_time(), 0
    for row in range(count):
        done += render_row(recipe, row)
    return done / (time.process_time() - start)


def render_row(recipe: BagRecipe, row: int) -> bool:
    """Makes a row's pixels and truth; False when it is rejected."""
    try:
        render_bag(recipe, row)
    except BadRow:
        return False
    return True


def packed(recipe: BagRecipe, row: int) -> Bag | None:
    """The bag of a row, unless it is rejected."""
    try:
        return make_bag(recipe, row)[0]
    except BadRow:
        return None


def march(bag: Bag, recipe: BagRecipe, sample: int = 60) -> float:
    """Seconds that the plain way would take for both views."""
    parts = [
        *moved(bag.container.parts, bag.offset),
        *(p for one in bag.contents for p in moved(one.model.parts, one.pose)),
    ]
    rng, total = np.random.default_rng(1), 0.0
    width, height = recipe.size_wh
    for geometry in (recipe.tunnel.top, recipe.tunnel.side):
        start = time.process_time()
        for _ in range(sample):
            walk(parts, geometry, int(rng.integers(width)), int(rng.integers(height)))
        total += (time.process_time() - start) / sample * width * height
    return total


def walk(parts: list[Part], geometry: Geometry, u: int, v: int) -> float:
    """Length of everything on one ray, in 1 mm steps."""
    t = np.arange(-400.0, 400.0)
    slope, start = geometry.slopes(v, v + 1)[0], geometry.source_mm
    points = np.empty((3, len(t)))
    points[0], points[geometry.along] = geometry.columns_mm(u, u + 1)[0], t
    points[geometry.across] = start[0] + slope * (t - start[1])
    total = 0.0
    for one in parts:
        own = np.array(one.pose.rotation).T @ (points - np.array(one.pose.shift)[:, None])
        total += float(inside(one.solid, own).sum())
    return total


def inside(solid: Solid, p: np.ndarray) -> np.ndarray:
    """Which points lie in a solid."""
    if isinstance(solid, Difference):
        return inside(solid.whole, p) & ~inside(solid.hole, p)
    if isinstance(solid, Soft):
        return sum((p[i] / solid.half[i]) ** 2 for i in range(3)) <= 1
    if isinstance(solid, Frustum):
        radius = (solid.bottom + solid.top) / 2 + (solid.top - solid.bottom) * p[2] / solid.height
        return (np.hypot(p[0], p[1]) <= radius) & (abs(p[2]) <= solid.height / 2)
    if isinstance(solid, Capsule):
        return p[0] ** 2 + p[1] ** 2 + np.maximum(abs(p[2]) - solid.height / 2, 0) ** 2 <= solid.radius**2
    if isinstance(solid, Torus):
        return (np.hypot(p[0], p[1] / solid.squeeze) - solid.ring) ** 2 + p[2] ** 2 <= solid.wire**2
    if isinstance(solid, Prism):
        result = np.zeros(p.shape[1], bool)
        for (x0, y0), (x1, y1) in zip(solid.polygon, solid.polygon[1:] + solid.polygon[:1], strict=True):
            result ^= ((y0 > p[1]) != (y1 > p[1])) & (p[0] < (x1 - x0) * (p[1] - y0) / (y1 - y0 or 1) + x0)
        return result & (abs(p[2]) <= solid.half_height)
    assert isinstance(solid, Convex)
    result = np.ones(p.shape[1], bool)
    for cut in solid.cuts:
        if isinstance(cut, Slab):
            result &= abs(np.dot(cut.normal, p) - cut.offset) <= cut.half
        else:
            result &= sum(cut.square[i] * p[i] ** 2 + cut.linear[i] * p[i] for i in range(3)) + cut.constant <= 0
    return result


if __name__ == "__main__":
    main()
