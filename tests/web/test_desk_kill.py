"""SIGKILL of the desk while four clients click: every event that was acknowledged is there afterwards, none twice, on both databases."""

import json
import threading
import urllib.request
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from beltline.language.eventlog import EventLog
from beltline.store import Store
from tests import made
from tests.web.desks import PASSWORD, desk, users_file

pytestmark = pytest.mark.web
NAMES = ("ana", "ben", "cem", "dee")
EVENTS = 1000
AT = (300,)
"""After so many acknowledged events the desk is killed."""


class Clicker(threading.Thread):
    """Takes items and decides on them, taking every third back; what it hears no answer to it sends again to the next desk."""

    def __init__(self, name: str, num: int, heard: Any):
        super().__init__(daemon=True)
        self.who, self.left, self.heard = name, num, heard
        self.sent: list[str] = []
        self.told: list[str] = []
        self.waiting: list[dict[str, Any]] = []
        self.url, self.opener, self.ready = "", urllib.request.build_opener(), threading.Event()

    def come(self, url: str) -> None:
        """Log in at a desk, and go on."""
        self.url, self.opener = url, urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.opener.open(f"{url}/login", f"name={self.who}&password={PASSWORD.replace(' ', '+')}".encode()).close()
        self.ready.set()

    def ask(self, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with self.opener.open(request, timeout=60) as answer:
            return json.load(answer)

    def run(self) -> None:
        while self.left or self.waiting:
            self.ready.wait()
            try:
                self.step()
            except OSError:  # the desk is gone
                self.ready.clear()

    def step(self) -> None:
        if not self.waiting:
            self.waiting = self.made()
        said = self.ask("/desk/events", self.waiting)
        assert not said["refused"], said["refused"]
        self.told += said["stored"]
        self.heard(len(said["stored"]))
        self.waiting = []

    def made(self) -> list[dict[str, Any]]:
        """A flag, a draft, a decision on the next item; flags alone where there is none left."""
        items = self.ask("/desk/next", {"want": 1})["items"]
        assert items, "there are more items than decisions"
        same = {"item": items[0]["item"], "digest": items[0]["digest"], "seconds": 0.1}
        kinds = [("flag", {"reason": "x"}), ("draft", {"after": {"boxes": []}}), ("accept", {})][: self.left]
        found = [{**same, **more, "action": action, "id": uuid.uuid4().hex} for action, more in kinds]
        self.left -= len(found)
        self.sent += [one["id"] for one in found]
        return found


def test_a_kill_in_a_storm_of_clicks(log_url: str, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store")).absolute()
    made.version_of(store, [made.scan(number, (made.GUN,)) for number in range(EVENTS // 3 + 8)], "bags")
    users = users_file(tmp_path, leads=NAMES, others=())
    acknowledged, enough = Counter[str](), threading.Event()

    def heard(num: int) -> None:
        acknowledged["all"] += num
        if acknowledged["all"] >= AT[0]:
            enough.set()

    clickers = [Clicker(name, EVENTS // len(NAMES), heard) for name in NAMES]
    with desk(store.uri, "bags", users, "--log", log_url) as (url, process):
        for one in clickers:
            one.come(url)
        for one in clickers:
            one.start()
        assert enough.wait(300)
        process.kill()
        process.wait()
    while any(one.ready.is_set() and one.is_alive() for one in clickers):
        threading.Event().wait(0.05)
    told = {key for one in clickers for key in one.told}
    assert told <= stored(log_url).keys() and AT[0] <= len(told) < EVENTS
    with desk(store.uri, "bags", users, "--log", log_url) as (url, _):
        for one in clickers:
            one.come(url)
        for one in clickers:
            one.join(300)
    found = stored(log_url)
    assert set(found.values()) == {1} and found.keys() == {key for one in clickers for key in one.sent}
    assert {key for one in clickers for key in one.told} == found.keys() and len(found) == EVENTS


def stored(url: str) -> Counter[str]:
    log = EventLog(url)
    found = Counter(event.id for event in log.read("bags/scans"))
    log.close()
    return found
