"""The routes that the desk's canvas speaks with. All but the pictures and our scripts speak JSON, and say nothing without a session (desk_door.py).

    GET  /desk/state                who, what, how far, which words there are
    POST /desk/next                 {"want": 2, "but": [ids], "category": ..., "below": ..., "batch": ...} -> items, leased
    GET  /desk/item/ID              an item, to look at
    POST /desk/find                 the next or previous item that fits, by order
    POST /desk/events               [event, ...] -> {"stored": [ids], "refused": {id: why}}
    POST /desk/undo                 {"id": ...} -> the item that is open again
    POST /desk/release              {"items": [ids]}
    GET  /desk/image/ID/VIEW        a picture
    GET  /desk/static/FILE          our scripts, by a list of names

What a route does is one function of the desk, the user and what was sent; SENT lists those that are posted to.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beltline.language.worklist import Wanted
from beltline.pixels import mime_of
from jobs.desk_door import USER
from jobs.desk_service import Desk, Said, User
from jobs.desk_words import told

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

HERE = Path(__file__).parent / "desk"
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
FRESH = {"cache-control": "no-store"}
SAME = {"cache-control": "private, max-age=86400, immutable"}
UserOf = Callable[[str], User]


def following(desk: Desk, user: User, said: Said) -> Said:
    items = desk.give(user, wanted(said), int(said.get("want", 2)), ids(said, "but"))
    return {"items": items, **counts(desk)}


def find(desk: Desk, user: User, said: Said) -> Said | None:
    return desk.find(user, wanted(said), said.get("after"), bool(said.get("back")))


def events(desk: Desk, user: User, said: Any) -> Said:
    stored, refused = desk.keep(user, said)
    return {"stored": stored, "refused": refused, **counts(desk)}


def undo(desk: Desk, user: User, said: Said) -> Said:
    return {"item": desk.undo(user, str(said["id"])[:64]), **counts(desk)}


def release(desk: Desk, user: User, said: Said) -> None:
    desk.release(user, ids(said, "items"))


SENT: Mapping[str, Callable[[Desk, User, Any], Any]] = {
    "next": following,
    "find": find,
    "events": events,
    "undo": undo,
    "release": release,
}
"""What is posted to /desk/NAME."""


def routes(app: "FastAPI", desk: Desk, user_of: UserOf) -> None:
    """Puts all of them into an application."""
    from fastapi import Request, Response

    async def done(does: Callable[..., Any], request: Request, *said: Any) -> Response:
        return await answered(lambda: does(desk, user_of(request.scope[USER]), *said))

    @app.get("/desk/state")
    async def state(request: Request) -> Response:
        return await done(told, request)

    @app.get("/desk/item/{item}")
    async def item(request: Request, item: str) -> Response:
        return await done(lambda desk, user: desk.look(user, int(item)), request)

    @app.post("/desk/{name}")
    async def sent(request: Request, name: str) -> Response:
        return await done(SENT[name], request, await body(request)) if name in SENT else missing("route")

    _files(app, desk)


async def body(request: "Request") -> Any:
    """What was sent; None, which no route takes, where it is no JSON."""
    try:
        return await request.json()
    except ValueError:
        return None


async def answered(work: Callable[[], Any]) -> "Response":
    """Work in a thread; what is wrong with a request is told to who sent it."""
    from fastapi.responses import JSONResponse

    try:
        return JSONResponse(await asyncio.to_thread(work), headers=FRESH)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        return JSONResponse({"error": str(error)[:300]}, 404 if isinstance(error, KeyError) else 400)


def missing(what: str) -> "Response":
    from fastapi import Response

    return Response(f"there is no such {what}", 404)


def _files(app: "FastAPI", desk: Desk) -> None:
    """Pictures of the queue by their item, and what the page is made of."""
    from fastapi import Response

    known = {path.name: path for path in HERE.iterdir() if path.suffix in KINDS}

    @app.get("/desk/image/{item}/{view}")
    async def image(item: str, view: str) -> Response:
        found = await asyncio.to_thread(picture, desk, item, view)
        return Response(found, media_type=mime_of(found), headers=SAME) if found else missing("picture")

    @app.get("/desk/static/{name}")
    async def static(name: str) -> Response:
        if name not in known:
            return missing("file")
        kind = KINDS[known[name].suffix]
        return Response(known[name].read_bytes(), media_type=kind, headers={"cache-control": "no-cache"})


def picture(desk: Desk, item: str, view: str) -> bytes | None:
    """A picture of an item of the queue; None for everything else that may be asked."""
    if (
        not item.isascii()
        or not item.removeprefix("-").isdigit()
        or len(item) > 20
        or int(item) not in desk.work.position
    ):
        return None
    return desk.content.image(int(item), view)


def wanted(said: Said) -> Wanted:
    """What a page asks for."""
    below, batch = said.get("below"), said.get("batch")
    return Wanted(
        category=said.get("category") or None,
        below=None if below in (None, "") else float(below),
        batch=None if batch in (None, "") else int(batch),
        status=said.get("status") or None,
    )


def ids(said: Said, name: str) -> list[int]:
    return [int(one) for one in said.get(name) or ()][:1000]


def counts(desk: Desk) -> Said:
    return {"counts": desk.work.counts()}
