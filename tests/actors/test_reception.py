"""The front on a real socket with a stand-in for the model: what it answers, what it refuses, and that nothing of the inside gets out."""

import asyncio
import base64
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from openai import APIError, APIStatusError, OpenAI
from PIL import Image

from actors.doorkeeper import Doorkeeper
from beltline.language.eventlog import EventLog
from beltline.language.inspection import Inspection
from beltline.serving import Refusal, read
from tests.hostile import INSIDE, Hostile, data_url, sent, table
from tests.standin import MODEL, Desk, StandIn, reception

TEXT = (
    "<top>A gun <box>[100,200,300,400]</box>.</top>\n<side>A gun <box>[100,500,300,700]</box>.</side>\n"
    "<conclusion>One gun.</conclusion>\n<answer>gun</answer>"
)


def image(kind: str = "PNG", seed: int = 0, size: tuple[int, int] = (96, 64), mode: str = "RGB") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, kind)
    return out.getvalue()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    page = tmp_path_factory.mktemp("page")
    (page / "index.html").write_text("<!doctype html><title>bags</title>")
    (page / "secret.py").write_text("secret")
    with reception(tmp_path_factory.mktemp("desk"), StandIn(TEXT), page, aliases={"champion": MODEL}) as up:
        yield up


def inspect(desk: Desk, **more: Any) -> httpx.Response:
    files = {"top": ("a.png", image(seed=1)), "side": ("b.jpg", image("JPEG", seed=2, size=(40, 80)))}
    return httpx.post(f"{desk.url}/v1/inspect", headers=desk.headers | more.pop("headers", {}), files=files, **more)


def test_an_inspection_in_pixels_of_what_was_uploaded(desk: Desk) -> None:
    found = Inspection.model_validate_json(inspect(desk).raise_for_status().content)
    assert (found.state, found.verdict, found.model, found.text) == ("whole", "threat", MODEL, TEXT)
    (gun,) = found.items
    assert (gun.top_xyxy, gun.side_xyxy) == ([9.6, 12.8, 28.8, 25.6], [4, 40, 12, 56])
    assert (
        gun.confidence == pytest.approx(0.9048, abs=1e-4)
        and found.timings.total_s >= (found.timings.first_token_s or 0) > 0
    )


def test_the_model_sees_the_views_typed_and_is_asked_greedily(desk: Desk) -> None:
    inspect(desk, data={"question": " Any gun? "})
    asked = desk.receptionist.voice.asked[-1]  # type: ignore[attr-defined]
    parts = asked["messages"][0]["content"]
    assert [part.get("text") for part in parts] == ["<top>", None, "<side>", None, "<conclusion>Any gun?"]
    assert parts[1]["image_url"]["url"] == data_url(image(seed=1)) and asked["temperature"] == 0


