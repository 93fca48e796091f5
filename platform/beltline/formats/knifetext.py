"""OPIXray and HiXray: a text file per image, one `<name> <class> x1 y1 x2 y2` per line.

Layout: `{train,test}/{train,test}_image/<name>.jpg` and `{train,test}/{train,test}_annotation/<name>.txt`. HiXray's images end in
.TIFF, .tiff or .jpg; its labels may carry the ending "_prohibited".
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from beltline.formats.entry import Entry, attempt
from beltline.formats.folder import Images, by_stem, folder_of, namesake, stem_of, walk
from beltline.formats.values import BAD, corners, read_text
from beltline.labels import canonical
from beltline.scan import Item
from beltline.verdict import BadRow

ENDING = "_annotation"


def find(root: Path, source: str) -> Iterator[Entry]:
    """The image of every text file in a folder named `*_annotation`."""
    folder = walk(root)
    images = by_stem(folder.images())
    for path in folder.named(".txt"):
        if folder_of(path).endswith(ENDING):
            stem = stem_of(path)
            fallback = Entry(source_id=stem, group=stem, top="", uses=(path,))
            yield attempt(partial(_entry, root, path, source, images, fallback), fallback)


def _entry(root: Path, path: str, source: str, images: Images, fallback: Entry) -> Entry:
    top = namesake(path, images)
    if top is None:
        raise BadRow("ingest/missing-file", f"{path}: expected an image {stem_of(path)!r} in *_image, found none")
    placed = replace(fallback, top=top)
    return attempt(partial(_labelled, root, path, source, placed), placed)


def _labelled(root: Path, path: str, source: str, placed: Entry) -> Entry:
    lines = [line for line in read_text(root, path).splitlines() if line.strip()]
    items = tuple(_item(number, line, f"{path}, line {number + 1}", source) for number, line in enumerate(lines))
    notes = () if items else (f"{path}: empty, a bag without items",)
    return replace(placed, items=items, notes=notes)


def _item(number: int, line: str, what: str, source: str) -> Item:
    words = line.split()
    if len(words) != 6:
        raise BadRow(BAD, f"{what}: expected 'name class x1 y1 x2 y2', found {line[:80]!r}")
    label = words[1].removesuffix("_prohibited")
    return Item(item=number, category=canonical(label, source), top_xyxy=corners(words[2:], what))
