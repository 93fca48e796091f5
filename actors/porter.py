"""The porter of a server: carries a request's body in, if its bearer has a key and the body is neither too large nor too slow, and
carries faults out as one sentence.

    app = Porter(app, keeper, tallies)            # an ASGI application around another

Order of looking: key, rate, declared size, then the body within its bounds and its time. What goes wrong inside leaves with a number
that the log has too; the log has the kind and the place of the fault, and nothing of a prompt, an answer or an image.
"""

import asyncio
import json
import logging
import time
import traceback
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from actors.doorkeeper import Doorkeeper
from beltline.serving import Refusal

log = logging.getLogger("beltline.serve")
OPEN = ("/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/examples", "/v1/categories")
BELOW = ("/static/", "/v1/examples/")
"""Asked without a key: the page, what it is made of, and what says how the server is."""
PATHS = (*OPEN, "/v1/models", "/v1/chat/completions", "/v1/inspect", "/v1/feedback")
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        b"font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
MAX_HEAD_BYTES = 16_384


class Tallies:
    """What Prometheus may know: numbers, and no names of anybody."""

    def __init__(self) -> None:
        self.registry = to = CollectorRegistry()
        times = (0.01, 0.05, 0.1, 0.3, 1, 3, 10, 30, 100)
        self.requests = Counter("beltline_requests", "Requests answered", ["path", "status"], registry=to)
        self.seconds = Histogram(
            "beltline_request_seconds", "Head of a request to end of its answer", ["path"], buckets=times, registry=to
        )
        self.inspections = Counter(
            "beltline_inspections", "Inspections made", ["model", "state", "verdict"], registry=to
        )
        self.first = Histogram("beltline_first_token_seconds", "Of an inspection", buckets=times, registry=to)
        self.corrections = Counter("beltline_corrections", "Corrections kept", ["action"], registry=to)
        self.in_flight = Gauge("beltline_in_flight", "Requests that the models have in hand", registry=to)
        self.waiting = Gauge("beltline_waiting", "Requests that wait for a place", registry=to)

    def watch(self, keeper: Doorkeeper) -> None:
        self.in_flight.set_function(lambda: keeper.in_flight)
        self.waiting.set_function(lambda: keeper.waiting)


class Porter:
    """An ASGI application around another; `scope["state"]["key"]` is who asks."""

    def __init__(self, app: ASGIApp, keeper: Doorkeeper, tallies: Tallies):
        self._app, self._keeper, self._tallies = app, keeper, tallies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._carry(scope, receive, _Answer(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1003})

    async def _carry(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        began, path = time.monotonic(), scope["path"]
        try:
            scope["state"] = {**scope.get("state", {}), "key": self._admitted(scope)}
            body = await asyncio.wait_for(
                _body(scope, receive, self._keeper.limits.body_bytes), self._keeper.limits.body_s
            )
            if body is not None:
                await self._app(scope, _replayed(body, receive), answer)
        except Refusal as refusal:
            await answer.refuse(refusal)
        except TimeoutError:
            await answer.refuse(
                Refusal(
                    408,
                    "body_too_slow",
                    f"expected the whole body within {self._keeper.limits.body_s:g} s, found less; send it faster",
                )
            )
        except Exception as fault:
            await answer.refuse(inside(fault))
        finally:
            name = path if path in PATHS else "other"
            self._tallies.requests.labels(name, str(answer.status or 499)).inc()
            self._tallies.seconds.labels(name).observe(time.monotonic() - began)

    def _admitted(self, scope: Scope) -> str | None:
        """The name of the key."""
        headers = scope["headers"]
        if sum(len(name) + len(value) for name, value in headers) > MAX_HEAD_BYTES:
            raise Refusal(431, "head_too_large", f"expected headers of at most {MAX_HEAD_BYTES:,} bytes, found more")
        if scope["path"] in OPEN or scope["path"].startswith(BELOW):
            return None
        given = [value.decode("latin-1") for name, value in headers if name == b"authorization"]
        return self._keeper.admit(given[0] if len(given) == 1 else None).name


def inside(fault: BaseException) -> Refusal:
    """What the outside hears of a fault of ours; the log hears where it was."""
    number = uuid.uuid4().hex[:12]
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(fault.__traceback__)]
    log.error("fault %s: %s at %s", number, type(fault).__name__, " < ".join(reversed(places[-6:])))
    return Refusal(500, "fault", f"the server failed at this request; its log has it as {number}")


class _Answer:
    """Sends an answer with our headers, and knows whether it has begun."""

    def __init__(self, send: Send):
        self._send = send
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = {name.lower() for name, _ in message["headers"]}
            message = {**message, "headers": [*message["headers"], *(one for one in HEADERS if one[0] not in given)]}
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        if self.status is not None:  # the answer has begun: it can only be cut off
            raise ConnectionAbortedError("the answer could not be finished") from None
        data = json.dumps(refusal.body()).encode()
        headers = {
            "content-type": "application/json",
            "content-length": str(len(data)),
            "connection": "close",
            **refusal.headers(),
        }
        await self({"type": "http.response.start", "status": refusal.status, "headers": _encoded(headers.items())})
        await self._send({"type": "http.response.body", "body": data})


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def _body(scope: Scope, receive: Receive, most: int) -> bytes | None:
    """The whole body; None where its sender went away.

    Raises:
        Refusal: it is larger than `most`, or says of itself that it is.
    """
    large = Refusal(413, "body_too_large", f"expected a body of at most {most:,} bytes, found more; send less")
    declared = [value for name, value in scope["headers"] if name == b"content-length"]
    if declared and (not declared[0].isdigit() or len(declared[0]) > 15 or int(declared[0]) > most):
        raise large
    parts, size = list[bytes](), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise large
        if not message.get("more_body", False):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Callable[[], Any]:
    """The body once more, then whatever comes."""
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
