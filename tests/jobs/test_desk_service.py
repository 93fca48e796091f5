"""The desk for several people on SQLite and PostgreSQL: leases, once each, refusals, undo, staleness, and the door before it."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from beltline.language.eventlog import EventLog
from beltline.language.rounds import Rules
from beltline.language.worklist import Wanted, Worklist
from beltline.store import Store
from beltline.version import iter_rows, resolve
from jobs import desk_users
from jobs.desk_content import Content
from jobs.desk_door import COOKIE, USER, Door
from jobs.desk_service import Desk, User
from tests import made

ANA, BEN, CEM = User("ana"), User("ben"), User("cem", lead=True)
ALL = Wanted()
Opener = Callable[..., Desk]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(str(tmp_path_factory.mktemp("store"))).absolute()
    made.described(store, [made.scan(number) for number in range(8)])
    return store


def content(store: Store, name: str = "words") -> Content:

    return Content(store, resolve(store, name), [resolve(store, "words-scans")])


@pytest.fixture
def open_desk(store: Store, log_url: str) -> Iterator[Opener]:
    """A desk on the captions; every call another process's, as far as they know of each other."""
    logs: list[EventLog] = []

    def opened(rules: Rules | None = None, clock: Callable[[], float] = lambda: 1e9, name: str = "words") -> Desk:
        held = content(store, name)
        logs.append(EventLog(log_url))
        return Desk(logs[-1], held, Worklist("words/captions", held.entries(), rules), clock)

    yield opened
    for log in logs:
        log.close()


def said(shown: dict[str, Any], key: str, action: str = "accept", **more: object) -> dict[str, Any]:
    return {"id": key, "item": shown["item"], "digest": shown["digest"], "action": action, "seconds": 2.5, **more}


def test_two_desks_give_nobody_the_same_item(open_desk: Opener) -> None:
    one, two = open_desk(), open_desk()
    mine, theirs = one.give(ANA, ALL, 4), two.give(BEN, ALL, 4)
    assert len({shown["item"] for shown in (*mine, *theirs)}) == 8
    assert one.give(CEM, ALL, 4) == []
    assert [shown["item"] for shown in one.give(ANA, ALL, 4)] == [shown["item"] for shown in mine]  # a reload


def test_a_lease_runs_out_and_then_the_first_decision_counts(open_desk: Opener) -> None:
    now = [1e9]
    desk = open_desk(clock=lambda: now[0])
    (shown,) = desk.give(ANA, ALL, 1)
    stored, refused = desk.keep(BEN, [said(shown, "b0")])
    assert stored == [] and "in hand" in refused["b0"]
    now[0] += 700
    assert desk.give(BEN, ALL, 1)[0]["item"] == shown["item"]
    assert desk.keep(BEN, [said(shown, "b1")]) == (["b1"], {})
    stored, refused = desk.keep(ANA, [said(shown, "a1")])
    assert stored == [] and "somebody else" in refused["a1"]


def test_the_same_event_again_is_stored_once_and_another_under_its_id_is_refused(open_desk: Opener) -> None:
    desk = open_desk()
    (shown, other) = desk.give(ANA, ALL, 2)
    assert [desk.keep(ANA, [said(shown, "k")]) for _ in range(3)] == [(["k"], {})] * 3
    assert "another one" in desk.keep(ANA, [said(other, "k")])[1]["k"]
    assert "another one" in desk.keep(BEN, [said(shown, "k")])[1]["k"]
    assert len(open_desk().work.ids) == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"digest": "old"}, "has changed"),
        ({"item": "12345"}, "no such item"),
        ({"action": "delete"}, "expected an action"),
        ({"action": "undo"}, "expected an action"),
        ({"action": "reject"}, "wants a reason"),
        ({"action": "edit"}, "what became"),
        ({"action": "edit", "after": {"caption": "x" * 300_000}}, "at most"),
        ({"item": None}, "int"),
    ],
)
def test_what_is_refused_stores_nothing(open_desk: Opener, changes: dict[str, object], why: str) -> None:
    desk = open_desk()
    (shown,) = desk.give(ANA, ALL, 1)
    stored, refused = desk.keep(ANA, [said(shown, "k") | changes])
    assert stored == [] and why in refused["k"] and desk.work.ids == {}


