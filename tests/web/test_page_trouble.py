"""When something goes wrong the page says what to do, keeps what was given to it, and loses no decision."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.intercepted import Desk, found, refused, stored, stream, streamed

pytestmark = pytest.mark.web
LATE = stream(
    [("delta", '{"text": "<top>A"}'), ("error", '{"code": "too_late", "message": "Said by the server: too_late."}')]
)
CUT = stream([("delta", '{"text": "<top>A"}')])
TROUBLES = [
    # answer, heading, what to do
    (refused(401, "wrong_key"), "The key was not accepted", "Enter the key"),
    (refused(413, "image_too_large"), "The picture is too large", "Export it smaller"),
    (refused(429, "too_often", {"Retry-After": "7"}), "Too many inspections", "Wait for the time shown"),
    (refused(503, "busy", {"Retry-After": "7"}), "The server is busy", "Wait for the time shown"),
    (refused(504, "too_late"), "The model took too long", "Try again"),
    (refused(500, "fault"), "The server failed", "Try again"),
    (refused(422, "odd"), "The server refused this", "Said by the server: odd."),
    (LATE, "The model took too long", "Said by the server: too_late."),
    (refused(422, "image_polyglot"), "This picture cannot be used", "Export it as PNG or JPEG"),
    (CUT, "The answer broke off", "Try again"),
    (None, "The server could not be reached", "Check the connection"),
    ({"status": 502, "body": "<html>proxy</html>"}, "The server failed", "answered 502"),
]


@pytest.fixture
def desk(page: Page) -> Iterator[Desk]:
    page.clock.install()
    made = Desk(page)
    yield made
    assert made.wrong == []


def test_every_trouble_is_named_with_what_to_do_and_the_views_are_kept(desk: Desk) -> None:
    """One after the other on one page: each is followed by another try."""
    desk.answers["v1/inspect"] = [*(answer for answer, _, _ in TROUBLES), streamed()]
    desk.key()
    desk.give("top", "side")
    button = desk.page.get_by_role("button", name="Inspect", exact=True)
    for answer, title, todo in TROUBLES:
        button.click()
        trouble = desk.page.get_by_role("alert").filter(has_text=title)
        expect(trouble).to_contain_text(todo)
        if answer and "Retry-After" in answer.get("headers", {}):
            expect(button).to_be_disabled()
            expect(trouble).to_contain_text("Try again in 7 s.")
            desk.page.clock.run_for(8000)
            expect(trouble).to_contain_text("You can try again now.")
        expect(button).to_be_enabled()
    button.click()
    expect(desk.page.locator("#verdict")).to_contain_text("Threat")
    expect(desk.page.get_by_role("alert").filter(visible=True)).to_have_count(0)


def test_a_wrong_key_is_asked_for_again(desk: Desk) -> None:
    desk.answers["v1/inspect"] = [refused(401, "wrong_key"), streamed()]
    desk.give("top")
    desk.page.get_by_role("button", name="Inspect", exact=True).click()
    expect(desk.page.get_by_role("heading", name="A key is needed")).to_be_visible()
    expect(desk.page.get_by_label("API key")).to_be_focused()
    desk.page.keyboard.type("bl_right")
    desk.page.keyboard.press("Enter")
    desk.page.get_by_role("button", name="Inspect", exact=True).click()
    expect(desk.page.locator("#verdict")).to_be_visible()
    assert desk.requests[-1].headers["authorization"] == "Bearer bl_right"


def test_what_is_no_picture_is_refused_here(desk: Desk) -> None:
    for name, kind, why in (("a.svg", "image/svg+xml", "no PNG or JPEG"), ("a.png", "image/png", "cannot be read")):
        wrong = {"name": name, "mimeType": kind, "buffer": b"<svg/>"}
        desk.page.set_input_files(".pane[data-view=top] input[type=file]", wrong)  # type: ignore[arg-type]
        expect(desk.page.get_by_role("alert").filter(has_text=why)).to_be_visible()
    expect(desk.page.get_by_role("button", name="Inspect", exact=True)).to_be_disabled()


def test_a_decision_is_sent_with_one_id_until_it_is_stored(desk: Desk) -> None:
    desk.answers["v1/feedback"] = [
        refused(503, "busy", {"Retry-After": "9"}),
        None,
        refused(500, "fault"),
        stored(200),
    ]
    desk.inspect()
    desk.page.keyboard.press("1")
    desk.page.keyboard.press("ArrowRight")
    desk.page.keyboard.press("a")
    saved = desk.page.locator("#saved")
    for number, pause_s in ((1, 9), (2, 2), (3, 4)):
        expect(saved).to_contain_text(f"next try in {pause_s} s")
        desk.page.clock.run_for(pause_s * 1000 - 500)
        assert len(desk.sent["v1/feedback"]) == number  # not before its time
        desk.page.clock.run_for(600)
    expect(saved).to_have_text(re.compile("^Saved. Correction"))
    first, *others = desk.sent["v1/feedback"]
    assert len(others) == 3
    assert all(one == first for one in others)


def test_a_decision_outlives_a_reload(desk: Desk) -> None:
    desk.answers["v1/feedback"] = [None]
    desk.inspect()
    desk.page.keyboard.press("a")
    expect(desk.page.locator("#saved")).to_contain_text("Not saved yet")
    desk.answers["v1/feedback"] = [stored()]
    desk.page.on("dialog", lambda asks: asks.accept())  # "leave this page?"
    desk.page.reload()
    expect(desk.page.locator("#saved")).to_have_text(re.compile("^Saved. Accepted"))
    sent = desk.sent["v1/feedback"]
    assert len(sent) >= 2
    assert all(one == sent[0] for one in sent)


def test_a_decision_that_the_server_refuses_can_be_made_again(desk: Desk) -> None:
    desk.answers["v1/feedback"] = [refused(422, "odd"), stored()]
    desk.inspect()
    desk.page.keyboard.press("a")
    expect(desk.page.locator("#saved")).to_have_text("Not saved: Said by the server: odd.")
    desk.page.keyboard.press("a")
    expect(desk.page.locator("#saved")).to_have_text(re.compile("^Saved"))
    ids = [one["event"] for one in desk.sent["v1/feedback"]]
    assert len(ids) == len(set(ids)) == 2


def test_stop_stops(desk: Desk) -> None:
    held: list[Route] = []
    desk.key()
    desk.give("top")
    desk.page.route("**/v1/inspect", lambda route: held.append(route))
    desk.page.get_by_role("button", name="Inspect", exact=True).click()
    expect(desk.page.locator("#thinking")).to_be_visible()
    with desk.page.expect_event("requestfailed"):
        desk.page.get_by_role("button", name="Stop").click()
    expect(desk.page.get_by_role("button", name="Inspect", exact=True)).to_be_enabled()
    assert len(held) == 1


def test_thinking_is_said_in_few_words(desk: Desk) -> None:
    """A screen reader hears the stages and the verdict, not every piece of the stream."""
    text = f"<top>{'word ' * 60}</top>\n<conclusion>so</conclusion>\n<answer>no</answer>"
    pieces = [("delta", json.dumps({"text": text[at : at + 3]})) for at in range(0, len(text), 3)]
    desk.answers["v1/inspect"] = [stream([*pieces, ("inspection", found(text).model_dump_json())])]
    desk.page.evaluate(
        """() => { window.heard = []; new MutationObserver(() => heard.push(said.textContent))
            .observe(document.getElementById("said"), { childList: true, characterData: true, subtree: true }); }"""
    )
    desk.inspect("top")
    heard = desk.page.evaluate("heard.slice(heard.findIndex((one) => one.startsWith('The views are sent')))")
    assert heard[-1].startswith("Verdict: ")
    assert len(heard) <= 6  # sent, looking, top, concluding, answering, verdict
    assert not any("word word" in one for one in heard)


Check = Callable[[Page], list[dict[str, Any]]]


def test_trouble_keeps_nobody_out(desk: Desk, violations: Check) -> None:
    desk.answers["v1/inspect"] = [refused(503, "busy", {"Retry-After": "7"})]
    desk.give("top")
    desk.page.get_by_role("button", name="Inspect", exact=True).click()
    expect(desk.page.get_by_role("alert").filter(has_text="busy")).to_be_visible()
    assert violations(desk.page) == []
