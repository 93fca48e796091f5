"""Several people at one desk of captions: a lead decides where two differ, gold comes in between, filters show what they say.

The lead sits at a browser; what the two others do goes to the desk as their browsers would send it.
"""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from playwright.sync_api import APIRequestContext, Browser, Page, expect

from beltline.language.eventlog import EventLog
from beltline.language.review import Event
from beltline.language.rounds import GOLD
from beltline.store import Store
from beltline.version import iter_rows
from tests import made
from tests.web.desks import PASSWORD, at_rest, desk, filtered, log_in, press, saved, shot, users_file

pytestmark = pytest.mark.web
ITEMS = 12
SCORES = pa.schema([pa.field("alignment_matched", pa.int64()), pa.field("alignment_entities", pa.int64())])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """scored@1.0.0: twelve captions, the n-th with n of 12 mentions right; every third bag without a knife."""
    store = Store(str(tmp_path_factory.mktemp("people") / "store")).absolute()
    scans = [made.scan(n, (made.GUN,) if n % 3 == 0 else (made.GUN, made.KNIFE)) for n in range(ITEMS)]
    _, words = made.described(store, scans)
    rows = [
        {name: value for name, value in row.items() if name not in ("row", "content")}
        for row in iter_rows(store, words)
    ]
    scored = [row | {"alignment_matched": n, "alignment_entities": ITEMS} for n, row in enumerate(rows)]
    made.version_of_rows(store, scored, pa.unify_schemas([made.WORDS, SCORES]), "scored")
    return store


@pytest.fixture(scope="module")
def ids(store: Store) -> list[int]:
    return [made.scan(number).id for number in range(ITEMS)]


@pytest.fixture(scope="module")
def url(store: Store, ids: list[int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("users")
    (folder / "gold.json").write_text(json.dumps({ids[-1]: "reject"}))
    words = ["--input", "scans=words-scans", "--recipe", "twice", "--gold", str(folder / "gold.json")]
    with desk(store.uri, "scored", users_file(folder), *words) as (url, _):
        yield url


def says(browser: Browser, url: str, name: str, item: int, action: str, **more: Any) -> list[Any]:
    """One decision of somebody who sits elsewhere; what they were shown of others."""
    context = browser.new_context()
    asked: APIRequestContext = context.request
    asked.post(f"{url}/login", form={"name": name, "password": PASSWORD})
    shown = asked.get(f"{url}/desk/item/{item}").json()
    event = {"id": f"{name}/{item}", "item": str(item), "digest": shown["digest"], "action": action, **more}
    assert asked.post(f"{url}/desk/events", data=[event]).json()["stored"] == [event["id"]]
    context.close()
    return shown["others"]


def events(store: Store) -> list[Event]:
    log = EventLog(f"sqlite:///{store.path('review.db')}")
    found = log.read("scored/captions")
    log.close()
    return found


def through(page: Page) -> set[int]:
    """The places of all items that the filters leave, one after another."""
    places = []
    while True:
        at_rest(page)
        places.append(int(page.inner_text(".panel h2").split()[0]))
        page.keyboard.press("j")
        page.wait_for_function(
            "place => document.querySelector('.panel h2').textContent.split(' ')[0] !== place || document.querySelector('.message').textContent",
            arg=str(places[-1]),
        )
        if page.inner_text(".message"):
            assert page.inner_text(".message") == "This is the last."
            return {place - 1 for place in places}


def test_filters_show_what_they_say(page: Page, url: str) -> None:
    log_in(page, url, "dee")
    filtered(page, what="all", screening="50")
    assert through(page) == {n for n in range(ITEMS) if n / ITEMS < 0.5}
    filtered(page, category="straight knife")
    assert through(page) == {1, 2, 4, 5}
    assert filtered(page, screening="", what="accepted") == "none"
    expect(page.locator(".nothing")).to_contain_text("Other filters may show more.")


def test_a_lead_decides_where_two_differ_and_gold_comes_in_between(
    page: Page, browser: Browser, url: str, store: Store, ids: list[int]
) -> None:
    assert says(browser, url, "ben", ids[2], "accept") == []
    assert says(browser, url, "cem", ids[2], "reject", reason="missing item") == []
    log_in(page, url)
    assert filtered(page, what="disputed") == str(ids[2])
    expect(page.locator(".others li")).to_have_text(["round 1: accept", "round 2: reject, missing item"])
    shot(page, "desk-differ")
    page.keyboard.press("r")
    press(page, "2")
    expect(page.locator(".badge.reject")).to_have_text("you: reject, missing item")
    expect(page.locator(".count")).to_have_text("1 of 12 done")
    filtered(page, what="")
    while at_rest(page) != "none":
        press(page, "a")
    saved(page)
    by_ana = [event for event in events(store) if event.reviewer == "ana"]
    assert [(event.item, event.round) for event in by_ana if event.round != 1] == [(ids[2], 3), (ids[-1], GOLD)]
    page.click("role=tab[name='Figures']")
    row = page.locator("tr", has_text="ana")
    expect(row).to_contain_text("0 of 1")
    shot(page, "desk-figures")
