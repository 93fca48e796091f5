"""The endpoint engine against a real server that fails on purpose: every row ends, none twice, never more at once than agreed."""

import asyncio
import email.utils
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from actors.endpoint import Access, Endpoint, EndpointCaptioner, Gone, WrongDoor, _retry_after
from actors.rowwise import AsyncRowWise
from beltline.cache import FOLDER, calls
from beltline.language import captions
from beltline.language.facts import Facts
from beltline.language.families import QWEN3_VL, QWEN25_VL
from beltline.language.models import Model
from beltline.library import paths_of
from beltline.scan import SCHEMA, Row, Scan
from beltline.store import Store
from beltline.verdict import BadRow
from tests.fire import FAULTS, Fire
from tests.made import GUN, KNIFE, scan, version_of

MODEL = Model(name="tested", revision="1", family=QWEN3_VL, max_image_px=QWEN3_VL.min_px, attempts=4)
QUICK: dict[str, Any] = {"deadline_s": 60.0, "pause_s": 0.01, "longest_pause_s": 0.05, "tries": 8}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def rows(count: int) -> list[Row]:
    """Rows of different scans, as they come out of parquet."""
    guns = [replace(GUN, top_xyxy=(5 + k % 50, 30, 90 + k % 7, 70), side_xyxy=None) for k in range(count)]
    made = [scan(k, (gun, KNIFE)).row() for k, gun in enumerate(guns)]
    return pa.Table.from_pylist(made, schema=SCHEMA).to_pylist()


def run(store: Store, fire: Fire, given: list[Row], model: Model = MODEL, in_flight: int = 8, **more: Any) -> list[Row]:
    """All rows at once, through one actor."""

    async def all_of_them() -> list[Row]:
        access = Access(url=fire.url, in_flight=in_flight, **QUICK | more)
        work = EndpointCaptioner(store.uri, "asked", model, access)
        try:
            return await asyncio.gather(*(work(row) for row in given))
        finally:
            await work.close()

    return asyncio.run(all_of_them())


def ask(fire: Fire, body: dict[str, Any], times: int = 1, **more: Any) -> list[Any]:
    """A body asked so many times at once."""

    async def again() -> None: ...

    async def asked() -> list[Any]:
        endpoint = Endpoint(Access(url=fire.url, **QUICK | more))
        data = json.dumps(body).encode()
        found = await asyncio.gather(*(endpoint.ask(data, (k,), again) for k in range(times)), return_exceptions=True)
        await endpoint.close()
        return found

    return asyncio.run(asked())


BODY = {
    "model": "tested",
    "temperature": 0.0,
    "messages": [
        {"role": "system", "content": "x"},
        {"role": "user", "content": [{"type": "text", "text": 'Facts:\n{"views": [], "items": [], "counts": {}}'}]},
    ],
}


def test_no_rows_no_request(store: Store) -> None:
    with Fire() as fire:
        assert run(store, fire, []) == [] and fire.requests == 0
    assert store.list("", recursive=True) == []


def test_a_row_is_captioned_and_says_by_whom(store: Store) -> None:
    with Fire() as fire:
        (row,) = run(store, fire, rows(1))
    caption = captions.read(row["caption"])
    facts = Facts.of(row["facts"])
    assert [item.category for item in caption.items] == [item.category for item in facts.items]
    assert [item.top_box for item in caption.items] == [item.top.box for item in facts.items]
    assert (row["describer"], row["thinking"], row["raw"]) == ("tested@1", "First the top view.", None)
    assert row["prompt"].startswith("hierarchical-caption@") and "status" not in row


def test_under_fire_every_row_ends_once_with_a_reason_and_the_bound_holds(store: Store) -> None:
    given = rows(100)
    with Fire(faults=FAULTS, seed=5) as fire:
        ended = run(store, fire, given, deadline_s=2.5)
        assert all(fire.failed[fault] >= 5 for fault in FAULTS), fire.failed
        assert fire.most == 8, "as many as agreed, and never more"
        assert max(fire.answered.values()) == 1, "no answer is paid for twice"
        first = fire.requests
        assert run(store, fire, given) == ended and fire.requests == first, "an answered question is asked no more"
    kept = [row for row in ended if row["caption"]]
    assert len(ended) == 100 and len(kept) == sum(fire.answered.values()) >= 90
    for row in ended:
        if row["caption"] is None:
            assert row["status"] == "rejected" and row["reason"] in ("caption/not-json", "caption/schema")
            assert row["raw"] and row["detail"] and row["facts"]
    asked, again = calls(store, "asked")
    assert (asked, again) == (first, sum(fire.failed[fault] for fault in ("429", "500", "hang", "cut")))


