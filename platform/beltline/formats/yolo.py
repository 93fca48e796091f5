"""YOLO text: `images/**/<name>.jpg` with `labels/**/<name>.txt`, one `class cx cy w h` per line, in shares of the image.

Class names come from the nearest `data.yaml` (or dataset.yaml, classes.txt, obj.names) above the labels. A line with more numbers is an outline,
`class x1 y1 x2 y2 ...`, and is read as its box. An image without a label file is a bag without items, as YOLO trains it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from beltline.formats.entry import Entry, attempt
from beltline.formats.folder import folder_of, joined, suffix_of, walk
from beltline.formats.values import BAD, number, read_text
from beltline.labels import canonical
from beltline.scan import Box, Item
from beltline.verdict import BadRow

NAME_FILES = ("data.yaml", "dataset.yaml", "data.yml", "classes.txt", "obj.names")
Names = dict[int, str]


def find(root: Path) -> Iterator[Entry]:
    """Every image that has a label file, or whose folder has label files."""
    folder = walk(root)
    labels = {path for path in folder.named(".txt") if path.rpartition("/")[2] not in NAME_FILES}
    label_folders = {folder_of(path) for path in labels}
    tables = {path for path in folder.files if path.rpartition("/")[2] in NAME_FILES}
    for path in folder.images():
        beside, apart = _label_paths(path)
        label = next((each for each in (apart, beside) if each in labels), None)
        if label or (apart != beside and folder_of(apart) in label_folders):
            uses = (label,) if label else ()
            name = path.rpartition(".")[0]
            fallback = Entry(source_id=name, group=name, top=path, uses=uses)
            yield attempt(partial(_entry, root, path, label, tables, fallback), fallback)


def read_names(text: str, path: str) -> Names:
    """Class names by number, of a `names:` block (list or mapping, in one line or several) or of one name per line.

    Only this one key of YAML is understood.
    """
    if suffix_of(path) not in (".yaml", ".yml"):
        return dict(enumerate(line.strip() for line in text.splitlines() if line.strip()))
    block = re.search(
        r"^names\s*:[ \t]*(?:\[(.*?)\]|\{(.*?)\}|((?:#[^\n]*)?(?:\n[ \t]*(?:-|\d+\s*:)[^\n]*)+))", text, re.M | re.S
    )
    if not block:
        raise BadRow(BAD, f"{path}: expected a list or mapping 'names:', found none")
    if block[1] is not None:
        return dict(enumerate(_unquoted(each) for each in block[1].split(",") if each.strip()))
    pairs = (block[2] or "").split(",") if block[2] is not None else block[3].splitlines()
    lines = [each.strip() for each in pairs if each.strip() and not each.strip().startswith("#")]
    return dict(_numbered(place, line) for place, line in enumerate(lines))


def _numbered(place: int, line: str) -> tuple[int, str]:
    key, colon, name = line.partition(":")
    return (int(key), _unquoted(name)) if colon and key.strip().isdecimal() else (place, _unquoted(line.lstrip("-")))


def _unquoted(text: str) -> str:
    return text.partition(" #")[0].strip().strip("'\"")


def _entry(root: Path, path: str, label: str | None, tables: set[str], fallback: Entry) -> Entry:
    items: tuple[Item, ...] = ()
    notes = [] if label else [f"{path}: no label file, a bag without items"]
    if label:
        lines = [line.split() for line in read_text(root, label).splitlines() if line.strip()]
        names = _names(root, label, tables) if lines else {}
        items = tuple(
            _item(place, line, names, f"{label}, line {place + 1}", notes) for place, line in enumerate(lines)
        )
    return replace(fallback, items=items, box_scale=1.0, notes=tuple(notes))


def _names(root: Path, label: str, tables: set[str]) -> Names:
    place = folder_of(label)
    while True:
        for name in NAME_FILES:
            if joined(place, name) in tables:
                return read_names(read_text(root, joined(place, name)), joined(place, name))
        if not place:
            raise BadRow(
                "ingest/missing-annotation", f"{label}: expected class names in data.yaml or classes.txt, found none"
            )
        place = folder_of(place)


def _item(place: int, line: list[str], names: Names, what: str, notes: list[str]) -> Item:
    if not line[0].isdecimal() or int(line[0]) not in names:
        raise BadRow("labels/unknown", f"{what}: expected a class number of {sorted(names)}, found {line[0][:20]!r}")
    values = [number(each, what) for each in line[1:]]
    if len(values) > 5 and len(values) % 2 == 0:
        notes.append(f"{what}: outline read as its box")
        box = (min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2]))
    else:
        box = _centred(values, what)
    return Item(item=place, category=canonical(names[int(line[0])], "yolo"), top_xyxy=box)


def _centred(values: list[float], what: str) -> Box:
    if len(values) not in (4, 5) or min(values[2:4]) <= 0:  # a fifth number is a detector's confidence
        raise BadRow("ingest/bad-box", f"{what}: expected cx cy w h with w and h above 0, found {values[:8]}")
    x, y, width, height = values[:4]
    if max(values[:4]) > 2:
        raise BadRow("ingest/bad-box", f"{what}: expected shares of the image, found pixels: {values[:4]}")
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _label_paths(path: str) -> tuple[str, str]:
    """Where an image's label file may lie: beside it, and in `labels` where the image is in `images`."""
    plain = path.rpartition(".")[0] + ".txt"
    head, images, tail = f"/{plain}".rpartition("/images/")
    return plain, f"{head}/labels/{tail}".lstrip("/") if images else plain
