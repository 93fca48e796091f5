"""The page on the server's own front, with words that a test chooses: real uploads, real refusals, and the event in the log."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from beltline.language.eventlog import EventLog
from tests.made import view
from tests.standin import Desk, StandIn, reception
from tests.web.driving import correct_first, drop, use_key
from tests.web.intercepted import FILES, SIZE_WH, WHOLE

pytestmark = pytest.mark.web


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    place = tmp_path_factory.mktemp("front")
    limits = {"body_s": 5, "image_bytes": 200_000}
    with reception(place, StandIn(WHOLE), FILES, limits=limits, examples=(1,), examples_of="dual-nano") as up:
        yield up


@pytest.fixture
def wrong(page: Page) -> Iterator[list[str]]:
    """What the browser says against the page: a policy that it breaks, an error of its own."""
    said: list[str] = []
    page.on(
        "console", lambda one: said.append(one.text) if one.type == "error" and "status of" not in one.text else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    assert said == []


def events(front: Desk) -> list[object]:
    log = EventLog(front.serving.feedback or "")
    try:
        return list(log.read("inspections"))
    finally:
        log.close()


def test_a_correction_on_the_page_is_an_event_in_the_log(front: Desk, page: Page, wrong: list[str]) -> None:
    page.goto(front.url)
    use_key(page, front.key)
    drop(page, {"top": view(0, SIZE_WH).bytes, "side": view(1, SIZE_WH).bytes})
    page.get_by_role("button", name="Inspect", exact=True).click()
    expect(page.locator(".box[data-item='0']")).to_have_count(2)
    sent = correct_first(page)
    event = next(one for one in events(front) if one.id == sent["event"])  # type: ignore[attr-defined]
    assert (event.action, event.reviewer, event.queue) == ("edit", "tests", "inspections")  # type: ignore[attr-defined]
    before, after = (json.loads(text)["items"] for text in (event.before, event.after))  # type: ignore[attr-defined]
    assert before[0]["top_xyxy"] == [16, 24, 48, 48]
    assert after[0]["top_xyxy"] == [26, 24, 58, 48]
    assert after[1:] == before[1:]
    page.keyboard.press("r")
    expect(page.get_by_role("dialog", name="Reject this answer")).not_to_be_visible()  # decided is decided


def test_words_appear_while_the_model_speaks(front: Desk, page: Page, wrong: list[str]) -> None:
    page.goto(front.url)
    page.evaluate(
        """() => { window.seen = new Set(); const top = document.querySelector("[data-part=top] p");
            new MutationObserver(() => seen.add(top.textContent)).observe(top, { childList: true }); }"""
    )
    use_key(page, front.key)
    drop(page, {"top": view(0, SIZE_WH).bytes, "side": view(1, SIZE_WH).bytes})
    page.get_by_role("button", name="Inspect", exact=True).click()
    expect(page.locator("#verdict")).to_contain_text("Threat")
    assert len(page.evaluate("[...seen]")) > 2  # pieces of it, before the whole


def test_the_front_refuses_and_the_page_says_why(front: Desk, page: Page, wrong: list[str]) -> None:
    page.goto(front.url)
    use_key(page, "bl_of_somebody_else")
    drop(page, {"top": view(0, SIZE_WH).bytes})
    page.get_by_role("button", name="Inspect", exact=True).click()
    expect(page.get_by_role("heading", name="The key was not accepted")).to_be_visible()
    use_key(page, front.key)
    noise = page.evaluate_handle(
        """async () => {
            const paper = new OffscreenCanvas(500, 500).getContext("2d"), pixels = paper.createImageData(500, 500);
            for (let at = 0; at < pixels.data.length; at++) pixels.data[at] = at % 4 === 3 ? 255 : Math.random() * 256;
            paper.putImageData(pixels, 0, 0);
            const data = new DataTransfer();
            data.items.add(new File([await paper.canvas.convertToBlob()], "large.png", { type: "image/png" }));
            return data;
        }"""
    )
    page.dispatch_event(".pane[data-view=top]", "drop", {"dataTransfer": noise})
    expect(page.locator(".pane[data-view=top] .size")).to_have_text("500 × 500 px")
    page.get_by_role("button", name="Inspect", exact=True).click()
    expect(page.get_by_role("heading", name="The picture is too large")).to_be_visible()


def test_an_example_bag_is_a_click_away(front: Desk, page: Page, wrong: list[str]) -> None:
    page.goto(front.url)
    page.get_by_role("button", name="bag-1").click()
    for name in ("top", "side"):
        expect(page.locator(f".pane[data-view={name}] .size")).to_have_text("320 × 256 px")


def test_the_category_of_an_item_is_chosen_among_those_that_are_known(front: Desk, page: Page) -> None:
    page.goto(front.url)
    expect(page.locator("#categories option[value='gun']")).to_be_attached()
    found = {one["name"]: one["prohibited"] for one in httpx.get(f"{front.url}/v1/categories").json()}
    assert found["gun"] is True
    assert found["laptop"] is False


@pytest.mark.parametrize("file", sorted(FILES.iterdir()), ids=lambda file: file.name)
def test_files_have_their_type_and_are_fetched_once(front: Desk, file: Path) -> None:
    kinds = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    address = f"{front.url}/static/{file.name}"
    first = httpx.get(address)
    assert first.headers["content-type"].partition(";")[0] == kinds[file.suffix]
    assert first.content == file.read_bytes()
    again = httpx.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert httpx.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
    assert re.fullmatch(r'"[0-9a-f]{16,}"', first.headers["etag"])
    assert first.headers["cache-control"] == "no-cache"  # kept, and asked after each time
