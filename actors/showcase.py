"""The showcase of a server: what it shows to whoever comes, without a key. The page, example bags of our own making, the categories.

Files are read once, when the server starts, and only they can be asked for. A browser keeps them and asks each time whether they are
still the same (ETag), so that a new version of the page is seen at once and an old one costs a line.
"""

import asyncio
import hashlib
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from beltline.image.phantom import RECIPES, make_scan
from beltline.labels import CATEGORIES
from beltline.language.inspection import PROHIBITED
from beltline.serving import Refusal, Serving

KINDS: Final = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
                ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon"}  # fmt: skip
VIEWS: Final = ("top.png", "side.png")


class Showcase:
    """Its routes are those of the receptionist's table."""

    def __init__(self, serving: Serving, page: Path | None):
        found = sorted(page.iterdir()) if page is not None and page.is_dir() else []
        self._files = {one.name: one.read_bytes() for one in found if one.suffix in KINDS and one.is_file()}
        self._pictures: dict[tuple[str, int, str], bytes] = {}
        self.serving = serving

    async def index(self, request: Request) -> Response:
        return await self.static(request, "index.html")

    async def static(self, request: Request, name: str) -> Response:
        """A file of the page."""
        if name not in self._files:
            raise Refusal(404, "no_such_path", "expected a file of the page, found another name")
        return _unless_known(request, self._files[name], KINDS[Path(name).suffix])

    async def categories(self) -> Response:
        """What an item may be called, and whether it makes a bag a threat here."""
        prohibited = PROHIBITED if self.serving.prohibited is None else self.serving.prohibited
        return JSONResponse([{"name": name, "prohibited": name in prohibited} for name in CATEGORIES])

    async def examples(self) -> Response:
        """Bags of our own making, to try the page with."""
        bags = [f"bag-{row}" for row in self.serving.examples]
        return JSONResponse(
            [{"name": bag, **{view: f"/v1/examples/{bag}/{view}.png" for view in ("top", "side")}} for bag in bags]
        )

    async def picture(self, request: Request, bag: str, file: str) -> Response:
        """A view of an example, PNG."""
        recipe = self.serving.examples_of
        row = next((row for row in self.serving.examples if bag == f"bag-{row}"), None)
        if row is None or file not in VIEWS:
            raise Refusal(404, "no_such_path", "expected an example of /v1/examples, found another")
        if (recipe, row, file) not in self._pictures:
            scan = await asyncio.to_thread(make_scan, RECIPES[recipe], row)
            assert scan.side is not None
            self._pictures |= {(recipe, row, "top.png"): scan.top.bytes, (recipe, row, "side.png"): scan.side.bytes}
        return _unless_known(request, self._pictures[recipe, row, file], KINDS[".png"])


def _unless_known(request: Request, content: bytes, kind: str) -> Response:
    """The content, or a line saying that the browser has it already."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)
