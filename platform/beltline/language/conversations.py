"""A conversation: turns about one scan, and the record of what they ask and which boxes they name.

One conversation is one row of `SCHEMA`. Its turns are plain text; images are not marked in it, since every trainer marks them
in its own way: `views` says which of them it is about, in the order in which they are shown. `boxes` repeats every `<box>` of
the text with the view and the item that it belongs to, and `exchanges` what each question asks and what its answer rests
on, so that a conversation can be checked against the facts and exported to any trainer.

    conversation = Conversation(scan=7, scan_content="…", group="bag 7", kind="gsxray", views=("top", "side"), ...)
    Conversation.of(conversation.row()) == conversation
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pyarrow as pa

from beltline.language.places import Box1000
from beltline.scan import Row, canonical_json

Role = Literal["user", "assistant"]
KINDS = ("gsxray", "dialogue", "caption", "localisation", "drill", "notes", "survey")
"""Reasoning over both views (Dual 4.1), hybrid dialogues (One 3.3), captioning (One 4), grounding turns, and questions in an exam's
own form about bags that are in no exam."""

_text = pa.string()
TURN_TYPE = pa.struct([("role", _text), ("content", _text)])
BOX_TYPE = pa.struct(
    [
        ("turn", pa.int32()),
        ("view", _text),
        ("item", pa.int32()),
        ("category", _text),
        ("xyxy", pa.list_(pa.int32())),
    ]
)
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), False),  # of (scan, kind, index)
        pa.field("scan", pa.int64()),
        pa.field("scan_content", _text),  # digest of the scan's row
        pa.field("group", _text),  # the bag: what splits go by
        pa.field("kind", _text),
        pa.field("views", pa.list_(_text)),  # shown before the first question, in this order
        pa.field("turns", pa.list_(TURN_TYPE)),
        pa.field("boxes", pa.list_(BOX_TYPE)),  # in order of the text, thousandths of their views
        pa.field("exchanges", _text),  # canonical JSON: one Exchange a question
        pa.field("describer", _text),  # who wrote it
        pa.field("prompt", _text),  # name and date of the instruction, null without a model
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one side says."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounding:
    """A box in the text: whose it is, and in which view."""

    turn: int
    """Index of the turn that names it."""
    view: str
    item: int
    category: str
    xyxy: Box1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question and its answer as data."""

    topic: str
    """What is asked for; a dimension or a task."""
    options: tuple[str, ...] = ()
    """In the order of their letters; none for an open question."""
    answer: str
    """As a reader of the answer must find it; of options, the letter."""
    asks: Mapping[str, Any] = field(default_factory=dict)
    """What decides the answer: category, items, axis, view. The facts and this tell the answer without the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Turns about one scan."""

    scan: int
    scan_content: str | None
    group: str
    kind: str
    views: tuple[str, ...]
    turns: tuple[Turn, ...]
    boxes: tuple[Grounding, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    describer: str
    prompt: str | None = None
    index: int = 0
    """Tells conversations of one kind about one scan apart."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"conversation: expected a kind of {KINDS}, found {self.kind!r}")
        roles = [turn.role for turn in self.turns]
        if not roles or len(roles) % 2 or roles != ["user", "assistant"] * (len(roles) // 2):
            raise ValueError(f"conversation: expected user and assistant in turns, found {roles}")

    @property
    def id(self) -> int:
        return conversation_id(self.scan, self.kind, self.index)

    def row(self) -> Row:
        """The conversation as a row of `SCHEMA`."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {
            "id": self.id,
            **plain,
            "views": list(self.views),
            "turns": [asdict(turn) for turn in self.turns],
            "boxes": [asdict(box) | {"xyxy": list(box.xyxy)} for box in self.boxes],
            "exchanges": canonical_json({"index": self.index, "exchanges": [asdict(one) for one in self.exchanges]}),
        }

    @classmethod
    def of(cls, row: Row) -> "Conversation":
        """The conversation of a row of `SCHEMA`; further columns are ignored."""
        record = json.loads(row["exchanges"])
        exchanges = tuple(Exchange(**one | {"options": tuple(one["options"])}) for one in record["exchanges"])
        return cls(
            **{name: row[name] for name in _PLAIN},
            views=tuple(row["views"]),
            turns=tuple(Turn(**turn) for turn in row["turns"]),
            boxes=tuple(Grounding(**box | {"xyxy": tuple(box["xyxy"])}) for box in row["boxes"]),
            exchanges=exchanges,
            index=record["index"],
        )


_PLAIN = ("scan", "scan_content", "group", "kind", "describer", "prompt")


def conversation_id(scan: int, kind: str, index: int = 0) -> int:
    """63 bits of sha256 over (scan, kind, index): another kind or scan beside it shifts nothing."""
    digest = hashlib.sha256(f"conversation\0{scan}\0{kind}\0{index}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
