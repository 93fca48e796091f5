"""A server whose model is a stand-in: the real front on a real socket, and words that a test chooses. Up within a second.

with reception(place, voice) as desk:
    desk.url, desk.key, desk.receptionist
"""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from actors.inspector import Voice
from actors.receptionist import Receptionist
from beltline.serving import Served, Serving, new_key, read

MODEL = "by-heart"


@dataclass
class StandIn(Voice):
    """A voice that says what it is told to say, seven letters a chunk; `gate` holds it back until it is set."""

    text: str = "hello"
    fault: Exception | None = None
    after: int = 0
    """Words before the fault."""
    gate: threading.Event | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    ended: int = 0
    """Answers that were finished or broken off."""

    async def chat(self, body: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        self.asked.append(dict(body))
        try:
            words = [self.text[i : i + 7] for i in range(0, len(self.text), 7)] or [""]
            while self.gate is not None and not self.gate.is_set():
                await asyncio.sleep(0.005)
            for number, word in enumerate(words):
                if self.fault is not None and number >= self.after:
                    raise self.fault
                if not body["stream"]:
                    break
                yield _chunk(body["model"], word)
            if not body["stream"]:
                yield {"id": "c", "object": "chat.completion", "model": body["model"], "created": 0,
                       "choices": [{"index": 0, "message": {"role": "assistant", "content": self.text}, "finish_reason": "stop"}],
                       "usage": {"prompt_tokens": 1, "completion_tokens": len(words), "total_tokens": 1 + len(words)}}  # fmt: skip
        finally:
            self.ended += 1

    async def adapters(self, model: Served) -> list[str]:
        return ["late"] if model.adapters else []


def _chunk(model: str, word: str) -> dict[str, Any]:
    choice = {
        "index": 0,
        "delta": {"role": "assistant", "content": word},
        "logprobs": {"content": [{"token": word, "logprob": -0.1}]},
        "finish_reason": None,
    }
    return {"id": "c", "object": "chat.completion.chunk", "model": model, "created": 0, "choices": [choice]}


@dataclass
class Desk:
    """A server that is up."""

    url: str
    key: str
    receptionist: Receptionist
    serving: Serving

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@contextmanager
def reception(place: Path, voice: Voice, page: Path | None = None, **more: Any) -> Iterator[Desk]:
    """The front with a voice; `more` is its configuration."""
    secret, key = new_key("tests", per_minute=1_000_000)
    found = {
        "models": [{"name": MODEL, "source": "/nowhere"}],
        "keys": [key.model_dump(mode="json")],
        "feedback": f"sqlite:///{place / 'feedback.db'}",
        "limits": {"body_s": 2},
        **more,
    }
    receptionist = Receptionist(voice, serving := read(found), page)
    server = uvicorn.Server(uvicorn.Config(receptionist.app(), log_level="critical", lifespan="off", ws="none"))
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([line],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield Desk(f"http://127.0.0.1:{line.getsockname()[1]}", secret, receptionist, serving)
        finally:
            server.should_exit = True
            thread.join()
