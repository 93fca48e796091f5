"""The contact sheet: decodes, shows every item in both views, and stands what rows may bring."""

import json

import numpy as np
import pytest
from PIL import ImageColor

from beltline import pixels
from beltline.image.sheet import CELL_WH, COLOURS, COLUMNS, MARGIN, MAX_TEXT_LINES, _text, contact_sheet
from beltline.scan import Item
from tests.made import GUN, KNIFE, scan, view


def sheet(*scans, **columns):
    return pixels.decode(contact_sheet([made.row() | columns for made in scans], "corpus 1.0.0"))


def count(rgb, colour) -> int:
    return int((rgb == np.array(ImageColor.getrgb(colour), np.uint8)).all(axis=2).sum())


def test_no_rows_give_a_title_alone() -> None:
    page = sheet()
    assert page.shape[1] == COLUMNS * (CELL_WH[0] + MARGIN) + MARGIN
    assert page.shape[0] < 100 and (page < 128).any()


def test_an_item_has_its_colour_in_both_views() -> None:
    page = sheet(scan(0, (GUN, KNIFE)))
    middle = MARGIN + (CELL_WH[0] + MARGIN) // 2
    for colour in COLOURS[:2]:
        assert count(page[:, :middle], colour) > 100 and count(page[:, middle : MARGIN + CELL_WH[0]], colour) > 100
    assert count(page, COLOURS[2]) == 0


def test_an_item_that_one_view_shows_has_its_colour_there_alone() -> None:
    page = sheet(scan(0, (Item(item=2, category="axe", side_xyxy=(30, 20, 90, 50)),)))
    middle = MARGIN + (CELL_WH[0] + MARGIN) // 2
    assert count(page[:, :middle], COLOURS[2]) == 0 < count(page[:, middle:], COLOURS[2])


def test_colours_go_round_when_a_bag_has_more_items() -> None:
    many = Item(item=len(COLOURS) + 1, category="gun", top_xyxy=(30, 30, 90, 70))
    assert count(sheet(scan(0, (many,))), COLOURS[1]) > 100


def test_one_view_takes_the_whole_width() -> None:
    page = sheet(scan(0, (GUN,), sides=False))
    around = np.flatnonzero((page == np.array(ImageColor.getrgb(COLOURS[0]), np.uint8)).all(axis=2).any(axis=0))
    assert around[-1] - around[0] > CELL_WH[0] // 4, "a box of almost half the bag's width"


@pytest.mark.parametrize("number", [1, 3, 4, 12])
def test_rows_are_laid_out_in_lines_of_three(number: int) -> None:
    page = sheet(*(scan(n, (GUN,)) for n in range(number)))
    lines = -(-number // COLUMNS)
    height = (page.shape[0] - 48) // lines
    for cell in range(lines * COLUMNS):
        line, column = divmod(cell, COLUMNS)
        part = page[48 + line * height : 48 + (line + 1) * height, column * (CELL_WH[0] + MARGIN) + MARGIN :][
            :, : CELL_WH[0]
        ]
        assert (count(part, COLOURS[0]) > 100) == (cell < number)


@pytest.mark.parametrize("size_wh", [(2, 2), (3, 900), (900, 3), (2400, 1800)])
def test_any_size_of_view(size_wh) -> None:
    box = (0, 0, size_wh[0], size_wh[1])
    made = scan(0, (Item(item=0, category="gun", top_xyxy=box),), top=view(3, size_wh), side=None)
    page = sheet(made)
    assert page.shape[0] < 48 + CELL_WH[1] + 50 and (page[48:, : CELL_WH[0]] < 250).any()


@pytest.mark.parametrize("box", [(600, 450, 600.5, 450.5), (200, 450, 900, 451), (600, 150, 601, 750), (0, 0, 1, 1)])
def test_a_box_of_less_than_a_pixel_on_the_sheet_is_drawn(box) -> None:
    made = scan(0, (Item(item=0, category="gun", top_xyxy=box),), top=view(3, (1200, 900)), side=None)
    assert count(sheet(made), COLOURS[0]) > 0


def test_an_empty_belt_is_shown_whole() -> None:
    blank = pixels.make_view(np.full((120, 160, 3), 255, np.uint8), "blank.png")
    assert count(sheet(scan(0, (GUN,), top=blank, side=None)), COLOURS[0]) > 100


def test_without_a_caption_the_source_is_named() -> None:
    assert _text(scan(7).row()) == "drawn 7"
    assert _text(scan(7).row() | {"caption": None}) == "drawn 7"
    assert _text(scan(7, source="", source_id="").row()) == ""


def test_a_long_caption_is_cut_and_says_so() -> None:
    words = [f"word{number}" for number in range(400)]
    text = _text({"caption": json.dumps({"whole": " ".join(words)})})
    lines = text.split("\n")
    assert len(lines) == MAX_TEXT_LINES and text.endswith(" …")
    assert text.removesuffix(" …").split() == words[: len(text.split()) - 1]
    short = " ".join(words[:30])
    assert _text({"caption": json.dumps({"whole": short})}).replace("\n", " ") == short
    tall, low = (sheet(scan(0), caption=json.dumps({"whole": " ".join(words[:n])})).shape[0] for n in (400, 1))
    assert tall - low == 18 * (MAX_TEXT_LINES - 1)
    assert sheet(scan(0), caption=json.dumps({"whole": "x" * 9000})).shape[0] == tall


def test_the_same_rows_give_the_same_sheet() -> None:
    rows = [scan(n).row() for n in range(2)]
    assert contact_sheet(rows, "a") == contact_sheet(rows, "a") != contact_sheet(rows, "b")
