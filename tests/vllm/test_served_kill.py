"""A model's replica is killed while it has requests: they get a clear error, nobody hangs, and the next ones are answered when it is back."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psutil
import pytest

from tests.served import START_S, Server
from tests.vllm.test_served import chat, inspect

pytestmark = [pytest.mark.vllm, pytest.mark.learning, pytest.mark.exhaustive, pytest.mark.timeout(1800)]
HELD, BACK_S = 8, START_S
REPLICA, ENGINE = "ray::ServeReplica:model-", "VLLM::EngineCore"


def process_of(served: Server, name: str) -> psutil.Process:
    """The model's process of a name."""
    every = psutil.Process(served.process.pid).children(recursive=True)
    return next(one for one in every if " ".join(one.cmdline()).startswith(name))


def long_one(served: Server, number: int) -> tuple[int, str, dict[str, str]]:
    """Status, text and headers of a long answer, every second one streamed."""
    body = {"model": "by-heart", "messages": chat(served.bags[number % 2].views), "max_tokens": 400, "temperature": 0}
    body |= {"stream": number % 2 == 0}
    with httpx.stream(
        "POST", f"{served.url}/v1/chat/completions", headers=served.headers, json=body, timeout=300
    ) as answer:
        return answer.status_code, answer.read().decode(), dict(answer.headers)


def in_flight(served: Server) -> int:
    lines = httpx.get(f"{served.url}/metrics", timeout=30).text.splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("beltline_in_flight "))))


def well_told(found: tuple[int, str, dict[str, str]]) -> bool:
    """A whole answer; or a fault of the model's that says to send it again or when; or a stream that says what broke it off."""
    status, text, headers = found
    if status == 200:
        return "server failed" not in text
    if status == 502:
        return "send it again" in text and '"code"' in text
    return status == 503 and "retry-after" in headers and '"code"' in text


def again(served: Server) -> Any:
    """The first inspection that is answered again; whoever asks meanwhile is told when to come again."""
    started = time.monotonic()
    while (answer := inspect(served, served.bags[1].views)).status_code != 200:
        assert answer.status_code == 503 and "retry-after" in answer.headers, answer.text
        assert time.monotonic() - started < BACK_S, answer.text
        time.sleep(0.5)  # a model that starts says nothing
    return answer.json()


@pytest.mark.parametrize("name", [REPLICA, ENGINE])
def test_only_what_it_had_in_hand_fails_and_says_why(served: Server, name: str) -> None:
    with ThreadPoolExecutor(HELD) as pool:
        asked = [pool.submit(long_one, served, number) for number in range(HELD)]
        while in_flight(served) < HELD:
            assert not all(one.done() for one in asked), "all were answered before the replica could be killed"
        os.kill(process_of(served, name).pid, signal.SIGKILL)
        told = [one.result() for one in asked]
    assert all(map(well_told, told)), [one for one in told if not well_told(one)]
    assert any(status == 503 or '"error"' in text for status, text, _ in told), "none of them was lost"
    assert again(served)["verdict"] == served.bags[1].verdict
    assert [long_one(served, number)[0] for number in range(2)] == [200, 200]
