"""STING-BEE's instruction data: LLaVA conversations with boxes written into the text, over one flat folder of images.

A box is `<p>hammer</p>{<10><20><35><60>}`, integers 0 to 100 of the image's width and height, several joined by `<delim>`. The
boxes of all conversations on an image, said once each, are its items.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from beltline.formats import series
from beltline.formats.entry import Entry, attempt, refused
from beltline.formats.folder import Images, by_stem, located, relative, stem_of, walk
from beltline.formats.values import corners, listing, mapping, read_json
from beltline.labels import canonical
from beltline.scan import Box, Item
from beltline.verdict import BadRow

FULL = 100.0
_BOX = r"\{\s*(?:<\s*-?\d+\s*>\s*){4}\}"
_GROUNDED = re.compile(rf"<p>\s*(?P<label>[^<]{{1,80}}?)\s*</p>\s*(?P<boxes>{_BOX}(?:\s*<delim>\s*{_BOX})*)")
Grounded = tuple[str, Box]
"""Label and box on 0 to 100."""


def find(root: Path) -> Iterator[Entry]:
    """Every image that the conversations of a JSON list below `root` speak of."""
    folder = walk(root)
    images = by_stem(folder.images())
    for path in folder.named(".json"):
        try:
            document = read_json(root, path)
        except BadRow as error:
            yield refused(path, error.verdict)
            continue
        if isinstance(document, list) and document and isinstance(document[0], dict) and "conversations" in document[0]:
            yield from _entries(document, path, images)


def grounded(text: str, what: str = "text") -> list[Grounded]:
    """Every (label, box) in a text, in order.

    Raises:
        BadRow: a box is turned inside out.
    """
    result: list[Grounded] = []
    for match in _GROUNDED.finditer(text):
        for box in re.findall(_BOX, match["boxes"]):
            result.append((match["label"], corners([int(each) for each in re.findall(r"-?\d+", box)], what)))
    return result


def _entries(document: list[Any], path: str, images: Images) -> Iterator[Entry]:
    rows: dict[str, list[Any]] = {}
    for place, row in enumerate(document):
        name = row.get("image") if isinstance(row, dict) else None
        rows.setdefault(name if isinstance(name, str) else f"row {place}", []).append(row)
    for name, talks in sorted(rows.items()):
        stem = stem_of(name.replace("\\", "/"))
        fallback = Entry(source_id=stem, group=series.stcray(stem), top="", uses=(path,))
        yield attempt(partial(_entry, name, talks, path, images, fallback), fallback)


def _entry(name: str, talks: list[Any], path: str, images: Images, fallback: Entry) -> Entry:
    top, notes = located(relative(mapping(talks[0], path).get("image"), path), path, images)
    placed = replace(fallback, top=top, notes=notes)
    return attempt(partial(_labelled, name, talks, path, placed), placed)


def _labelled(name: str, talks: list[Any], path: str, placed: Entry) -> Entry:
    found: dict[Grounded, None] = {}
    for talk in talks:
        for turn in listing(talk.get("conversations"), f"{path}, {name}"):
            text = str(mapping(turn, f"{path}, {name}").get("value", ""))
            found |= dict.fromkeys(
                (canonical(label, "stcray"), box) for label, box in grounded(text, f"{path}, {name}")
            )
    if not found:
        raise BadRow("ingest/unlabelled", f"{path}: expected a box <p>..</p>{{<x0><y0><x1><y1>}} on {name}, found none")
    items = tuple(Item(item=place, category=label, top_xyxy=box) for place, (label, box) in enumerate(found))
    return replace(placed, items=items, box_scale=FULL)
