"""Annotation files and the values in them, read without trust: JSON, XML, lines of text, numbers, boxes.

Each function gives back a plain value of the type it names or raises `BadRow` with the file and what was found, so that one
broken file costs one row.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from beltline.formats.folder import read_bytes
from beltline.scan import Box
from beltline.verdict import BadRow

BAD = "ingest/bad-annotation"
MISSING_BOXES = (None, "difficult", "None", "none", "")
"""What DvXray's files hold instead of a box."""


def read_text(root: Path, path: str) -> str:
    """A file's text, UTF-8 with or without a byte order mark."""
    try:
        return read_bytes(root, path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRow(
            BAD, f"{path}: expected UTF-8, found byte {error.object[error.start]:#04x} at {error.start}"
        ) from error


def read_json(root: Path, path: str) -> Any:
    """A JSON file's value; nesting and integers that Python refuses are a bad annotation, not a crash."""
    text = read_text(root, path)
    try:
        return json.loads(text)
    except RecursionError as error:
        raise BadRow(BAD, f"{path}: expected JSON of ordinary depth, found thousands of nested brackets") from error
    except ValueError as error:
        raise BadRow(BAD, f"{path}: expected JSON, found: {str(error)[:120]}") from error


class _NoDoctype(ElementTree.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise BadRow(BAD, f"expected plain XML, found a DOCTYPE {name!r} (entities are refused)")


def read_xml(root: Path, path: str) -> ElementTree.Element:
    """The root element of an XML file; a DOCTYPE, and so every entity, is refused before it is read."""
    data = read_bytes(root, path)
    try:
        return ElementTree.fromstring(data, ElementTree.XMLParser(target=_NoDoctype()))
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        detail = error.verdict.detail if isinstance(error, BadRow) else f"expected XML, found: {error}"
        raise BadRow(BAD, f"{path}: {detail}") from error


def mapping(value: object, what: str) -> dict[str, Any]:
    """`value`, which must be a JSON object."""
    if not isinstance(value, dict):
        raise BadRow(BAD, f"{what}: expected an object, found {_shown(value)}")
    return value


def listing(value: object, what: str) -> list[Any]:
    """`value`, which must be a JSON list."""
    if not isinstance(value, list):
        raise BadRow(BAD, f"{what}: expected a list, found {_shown(value)}")
    return value


def number(value: object, what: str, reason: str = "ingest/bad-box") -> float:
    """A finite float of a JSON number or of a text that spells one."""
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        raise BadRow(reason, f"{what}: expected a number, found {_shown(value)}")
    try:
        result = float(value)
    except (ValueError, OverflowError) as error:
        raise BadRow(reason, f"{what}: expected a number, found {_shown(value)}") from error
    if not math.isfinite(result):
        raise BadRow(reason, f"{what}: expected a finite number, found {_shown(value)}")
    return result


def size(value: object, what: str) -> int:
    """A positive whole number of pixels."""
    result = number(value, what, BAD)
    if result != int(result) or not 0 < result < 2**31:
        raise BadRow(BAD, f"{what}: expected a size in pixels, found {_shown(value)}")
    return int(result)


def corners(values: Sequence[object], what: str) -> Box:
    """`xyxy` of four numbers, which must not be turned inside out.

    An inverted box is refused, not sorted: four numbers in the wrong order are often xywh in the wrong place.
    """
    if len(values) != 4:
        raise BadRow("ingest/bad-box", f"{what}: expected [x1, y1, x2, y2], found {_shown(values)}")
    x1, y1, x2, y2 = (number(value, what) for value in values)
    if x2 <= x1 or y2 <= y1:
        raise BadRow("ingest/bad-box", f"{what}: expected x1 < x2 and y1 < y2, found {[x1, y1, x2, y2]}")
    return x1, y1, x2, y2


def xywh(value: object, what: str) -> Box:
    """`xyxy` of COCO's [x, y, width, height], both sides above 0."""
    values = listing(value, what)
    if len(values) != 4:
        raise BadRow("ingest/bad-box", f"{what}: expected [x, y, width, height], found {_shown(value)}")
    x, y, width, height = (number(each, what) for each in values)
    if width <= 0 or height <= 0:
        raise BadRow("ingest/bad-box", f"{what}: expected a width and height above 0, found {[x, y, width, height]}")
    return x, y, x + width, y + height


def _shown(value: object) -> str:
    try:
        return repr(value)[:80]
    except (ValueError, RecursionError):  # Python does not print integers above 4,300 digits
        return f"a {type(value).__name__} too large to print"
