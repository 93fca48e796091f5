"""Virtual bags: same row same bag, truth that agrees with the pixels, reasons instead of endless loops."""

import dataclasses

import numpy as np
import pytest

from beltline import masks, pixels
from beltline.image.phantom import RECIPES, make_scan, plan
from beltline.image.phantom.bags import make_bag
from beltline.image.phantom.model import moved
from beltline.image.phantom.render import trace_lengths
from beltline.scan import Scan
from beltline.verdict import BadRow

CLEAR, EVERYDAY = RECIPES["clear"], RECIPES["everyday"]


def made(recipe, count):
    scans = []
    for row in range(count):
        try:
            scans.append(make_scan(recipe, row))
        except BadRow as bad:
            assert bad.verdict.reason.startswith("phantom/")
    return scans


@pytest.fixture(scope="module")
def scans():
    return made(EVERYDAY, 8)


def test_no_items_leave_a_bag_without_labels():
    scan = make_scan(CLEAR, 3, categories=())
    assert scan.items == ()
    assert (pixels.decode(scan.top.bytes) < 255).any()


def test_the_plan_is_what_gets_packed(scans):
    for scan in scans:
        assert sorted(item.category for item in scan.items) == sorted(plan(EVERYDAY, scan.id))


def test_a_row_is_the_same_bag_every_time():
    first, again, other = make_scan(CLEAR, 5), make_scan(CLEAR, 5), make_scan(CLEAR, 6)
    assert first == again
    assert first.top.sha256 != other.top.sha256


def test_a_scan_survives_its_row(scans):
    for scan in scans:
        assert Scan.of(scan.row()) == scan


def test_boxes_are_the_rectangles_of_the_masks_and_agree_along_the_belt(scans):
    for scan in scans:
        for item in scan.items:
            for view in ("top", "side"):
                mask = masks.decode(getattr(item, f"{view}_mask"), (640, 480))
                assert masks.bounds(mask) == getattr(item, f"{view}_xyxy")
            assert abs(item.top_xyxy[0] - item.side_xyxy[0]) <= 2
            assert abs(item.top_xyxy[2] - item.side_xyxy[2]) <= 2


def test_a_mask_is_wherever_a_ray_meets_the_item():
    bag, _ = make_bag(EVERYDAY, 1)
    scan = make_scan(EVERYDAY, 1)
    for item, thing in zip(scan.items, bag.contents, strict=False):
        for view, geometry in (("top", EVERYDAY.tunnel.top), ("side", EVERYDAY.tunnel.side)):
            (u0, v0, u1, v1), lengths = trace_lengths(moved(thing.model.parts, thing.pose), geometry)
            mask = masks.decode(getattr(item, f"{view}_mask"), (640, 480))
            assert (mask[v0:v1, u0:u1] == (sum(lengths.values()) > 1e-4)).mean() > 0.999
            assert mask.sum() == mask[v0:v1, u0:u1].sum()


def test_masks_lie_on_pixels_that_are_not_the_empty_belt(scans):
    for scan in scans:
        for view in ("top", "side"):
            rgb = pixels.decode(getattr(scan, view).bytes)
            for item in scan.items:
                mask = masks.decode(getattr(item, f"{view}_mask"), (640, 480))
                assert (rgb[mask].min(axis=1) < 255).mean() > 0.9  # an empty bottle is nearly white


def test_a_planned_item_that_cannot_fit_is_a_reason():
    crowded = dataclasses.replace(CLEAR, num_clutter=(0, 0))
    with pytest.raises(BadRow, match="phantom/no-room"):
        make_scan(crowded, 1, categories=("laptop",) * 60)


def test_an_unknown_category_is_a_reason():
    with pytest.raises(BadRow, match="phantom/unknown-category"):
        make_scan(CLEAR, 1, categories=("banana",))


def test_the_belt_is_under_everything(scans):
    for scan in scans:
        rgb = pixels.decode(scan.side.bytes)
        rows = np.flatnonzero(pixels.foreground(rgb, 225).any(axis=1))
        assert 0.85 * 480 < rows.max() < 0.93 * 480
