"""Every instruction text that a model is given, named and dated.

A text never changes under its name: a better one gets a new name or date, so that a caption's `prompt` column says for ever
what was asked. `PROMPTS[name].sha` goes into recipes and caches.

    messages = render(PROMPTS["hierarchical-caption"], facts)
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from beltline.language.captions import json_schema
from beltline.language.facts import Facts, ItemFacts, Seen
from beltline.scan import VIEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """An instruction: what the model is, and what it is asked; `{facts}`, `{views}`, `{boxes}` and `{schema}` are filled in."""

    name: str
    date: str
    system: str
    text: str

    @property
    def sha(self) -> str:
        """Of everything that the model is told, the schema included."""
        told = "\0".join((self.name, self.date, self.system, self.text, json.dumps(json_schema(), sort_keys=True)))
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def label(self) -> str:
        """For the `prompt` column."""
        return f"{self.name}@{self.date}"


PRINCIPLES = """\
How such images come about:
- X-rays pass through the bag. What lies over or under an item in the beam adds to it, so overlapping things look darker
  together, and a thing is seldom hidden completely: its outline goes on through what covers it.
- Colour stands for material, brightness for how much of it the beam met. Orange and yellow mean light elements, as in food,
  liquids, plastic, paper or explosives. Green and cyan mean middling ones, such as aluminium, glass or mixtures. Blue means
  metal, and black means that hardly anything came through.
- Colour therefore says nothing about paint or surface, and nothing about what a label would say.
- White is empty belt. Soft, wide shapes are mostly clothes or the container itself."""

TWO_VIEWS = """\
How the views belong together:
- The top view looks down on the belt, the side view looks along it from one flank. The belt runs from left to right in both,
  so an item has the same left and right edge in both views. Up and down do not correspond: down in the side view is towards
  the belt, down in the top view is across it.
- One view often shows what the other cannot: a thing that is broad from above and thin from the side lies flat; one that is
  small from above and tall from the side stands upright; two things that cover each other in one view may lie apart in the
  other. Say so where the boxes show it."""

RULES = """\
Rules:
1. Speak only of what the facts list. Add no item, no brand, no purpose, no owner, no guess about danger.
2. Mention every item, every count, the container and the density where they are given, and every overlap.
3. Use the category names of the facts. Call places centre, top, bottom, left or right, of the container in that view.
   Where the facts give null, leave the field null and do not guess in the text.
4. Copy boxes digit by digit: [left, top, right, bottom], integers, {boxes}.
5. `quantity` is how many of the item's category the bag holds, 1 to 10; use "many" or "multiple" only where occlusion hides
   the number.
6. What you say of the top view and of the side view must be able to be true of one bag.
7. If the facts list no item, `items` is empty, and the texts say that there is nothing of interest.
8. Write plain, varied English. Do not begin each sentence in the same way, and do not mention the facts or these rules."""

ANSWER = """\
Answer with one JSON object and nothing else, valid under this schema:
{schema}"""

_HIERARCHICAL = Prompt(
    name="hierarchical-caption",
    date="2026-11-22",
    system="You describe X-ray scans of baggage for people who train and examine security screeners. You are exact and sober.",
    text=f"""\
You are given {{views}} of one bag and the facts that are known about it.

{PRINCIPLES}

{TWO_VIEWS}

Describe the bag in this order:
- `top`: what the top view shows as a whole, then each item in it: where it lies, how well it can be seen, what overlaps it.
- `side`: the same for the side view; null if there is none.
- `items`: one entry for each item of the facts, in their order, with its number. In `text` say what it is and how it shows,
  where it is in each view, and what the two views together tell about how it lies.
- `whole`: what the bag holds in all, how many of each, and what matters most about how they lie together.

{RULES}

Facts:
{{facts}}

{ANSWER}""",
)

_SIX_ATTRIBUTES = Prompt(
    name="six-attribute-caption",
    date="2026-11-22",
    system="You are an experienced analyst of X-ray images of baggage. You report what is there, in good plain English.",
    text=f"""\
You are given {{views}} of a piece of baggage, and what an annotator recorded of it in six attributes: the category of each
item, its colour in the image, how many of the category there are, its approximate place in the container, the container, and
its box.

{PRINCIPLES}

Write a caption from which a reader who cannot see the image learns all six attributes of every item. `top` describes the
image as a whole; `side` describes the second view, or is null; `items` has one entry for each item, whose `text` joins the
item's attributes into one or two natural sentences, each entry built differently; `whole` sums up in one or two sentences.
Where the image seems to deny a recorded attribute, keep to the record.

{RULES}

Facts:
{{facts}}

{ANSWER}""",
)

_REWRITE = Prompt(
    name="rewrite-caption",
    date="2026-11-22",
    system="You are an editor. You change the wording of technical descriptions and never their content.",
    text=f"""\
Below is a verified caption of {{views}} of a bag. Rewrite its texts so that they read differently: other sentence openings,
another order of details, other words for the same thing. Keep every number, category, place, colour, container and box, keep
all fields that are not running text exactly as they are, and add nothing.

{RULES}