def test_what_is_no_caption_is_asked_for_hotter_and_then_rejected_with_the_raw_answer(store: Store) -> None:
    with Fire(faults=("half",), rate=1.0) as fire:
        (row,) = run(store, fire, rows(1))
        assert list(fire.temperatures.values()) == [[0.0, 0.3, 0.6, 0.9]]
    assert (row["status"], row["reason"], row["caption"]) == ("rejected", "caption/not-json", None)
    assert row["raw"].startswith('{"top": "The top view."') and row["thinking"] == "First the top view."


@pytest.mark.parametrize(
    ("fault", "reason", "requests"),
    [
        ("long", "caption/cut-off", 4),
        ("filter", "caption/filtered", 4),
        ("schema", "caption/schema", 4),
        ("400", "caption/refused", 1),
    ],
)
def test_a_failure_that_would_come_again_is_an_answer(store: Store, fault: str, reason: str, requests: int) -> None:
    with Fire(faults=(fault,), rate=1.0) as fire:
        for _ in range(2):
            (row,) = run(store, fire, rows(1))
            assert (row["status"], row["reason"]) == ("rejected", reason) and row["detail"] and row["facts"]
        assert fire.requests == requests, "the second run finds the failure in the cache"


@pytest.mark.parametrize("fault", ["429", "500", "503", "hang", "cut", "page"])
def test_a_failure_that_may_pass_is_never_taken_for_an_answer(store: Store, fault: str) -> None:
    with Fire(faults=(fault,), rate=1.0) as fire:
        (row,) = run(store, fire, rows(1), tries=3, deadline_s=0.5 if fault == "hang" else 60.0)
        assert (row["status"], row["reason"], row["raw"]) == ("rejected", "caption/unanswered", None)
        assert fire.requests == 3 and store.list(FOLDER, recursive=True) == []
        assert calls(store, "asked") == (3, 2)
    with Fire() as fire:
        assert run(store, fire, rows(1))[0]["caption"]


def test_no_server_at_all(store: Store) -> None:
    with Fire() as fire:
        pass
    (row,) = run(store, fire, rows(1), tries=2)
    assert row["reason"] == "caption/unanswered" and "ClientConnector" in row["detail"]


def test_a_server_that_is_gone_stops_the_job_and_one_that_stumbles_does_not(store: Store) -> None:
    with Fire(faults=("503",), rate=1.0) as fire, pytest.raises(Gone, match="3 rows in a row"):
        run(store, fire, rows(9), tries=1, lost_after=3, in_flight=1)
    with Fire(faults=("503",), rate=0.5) as fire:
        ended = run(store, fire, rows(40), tries=1, lost_after=15, in_flight=1)
    unanswered = sum(row["caption"] is None for row in ended)
    assert unanswered >= 15 and unanswered == fire.failed["503"], "more than the limit, but never in a row"


@pytest.mark.parametrize(("server", "access"), [({"key": "s3cret"}, {}), ({"key": "s3cret"}, {"key": "wrong"}), ({"model": "other"}, {})])  # fmt: skip
def test_a_wrong_key_or_model_stops_the_job_and_rejects_nothing(store: Store, server: dict, access: dict) -> None:
    with Fire(**server) as fire, pytest.raises(WrongDoor, match=r"status 40[14]") as caught:
        run(store, fire, rows(1), **access)
    assert "s3cret" not in str(caught.value) and store.list(FOLDER, recursive=True) == []


def test_the_key_is_sent_and_not_shown(store: Store) -> None:
    with Fire(key="s3cret") as fire:
        assert run(store, fire, rows(1), key="s3cret")[0]["caption"]
    shown = repr(Access(url="http://user:s3cret@host/v1", key="s3cret"))
    assert "s3cret" not in shown


def test_the_same_question_at_the_same_time_is_asked_once(store: Store) -> None:
    with Fire(latency_s=0.05) as fire:
        one, two, other = run(store, fire, [*rows(1), *rows(1), rows(2)[1]])
        assert fire.requests == 2
    assert one == two != other


