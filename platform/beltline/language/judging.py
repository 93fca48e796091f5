"""Pose and occlusion: what two views say of one item, settled by the facts where they can, by a judge model where they cannot.

"Flat in the top view, upright in the side view" may be true of one bag or not: the views are different projections. Two equal
statements agree, and so do two that the metadata confirms; only what is left is asked of a judge, any callable from a `Question`
to a `Ruling`. A judge that is a model gets `messages(question)` and its answer goes through `read` (actors/judge.py, which also
keeps every ruling in the answer cache, so that screening is repeatable).

    rulings(reading, [top_mentions, side_mentions], judge=None)      # key -> objection, or None where the pair agrees
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from beltline.language import attributes, prompts
from beltline.language.facts import ItemFacts
from beltline.language.mentions import Mention
from beltline.language.reading import Reading
from beltline.verdict import BadRow

KINDS = ("pose", "occlusion")
_WORDS = {"pose": "pose", "occlusion": "sight"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Two statements about one item, and what is known of it."""

    kind: str
    """pose or occlusion."""
    category: str
    top: str
    """The clause of the top scene."""
    side: str
    facts: str
    """What the metadata says of the item, as JSON."""


class Ruling(BaseModel):
    """A judge's answer; strict, so that nothing is read into it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    verdict: Literal["contradicts", "agrees", "unsure"]
    why: Annotated[str, StringConstraints(min_length=1, max_length=400)]


Judge = Callable[[Question], Ruling]


def messages(question: Question) -> list[dict[str, str]]:
    """The request to a judge model, system first."""
    prompt = prompts.PROMPTS["judge"]
    asked = {name: getattr(question, name) for name in ("kind", "category", "top", "side")}
    told = json.dumps({**asked, "facts": json.loads(question.facts)}, sort_keys=True, ensure_ascii=False)
    text = prompt.text.replace("{statements}", told).replace("{ruling_schema}", json.dumps(schema(), sort_keys=True))
    return [{"role": "system", "content": prompt.system}, {"role": "user", "content": text}]


def schema() -> dict[str, object]:
    """For an engine that is held to it."""
    return Ruling.model_json_schema()


def read(text: str) -> Ruling:
    """The ruling in a model's answer; thinking text and a code fence around it are passed over.

    Raises:
        BadRow: `judge/schema`, with what was found.
    """
    answer = text.rpartition("</think>")[2].strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        return Ruling.model_validate_json(answer.strip())
    except ValidationError as error:
        found = error.errors(include_url=False)[0]["msg"]
        raise BadRow("judge/schema", f"expected a ruling as JSON, found {answer.strip()[:80]!r} ({found})") from error


def rulings(reading: Reading, scenes: list[list[Mention]], judge: Judge | None) -> dict[str, str | None]:
    """Key of each judged pair -> the objection, None where it agrees; what nobody could settle is left out."""
    pairs: dict[str, str | None] = {}
    for item, kind in ((item, kind) for item in _single(reading) for kind in KINDS):
        tops, sides = (list(_statements(scene, item, kind)) for scene in scenes)
        for (a, one), (b, two) in ((a, b) for a in tops for b in sides):
            ruling = _settled(item, kind, one, two) or (judge(_question(item, kind, a, b)) if judge else None)
            if ruling is not None and ruling.verdict != "unsure":
                why = f"{a.segment.strip()!r} and {b.segment.strip()!r}: {ruling.why}"
                pairs[f"{kind}/{a.key}/{b.key}"] = why if ruling.verdict == "contradicts" else None
    return pairs


def _single(reading: Reading) -> Iterator[ItemFacts]:
    """Items that are the only ones of their class and that both views show."""
    counts = reading.facts.counts()
    yield from (item for item in reading.facts.items if counts[item.category] == 1 and item.top and item.side)


def _statements(scene: list[Mention], item: ItemFacts, kind: str) -> Iterator[tuple[Mention, str]]:
    """The mentions of an item that state its pose or how well it is seen, and what they state."""
    for mention in scene:
        if mention.asserts and not mention.part and item.category in mention.named:
            stated = attributes.stated(_WORDS[kind], mention.segment)
            if len(stated) == 1:
                yield mention, stated[0]


def _settled(item: ItemFacts, kind: str, top: str, side: str) -> Ruling | None:
    """What needs no judge: the same said twice, or two statements that the metadata confirms."""
    if top == side:
        return Ruling(verdict="agrees", why="both views say the same")
    if kind == "pose":
        confirmed = False  # two different poses cannot both be the one that the metadata has
    else:
        confirmed = bool(item.top and item.side) and (_sight(item, "top"), _sight(item, "side")) == (top, side)
    return Ruling(verdict="agrees", why="the metadata says both") if confirmed else None


def _sight(item: ItemFacts, view: str) -> str | None:
    seen = item.seen(view)
    return seen.sight if seen else None


def _question(item: ItemFacts, kind: str, top: Mention, side: Mention) -> Question:
    known: dict[str, object] = {"pose": item.pose, "profile": item.profile, "material": item.material}
    for view in ("top", "side"):
        seen = item.seen(view)
        known |= {f"{view} box": list(seen.box) if seen else None, f"{view} sight": seen.sight if seen else None}
    facts = json.dumps({name: value for name, value in known.items() if value is not None}, sort_keys=True)
    return Question(kind=kind, category=item.category, top=top.clause.strip(), side=side.clause.strip(), facts=facts)
