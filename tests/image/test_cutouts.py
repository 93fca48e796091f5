"""Bag masks, cut-outs and density levels, on drawn scans and on the real ones."""

import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from beltline import masks, pixels
from beltline.image import cutouts
from beltline.image.bagmask import bag_mask, bag_mask_by_flood
from beltline.image.cutouts import (
    as_background,
    cutouts_of,
    density_level,
    mean_depth,
    segment_on_white,
)
from beltline.scan import Item, Scan, scan_id
from beltline.verdict import BadRow

SCANS = Path(os.environ.get("BELTLINE_SCANS", Path(__file__).resolve().parents[3] / "shared" / "scans"))


def scan_of(rgb, items=(), **rest):
    view = pixels.make_view(rgb, "a.png")
    known = {"group": "bag 1", "source": "drawn", "source_id": "a", "licence": "CC0-1.0", "mm_per_px": 1.5}
    return Scan(id=scan_id("drawn", "a"), top=view, items=tuple(items), **{**known, **rest})


def drawn_bag(level=180, white=255):
    """A bag with a hollow (white inside), a strap hanging out and a speck on the belt."""
    rgb = np.full((300, 400, 3), white, np.uint8)
    cv2.ellipse(rgb, (200, 150), (120, 90), 0, 0, 360, (level, level - 10, level - 40), cv2.FILLED)
    cv2.circle(rgb, (200, 150), 30, (white,) * 3, cv2.FILLED)
    cv2.line(rgb, (310, 150), (390, 150), (90, 90, 120), 3)
    rgb[20:23, 20:23] = 100
    return rgb


def drawn_item(shape=(300, 400), level=(40, 80, 160)):
    rgb = np.full((*shape, 3), 255, np.uint8)
    mask = np.zeros(shape, np.uint8)
    cv2.ellipse(mask, (150, 120), (40, 15), 30, 0, 360, 1, cv2.FILLED)
    rgb[mask > 0] = level
    return rgb, mask > 0


@pytest.mark.parametrize("find", [bag_mask, bag_mask_by_flood])
def test_an_empty_belt_has_no_bag(find):
    for white in (255, 250, 226):
        assert not find(np.full((100, 120, 3), white, np.uint8)).any()


@pytest.mark.parametrize("white", [255, 250, 226])
def test_bag_mask_fills_hollows_and_drops_straps_and_specks(white):
    mask = bag_mask(drawn_bag(white=white))
    assert mask[150, 200], "the hollow belongs to the bag"
    assert not mask[150, 350] and not mask[21, 21]
    ellipse = cv2.ellipse(np.zeros((300, 400), np.uint8), (200, 150), (120, 90), 0, 0, 360, 1, cv2.FILLED) > 0
    assert not (mask & ~ellipse).any(), "the mask errs to the inside"
    assert mask.sum() > 0.85 * ellipse.sum()


def test_a_leaky_outline_is_not_taken_for_a_bag_by_one_mask_alone():
    """A ring with a wide gap: the flood runs in, so the hollow is no place for an item."""
    rgb = np.full((300, 300, 3), 255, np.uint8)
    cv2.ellipse(rgb, (150, 150), (100, 100), 0, 20, 340, (120, 120, 120), 6)
    assert not bag_mask(rgb)[150, 150] and not bag_mask_by_flood(rgb)[150, 150]
    cv2.ellipse(rgb, (150, 150), (100, 100), 0, 2, 358, (120, 120, 120), 6)
    assert bag_mask(rgb)[150, 150] and bag_mask_by_flood(rgb)[150, 150]


def test_bag_mask_turns_with_the_scan():
    rgb = drawn_bag()
    assert (bag_mask(np.ascontiguousarray(rgb[:, ::-1])) == bag_mask(rgb)[:, ::-1]).all()


def real_scans():
    if not SCANS.is_dir():
        pytest.skip(f"no real scans at {SCANS}; set BELTLINE_SCANS")
    names = sorted([*SCANS.glob("*/**/*.png"), *SCANS.glob("*/**/*.jpg")])
    return [
        (path, pixels.open_view(path.read_bytes(), path.name)[0]) for path in names if "annotations" not in path.parts
    ]


@pytest.mark.scans
def test_on_every_real_scan_the_bag_lies_inside_the_flood_mask():
    scans = real_scans()
    assert len(scans) >= 40
    for path, view in scans:
        rgb = pixels.decode(view.bytes)
        bag, flood = bag_mask(rgb), bag_mask_by_flood(rgb)
        assert bag.any(), path.name
        assert not (bag & ~flood).any(), f"{path.name}: {(bag & ~flood).sum()} pixels outside"