def test_undo_goes_back_over_items_and_a_draft_comes_back(open_desk: Opener) -> None:
    desk = open_desk()
    first, second = desk.give(ANA, ALL, 2)
    desk.keep(ANA, [said(first, "1", "draft", after={"boxes": []}), said(first, "2", "edit", after={"boxes": []})])
    desk.keep(ANA, [said(second, "3", "reject", reason="wrong item")])
    back = [desk.undo(ANA, f"u{step}") for step in range(4)]
    assert [shown and shown["item"] for shown in back] == [second["item"], first["item"], first["item"], None]
    assert [shown and shown["draft"] for shown in back] == [None, {"boxes": []}, None, None]
    assert desk.undo(ANA, "u0")["item"] == second["item"]  # the same request again takes nothing more back
    assert desk.work.counts()["open"] == 8 and desk.undo(BEN, "x") is None
    assert [shown["item"] for shown in desk.give(BEN, ALL, 4)].count(first["item"]) == 0  # ana holds them again


def test_blind_second_round_and_who_sees_what(open_desk: Opener) -> None:
    desk = open_desk(Rules(rounds=2))
    (shown,) = desk.give(ANA, ALL, 1)
    desk.keep(ANA, [said(shown, "1", "reject", reason="wrong item")])
    assert shown["item"] not in [one["item"] for one in desk.give(ANA, ALL, 4)]
    again = desk.look(BEN, int(shown["item"]))
    assert again["others"] == [] and again["own"] is None and "wrong item" not in json.dumps(again)
    assert desk.keep(BEN, [said(shown, "2")]) == (["2"], {})
    assert desk.look(BEN, int(shown["item"]))["others"] == []
    assert [one["action"] for one in desk.look(CEM, int(shown["item"]))["others"]] == ["reject", "accept"]
    assert "only a lead" in desk.keep(User("dee"), [said(shown, "3")])[1]["3"]
    assert desk.keep(CEM, [said(shown, "4")]) == (["4"], {}) and desk.work.outcome(int(shown["item"])) == "accepted"


def test_a_changed_caption_returns_and_the_old_decision_stays(store: Store, open_desk: Opener) -> None:
    """A new version in which one caption reads otherwise: that item waits again, all others stay as they were decided."""
    desk = open_desk()
    shown = desk.give(ANA, ALL, 4)
    desk.keep(ANA, [said(one, one["item"]) for one in shown])
    rows = [row for row in iter_rows(store, content(store).manifest)]
    changed = int(shown[2]["item"])
    rows = [row | ({"describer": "another hand"} if row["id"] == changed else {}) for row in rows]
    bare = [{name: value for name, value in row.items() if name not in ("row", "content")} for row in rows]
    made.version_of_rows(store, bare, made.WORDS, "words-later", "r2")
    later = open_desk(name="words-later")
    assert later.work.outcome(changed) == "open" and len(later.work.state(changed).stale) == 1
    assert [later.work.outcome(int(one["item"])) for one in shown if int(one["item"]) != changed] == ["accepted"] * 3
    assert str(changed) in [one["item"] for one in later.give(BEN, ALL, 4)]
    assert later.look(BEN, changed)["stale"] == [{"action": "accept", "reviewer": "ana", "reason": None}]
    assert "has changed" in later.keep(ANA, [said(shown[2], "late")])[1]["late"]


# ---- the door


def through(
    door: Door, path: str, method: str = "GET", body: bytes = b"", raw: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """A request through the door: status, headers, body."""
    sent: list[dict[str, Any]] = []
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "raw_path": raw or path.encode(), "headers": pairs}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(door(scope, receive, send))
    said = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return sent[0]["status"], said, b"".join(one.get("body", b"") for one in sent[1:])


@pytest.fixture(scope="module")
def accounts() -> dict[str, desk_users.Account]:
    return {"ana": desk_users.account("correct horse")}


@pytest.fixture
def door(accounts: dict[str, desk_users.Account]) -> Door:
    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(scope[USER]).encode()})

    return Door(inner, desk_users.Sessions(accounts, "key"), clock=lambda: 1e9)


def cookie(accounts: dict[str, desk_users.Account], name: str = "ana", key: str = "key", now: float = 1e9) -> str:
    return f"{COOKIE}={desk_users.Sessions(accounts, key).start(name, now)}"


