"""Pascal VOC: one XML file per image with named boxes. SIXray, Dualray and GDXray are in it, each with something of its own.

SIXray     images named P... hold a threat, images named N... none; only the former have an XML file. What an XML file lacks
           may be in the image-level lists `labels/*/{train,test}.csv` (a column per category, 1 or -1).
Dualray    `X_ray2022/` is the vertical view, `X_ray2022_1/` the horizontal one, paired by name, each with its own boxes.
GDXray     a series of images is one bag: `B0046_0001.png` belongs to B0046.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element

from beltline.formats.entry import Entry, attempt
from beltline.formats.folder import Images, by_stem, located, namesake, relative, stem_of, walk
from beltline.formats.values import BAD, corners, read_xml
from beltline.labels import canonical
from beltline.scan import Item
from beltline.verdict import BadRow

EDGES = ("xmin", "ymin", "xmax", "ymax")


def itself(stem: str) -> str:
    """Every image is a bag of its own."""
    return stem


def find(root: Path, source: str = "voc", group: Callable[[str], str] = itself) -> Iterator[Entry]:
    """The images of every VOC file below `root`; `group` makes a bag's name of a file's.

    In a set that we do not know ("voc") names may occur in several folders: there the whole path is the scan's id.
    """
    folder = walk(root)
    images = by_stem(folder.images())
    for path in folder.named(".xml"):
        name = stem_of(path) if source != "voc" else path.removesuffix(".xml")
        fallback = Entry(source_id=name, group=group(name), top="", uses=(path,))
        yield attempt(partial(_entry, root, path, source, images, fallback), fallback)


def items_of(root: Path, path: str, source: str) -> tuple[Item, ...]:
    """The items of one VOC file, boxes as top boxes."""
    return tuple(
        _item(number, thing, f"{path}, object {number}", source)
        for number, thing in enumerate(_document(root, path).iter("object"))
    )


def width_of(root: Path, path: str) -> float | None:
    """The image's width as a VOC file states it; None when it does not."""
    text = _document(root, path).findtext("size/width", "").strip()
    return float(text) if text.isdigit() and 0 < len(text) < 7 and int(text) > 0 else None


def image_of(root: Path, path: str, images: Images) -> tuple[str, tuple[str, ...]]:
    """The image of a VOC file, by the file's own name, else by the `filename` in it, and notes."""
    same = namesake(path, images)
    if same:
        return same, ()
    return located(relative(_document(root, path).findtext("filename"), path), path, images)


def _entry(root: Path, path: str, source: str, images: Images, fallback: Entry) -> Entry:
    top, notes = image_of(root, path, images)
    placed = replace(fallback, top=top, notes=notes)
    return attempt(lambda: replace(placed, items=items_of(root, path, source)), placed)


def _document(root: Path, path: str) -> Element:
    document = read_xml(root, path)
    if document.tag != "annotation":
        raise BadRow(BAD, f"{path}: expected a VOC <annotation>, found <{document.tag}>")
    return document


def _item(number: int, thing: Element, what: str, source: str) -> Item:
    edges = [thing.findtext(f"bndbox/{edge}") for edge in EDGES]
    return Item(
        item=number,
        category=canonical((thing.findtext("name") or "").strip(), source),
        top_xyxy=corners(edges, what),
    )
