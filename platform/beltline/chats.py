"""Chat requests as OpenAI's clients send them, as far as they are answered here: every field is known, bounded and checked.

    chat = ChatRequest.model_validate_json(body)
    said = engine_body(chat, served_name, limits, most_px)     # raises Refusal; images decoded, bounded and passed on as data URLs

What vLLM understands beyond that (templates, processors, schemas) is not taken from strangers.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from beltline.serving import Limits, Refusal
from beltline.uploads import from_url

SPECIAL: Final = re.compile(r"<\|[^|<>\s]{1,40}\|>")
"""Tokens that steer a model rather than say something to it."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ImageUrl(_Said):
    url: str
    detail: Literal["auto", "low", "high"] | None = None


class TextPart(_Said):
    type: Literal["text"]
    text: str


class ImagePart(_Said):
    type: Literal["image_url"]
    image_url: ImageUrl


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class Message(_Said):
    role: Literal["system", "user", "assistant"]
    content: str | list[Part]


class StreamOptions(_Said):
    include_usage: bool = False


class ChatRequest(_Said):
    """The fields of POST /v1/chat/completions that are answered."""

    model: Annotated[str, Field(min_length=1, max_length=201)]
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=0, lt=1 << 63)] | None = None
    stop: Annotated[str, Field(min_length=1, max_length=100)] | Annotated[list[str], Field(max_length=4)] | None = None
    n: Literal[1] = 1
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=5)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    user: Annotated[str, Field(max_length=200)] | None = None
    """Taken, and kept nowhere."""


_PASSED = (
    "stream",
    "temperature",
    "top_p",
    "seed",
    "stop",
    "logprobs",
    "top_logprobs",
    "presence_penalty",
    "frequency_penalty",
)


def engine_body(chat: ChatRequest, model: str, limits: Limits, most_px: int) -> dict[str, Any]:
    """The request as the engine gets it.

    Raises:
        Refusal: too many messages, images, letters or tokens; a token of ours in the text; an image that is not admitted.
    """
    _check(chat, limits)
    number = iter(range(1, limits.images + 1))
    said = [{"role": one.role, "content": _content(one, number, limits, most_px)} for one in chat.messages]
    asked = chat.model_dump(include=set(_PASSED), exclude_none=True)
    if chat.stream and chat.stream_options is not None:
        asked["stream_options"] = chat.stream_options.model_dump()
    return {**asked, "model": model, "messages": said, "max_tokens": tokens_of(chat, limits)}


def tokens_of(chat: ChatRequest, limits: Limits) -> int:
    asked = chat.max_completion_tokens or chat.max_tokens or limits.max_tokens
    if asked > limits.max_tokens:
        raise Refusal(
            400, "too_many_tokens", f"max_tokens: expected at most {limits.max_tokens}, found more; ask for fewer"
        )
    return asked


def _check(chat: ChatRequest, limits: Limits) -> None:
    parts = [part for one in chat.messages if not isinstance(one.content, str) for part in one.content]
    images = sum(isinstance(part, ImagePart) for part in parts)
    if images > limits.images:
        raise Refusal(
            400,
            "too_many_images",
            f"expected at most {limits.images} images, found {images:,}; send a scan's views alone",
        )
    if len(chat.messages) > limits.messages:
        raise Refusal(
            400,
            "too_many_messages",
            f"expected at most {limits.messages} messages, found {len(chat.messages):,}; send the last ones",
        )
    check_words(_texts(chat), limits)


def _texts(chat: ChatRequest) -> Iterable[str]:
    for one in chat.messages:
        if isinstance(one.content, str):
            yield one.content
        else:
            yield from (part.text for part in one.content if isinstance(part, TextPart))


def check_words(texts: Iterable[str], limits: Limits) -> None:
    """Nothing, unless there are too many words or one of the tokens that steer a model.

    Raises:
        Refusal: which.
    """
    said = list(texts)
    if sum(map(len, said)) > limits.prompt_chars:
        raise Refusal(
            400, "prompt_too_long", f"expected at most {limits.prompt_chars:,} letters of text, found more; say less"
        )
    if any(SPECIAL.search(text) for text in said):
        raise Refusal(
            400, "special_tokens", "expected words, found a token that steers the model (<|...|>); leave it out"
        )
    if any("\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text) for text in said):
        raise Refusal(400, "not_text", "expected text, found signs that no text has; leave them out")


def _content(one: Message, number: Any, limits: Limits, most_px: int) -> str | list[dict[str, Any]]:
    if isinstance(one.content, str):
        return one.content
    return [
        {"type": "text", "text": part.text}
        if isinstance(part, TextPart)
        else {
            "type": "image_url",
            "image_url": {"url": from_url(part.image_url.url, limits, f"image {next(number)}").shown(most_px)},
        }
        for part in one.content
    ]
