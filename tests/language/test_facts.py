"""What the metadata says: frames, places, colours, overlaps, keys."""

import numpy as np
import pytest

from beltline import boxes, pixels
from beltline.language.facts import Facts, facts_of
from beltline.language.places import agrees, place_of
from beltline.masks import encode
from beltline.scan import Item

FRAME = (0, 0, 1000, 1000)


def bag(width: int = 400, height: int = 300) -> np.ndarray:
    """White belt with a pale bag in it, from 10 % to 90 %."""
    rgb = np.full((height, width, 3), 255, np.uint8)
    rgb[height // 10 : height - height // 10, width // 10 : width - width // 10] = (235, 215, 190)
    return rgb


def test_a_bag_without_items_still_has_facts(make_scan):
    facts = facts_of(make_scan(bag()))
    assert facts.keys() == ("view/top", "items/none")
    assert facts_of(make_scan(bag(), bag(), container="tray", density="dense")).keys() == (
        "view/top", "view/side", "container", "density", "items/none",
    )  # fmt: skip


def test_a_blank_view_has_the_whole_view_as_its_frame(make_scan):
    assert facts_of(make_scan(np.full((50, 50, 3), 255, np.uint8))).top_frame == FRAME


def test_specks_and_the_line_of_the_belt_are_not_the_bag(make_scan):
    clean = bag()
    soiled = clean.copy()
    soiled[5, ::97] = soiled[::83, 3] = soiled[::100, -2] = 0
    soiled[268:270] = 120  # the belt under the bag, 10 % to 90 %
    frame, same = (facts_of(make_scan(image)).top_frame for image in (clean, soiled))
    assert frame == same == (100, 100, 900, 900)


@pytest.mark.scans
def test_frames_of_real_bags_leave_the_empty_belt_out(real_scans, make_scan):
    tops = sorted((real_scans / "dvxray/DvXray_Negative_Samples").glob("*_OL.png"))
    frames = []
    for path in tops:
        top, side = (pixels.decode(p.read_bytes()) for p in (path, path.with_name(path.name.replace("_OL", "_SD"))))
        facts = facts_of(make_scan(top, side))
        frames.append(facts.top_frame)
        assert facts.side_frame[::2] == facts.top_frame[::2]
    assert len(frames) == 14
    assert sum(right - left < 900 for left, _, right, _ in frames) >= 10  # small bags on a wide belt


def test_places_are_told_of_the_bag_and_both_views_share_its_range_along_the_belt(make_scan):
    top, side = np.full((300, 400, 3), 255, np.uint8), np.full((300, 400, 3), 255, np.uint8)
    top[30:150, 200:400] = side[60:240, 220:380] = 200
    items = (Item(item=1, category="gun", top_xyxy=(205, 80, 245, 100), side_xyxy=(205, 140, 245, 160)),)
    facts = facts_of(make_scan(top, side, items))
    assert facts.top_frame == (500, 100, 1000, 500)
    assert facts.side_frame == (500, 200, 1000, 800)
    assert facts.items[0].top.place == facts.items[0].side.place == "left"  # right of the view's middle


@pytest.mark.parametrize(
    ("box", "place"),
    [
        ((450, 450, 550, 550), "centre"),
        ((0, 450, 100, 550), "left"),
        ((900, 450, 1000, 550), "right"),
        ((450, 0, 550, 100), "top"),
        ((450, 900, 550, 1000), "bottom"),
        ((0, 0, 100, 100), None),  # a corner: left and top would both do
        ((300, 450, 400, 550), None),  # between the centre and the left
    ],
)
def test_a_place_is_asserted_only_where_it_is_clear_cut(box, place):
    assert place_of(box, FRAME) == place


def test_an_asserted_place_agrees_and_its_opposite_does_not():
    opposite = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
    for x in range(0, 1000, 37):
        for y in range(0, 1000, 37):
            box = (x, y, x + 1, y + 1)
            place = place_of(box, FRAME)
            assert place is None or agrees(place, box, FRAME)
            assert place not in opposite or not agrees(opposite[place], box, FRAME)


def test_boxes_are_those_of_the_boxes_module(make_scan):
    rng = np.random.default_rng(3)
    corners = np.sort(rng.uniform(0, 1, (50, 2, 2)), axis=1).reshape(50, 4) * [400, 300, 400, 300]
    items = tuple(Item(item=k, category="gun", top_xyxy=tuple(box)) for k, box in enumerate(corners.tolist()))
    found = [item.top.box for item in facts_of(make_scan(bag(), None, items)).items]
    assert found == [tuple(row) for row in boxes.to_thousandths(corners, (400, 300)).tolist()]


@pytest.mark.parametrize(
    ("rgb", "colour"),
    [
        ((255, 150, 30), "orange"), ((240, 220, 40), "yellow"), ((250, 240, 170), "light yellow"), ((40, 180, 60), "green"),
        ((180, 240, 180), "light green"), ((10, 100, 20), "dark green"), ((60, 210, 220), "cyan"), ((40, 80, 220), "blue"),
        ((10, 20, 110), "dark blue"), ((10, 10, 20), "black"), ((128, 128, 128), None), ((220, 30, 200), None),
    ],
)  # fmt: skip
def test_the_ten_colours(make_scan, rgb, colour):
    image = bag()
    image[100:140, 100:160] = rgb
    item = Item(item=1, category="gun", top_xyxy=(100, 100, 160, 140))
    assert facts_of(make_scan(image, None, (item,))).items[0].colour == colour


def test_the_mask_decides_the_colour_not_what_lies_beside_it(make_scan):
    image = bag()
    image[100:140, 100:160] = (255, 150, 30)
    image[100:112, 100:160] = (40, 80, 220)
    mask = np.zeros(image.shape[:2], bool)
    mask[100:112, 100:160] = True
    item = Item(item=1, category="gun", top_xyxy=(100, 100, 160, 140), top_mask=encode(mask))
    assert facts_of(make_scan(image, None, (item,))).items[0].colour == "blue"


def test_pixels_that_disagree_have_no_colour(make_scan):
    image = bag()
    for row, rgb in enumerate(((255, 150, 30), (40, 180, 60), (40, 80, 220), (10, 10, 20))):
        image[100 + 10 * row : 110 + 10 * row, 100:160] = rgb
    mask = np.zeros(image.shape[:2], bool)
    mask[100:140, 100:160] = True
    item = Item(item=1, category="gun", top_xyxy=(100, 100, 160, 140), top_mask=encode(mask))
    assert facts_of(make_scan(image, None, (item,))).items[0].colour is None


def test_overlaps_sight_and_profile(make_scan):
    items = (
        Item(item=1, category="gun", top_xyxy=(50, 50, 150, 100), side_xyxy=(50, 200, 150, 230), top_visible=0.85),
        Item(item=2, category="knife", top_xyxy=(120, 50, 160, 90), side_xyxy=(120, 100, 160, 170), top_visible=0.499),
        Item(item=3, category="bat", top_xyxy=(300, 200, 340, 240), top_visible=0.5),
    )
    facts = facts_of(make_scan(bag(), bag(), items))
    assert facts.overlaps == (("top", 1, 2),)  # 30 of 40 columns of the knife
    assert [item.top.sight for item in facts.items] == ["clear", "heavily occluded", "partly hidden"]
    assert [item.profile for item in facts.items] == ["flat", "upright", None]
    assert "item/3/side/box" not in facts.keys() and "item/2/top/sight" in facts.keys()


def test_overlaps_as_an_independent_count_finds_them(random_facts):
    from beltline.language.facts import overlaps_of

    for seed in range(60):
        facts = random_facts(seed)
        assert facts.overlaps == overlaps_of(facts.items)


def test_json_there_and_back(random_facts):
    for seed in range(50):
        facts = random_facts(seed)
        assert Facts.of(facts.json()) == facts
        assert len(set(facts.keys())) == len(facts.keys())
    with pytest.raises(ValueError, match="views"):
        Facts.of("{}")
