"""A caption: what the top view shows, what the side view shows, each item, and the whole (Dual 3.1, stage 2).

Each item carries One's six attributes (App. B): category, colour, quantity, place, container, box. The schema is strict and
bounded, so that a decoder held to it (`json_schema()`) always ends, and so that nothing unasked slips in.

    caption = read(answer)            # raises BadRow when it is no caption
    read(write(caption)) == caption
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from beltline.scan import canonical_json
from beltline.verdict import BadRow

Words = Annotated[str, StringConstraints(min_length=1, max_length=600)]
Scene = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=48)]
Thousandth = Annotated[int, Field(ge=0, le=1000)]
BoxWords = Annotated[tuple[Thousandth, ...], Field(min_length=4, max_length=4)]
PlaceWord = Literal["centre", "top", "bottom", "left", "right"]
ColourWord = Literal[
    "light yellow", "yellow", "orange", "light green", "green", "cyan", "dark green", "blue", "dark blue", "black"
]
Quantity = Annotated[int, Field(ge=1, le=10)] | Literal["many", "multiple"]
MAX_ITEMS = 40

FIELDS = [
    pa.field("caption", pa.string()),  # canonical JSON of a Caption
    pa.field("describer", pa.string()),  # the grammar or the model that wrote it
    pa.field("prompt", pa.string()),  # name and date of the instruction, null for the grammar
    pa.field("thinking", pa.string()),  # what a thinking model wrote before its answer
    pa.field(
        "raw", pa.string()
    ),  # a model's answer, whole, where it is not the caption itself: in rejected rows, and of notes
]


class Strict(BaseModel):
    """No coercion, no further fields, no change."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ItemWords(Strict):
    """One item in words. What a view does not show, or cannot be told, is null."""

    item: Annotated[int, Field(ge=0, le=999)]
    category: Name
    colour: ColourWord | None
    quantity: Quantity
    """How many of its category the bag holds; `many` or `multiple` where occlusion hides the number."""
    container: Name | None
    top_place: PlaceWord | None
    side_place: PlaceWord | None
    top_box: BoxWords | None
    """[left, top, right, bottom] on [0, 1000] of the view."""
    side_box: BoxWords | None
    text: Words

    def place(self, view: str) -> str | None:
        return self.top_place if view == "top" else self.side_place

    def box(self, view: str) -> tuple[int, ...] | None:
        return self.top_box if view == "top" else self.side_box


class Caption(Strict):
    """A scan in words. `side` is null for a scan of one view."""

    top: Scene
    side: Scene | None
    items: Annotated[tuple[ItemWords, ...], Field(max_length=MAX_ITEMS)]
    whole: Scene

    def text(self) -> str:
        """The caption as one flowing paragraph."""
        scenes = [self.top, *([self.side] if self.side else [])]
        return " ".join([*scenes, *(item.text for item in self.items), self.whole])


def write(caption: Caption) -> str:
    """Canonical JSON: equal captions give equal text."""
    return canonical_json(caption.model_dump(mode="json"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long a caption may be at most, so that a decoder held to its schema ends by itself.

    A caption reads within the bounds of `Caption`, whatever a model was held to.
    """

    scene_chars: int = 4000
    text_chars: int = 600
    items: int = MAX_ITEMS

    def __post_init__(self) -> None:
        if not (1 <= self.scene_chars <= 4000 and 1 <= self.text_chars <= 600 and 0 <= self.items <= MAX_ITEMS):
            raise ValueError(f"bounds: expected at most 4000 and 600 characters and {MAX_ITEMS} items, found {self}")


def json_schema(bounds: Bounds | None = None, max_edge: int = 1000) -> dict[str, Any]:
    """The schema for a decoder that is held to it: every string, list and number has its bound.

    Args:
        bounds: tighter ones than a Caption's own.
        max_edge: the largest number in a box, as the model counts.
    """
    schema: dict[str, Any] = json.loads(_schema_text())
    if bounds is not None:
        for name in ("top", "whole"):
            schema["properties"][name]["maxLength"] = bounds.scene_chars
        schema["properties"]["side"]["anyOf"][0]["maxLength"] = bounds.scene_chars
        schema["properties"]["items"]["maxItems"] = bounds.items
        schema["$defs"]["ItemWords"]["properties"]["text"]["maxLength"] = bounds.text_chars
    for name in ("top_box", "side_box"):
        schema["$defs"]["ItemWords"]["properties"][name]["anyOf"][0]["items"]["maximum"] = max_edge
    return schema


@lru_cache(maxsize=1)
def _schema_text() -> str:
    return json.dumps(Caption.model_json_schema())


def read(text: str) -> Caption:
    """The caption in a text, boxes on [0, 1000].

    Mended is only what cannot change a fact: thinking text before the answer, code fences and prose around the JSON, commas
    before a closing bracket. Two different objects, or a key given twice, are refused: choosing would be guessing.

    Raises:
        BadRow: `caption/not-json` or `caption/schema`, with what was found.
    """
    return checked(one_object(text))


def one_object(text: str) -> dict[str, Any]:
    """The one JSON object in a text, mended as `read` says.

    Raises:
        BadRow: `caption/not-json`.
    """
    found = list(_objects(text.rpartition("</think>")[2]))
    if len(found) != 1:
        what = f"{len(found)} of them" if found else repr(text[-80:])
        raise BadRow("caption/not-json", f"expected one JSON object, found {what}")
    return found[0]


def checked(found: dict[str, Any]) -> Caption:
    """The caption of a JSON object.

    Raises:
        BadRow: `caption/schema`, with the first fault.
    """
    try:
        return Caption.model_validate_json(json.dumps(found))
    except ValidationError as error:
        raise BadRow("caption/schema", _schema_detail(error)) from error


def _schema_detail(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the object"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{where}: {first['msg']}, found {repr(first['input'])[:80]}{more}"


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The outermost JSON objects of a text, in order."""
    start = text.find("{")
    while start >= 0:
        if _OBJECT_STARTS.match(text, start):
            value, text = _first_object(text[start:])
            yield value
            start = text.find("{")
        else:  # a brace of the prose
            start = text.find("{", start + 1)


def _first_object(text: str) -> tuple[dict[str, Any], str]:
    """The object at the start of a text, and the text after it."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
    try:
        try:
            value, end = decoder.raw_decode(text)
        except json.JSONDecodeError:
            text = _STRING_OR_COMMA.sub(lambda match: "" if match[0] == "," else match[0], text)
            value, end = decoder.raw_decode(text)
    except (ValueError, RecursionError) as error:  # cut off, a key given twice, NaN, 5,000 digits, 1,000 brackets
        raise BadRow("caption/not-json", f"expected one JSON object, found {str(error)[:120]}") from error
    return value, text[end:]


_OBJECT_STARTS = re.compile(r'\{\s*["}]')
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])', re.DOTALL)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"the key {max(names, key=names.count)!r} twice")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"the number {name}")
