"""COCO JSON: PIDray, CLCXray, PIXray and any other set in it.

One file lists images, categories and annotations with `bbox` [x, y, width, height] and `segmentation` as polygons or run
lengths. Image paths are looked for relative to the annotation file, to the root, and then by file name in the folders that go with
the annotation file's name (PIDray: `annotations/xray_test_hidden.json` lists `hidden/*.png`).

Traps handled: Roboflow's category 0 that only groups, image ids and file names that occur twice, CLCXray's file names that say
.png for a .jpg, boxes without an area, annotations of unknown images.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from beltline.formats.entry import Entry, attempt, refused
from beltline.formats.folder import Images, by_stem, located, relative, stem_of, walk
from beltline.formats.segmentation import counts_of
from beltline.formats.values import BAD, listing, mapping, read_json, size, xywh
from beltline.labels import canonical
from beltline.scan import Item, Row
from beltline.verdict import BadRow, Reject

MASK_KEYS = ("segmentation", "mask")
"""DET-COMPASS writes its run lengths under `mask`."""
COLLIDING = frozenset({"coco", "det-compass"})
"""Sets whose file names may occur in several folders: there the path as the file states it is the scan's id, elsewhere the stem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One annotation file, indexed by image id."""

    path: str
    source: str
    categories: dict[Any, Row]
    images: dict[Any, set[str]] = field(default_factory=lambda: defaultdict(set))
    """File names that go by an id: more than one is a trap."""
    annotations: dict[Any, list[Row]] = field(default_factory=lambda: defaultdict(list))
    strays: list[Entry] = field(default_factory=list)
    """Annotations of no image, as rejected entries."""


def anywhere(path: str) -> bool:
    """Images may lie in any folder."""
    return True


def find(root: Path, source: str = "coco", within: Callable[[str], bool] = anywhere) -> Iterator[Entry]:
    """The images of every COCO file below `root`; `within` says which paths may hold what the file lists."""
    folder = walk(root)
    images = by_stem(path for path in folder.images() if within(path))
    for path in folder.named(".json"):
        try:
            document = read_json(root, path)
            if isinstance(document, dict) and "images" in document:
                yield from _entries(document, path, source, images)
        except BadRow as error:
            yield refused(path, error.verdict)


def _entries(document: Row, path: str, source: str, images: Images) -> Iterator[Entry]:
    rows = listing(document["images"], f"{path}, images")
    sheet = _sheet(document, rows, path, source)
    for number, row in enumerate(rows):
        name = str(row.get("file_name", "")) if isinstance(row, dict) else ""
        source_id = _source_id(name, source) or f"{path}#image{number}"
        fallback = Entry(source_id=source_id, group=source_id, top="", uses=(path,))
        yield attempt(partial(_entry, row, sheet, images, fallback), fallback)
    yield from sheet.strays


def _sheet(document: Row, rows: list[Any], path: str, source: str) -> Sheet:
    categories = [mapping(each, f"{path}, category") for each in listing(document.get("categories", []), path)]
    sheet = Sheet(path=path, source=source, categories={_key(each.get("id"), path): each for each in categories})
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("id"), int | str):
            sheet.images[row["id"]].add(str(row.get("file_name")))
    for number, annotation in enumerate(listing(document.get("annotations", []), f"{path}, annotations")):
        key = annotation.get("image_id") if isinstance(annotation, dict) else None
        if isinstance(key, int | str) and key in sheet.images:
            sheet.annotations[key].append(annotation)
        else:
            sheet.strays.append(_stray(path, number, key))
    return sheet


def _stray(path: str, number: int, key: object) -> Entry:
    detail = f"{path}, annotation {number}: expected the id of a listed image, found {str(key)[:40]!r}"
    name = f"{path}#annotation{number}"
    return Entry(source_id=name, group=name, top="", uses=(path,), reject=Reject(BAD, detail))


def _entry(value: Any, sheet: Sheet, images: Images, fallback: Entry) -> Entry:
    row = mapping(value, f"{sheet.path}, image")
    what = f"{sheet.path}, image {str(row.get('id'))[:40]!r}"
    key = _key(row.get("id"), what)
    if len(sheet.images[key]) > 1:
        raise BadRow(
            "ingest/duplicate-id", f"{what}: expected one image of this id, found {sorted(sheet.images[key])[:3]}"
        )
    top, notes = located(relative(row.get("file_name"), what), sheet.path, images)
    placed = replace(fallback, top=top, notes=notes)
    return attempt(partial(_labelled, row, sheet, key, placed), placed)


def _labelled(row: Row, sheet: Sheet, key: object, placed: Entry) -> Entry:
    what = f"{sheet.path}, image {str(row.get('id'))[:40]!r}"
    size_wh = (size(row.get("width"), what), size(row.get("height"), what)) if "width" in row else None
    notes = placed.notes
    boxed = [each for each in sheet.annotations.get(key, []) if not _groups_only(each, sheet)]
    single = [each for each in boxed if not each.get("iscrowd")]
    if len(single) < len(boxed):
        notes = (*notes, f"{what}: {len(boxed) - len(single)} outlines of crowds, which are no items, left out")
    items = tuple(_item(number, each, sheet, what, size_wh) for number, each in enumerate(single))
    return replace(placed, items=items, notes=notes)


def _item(number: int, annotation: Row, sheet: Sheet, what: str, size_wh: tuple[int, int] | None) -> Item:
    what = f"{what}, annotation {number}"
    category = sheet.categories.get(_key(annotation.get("category_id"), what))
    if category is None:
        raise BadRow(
            "labels/unknown", f"{what}: expected a listed category, found id {annotation.get('category_id')!r}"
        )
    name = canonical(category.get("name"), sheet.source)
    shape = next((annotation[key] for key in MASK_KEYS if annotation.get(key)), None)
    mask = counts_of(shape, size_wh, what) if shape is not None else None
    box = xywh(annotation.get("bbox"), what) if annotation.get("bbox") or mask is None else None
    return Item(item=number, category=name, top_xyxy=box, top_mask=mask)


def _groups_only(annotation: Row, sheet: Sheet) -> bool:
    """Roboflow's category 0 has no name of its own: it is the parent that the others name as `supercategory`."""
    if annotation.get("category_id") != 0 or 0 not in sheet.categories:
        return False
    name = sheet.categories[0].get("name")
    return any(each.get("supercategory") == name for key, each in sheet.categories.items() if key != 0)


def _source_id(name: str, source: str) -> str:
    plain = name.replace("\\", "/")
    return plain.rpartition(".")[0] or plain if source in COLLIDING else stem_of(plain)


def _key(value: object, what: str) -> object:
    if not isinstance(value, int | str):
        raise BadRow(BAD, f"{what}: expected an id, found {str(value)[:40]!r}")
    return value