Caption:
{{facts}}

{ANSWER}""",
)

_JUDGE = Prompt(
    name="judge",
    date="2026-11-22",
    system="You check descriptions of X-ray scans of baggage for contradictions. You decide only on what is written.",
    text="""\
A bag was scanned from above (top view) and from one flank (side view). Below are two statements about the same item, one about
each view, and what the metadata knows of it. Boxes are [left, top, right, bottom] from 0 to 1000 of the view; in the side view
down is towards the belt, in the top view it is across the belt.

Decide whether both statements can be true of one bag:
- `contradicts`: whatever the bag looks like, they cannot both be true. An item has one pose: it cannot lie flat on the belt and
  stand on end on it.
- `agrees`: they can both be true. The views are different projections: what covers an item from above need not cover it from the
  side, so different degrees of occlusion mostly agree; and a thing may look long in one view and short in the other.
- `unsure`: the words do not settle it.
Go by the statements; use the metadata only to understand what they speak of. `why` is one sentence.

Statements:
{statements}

Answer with one JSON object and nothing else, valid under this schema:
{ruling_schema}""",
)

_GSXRAY = Prompt(
    name="gsxray",
    date="2026-11-22",
    system="You turn verified descriptions of X-ray scans into short chains of reasoning. You add nothing to what they say.",
    text="""\
Below are a verified caption of {views} of a bag, and a question about the bag with its right answer. Write the reasoning that
leads from the views to that answer:
- `top`: what of the top view matters for the question. After each item that you name, its box as <box>[left, top, right, bottom]</box>,
  copied digit by digit from the caption.
- `side`: the same for the side view; null if there is none.
- `conclusion`: how the two views together give the answer, in one to three sentences. Where only one view decides, say which and why.
- `answer`: the right answer, copied.
Do not mention the caption, and do not use what neither view shows. Leave out what does not bear on the question.

{facts}

Answer with one JSON object with the keys top, side, conclusion and answer, and nothing else.""",
)

PROMPTS: dict[str, Prompt] = {
    prompt.name: prompt for prompt in (_HIERARCHICAL, _SIX_ATTRIBUTES, _REWRITE, _JUDGE, _GSXRAY)
}
"""By name: Dual's hierarchical prompt (3.1, stage 2), One's six-attribute prompt and its rewriting (3.2), the judge of two
statements (3.1, stage 4), and the conversion of captions into reasoning (4.1)."""


THOUSANDTHS = "from 0 to 1000 of the view"


def render(
    prompt: Prompt,
    facts: Facts,
    material: str | None = None,
    *,
    boxes: str = THOUSANDTHS,
    schema: dict[str, Any] | None = None,
) -> list[dict[str, str]]:
    """The messages of a request, system first; the caller adds the images in front of the user's text, top view first.

    Args:
        prompt: one of PROMPTS.
        facts: what the metadata says of the scan, boxes as the model counts them.
        material: what stands at `{facts}` instead of the facts; rewriting gets the caption there.
        boxes: how the model counts the numbers of a box.
        schema: of the answer; None is a caption's own.
    """
    views = "one X-ray view" if len(facts.views) == 1 else "two X-ray views, first the top view, then the side view,"
    answer = json.dumps(schema or json_schema(), sort_keys=True)
    filled = {"views": views, "facts": material or told(facts), "boxes": boxes, "schema": answer}
    # one pass, not str.format: facts and schema are full of braces, and what is filled in is not looked at again
    text = re.sub(r"\{(views|facts|boxes|schema)\}", lambda match: filled[match[1]], prompt.text)
    return [{"role": "system", "content": prompt.system}, {"role": "user", "content": text}]


def told(facts: Facts) -> str:
    """The facts as a model is shown them: readable JSON, nothing that is unknown."""
    shown: dict[str, Any] = {
        "views": list(facts.views),
        "container": facts.container,
        "density": facts.density,
        "counts": facts.counts(),
        "items": [_item(facts, item) for item in facts.items],
        "overlaps": [{"view": view, "items": [a, b]} for view, a, b in facts.overlaps],
    }
    lines = (f"  {json.dumps(name)}: {_value(value)}" for name, value in shown.items() if value is not None)
    return "{\n" + ",\n".join(lines) + "\n}"


def _value(value: Any) -> str:
    """One line for each item: long lists of numbers one below the other are hard to read, also for a model."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(f"    {json.dumps(one)}" for one in value) + "\n  ]"
    return json.dumps(value)


def _item(facts: Facts, item: ItemFacts) -> dict[str, Any]:
    shown: dict[str, Any] = {"item": item.item, "category": item.category}
    shown |= {name: value for name in ("colour", "material", "pose") if (value := getattr(item, name)) is not None}
    seen = {view: item.seen(view) for view in VIEWS if view in facts.views}
    return shown | {view: None if value is None else _seen(value) for view, value in seen.items()}


def _seen(seen: Seen) -> dict[str, Any]:
    shown = {"box": list(seen.box), "place": seen.place, "size": seen.size, "visible": seen.sight}
    return {name: value for name, value in shown.items() if value is not None}
