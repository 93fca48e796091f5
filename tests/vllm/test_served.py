"""`python -m jobs serve --recipe cpu` with real vLLM: asked by OpenAI's own client, by inspectors and by those who mean harm."""

import io
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
from openai import OpenAI
from PIL import Image

from beltline.language.eventlog import EventLog
from beltline.language.inspection import Inspection
from tests.hostile import INSIDE, data_url, sent, table
from tests.served import QUESTION, Server

pytestmark = [pytest.mark.vllm, pytest.mark.learning, pytest.mark.timeout(1800)]
SAID_AT_FIRST = 3


def client(served: Server) -> OpenAI:
    return OpenAI(base_url=f"{served.url}/v1", api_key=served.key, max_retries=0, timeout=120)


def chat(views: dict[str, bytes]) -> list[Any]:
    """Both views and the question, typed by tags as the model was taught."""
    said: list[Any] = []
    for view, data in views.items():
        said += [{"type": "text", "text": f"<{view}>"}, {"type": "image_url", "image_url": {"url": data_url(data)}}]
    return [{"role": "user", "content": [*said, {"type": "text", "text": f"<conclusion>{QUESTION}"}]}]


def inspect(served: Server, views: dict[str, bytes], **headers: str) -> httpx.Response:
    return httpx.post(f"{served.url}/v1/inspect", headers={**served.headers, **headers}, files=views, timeout=120)


def test_openais_client_gets_a_streamed_answer_on_two_images(served: Server) -> None:
    for bag in served.bags:
        stream = client(served).chat.completions.create(
            model="by-heart", messages=chat(bag.views), stream=True, temperature=0, max_tokens=400
        )
        words = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
        assert "".join(words) == bag.text and sum(map(bool, words)) > SAID_AT_FIRST
    whole = client(served).chat.completions.create(
        model="champion", messages=chat(served.bags[0].views), temperature=0, max_tokens=400
    )
    assert whole.choices[0].message.content == served.bags[0].text and whole.choices[0].finish_reason == "stop"
    assert {one.id for one in client(served).models.list()} >= {"by-heart", "champion"}


def test_an_inspection_finds_what_the_model_was_taught_where_it_was_taught(served: Server) -> None:
    for bag in served.bags:
        found = Inspection.model_validate_json(inspect(served, bag.views).raise_for_status().content)
        assert (found.text, found.state, found.verdict, found.version) == (
            bag.text,
            "whole",
            bag.verdict,
            "by-heart@1.0.0",
        )
        places = {
            item.category: {"top": tuple(item.top_xyxy or ()), "side": tuple(item.side_xyxy or ())}
            for item in found.items
        }
        assert places == bag.items
        sure = [(item.confidence_source, item.confidence) for item in found.items]
        assert all(source == "token probability" and (value or 0) > 0.5 for source, value in sure), sure
        assert 0 < (found.timings.first_token_s or 0) <= found.timings.total_s


def test_the_stream_of_an_inspection_is_its_words_and_then_itself(served: Server) -> None:
    bag = served.bags[1]
    events = [
        part.split("\n") for part in inspect(served, bag.views, Accept="text/event-stream").text.strip().split("\n\n")
    ]
    told = [(kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for kind, data in events]
    assert "".join(data["text"] for kind, data in told if kind == "delta") == bag.text
    assert told[-1][0] == "inspection" and told[-1][1]["verdict"] == bag.verdict


def test_a_bag_that_it_does_not_know_is_not_guessed_at(served: Server) -> None:
    noise = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (256, 320, 3), np.uint8)).save(noise, "PNG")
    found = inspect(served, {"top": noise.getvalue()}).raise_for_status().json()
    assert found["views"]["side"] is None and (found["verdict"] != "clear" or found["state"] == "whole")
    assert found["state"] == "whole" or found["problems"]


def test_a_correction_arrives_as_an_event(served: Server) -> None:
    made = inspect(served, served.bags[0].views).json()
    said = {"inspection": made["id"], "action": "edit", "items": made["items"][:1], "event": "from-the-test"}
    answers = [httpx.post(f"{served.url}/v1/feedback", headers=served.headers, json=said) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200]
    events = EventLog(f"sqlite:///{served.place / 'feedback.db'}").read("inspections")
    assert [(one.action, one.reviewer) for one in events if one.id == "from-the-test"] == [("edit", "tests")]


def test_hostile_requests_get_their_answer_and_memory_stays_flat(served: Server) -> None:
    out = io.BytesIO()
    Image.open(io.BytesIO(served.bags[0].views["top"])).save(out, "JPEG")
    asks = table(served.key, served.bags[0].views["top"], out.getvalue())
    grown = []
    for _ in range(2):
        wrong = []
        for one in asks:
            status, head, body = sent(served.url, one)
            if status not in one.status or [word for word in INSIDE if word in head + body]:
                wrong.append((one.name, status, body[:200]))
        assert wrong == []
        grown.append(memory(served))
    assert grown[1] - grown[0] < 64 << 20, grown
    assert inspect(served, served.bags[1].views).json()["verdict"] == "clear"


def memory(served: Server) -> int:
    """Bytes that the front and the proxy hold."""
    found = psutil.Process(served.process.pid).children(recursive=True)
    return sum(
        one.memory_info().rss for one in found if "front:Front" in one.name() or "Proxy" in " ".join(one.cmdline())
    )


def test_it_is_ready_and_counts(served: Server) -> None:
    assert httpx.get(f"{served.url}/readyz", timeout=30).json() == {"ready": True, "models": {"by-heart": True}}
    assert "beltline_requests_total" in httpx.get(f"{served.url}/metrics").text


def test_nothing_of_a_prompt_or_a_key_is_in_a_log(served: Server) -> None:
    secret = "zebra-crossing"
    client(served).chat.completions.create(
        model="by-heart", messages=[{"role": "user", "content": secret}], max_tokens=4
    )
    logs = (
        (served.place / "ray").rglob("*")
        if (served.place / "ray").exists()
        else Path("/tmp/ray").glob(f"session_*_{served.process.pid}/logs/**/*")
    )
    texts = [path.read_bytes() for path in [*logs, served.place / "serve.log"] if path.is_file()]
    assert texts and not [text for text in texts if secret.encode() in text or served.key.encode() in text]
