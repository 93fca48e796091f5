"""An OpenAI-compatible server of the tests, on loopback: its answer is a function of the request, and it fails on purpose.

    with Fire(faults=FAULTS, rate=0.1, seed=3) as fire:
        ...                                   # ask fire.url
    fire.requests, fire.most, fire.failed     # how many came, how many at once at most, and which faults they met

Which request fails, and how, follows from the seed, the request's body, and how often that body has come: a re-run meets the
same faults. As a process of its own: `python -m tests.fire --latency 0.4` prints its address; GET /figures tells the counts
since the last time.
"""

import argparse
import asyncio
import hashlib
import json
import threading
import time
from collections import Counter
from typing import Any

import numpy as np
from aiohttp import web

FAULTS = ("429", "500", "hang", "cut", "half", "schema")


class Fire:
    """The server, in a thread of its own while the context lasts."""

    def __init__(
        self,
        faults: tuple[str, ...] = (),
        rate: float = 0.1,
        seed: int = 1,
        latency_s: float = 0.0,
        key: str | None = None,
        model: str | None = None,
    ):
        self._faults, self._rate, self._seed = faults, rate, seed
        self._latency_s, self._key, self._model = latency_s, key, model
        self.requests, self.now, self.most = 0, 0, 0
        self._first = 0.0
        self.failed: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        """Captions that were given whole, by the request's body."""
        self._seen: Counter[str] = Counter()
        self.temperatures: dict[str, list[float]] = {}
        """By the text that was asked."""
        self.url = ""

    def __enter__(self) -> "Fire":
        self._loop, started = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self._thread.start()
        started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self.listen(0))
        started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def listen(self, port: int) -> web.AppRunner:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._completion)
        app.router.add_get("/figures", self._figures)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        return runner

    async def _figures(self, request: web.Request) -> web.Response:
        found = {"requests": self.requests, "most": self.most, "seconds": time.monotonic() - self._first}
        self.requests, self.most = 0, 0
        return web.json_response(found)

    async def _completion(self, request: web.Request) -> web.StreamResponse:
        for _ in range(3):  # connections that were closed before this one came are let go of first
            await asyncio.sleep(0)
        self._first = self._first if self.requests else time.monotonic()
        self.requests, self.now = self.requests + 1, self.now + 1
        self.most = max(self.most, self.now)
        try:
            return await self._given(request, await request.read())
        finally:
            self.now -= 1

    async def _given(self, request: web.Request, data: bytes) -> web.StreamResponse:
        if self._key and request.headers.get("Authorization") != f"Bearer {self._key}":
            return web.json_response({"error": "wrong key"}, status=401)
        body, name = json.loads(data), hashlib.sha256(data).hexdigest()
        if self._model and body["model"] != self._model:
            return web.json_response({"error": "no such model"}, status=404)
        self.temperatures.setdefault(text_of(body), []).append(body["temperature"])
        fault = self._fault(name)
        await asyncio.sleep(self._latency_s)
        if fault:
            self.failed[fault] += 1
            return await self._failing(request, fault, body)
        self.answered[name] += 1
        return web.json_response(completion(json.dumps(caption(body))))

    def _fault(self, name: str) -> str | None:
        self._seen[name] += 1
        draw = np.random.default_rng([self._seed, int(name[:15], 16), self._seen[name]]).random()
        number = int(draw / self._rate) if self._rate else len(self._faults)
        return self._faults[number] if number < len(self._faults) else None

    async def _failing(self, request: web.Request, fault: str, body: dict[str, Any]) -> web.StreamResponse:
        if fault == "429":
            return web.json_response({"error": "slow down"}, status=429, headers={"Retry-After": "0.02"})
        if fault in ("400", "500", "503"):
            return web.json_response({"error": "on purpose"}, status=int(fault))
        if fault == "hang":
            await asyncio.Event().wait()  # until the client goes away
        if fault == "cut":
            response = web.StreamResponse(headers={"Content-Length": "5000"})
            await response.prepare(request)
            await response.write(b'{"choices": [')
            assert request.transport is not None
            request.transport.abort()
            return response
        text = json.dumps(caption(body))
        if fault == "long":
            return web.json_response(completion(text[: len(text) // 2], "length"))
        if fault == "filter":
            return web.json_response(completion("", "content_filter"))
        if fault == "page":
            return web.Response(text="<html>welcome</html>", content_type="text/html")
        return web.json_response(completion(text[: len(text) // 2] if fault == "half" else '{"items": "none"}'))


def completion(content: str, finish_reason: str = "stop") -> dict[str, Any]:
    message = {"role": "assistant", "content": content, "reasoning_content": "First the top view."}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return {"choices": [choice], "usage": {"prompt_tokens": 100, "completion_tokens": len(content) // 4}}


def text_of(body: dict[str, Any]) -> str:
    """The text that the user is said to have written."""
    return str(body["messages"][1]["content"][-1]["text"])


def caption(body: dict[str, Any]) -> dict[str, Any]:
    """A caption of the facts that the request shows, in plain words: the same for the same request."""
    facts = json.JSONDecoder().raw_decode(text_of(body).split("Facts:\n")[1])[0]
    items = [_item(facts, item) for item in facts["items"]]
    whole = " ".join(f"There is {count} {category}." for category, count in facts["counts"].items()) or "Nothing."
    side = "The side view." if "side" in facts["views"] else None
    return {"top": "The top view.", "side": side, "items": items, "whole": whole}


def _item(facts: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    seen = {view: item.get(view) or {} for view in ("top", "side")}
    return {
        "item": item["item"],
        "category": item["category"],
        "colour": item.get("colour"),
        "quantity": min(facts["counts"][item["category"]], 10),
        "container": facts.get("container"),
        **{f"{view}_place": seen[view].get("place") for view in seen},
        **{f"{view}_box": seen[view].get("box") for view in seen},
        "text": f"A {item['category']}.",
    }


async def _alone(latency_s: float, port: int) -> None:
    fire = Fire(latency_s=latency_s)
    await fire.listen(port)
    print(fire.url, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.4, metavar="S")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    asyncio.run(_alone(given.latency, given.port))
