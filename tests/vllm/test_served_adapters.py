"""LoRA adapters of a served model: Serve loads them from S3 when they are asked for, and an alias moves between them under load."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.served import ADAPTERS, Server

pytestmark = [pytest.mark.vllm, pytest.mark.learning, pytest.mark.timeout(1800)]
CLIENTS, TAKEN_OVER_S = 4, 600.0
WORDS = [{"role": "user", "content": "What is in this bag?"}]


@dataclass
class Heard:
    """What clients got, in the order in which they asked."""

    answers: list[tuple[int, int, str]] = field(default_factory=list)
    """Number of the request, status, words."""


def ask(served: Server, model: str) -> httpx.Response:
    body = {"model": model, "messages": WORDS, "max_tokens": 8, "temperature": 0}
    return httpx.post(f"{served.url}/v1/chat/completions", headers=served.headers, json=body, timeout=180)


def words(answer: httpx.Response) -> str:
    return str(answer.json()["choices"][0]["message"]["content"]) if answer.status_code == 200 else answer.text


@contextmanager
def clients(served: Server, model: str) -> Iterator[Heard]:
    """Some who keep asking, each again as soon as it has its answer."""
    heard, ended, numbers = Heard(), threading.Event(), iter(range(1_000_000))

    def client() -> None:
        while not ended.is_set():
            number = next(numbers)
            answer = ask(served, model)
            heard.answers.append((number, answer.status_code, words(answer)))

    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(client) for _ in range(CLIENTS)]
        try:
            yield heard
        finally:
            ended.set()
    for one in running:
        one.result()


def change(served: Server, **aliases: str) -> None:
    """Write other aliases into the server's file."""
    found: dict[str, Any] = json.loads(served.config.read_text())
    found["aliases"] |= aliases
    served.config.write_text(json.dumps(found))


def until(heard: Heard, text: str, many: int) -> None:
    """Wait until an answer has been given so often."""
    started = time.monotonic()
    while sum(one[2] == text for one in heard.answers) < many:
        assert time.monotonic() - started < TAKEN_OVER_S, heard.answers[-3:]
        time.sleep(0.05)  # the file is looked at now and then; there is no event to wait for


def test_adapters_lie_on_s3_are_listed_and_each_says_something_else(served: Server) -> None:
    listed = httpx.get(f"{served.url}/v1/models", headers=served.headers).json()["data"]
    names = [f"by-heart:{name}" for name in ADAPTERS]
    assert {*names, "belt"} <= {one["id"] for one in listed}
    said = {name: words(ask(served, name)) for name in ("by-heart", *names)}
    assert len(set(said.values())) == len(said)
    assert words(ask(served, "belt")) == said["by-heart:red"], "the same again, and by its alias"
    assert words(ask(served, "by-heart")) == said["by-heart"], "and the model itself is as it was"


def test_an_adapter_that_is_not_there_is_told_so(served: Server) -> None:
    answer = ask(served, "by-heart:green")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_model")


def test_an_alias_moves_to_another_adapter_under_load_and_no_request_is_lost(served: Server) -> None:
    red, blue = (words(ask(served, f"by-heart:{name}")) for name in ADAPTERS)
    with clients(served, "belt") as heard:
        until(heard, red, 2 * CLIENTS)
        change(served, belt="by-heart:blue")
        until(heard, blue, 2 * CLIENTS)
        change(served, belt="by-heart:red")
        until(heard, red, len([one for one in heard.answers if one[2] == red]) + 2 * CLIENTS)
    assert {(status, said) for _, status, said in heard.answers} == {(200, red), (200, blue)}
