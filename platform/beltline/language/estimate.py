"""What captions will cost before anybody is asked: rows, and tokens in and out, reckoned from the requests themselves.

    outlook = outlook_of(look(request, facts, stored) for ...)
    print("\\n".join(outlook.lines()))

Known exactly: which rows are asked (the answer cache decides) and the tokens of an image (a family's patches, merged two by two, at
the size that the recipe shows). Assumed, and said so: characters per token of the text, and the length of an answer as long as
none is stored. Prices are the reader's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from beltline.language.asking import Reply, Request
from beltline.language.facts import Facts
from beltline.language.families import Family, SizeWh
from beltline.language.models import Model

CHARS_PER_TOKEN = 3
"""Assumed. English prose has about 4; our prompts are half numbers, and these families give each digit a token of its own."""
TURN_TOKENS = 5
"""Of a chat message: who speaks, and where it ends. The opening of the answer counts as one more message."""
IMAGE_ENDS = 2
SCENES_TOKENS, ITEM_TOKENS, THINKING_TOKENS = 320, 130, 3000
"""Assumed: three scenes of about a hundred tokens; an item's entry with two boxes and a sentence; thoughts before an answer."""

State = Literal["asked", "answered", "failed", "unshown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One row before its question is asked."""

    state: State
    """`asked`: it will be. `answered`: a caption is stored. `failed`: no attempt is left. `unshown`: the row is rejected before
    anybody is asked, or its scan cannot be shown."""
    text_tokens: int = 0
    image_tokens: int = 0
    answer_tokens: int = 0
    """Of an `asked` row as assumed, of an `answered` one as stored; 0 where the server did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a job will ask: the sum over its rows."""

    rows: int
    asked: int
    answered: int
    failed: int
    unshown: int
    text_tokens: int
    image_tokens: int
    answer_tokens: int
    measured: int
    """Stored answers that `answer_tokens` is the mean of; 0 where it is assumed."""

    @property
    def prompt_tokens(self) -> int:
        return self.text_tokens + self.image_tokens

    def lines(self) -> tuple[str, ...]:
        """For a person."""
        has = f"{self.answered} have their caption stored"
        has += f", {self.failed} failed for good" if self.failed else ""
        has += f", {self.unshown} are rejected before" if self.unshown else ""
        said = f"asks about {self.asked} of {self.rows} rows; {has}"
        if not self.asked:
            return (said,)
        how = f"as the {self.measured} stored ones are in the mean" if self.measured else "assumed, for none is stored"
        return (
            said,
            f"tokens in, about {self.prompt_tokens:,}: {self.text_tokens:,} of text at {CHARS_PER_TOKEN} characters each (assumed), "
            f"{self.image_tokens:,} of images",
            f"tokens out, about {self.answer_tokens:,}: {self.answer_tokens // self.asked:,} an answer, {how}; "
            "an answer that is no caption is asked for again",
        )


def image_tokens(size_wh: SizeWh, family: Family) -> int:
    """Tokens of an image of a size that `families.fitted` gave: one for each square of `multiple_px`, and its two ends."""
    width, height = size_wh
    return (width // family.multiple_px) * (height // family.multiple_px) + IMAGE_ENDS


def text_tokens(texts: Sequence[str]) -> int:
    """Tokens of chat messages and of the opening of their answer, at CHARS_PER_TOKEN."""
    return sum(-(-len(text) // CHARS_PER_TOKEN) + TURN_TOKENS for text in texts) + TURN_TOKENS


def expected_tokens(model: Model, num_items: int) -> int:
    """Tokens of an answer about so many items, thoughts included, no more than the recipe allows."""
    answer = SCENES_TOKENS + ITEM_TOKENS * min(num_items, model.bounds.items)
    return min(answer + THINKING_TOKENS * model.thinking, model.sampling.max_tokens)


def look(request: Request, facts: Facts, attempt: int | None, reply: Reply | None, failed: bool) -> Look:
    """A row whose request is ready.

    Args:
        request: what would be asked.
        facts: of its scan.
        attempt: the one that is open; None when nothing is left to ask.
        reply: the last one that is stored.
        failed: that reply is no caption, or the row was refused.
    """
    if attempt is None:
        stored = reply.completion_tokens if reply else None
        return Look(state="failed" if failed else "answered", answer_tokens=stored or 0)
    family = request.model.family
    return Look(
        state="asked",
        text_tokens=text_tokens((request.system, request.text)),
        image_tokens=sum(image_tokens(picture.size_wh, family) for picture in request.pictures),
        answer_tokens=expected_tokens(request.model, len(facts.items)),
    )


def outlook_of(looks: Iterable[Look]) -> Outlook:
    """The sum. If answers of the same recipe are stored, the others are taken to be as long as they are in the mean."""
    rows = list(looks)
    asked = [row for row in rows if row.state == "asked"]
    stored = [row.answer_tokens for row in rows if row.state == "answered" and row.answer_tokens]
    assumed = sum(row.answer_tokens for row in asked)
    states = [row.state for row in rows]
    return Outlook(
        rows=len(rows),
        asked=len(asked),
        answered=states.count("answered"),
        failed=states.count("failed"),
        unshown=states.count("unshown"),
        text_tokens=sum(row.text_tokens for row in asked),
        image_tokens=sum(row.image_tokens for row in asked),
        answer_tokens=len(asked) * sum(stored) // len(stored) if stored else assumed,
        measured=len(stored),
    )