@pytest.mark.scans
def test_real_masks_give_cut_outs_of_just_their_pixels():
    folder = SCANS / "sixray_masks"
    if not folder.is_dir():
        pytest.skip(f"no real scans at {SCANS}; set BELTLINE_SCANS")
    for name in ("P00117", "P01814", "P02006"):
        label = cv2.imread(str(folder / "annotations" / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
        view, _ = pixels.open_view((folder / "img" / f"{name}.png").read_bytes(), name)
        item = Item(item=3, category="gun", top_mask=masks.encode(label == 1))
        (cut,) = cutouts_of(replace(scan_of(drawn_bag()), top=view, items=(item,)))
        rgb, mask = pixels.decode(cut.top.bytes), masks.decode(cut.items[0].top_mask, (cut.top.width, cut.top.height))
        assert (rgb[~mask] == 255).all()
        assert (rgb[mask] == pixels.decode(view.bytes)[label == 1]).all()  # these three have a pure white belt


def test_no_items_no_cutouts():
    assert cutouts_of(scan_of(drawn_bag())) == []
    unseen = Item(item=0, category="gun", side_xyxy=(0, 0, 9, 9))
    assert cutouts_of(scan_of(drawn_bag(), [unseen])) == []


def test_a_cutout_is_the_item_alone_on_pure_white():
    rgb, mask = drawn_item()
    busy = np.minimum(rgb, drawn_bag())
    item = Item(item=7, category="gun", top_mask=masks.encode(mask), attributes={"colour": "blue"}, top_visible=0.5)
    scan = scan_of(busy, [item], container="bag", density="dense", notes=("mended",))
    (cut,) = cutouts_of(scan)
    found, size_wh = pixels.decode(cut.top.bytes), (cut.top.width, cut.top.height)
    inside = masks.decode(cut.items[0].top_mask, size_wh)
    assert (found[inside] == busy[mask]).all() and (found[~inside] == 255).all()
    assert cut.items[0].top_xyxy == masks.bounds(inside)
    margin = cutouts.MARGIN_PX
    assert cut.items[0].top_xyxy == (margin, margin, size_wh[0] - margin, size_wh[1] - margin)
    assert (cut.source, cut.source_id) == ("cutouts", "drawn/a#7") and cut.id == scan_id("cutouts", "drawn/a#7")
    assert (cut.group, cut.licence, cut.mm_per_px) == (scan.group, scan.licence, scan.mm_per_px)
    assert (cut.items[0].category, cut.items[0].item) == ("gun", 7)
    assert cut.items[0].attributes == {"colour": "blue", "origin": str(scan.id)}
    assert (cut.side, cut.container, cut.density, cut.notes, cut.items[0].top_visible) == (None, None, None, (), None)


def test_a_box_on_a_plain_scan_is_segmented():
    rgb, mask = drawn_item()
    x0, y0, x1, y1 = masks.bounds(mask)
    (found,) = segment_on_white(rgb, np.array([[x0 - 6.5, y0 - 6.5, x1 + 6.5, y1 + 6.5]]))
    assert (mask & ~found).sum() == 0 and found.sum() < 1.05 * mask.sum()
    (cut,) = cutouts_of(scan_of(rgb, [Item(item=0, category="gun", top_xyxy=(x0 - 6, y0 - 6, x1 + 6, y1 + 6))]))
    assert cut.items[0].top_xyxy is not None and abs(cut.top.width - (x1 - x0) - 2 * cutouts.MARGIN_PX) <= 2


def test_segment_on_white_bears_boxes_outside_and_empty_boxes():
    rgb, _ = drawn_item()
    boxes = np.array([[390, 290, 500, 400], [-50, -50, -10, -10], [10, 10, 10, 10], [5, 5, 60, 60]])
    assert segment_on_white(rgb, boxes).shape == (4, 300, 400)
    assert not segment_on_white(rgb, boxes).any()
    assert segment_on_white(rgb, np.zeros((0, 4))).shape == (0, 300, 400)


def test_another_segmenter_may_be_handed_in():
    rgb, mask = drawn_item()
    half = mask.copy()
    half[:, 150:] = False
    asked = []

    def segmenter(rgb, boxes_xyxy):
        asked.append(boxes_xyxy.tolist())
        return half[None]

    items = [
        Item(item=0, category="gun", top_xyxy=(100, 90, 200, 150), top_mask=masks.encode(mask)),
        Item(item=1, category="gun", top_xyxy=(100, 90, 200, 150)),
    ]
    whole, other = cutouts_of(scan_of(rgb, items), segmenter)
    assert asked == [[[100, 90, 200, 150]]], "only items without a mask of their own are asked for"
    assert other.top.width < whole.top.width


def test_only_one_item_on_request():
    rgb, mask = drawn_item()
    items = [Item(item=number, category="gun", top_mask=masks.encode(mask)) for number in range(3)]
    assert [cut.items[0].item for cut in cutouts_of(scan_of(rgb, items), only=2)] == [2]


def test_empty_masks_are_told_of():
    rgb, mask = drawn_item()
    empty = Item(item=0, category="gun", top_mask=masks.encode(np.zeros_like(mask)))
    with pytest.raises(BadRow) as error:
        cutouts_of(scan_of(rgb, [empty]))
    assert error.value.verdict.reason == "cutout/empty-mask"
    (cut,) = cutouts_of(scan_of(rgb, [empty, Item(item=1, category="gun", top_mask=masks.encode(mask))]))
    assert cut.items[0].item == 1 and "item 0" in cut.notes[0]


def test_a_mask_of_another_size_is_a_bad_row():
    rgb, _ = drawn_item()
    with pytest.raises(BadRow) as error:
        cutouts_of(scan_of(rgb, [Item(item=0, category="gun", top_mask=(10, 20, 30))]))
    assert error.value.verdict.reason == "cutout/bad-mask"


def test_subtracting_the_surroundings_gives_the_item_its_own_depth():
    """The item lies on an even layer of level 200: with the layer's depth taken off, the item's own level is back."""
    rgb, mask = drawn_item(level=(60, 120, 210))
    layered = (rgb.astype(int) * 200 + 127) // 255
    scan = scan_of(layered.astype(np.uint8), [Item(item=0, category="gun", top_mask=masks.encode(mask))])
    colours = []
    for subtract in (False, True):
        (cut,) = cutouts_of(scan, subtract_surroundings=subtract)
        inside = masks.decode(cut.items[0].top_mask, (cut.top.width, cut.top.height))
        colours.append(np.median(pixels.decode(cut.top.bytes)[inside], axis=0))
    # The layer fills the frame, so the belt counts as white there; a frame of true white makes it a layer.
    assert np.abs(colours[1] - [60, 120, 210]).max() <= 2
    bordered = layered.astype(np.uint8)
    bordered[:8] = bordered[-8:] = bordered[:, :8] = bordered[:, -8:] = 255
    (plain,), (clean,) = (
        cutouts_of(replace(scan, top=pixels.make_view(bordered, "b")), subtract_surroundings=s) for s in (False, True)
    )
    assert pixels.decode(plain.top.bytes).min() < pixels.decode(clean.top.bytes).min()
    inside = masks.decode(clean.items[0].top_mask, (clean.top.width, clean.top.height))
    assert np.abs(np.median(pixels.decode(clean.top.bytes)[inside], axis=0) - [60, 120, 210]).max() <= 2


def test_mean_depth_is_the_mean_of_the_logarithms():
    rgb = np.random.default_rng(0).integers(1, 256, (50, 60, 3), dtype=np.uint8)
    rgb[:5] = rgb[-5:] = 255
    mask = np.zeros((50, 60), bool)
    mask[10:40, 10:50] = True
    assert mean_depth(rgb, mask) == pytest.approx(-np.log(rgb[mask] / 255.0).mean(), abs=0.002)
    assert mean_depth(rgb, np.zeros_like(mask)) == 0


@pytest.mark.parametrize(("level", "density"), [(230, "sparse"), (175, "medium"), (90, "dense")])
def test_density_levels(level, density):
    rgb = np.full((200, 200, 3), 255, np.uint8)
    rgb[40:160, 40:160] = level
    assert density_level(rgb) == density
    assert as_background(scan_of(rgb)).density == density


def test_density_of_an_empty_belt():
    assert density_level(np.full((60, 60, 3), 255, np.uint8)) == "sparse"


@pytest.mark.parametrize(
    ("rgb", "items", "reason"),
    [
        (drawn_bag(), [Item(item=0, category="gun")], "background/has-items"),
        (np.full((200, 200, 3), 255, np.uint8), [], "background/bag-too-small"),
    ],
)
def test_what_is_no_background(rgb, items, reason):
    with pytest.raises(BadRow) as error:
        as_background(scan_of(rgb, items))
    assert error.value.verdict.reason == reason


def test_as_background_changes_nothing_but_the_density():
    scan = scan_of(drawn_bag())
    background = as_background(scan)
    assert background.density is not None and replace(background, density=None) == scan
