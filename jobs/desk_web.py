"""The desk as a web application: a Gradio page around a canvas of our own, and the routes that the canvas speaks with.

    GET  /                          the page
    GET  /desk/state                who, what, how far, which words there are
    POST /desk/next                 {"want": 2, "but": [ids], "category": ..., "below": ..., "batch": ...} -> items, leased
    GET  /desk/item/ID              an item, to look at
    POST /desk/find                 the next or previous item that fits, by order
    POST /desk/events               [event, ...] -> {"stored": [ids], "refused": {id: why}}
    POST /desk/undo                 {"id": ...} -> the item that is open again
    POST /desk/release              {"items": [ids]}
    GET  /desk/image/ID/VIEW        a picture
    GET  /desk/static/FILE          our scripts, by a list of names

Gradio and its server are imported here only, inside functions, so that other verbs start without them.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beltline.labels import CATEGORIES, COLOURS, CONTAINERS, PLACES
from beltline.language.figures import figures
from beltline.language.worklist import Wanted
from jobs.desk_door import USER, Door
from jobs.desk_service import Desk, Said, User
from jobs.desk_users import Sessions

if TYPE_CHECKING:
    from fastapi import FastAPI
    from gradio import Blocks

HERE = Path(__file__).parent / "desk"
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
REASONS = {
    "captions": (
        "wrong item",
        "missing item",
        "wrong place",
        "wrong attribute",
        "views contradict",
        "language",
        "picture unusable",
        "other",
    ),
    "scans": (
        "wrong category",
        "missing box",
        "loose box",
        "too many boxes",
        "views swapped",
        "duplicate",
        "picture unusable",
        "other",
    ),
    "questions": (
        "wrong answer",
        "two right answers",
        "no right answer",
        "guessable",
        "unclear",
        "wrong evidence",
        "picture unusable",
        "other",
    ),
}
"""What the digits stand for after R."""
QUANTITIES = (*map(str, range(1, 11)), "many", "multiple")


def application(desk: Desk, sessions: Sessions) -> Door:
    """Everything behind the door."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio
    from fastapi import FastAPI

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _routes(app, desk, lambda name: User(name, sessions.users[name].lead))
    _files(app, desk)
    mounted = gradio.mount_gradio_app(
        app,
        page(desk, lambda name: User(name, sessions.users[name].lead)),
        "",
        auth_dependency=lambda request: request.scope.get(USER),
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        theme=gradio.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        css=(HERE / "page.css").read_text(encoding="utf-8"),
    )
    return Door(mounted, sessions)


def page(desk: Desk, user_of: Callable[[str], User]) -> "Blocks":
    """The Gradio page: the desk, and the figures for leads."""
    import gradio

    def told(request: gradio.Request) -> str:
        return (
            figures(desk.work, desk.content.boxes) if user_of(str(request.username)).lead else "Figures are for leads."
        )

    with gradio.Blocks(title="Beltline: review desk", analytics_enabled=False) as blocks:
        with gradio.Tabs():
            with gradio.Tab("Review"):
                gradio.HTML(
                    html_template='<div class="desk" data-desk></div>',
                    js_on_load=START,
                    apply_default_css=False,
                    elem_id="desk",
                )
            with gradio.Tab("Figures") as tab:
                shown = gradio.Markdown(sanitize_html=True)
                again = gradio.Button("Count again", size="sm")
        tab.select(told, outputs=shown, api_visibility="private")
        again.click(told, outputs=shown, api_visibility="private")
    return blocks


START = """
const root = element.querySelector("[data-desk]");
import("/desk/static/desk.js").then((desk) => desk.start(root));
"""


def _routes(app: "FastAPI", desk: Desk, user_of: Callable[[str], User]) -> None:
    from fastapi import Request, Response
    from fastapi.responses import JSONResponse

    async def body(request: Request) -> Any:
        """What was sent; None, which no route takes, where it is no JSON."""
        try:
            return await request.json()
        except ValueError:
            return None

    async def done(request: Request, work: Callable[[User], Any]) -> Response:
        """Work in a thread; what is wrong with a request is told to who sent it."""
        try:
            return JSONResponse(
                await asyncio.to_thread(work, user_of(request.scope[USER])), headers={"cache-control": "no-store"}
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            return JSONResponse({"error": str(error)[:300]}, 404 if isinstance(error, KeyError) else 400)

    @app.get("/desk/state")
    async def state(request: Request) -> Response:
        return await done(request, lambda user: told(desk, user))

    @app.post("/desk/next")
    async def following(request: Request) -> Response:
        said = await body(request)
        return await done(
            request,
            lambda user: {
                "items": desk.give(user, wanted(said), int(said.get("want", 2)), ids(said, "but")),
                **counts(desk),
            },
        )

    @app.get("/desk/item/{item}")
    async def item(request: Request, item: str) -> Response:
        return await done(request, lambda user: desk.look(user, int(item)))

    @app.post("/desk/find")
    async def find(request: Request) -> Response:
        said = await body(request)
        return await done(
            request, lambda user: desk.find(user, wanted(said), said.get("after"), bool(said.get("back")))
        )

    @app.post("/desk/events")
    async def events(request: Request) -> Response:
        said = await body(request)
        return await done(
            request, lambda user: dict(zip(("stored", "refused"), desk.keep(user, said), strict=True)) | counts(desk)
        )

    @app.post("/desk/undo")
    async def undo(request: Request) -> Response:
        said = await body(request)
        return await done(request, lambda user: {"item": desk.undo(user, str(said["id"])[:64]), **counts(desk)})

    @app.post("/desk/release")
    async def release(request: Request) -> Response:
        said = await body(request)
        return await done(request, lambda user: desk.release(user, ids(said, "items")))


def _files(app: "FastAPI", desk: Desk) -> None:
    """Pictures of the queue by their item, and what the page is made of."""
    from fastapi import Response

    known = {path.name: path for path in HERE.iterdir() if path.suffix in KINDS}

    @app.get("/desk/image/{item}/{view}")
    async def image(item: str, view: str) -> Response:
        found = await asyncio.to_thread(picture, desk, item, view)
        kind = "image/png" if found and found.startswith(b"\x89PNG") else "image/jpeg"
        same = {"cache-control": "private, max-age=86400, immutable"}
        return Response(found, media_type=kind, headers=same) if found else Response("there is no such picture", 404)

    @app.get("/desk/static/{name}")
    async def static(name: str) -> Response:
        if name not in known:
            return Response("there is no such file", 404)
        return Response(
            known[name].read_bytes(), media_type=KINDS[known[name].suffix], headers={"cache-control": "no-cache"}
        )


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


def told(desk: Desk, user: User) -> Said:
    """What the page has to know once."""
    desk.sync()
    entries = desk.work.entries
    known = sorted({name for entry in entries for name in entry.categories})
    words = {"colour": COLOURS, "container": CONTAINERS, "place": PLACES, "quantity": QUANTITIES}
    return {
        "user": user.name,
        "lead": user.lead,
        "kind": desk.content.kind,
        "title": desk.content.manifest.ref,
        "rounds": desk.work.rules.rounds,
        "reasons": REASONS[desk.content.kind],
        "filters": {
            "category": known,
            "scored": any(one.score is not None for one in entries),
            "batch": sorted({one.batch for one in entries}),
        },
        "words": {**words, "category": sorted({*CATEGORIES, *(known if desk.content.kind != "questions" else ())})},
        **counts(desk),
    }
