"""Gates, perceptual twins and class balance."""

import os
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline import masks, pixels
from beltline.image.cleaning import (
    MAX_HASH_DISTANCE,
    balance,
    big_enough,
    boxes_match_masks,
    dihedral_hashes,
    diverse,
    hash_distance,
    near_duplicates,
)
from beltline.pixels import perceptual_hash
from beltline.scan import Item, Scan
from beltline.verdict import KEEP

SCANS = Path(os.environ.get("BELTLINE_SCANS", Path(__file__).resolve().parents[3] / "shared" / "scans"))


def scan_of(top, side=None, items=()):
    views = {name: pixels.make_view(rgb, name) for name, rgb in (("top", top), ("side", side)) if rgb is not None}
    return Scan(id=1, group="g", source="s", source_id="1", licence="CC0-1.0", items=tuple(items), **views)


def blank(width=300, height=250):
    return np.full((height, width, 3), 255, np.uint8)


def reason(verdict):
    return None if verdict == KEEP else verdict.reason


@pytest.mark.parametrize(
    ("top_wh", "side_wh", "expected"),
    [
        ((200, 200), None, None),
        ((199, 500), None, "clean/too-small"),
        ((500, 199), None, "clean/too-small"),
        ((300, 300), (300, 200), None),
        ((300, 300), (300, 199), "clean/too-small"),
    ],
)
def test_both_sides_of_every_view_must_be_large(top_wh, side_wh, expected):
    verdict = big_enough(scan_of(blank(*top_wh), blank(*side_wh) if side_wh else None))
    assert reason(verdict) == expected


def rectangle(x0, y0, x1, y1):
    mask = np.zeros((250, 300), bool)
    mask[y0:y1, x0:x1] = True
    return masks.encode(mask)


TRUE = Item(item=0, category="gun", top_xyxy=(10, 20, 60, 80), top_mask=rectangle(10, 20, 60, 80))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], None),
        ([TRUE], None),
        ([Item(item=1, category="gun")], None),  # shown by no view
        ([TRUE, replace(TRUE, item=1, top_mask=None)], "clean/box-count"),
        ([TRUE, replace(TRUE, item=1, top_xyxy=None)], "clean/box-count"),
        ([replace(TRUE, top_mask=None)], "clean/box-count"),
        (
            [replace(TRUE, top_mask=None), replace(TRUE, top_xyxy=None)],
            "clean/box-count",
        ),  # as many, but not of one item
        ([replace(TRUE, top_xyxy=(11.5, 20, 60, 79))], None),
        ([replace(TRUE, top_xyxy=(25, 20, 60, 80))], "clean/box-off-mask"),
        ([replace(TRUE, top_mask=(300 * 250,))], "clean/box-off-mask"),  # an empty mask
        ([replace(TRUE, top_mask=(5, 5))], "clean/bad-mask"),
        ([replace(TRUE, side_xyxy=(1, 1, 5, 5))], "clean/box-count"),
    ],
)
def test_boxes_must_be_the_rectangles_of_the_masks(items, expected):
    assert reason(boxes_match_masks(scan_of(blank(), blank(), items))) == expected


def test_low_diversity():
    ramp = np.arange(250, dtype=np.uint8)[:, None, None].repeat(300, 1).repeat(3, 2)
    assert reason(diverse(scan_of(blank()))) == "clean/low-diversity"
    assert reason(diverse(scan_of(np.zeros((250, 300, 3), np.uint8)))) == "clean/low-diversity"
    assert diverse(scan_of(ramp)) == KEEP
    assert reason(diverse(scan_of(ramp, blank()))) == "clean/low-diversity"
    dots = blank()
    dots[0, :50] = np.arange(50, dtype=np.uint8)[:, None]  # many levels, on one pixel each of 75,000
    assert reason(diverse(scan_of(dots))) == "clean/low-diversity"


def drawn(seed, size_wh=(320, 240)):
    """A bag of random ellipses on white."""
    rng = np.random.default_rng(seed)
    rgb = np.full((size_wh[1], size_wh[0], 3), 255, np.uint8)
    cv2.ellipse(rgb, (160, 120), (110, 80), int(rng.integers(180)), 0, 360, (225, 215, 190), cv2.FILLED)
    for _ in range(12):
        centre, axes = rng.integers((80, 60), (240, 180)), rng.integers(8, 45, 2)
        colour = rng.integers(20, 220, 3).tolist()
        cv2.ellipse(rgb, centre.tolist(), axes.tolist(), int(rng.integers(180)), 0, 360, colour, cv2.FILLED)
    return rgb


