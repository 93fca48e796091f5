"""The page as an inspector uses it: boxes in both views, words beside them, correct, decide, and nothing that keeps people out."""

import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.intercepted import FILES, SIZE_WH, WHOLE, Desk, streamed

pytestmark = pytest.mark.web
FITS = "[document.documentElement, ...document.querySelectorAll('main, #findings, #views')].every((one) => one.scrollWidth <= one.clientWidth)"
Violations = Callable[[Page], list[dict[str, Any]]]


@pytest.fixture
def desk(page: Page) -> Iterator[Desk]:
    made = Desk(page)
    yield made
    assert made.wrong == []


def decided(desk: Desk) -> Any:
    """What was sent when a decision is said to be saved."""
    expect(desk.page.locator("#saved")).to_have_text(re.compile("^Saved"))
    return desk.sent["v1/feedback"][-1]


@pytest.mark.parametrize("wide", [1280, 390])
def test_nothing_keeps_people_out(desk: Desk, violations: Violations, wide: int) -> None:
    """axe-core in every state; the page is never wider than the window."""
    page = desk.page
    page.set_viewport_size({"width": wide, "height": 800 if wide > 900 else 844})
    states = {
        "empty": lambda: None,
        "filled": desk.inspect,
        "selected": lambda: page.keyboard.press("1"),
        "help": lambda: page.keyboard.press("?"),
    }
    for name, enter in states.items():
        enter()
        assert (name, violations(page)) == (name, [])
        assert page.evaluate(FITS), name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_broken_answer_in_every_scheme_keeps_nobody_out(desk: Desk, violations: Violations, scheme: Any) -> None:
    desk.page.emulate_media(color_scheme=scheme)
    desk.answers["v1/inspect"] = [streamed("nothing of the kind")]
    desk.inspect()
    assert violations(desk.page) == []
    desk.page.get_by_role("button", name="Reject").click()
    assert violations(desk.page) == []


def test_every_item_has_its_number_in_both_views_in_the_list_and_in_the_words(desk: Desk) -> None:
    desk.inspect()
    for number, name in ((1, "gun"), (2, "laptop")):
        assert desk.page.locator(f"#items [data-item='{number - 1}']").inner_text().split()[:2] == [str(number), name]
        marks = desk.page.locator(f".box[data-item='{number - 1}'] text, .reference[data-item='{number - 1}']")
        assert marks.all_text_contents() == [str(number)] * 4  # two boxes, two references
    colours = [desk.page.locator(f".pane [data-item='{item}']").first.get_attribute("class") for item in (0, 1)]
    assert colours[0] != colours[1]


def test_boxes_lie_where_the_server_says(desk: Desk) -> None:
    desk.inspect()
    for view in ("top", "side"):
        for item in desk.items():
            left, top, right, bottom = item[f"{view}_xyxy"]
            line = desk.page.locator(f".pane[data-view={view}] .box[data-item='{item['item']}'] .line").bounding_box()
            assert line
            x, y = desk.screen(view, left, top)
            x1, y1 = desk.screen(view, right, bottom)
            seen = [line["x"], line["y"], line["x"] + line["width"], line["y"] + line["height"]]
            assert seen == pytest.approx([x, y, x1, y1], abs=4)  # half of a line's width


@pytest.mark.parametrize("where", ["#items tr[data-item='1']", ".pane[data-view=side] .box[data-item='1'] .tag"])
def test_an_item_under_the_pointer_is_lit_everywhere(desk: Desk, where: str) -> None:
    desk.inspect()
    desk.page.hover(where)
    expect(desk.page.locator(".lit")).to_have_count(5)  # two boxes, a row, two references
    assert set(desk.page.locator(".lit").evaluate_all("all => all.map(one => one.dataset.item)")) == {"1"}
    desk.page.hover("h1")
    expect(desk.page.locator(".lit")).to_have_count(0)


def test_focus_lights_an_item_too(desk: Desk) -> None:
    desk.inspect()
    desk.page.get_by_role("button", name="Item 1, gun").focus()
    expect(desk.page.locator(".box.lit")).to_have_count(2)
    expect(desk.page.locator(".reference.lit")).to_have_count(2)


def test_what_the_model_says_is_text_and_never_a_page(desk: Desk) -> None:
    evil = WHOLE.replace("A gun and a laptop", "<img src=x onerror=alert(1)> &amp; <b>bold</b>")
    desk.answers["v1/inspect"] = [streamed(evil)]
    desk.inspect()
    assert desk.page.locator("#reasoning img, #reasoning b").count() == 0
    assert "<b>bold</b>" in desk.page.locator("#reasoning").inner_text()