def test_pixels_and_thousandths_give_the_same_caption_up_to_a_pixel(store: Store) -> None:
    pixels = replace(MODEL, family=QWEN25_VL, max_image_px=28 * 28 * 200)
    with Fire() as fire:
        (one,), (two,) = (run(store, fire, rows(1), model) for model in (MODEL, pixels))
    for a, b in zip(captions.read(one["caption"]).items, captions.read(two["caption"]).items, strict=True):
        assert np.abs(np.subtract(a.top_box, b.top_box)).max() <= 500 / 112 + 1


def test_scans_of_a_version_are_fetched_by_id(store: Store) -> None:
    given = rows(2)
    source = version_of(store, [Scan.of(row) for row in given])

    async def fetched(fire: Fire) -> Row:
        work = EndpointCaptioner(store.uri, "asked", MODEL, Access(url=fire.url), paths_of(source))
        try:
            return await work({"id": given[1]["id"]})
        finally:
            await work.close()

    with Fire() as fire:
        row = asyncio.run(fetched(fire))
        (same,) = run(store, fire, given[1:])
    assert len(row.pop("scan_content")) == 64 and row == same


def test_many_at_once_never_more_than_the_bound() -> None:
    with Fire(latency_s=0.01) as fire:
        found = ask(fire, BODY, times=60, in_flight=5)
        assert fire.most == 5 and fire.requests == 60
    assert all(reply.finish_reason == "stop" for reply in found)


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [(None, None, None), ("7", 7, 7), ("0.5", 0.5, 0.5), ("-3", 0, 0), ("soon", None, None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0)],
)  # fmt: skip
def test_retry_after_is_read(header: str | None, low: float | None, high: float | None) -> None:
    found = _retry_after(header)
    assert found is None if low is None else low <= found <= high
    later = email.utils.formatdate(time.time() + 100, usegmt=True)
    assert 90 < _retry_after(later) <= 100


def test_pauses_double_up_to_the_longest_differ_by_row_and_obey_the_server() -> None:
    endpoint = Endpoint(Access(url="", pause_s=1, longest_pause_s=8))
    one, same, other = (np.random.default_rng([row, 0]) for row in (1, 1, 2))
    pauses = [endpoint._pause(number, None, one) for number in range(6)]
    assert pauses == [endpoint._pause(number, None, same) for number in range(6)]
    assert pauses != [endpoint._pause(number, None, other) for number in range(6)]
    for pause, middle in zip(pauses, (1, 2, 4, 8, 8, 8), strict=True):
        assert middle / 2 <= pause <= middle * 1.5
    assert 5 <= endpoint._pause(0, 5.0, one) <= 5.2 and endpoint._pause(0, 500.0, one) <= 8.2


class Waiting:
    """A row is done when all rows of its blocks have begun."""

    def __init__(self, wait_for: int):
        self._wait_for, self._begun, self._all = wait_for, 0, asyncio.Event()

    async def __call__(self, row: Row) -> Row:
        self._begun += 1
        if self._begun == self._wait_for:
            self._all.set()
        await self._all.wait()
        if row["id"] == 99:
            raise BadRow("caption/not-json", "as planned")
        return {"caption": 1 // row["id"]}


FIELDS = pa.schema([("id", pa.int64()), ("caption", pa.int64()), ("status", pa.string()), ("reason", pa.string())])


def blocks(*ids: list[int], make: Callable[..., Any] = Waiting) -> list[list[Row]]:
    async def through() -> list[pa.Table]:
        work = AsyncRowWise(make, {"wait_for": sum(len(block) for block in ids)}, FIELDS)
        tables = [pa.Table.from_pylist([{"id": key} for key in block], schema=FIELDS) for block in ids]
        waiting: list[Awaitable[pa.Table]] = [work(table) for table in tables]
        return await asyncio.gather(*waiting)

    return [table.to_pylist() for table in asyncio.run(through())]


def test_rows_of_overlapping_blocks_wait_together_and_come_back_in_their_places() -> None:
    assert blocks([]) == [[]]
    first, second = blocks([1, 99, 2], [1, 3])
    assert [row["id"] for row in first] == [1, 99, 2] and [row["id"] for row in second] == [1, 3]
    assert [row["status"] for row in first] == [None, "rejected", None] and first[1]["reason"] == "caption/not-json"


def test_a_fault_of_ours_names_its_row() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        blocks([1, 0])
    assert "id 0" in caught.value.__notes__[0]
