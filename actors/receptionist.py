"""The receptionist: what a server answers, path by path. Ray Serve or uvicorn runs the application that it gives.

desk = Receptionist(voice, serving, page=Path("jobs/page"))
app = desk.app()            # GET / and /static/..., /v1/models, /v1/chat/completions, /v1/inspect, /v1/feedback, /healthz, ...
desk.change(serving)        # other keys, limits, aliases; nothing in hand is disturbed
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from actors.doorkeeper import Doorkeeper
from actors.inspector import Inspector, Voice, event
from actors.openapi import PAPERS, described
from actors.porter import Porter, Tallies
from actors.reader import form, parsed, refused
from actors.showcase import Showcase
from actors.waiter import Waiter
from beltline.chats import ChatRequest, check_words, engine_body
from beltline.language.inspection import Inspection
from beltline.language.inspectionlog import Feedback, InspectionLog
from beltline.serving import Refusal, Served, Serving
from beltline.uploads import Upload

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
END: Final = "data: [DONE]\n\n"
"""Of OpenAI's streams."""
READY_S: Final = 5.0
"""How long a word of a model shows that it answers."""


class Receptionist:
    """State of one replica of the front."""

    def __init__(self, voice: Voice, serving: Serving, page: Path | None = None):
        self.voice, self.serving, self.tallies = voice, serving, Tallies()
        self.keeper = Doorkeeper(serving)
        self.tallies.watch(self.keeper)
        self._waiter = Waiter(self.keeper)
        self.inspector = Inspector(voice, serving)
        self.showcase = Showcase(serving, page)
        self._log: InspectionLog | None = None
        self._heard: dict[str, float] = {}
        self._probe = asyncio.Lock()

    def change(self, serving: Serving) -> None:
        """Another configuration, for the requests from now on."""
        if serving.feedback != self.serving.feedback:
            self._log = None
        self.serving = self.showcase.serving = serving
        self.keeper.change(serving)
        self.inspector = Inspector(self.voice, serving)

    def app(self) -> ASGIApp:
        routes = described(
            FastAPI(title="Beltline", version="1", docs_url=None, redoc_url=None, redirect_slashes=False)
        )
        ways: list[tuple[str, str, Callable[..., Awaitable[Any]]]] = [
            ("GET", "/", self.showcase.index),
            ("GET", "/static/{name}", self.showcase.static),
            ("GET", "/v1/examples", self.showcase.examples),
            ("GET", "/v1/examples/{bag}/{file}", self.showcase.picture),
            ("GET", "/v1/categories", self.showcase.categories),
            ("GET", "/v1/models", self.models),
            ("POST", "/v1/chat/completions", self.chat),
            ("POST", "/v1/inspect", self.inspect),
            ("POST", "/v1/feedback", self.feedback),
            ("GET", "/healthz", self.healthz),
            ("GET", "/readyz", self.readyz),
            ("GET", "/metrics", self.metrics),
        ]
        for method, path, does in ways:
            routes.add_api_route(path, does, methods=[method], response_model=None, **PAPERS.get(path, {}))
        for kind in (Refusal, HTTPException, RequestValidationError, Exception):
            routes.add_exception_handler(kind, refused)
        return Porter(routes, self.keeper, self.tallies)

    async def chat(self, request: Request) -> Response:
        """Chat with one or two images, as OpenAI's clients ask it; streamed where they say so."""
        asked = await parsed(ChatRequest, request)
        served, model = await self._model(asked.model)
        body = await asyncio.to_thread(engine_body, asked, model, self.serving.limits, served.view_px)

        def told(chunks: AsyncIterator[T]) -> Callable[[float], AsyncGenerator[T, None]]:
            return lambda _: self._noting(served.name, chunks)

        if asked.stream:
            return await self._waiter.streamed(told(self.voice.events(body)), request, str, _broken_chunk, END)
        return JSONResponse(await self._waiter.whole(told(self.voice.chat(body)), request))

    async def _noting(self, name: str, chunks: AsyncIterator[T]) -> AsyncGenerator[T, None]:
        """What a model says, noting that it answers."""
        async for chunk in chunks:
            self._heard[name] = time.monotonic()
            yield chunk

    async def inspect(self, request: Request) -> Response:
        """A bag's views in, what the model found out: JSON, or a stream of words with the JSON last."""
        views, question, name = await form(request, self.serving)
        served, model = await self._model(name)

        async def told(queued_s: float) -> AsyncGenerator[str | Inspection, None]:
            async for word in self.inspector.inspect(served, model, views, question, queued_s):
                self._heard[served.name] = time.monotonic()
                if isinstance(word, Inspection):
                    await self._keep(word, views)
                yield word

        if "text/event-stream" in request.headers.get("accept", ""):
            return await self._waiter.streamed(told, request, _event, _broken_event, "")
        last = await self._waiter.whole(told, request)
        assert isinstance(last, Inspection)
        return Response(last.model_dump_json(), media_type="application/json")

    async def feedback(self, request: Request) -> Response:
        """An inspector's correction becomes an event of language/review.py."""
        said = await parsed(Feedback, request)
        check_words([said.reason or "", *(one.category for one in said.items)], self.serving.limits)
        kept = self._kept_log()
        if kept is None:
            raise Refusal(
                404,
                "no_feedback",
                "expected a server that keeps corrections, found one that does not: set `feedback` in its configuration",
            )
        try:
            event, new = await asyncio.to_thread(kept.correct, said, request.scope["state"]["key"])
        except LookupError:
            raise Refusal(
                404, "no_such_inspection", "expected the id of an inspection made here, found another"
            ) from None
        except ValueError:
            raise Refusal(
                409, "event_differs", "expected an event of one content, found another under the same id; make a new id"
            ) from None
        if new:
            self.tallies.corrections.labels(event.action).inc()
        return JSONResponse({"event": event.id, "stored": True}, 201 if new else 200)

    async def models(self) -> Response:
        """Every name that a client may ask for: models, their adapters, aliases."""
        found = list(self.serving.aliases)
        for one in self.serving.models:
            adapters = await self.voice.adapters(one) if one.adapters else []
            found += [one.name, *(f"{one.name}:{adapter}" for adapter in adapters)]
        return JSONResponse({"object": "list", "data": [self._card(name) for name in found]})

    async def healthz(self) -> Response:
        """This process is alive."""
        return JSONResponse({"alive": True})

    async def readyz(self) -> Response:
        """Every model has said a word just now, or says one when it is asked."""
        async with self._probe:
            found = {one.name: await self._answers(one) for one in self.serving.models}
        ready = all(found.values())
        return JSONResponse(
            {"ready": ready, "models": found}, 200 if ready else 503, None if ready else {"Retry-After": "5"}
        )

    async def metrics(self) -> Response:
        """For Prometheus; of this replica."""
        return Response(generate_latest(self.tallies.registry), media_type=CONTENT_TYPE_LATEST)

    async def _model(self, name: str | None) -> tuple[Served, str]:
        """The model of a name, and the engine's name for it.

        Raises:
            Refusal: there is none such.
        """
        found = self.serving.resolve(name)
        adapter = found[1].partition(":")[2] if found else ""
        if found is None or (adapter and adapter not in await self.voice.adapters(found[0])):
            raise Refusal(404, "no_such_model", "model: expected one of /v1/models, found another")
        return found

    async def _keep(self, made: Inspection, views: Mapping[str, Upload]) -> None:
        self.tallies.inspections.labels(made.model, made.state, made.verdict).inc()
        if made.timings.first_token_s is not None:
            self.tallies.first.observe(made.timings.first_token_s)
        kept = self._kept_log()
        if kept is not None:
            await asyncio.to_thread(kept.keep, made, [view.sha256 for view in views.values()])

    def _kept_log(self) -> InspectionLog | None:
        if self._log is None and self.serving.feedback:
            self._log = InspectionLog(self.serving.feedback)
        return self._log

    async def _answers(self, served: Served) -> bool:
        if time.monotonic() - self._heard.get(served.name, -READY_S) < READY_S:
            return True
        word = {
            "model": served.name,
            "messages": [{"role": "user", "content": "a"}],
            "max_tokens": 1,
            "temperature": 0.0,
            "stream": False,
        }
        try:
            async with asyncio.timeout(2 * READY_S):
                async for _ in self.voice.chat(word):
                    self._heard[served.name] = time.monotonic()
        except Exception:
            return False
        return True

    def _card(self, name: str) -> dict[str, Any]:
        served, model = self.serving.resolve(name) or (self.serving.models[0], name)
        version = served.version if ":" not in model else None
        return {"id": name, "object": "model", "created": 0, "owned_by": "beltline", "root": model, "version": version}


def _broken_chunk(refusal: Refusal) -> str:
    return event(refusal.body())


def _event(told: str | Inspection) -> str:
    if isinstance(told, Inspection):
        return f"event: inspection\ndata: {told.model_dump_json()}\n\n"
    return f"event: delta\ndata: {json.dumps({'text': told})}\n\n"


def _broken_event(refusal: Refusal) -> str:
    return f"event: error\ndata: {json.dumps({'code': refusal.code, 'message': refusal.message})}\n\n"
