"""What a reviewed row becomes: kept, rejected with the reviewer's reason, or edited; and a column `review` that says how.

    revised(row, Ruling(outcome="rejected", reason="wrong item", reviews=2), sizes={"top": (640, 480)})

Edited boxes go into a scan's items, or into a caption's entries as thousandths of the view. What is no longer known of an item whose
box was moved (masks, visible shares, its place in space) becomes null.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from beltline import boxes
from beltline.language import captions
from beltline.scan import VIEWS, Row, canonical_json
from beltline.verdict import KEEP, BadRow, Reject

FIELD = pa.field("review", pa.string())
ATTRIBUTES = ("colour", "quantity", "container", "top_place", "side_place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a queue came to on one item."""

    outcome: str
    """accepted, rejected or edited; open or disputed where nothing holds yet."""
    reason: str | None = None
    after: str | None = None
    """JSON of an edit, as its event has it."""
    before: str | None = None
    """JSON of what the editor was shown."""
    reviews: int = 0
    """How many people decided on it."""

    def json(self) -> str:
        return canonical_json(asdict(self))


def revised(row: Row, ruling: Ruling, sizes: Mapping[str, tuple[int, int]]) -> Row:
    """The columns that change.

    Args:
        sizes: (width, height) of the views that there are; for a caption's boxes.
    """
    says = {"review": canonical_json({"outcome": ruling.outcome, "reviews": ruling.reviews})}
    if ruling.outcome == "rejected":
        return says | Reject(f"review/{kebab(ruling.reason)}", ruling.reason or "rejected by a reviewer").columns()
    if ruling.outcome in ("open", "disputed"):
        waits = {"open": "nobody has decided on it", "disputed": "reviewers differ and nobody has decided between them"}
        return says | Reject(f"review/{ruling.outcome}", waits[ruling.outcome]).columns()
    changes, shown = ({}, {}) if ruling.outcome != "edited" else map(_read, (ruling.after, ruling.before))
    try:
        return says | KEEP.columns() | edited(row, changes, sizes, shown)
    except (BadRow, KeyError, TypeError, ValueError) as error:
        return says | Reject("review/bad-edit", f"expected an edit that leaves a whole row, found {error}").columns()


def kebab(reason: str | None) -> str:
    """A reason as the last word of a rejection; own words are all `other`: reasons come from a small set, the detail says more."""
    word = re.sub(r"[^a-z0-9]+", "-", (reason or "other").lower()).strip("-")
    return word if 0 < len(word) <= 24 and word.count("-") <= 3 else "other"


def _read(text: str | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text or "{}")
    return found


def edited(
    row: Row, changes: Mapping[str, Any], sizes: Mapping[str, tuple[int, int]], shown: Mapping[str, Any] | None = None
) -> Row:
    """The columns of a row that an edit changes.

    Args:
        shown: what the editor saw before, in the form of `changes`.
    """
    if "question" in changes:
        return question(changes["question"])
    if "caption" in changes and row.get("caption"):
        return {"caption": caption(captions.read(row["caption"]), changes, sizes)}
    if "boxes" in changes and row.get("items") is not None:
        return {"items": items(row["items"], changes["boxes"], (shown or {}).get("boxes", ()))}
    return {}


def question(said: Mapping[str, Any]) -> Row:
    """The columns of an edited question.

    Raises:
        ValueError: its options are not two different ones at least, or the answer is none of them.
    """
    options, answer = [str(one).strip() for one in said["options"]], str(said["answer"])
    letters = [chr(ord("A") + number) for number in range(len(options))]
    if len(options) < 2 or len(set(options)) < len(options) or not all(options) or answer not in letters:
        raise ValueError(f"the options {options} with the answer {answer!r}")
    return {"question": str(said["question"]), "options": options, "answer": answer}


def caption(before: captions.Caption, changes: Mapping[str, Any], sizes: Mapping[str, tuple[int, int]]) -> str:
    """The canonical JSON of an edited caption.

    Raises:
        BadRow: what was made of it is no caption.
    """
    known = {entry.item: entry for entry in before.items}
    entries = [_entry(box, known.get(box["item"]), sizes) for box in changes.get("boxes", ())]
    return captions.write(captions.checked({**changes["caption"], "items": entries}))


def _entry(
    box: Mapping[str, Any], before: captions.ItemWords | None, sizes: Mapping[str, tuple[int, int]]
) -> dict[str, Any]:
    """A caption's entry of a box on the desk; one that was drawn anew says its category."""
    told = {name: box.get(name) for name in ATTRIBUTES}
    places = {f"{view}_box": _thousandths(box, view, before, sizes) for view in VIEWS}
    text = before.text if before else f"There is a {box['category']}."
    same = {"item": box["item"], "category": box["category"]}
    return {**same, **told, "quantity": told["quantity"] or 1, **places, "text": text}


def _thousandths(
    box: Mapping[str, Any], view: str, before: captions.ItemWords | None, sizes: Mapping[str, tuple[int, int]]
) -> list[int] | None:
    """A box in one view; as it was where the desk had no such view to show, since nobody can have changed it there."""
    if view not in sizes:
        was = before.box(view) if before else None
        return None if was is None else list(was)
    return boxes.to_thousandths(box[view], sizes[view]).tolist() if box.get(view) else None


def items(before: list[Row], said: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]] = ()) -> list[Row]:
    """A scan's items after an edit of boxes, categories and attributes; `shown` as the desk had them before."""
    known = {one["item"]: one for one in before}
    saw = {one["item"]: one for one in shown}
    return [_item(known.get(box["item"]), box, saw.get(box["item"], {})) for box in said]


def _item(before: Row | None, box: Mapping[str, Any], saw: Mapping[str, Any]) -> Row:
    places = {f"{view}_xyxy": None if box.get(view) is None else [float(edge) for edge in box[view]] for view in VIEWS}
    known = before or {"item": int(box["item"]), "attributes": "{}"}
    attributes = _attributes(json.loads(known["attributes"] or "{}"), box, saw)
    item = {**known, **places, "category": str(box["category"]), "attributes": canonical_json(attributes)}
    for view in VIEWS:
        if before is None or not _near(before[f"{view}_xyxy"], places[f"{view}_xyxy"]):
            item |= {f"{view}_mask": None, f"{view}_visible": None, "centre_mm": None, "size_mm": None, "pose": None}
    return item


def _attributes(known: dict[str, Any], box: Mapping[str, Any], saw: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of an item and what a person said otherwise. What the desk merely guessed, and nobody changed, stays a guess."""
    said = {name: box.get(name) for name in ATTRIBUTES if name in box and (name in known or box[name] != saw.get(name))}
    return {name: value for name, value in (known | said).items() if value is not None or name not in said}


def _near(before: Any, after: Any) -> bool:
    """The desk shows tenths of a pixel: what was not touched comes back rounded."""
    if before is None or after is None:
        return before is None and after is None
    return all(abs(a - b) <= 0.051 for a, b in zip(before, after, strict=True))
