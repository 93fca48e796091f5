"""What one sample is before it is tensors: views and turns, cut to what a recipe teaches, and the text of each side apart.

    sample = sample_of(conversation_row, scan_row, recipe)
    segments(sample, processor, recipe)        # [("prompt", "<|im_start|>user…assistant\\n"), ("answer", "…<|im_end|>\\n"), …]

Only answers carry a loss: an answer with the turn's end and the line break after it, every turn of a dialogue. Segments are made
of the model's own chat template, so that what is taught is what is asked later.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from beltline.language.showing import NAMED, TAGGED, parts
from beltline.learning.recipes import Recipe
from beltline.scan import Row

SECTIONS = ("top", "side", "conclusion")
Segment = tuple[Literal["prompt", "answer"], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A view as it lies in its row."""

    name: str
    bytes: bytes
    size_wh: tuple[int, int]
    sha256: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A conversation with the views that it is about."""

    id: int
    views: tuple[Shown, ...]
    turns: tuple[tuple[str, str], ...]
    """(role, text), user first."""


def sample_of(conversation: Row, scan: Mapping[str, Any] | None, recipe: Recipe) -> Sample:
    """The sample of a row of `conversations.SCHEMA` and the row of its scan, as the recipe teaches it.

    Args:
        scan: needs the view columns only; `bytes` may be left out where lengths alone are wanted. None for text alone.
    """
    wanted = conversation["views"] if recipe.views is None else [v for v in conversation["views"] if v in recipe.views]
    views = tuple(_shown(name, scan) for name in wanted if scan is not None)
    dropped = [name for name in SECTIONS if name not in recipe.reasoning]
    turns = tuple((turn["role"], _without(turn["content"], dropped, turn["role"])) for turn in conversation["turns"])
    return Sample(conversation["id"], views, turns)


def _shown(name: str, scan: Mapping[str, Any]) -> Shown:
    image = scan.get(name) or {}
    return Shown(
        name, image.get("bytes") or b"", (scan[f"{name}_width"], scan[f"{name}_height"]), scan[f"{name}_sha256"]
    )


def _without(text: str, sections: Sequence[str], role: str) -> str:
    """An answer without some sections of its reasoning (Dual Table 5)."""
    if role != "assistant" or not sections:
        return text
    cut = re.sub(rf"<({'|'.join(sections)})>.*?</\1>\n?", "", text, flags=re.DOTALL)
    return cut or text


def messages(sample: Sample, recipe: Recipe) -> list[dict[str, Any]]:
    """The turns in the form of a chat template; the views stand before the first question."""
    form = TAGGED if recipe.tags else NAMED
    first = [
        {"type": "text", "text": value} if kind == "text" else {"type": "image"}
        for kind, value in parts([view.name for view in sample.views], sample.turns[0][1], form)
    ]
    rest = [{"role": role, "content": [{"type": "text", "text": text}]} for role, text in sample.turns[1:]]
    return [{"role": "user", "content": first}, *rest]


def segments(sample: Sample, processor: Any, recipe: Recipe) -> list[Segment]:
    """Prompts and answers in turn; joined they are the whole text as the chat template renders it.

    Two templates need more: LLaVA's says nowhere that an answer has ended, so the end of text is put after it, as its authors
    taught it; LLaVA-OneVision's asks with another line than it renders an answer with, and what it asks with is taught.

    Raises:
        ValueError: the template renders a dialogue otherwise than turn by turn, so that no answer could be found in it.
    """
    said, found, at = messages(sample, recipe), list[Segment](), 0
    whole = _render(processor, said, asks=False)
    for number in range(1, len(said), 2):
        asked = _render(processor, said[:number], asks=True)
        answered = whole if number == len(said) - 1 else _render(processor, said[: number + 1], asks=False)
        begins = len(asked) if answered.startswith(asked) else answered.rfind(sample.turns[number][1], at)
        if not whole.startswith(answered) or not asked.startswith(answered[:at]) or begins < 0:
            raise ValueError(
                f"chat template: expected turns after one another, found {answered[-80:]!r} after {asked[-80:]!r}"
            )
        found += [("prompt", asked[at:]), ("answer", _ended(answered[begins:], processor.tokenizer.eos_token))]
        at = len(answered)
    return found


def _ended(answer: str, end: str | None) -> str:
    return answer if not end or end in answer else answer.rstrip() + end


def _render(processor: Any, said: list[dict[str, Any]], *, asks: bool) -> str:
    text: str = processor.apply_chat_template(said, add_generation_prompt=asks, tokenize=False)
    return text