def test_a_stream_is_the_words_then_the_same_inspection(desk: Desk) -> None:
    answer = inspect(desk, headers={"Accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [part.split("\n") for part in answer.text.strip().split("\n\n")]
    told = [(event.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for event, data in events]
    assert [kind for kind, _ in told] == ["delta"] * (len(told) - 1) + ["inspection"]
    assert "".join(data["text"] for _, data in told[:-1]) == told[-1][1]["text"] == TEXT
    plain = inspect(desk).json()
    assert {**told[-1][1], "id": 0, "timings": 0} == {**plain, "id": 0, "timings": 0}


def test_openais_client_is_answered_whole_and_streamed(desk: Desk) -> None:
    client = OpenAI(base_url=f"{desk.url}/v1", api_key=desk.key, max_retries=0)
    said: Any = [
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": data_url(image())}}, {"type": "text", "text": "?"}],
        }
    ]
    assert client.chat.completions.create(model="champion", messages=said).choices[0].message.content == TEXT
    stream = client.chat.completions.create(
        model=MODEL, messages=said, stream=True, stream_options={"include_usage": True}
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == TEXT
    assert {one.id for one in client.models.list()} == {MODEL, "champion"}


def test_grey_wide_and_transparent_images_go_on_as_plain_ones(desk: Desk) -> None:
    for mode in ("L", "RGBA", "P", "I;16"):
        plain = (
            Image.fromarray(np.full((20, 30), 40_000, np.uint16))
            if mode == "I;16"
            else Image.open(io.BytesIO(image(mode="L"))).convert(mode)
        )
        out = io.BytesIO()
        plain.save(out, "PNG")
        httpx.post(f"{desk.url}/v1/inspect", headers=desk.headers, files={"top": out.getvalue()}).raise_for_status()
        url = desk.receptionist.voice.asked[-1]["messages"][0]["content"][1]["image_url"]["url"]  # type: ignore[attr-defined]
        assert Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).mode == "RGB"


def test_corrections_become_events_and_each_is_stored_once(desk: Desk, tmp_path: Path) -> None:
    made = inspect(desk).json()
    right = [{**made["items"][0], "category": "scissors"}]
    said = {"inspection": made["id"], "action": "edit", "items": right, "reason": "no gun", "event": "event-0001"}

    def send(**more: Any) -> httpx.Response:
        return httpx.post(f"{desk.url}/v1/feedback", headers=desk.headers, json={**said, **more})

    assert [(send().status_code, send().json()) for _ in range(1)] == [(201, {"event": "event-0001", "stored": True})]
    assert send().status_code == 200
    assert send(reason="other").status_code == 409
    assert send(inspection="f" * 32, event="event-0002").status_code == 404
    events = [one for one in EventLog(str(desk.serving.feedback)).read("inspections") if one.id == "event-0001"]
    assert [(one.action, one.reviewer, one.reason, one.round) for one in events] == [("edit", "tests", "no gun", 1)]
    assert json.loads(events[0].before or "")["items"] == made["items"]
    assert json.loads(events[0].after or "")["items"] == right
    again = inspect(desk).json()
    httpx.post(
        f"{desk.url}/v1/feedback",
        headers=desk.headers,
        json={"inspection": again["id"], "action": "accept", "event": "event-0003"},
    )
    other = next(one for one in EventLog(str(desk.serving.feedback)).read("inspections") if one.id == "event-0003")
    assert (other.item, other.digest) == (events[0].item, events[0].digest)  # the same bag, and the same was said of it


NAMES = [one.name for one in table("KEY", image(), image("JPEG"))]


@pytest.fixture(scope="module")
def hostile(desk: Desk) -> dict[str, Hostile]:
    return {one.name: one for one in table(desk.key, image(size=(200, 150)), image("JPEG"), MODEL)}


@pytest.mark.parametrize("name", NAMES)
def test_hostile_requests_get_their_answer_and_nothing_of_the_inside(
    desk: Desk, hostile: dict[str, Hostile], name: str
) -> None:
    one = hostile[name]
    status, head, body = sent(desk.url, one)
    assert status in one.status, (status, body[:300])
    assert not [word for word in INSIDE if word in head + body], body
    if status and one.code:
        error = json.loads(body)["error"]
        assert (error["code"], set(error)) == (one.code, {"message", "type", "param", "code"})
    assert b"access-control-allow" not in head.lower()


def test_there_are_at_least_sixty_hostile_requests_of_different_names() -> None:
    assert len(NAMES) == len(set(NAMES)) >= 60


def test_what_is_served_of_the_page_is_the_page(desk: Desk) -> None:
    page = httpx.get(f"{desk.url}/")
    assert page.status_code == 200 and "bags" in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert httpx.get(f"{desk.url}/static/secret.py").status_code == 404
    examples = httpx.get(f"{desk.url}/v1/examples").json()
    assert Image.open(io.BytesIO(httpx.get(f"{desk.url}{examples[0]['top']}").content)).format == "PNG"


def test_one_more_than_fits_is_told_to_come_again_and_all_others_are_answered(tmp_path: Path) -> None:
    voice = StandIn(TEXT, gate=threading.Event())
    with reception(tmp_path, voice, limits={"in_flight": 2, "queued": 3}) as desk:

        async def ask_all() -> list[httpx.Response]:
            async with httpx.AsyncClient(timeout=60) as client:
                post = {"url": f"{desk.url}/v1/inspect", "headers": desk.headers, "files": {"top": image()}}
                asks = [asyncio.create_task(client.post(**post)) for _ in range(9)]
                while sum(ask.done() for ask in asks) < 4:
                    await asyncio.sleep(0.01)
                assert voice.gate is not None
                voice.gate.set()
                return list(await asyncio.gather(*asks))

        answers = asyncio.run(ask_all())
        refused = [one for one in answers if one.status_code == 503]
        assert sorted(one.status_code for one in answers) == [200] * 5 + [503] * 4
        assert all(int(one.headers["retry-after"]) >= 1 and one.json()["error"]["code"] == "busy" for one in refused)
        emptied(desk.receptionist.keeper)
        assert inspect(desk).status_code == 200


def emptied(keeper: Doorkeeper) -> None:
    """All places are given back: a moment after the last byte, or never, and then the test's own timeout says so."""
    waited = threading.Event()
    while keeper.in_flight or keeper.waiting:
        assert not waited.wait(0.01)


@pytest.mark.timeout(120)
def test_whoever_leaves_gives_the_place_back(tmp_path: Path) -> None:
    voice = StandIn(TEXT, gate=threading.Event())
    with reception(tmp_path, voice, limits={"in_flight": 1, "queued": 1, "deadline_s": 3600, "queue_s": 3600}) as desk:
        for accept in ("application/json", "text/event-stream"):
            with pytest.raises(httpx.ReadTimeout):
                inspect(desk, headers={"Accept": accept}, timeout=0.5)
        keeper = desk.receptionist.keeper
        emptied(keeper)
        voice.gate.set()  # type: ignore[union-attr]
        assert inspect(desk).status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (RuntimeError("secret words of the inside"), 500, "fault"),
        (
            Refusal(503, "model_gone", "the model's process ended while it had this request; send it again", 1.0),
            503,
            "model_gone",
        ),
    ],
)
def test_a_fault_of_the_model_is_one_sentence(
    tmp_path: Path, fault: Exception, status: int, code: str, caplog: Any
) -> None:
    voice = StandIn(TEXT, fault=fault)
    with reception(tmp_path, voice) as desk:
        answer = inspect(desk)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        voice.after = 2
        assert inspect(desk).status_code == status
        streamed = inspect(desk, headers={"Accept": "text/event-stream"})
        last = streamed.text.strip().split("\n\n")[-1].split("\n")
        assert (streamed.status_code, last[0], json.loads(last[1].removeprefix("data: "))["code"]) == (
            200,
            "event: error",
            code,
        )
        client = OpenAI(base_url=f"{desk.url}/v1", api_key=desk.key, max_retries=0)
        with pytest.raises(APIError) as told:
            for _ in client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": "a"}], stream=True
            ):
                pass
        everything = answer.text + streamed.text + str(told.value) + caplog.text
        assert "secret words" not in everything
        emptied(desk.receptionist.keeper)