def test_two_pictures_dropped_at_once_find_their_views(desk: Desk) -> None:
    data = desk.page.evaluate_handle(
        """async () => {
            const data = new DataTransfer();
            for (const [name, width] of [["bag_side.png", 40], ["bag_top.png", 60]]) {
                const blob = await new OffscreenCanvas(width, 30).getContext("2d").canvas.convertToBlob();
                data.items.add(new File([blob], name, { type: "image/png" }));
            }
            return data;
        }"""
    )
    desk.page.dispatch_event(".pane[data-view=top] .drop", "drop", {"dataTransfer": data})
    expect(desk.page.locator(".pane[data-view=top] .size")).to_have_text("60 × 30 px")
    expect(desk.page.locator(".pane[data-view=side] .size")).to_have_text("40 × 30 px")


def test_an_answer_is_accepted_as_it_is(desk: Desk) -> None:
    desk.inspect()
    desk.page.get_by_role("button", name="Accept").click()
    sent = decided(desk)
    assert (sent["inspection"], sent["action"], sent["reason"]) == ("i1", "accept", None)
    assert sent["items"] == desk.items()
    expect(desk.page.get_by_role("button", name="Accept")).to_be_disabled()  # once is enough
    desk.page.keyboard.press("a")
    assert len(desk.sent["v1/feedback"]) == 1


def test_a_box_is_dragged_and_one_of_its_edges_too(desk: Desk) -> None:
    desk.inspect()
    desk.drag("top", (32, 36), (52, 46))  # the gun's middle
    desk.drag("top", (68, 46), (88, 46))  # its right edge's handle
    desk.page.get_by_role("button", name="Save correction").click()
    sent = decided(desk)
    gun = desk.items()[0]
    assert gun["top_xyxy"] == [16, 24, 48, 48]
    assert sent["action"] == "edit"
    assert sent["items"][0]["top_xyxy"] == pytest.approx([36, 34, 88, 58], abs=1)
    assert sent["items"][0]["side_xyxy"] == gun["side_xyxy"]
    assert sent["items"][1] == desk.items()[1]


def test_a_new_item_is_drawn_and_named(desk: Desk) -> None:
    desk.inspect()
    desk.page.get_by_role("button", name="Draw an item").click()
    desk.drag("side", (100, 10), (140, 30))
    desk.page.keyboard.type("gun")
    desk.page.keyboard.press("Enter")
    desk.page.get_by_role("button", name="Save correction").click()
    new = decided(desk)["items"][2]
    assert new["side_xyxy"] == pytest.approx([100, 10, 140, 30], abs=1)
    known = {key: new[key] for key in ("item", "category", "prohibited", "top_xyxy", "confidence")}
    assert known == {"item": 2, "category": "gun", "prohibited": True, "top_xyxy": None, "confidence": None}


def test_the_keyboard_does_it_all(desk: Desk) -> None:
    keys = desk.page.keyboard
    desk.key()
    desk.give("top", "side")
    keys.press("Control+Enter")
    expect(desk.page.locator("#verdict")).to_be_visible()
    for key in ("j", "ArrowRight", "Shift+ArrowDown", "Alt+ArrowRight", "Alt+ArrowUp"):  # the gun, top view
        keys.press(key)
    for key in ("v", "Delete"):  # its box in the side view goes
        keys.press(key)
    keys.press("2")
    keys.press("l")
    keys.type("tablet")
    keys.press("Enter")
    keys.press("d")
    keys.press("Escape")
    keys.press("d")
    keys.press("Enter")  # a box in the middle of the side view
    keys.press("Enter")  # leaves its name
    keys.press("a")
    sent = decided(desk)["items"]
    assert (sent[0]["top_xyxy"], sent[0]["side_xyxy"]) == ([17, 34, 50, 57], None)
    assert (sent[1]["category"], sent[1]["prohibited"]) == ("tablet", False)
    assert (sent[2]["category"], sent[2]["side_xyxy"]) == ("unnamed item", [60, 45, 100, 75])


@pytest.mark.parametrize("seed", range(3))
def test_undo_leads_back_and_redo_forth_again(desk: Desk, seed: int) -> None:
    """Whatever keys were pressed: undo to the end is what the model said, redo to the end is what was done."""
    desk.inspect()
    said = snapshot(desk)
    pressed = ("1", "2", "3", "v", "ArrowLeft", "Shift+ArrowDown", "Alt+ArrowRight", "Delete", "Shift+Delete", "d")
    for key in random.Random(seed).choices(pressed, k=25):
        desk.page.keyboard.press(key)
        if key == "d":
            desk.page.keyboard.press("Enter")
            desk.page.evaluate("document.activeElement.blur()")
    done = snapshot(desk)
    assert done != said
    for name, end in (("Undo", said), ("Redo", done), ("Undo", said)):
        while (button := desk.page.get_by_role("button", name=name)).is_enabled():
            button.click()
        assert snapshot(desk) == end
    expect(desk.page.get_by_role("button", name="Accept")).to_be_visible()


