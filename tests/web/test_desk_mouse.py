"""A version of scans at the desk, by mouse: boxes drawn, moved, resized, relabelled, linked and deleted, each of it taken back;
the picture zoomed, moved and looked at otherwise, which stays for the next bag.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from beltline.store import Store
from tests import made
from tests.web.desks import desk, log_in, press, saved, shot, users_file

pytestmark = pytest.mark.web
GUN, KNIFE = 0, 1
NEW = 2


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("bags")
    store = Store(str(folder / "store")).absolute()
    made.version_of(store, [made.scan(number) for number in range(12)], "bags")
    with desk(store.uri, "bags", users_file(folder)) as (url, _):
        yield url


@dataclass(frozen=True)
class Hand:
    """A person's mouse over the views; places are pixels of a view's picture."""

    page: Page

    def at(self, view: str, x: float, y: float) -> tuple[float, float]:
        pane = self.page.locator(f".pane[data-view={view}]")
        box, (left, up, scale) = pane.bounding_box(), map(float, (pane.get_attribute("data-place") or "").split())
        assert box is not None
        return box["x"] + 1 + left + x * scale, box["y"] + 1 + up + y * scale  # a pane has a border of one pixel

    def drag(self, view: str, start: tuple[float, float], end: tuple[float, float], shift: bool = False) -> None:
        if shift:
            self.page.keyboard.down("Shift")
        self.page.mouse.move(*self.at(view, *start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(view, *end), steps=3)
        self.page.mouse.up()
        if shift:
            self.page.keyboard.up("Shift")

    def draws(self, view: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.drag(view, start, end, shift=True)

    def boxes(self) -> dict[int, dict[str, Any]]:
        """What the desk has on its disk of this person's boxes."""
        saved(self.page)
        item = self.page.get_attribute(".desk", "data-item")
        said = self.page.context.request.get(f"{self.page.url}desk/item/{item}").json()
        return {box["item"]: box for box in (said["draft"] or said)["boxes"]}


MOVES: list[tuple[str, Callable[[Hand], None], Callable[[dict[int, Any]], Any], Any]] = [
    # (what, what the hand does, what is looked at afterwards, what it is then)
    (
        "move: along the belt the other view's box goes with it",
        lambda hand: hand.drag("top", (60, 50), (70, 60)),
        lambda boxes: (boxes[GUN]["top"], boxes[GUN]["side"]),
        ([40, 40, 100, 80], [40, 20, 100, 50]),
    ),
    (
        "resize by a corner",
        lambda hand: hand.drag("top", (90, 70), (100, 90)),
        lambda boxes: boxes[GUN]["top"],
        [30, 30, 100, 90],
    ),
    (
        "resize by an edge, across the belt: the other view keeps its own",
        lambda hand: hand.drag("side", (60, 20), (60, 12)),
        lambda boxes: (boxes[GUN]["top"], boxes[GUN]["side"]),
        ([30, 30, 90, 70], [30, 12, 90, 50]),
    ),
    (
        "relabel",
        lambda hand: hand.page.select_option("[aria-label=category] >> nth=-1", "scissors"),
        lambda boxes: (boxes[GUN]["category"], boxes[KNIFE]["category"]),
        ("scissors", "straight knife"),
    ),
    (
        "draw",
        lambda hand: hand.draws("top", (100, 20), (130, 60)),
        lambda boxes: (boxes[NEW]["category"], boxes[NEW]["top"], boxes[NEW]["side"]),
        ("gun", [100, 20, 130, 60], None),
    ),
    (
        "delete in one view",
        lambda hand: hand.page.keyboard.press("d"),
        lambda boxes: (boxes[GUN]["top"], boxes[GUN]["side"]),
        (None, [30, 20, 90, 50]),
    ),
    ("delete in both", lambda hand: hand.page.keyboard.press("Shift+D"), lambda boxes: sorted(boxes), [KNIFE]),
]


def near(found: Any, wanted: Any) -> bool:
    """The same, but for the pixel that a hand is not sure of."""
    if isinstance(wanted, list | tuple):
        return found is not None and all(near(*pair) for pair in zip(found, wanted, strict=True))
    return abs(found - wanted) <= 1 if isinstance(wanted, int) else found == wanted


def test_each_change_of_a_box_by_mouse_and_its_undo(page: Page, url: str) -> None:
    log_in(page, url)
    hand = Hand(page)
    before = hand.boxes()
    page.keyboard.press("e")
    for what, does, looks, then in MOVES:
        page.mouse.click(*hand.at("top", 60, 50))  # takes hold of the gun
        does(hand)
        assert near(looks(hand.boxes()), then), what
        assert page.is_visible(".badge.edit")
        page.keyboard.press("u")
        expect(page.locator(".badge.edit")).to_have_count(0)
        assert hand.boxes() == before, f"{what}, taken back"


def test_an_item_is_linked_across_the_views_and_kept(page: Page, url: str) -> None:
    """An item that is drawn in one view and then in the other is one item, at one place along the belt."""
    log_in(page, url, "ben")
    hand = Hand(page)
    page.keyboard.press("e")
    hand.draws("top", (100, 20), (130, 60))
    shown = page.locator(".items li.chosen .name")
    expect(shown).to_have_text("2 guntop")
    hand.draws("side", (101, 60), (129, 80))
    expect(shown).to_contain_text("top + side, linked")
    hand.drag("side", (115, 70), (105, 80))
    boxes = hand.boxes()
    assert near((boxes[NEW]["top"], boxes[NEW]["side"]), ([91, 20, 119, 60], [91, 70, 119, 90]))
    item = page.get_attribute(".desk", "data-item")
    shot(page, "desk-mouse")
    press(page, "a")
    saved(page)
    said = page.context.request.get(f"{url}/desk/item/{item}").json()["own"]
    assert said["action"] == "edit" and [box["item"] for box in said["after"]["boxes"]] == [GUN, KNIFE, NEW]


def test_zoom_place_and_look_stay_for_the_next_bag(page: Page, url: str) -> None:
    log_in(page, url, "cem")
    hand, pane = Hand(page), page.locator(".pane[data-view=top]")
    middle = "() => { const c = document.querySelector('.pane canvas'); return c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data[0]; }"
    page.keyboard.press("h")
    plain = page.evaluate(middle)
    under = hand.at("top", 80, 60)
    page.mouse.move(*under)
    page.mouse.wheel(0, -400)
    expect(page.locator(".pane-label").first).to_contain_text("%")
    assert near(
        [round(one) for one in hand.at("top", 80, 60)], [round(one) for one in under]
    )  # the wheel zooms about the mouse
    placed = pane.get_attribute("data-place")
    hand.drag("top", (80, 60), (90, 50))
    assert pane.get_attribute("data-place") != placed and near(
        [round(one) for one in hand.at("top", 70, 70)], [round(one) for one in under]
    )
    placed = pane.get_attribute("data-place")
    for keys, darker in ((("[", "["), True), (("]", "]", "]", "]"), False)):
        for key in keys:
            page.keyboard.press(key)
        assert (page.evaluate(middle) < plain) is darker
    page.locator("[aria-label=contrast]").fill("0.5")
    page.keyboard.press("i")
    shown = page.evaluate(middle)
    shot(page, "desk-look")
    press(page, "j")
    sliders = [page.input_value(f"[aria-label={name}]") for name in ("brightness", "contrast")]
    assert pane.get_attribute("data-place") == placed and sliders == ["1.2", "0.5"]
    assert abs(page.evaluate(middle) - shown) < 20  # another bag, looked at the same way
    page.keyboard.press("0")
    assert page.locator(".pane-label").first.inner_text() == "top"
