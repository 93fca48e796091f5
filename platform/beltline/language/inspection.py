"""An inspection: what a model's words on one bag come to, typed, with boxes in pixels and everything that is wrong said aloud.

    found = inspect(text, {"top": (640, 480), "side": (640, 480)}, id="i1", model="gsr-nano")
    found.state, found.verdict, found.items[0].top_xyxy

A text in the form of GSXray (reasoning.py) is `whole`. One that has some of its sections is `repaired`: what stands there is taken as it
stands, and `problems` names what is missing or wrong. Anything else is `unreadable` and has no items. Nothing is guessed: a bag is
`clear` only when a whole reading found nothing prohibited.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from beltline.labels import CATEGORIES, broader
from beltline.language import reasoning
from beltline.language.mentions import Mention
from beltline.language.places import Box1000
from beltline.language.sightings import BOX_LIKE, Sighting, Token, called, linked, sightings, sure
from beltline.language.statements import read_scene
from beltline.verdict import BadRow

State = Literal["whole", "repaired", "unreadable"]
Verdict = Literal["threat", "clear", "unknown"]
SizeWh = tuple[int, int]
Xyxy = Annotated[list[float], Field(min_length=4, max_length=4)]
_KINDS: Final = frozenset(
    {"gun", "knife", "blade", "axe", "baton", "bat", "bullet", "grenade", "explosive", "fireworks", "handcuffs", "hammer", "wrench", "pliers",
     "scissors", "screwdriver", "lighter", "pressure vessel", "shuriken", "dart", "syringe", "other sharp item", "shaving razor"}
)  # fmt: skip
PROHIBITED: Final = frozenset(name for name in CATEGORIES if set(broader(name)) & _KINDS)
"""What is not let through where nothing else is configured: weapons, what cuts or strikes, what burns or bursts."""
UNNAMED: Final = "unnamed item"
_SECTION: Final = re.compile(
    r"<(?P<name>top|side|conclusion|answer)>(?P<text>.*?)(?P<end></(?P=name)>|(?=<(?:top|side|conclusion|answer)>)|\Z)",
    re.DOTALL,
)


class Size(BaseModel):
    """Of an uploaded view, in pixels."""

    model_config = ConfigDict(frozen=True)
    width: int
    height: int


class Views(BaseModel):
    model_config = ConfigDict(frozen=True)
    top: Size
    side: Size | None = None


class Reasoning(BaseModel):
    """Each section as plain text, a box as [n]: n counts `items` from 1."""

    model_config = ConfigDict(frozen=True)
    top: str | None = None
    side: str | None = None
    conclusion: str | None = None


class Item(BaseModel):
    """One thing in the bag."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
    item: int
    """From 0, in the order in which they are named."""
    category: Annotated[str, Field(max_length=100)]
    prohibited: bool
    top_xyxy: Xyxy | None = None
    """Left, top, right, bottom in pixels of the uploaded view."""
    side_xyxy: Xyxy | None = None
    confidence: float | None = None
    confidence_source: Literal["token probability", "none"] = "none"


class Timings(BaseModel):
    """Seconds from the request on."""

    model_config = ConfigDict(frozen=True)
    queued_s: float = 0.0
    first_token_s: float | None = None
    total_s: float = 0.0


class Inspection(BaseModel):
    """What a model says of a bag."""

    model_config = ConfigDict(frozen=True)
    id: str
    model: str
    version: str | None = None
    state: State
    verdict: Verdict
    answer: str | None = None
    reasoning: Reasoning = Reasoning()
    items: list[Item] = []
    views: Views
    problems: list[str] = []
    text: str
    """The model's own words."""
    timings: Timings = Timings()


def inspect(
    text: str,
    sizes: Mapping[str, SizeWh],
    *,
    id: str,
    model: str,
    version: str | None = None,
    tokens: Sequence[Token] = (),
    prohibited: frozenset[str] = PROHIBITED,
    timings: Timings | None = None,
) -> Inspection:
    """The inspection that a model's words on a bag come to.

    Args:
        text: what the model said; `tokens`: the same in tokens with the logarithms of their probabilities, where known.
        sizes: (width, height) in pixels of each uploaded view, by "top" and "side".
        prohibited: categories that make a bag a threat.
    """
    sections, problems = _sections(text, "side" in sizes)
    whole = not problems
    pairs = linked(*_seen(sections, problems))
    hearing = _Hearing(sizes=sizes, tokens=tokens, text=text, prohibited=prohibited)
    items = [hearing.item(number, *pair) for number, pair in enumerate(pairs)]
    state: State = "whole" if whole and not problems else "repaired" if sections else "unreadable"
    return Inspection(
        id=id,
        model=model,
        version=version,
        state=state,
        verdict=_verdict(state, items, sections, prohibited),
        answer=sections["answer"][0] if "answer" in sections else None,
        reasoning=_reasoning(sections, pairs),
        items=items,
        views=Views(**{view: Size(width=wh[0], height=wh[1]) for view, wh in sizes.items()}),
        problems=list(dict.fromkeys(problems)),
        text=text,
        timings=timings or Timings(),
    )