def dihedral_images(rgb):
    """In the order of dihedral_hashes: mirrors along x, y, both; the same transposed."""
    turned = rgb.swapaxes(0, 1)
    images = [flip for each in (rgb, turned) for flip in (each, each[:, ::-1], each[::-1], each[::-1, ::-1])]
    return [np.ascontiguousarray(image) for image in images]


@pytest.mark.parametrize("seed", range(12))
def test_hashes_of_flips_and_turns_follow_from_the_hash(seed):
    rgb = drawn(seed)
    assert dihedral_hashes(perceptual_hash(rgb)) == tuple(perceptual_hash(each) for each in dihedral_images(rgb))


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1), st.integers(0, 7))
def test_hash_distance_is_symmetric_and_blind_to_flips(a, b, turn):
    assert hash_distance(a, a) == 0
    assert hash_distance(a, b) == hash_distance(b, a) <= 63
    assert hash_distance(dihedral_hashes(a)[turn], b) == hash_distance(a, b)
    assert sorted(dihedral_hashes(dihedral_hashes(a)[turn])) == sorted(dihedral_hashes(a))


def trimmed(rgb, margin=3):
    x0, y0, x1, y1 = (int(edge) for edge in masks.bounds(pixels.foreground(rgb)))
    return rgb[max(y0 - margin, 0) : y1 + margin, max(x0 - margin, 0) : x1 + margin]


def white_padded(rgb):
    values = rgb[rgb >= 200]
    white = int(np.bincount(values).argmax()) if values.size else 255
    return np.pad(rgb, ((30, 11), (7, 50), (0, 0)), constant_values=white)


