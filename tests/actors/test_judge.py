"""The judge: asked once for ever, asked again only for what is no ruling, and unsure in the end."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from actors.endpoint import Access, Endpoint, Unanswered
from actors.judge import CachedJudge, JudgedScreener, JudgeModel, ServerEngine
from beltline.cache import AnswerCache, calls
from beltline.language.asking import Reply
from beltline.language.captions import Caption
from beltline.language.judging import Question, Ruling
from beltline.library import paths_of
from beltline.scan import Row
from beltline.store import Store
from tests.made import described, scan

MODEL = JudgeModel(name="judge", revision="1")
QUESTION = Question(kind="pose", category="gun", top="it lies flat", side="it stands upright", facts="{}")
NOBODY = "http://127.0.0.1:9/v1"
GOOD = '{"verdict":"contradicts","why":"one pose"}'


class Engine:
    """Gives its answers in turn, and keeps what it was asked."""

    def __init__(self, *answers: str):
        self.answers, self.bodies = list(answers), []

    def __call__(self, body: dict[str, Any]) -> Reply:
        self.bodies.append(body)
        return Reply(text=self.answers.pop(0))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def judge(store: Store, engine: Any, model: JudgeModel = MODEL) -> CachedJudge:
    return CachedJudge(AnswerCache(store, "asked"), engine, model)


def test_a_ruling_is_asked_for_once(store: Store) -> None:
    engine = Engine(GOOD)
    assert judge(store, engine)(QUESTION).verdict == "contradicts"
    assert judge(store, Engine())(QUESTION).why == "one pose"  # from the cache: an engine without answers
    assert calls(store, "asked") == (1, 0)
    assert engine.bodies[0]["temperature"] == 0.0 and engine.bodies[0]["response_format"]["type"] == "json_schema"


def test_another_question_or_revision_is_asked(store: Store) -> None:
    other = Question(kind="pose", category="gun", top="it lies flat", side="it is tilted", facts="{}")
    for question, model in ((QUESTION, MODEL), (other, MODEL), (QUESTION, JudgeModel(name="judge", revision="2"))):
        assert judge(store, Engine(GOOD), model)(question).verdict == "contradicts"
    assert calls(store, "asked") == (3, 0)


def test_what_is_no_ruling_is_asked_again_hotter(store: Store) -> None:
    engine = Engine("I think so.", GOOD)
    assert judge(store, engine)(QUESTION).verdict == "contradicts"
    assert [body["temperature"] for body in engine.bodies] == [0.0, 0.3]
    assert judge(store, Engine())(QUESTION).verdict == "contradicts"


def test_no_ruling_at_all_is_unsure_and_stays_so(store: Store) -> None:
    first = judge(store, Engine("no", "no", "no"))(QUESTION)
    assert first.verdict == "unsure" and "3 answers" in first.why
    assert judge(store, Engine())(QUESTION) == first


@pytest.fixture
def server() -> Iterator[tuple[str, list[int]]]:
    """A server that fails first and answers then: its URL, and the statuses that it gave."""
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            statuses.append(200 if statuses else 500)
            found = {"choices": [{"message": {"content": GOOD}, "finish_reason": "stop"}]}
            data = json.dumps(found).encode()
            self.send_response(statuses[-1])
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None: ...

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/v1", statuses
    running.shutdown()
    running.server_close()


async def ruled(store: Store, access: Access) -> Ruling:
    endpoint = Endpoint(access)
    engine = ServerEngine(endpoint, asyncio.get_running_loop())
    try:
        return await asyncio.to_thread(judge(store, engine), QUESTION)
    finally:
        await endpoint.close()


def test_through_a_server_that_fails_first(store: Store, server: tuple[str, list[int]]) -> None:
    url, statuses = server
    ruling = asyncio.run(ruled(store, Access(url=url, pause_s=0.01)))
    assert ruling.verdict == "contradicts" and statuses == [500, 200]


def test_a_server_that_is_not_there_gives_no_ruling_and_stores_nothing(store: Store) -> None:
    with pytest.raises(Unanswered):
        asyncio.run(ruled(store, Access(url=NOBODY, pause_s=0.01, tries=2)))
    assert judge(store, Engine(GOOD))(QUESTION).verdict == "contradicts"


def screened(store: Store, url: str, rows: int = 6) -> list[Row]:
    """Captions in which the views' poses differ, as `screen --judge` finds them."""
    scans = [scan(number) for number in range(rows)]
    source, words = described(store, scans, edited=opposed)
    places = (store.uri, paths_of(words), paths_of(source), "asked", MODEL, Access(url=url, pause_s=0.01, tries=2))

    async def all_rows() -> list[Row]:
        screener = JudgedScreener(*places)
        try:
            return list(await asyncio.gather(*(screener({"id": made.id}) for made in scans)))
        finally:
            await screener.close()

    return asyncio.run(all_rows())


def opposed(caption: Caption) -> Caption:
    """One view says that the first item lies flat, the other that it stands."""
    name = caption.items[0].category
    says = {"top": f"{caption.top} The {name} lies flat.", "side": f"{caption.side} The {name} stands upright."}
    return caption.model_copy(update=says)


def test_a_judge_turns_what_the_facts_leave_open(store: Store, server: tuple[str, list[int]]) -> None:
    url, statuses = server
    rows = screened(store, url)
    assert all("pose" in row["screen_found"] for row in rows)
    asked = len(statuses)
    assert asked == 1 + len({question for question in calls_of(store)})
    assert screened(store, url) == rows and len(statuses) == asked, "a ruling is asked for once for ever"


def calls_of(store: Store) -> list[str]:
    return [key for path in store.list("asked", recursive=True) for key in store.read(path).decode().split()]


def test_a_row_without_a_ruling_is_rejected_and_said_so(store: Store) -> None:
    rows = screened(store, NOBODY, rows=2)
    assert [(row["status"], row["reason"]) for row in rows] == [("rejected", "screen/unanswered")] * 2