Sections = dict[str, tuple[str, int]]
"""Name of a section to its text and where that begins in the model's text."""


def _sections(text: str, two_views: bool) -> tuple[Sections, list[str]]:
    """The sections that are there, and what is wrong with the form."""
    problems = list[str]()
    try:
        chain = reasoning.read(text.strip())
    except BadRow as bad:
        problems.append(bad.verdict.detail)
    else:
        if (chain.side is not None) != two_views:
            shown = "a top and a side view" if two_views else "a top view alone"
            problems.append(f"expected words on {shown}, found {'both' if chain.side else 'none on the side view'}")
    found: Sections = {}
    for match in _SECTION.finditer(text):
        name, said = match["name"], match["text"]
        if name in found:
            problems.append(f"<{name}> stands there more than once; the first one counts")
        elif said.strip():
            found[name] = (said.strip(), match.start("text") + len(said) - len(said.lstrip()))
        if not match["end"]:
            problems.append(f"<{name}> does not end: the answer is cut off or broken there")
    if not two_views and "side" in found:
        del found["side"]
    return found, problems


def _seen(sections: Sections, problems: list[str]) -> tuple[list[Sighting], list[Sighting]]:
    """The boxes of both views; those without a name have that of the answer, if it names one thing alone."""
    seen = dict[str, list[Sighting]]()
    name = _one_name(sections)
    for view in ("top", "side"):
        said, at = sections.get(view, ("", 0))
        found, wrong = sightings(said, view, at)
        problems += wrong
        if name is None and any(one.category is None for one in found):
            problems.append(f"{view}: a box is not named")
        seen[view] = called(found, name or UNNAMED)
    return seen["top"], seen["side"]


def _one_name(sections: Sections) -> str | None:
    """The category that the answer, or else the conclusion, is about, where it is one alone."""
    for name in ("answer", "conclusion"):
        said = {category for one in _mentions(sections, name) for category in one.named if one.asserts}
        if said:
            return said.pop() if len(said) == 1 else None
    return None


def _mentions(sections: Sections, name: str) -> list[Mention]:
    said = BOX_LIKE.sub(" ", sections[name][0]) if name in sections else ""
    return read_scene("whole", said, frozenset()) if said else []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hearing:
    """What every item of an inspection is read with."""

    sizes: Mapping[str, SizeWh]
    tokens: Sequence[Token]
    text: str
    prohibited: frozenset[str]

    def item(self, number: int, top: Sighting | None, side: Sighting | None) -> Item:
        seen = {"top": top, "side": side}
        sures = [sure(self.tokens, self.text, one.start, one.end) for one in (top, side) if one is not None]
        known = [one for one in sures if one is not None]
        category = next(str(one.category) for one in (top, side) if one is not None)
        return Item(
            item=number,
            category=category,
            prohibited=category in self.prohibited,
            confidence=round(min(known), 4) if known else None,
            confidence_source="token probability" if known else "none",
            **{f"{view}_xyxy": _pixels(one.box, self.sizes[view]) for view, one in seen.items() if one is not None},
        )


def _pixels(box: Box1000, size_wh: SizeWh) -> list[float]:
    """A box on [0, 1000] in pixels of a view, to a hundredth."""
    return [round(edge * side / 1000, 2) for edge, side in zip(box, size_wh * 2, strict=True)]


def _reasoning(sections: Sections, pairs: Sequence[tuple[Sighting | None, Sighting | None]]) -> Reasoning:
    """The sections with [n] for each box that became the n-th item; a box that became none stands as it is, without its tags."""
    said = dict[str, str | None]()
    for index, name in enumerate(("top", "side", "conclusion")):
        numbers = {pair[index].box: n for n, pair in enumerate(pairs, 1) if pair[index]} if index < 2 else {}  # type: ignore[union-attr]
        text = sections[name][0] if name in sections else None
        said[name] = text and BOX_LIKE.sub(lambda box, of=numbers: _reference(box, of), text)  # type: ignore[misc]
    return Reasoning(**said)


def _reference(match: re.Match[str], numbers: Mapping[Box1000, int]) -> str:
    found = reasoning.boxes_in(match[0])
    return f"[{numbers[found[0]]}]" if found and found[0] in numbers else match["inside"]


def _verdict(state: State, items: Sequence[Item], sections: Sections, prohibited: frozenset[str]) -> Verdict:
    """Threat wherever something prohibited is named as there; clear only where a whole reading named nothing of the kind."""
    said = [one for name in ("answer", "conclusion") for one in _mentions(sections, name) if not one.negated]
    named = {category for one in said if one.asserts for category in one.named}
    if any(item.prohibited for item in items) or named & prohibited:
        return "threat"
    supposed = any(one.hedged and one.categories & prohibited for one in said)
    return "clear" if state == "whole" and not supposed else "unknown"
