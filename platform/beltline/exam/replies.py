"""The part of a reply that is meant as its answer, and replies that give none: empty, refused, abstained.

A model thinks, explains and decorates before it answers. `parts` finds where the answer is, strongest sign first: <answer>, \\boxed{},
a JSON field, "the answer is", and the whole reply without its thoughts when there is no sign. Offsets are those of the reply, so that a
person can be shown what was read.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

T = TypeVar("T")
Status = Literal["answered", "invalid", "refused", "abstained", "no-response"]
STATUSES: Final[tuple[Status, ...]] = ("answered", "invalid", "refused", "abstained", "no-response")

_CONTROL = re.compile(r"<\|[^|<>\s]{1,40}\|>|</?s>")
_CLOSE = re.compile(r"</think(?:ing)?>", re.I)
_OPEN = re.compile(r"<think(?:ing)?>", re.I)
_TAG = re.compile(r"<answer>", re.I)
_TAG_END = re.compile(r"</answer>", re.I)
_BOXED = re.compile(r"\\f?boxed\s*\{")
_WRAPPED = re.compile(r"\s*\\(?:text|mathrm|mathbf|textbf|mbox)\s*\{([^{}]*)\}\s*")
_FIELD = re.compile(r"[\"'](?:final_)?(?:answer|choice|option)[\"']\s*:\s*[\"']([^\"'\n]*)[\"']", re.I)
_SAID = re.compile(
    r"\b(?:answer|ans|letter|category|(?:correct|right|best|final|my)\s+(?:option|choice|one|box))\b"
    r"[^\w\n]{0,4}?(?:\b(?:is|should\s+be|would\s+be|must\s+be)\b|[:=])(?!\W{0,4}not\b)\s*",
    re.I,
)
_REFUSED = re.compile(
    r"\bas an ai\b|\bagainst (?:my|the|our) (?:policy|policies|guidelines)\b|"
    r"\bi (?:can't|cannot|can not|won't)\b.{0,60}\bsorry\b|"
    r"\b(?:unable to|not able to|cannot|can't) (?:view|see|access|open|process) (?:the |this |any )?images?\b|"
    r"\b(?:sorry|apologi[sz]e)\b.{0,20}\bi (?:can't|cannot|can not|won't|will not|am unable|am not able)\b|"
    r"\bi (?:can't|cannot|can not|won't|will not|'m unable to|am unable to|'m not able to|am not able to|must decline to|refuse to) "
    r"(?:help|assist|comply|answer|respond|fulfil|provide|discuss|engage|continue)\b|"
    r"\bi'm (?:unable|not able) to (?:help|assist|comply|answer|respond|provide)\b|\bi (?:must|have to) decline\b",
    re.S,
)
_ABSTAINED = re.compile(
    r"\b(?:do not|don't|cannot|can't|can not|could not|couldn't) (?:know|tell|say|decide|determine|be (?:determined|told|sure))\b|"
    r"\b(?:unable|impossible|not possible|hard|difficult) to (?:tell|say|decide|determine)\b|\bnot (?:be )?(?:sure|certain)\b|\bunsure\b|"
    r"\btoo \w+(?: \w+)? to (?:tell|say|see|decide|determine)\b|^\W*no idea\b|"
    r"\bnone of (?:the|these|them)\b|\b(?:not enough|insufficient) (?:information|evidence|detail)|\bit depends\b|"
    r"^\W*(?:unclear|maybe|perhaps|possibly|unknown|n/a|undetermined)\W*$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Generic[T]):
    """What was read from a reply."""

    status: Status
    value: T | None
    """None unless the status is "answered"."""
    rule: str
    """Where and how: "tag/letter", "whole/option text", "said/ambiguous"."""
    span: tuple[int, int]
    """First and last + 1 character of the reply that decided."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What a reader says of a part: a value, or (None) that it is decided not to be an answer: ambiguous, out of range."""

    value: T | None
    rule: str
    span: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a reply."""

    text: str
    start: int
    """Where it begins in the reply, in characters."""
    sign: str
    """What marked it: tag, boxed, field, said, whole, or a reason why there is nothing to read."""
    final: bool
    """Nothing else of the reply counts, whatever this part says."""


EMPTY, CUT_OFF = "empty", "unfinished-thinking"


def parts(reply: str | None) -> Iterator[Part]:
    """Where the answer may be, strongest sign first; the first that decides counts. Never empty.

    A part with sign `EMPTY` or `CUT_OFF` holds nothing: no reply, only thoughts, or thoughts that were cut off.
    """
    text = _CONTROL.sub(lambda found: " " * len(found[0]), reply or "")
    start, cut_off = _after_thoughts(text)
    body, tail = text[start:], _tagged(text, start)
    if tail is not None:
        yield tail
        return
    if cut_off or not body.strip():
        yield Part(text="", start=start, sign=CUT_OFF if cut_off else EMPTY, final=True)
        return
    yield from _marked(body, start)
    yield Part(text=body, start=start, sign="whole", final=True)


def first(reply: str | None, read: Callable[[str], Found[T] | None]) -> Reading[T]:
    """The reading of the first part that `read` decides; else why there is none. `read` gets the text of a part."""
    for part in parts(reply):
        if part.sign in (EMPTY, CUT_OFF):
            status: Status = "invalid" if part.sign == CUT_OFF else "no-response"
            return Reading(status=status, value=None, rule=part.sign, span=(part.start, part.start))
        found = read(part.text)
        if found is not None:
            return _reading(part, found)
    return _reading(part, Found(None, unanswered(part.text) or "nothing found", (0, len(part.text))))


def _reading(part: Part, found: Found[T]) -> Reading[T]:
    status: Status = "answered" if found.value is not None else "invalid"
    if found.rule in ("refused", "abstained") and found.value is None:
        status = "refused" if found.rule == "refused" else "abstained"
    begin, end = found.span
    return Reading(
        status=status, value=found.value, rule=f"{part.sign}/{found.rule}", span=(part.start + begin, part.start + end)
    )


def unanswered(text: str) -> Literal["refused", "abstained"] | None:
    """Whether the text says that it gives no answer, and which way; None when it does not."""
    plain = text.replace("\u2019", "'").lower()
    if _REFUSED.search(plain):
        return "refused"
    return "abstained" if _ABSTAINED.search(plain) else None


def _after_thoughts(text: str) -> tuple[int, bool]:
    """Where the thoughts end, and whether they never do. The opening tag may have been part of the prompt."""
    start = max((found.end() for found in _CLOSE.finditer(text)), default=0)
    opened = _OPEN.search(text, start)
    if opened is None:
        return start, False
    return (start, True) if not text[start : opened.start()].strip() else (start, False)


def _tagged(text: str, start: int) -> Part | None:
    last = None
    for found in _TAG.finditer(text, start):
        last = found.end()
    if last is None:
        return None
    closed = _TAG_END.search(text, last)
    inner = text[last : closed.start() if closed else len(text)]
    return Part(text=inner, start=last, sign="tag" if inner.strip() else EMPTY, final=True)


def _marked(body: str, start: int) -> Iterator[Part]:
    """The last \\boxed{}, the last JSON field, the last 'the answer is': to the end of its line."""
    boxed = [found.end() for found in _BOXED.finditer(body)]
    if boxed:
        yield _unwrapped(body, boxed[-1], start)
        return
    fields = list(_FIELD.finditer(body))
    if fields:
        yield Part(text=fields[-1][1], start=start + fields[-1].start(1), sign="field", final=True)
        return
    said = [found.end() for found in _SAID.finditer(body)]
    if said:
        line = body.find("\n", said[-1])
        text = body[said[-1] : line if line >= 0 else len(body)]
        yield Part(text=text, start=start + said[-1], sign="said", final=False)


def _unwrapped(body: str, begin: int, start: int) -> Part:
    """What a \\boxed{ holds, up to its own closing brace, without \\text{}."""
    depth, end = 1, len(body)
    for place in range(begin, len(body)):
        depth += (body[place] == "{") - (body[place] == "}")
        if depth == 0:
            end = place
            break
    wrapped = _WRAPPED.fullmatch(body, begin, end)
    first, last = wrapped.span(1) if wrapped else (begin, end)
    return Part(text=body[first:last], start=start + first, sign="boxed", final=True)
