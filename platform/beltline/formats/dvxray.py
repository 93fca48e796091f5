"""DvXray: `<id>_OL.png` (overlook, the top view), `<id>_SD.png` (side view) and `<id>.json` per bag.

A bag without a threat holds `{"objects": "None"}`, a string; one with threats a list of `{"label", "ol_bb", "sd_bb"}`. In the
public files a box may also be null, "difficult", [], [[...]] or longer than four numbers: see `_box`.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from beltline.formats.entry import Entry, attempt
from beltline.formats.folder import folder_of, stem_of, suffix_of, walk
from beltline.formats.values import BAD, MISSING_BOXES, corners, listing, mapping, read_json
from beltline.labels import canonical
from beltline.scan import Box, Item
from beltline.verdict import BadRow

VIEW_ENDINGS = {"_OL": "top", "_SD": "side"}
Bag = dict[str, str]
"""Part ("top", "side", "json") to path."""


def find(root: Path) -> Iterator[Entry]:
    """Every bag below `root`, in the order of its folder and id."""
    for (_, bag), parts in sorted(_bags(root).items()):
        fallback = Entry(
            source_id=bag,
            group=bag,
            top=parts.get("top", ""),
            side=parts.get("side"),
            uses=(parts["json"],) if "json" in parts else (),
        )
        yield attempt(partial(_entry, root, bag, parts, fallback), fallback)


def _bags(root: Path) -> dict[tuple[str, str], Bag]:
    folder = walk(root)
    bags: dict[tuple[str, str], Bag] = {}
    for path in sorted(folder.images(), key=lambda path: (suffix_of(path) != ".png", path)):  # the set's own kind first
        stem = stem_of(path)
        part = VIEW_ENDINGS.get(stem[-3:].upper())
        if part:
            bags.setdefault((folder_of(path), stem[:-3]), {}).setdefault(part, path)
    for path in folder.named(".json"):
        key = (folder_of(path), stem_of(path))
        if key in bags or (key[1][:1] in "PN" and key[1][1:].isdigit()):
            bags.setdefault(key, {})["json"] = path
    return bags


def _entry(root: Path, bag: str, parts: Bag, fallback: Entry) -> Entry:
    for part, name in (("top", f"{bag}_OL.png"), ("side", f"{bag}_SD.png")):
        if part not in parts:
            raise BadRow("ingest/missing-view", f"{bag}: expected a {part} view {name}, found none")
    if "json" not in parts:
        raise BadRow("ingest/missing-annotation", f"{bag}: expected {bag}.json beside the views, found none")
    document = mapping(read_json(root, parts["json"]), parts["json"])
    if "objects" not in document:
        raise BadRow(BAD, f"{parts['json']}: expected a key 'objects', found {sorted(document)[:5]}")
    items, notes = _items(document["objects"], parts["json"])
    if bag.startswith("P") and not items:
        raise BadRow("ingest/unlabelled", f"{parts['json']}: expected the objects of a positive bag, found none")
    return replace(fallback, items=items, notes=notes)


def _items(objects: object, path: str) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    if objects is None or (isinstance(objects, str) and objects.strip().lower() in ("none", "")):
        return (), ()
    notes: list[str] = []
    items = [_item(number, value, path, notes) for number, value in enumerate(listing(objects, path))]
    return tuple(items), tuple(notes)


def _item(number: int, value: object, path: str, notes: list[str]) -> Item:
    what = f"{path}, object {number}"
    thing = mapping(value, what)
    category = canonical(thing.get("label"), "dvxray")
    top, side = (_box(thing.get(key), f"{what}, {key}", notes) for key in ("ol_bb", "sd_bb"))
    return Item(item=number, category=category, top_xyxy=top, side_xyxy=side)


def _box(value: Any, what: str, notes: list[str]) -> Box | None:
    """A box, or None where the file says that the view does not show the item.

    [[...]] around one box is opened; several boxes for one item and one view are ambiguous and refused. Of more than four
    numbers the first four count, as the set's users read them.
    """
    if (isinstance(value, str | None) and value in MISSING_BOXES) or value in ([], [[]]):
        notes.append(f"{what}: no box ({value!r})")
        return None
    values = listing(value, what) if not isinstance(value, str) else _not_a_box(value, what)
    if isinstance(values[0], list):
        if len(values) > 1:
            raise BadRow("ingest/bad-box", f"{what}: expected one box, found {len(values)}")
        notes.append(f"{what}: nested box opened")
        return _box(values[0], what, notes)
    if len(values) > 4:
        notes.append(f"{what}: first four of {len(values)} numbers taken as the box")
    return corners(values[:4], what)


def _not_a_box(value: str, what: str) -> list[Any]:
    raise BadRow("ingest/bad-box", f"{what}: expected [x1, y1, x2, y2], found {value[:40]!r}")
