"""The desk in a real browser, by keyboard alone: what was pressed is in the log, nothing is lost, and texts stay texts.

The pictures of docs/review.md are made here, when BELTLINE_PICTURES names a folder.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from beltline.image.phantom import RECIPES, make_scan, plan
from beltline.language.captions import Caption
from beltline.language.eventlog import EventLog
from beltline.language.review import Event, standing
from beltline.scan import Scan, scan_id
from beltline.store import Store
from tests import made
from tests.web.desks import at_rest, desk, filtered, log_in, press, saved, shot, users_file

pytestmark = pytest.mark.web
ITEMS = 30
BAGS = 6
EVIL = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"


def bag(index: int) -> Scan:
    recipe = RECIPES["everyday"]
    key = scan_id(recipe.name, index)
    return make_scan(recipe, key, plan(recipe, key))


def worse(said: Caption) -> Caption:
    """A sentence about something that is not there; in the bags that are drawn by hand markup."""
    more = (
        EVIL
        if said.items and said.items[0].category == made.GUN.category
        else "A pistol lies in the middle of the bag."
    )
    return said.model_copy(update={"top": f"{said.top} {more}"})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Captions of bags of which a few are virtual ones, a label that is markup, and a source's name that is a way up."""
    store = Store(str(tmp_path_factory.mktemp("store"))).absolute()
    evil = made.replace(made.KNIFE, category="<b onmouseover=document.title='broken'>knife</b>")
    drawn = [
        made.scan(0, (made.GUN, evil), source_id="../../etc/passwd"),
        *(made.scan(number) for number in range(1, ITEMS - BAGS)),
    ]
    made.described(store, [*(bag(index) for index in range(BAGS)), *drawn], edited=worse)
    return store


@pytest.fixture(scope="module")
def url(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    users = users_file(tmp_path_factory.mktemp("users"))
    with desk(store.uri, "words", users, "--input", "scans=words-scans") as (url, _):
        yield url


def log_of(store: Store) -> list[Event]:
    log = EventLog(f"sqlite:///{store.path('review.db')}")
    events = log.read("words/captions")
    log.close()
    return events


def test_thirty_items_by_keyboard_alone(
    page: Page, url: str, store: Store, violations: Callable[[Page], list[dict[str, Any]]]
) -> None:
    log_in(page, url)
    shot(page, "desk")
    assert violations(page) == []
    order = [at_rest(page)]
    order.append(press(page, "a"))
    page.keyboard.press("r")
    shot(page, "desk-reject")
    order.append(press(page, "2"))
    # a box moved in the top view, made larger in the side view, and kept
    for key in ("e", "Tab", "Shift+ArrowDown", "ArrowDown", "v", "Alt+Shift+ArrowUp"):
        page.keyboard.press(key)
    shot(page, "desk-edit")
    edited = order[-1]
    order.append(press(page, "a"))
    # a reload in the middle of an edit: the item is there again, and so is the draft
    page.keyboard.press("e")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector(".badge.edit")
    saved(page)
    page.reload()
    assert at_rest(page) == order[-1] and page.is_visible(".badge.edit")
    order.append(press(page, "a"))
    # two decisions taken back across items, and taken again otherwise
    order.append(press(page, "a"))
    assert press(page, "u") == order[-2]
    assert press(page, "Control+z") == order[-3]
    assert press(page, "r", "1") == order[-2]
    assert press(page, "r", "5") == order[-1]
    while len(set(order)) < ITEMS:
        order.append(press(page, *(("r", "3") if len(order) % 5 == 0 else ("a",))))
    assert press(page, "a") == "none" and page.is_visible("text=Nothing waits for you here.")
    saved(page)
    check_log(log_of(store), order, edited)
    page.keyboard.press("?")
    assert page.is_visible("text=take back the last thing you did")
    shot(page, "desk-keys")
    assert violations(page) == [] and page.title() == "Beltline: review desk"


def check_log(events: list[Event], order: list[str], edited: str) -> None:
    """Every item decided once by what stands, in the order of the keys; both views of the edited one changed."""
    holds = [event for event in standing(events) if event.action in ("accept", "reject", "edit")]
    assert [str(event.item) for event in holds] == order and len(set(order)) == ITEMS
    assert sum(event.action == "undo" for event in events) == 2 and len({event.id for event in events}) == len(events)
    by_item = {str(event.item): event for event in holds}
    assert [by_item[order[k]].action for k in range(5)] == ["accept", "reject", "edit", "reject", "reject"]
    assert [by_item[order[k]].reason for k in (1, 3, 4)] == ["missing item", "wrong item", "views contradict"]
    made_of = by_item[edited]
    before, after = (
        {box["item"]: box for box in json.loads(text or "")["boxes"]} for text in (made_of.before, made_of.after)
    )
    (changed,) = [item for item in before if before[item] != after[item]]
    moved = [b - a for a, b in zip(before[changed]["top"], after[changed]["top"], strict=True)]
    assert moved == pytest.approx([0, 11, 0, 11], abs=0.11)
    assert (
        after[changed]["side"][3] < before[changed]["side"][3]
        and after[changed]["side"][:3] == before[changed]["side"][:3]
    )


def test_what_is_said_of_a_scan_stays_text(page: Page, url: str) -> None:
    """Markup in captions, labels and names is shown as it is written; looked at with every item in turn."""
    log_in(page, url, "ben")
    filtered(page, what="all")
    seen = ""
    for _ in range(ITEMS - 1):
        seen += page.inner_text(".panel")
        press(page, "j")
    seen += page.inner_text(".panel")
    assert EVIL in seen and "<b onmouseover=document.title='broken'>knife</b>" in seen and "../../etc/passwd" in seen
    assert (
        page.title() == "Beltline: review desk"
        and page.locator(".panel img, .panel script, .panel b[onmouseover]").count() == 0
    )


def test_the_real_page_without_login_and_with_nonsense(page: Page, url: str, store: Store) -> None:
    """Routes of Gradio and of ours: closed without a session; with one, nonsense is refused and files are not there."""
    item = str(next(iter(log_of(store))).item) if log_of(store) else "1"
    asked = page.context.request
    for path in (
        "/config",
        "/gradio_api/info",
        "/desk/state",
        f"/desk/image/{item}/top",
        "/desk/static/desk.js",
        "/theme.css",
    ):
        assert asked.get(url + path).status == 401, path
    assert "password" in asked.get(url + "/").text()
    log_in(page, url, "cem")
    for path in (
        "/gradio_api/file=/etc/passwd",
        "/desk/static/%2e%2e/review.py",
        "/desk/static/review.py",
        "/desk/image/1/top",
        "/docs",
    ):
        assert asked.get(url + path).status == 404, path
    for path in ("/desk/next", "/desk/events", "/desk/undo", "/desk/find", "/desk/release"):
        for body in ("{", "[1]", "7", '"x"'):
            answer = asked.post(url + path, data=body, headers={"content-type": "application/json"})
            assert answer.status in (200, 400, 404) and (answer.status != 200 or answer.json().get("stored") == []), (
                path,
                body,
            )
