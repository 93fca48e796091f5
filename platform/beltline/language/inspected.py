"""Inspections as rows of a version: what a model said of a scan, typed, keyed by the scan's id and by the digest of what it saw.

    recipe = Inspecting(name="gsr", revision="1.0.0")
    row = inspected(recipe, scan, content, reply)        # BadRow "inspect/unreadable" where nothing could be read for certain

A repaired answer is kept with its problems, as the server gives it; an unreadable one is rejected, with the model's own words.
"""

from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from beltline.language.asking import Reply
from beltline.language.inspection import PROHIBITED, Inspection, inspect
from beltline.scan import VIEWS, Row, Scan
from beltline.verdict import KEEP, Reject

_BOX = pa.list_(pa.float64())
ITEM = pa.struct(
    [
        ("item", pa.int32()),
        ("category", pa.string()),
        ("prohibited", pa.bool_()),
        ("top_xyxy", _BOX),  # pixels of the view: left, top, right, bottom; null where it is not seen
        ("side_xyxy", _BOX),
        ("confidence", pa.float64()),  # the model's probability of its own words; null where it gave none
    ]
)
INSPECTED = [
    pa.field("id", pa.int64(), False),  # of the scan
    pa.field("scan_content", pa.string()),
    pa.field("model", pa.string()),  # NAME@REVISION
    pa.field("state", pa.string()),  # whole, repaired or unreadable
    pa.field("verdict", pa.string()),  # threat, clear or unknown
    pa.field("answer", pa.string()),
    *(pa.field(part, pa.string()) for part in ("top_reasoning", "side_reasoning", "conclusion")),
    pa.field("items", pa.list_(ITEM)),
    pa.field("problems", pa.list_(pa.string())),
    pa.field("text", pa.string()),  # the model's own words
    pa.field("finish_reason", pa.string()),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspecting:
    """Who is asked, and how. Literals only: it stands in the recipe, and so in the name of a run."""

    name: str
    """As the server knows it."""
    revision: str = "main"
    form: Literal["named", "tagged"] = "tagged"
    question: str
    max_tokens: int = 1024
    view_px: int = 1_003_520
    """A larger view is made smaller before it is sent; boxes are in pixels of the scan all the same."""

    @property
    def label(self) -> str:
        return f"{self.name}@{self.revision}"

    def key(self, scan: Scan) -> dict[str, Any]:
        """What is asked about a scan, for the answer cache: the pictures by their pixels, and all that decides an answer."""
        views = {name: view.sha256 for name in VIEWS if (view := getattr(scan, name)) is not None}
        values = {name: getattr(self, name) for name in ("revision", "form", "question", "max_tokens", "view_px")}
        return {"inspect": 1, "model": self.name, "views": views, **values}


def inspected(who: Inspecting, scan: Scan, content: str, reply: Reply) -> Row:
    """The columns of an answered scan, with the verdict on the row."""
    sizes = {name: (view.width, view.height) for name in VIEWS if (view := getattr(scan, name)) is not None}
    tokens = [(token, logprob) for token, logprob in reply.tokens or ()]
    found = inspect(reply.text, sizes, id=str(scan.id), model=who.label, tokens=tokens, prohibited=PROHIBITED)
    problems = list(found.problems)
    if reply.finish_reason == "length":
        problems.append(f"the answer did not end within {who.max_tokens} tokens")
    gate = Reject("inspect/unreadable", "; ".join(problems)) if found.state == "unreadable" else KEEP
    said = unanswered(who, scan, content) | _columns(found) | {"problems": problems, "text": reply.text}
    return said | {"finish_reason": reply.finish_reason} | gate.columns()


def unanswered(who: Inspecting, scan: Scan, content: str) -> Row:
    """The columns that a row has before there is an answer."""
    return {"id": scan.id, "scan_content": content, "model": who.label}


def _columns(found: Inspection) -> Row:
    items = [item.model_dump(include={field.name for field in ITEM}) for item in found.items]
    said = found.reasoning
    return {
        **{"state": found.state, "verdict": found.verdict, "answer": found.answer, "items": items},
        **{"top_reasoning": said.top, "side_reasoning": said.side, "conclusion": said.conclusion},
    }
