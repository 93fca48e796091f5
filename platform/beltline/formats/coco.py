"""COCO JSON: PIDray, CLCXray, PIXray and any other set in it.

One file lists images, categories and annotations with `bbox` [x, y, width, height] and `segmentation` as polygons or run
lengths. Image paths are looked for relative to the annotation file, to the root, and then by file name in the folders that go with
the annotation file's name (PIDray: `annotations/xray_test_hidden.json` lists `hidden/*.png`).

Traps handled: Roboflow's category 0 that only groups, image ids and file names that occur twice, CLCXray's file names that say
.png for a .jpg, boxes without an area, annotations of unknown images.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from beltline.formats.entry import Entry, attempt, refused
from beltline.formats.folder import Folder, folder_of, joined, relative, stem_of, suffix_of, walk
from beltline.formats.segmentation import counts_of
from beltline.formats.values import BAD, listing, mapping, read_json, size, xywh
from beltline.labels import canonical
from beltline.scan import Item, Row
from beltline.verdict import BadRow

MASK_KEYS = ("segmentation", "mask")
"""DET-COMPASS writes its run lengths under `mask`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One annotation file, indexed."""

    path: str
    source: str
    categories: dict[Any, Row]
    annotations: dict[Any, list[Row]]


def finder(source: str) -> partial[Iterator[Entry]]:
    """`find` for one set; labels are read as that set means them."""
    return partial(find, source=source)


def find(root: Path, source: str = "coco") -> Iterator[Entry]:
    """The images of every COCO file below `root`."""
    folder = walk(root)
    by_stem = _by_stem(folder)
    for path in folder.named(".json"):
        try:
            document = read_json(root, path)
            if isinstance(document, dict) and "images" in document:
                yield from _entries(document, path, source, by_stem)
        except BadRow as error:
            yield refused(path, error.verdict)


def _entries(document: Row, path: str, source: str, by_stem: dict[str, list[str]]) -> Iterator[Entry]:
    sheet = _sheet(document, path, source)
    seen: set[Any] = set()
    for number, image in enumerate(listing(document["images"], f"{path}, images")):
        name = str(image.get("file_name", "")) if isinstance(image, dict) else ""
        fallback = Entry(source_id=_stem(name) or f"{path}#{number}", group=_stem(name), top="", uses=(path,))
        yield attempt(partial(_entry, image, sheet, by_stem, fallback, seen), fallback)


def _sheet(document: Row, path: str, source: str) -> Sheet:
    annotations: dict[Any, list[Row]] = defaultdict(list)
    for value in listing(document.get("annotations", []), f"{path}, annotations"):
        annotation = mapping(value, f"{path}, annotation")
        annotations[_key(annotation.get("image_id"), path)].append(annotation)
    categories = [mapping(each, f"{path}, category") for each in listing(document.get("categories", []), path)]
    keyed = {_key(each.get("id"), path): each for each in categories}
    return Sheet(path=path, source=source, categories=keyed, annotations=annotations)


def _entry(image: Any, sheet: Sheet, by_stem: dict[str, list[str]], fallback: Entry, seen: set[Any]) -> Entry:
    row = mapping(image, f"{sheet.path}, image")
    what = f"{sheet.path}, image {row.get('id')!r}"
    key = _key(row.get("id"), what)
    if key in seen:
        raise BadRow("ingest/duplicate-id", f"{what}: this image id occurs twice; its annotations cannot be told apart")
    seen.add(key)
    name = relative(row.get("file_name"), what)
    top, notes = _located(name, sheet.path, by_stem)
    size_wh = (size(row.get("width"), what), size(row.get("height"), what)) if "width" in row else None
    items = [
        _item(number, value, sheet, what, size_wh)
        for number, value in enumerate(sheet.annotations.get(key, []))
        if not _groups_only(value, sheet)
    ]
    return Entry(
        source_id=fallback.source_id, group=fallback.group, top=top, items=tuple(items), notes=notes, uses=(sheet.path,)
    )


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
    box = xywh(annotation["bbox"], what) if "bbox" in annotation or mask is None else None
    return Item(item=number, category=name, top_xyxy=box, top_mask=mask)


def _groups_only(annotation: Row, sheet: Sheet) -> bool:
    """Roboflow's category 0 has no name of its own: it is the parent that the others name as `supercategory`."""
    if annotation.get("category_id") != 0 or 0 not in sheet.categories:
        return False
    name = sheet.categories[0].get("name")
    return any(each.get("supercategory") == name for key, each in sheet.categories.items() if key != 0)


def _located(name: str, path: str, by_stem: dict[str, list[str]]) -> tuple[str, tuple[str, ...]]:
    """The file that an annotation means, and a note when it is named differently."""
    candidates = by_stem.get(stem_of(name), [])
    for exact in (joined(folder_of(path), name), name):
        if exact in candidates:
            return exact, ()
    same_name = [each for each in candidates if each.endswith("/" + name)] or candidates
    words = set(stem_of(path).lower().split("_"))
    best = [each for each in same_name if words & set(folder_of(each).lower().split("/"))] or same_name
    if len(best) != 1:
        found = f"{len(best)} of that name" if best else "none"
        raise BadRow("ingest/missing-file", f"{path}: expected an image {name!r}, found {found}")
    note = () if suffix_of(best[0]) == suffix_of(name) else (f"{path}: calls the image {name}, it is {best[0]}",)
    return best[0], note


def _by_stem(folder: Folder) -> dict[str, list[str]]:
    result: dict[str, list[str]] = defaultdict(list)
    for path in folder.images():
        result[stem_of(path)].append(path)
    return result


def _stem(name: str) -> str:
    return stem_of(name.replace("\\", "/"))


def _key(value: object, what: str) -> object:
    if not isinstance(value, int | str):
        raise BadRow(BAD, f"{what}: expected an id, found {str(value)[:40]!r}")
    return value