VARIANTS = {
    "jpeg 75": lambda rgb: pixels.decode(pixels.encode_jpeg(rgb, 75)),
    "darker by 8": lambda rgb: cv2.subtract(rgb, (8, 8, 8, 0)),
    "trimmed border": trimmed,
    "wider border": white_padded,
    "half size": lambda rgb: cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "dust": lambda rgb: cv2.circle(rgb.copy(), (3, 3), 1, (120, 120, 120), cv2.FILLED),
    "turned, trimmed, darker, jpeg 85": lambda rgb: pixels.decode(
        pixels.encode_jpeg(np.ascontiguousarray(np.rot90(cv2.subtract(trimmed(rgb), (5, 5, 5, 0)))), 85)
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_drawn_scans_are_twins_of_their_variants_and_of_nothing_else(name):
    scans = [drawn(seed) for seed in range(20)]
    originals = [perceptual_hash(rgb) for rgb in scans]
    changed = [perceptual_hash(np.ascontiguousarray(VARIANTS[name](rgb))) for rgb in scans]
    assert max(hash_distance(a, b) for a, b in zip(originals, changed, strict=True)) <= MAX_HASH_DISTANCE
    assert min(hash_distance(a, b) for a, b in combinations(originals, 2)) > MAX_HASH_DISTANCE


def real_views():
    if not SCANS.is_dir():
        pytest.skip(f"no real scans at {SCANS}; set BELTLINE_SCANS")
    names = sorted([*SCANS.glob("*/**/*.png"), *SCANS.glob("*/**/*.jpg")])
    opened = [pixels.open_view(path.read_bytes(), path.name)[0] for path in names if "annotations" not in path.parts]
    assert len(opened) >= 40
    return [pixels.decode(view.bytes) for view in opened]


@pytest.mark.scans
def test_real_scans_are_twins_of_their_variants_and_of_nothing_else():
    scans = real_views()
    originals = [perceptual_hash(rgb) for rgb in scans]
    for name, change in VARIANTS.items():
        changed = [perceptual_hash(np.ascontiguousarray(change(rgb))) for rgb in scans]
        distances = [hash_distance(a, b) for a, b in zip(originals, changed, strict=True)]
        assert max(distances) <= MAX_HASH_DISTANCE, f"{name}: {max(distances)} bits"
    assert min(hash_distance(a, b) for a, b in combinations(originals, 2)) > 2 * MAX_HASH_DISTANCE


def brute_force(ids, hashes, max_distance):
    def twins(a, b):
        sides = a[1] is None or b[1] is None or hash_distance(a[1], b[1]) <= max_distance
        return sides and hash_distance(a[0], b[0]) <= max_distance

    pairs = dict(zip(ids, hashes, strict=True))
    lower = {key: [other for other in ids if other < key and twins(pairs[key], pairs[other])] for key in ids}
    return {key: min(others) for key, others in lower.items() if others}


@st.composite
def crowds(draw):
    """Ids and hashes, many of them a few bits and a turn away from each other."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(0, 30))
    tops, sides = rng.integers(0, 2**63, 5), [*rng.integers(0, 2**63, 2).tolist(), None]

    def near(value):
        for bit in rng.integers(0, 63, rng.integers(0, 6)):
            value ^= 1 << int(bit)
        return dihedral_hashes(value)[rng.integers(8)]

    pairs = [(near(int(rng.choice(tops))), sides[rng.integers(3)]) for _ in range(count)]
    return (rng.permutation(1000)[:count] + 2**62).tolist(), pairs


@given(crowds(), st.integers(0, 8))
@settings(max_examples=10, deadline=None)
def test_near_duplicates_finds_every_pair_and_names_the_lowest_id(crowd, max_distance):
    ids, hashes = crowd
    assert near_duplicates(ids, hashes, max_distance=max_distance) == brute_force(ids, hashes, max_distance)


def test_near_duplicates_of_nothing():
    assert near_duplicates([], []) == {}
    assert near_duplicates([5], [(3, None)]) == {}


def test_a_side_view_can_tell_two_bags_apart():
    far = 2**63 - 1
    assert near_duplicates([1, 2], [(0, 0), (0, far)], max_distance=3) == {}
    assert near_duplicates([1, 2], [(0, 0), (0, None)], max_distance=3) == {2: 1}
    assert near_duplicates([2, 1], [(0, far), (1, far)], max_distance=3) == {2: 1}


def test_thousands_of_copies_are_no_trouble():
    ids = list(range(30_000, 0, -1))
    assert near_duplicates(ids, [(123, None)] * 30_000) == {key: 1 for key in range(2, 30_001)}


def test_a_crowded_band_is_searched_in_chunks():
    """Hashes that share two of three bands meet in the same bucket: 4 million pairs, not one of them twins."""
    rng = np.random.default_rng(0)
    codes = np.unique(rng.integers(0, 2**21, 6000))
    spread = [int(code) for code in codes if code.bit_count() > 2][:4000]
    hashes = [(code << 42, None) for code in spread]
    found = near_duplicates(range(len(hashes)), hashes, max_distance=0)
    exact = {min(dihedral_hashes(top)) for top, _ in hashes}
    assert len(hashes) - len(found) == len(exact)


@pytest.mark.parametrize(
    ("ids", "hashes", "distance"),
    [([1, 1], [(0, None)] * 2, 3), ([1], [], 3), ([1], [(0, None)], 12), ([1], [(0, None)], -1)],
)
def test_near_duplicates_refuses(ids, hashes, distance):
    with pytest.raises(ValueError, match="near_duplicates: expected"):
        near_duplicates(ids, hashes, max_distance=distance)


@pytest.mark.parametrize(
    ("ids", "categories", "quota", "kept"),
    [
        ([], [], 3, set()),
        ([3, 1, 2], [("gun",), ("gun",), ("gun",)], 2, {1, 2}),
        ([1, 2, 3], [("gun",), ("axe",), ("gun",)], 1, {1, 2}),
        ([1, 2, 3], [("gun",), ("gun", "axe"), ("axe",)], 1, {1, 2}),  # 2 is kept for its axe
        ([1, 2, 3], [("gun", "gun"), ("gun",), ()], 2, {1, 2, 3}),  # two guns in a scan are one scan of guns
        ([1, 2, 3], [(), (), ("gun",)], 1, {1, 3}),  # negatives are a class of their own
        ([1, 2], [("gun",), ()], 0, set()),
    ],
)
def test_balance(ids, categories, quota, kept):
    assert balance(ids, categories, quota) == kept


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=3), max_size=40), st.integers(0, 6), st.randoms())
def test_balance_does_not_depend_on_order_and_fills_every_quota(categories, quota, random):
    ids = list(range(len(categories)))
    kept = balance(ids, categories, quota)
    order = random.sample(ids, len(ids))
    assert balance(order, [categories[key] for key in order], quota) == kept
    for name in "abcd":
        holders = [key for key in ids if name in categories[key]]
        assert len(kept & set(holders)) >= min(quota, len(holders))


def test_balance_refuses():
    with pytest.raises(ValueError, match="balance: expected"):
        balance([1, 2], [("gun",)], 3)
