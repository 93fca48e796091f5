"""Two people at once: 100 items, none decided by both in round one; a blind second round across; agreement as computed by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sklearn.metrics import cohen_kappa_score

from beltline.language.eventlog import EventLog
from beltline.store import Store
from tests import made
from tests.web.desks import at_rest, desk, log_in, press, saved, users_file

pytestmark = pytest.mark.web
ITEMS = 100


@pytest.fixture
def people(browser: Browser) -> Iterator[list[Page]]:
    """Two browsers that share nothing."""
    contexts = [browser.new_context(viewport={"width": 1280, "height": 800}) for _ in range(2)]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def says(name: str, item: str) -> str:
    """What a person thinks of an item: ana rejects one in four, ben those and some more."""
    number = int(item) % 12
    return "reject" if number % 4 == 0 or (name == "ben" and number == 1) else "accept"


def test_a_hundred_items_and_two_people(people: list[Page], tmp_path: Path) -> None:
    store = Store(str(tmp_path)).absolute()
    made.described(store, [made.scan(number, (made.GUN,)) for number in range(ITEMS)])
    names = ("ana", "ben")
    with desk(
        store.uri, "words", users_file(tmp_path, leads=names), "--input", "scans=words-scans", "--recipe", "twice"
    ) as (url, _):
        for page, name in zip(people, names, strict=True):
            log_in(page, url, name)
        while any(at_rest(page) != "none" for page in people):
            for page, name in zip(people, names, strict=True):
                item = at_rest(page)
                if item != "none":
                    press(page, *(("r", "1") if says(name, item) == "reject" else ("a",)))
                elif any(at_rest(other) != "none" for other in people):
                    press(page, "j")
        for page in people:
            saved(page)
        people[0].click("role=tab[name='Figures']")
        shown = people[0].wait_for_selector("td:has-text('decision') >> nth=0")
        assert shown is not None
        row = people[0].inner_text("tr:has(td:has-text('decision')) >> nth=0").split()
    log = EventLog(f"sqlite:///{store.path('review.db')}")
    events = log.read("words/captions")
    log.close()
    check(events, row)


def check(events: list, row: list[str]) -> None:
    """By hand from the log: who decided what in which round, and kappa."""
    rounds = {number: {event.item: event for event in events if event.round == number} for number in (1, 2)}
    assert len(events) == 2 * ITEMS and len(rounds[1]) == len(rounds[2]) == ITEMS
    assert all(rounds[1][item].reviewer != rounds[2][item].reviewer for item in rounds[1])
    assert {event.reviewer for event in rounds[1].values()} == {"ana", "ben"}
    first, second = ([rounds[number][item].action for item in sorted(rounds[1])] for number in (1, 2))
    kappa = cohen_kappa_score(first, second)
    assert 0 < kappa < 1 and row[:2] == ["decision", str(ITEMS)] and row[-1] == f"{kappa:.3f}"
