"""What one sample is before it is tensors: views and turns, cut to what a recipe teaches, and the text of each side apart.

    sample = sample_of(conversation_row, scan_row, recipe)
    segments(sample, processor, recipe)        # [("prompt", "<|im_start|>user…assistant\\n"), ("answer", "…<|im_end|>\\n"), …]

Only answers carry a loss: an answer with the turn's end and the line break after it, every turn of a dialogue. Segments are made
of the model's own chat template, so that what is taught is what is asked later.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beltline.language.showing import NAMED, TAGGED, parts
from beltline.learning import chat
from beltline.learning.chat import Segment
from beltline.learning.recipe import Recipe
from beltline.scan import Row

SECTIONS = ("top", "side", "conclusion")


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
    """Prompts and answers in turn, as the model's own chat template renders them (chat.py).

    Raises:
        ValueError: the template renders a dialogue otherwise than turn by turn.
    """
    return chat.segments(messages(sample, recipe), processor)
