"""The inspector's page without a server: its files as they lie in jobs/page, and answers of /v1 that a test writes down.

    desk = Desk(page)                       # goes to the page, with the policy that the server sends
    desk.answers["v1/inspect"] = [refused(503, "busy", {"Retry-After": "5"}), streamed(WHOLE)]
    desk.inspect(top, side)
    desk.sent["v1/feedback"]                # what the page has sent there, as JSON

Answers are given in their order, and the last one again and again. The inspection is what language/inspection.py makes of a model's words,
so that the page is tested with what the server says.
"""

import json
import mimetypes
from collections import defaultdict
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Request, Route, expect

from beltline.language.inspection import Inspection, inspect
from tests.made import view

FILES = Path(__file__).parents[2] / "jobs" / "page"
URL = "http://beltline.test/"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SIZE_WH = (160, 120)
WHOLE = (
    "<top>A gun <box>[100,200,300,400]</box> lies beside a laptop <box>[500,250,900,750]</box>.</top>\n"
    "<side>The gun <box>[100,500,300,600]</box>, and below it the laptop <box>[500,600,900,700]</box>.</side>\n"
    "<conclusion>A gun and a laptop are in the bag.</conclusion>\n<answer>gun</answer>"
)
Answer = dict[str, Any]
expect.set_options(timeout=15_000)  # a busy machine is no fault of the page


def found(text: str = WHOLE, number: int = 1) -> Inspection:
    """What the server says when its model says `text`."""
    return inspect(text, {"top": SIZE_WH, "side": SIZE_WH}, id=f"i{number}", model="drawn", version="drawn@1.0.0")


def streamed(text: str = WHOLE) -> Answer:
    """The stream of an inspection, whole at once."""
    half = len(text) // 2
    events = [("delta", json.dumps({"text": part})) for part in (text[:half], text[half:])]
    return stream([*events, ("inspection", found(text).model_dump_json())])


def stream(events: list[tuple[str, str]]) -> Answer:
    body = "".join(f"event: {name}\ndata: {data}\n\n" for name, data in events)
    return {"status": 200, "headers": {"Content-Type": "text/event-stream"}, "body": body}


def refused(status: int, code: str, headers: dict[str, str] | None = None) -> Answer:
    body = {"error": {"code": code, "message": f"Said by the server: {code}.", "type": "invalid_request_error"}}
    return {"status": status, "headers": headers or {}, "body": json.dumps(body)}


def stored(status: int = 201) -> Answer:
    return {"status": status, "body": json.dumps({"event": "as sent", "stored": True})}


class Desk:
    """The page, opened; what it asks is answered from `answers`, and None there breaks the connection."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sent: dict[str, list[Any]] = defaultdict(list)
        self.requests: list[Request] = []
        self.wrong: list[str] = []
        categories = [{"name": name, "prohibited": name == "gun"} for name in ("gun", "laptop", "tablet")]
        self.answers: dict[str, list[Answer | None]] = {
            "v1/inspect": [streamed()],
            "v1/feedback": [stored()],
            "v1/examples": [{"status": 200, "body": "[]"}],
            "v1/models": [{"status": 200, "body": '{"data": [{"id": "drawn"}]}'}],
            "v1/categories": [{"status": 200, "body": json.dumps(categories)}],
        }
        page.set_default_timeout(15_000)
        page.on("console", lambda said: self.wrong.append(said.text) if "Content Security" in said.text else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.route("**/*", self._answer)
        page.goto(URL)

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(URL)
        if path not in self.answers:
            return self._file(route, path)
        self.requests.append(route.request)
        if path == "v1/feedback":
            self.sent[path].append(route.request.post_data_json)
        left = self.answers[path]
        answer = left.pop(0) if len(left) > 1 else left[0]
        route.abort() if answer is None else route.fulfill(**answer)

    def _file(self, route: Route, path: str) -> None:
        file = FILES / (path.removeprefix("static/") or "index.html")
        kind = mimetypes.guess_type(file.name)[0]
        headers = {"Content-Security-Policy": POLICY, "Content-Type": f"{kind}; charset=utf-8"}
        route.fulfill(body=file.read_bytes(), headers=headers)

    def choose(self, view: str, png: bytes) -> None:
        """Choose a file for a view."""
        file = {"name": f"{view}.png", "mimeType": "image/png", "buffer": png}
        self.page.set_input_files(f".pane[data-view={view}] input[type=file]", file)  # type: ignore[arg-type]
        expect(self.page.locator(f".pane[data-view={view}] .stage")).to_be_visible()

    def give(self, *views: str) -> None:
        """Choose drawn pictures for these views."""
        for number, name in enumerate(views):
            self.choose(name, view(number, SIZE_WH).bytes)

    def key(self, secret: str = "bl_secret") -> None:
        self.page.get_by_label("API key").fill(secret)
        self.page.get_by_role("button", name="Use").click()

    def inspect(self, *views: str) -> None:
        """From the empty page to an answer, with both views."""
        self.key()
        self.give(*(views or ("top", "side")))
        self.page.get_by_role("button", name="Inspect", exact=True).click()
        expect(self.page.locator("#verdict")).to_be_visible()

    def items(self) -> list[Any]:
        """The items of the answer as the server gave them."""
        return json.loads(found().model_dump_json())["items"]

    def screen(self, view: str, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of a picture is on the screen."""
        frame = self.page.locator(f".pane[data-view={view}] .boxes").bounding_box()
        assert frame
        return frame["x"] + x / SIZE_WH[0] * frame["width"], frame["y"] + y / SIZE_WH[1] * frame["height"]

    def drag(self, view: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*self.screen(view, *start))
        mouse.down()
        mouse.move(*self.screen(view, *end), steps=4)
        mouse.up()