def snapshot(desk: Desk) -> Any:
    """Every box that is drawn: view, item, place."""
    return desk.page.locator(".box .line").evaluate_all(
        "all => all.map(one => [one.closest('.pane').dataset.view, one.parentNode.dataset.item, one.outerHTML]).sort()"
    )


def test_numbers_move_boxes_and_no_box_leaves_its_view(desk: Desk) -> None:
    desk.inspect()
    desk.page.keyboard.press("1")
    box = desk.page.locator("#correct fieldset[data-view=side]")
    box.get_by_label("right").fill("9999")
    box.get_by_label("right").press("Tab")
    box.get_by_label("top").fill("-5")
    box.get_by_label("top").press("Tab")
    desk.page.get_by_role("button", name="Save correction").click()
    assert decided(desk)["items"][0]["side_xyxy"] == [16, 0, SIZE_WH[0], 72]


def test_a_rejection_wants_a_reason(desk: Desk) -> None:
    desk.inspect()
    desk.page.keyboard.press("r")
    dialog = desk.page.get_by_role("dialog", name="Reject this answer")
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog).to_contain_text("Choose a reason")
    dialog.get_by_role("radio", name="Something else").check()
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog).to_contain_text("Write what is wrong")
    dialog.get_by_label("Missed an item").check()
    dialog.get_by_label("In your words").fill("a knife")
    dialog.get_by_role("button", name="Reject").click()
    sent = decided(desk)
    assert (sent["action"], sent["reason"]) == ("reject", "missed an item: a knife")


def test_what_was_repaired_or_cannot_be_read_is_said(desk: Desk) -> None:
    desk.answers["v1/inspect"] = [streamed(WHOLE.replace("</conclusion>", "")), streamed("the the bag")]
    desk.inspect()
    expect(desk.page.locator("#notes")).to_contain_text("Repaired")
    expect(desk.page.locator("#notes")).to_contain_text("<conclusion> does not end")
    desk.page.keyboard.press("n")
    desk.give("top")
    desk.page.keyboard.press("Control+Enter")
    expect(desk.page.locator("#notes")).to_contain_text("Unreadable")
    expect(desk.page.locator("#verdict")).to_contain_text("Unknown")
    expect(desk.page.locator("#own pre")).to_have_text("the the bag")
    expect(desk.page.get_by_role("button", name="Accept")).to_be_disabled()


def test_brightness_contrast_invert_and_zoom_change_how_both_pictures_look(desk: Desk) -> None:
    desk.inspect()
    looks = "all => all.map(one => getComputedStyle(one).filter)"
    for key in ("b", "c", "c", "i"):
        desk.page.keyboard.press(key)
    image = desk.page.locator(".stage img")
    assert image.evaluate_all(looks) == ["brightness(1.1) contrast(1.4) invert(1)"] * 2
    expect(desk.page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "true")
    widths = "all => all.map(one => one.scrollWidth / one.clientWidth)"
    heights = "all => all.map(one => one.clientHeight)"
    high = desk.page.locator(".stage").evaluate_all(heights)
    desk.page.keyboard.press("+")
    assert desk.page.locator(".stage").evaluate_all(heights) == high  # the window on a picture stays
    assert desk.page.locator(".stage").evaluate_all(widths) == pytest.approx([1.25] * 2, abs=0.01)
    desk.page.keyboard.press("0")
    assert image.evaluate_all(looks) == ["brightness(1) contrast(1) invert(0)"] * 2
    assert desk.page.locator(".stage").evaluate_all(widths) == [1, 1]


def test_single_keys_can_be_switched_off_and_letters_in_a_field_are_letters(desk: Desk) -> None:
    desk.page.get_by_label("Question").fill("")
    desk.page.get_by_label("Question").press_sequentially("i?")
    expect(desk.page.get_by_label("Question")).to_have_value("i?")
    expect(desk.page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "false")
    desk.page.get_by_role("button", name="Help and keys").click()
    desk.page.get_by_label("Single keys work").uncheck()
    desk.page.keyboard.press("Escape")
    desk.page.evaluate("document.activeElement.blur()")
    desk.page.keyboard.press("i")
    expect(desk.page.get_by_role("button", name="Invert")).to_have_attribute("aria-pressed", "false")


def test_the_key_stays_in_its_tab_and_goes_to_the_server_alone(desk: Desk) -> None:
    desk.inspect()
    asked = next(one for one in desk.requests if one.url.endswith("v1/inspect"))
    assert asked.headers["authorization"] == "Bearer bl_secret"
    assert desk.page.evaluate("[Object.values(localStorage), document.cookie, location.href].join()").count("bl_") == 0
    assert "bl_secret" in desk.page.evaluate("Object.values(sessionStorage)")


def test_the_page_needs_nothing_from_elsewhere() -> None:
    for file in FILES.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//cdn|@import|\bstyle=|\son\w+=|javascript:", text), file.name
    html = (FILES / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*src=)|<style", html) == []
