"""What an engine hands over becomes events of the front: nothing of an answer is lost, its end is ours, and a fault is never passed on."""

import asyncio
import json
from typing import Any

import pytest
from ray.exceptions import RayTaskError

from beltline.serving import Refusal
from jobs import serve_app

END = "data: [DONE]\n\n"
FAULT = {"error": {"message": "ValueError: prompt 'zebra' at /srv/vllm.py", "type": "x", "code": 500}}


def piece(words: str) -> str:
    return f"data: {json.dumps({'id': 'c', 'choices': [{'index': 0, 'delta': {'content': words}}]})}\n\n"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([], []),
        ([END], []),
        ([piece("a"), piece("b"), END], ["a", "b"]),
        (piece("a"), ["a"]),
        ([piece('an "error" in the bag')], ['an "error" in the bag']),
        ([piece("data: [DONE]")], ["data: [DONE]"]),
    ],
)
def test_every_word_goes_on_and_the_engines_end_does_not(said: Any, words: list[str]) -> None:
    lines = serve_app._events(said).split("\n\n")
    assert lines.pop() == ""
    told = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert [one["choices"][0]["delta"]["content"] for one in told] == words


@pytest.mark.parametrize(("code", "status"), [(400, 400), (500, 502)])
def test_a_fault_among_the_pieces_is_a_refusal_without_the_engines_words(code: int, status: int) -> None:
    fault = {"error": {**FAULT["error"], "code": code}}
    with pytest.raises(Refusal) as told:
        serve_app._events([piece("a"), f"data: {json.dumps(fault)}\n\n"])
    assert told.value.status == status and "zebra" not in told.value.message


class Answer:
    """A response of Serve's that no replica has taken, or one has."""

    def __init__(self, takes_s: float):
        self.takes_s = takes_s

    async def _to_object_ref_gen(self) -> None:
        await asyncio.sleep(self.takes_s)


def test_a_request_that_no_replica_takes_is_told_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve_app, "TAKEN_S", 0.01)
    asyncio.run(serve_app._taken(Answer(0)))
    with pytest.raises(Refusal) as told:
        asyncio.run(serve_app._taken(Answer(60)))
    assert (told.value.status, told.value.code, told.value.headers()) == (503, "model_away", {"Retry-After": "5"})


class EngineDeadError(Exception):
    """Named as vLLM's."""


class EngineGenerateError(Exception):
    """Named as vLLM's."""


@pytest.mark.parametrize(
    ("fault", "status", "code"), [(EngineDeadError, 503, "model_gone"), (EngineGenerateError, 502, "model_failed")]
)
def test_a_fault_of_the_engine_through_rays_wrapper_says_to_send_it_again(
    fault: type[Exception], status: int, code: str
) -> None:
    told = serve_app._said_of(RayTaskError("chat", "at /srv/vllm.py", fault("zebra")).as_instanceof_cause())
    assert (told.status, told.code) == (status, code)
    assert "again" in told.message and "zebra" not in told.message


def test_a_fault_of_our_own_goes_on_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        serve_app._said_of(ZeroDivisionError())
