"""The door of the desk: nobody passes without a session, nothing passes that the page does not need.

An ASGI layer around the whole application, so that a new route is closed until somebody opens it. Cookies are for this site alone,
posts from elsewhere are refused, the page may load nothing from outside (no network, and no use for a script that slipped in).
"""

import html
import time
import urllib.parse
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import SimpleCookie
from typing import Any

from jobs.desk_users import NOBODY, Sessions

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]
COOKIE = "beltline_desk"
USER = "beltline.user"
TRIES, TRIES_S = 5, 60.0
"""Wrong passwords for a name before it has to wait, and for how long."""
MOST = 30_000_000
"""Bytes of a request: a hundred events with texts of the greatest length."""
CLOSED = (
    "file",
    "upload",
    "proxy",
    "stream",
    "component_server",
    "custom_component",
    "deep_link",
    "vibe",
    "mcp",
    "monitoring",
    "docs",
    "redoc",
    "openapi.json",
    "dev",
)
"""First words of Gradio's own routes that this page has no use for."""
HEADERS = {
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'self'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Beltline: review desk</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body{{font:16px/1.5 system-ui,sans-serif;background:#14181d;color:#e8edf2;display:grid;place-items:center;min-height:95vh;margin:0}}
form{{background:#1f262e;padding:2rem 2.5rem;border-radius:8px;width:18rem}}h1{{font-size:1.15rem;margin:0 0 1rem}}
label{{display:block;margin:.7rem 0 .2rem}}input,button{{font:inherit;width:100%;box-sizing:border-box;padding:.45rem .6rem;
border-radius:5px;border:1px solid #59687a;background:#14181d;color:inherit}}button{{margin-top:1.3rem;background:#1d5fbf;
border-color:#1d5fbf;color:#fff;cursor:pointer}}p{{color:#ffb3a7;margin:.8rem 0 0}}</style></head>
<body><main><form method="post" action="/login"><h1>Beltline: review desk</h1>
<label for="name">Name</label><input id="name" name="name" autocomplete="username" autofocus required value="{name}">
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Log in</button>{says}</form></main></body></html>"""


class Door:
    """Around an application: `scope[USER]` is who came in."""

    def __init__(self, inner: Application, sessions: Sessions, clock: Callable[[], float] = time.time):
        self._inner, self._sessions, self._clock = inner, sessions, clock
        self._wrong: dict[str, list[float]] = {}

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await self._inner(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 4403})
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path, user = str(scope["path"]), self._sessions.of(cookie_of(headers), self._clock())
        if elsewhere(scope, headers):
            return await answer(send, 403, "posts from other sites are refused")
        if not headers.get("content-length", "0").isdigit() or int(headers.get("content-length", "0")) > MOST:
            return await answer(send, 413, "that is more than anybody has to say at once")
        if path == "/login":
            return await self._login(scope, headers, receive, send)
        if path == "/logout":
            return await self._away(send, "/login", f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict")
        if user is None:
            wants_page = scope["method"] == "GET" and path == "/"
            return await (self._away(send, "/login") if wants_page else answer(send, 401, "log in first"))
        if closed(scope):
            return await answer(send, 404, "there is nothing here")
        scope[USER] = user
        await self._inner(scope, receive, guarded(send))

    async def _login(self, scope: Scope, headers: dict[str, str], receive: Any, send: Any) -> None:
        if scope["method"] != "POST":
            return await answer(send, 200, PAGE.format(name="", says=""), "text/html; charset=utf-8")
        said = urllib.parse.parse_qs((await body_of(receive)).decode("utf-8", "replace"))
        name, password = (said.get(key, [""])[0][:200] for key in ("name", "password"))
        if self._too_often(name):
            return await self._again(send, 429, name, "Too many tries: wait a minute.")
        if not self._sessions.users.get(name, NOBODY).fits(password):
            self._wrong.setdefault(name, []).append(self._clock())
            return await self._again(send, 401, name, "Name and password do not fit.")
        self._wrong.pop(name, None)
        cookie = f"{COOKIE}={self._sessions.start(name, self._clock())}; Path=/; HttpOnly; SameSite=Strict"
        await self._away(send, "/", cookie)

    def _too_often(self, name: str) -> bool:
        """Forgets old tries, and old names with them."""
        now = self._clock()
        self._wrong = {
            key: kept for key, tries in self._wrong.items() if (kept := [at for at in tries if now - at < TRIES_S])
        }
        return len(self._wrong.get(name, ())) >= TRIES

    async def _again(self, send: Any, status: int, name: str, says: str) -> None:
        page = PAGE.format(name=html.escape(name), says=f'<p role="alert">{html.escape(says)}</p>')
        await answer(send, status, page, "text/html; charset=utf-8")

    async def _away(self, send: Any, where: str, cookie: str | None = None) -> None:
        more = {"location": where, "cache-control": "no-store"} | ({"set-cookie": cookie} if cookie else {})
        await answer(send, 303, "", more=more)


def cookie_of(headers: MutableMapping[str, str]) -> str | None:
    found = SimpleCookie()
    try:
        found.load(headers.get("cookie", ""))
    except Exception:  # whatever a client sends as a cookie: it is none of ours
        return None
    return found[COOKIE].value if COOKIE in found else None


def elsewhere(scope: Scope, headers: MutableMapping[str, str]) -> bool:
    """A post that another site's page sends: browsers name its origin."""
    origin = headers.get("origin")
    return (
        scope["method"] not in ("GET", "HEAD") and origin is not None and origin.split("://")[-1] != headers.get("host")
    )


def closed(scope: Scope) -> bool:
    """Ways up, and Gradio's routes for files and the like, whatever they are mounted under."""
    words = [word for word in str(scope["path"]).split("/") if word]
    raw = (scope.get("raw_path") or b"").lower()
    first = words[1] if words[:1] == ["gradio_api"] and len(words) > 1 else (words or [""])[0]
    return (
        ".." in words
        or b"%2e" in raw
        or b"%2f" in raw
        or b"%5c" in raw
        or "\\" in scope["path"]
        or first.split("=")[0] in CLOSED
    )


async def body_of(receive: Any, most: int = 10_000) -> bytes:
    body = b""
    while len(body) <= most:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body[:most]


async def answer(
    send: Any, status: int, text: str, kind: str = "text/plain; charset=utf-8", more: dict[str, str] | None = None
) -> None:
    headers = {
        "content-type": kind,
        "content-length": str(len(text.encode())),
        "cache-control": "no-store",
        **(more or {}),
    }
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in {**HEADERS, **headers}.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": text.encode()})


def guarded(send: Any) -> Any:
    """The same with our headers on every answer."""

    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            known = {name for name, _ in message["headers"]}
            new = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in known]
            message = {**message, "headers": [*message["headers"], *new]}
        await send(message)

    return sent
