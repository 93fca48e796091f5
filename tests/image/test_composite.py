"""Composites: truth of boxes and masks, containment, determinism, plans."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest
from scipy.stats import chisquare

from beltline import masks, pixels
from beltline.image.bagmask import bag_mask, bag_mask_by_flood
from beltline.image.composite import CompositeRecipe, compose, joint_licence, plan
from beltline.image.cutouts import as_background, cutouts_of
from beltline.image.physics import fuse_reference
from beltline.scan import Item, Scan, scan_id
from beltline.verdict import BadRow

RECIPE = CompositeRecipe(name="test", seed=11)


def scan_of(name, rgb, items=(), mm_per_px=1.5, licence="CC0-1.0"):
    view = pixels.make_view(rgb, f"{name}.png")
    identity = scan_id("drawn", name)
    known = {"group": f"bag {name}", "source": "drawn", "source_id": name, "licence": licence}
    return Scan(id=identity, top=view, items=tuple(items), mm_per_px=mm_per_px, **known)


def background(seed=0, size_wh=(240, 180), mm_per_px=1.5):
    """A noisy bag, with clutter, on a slightly grey belt."""
    rng = np.random.default_rng(seed)
    rgb = np.full((size_wh[1], size_wh[0], 3), 250, np.uint8)
    centre, axes = (size_wh[0] // 2, size_wh[1] // 2), (size_wh[0] * 2 // 5, size_wh[1] * 2 // 5)
    bag = cv2.ellipse(np.zeros(rgb.shape[:2], np.uint8), centre, axes, 0, 0, 360, 1, cv2.FILLED) > 0
    rgb[bag] = rng.integers(150, 230, (bag.sum(), 3), dtype=np.uint8)
    rgb[80:95, 90:140] = (30, 60, 120)
    return as_background(scan_of(f"background {seed}", rgb, mm_per_px=mm_per_px))


def cutout(seed=0, mm_per_px=1.5, size=(21, 34), licence="CC0-1.0", category="gun"):
    """An item of an odd shape, not symmetric, in random levels."""
    rng = np.random.default_rng([1, seed])
    height, width = size
    rgb, mask = np.full((height + 20, width + 20, 3), 255, np.uint8), np.zeros((height + 20, width + 20), bool)
    mask[10 : 10 + height, 10 : 10 + width // 2] = True
    mask[10 : 10 + height // 3, 10 : 10 + width] = True
    rgb[mask] = rng.integers(20, 200, (mask.sum(), 3), dtype=np.uint8)
    item = Item(item=0, category=category, top_mask=masks.encode(mask), attributes={"colour": "blue"})
    (cut,) = cutouts_of(scan_of(f"item {seed}", rgb, [item], mm_per_px, licence))
    return cut


def placed_masks(scan):
    return [masks.decode(item.top_mask, (scan.top.width, scan.top.height)) for item in scan.items]


ITEMS = [cutout(seed) for seed in range(3)]


def test_no_items_gives_the_normalised_bag():
    bag = background()
    scan = compose(RECIPE, 1, bag, [])
    assert scan.items == () and pixels.decode(scan.top.bytes)[0, 0].tolist() == [255] * 3


@pytest.mark.parametrize("row_id", range(8))
def test_boxes_masks_and_pixels_are_true(row_id):
    bag = background()
    scan, empty = compose(RECIPE, row_id, bag, ITEMS), pixels.decode(compose(RECIPE, row_id, bag, []).top.bytes)
    fused, inside = pixels.decode(scan.top.bytes), bag_mask(empty)
    union = np.zeros(inside.shape, bool)
    for item, cut, mask in zip(scan.items, ITEMS, placed_masks(scan), strict=True):
        assert item.top_xyxy == masks.bounds(mask)
        assert mask.sum() == placed_masks(cut)[0].sum(), "quarter turns keep every pixel"
        assert not (mask & ~inside).any(), "eq. 7: wholly inside the bag"
        union |= mask
    assert (fused[~union] == empty[~union]).all(), "nothing outside the masks changes"
    assert (fused[union] <= empty[union]).all() and (fused[union] != empty[union]).any(axis=1).mean() > 0.99


def test_an_item_alone_is_fused_by_the_equations():
    bag, (cut,) = background(), ITEMS[:1]
    scan = compose(replace(RECIPE, rotate=False), 5, bag, [cut])
    empty, canvas = pixels.decode(compose(RECIPE, 5, bag, []).top.bytes), np.full((180, 240, 3), 255, np.uint8)
    canvas[placed_masks(scan)[0]] = pixels.decode(cut.top.bytes)[placed_masks(cut)[0]]
    assert np.abs(pixels.decode(scan.top.bytes).astype(int) - fuse_reference(empty, canvas)).max() <= 1


def test_containment_holds_for_the_independent_mask():
    for row_id in range(30):
        bag = background(row_id % 3)
        flood = bag_mask_by_flood(pixels.decode(bag.top.bytes))
        assert not any((mask & ~flood).any() for mask in placed_masks(compose(RECIPE, row_id, bag, ITEMS)))


def test_what_the_row_says_of_itself():
    bag = replace(background(), licence="MIT", container="backpack")
    scan = compose(RECIPE, 42, bag, [ITEMS[0], cutout(9, licence="CC-BY-4.0")])
    assert (scan.id, scan.source, scan.source_id, scan.group) == (42, "test", "42", bag.group)
    assert scan.licence == "CC-BY-4.0 AND CC0-1.0 AND MIT"
    assert (scan.mm_per_px, scan.density, scan.container) == (bag.mm_per_px, bag.density, "backpack")
    assert scan.side is None and "side" in scan.notes[0]
    assert scan.top == pixels.make_view(pixels.decode(scan.top.bytes), scan.top.path)
    assert [item.item for item in scan.items] == [0, 1]
    told = {"colour": "blue", "origin": str(ITEMS[0].id), "origin_group": ITEMS[0].group, "scale": "1.0000"}
    assert scan.items[0].attributes == told
    assert Scan.of(scan.row()) == scan


def test_joint_licences():
    assert joint_licence(["MIT"]) == "MIT"
    assert joint_licence(["MIT", "CC0-1.0", "MIT"]) == "CC0-1.0 AND MIT"
    assert joint_licence(["CC0-1.0 AND MIT", "MIT"]) == "CC0-1.0 AND MIT"


@pytest.mark.parametrize("item_mm", [0.75, 1.0, 2.2])
def test_items_keep_their_size_in_millimetres(item_mm):
    cut = cutout(2, mm_per_px=item_mm, size=(24, 32))
    scan = compose(replace(RECIPE, rotate=False), 3, background(), [cut])
    x0, y0, x1, y1 = scan.items[0].top_xyxy
    assert (x1 - x0) * 1.5 == pytest.approx(32 * item_mm, abs=0.8) and (y1 - y0) * 1.5 == pytest.approx(
        24 * item_mm, abs=0.8
    )
    empty = pixels.decode(compose(RECIPE, 3, background(), []).top.bytes)
    fused, (mask,) = pixels.decode(scan.top.bytes), placed_masks(scan)
    assert (fused[~mask] == empty[~mask]).all(), "resizing smears nothing beyond the mask"


def test_rotation_uses_all_eight_orientations_and_only_when_asked():
    seen = {}
    for rotate in (True, False):
        recipe, seen[rotate] = replace(RECIPE, rotate=rotate), set()
        for row_id in range(60):
            scan = compose(recipe, row_id, background(), ITEMS[:1])
            x0, y0, x1, y1 = map(int, scan.items[0].top_xyxy)
            part = placed_masks(scan)[0][y0:y1, x0:x1]
            seen[rotate].add((part.shape, part.tobytes()))
    assert len(seen[True]) == 8 and len(seen[False]) == 1


def test_visibility_is_the_share_of_mask_pixels_that_removal_changes():
    bag = background()
    for row_id in range(6):
        scan = compose(RECIPE, row_id, bag, ITEMS[:1])
        with_item, without = (pixels.decode(compose(RECIPE, row_id, bag, cuts).top.bytes) for cuts in (ITEMS[:1], []))
        changed = np.abs(with_item.astype(int) - without).max(axis=2) >= 5
        assert scan.items[0].top_visible == changed[placed_masks(scan)[0]].mean()


def test_an_item_behind_black_is_invisible():
    rgb = np.full((120, 120, 3), 255, np.uint8)
    rgb[20:100, 20:100] = 0
    scan = compose(RECIPE, 1, as_background(scan_of("lead", rgb)), [ITEMS[0]])
    assert scan.items[0].top_visible == 0


def test_visibility_counts_what_other_items_hide():
    """Two opaque items in a bag that just holds them: each hides the other, so both are invisible."""
    rgb = np.full((120, 120, 3), 255, np.uint8)
    rgb[40:73, 40:73] = 200
    black = np.full((45, 45, 3), 255, np.uint8)
    black[10:35, 10:35] = 0
    cut = cutouts_of(scan_of("block", black, [Item(item=0, category="gun", top_xyxy=(5, 5, 40, 40))]))[0]
    tight = as_background(scan_of("tight", rgb))
    assert compose(RECIPE, 1, tight, [cut]).items[0].top_visible == 1
    scan = compose(RECIPE, 1, tight, [cut, cut])
    first, second = placed_masks(scan)
    hidden = [(first & second).sum() / mask.sum() for mask in (first, second)]
    assert min(hidden) > 0.5
    assert [item.top_visible for item in scan.items] == pytest.approx([1 - share for share in hidden])


def test_items_stay_apart_when_they_must():
    apart = replace(RECIPE, may_overlap=False)
    overlaps = Counter()
    for row_id in range(40):
        for recipe in (RECIPE, apart):
            stacked = np.sum(placed_masks(compose(recipe, row_id, background(), ITEMS)), axis=0)
            overlaps[recipe.may_overlap] += int(stacked.max() > 1)
    assert overlaps[False] == 0 and overlaps[True] > 5


def bad_cases():
    lone, bag = ITEMS[0], background()
    blank = replace(bag, top=pixels.make_view(np.full((90, 90, 3), 255, np.uint8), "w"))
    unmasked = replace(lone, items=(replace(lone.items[0], top_mask=None),))
    hollow = replace(lone, items=(replace(lone.items[0], top_mask=(lone.top.width * lone.top.height,)),))
    return [
        (bag, cutout(5, size=(150, 230)), "placement/no-valid-position"),
        (replace(bag, mm_per_px=None), lone, "placement/no-scale"),
        (bag, replace(lone, mm_per_px=None), "placement/no-scale"),
        (bag, replace(lone, mm_per_px=15.0), "placement/scale"),
        (blank, lone, "placement/no-bag"),
        (bag, unmasked, "placement/no-mask"),
        (bag, hollow, "placement/no-mask"),
        (bag, replace(lone, items=()), "placement/no-mask"),
    ]


@pytest.mark.parametrize(("bag", "cut", "reason"), bad_cases())
def test_rows_that_cannot_be_made(bag, cut, reason):
    with pytest.raises(BadRow) as error:
        compose(RECIPE, 1, bag, [cut])
    assert error.value.verdict.reason == reason


@pytest.mark.parametrize(
    "change", [{"num_items": (0, 1)}, {"num_items": (3, 2)}, {"scale_range": (2, 4)}, {"seed": -1}, {"mode": "energy"}]
)
def test_recipes_that_make_no_sense(change):
    with pytest.raises(ValueError, match="recipe test: expected"):
        replace(RECIPE, **change)


def test_a_row_depends_on_seed_and_id_alone():
    rows = {row_id: compose(RECIPE, row_id, background(), ITEMS).row() for row_id in (4, 2**62 + 5, 9)}
    for row_id in (9, 4, 2**62 + 5):
        assert compose(RECIPE, row_id, background(), ITEMS).row() == rows[row_id]
    other = compose(replace(RECIPE, seed=12), 4, background(), ITEMS).row()
    assert other["top_sha256"] != rows[4]["top_sha256"] != rows[9]["top_sha256"]


def test_a_cached_decoder_is_used_and_its_arrays_are_not_written_to():
    held = {}

    def decode(view):
        if view.sha256 not in held:
            held[view.sha256] = pixels.decode(view.bytes)
            held[view.sha256].flags.writeable = False  # a write would raise
        return held[view.sha256]

    for row_id in range(3):
        assert compose(RECIPE, row_id, background(), ITEMS, decode=decode) == compose(
            RECIPE, row_id, background(), ITEMS
        )
    assert len(held) == 4


PLAIN_BUILD = {
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3",
    "OPENCV_CPU_DISABLE": "AVX2,AVX512-SKX,FP16,FMA3",
}


def digests():
    """Of every number that a composite carries: pixels, perceptual hash, boxes, masks, visibility, for rescaled and turned items."""
    cuts = [cutout(seed, mm_per_px=scale) for seed, scale in enumerate((1.5, 0.9, 2.7))]
    rows = [compose(RECIPE, row_id, background(row_id), cuts).row() for row_id in range(4)]
    plain = [{name: value for name, value in row.items() if name != "top"} for row in rows]
    return [hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest() for row in plain]


def test_another_processor_makes_the_same_rows():
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        f"import runpy, json; print(json.dumps(runpy.run_path({__file__!r})['digests']()))",
    ]
    done = subprocess.run(command, env={**os.environ, **PLAIN_BUILD}, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == digests()


def test_a_spare_goes_in_where_the_first_choice_does_not_fit():
    large, small = cutout(5, size=(150, 230)), cutout(6)
    scan = compose(RECIPE, 1, background(), [large], [[large, small]])
    assert scan.items[0].attributes["origin"] == str(small.id)
    assert compose(RECIPE, 1, background(), [small], [[large]]).items[0].attributes["origin"] == str(small.id)


def test_spares_are_others_of_the_same_category():
    for row_id in range(200):
        one = plan(RECIPE, row_id, [5], POOL)
        for cut, spares in zip(one.cutouts, one.spares, strict=True):
            same = next(ids for ids in POOL.values() if cut in ids)
            assert cut not in spares and set(spares) <= set(same)
            assert len(set(spares)) == len(spares) == min(3, len(same) - 1)


POOL = {"axe": [1, 2], "gun": list(range(10, 30)), "baton": [100], "hammer": []}


def test_plans_are_deterministic_and_depend_on_the_row():
    plans = [plan(RECIPE, row_id, [5, 6, 7], POOL) for row_id in range(50)]
    assert plans == [plan(RECIPE, row_id, [5, 6, 7], POOL) for row_id in range(50)]
    assert len(set(plans)) > 25


def test_plans_choose_categories_evenly_then_cutouts_evenly():
    plans = [plan(RECIPE, row_id, [5, 6, 7], POOL) for row_id in range(3000)]
    chosen = Counter(cut for one in plans for cut in one.cutouts)
    by_category = [sum(chosen[cut] for cut in ids) for ids in POOL.values() if ids]
    assert chisquare(by_category).pvalue > 0.01
    assert chisquare([chosen[cut] for cut in POOL["gun"]]).pvalue > 0.01
    assert chisquare(list(Counter(one.background for one in plans).values())).pvalue > 0.01
    assert chisquare(list(Counter(len(one.cutouts) for one in plans).values())).pvalue > 0.01
    assert {len(one.cutouts) for one in plans} == {1, 2, 3}


def test_no_cutout_comes_twice_while_its_category_has_others():
    recipe, pool = replace(RECIPE, num_items=(3, 3)), {"axe": [1, 2, 3]}
    assert {tuple(sorted(plan(recipe, row_id, [5], pool).cutouts)) for row_id in range(20)} == {(1, 2, 3)}
    assert plan(recipe, 0, [5], {"axe": [7]}).cutouts == (7, 7, 7)


@pytest.mark.parametrize(("backgrounds", "pool"), [([], POOL), ([1], {}), ([1], {"hammer": []})])
def test_a_plan_needs_something_to_choose_from(backgrounds, pool):
    with pytest.raises(ValueError, match="expected backgrounds and cut-outs"):
        plan(RECIPE, 0, backgrounds, pool)