def test_an_answer_that_comes_too_late_is_given_up(tmp_path: Path) -> None:
    voice = StandIn(TEXT, gate=threading.Event())
    with reception(tmp_path, voice, limits={"deadline_s": 0.3}) as desk:
        answer = inspect(desk)
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "too_late")
        emptied(desk.receptionist.keeper)
        assert voice.ended == 1


def test_a_key_that_asks_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    with reception(tmp_path, StandIn()) as desk:
        slow = read(
            {**desk.serving.model_dump(mode="json"), "keys": [{**desk.serving.keys[0].model_dump(), "per_minute": 12}]}
        )
        desk.receptionist.change(slow)
        answers = [httpx.get(f"{desk.url}/v1/models", headers=desk.headers) for _ in range(4)]
        assert [one.status_code for one in answers[:2]] == [200, 200]
        assert answers[-1].status_code == 429 and int(answers[-1].headers["retry-after"]) >= 1
        desk.receptionist.change(desk.serving)
        assert httpx.get(f"{desk.url}/v1/models", headers=desk.headers).status_code == 200


def test_an_alias_moves_without_a_restart_and_adapters_are_known_by_name(tmp_path: Path) -> None:
    models = [{"name": "old", "source": "/a"}, {"name": "new", "source": "/b", "adapters": "s3://b/adapters"}]
    voice = StandIn(TEXT)
    with reception(tmp_path, voice, models=models, aliases={"champion": "old"}, default="champion") as desk:
        client = OpenAI(base_url=f"{desk.url}/v1", api_key=desk.key, max_retries=0)
        assert {one.id for one in client.models.list()} == {"old", "new", "new:late", "champion"}
        for target in ("old", "new:late", "new"):
            desk.receptionist.change(read({**desk.serving.model_dump(mode="json"), "aliases": {"champion": target}}))
            inspect(desk).raise_for_status()
            assert voice.asked[-1]["model"] == target
        with pytest.raises(APIStatusError) as told:
            client.chat.completions.create(model="old:late", messages=[{"role": "user", "content": "a"}])
        assert told.value.status_code == 404


def test_it_is_ready_when_its_model_answers(tmp_path: Path) -> None:
    voice = StandIn(fault=RuntimeError("gone"))
    with reception(tmp_path, voice) as desk:
        assert httpx.get(f"{desk.url}/healthz").status_code == 200
        assert (httpx.get(f"{desk.url}/readyz").status_code, httpx.get(f"{desk.url}/readyz").json()) == (
            503,
            {"ready": False, "models": {MODEL: False}},
        )
        voice.fault = None
        assert httpx.get(f"{desk.url}/readyz").status_code == 200


def test_prometheus_counts_and_names_nobody(desk: Desk) -> None:
    inspect(desk)
    found = httpx.get(f"{desk.url}/metrics").text
    assert 'beltline_requests_total{path="/v1/inspect",status="200"}' in found
    assert f'beltline_inspections_total{{model="{MODEL}",state="whole",verdict="threat"}}' in found
    assert "tests" not in found and desk.key not in found
