"""How a vision-language model is asked for a caption, and how its reply is read: one contract for every engine.

A `Model` is a recipe's value: everything that decides what is asked. A `Request` is one scan's question, the same bytes
through vLLM in the cluster and through an OpenAI-compatible server; `Request.key` names it in the answer cache. A `Reply` is
what came back, before anyone has judged it; `read` makes a caption of it or says why it is none.

    request = request_of(model, scan, facts_of(scan))
    body = request.body(attempt=0)                    # POST it to /v1/chat/completions, or take messages() and sampling()
    caption = read(reply_of(answered), request)       # BadRow "caption/..." when it is no caption: ask again, attempt=1

No engine, no network and no clock here.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from beltline import pixels
from beltline.image.resample import resize
from beltline.language import captions
from beltline.language.captions import Caption
from beltline.language.facts import Facts, Seen
from beltline.language.families import Family, SizeWh, fitted
from beltline.language.models import Model
from beltline.language.prompts import PROMPTS, render
from beltline.scan import VIEWS, Row, Scan, View, canonical_json
from beltline.verdict import BadRow

PNG = b"\x89PNG\r\n\x1a\n"
SCALING = "resample-1"
"""Changes with image/resample.py: what was asked about differently scaled pixels was another question."""
SHOWN = 160
"""Characters of an answer that a reason quotes; the row's `raw` column has it whole."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One view as the model is shown it."""

    view: str
    encoded: bytes
    """As the scan has it."""
    size_wh: SizeWh
    """At which the model is shown it."""
    sha256: str
    """Of the scan's pixels: another PNG of the same pixels is the same question."""
    scaled: bool = False

    def png(self) -> bytes:
        """What is sent. Made only here, since most questions are looked up rather than asked.

        Raises:
            BadRow: the view is no image.
        """
        if not self.scaled and self.encoded.startswith(PNG):
            return self.encoded
        return pixels.encode_png(resize(pixels.decode(self.encoded), self.size_wh))

    def key(self) -> dict[str, Any]:
        """The picture in the answer cache."""
        return {"type": "image", "sha256": self.sha256, **({"scaled": [SCALING, *self.size_wh]} if self.scaled else {})}


