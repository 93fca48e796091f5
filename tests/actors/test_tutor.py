"""The tutor against a real server: lessons that the facts settle are kept, others asked again and then refused, none asked twice."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.endpoint import Access
from actors.tutor import EndpointTutor
from beltline.language import questions, turns
from beltline.language.conversations import Conversation, conversation_id
from beltline.language.facts import facts_of
from beltline.language.families import QWEN3_VL
from beltline.language.lessons import About
from beltline.language.models import Model
from beltline.library import Library, paths_of
from beltline.scan import Row, Scan
from beltline.store import Store
from beltline.version import Manifest
from tests import fire
from tests.fire import Fire
from tests.made import scan, version_of

MODEL = Model(name="tested", revision="1", family=QWEN3_VL, max_image_px=QWEN3_VL.min_px, attempts=2)
CLOSED = {
    "dimension": "basic",
    "question": "What is white?",
    "options": ["air", "lead"],
    "reasoning": None,
    "answer": "A",
}


def dialogue(body: dict[str, Any]) -> dict[str, Any]:
    """A true dialogue about the first item of the facts that the request shows."""
    text = body["messages"][1]["content"][-1]["text"]
    item = json.JSONDecoder().raw_decode(text.split("description:\n")[1])[0]["items"][0]
    named = f"the {item['category']} <box>{item['top']['box']}</box>"
    said = {"dimension": "identity", "question": "What is it?", "options": None, "answer": item["category"]}
    return {"turns": [said | {"reasoning": f"In the top view one finds {named}."}, CLOSED]}


def invented(body: dict[str, Any]) -> dict[str, Any]:
    """The same with a box of nothing."""
    found = dialogue(body)
    found["turns"][0]["reasoning"] = "There is a gun <box>[1, 2, 3, 4]</box>."
    return found


@pytest.fixture
def bags(tmp_path: Path) -> tuple[Store, list[Scan], Manifest]:
    store, scans = Store(str(tmp_path)), [scan(number) for number in range(5)]
    return store, scans, version_of(store, scans, "bags")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fire]:
    monkeypatch.setattr(fire, "caption", dialogue)
    with Fire() as found:
        yield found


def run(store: Store, manifest: Manifest, server: Fire, kind: str, scans: list[Scan]) -> list[Row]:
    async def all_of_them() -> list[Row]:
        access = Access(url=server.url, in_flight=4, deadline_s=60.0, pause_s=0.01, longest_pause_s=0.05, tries=4)
        work = EndpointTutor(store.uri, paths_of(manifest), None, 1, "asked", MODEL, access)
        specs = [{"id": conversation_id(one.id, kind), "spec": spec(one.id, kind)} for one in scans]
        try:
            return await asyncio.gather(*(work(row) for row in specs))
        finally:
            await work.close()

    return asyncio.run(all_of_them())


def spec(key: int, kind: str) -> str:
    return json.dumps({"scan": key, "kind": kind, "index": 0})


def test_true_lessons_are_kept_and_asked_for_once(bags: tuple[Store, list[Scan], Manifest], server: Fire) -> None:
    store, scans, manifest = bags
    rows = run(store, manifest, server, "dialogue", scans)
    assert server.requests == len(scans)
    for one, row in zip(scans, rows, strict=True):
        conversation = Conversation.of(row)
        assert (conversation.scan, conversation.group, conversation.describer) == (one.id, one.group, "tested@1")
        assert [box.xyxy for box in conversation.boxes] == [facts_of(one).items[0].top.box]
    assert run(store, manifest, server, "dialogue", scans) == rows
    assert server.requests == len(scans), "what is answered is not asked again"


def test_what_the_facts_do_not_settle_is_asked_again_hotter_and_then_refused(
    bags: tuple[Store, list[Scan], Manifest], server: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fire, "caption", invented)
    store, scans, manifest = bags
    rows = run(store, manifest, server, "dialogue", scans)
    assert server.requests == MODEL.attempts * len(scans)
    heats = sorted(heat for each in server.temperatures.values() for heat in each)
    assert heats == [0.0] * len(scans) + [0.3] * len(scans)
    for one, row in zip(scans, rows, strict=True):
        assert (row["status"], row["reason"], row["scan"], row["group"]) == (
            "rejected",
            "lesson/box",
            one.id,
            one.group,
        )


def test_turns_that_need_no_model_ask_nobody(bags: tuple[Store, list[Scan], Manifest], server: Fire) -> None:
    store, scans, manifest = bags
    rows = run(store, manifest, server, "localisation", scans)
    assert server.requests == 0
    library = Library(store, paths_of(manifest))
    for one, row in zip(scans, rows, strict=True):
        about = About(scan=one.id, scan_content=library.row(one.id)["content"], group=one.group)
        assert Conversation.of(row) == turns.compose_localisation(facts_of(one), 1, about)
        assert questions.compose(facts_of(one), 1, about).kind == "dialogue"


def test_a_scan_of_one_view_is_refused_a_chain_and_nobody_is_asked(tmp_path: Path, server: Fire) -> None:
    store, single = Store(str(tmp_path)), scan(1, sides=False)
    (row,) = run(store, version_of(store, [single], "bags"), server, "gsxray", [single])
    assert (row["status"], row["reason"]) == ("rejected", "conversation/one-view") and server.requests == 0
