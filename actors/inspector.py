"""The inspector: shows a bag's views to a model, listens while it thinks, and says what it found, typed.

    inspector = Inspector(voice, serving)
    async for told in inspector.inspect(model, views, question):        # {"text": "..."} as it comes, then an Inspection
        ...

Where the model runs is the voice's affair: behind Ray Serve (jobs/serve.py), or a stand-in's in a test.
"""

import json
import re
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from beltline.chats import check_words
from beltline.language.inspection import PROHIBITED, Inspection, Timings, inspect
from beltline.language.showing import FORMS, parts
from beltline.language.sightings import Token
from beltline.serving import Refusal, Served, Serving
from beltline.uploads import Upload

_TAGS = re.compile(r"</?(?:top|side|conclusion|answer|box)>")


class Voice(Protocol):
    """How a model is asked."""

    def chat(self, body: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """OpenAI's chunks where the body says `stream`, else one completion.

        Raises:
            Refusal: the model does not take the request, or is gone.
        """
        ...

    async def events(self, body: Mapping[str, Any]) -> AsyncIterator[str]:
        """The same as server-sent events, in one piece what came at once; the end that OpenAI's streams have is left out."""
        async for chunk in self.chat(body):
            yield event(chunk)

    async def adapters(self, model: Served) -> list[str]:
        """The names of a model's adapters."""
        ...


def event(chunk: Mapping[str, Any]) -> str:
    """A chunk as OpenAI's streams have it."""
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


@dataclass(slots=True)
class _Heard:
    """What has come so far."""

    text: str = ""
    tokens: list[Token] = field(default_factory=list)
    first: float | None = None

    def take(self, chunk: Mapping[str, Any]) -> str:
        """The new words of a chunk."""
        choice: Mapping[str, Any] = next(iter(chunk.get("choices") or ()), {})
        new = (choice.get("delta") or {}).get("content") or ""
        for token in (choice.get("logprobs") or {}).get("content") or ():
            self.tokens.append((token["token"], token["logprob"]))
        if new and self.first is None:
            self.first = time.monotonic()
        self.text += new
        return new


class Inspector:
    """Asks one question about one bag."""

    def __init__(self, voice: Voice, serving: Serving):
        self.voice, self.serving = voice, serving

    async def inspect(
        self, served: Served, model: str, views: Mapping[str, Upload], question: str | None, queued_s: float = 0.0
    ) -> AsyncIterator[str | Inspection]:
        """New words as the model says them, then the inspection.

        Args:
            model: the name that the engine knows, with an adapter's.
            views: "top", and "side" where there is one.

        Raises:
            Refusal: the question steers the model; or as for `Voice.chat`.
        """
        began, heard = time.monotonic(), _Heard()
        body = asked(served, model, views, question, self.serving.limits.max_tokens) | {"stream": True}
        async for chunk in self.voice.chat(body):
            new = heard.take(chunk)
            if new:
                yield new
        ended = time.monotonic()
        yield inspect(
            heard.text,
            {name: (view.width, view.height) for name, view in views.items()},
            id=uuid.uuid4().hex,
            model=model,
            version=served.version if ":" not in model else None,
            tokens=heard.tokens,
            prohibited=PROHIBITED if self.serving.prohibited is None else self.serving.prohibited,
            timings=Timings(
                queued_s=round(queued_s, 4),
                first_token_s=None if heard.first is None else round(queued_s + heard.first - began, 4),
                total_s=round(queued_s + ended - began, 4),
            ),
        )


def asked(
    served: Served, model: str, views: Mapping[str, Upload], question: str | None, max_tokens: int
) -> dict[str, Any]:
    """What a model is asked about a bag, in OpenAI's form: greedily, with the probabilities of its words."""
    said = question.strip() if question and question.strip() else served.question
    shown = [
        {"type": "text", "text": value}
        if kind == "text"
        else {"type": "image_url", "image_url": {"url": views[value].shown(served.view_px)}}
        for kind, value in parts(list(views), said, FORMS[served.form])
    ]
    return {
        "model": model,
        "messages": [{"role": "user", "content": shown}],
        "max_tokens": max_tokens,
        "temperature": 0.0,
        "logprobs": True,
        "top_logprobs": 0,
    }


def check_question(question: str | None, serving: Serving) -> None:
    """Nothing, unless a question is too long or steers the model.

    Raises:
        Refusal: why.
    """
    check_words([question or ""], serving.limits)
    if _TAGS.search(question or ""):
        raise Refusal(
            400,
            "special_tokens",
            "question: expected words, found a tag of our own form (<top>, <box>, ...); leave it out",
        )