@dataclass(frozen=True, slots=True)
class Request:
    """One scan's question."""

    model: Model
    system: str
    text: str
    pictures: tuple[Picture, ...]
    """In the order of `views`: top, then side."""

    def messages(self) -> list[dict[str, Any]]:
        """OpenAI chat messages: system; then the user with the views, top first, and the text."""
        views = [{"type": "image_url", "image_url": {"url": _data_url(picture.png())}} for picture in self.pictures]
        return self._around(views)

    def key(self, attempt: int) -> dict[str, Any]:
        """What is asked, for the answer cache: messages, images by their hash, model, revision, sampling, schema."""
        return {
            "model": self.model.name,
            "revision": self.model.revision,
            "thinking": self.model.thinking,
            "sampling": asdict(self.model.on(attempt)),
            "schema": self.model.schema(),
            "messages": self._around([picture.key() for picture in self.pictures]),
        }

    def name(self, attempt: int) -> str:
        """sha256 of `key`."""
        return hashlib.sha256(canonical_json(self.key(attempt)).encode()).hexdigest()

    def body(self, attempt: int) -> dict[str, Any]:
        """The JSON body of a POST to `/v1/chat/completions`."""
        held_to = {"name": "caption", "strict": True, "schema": self.model.schema()}
        return {
            "model": self.model.name,
            "messages": self.messages(),
            **asdict(self.model.on(attempt)),
            "response_format": {"type": "json_schema", "json_schema": held_to},
        }

    def _around(self, views: list[dict[str, Any]]) -> list[dict[str, Any]]:
        user = [*views, {"type": "text", "text": self.text}]
        return [{"role": "system", "content": self.system}, {"role": "user", "content": user}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an engine gave back, unjudged. `Reply(**asdict(reply)) == reply`: so it lies in the cache."""

    text: str
    thinking: str | None = None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    tokens: Sequence[tuple[str, float]] | None = None
    """The text in tokens with the logarithms of their probabilities, where they were asked for."""

    @classmethod
    def of(cls, text: str, thinking: str | None = None, **more: Any) -> "Reply":
        """A reply whose thinking may stand before the answer, up to `</think>`, or apart."""
        before, mark, after = text.rpartition("</think>")
        if mark and not thinking:
            return cls(text=after.strip(), thinking=before.strip().removeprefix("<think>").strip() or None, **more)
        return cls(text=text, thinking=thinking or None, **more)


def request_of(model: Model, scan: Scan, facts: Facts) -> Request:
    """What the model is asked about a scan: its views at the size that the model sees, and the facts as it counts them.

    Raises:
        BadRow: a view is no image, or too long for the model.
    """
    pictures = tuple(_picture(model, scan, view) for view in facts.views)
    sizes = {picture.view: picture.size_wh for picture in pictures}
    shown = counted(model.family, facts, sizes)
    schema, rule = model.schema(), model.family.rule()
    system, user = render(PROMPTS[model.prompt], shown, boxes=rule, schema=schema)
    return Request(model, system["content"], user["content"], pictures)


def reply_of(answered: Any) -> Reply:
    """The reply in an OpenAI chat completion.

    Raises:
        ValueError: it is no chat completion.
    """
    try:
        choice, usage = answered["choices"][0], answered.get("usage") or {}
        message = choice["message"]
        thinking = message.get("reasoning_content") or message.get("reasoning")
        text, reason = message.get("content") or "", choice.get("finish_reason")
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"expected a chat completion, found {str(answered)[:SHOWN]}") from error
    counts = {name: usage.get(name) for name in ("prompt_tokens", "completion_tokens")}
    return Reply.of(text, thinking, finish_reason=reason, tokens=_tokens(choice), **counts)


def _tokens(choice: dict[str, Any]) -> list[tuple[str, float]] | None:
    said = (choice.get("logprobs") or {}).get("content") or ()
    return [(one["token"], one["logprob"]) for one in said] or None


def read(reply: Reply, request: Request) -> Caption:
    """The caption in a reply, boxes on [0, 1000] of their views.

    Raises:
        BadRow: `caption/cut-off`, `caption/filtered`, `caption/not-json`, `caption/schema` or `caption/box`.
    """
    if reply.finish_reason == "length":
        detail = f"the answer did not end within {reply.completion_tokens} tokens: ...{reply.text[-SHOWN:]!r}"
        raise BadRow("caption/cut-off", detail)
    if reply.finish_reason == "content_filter":
        raise BadRow("caption/filtered", f"the server's filter stopped the answer: {reply.text[:SHOWN]!r}")
    found = captions.one_object(reply.text)
    sizes = {picture.view: picture.size_wh for picture in request.pictures}
    return captions.checked(_in_thousandths(request.model.family, found, sizes))


def columns(request: Request, facts: Facts, reply: Reply | None = None, caption: Caption | None = None) -> Row:
    """The caption columns of a row, with the raw answer where it became no caption."""
    return {
        "facts": facts.json(),
        "caption": caption and captions.write(caption),
        "describer": request.model.label,
        "prompt": PROMPTS[request.model.prompt].label,
        "thinking": reply and reply.thinking,
        "raw": reply.text if reply and caption is None else None,
    }


def _picture(model: Model, scan: Scan, name: str) -> Picture:
    view: View = getattr(scan, name)
    size_wh = fitted((view.width, view.height), model.family, model.max_image_px)
    return Picture(name, view.bytes, size_wh, view.sha256, size_wh != (view.width, view.height))


def counted(family: Family, facts: Facts, sizes: dict[str, SizeWh]) -> Facts:
    """The facts with boxes as the family counts them."""

    def told(seen: Seen | None, view: str) -> Seen | None:
        return seen and replace(seen, box=family.told(seen.box, sizes[view]))

    items = (replace(item, top=told(item.top, "top"), side=told(item.side, "side")) for item in facts.items)
    return replace(facts, items=tuple(items))


def _in_thousandths(family: Family, found: dict[str, Any], sizes: dict[str, SizeWh]) -> dict[str, Any]:
    """An answer with its boxes on [0, 1000]; what is no box is left for the schema to refuse."""
    items = found.get("items")
    if not isinstance(items, list):
        return found
    return found | {"items": [_item(family, item, sizes) if isinstance(item, dict) else item for item in items]}


def _item(family: Family, item: dict[str, Any], sizes: dict[str, SizeWh]) -> dict[str, Any]:
    heard = {}
    for view in VIEWS:
        box = item.get(f"{view}_box")
        if isinstance(box, list) and len(box) == 4 and all(type(edge) is int for edge in box):
            if view not in sizes:
                raise BadRow("caption/box", f"expected no {view} box, since there is no {view} view, found {box}")
            heard[f"{view}_box"] = list(family.heard(box, sizes[view]))
    return item | heard


def _data_url(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
