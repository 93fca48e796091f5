"""Questions of an exam at the desk: options and evidence are shown, a wrong answer is put right, and closing would write it."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from playwright.sync_api import Page, expect

from beltline import verdict
from beltline.exam.tasks import SCHEMA
from beltline.language.eventlog import EventLog
from beltline.store import Store
from tests import made
from tests.web.desks import desk, log_in, press, saved, shot, users_file

pytestmark = pytest.mark.web
OPTIONS = ["a gun", "<i>a pair of scissors</i>", "a wrench", "a lighter"]

DASHED = """(name) => {
    const pane = document.querySelector(`.pane[data-view=${name}]`), [x, y, scale] = pane.dataset.place.split(" ").map(Number);
    const { data } = pane.querySelector("canvas").getContext("2d").getImageData(x + 40 * scale, y + 30 * scale - 1, 24, 3);
    const dark = (at) => Math.max(data[at], data[at + 1], data[at + 2]) < 0x80 && Math.abs(data[at] - data[at + 1]) < 16;
    return [...data.keys()].some((at) => at % 4 === 0 && dark(at));
}"""
"""Whether the upper edge of the gun's box is drawn in the dark grey of evidence, which no pixel need hold whole; the picture is green."""


def question(number: int, **more: Any) -> dict[str, Any]:
    evidence = [
        {"item": 0, "category": "gun", "view": view, "xyxy": xyxy}
        for view, xyxy in (("top", made.GUN.top_xyxy), ("side", made.GUN.side_xyxy))
    ]
    said = {
        "question": f"What lies in bag {number}?",
        "options": OPTIONS,
        "answer": "B",
        "task": "OR",
        "exam": "drawn",
        "details": "{}",
    }
    plain = {
        "id": 100 + number,
        "scan": made.scan(number).id,
        "views": ["top", "side"],
        "evidence": json.dumps(evidence),
    }
    return {field.name: None for field in SCHEMA} | plain | said | verdict.KEEP.columns() | more


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two questions about a bag each, and one of knowledge, which has none."""
    store = Store(str(tmp_path_factory.mktemp("asked") / "store")).absolute()
    made.version_of(store, [made.scan(number) for number in range(2)], "bags")
    rows = [question(0), question(1), question(2, scan=None, evidence=None, views=[])]
    made.version_of_rows(store, rows, pa.schema([*SCHEMA, *verdict.FIELDS]), "exam")
    return store


@pytest.fixture(scope="module")
def url(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with desk(store.uri, "exam", users_file(tmp_path_factory.mktemp("users")), "--input", "scans=bags") as (url, _):
        yield url


def test_a_wrong_answer_is_put_right(page: Page, url: str, store: Store) -> None:
    log_in(page, url)
    expect(page.locator(".question li")).to_have_text(
        [f"{letter}{text}" for letter, text in zip("ABCD", OPTIONS, strict=True)]
    )
    expect(page.locator(".question li.right")).to_have_text(f"B{OPTIONS[1]}")
    shot(page, "desk-question")
    page.wait_for_function(DASHED, arg="top")  # the evidence's dashed edge, once the picture is there
    page.keyboard.press("g")
    assert not page.evaluate(DASHED, "top")
    page.keyboard.press("t")
    page.check("[aria-label='A is right']")
    page.fill("[aria-label='option B']", "a knife")
    shot(page, "desk-question-edit")
    press(page, "Control+Enter")
    press(page, "r", "4")
    expect(page.locator(".pane").first).to_be_hidden()  # no bag, no views
    assert press(page, "a") == "none"
    saved(page)
    log = EventLog(f"sqlite:///{store.path('review.db')}")
    made_of = log.read("exam/questions")
    log.close()
    decided = [event for event in made_of if event.action != "draft"]
    assert [(event.action, event.reason) for event in decided] == [
        ("edit", None),
        ("reject", "guessable"),
        ("accept", None),
    ]
    said = json.loads(decided[0].after or "")["question"]
    assert (said["answer"], said["options"]) == ("A", [OPTIONS[0], "a knife", *OPTIONS[2:]])
