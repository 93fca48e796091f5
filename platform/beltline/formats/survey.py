"""From a folder to a complete list of entries, and from an entry to a scan.

`survey` opens annotations only and accounts for every file: what no scan uses is listed as rejected, with its reason.
`load` opens one entry's images, and is what runs on many workers.

    entries = survey(READERS["dvxray"], root)
    scan = load(READERS["dvxray"], root, entries[0])
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from beltline import pixels
from beltline.formats.boxing import PSEUDO, place, pseudo_side, scaled
from beltline.formats.entry import Entry, Reader, refused
from beltline.formats.folder import (
    IMAGE_SUFFIXES,
    OTHER_IMAGE_SUFFIXES,
    folder_of,
    printable,
    read_bytes,
    suffix_of,
    walk,
)
from beltline.formats.labelmask import items_of_mask
from beltline.scan import Item, Scan, View, scan_id
from beltline.verdict import BadRow, Reject


def survey(reader: Reader, root: Path) -> list[Entry]:
    """Every scan and every other file below `root`, sorted by `source_id`.

    Raises:
        ValueError: there is no such folder, or nothing in it is of this format.
    """
    folder = walk(root)
    files, refusals = frozenset(folder.files), dict(folder.refused)
    found = [_storable(_checked(entry, files, refusals)) for entry in reader.find(root)]
    if not found:
        raise ValueError(f"{reader.name}: expected {reader.where}; found {len(folder.files)} other files in {root}")
    used = {path for entry in found for path in entry.files}
    rest = [refused(path, _unused(path)) for path in folder.files if path not in used]
    unsafe = [refused(path, reject) for path, reject in folder.refused if path not in used]
    return _unique([*found, *rest, *unsafe])


def load(reader: Reader, root: Path, entry: Entry) -> Scan:
    """The scan of an entry: images opened and measured, boxes and masks checked against them.

    Raises:
        BadRow: the entry is a rejected one, or an image or a box is bad.
    """
    if entry.reject:
        raise BadRow(entry.reject.reason, entry.reject.detail)
    top, notes = _view(root, entry.top)
    side, side_notes = _view(root, entry.side) if entry.side else (None, [])
    items, item_notes = _items(reader, root, entry, top, side)
    scale = (reader.native_width_px or top.width) / top.width
    return Scan(
        id=scan_id(reader.name, entry.source_id),
        group=entry.group,
        source=reader.name,
        source_id=entry.source_id,
        licence=reader.licence,
        top=top,
        side=side,
        items=items,
        mm_per_px=reader.mm_per_px * scale,
        container=entry.container,
        notes=(*entry.notes, *notes, *side_notes, *item_notes),
    )


def _view(root: Path, path: str) -> tuple[View, list[str]]:
    return pixels.open_view(read_bytes(root, path, "image/too-large"), path)


def _items(
    reader: Reader, root: Path, entry: Entry, top: View, side: View | None
) -> tuple[tuple[Item, ...], list[str]]:
    items, notes = entry.items, list[str]()
    if entry.mask and not items:
        data = read_bytes(root, entry.mask, "image/too-large")
        items, notes = items_of_mask(data, entry.mask, dict(reader.mask_categories), (top.width, top.height))
    sizes = {"top": (top.width, top.height), "side": (side.width, side.height) if side else None}
    placed = [place(scaled(item, entry.box_scale, sizes), sizes) for item in items]
    drawn = _with_side_boxes([item for item, _ in placed], top, side)
    return drawn, [*notes, *(note for _, more in placed for note in more)]


def _with_side_boxes(items: list[Item], top: View, side: View | None) -> tuple[Item, ...]:
    """Side boxes for the items that are marked for one; an item whose columns are empty in the side view gets none."""
    if side is None or not any(item.attributes == PSEUDO for item in items):
        return tuple(items)
    rgb = pixels.decode(side.bytes)
    return tuple(
        replace(item, side_xyxy=pseudo_side(item.top_xyxy, top.width, rgb))
        if item.attributes == PSEUDO and item.top_xyxy
        else item
        for item in items
    )


def _checked(entry: Entry, files: frozenset[str], refusals: dict[str, Reject]) -> Entry:
    """An entry whose images lie where it says; otherwise it is rejected with the reason why they do not."""
    if entry.reject:
        return entry
    for path in (entry.top, *(each for each in (entry.side, entry.mask) if each is not None)):
        if path not in files:
            missing = Reject("ingest/missing-file", f"{path or 'top view'}: expected a file in the folder, found none")
            return replace(entry, reject=refusals.get(path, missing))
    return entry


def _storable(entry: Entry) -> Entry:
    """An entry whose texts are all UTF-8: half a surrogate pair, which JSON can spell, cannot be stored in a table."""
    try:
        entry.json().encode()
    except UnicodeEncodeError:
        name, uses = printable(entry.source_id), tuple(path for path in entry.uses if printable(path) == path)
        reject = Reject("ingest/bad-name", f"{name}: expected names in UTF-8")
        return Entry(source_id=name, group=name, top="", uses=uses, reject=reject)
    return entry


def _unused(path: str) -> Reject:
    suffix, place = suffix_of(path), folder_of(path).lower()
    if suffix in IMAGE_SUFFIXES | OTHER_IMAGE_SUFFIXES:
        return Reject("ingest/unused-image", f"{path}: an image that no annotation of this format names")
    if suffix in (".json", ".xml") or (
        suffix == ".txt" and any(word in place for word in ("label", "annot", "caption"))
    ):
        return Reject("ingest/unused-annotation", f"{path}: an annotation that belongs to no image of this format")
    return Reject("ingest/not-a-scan", f"{path}: neither an image nor an annotation")


def _unique(entries: Iterable[Entry]) -> list[Entry]:
    """Sorted by `source_id`; of equal ones the first good one keeps it, the others get #2, #3 and are rejected."""
    seen: set[str] = set()
    result: list[Entry] = []
    for entry in sorted(entries, key=lambda each: (each.source_id, each.reject is not None, each.files)):
        name, count = entry.source_id, 1
        while name in seen:
            count += 1
            name = f"{entry.source_id}#{count}"
        seen.add(name)
        result.append(entry if count == 1 else _duplicate(entry, name))
    return sorted(result, key=lambda each: each.source_id)


def _duplicate(entry: Entry, name: str) -> Entry:
    detail = f"{printable(', '.join(entry.files))}: expected one scan named {entry.source_id!r}, found another"
    return replace(entry, source_id=name, reject=entry.reject or Reject("ingest/duplicate-id", detail))
