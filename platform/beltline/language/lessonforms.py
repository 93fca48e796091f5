"""The forms in which a model writes lessons, as schemas that a decoder is held to, and the instructions for them.

A text never changes under its name (prompts.py): a better one gets a new name or date.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from beltline.language.captions import Strict
from beltline.language.prompts import PROMPTS, RULES, Prompt

Words = Annotated[str, StringConstraints(min_length=1, max_length=900)]
Choice = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class Said(Strict):
    """One question of a dialogue and its answer."""

    dimension: Literal["location", "counting", "identity", "feature", "misleading", "basic"]
    question: Words
    options: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=5)] | None
    reasoning: Words | None
    answer: Words


class DialogueWords(Strict):
    """A dialogue as a model writes it."""

    turns: Annotated[tuple[Said, ...], Field(min_length=2, max_length=4)]


class ChainWords(Strict):
    """A chain of reasoning as a model writes it."""

    top: Words
    side: Words
    conclusion: Words
    answer: Choice


FORMS: dict[str, type[Strict]] = {"dialogue": DialogueWords, "gsxray": ChainWords}
DIALOGUE = Prompt(
    name="hybrid-dialogue",
    date="2026-11-23",
    system="You write training dialogues about X-ray scans of baggage. You are exact, and you never ask what the facts leave open.",
    text=f"""\
You are given {{views}} of one bag, the facts that are known about it and a description made from them. Write a dialogue of two to
four questions and answers that teaches how to read the scan.

Each question belongs to one dimension, and no dimension comes twice:
- `location`: where an item is; `counting`: how many there are; `identity`: what kind it is; `feature`: how it shows;
- `misleading`: a claim about the bag that may be false, put as if it were true; as often right as wrong;
- `basic`: a fact of X-ray imaging that helps with this scan and needs no picture.

Some questions are open and some closed, at least one of each:
- closed: `options` has two to five different choices of which exactly one is right, `answer` is its letter (A is the first), and
  `reasoning` is null. Put the right choice at any letter.
- open: `options` is null, `reasoning` gives the reasons step by step, and `answer` is the short answer that follows from them.
Where you name a box, write it as <box>[left, top, right, bottom]</box>, copied digit by digit from the facts, {{boxes}}.

{RULES}

Facts and description:
{{facts}}

Answer with one JSON object and nothing else, valid under this schema:
{{schema}}""",
)
LESSONS: dict[str, Prompt] = {"dialogue": DIALOGUE, "gsxray": PROMPTS["gsxray"]}
"""Kind of conversation to its instruction."""
