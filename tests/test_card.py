"""The card: Dual's Table 2 statistics by hand, and markdown that data cannot break."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.card import Statistics, card, overlaps, table


def item(top=None, side=None, category="gun", origin=None):
    attributes = json.dumps({"origin": origin} if origin else {})
    return {"category": category, "top_xyxy": top, "side_xyxy": side, "attributes": attributes}


def row(*items, two_views=True, group="bag"):
    return {"items": list(items), "side_width": 640 if two_views else None, "group": group}


TEN = [0, 0, 10, 10]
"""Area 100; the boxes below have area 100 or more, so the intersection in percent is the IoM."""


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], False),
        ([item()], False),
        ([item(TEN)], False),
        ([item(TEN), item()], False),
        ([item(TEN), item(TEN)], True),
        ([item(TEN), item([10, 0, 20, 10])], False),  # they touch
        ([item(TEN), item([7, 0, 17, 10])], False),  # IoM 30/100: exactly 0.3 is not above it
        ([item(TEN), item([6.9, 0, 16.9, 10])], True),  # 31/100
        ([item(TEN), item([0, 0, 1, 3])], True),  # a small one inside: 3/3, of the union only 3/100
        ([item([0, 0, 7, 10]), item([4, 0, 14, 10])], True),  # 30/70 of the smaller, 30/140 of the union
        ([item(TEN), item([0, 5, 0, 9])], False),  # an empty box overlaps nothing
        ([item(TEN), item([50, 50, 60, 60]), item([55, 50, 65, 60])], True),  # the pair is not the first
        ([item(TEN), item(None, TEN), item(None, TEN)], False),  # they overlap in the other view
    ],
)
def test_overlap_is_above_three_tenths_of_the_smaller_box_in_one_view(items, expected) -> None:
    assert overlaps(items, "top") == expected
    turned = [item(one["side_xyxy"], one["top_xyxy"]) for one in items]
    assert overlaps(turned, "side") == expected


def test_no_scan_at_all() -> None:
    found = Statistics()
    assert (found.num_scans, found.num_instances) == (0, 0)
    assert "| items a scan | 0.00 |" in found.lines()


def test_composites_say_how_often_their_parts_were_used() -> None:
    found = Statistics()
    found.add(row(item(TEN)))
    assert not any("background" in line for line in found.lines())
    found.add(row(item(TEN, origin="1"), item(TEN, origin="2"), group="a"))
    found.add(row(item(TEN, origin="1"), group="a"))
    found.add(row(item(TEN, origin="1"), group="b"))
    lines = found.lines()
    assert "| backgrounds used | 2 |" in lines and "| uses of a background, fewest to most | 1 to 2 |" in lines
    assert "| cut-outs used | 2 |" in lines and "| uses of a cut-out, fewest to most | 1 to 3 |" in lines


def test_dual_table_2_by_hand() -> None:
    found = Statistics()
    found.add(row())
    found.add({"items": None, "side_width": None, "group": "bag"})
    found.add(row(item(TEN, TEN)))
    found.add(row(item(TEN, TEN), item([7, 0, 17, 10], TEN, "axe")))  # overlap in the side view only
    found.add(row(item(TEN), item([7, 0, 17, 10]), item([30, 0, 40, 10], None, "axe"), two_views=False))
    assert (found.num_scans, found.two_views) == (5, 3)
    assert (found.empty, found.single, found.multiple) == (2, 1, 2)
    assert (found.num_instances, found.instances) == (6, {"gun": 4, "axe": 2})
    assert found.overlapping == 1
    lines = found.lines()
    for line in (
        "| items a scan | 1.20 |",
        "| with one item | 1 |",
        "| gun | 4 |",
        "| with boxes that overlap (IoM > 0.3) | 1 |",
    ):
        assert line in lines
    assert lines.index("| gun | 4 |") < lines.index("| axe | 2 |"), "the commonest first"


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4), max_size=8))
def test_every_scan_is_counted_in_one_class_and_every_item_once(bags) -> None:
    found = Statistics()
    for names in bags:
        found.add(row(*(item(category=name) for name in names)))
    assert found.empty + found.single + found.multiple == found.num_scans == len(bags)
    assert found.num_instances == sum(map(len, bags)) == sum(found.instances.values())


def cells_of(line: str) -> list[str]:
    """A table line read by the rules of GitHub's Markdown: a backslash takes the special meaning from what follows."""
    cells = re.findall(r"\|((?:\\.|[^|\\])*)(?=\|)", line)
    return [re.sub(r"\\([\\|])", r"\1", cell)[1:-1] for cell in cells]


@given(st.lists(st.tuples(st.text("a|\\ \n\r\x85\u2028`*", max_size=6), st.text(max_size=6)), max_size=4))
def test_text_from_data_stays_in_its_cell(rows) -> None:
    lines = table(("left", "right"), rows)
    assert lines[:2] == ["| left | right |", "| --- | --- |"]
    assert len(lines) == 2 + len(rows) and all(len(line.splitlines()) == 1 for line in lines)
    for line, values in zip(lines[2:], rows, strict=True):
        assert cells_of(line) == [" ".join(value.splitlines()) for value in values]


def test_the_whole_card_without_and_with_rows() -> None:
    empty = card("corpus 1.0.0", {}, {}, {}, Statistics())
    assert empty.startswith("# corpus 1.0.0\n") and "None." in empty and "Rows of text" in empty
    found = Statistics()
    found.add(row(item(TEN)))
    text = card("t", {"recipe": "a|b"}, {"clean/too-small": 2, "clean/box-count": 5}, {"MIT": 1, "CC0-1.0": 3}, found)
    assert r"| recipe | a\|b |" in text and "| gun | 1 |" in text and "Rows of text" not in text
    assert text.index("| clean/box-count | 5 |") < text.index("| clean/too-small | 2 |")
    assert text.index("| CC0-1.0 | 3 |") < text.index("| MIT | 1 |")
