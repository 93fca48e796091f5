"""The page on a server with real vLLM behind it: what the model was taught appears where it was taught, and a correction is an event."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from beltline.language.eventlog import EventLog
from tests.served import Bag, Server
from tests.web.driving import correct_first, drop, use_key

pytestmark = [pytest.mark.vllm, pytest.mark.web, pytest.mark.learning, pytest.mark.timeout(1800)]
ANSWER_MS = 120_000
MOVED_PX = 10


def inspected(page: Page, served: Server, bag: Bag) -> None:
    """The page after an inspector has dropped a bag's views on it and has got the answer."""
    page.goto(served.url)
    use_key(page, served.key)
    drop(page, bag.views)
    page.get_by_role("button", name="Inspect", exact=True).click()
    expect(page.locator("#verdict")).to_be_visible(timeout=ANSWER_MS)


def places(page: Page, view: str) -> list[list[float]]:
    """Left, top, right, bottom of each item's box in a view, in pixels of the picture."""
    return page.evaluate(
        """(view) => [...document.querySelectorAll(`.pane[data-view=${view}] .box`)]
            .sort((a, b) => a.dataset.item - b.dataset.item).map((box) => {
                const sheet = box.closest(".sheet").querySelector("img"), seen = sheet.getBoundingClientRect();
                const line = box.querySelector(".line").getBBox(), all = box.ownerSVGElement.viewBox.baseVal;
                const x = sheet.naturalWidth / all.width, y = sheet.naturalHeight / all.height;
                return seen.width && [line.x * x, line.y * y, (line.x + line.width) * x, (line.y + line.height) * y];
            })""",
        view,
    )


def test_two_views_dropped_are_answered_with_boxes_and_reasoning_where_they_were_taught(
    served: Server, page: Page
) -> None:
    bag = served.bags[0]
    inspected(page, served, bag)
    expect(page.locator("#verdict")).to_contain_text("Threat")
    names = [row.split("\n")[0] for row in page.locator("#items tbody tr").all_inner_texts()]
    assert [re.sub(r"^\d+\s*", "", one).split("\t")[0].strip() for one in names] == list(bag.items)
    for view in bag.views:
        taught = [list(one[view]) for one in bag.items.values()]
        assert [pytest.approx(one, abs=0.5) for one in taught] == places(page, view)
    said = page.locator("#reasoning").inner_text()
    assert "Here lie a laptop" in said and "The lighter is prohibited." in said


def test_an_item_under_the_pointer_is_lit_in_both_views_and_in_the_words(served: Server, page: Page) -> None:
    inspected(page, served, served.bags[0])
    page.hover(".pane[data-view=top] .box[data-item='1'] .tag")
    for place in (".pane[data-view=top] .box.lit", ".pane[data-view=side] .box.lit", ".reference.lit", "tr.lit"):
        lit = page.locator(place)
        assert lit.evaluate_all("all => [...new Set(all.map(one => one.dataset.item))]") == ["1"], place


def test_a_correction_is_an_event_in_the_feedback_database(served: Server, page: Page) -> None:
    bag = served.bags[0]
    inspected(page, served, bag)
    sent = correct_first(page)
    log = EventLog(f"sqlite:///{served.place / 'feedback.db'}")
    event = next(one for one in log.read("inspections") if one.id == sent["event"])
    log.close()
    before, after = (json.loads(text)["items"] for text in (event.before or "", event.after or ""))
    name = next(iter(bag.items))
    taught = list(bag.items[name]["top"])
    assert (event.action, event.reviewer, before[0]["category"]) == ("edit", "tests", name)
    assert before[0]["top_xyxy"] == pytest.approx(taught, abs=0.01)
    moved = [taught[0] + MOVED_PX, taught[1], taught[2] + MOVED_PX, taught[3]]
    assert after[0]["top_xyxy"] == pytest.approx(moved, abs=0.5) and after[1:] == before[1:]