@pytest.mark.parametrize(
    "path", ["/config", "/desk/state", "/desk/image/1/top", "/gradio_api/info", "/static/x", "/desk/static/desk.js"]
)
def test_without_login_nothing_is_served(door: Door, accounts: dict[str, desk_users.Account], path: str) -> None:
    assert through(door, path)[0] == 401
    assert through(door, "/")[:2][0] == 303
    good = cookie(accounts)
    forged = (
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        cookie(accounts, key="other"),
        cookie(accounts, now=1e9 - 99_999),
        f"{COOKIE}=ana|9999999999|",
        f"{COOKIE}=eve|9999999999|00",
        'a="\x80',
    )
    for one in forged:
        assert through(door, path, cookie=one)[0] == 401, one
    assert through(door, path, cookie=good)[::2] == (200, b"ana")


def test_another_password_ends_old_sessions(accounts: dict[str, desk_users.Account]) -> None:
    old = desk_users.Sessions(accounts, "key").start("ana", 1e9)
    assert desk_users.Sessions(accounts, "key").of(old, 1e9) == "ana"
    assert desk_users.Sessions({"ana": desk_users.account("another one")}, "key").of(old, 1e9) is None


def test_login_by_the_list_alone_and_not_by_trying(door: Door) -> None:
    def tried(name: str, password: str) -> int:
        return through(door, "/login", "POST", f"name={name}&password={password}".encode())[0]

    assert [tried("ana", "wrong"), tried("eve", "correct+horse"), tried("", "")] == [401, 401, 401]
    assert tried("ana", "correct+horse") == 303
    assert [tried("ana", f"wrong{number}") for number in range(6)] == [401] * 5 + [429]
    assert tried("ana", "correct+horse") == 429
    page = through(door, "/login", "POST", b"name=%3Cscript%3Ealert(1)%3C/script%3E&password=x")[2]
    assert b"<script>" not in page and b"&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("/desk/static/../review.py", None),
        ("/desk/static/../../etc/passwd", b"/desk/static/%2e%2e/%2e%2e/etc/passwd"),
        ("/desk/image/1/..\\top", None),
        ("/gradio_api/file=/etc/passwd", None),
        ("/gradio_api/file=users.json", None),
        ("/file=/etc/passwd", None),
        ("/gradio_api/upload", None),
        ("/gradio_api/proxy=http://example.com/", None),
        ("/gradio_api/component_server", None),
        ("/desk/static/x", b"/desk/static/..%2fx"),
    ],
)
def test_ways_up_and_files_are_closed_also_for_users(
    door: Door, accounts: dict[str, desk_users.Account], path: str, raw: bytes | None
) -> None:
    assert through(door, path, raw=raw, cookie=cookie(accounts))[0] == 404


def test_posts_from_elsewhere_are_refused_and_answers_may_load_nothing(
    door: Door, accounts: dict[str, desk_users.Account]
) -> None:
    same = {"cookie": cookie(accounts), "host": "desk:7860"}
    assert through(door, "/desk/events", "POST", origin="http://evil.example", **same)[0] == 403
    assert through(door, "/desk/events", "POST", content_length="99999999", **same)[0] == 413
    status, headers, _ = through(door, "/desk/events", "POST", origin="http://desk:7860", **same)
    assert status == 200 and "default-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize("name", ["", "<b>", "../x", "a|b", "a b", "x" * 65, "é"])
def test_names_of_users_are_plain(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="user: expected"):
        desk_users.add(tmp_path / "users.json", name, "long enough")


def test_the_list_keeps_no_password(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    desk_users.add(path, "ana", "correct horse", lead=True)
    desk_users.add(path, "ben", "another horse")
    assert "horse" not in path.read_text() and path.stat().st_mode & 0o077 == 0
    users = desk_users.read(path)
    assert users["ana"].fits("correct horse") and users["ana"].lead and not users["ben"].fits("correct horse")
    with pytest.raises(ValueError, match="8 letters"):
        desk_users.add(path, "cem", "short")
    path.write_text("[]")
    with pytest.raises(ValueError, match="list of users"):
        desk_users.read(path)


# ---- pictures


@pytest.mark.parametrize("item", ["../1", "1/../2", "", "x", "9" * 30, "-1", "٣", "1.0", "0x1"])
def test_pictures_by_id_alone(store: Store, item: str, tmp_path: Path) -> None:
    from jobs.desk_routes import picture

    held = content(store)
    log = EventLog(f"sqlite:///{tmp_path}/r.db")
    desk = Desk(log, held, Worklist("q", held.entries()))
    some = str(desk.work.entries[0].item)
    assert (
        picture(desk, item, "top") is None
        and picture(desk, some, "bytes") is None
        and picture(desk, some, "id") is None
    )
    found = picture(desk, some, "side")
    assert found is not None and found.startswith(b"\x89PNG")
    log.close()
