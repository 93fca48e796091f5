"""Pascal VOC: JPEGImages/, one XML file a view in Annotations/, and the lists of ImageSets/Main.

Edges are pixels from 0 with the right and lower edge exclusive, as in Beltline and as `formats/voc.py` reads them, not the
1 to width of the original devkit: the difference is said in each file's `source`.
"""

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from beltline.formats.export.places import Placed, is_val, place, views, write_text
from beltline.scan import Row, Scan

EDGES = ("xmin", "ymin", "xmax", "ymax")
HIDDEN_BELOW = 0.5
"""Visible share below which an object counts as difficult, as VOC calls what detectors may miss unpunished."""


def voc(root: Path, scans: Iterable[Scan], rows: Iterable[Row] = ()) -> None:
    """Write JPEGImages/, Annotations/ and ImageSets/Main/{train,val}.txt."""
    parts: dict[bool, list[str]] = {False: [], True: []}
    for scan in scans:
        for placed in views(scan, "JPEGImages"):
            place(root, placed)
            document = _document(placed)
            ElementTree.indent(document)
            write_text(root / "Annotations" / f"{placed.stem}.xml", ElementTree.tostring(document, "unicode") + "\n")
            parts[is_val(scan.group)].append(placed.stem)
    for name, stems in (("train", parts[False]), ("val", parts[True])):
        write_text(root / "ImageSets" / "Main" / f"{name}.txt", "".join(f"{stem}\n" for stem in stems))


def _document(placed: Placed) -> Element:
    root = Element("annotation")
    _text(root, "folder", "JPEGImages")
    _text(root, "filename", placed.path.rpartition("/")[2])
    _text(SubElement(root, "source"), "database", "Beltline; edges from 0, right and lower edge exclusive")
    size = SubElement(root, "size")
    for name, value in (("width", placed.image.width), ("height", placed.image.height), ("depth", 3)):
        _text(size, name, str(value))
    _text(root, "segmented", "0")
    for item in placed.scan.items:
        xyxy = getattr(item, f"{placed.view}_xyxy")
        if xyxy is not None:
            visible = getattr(item, f"{placed.view}_visible")
            _object(root, item.category, xyxy, visible is not None and visible < HIDDEN_BELOW)
    return root


def _object(root: Element, name: str, xyxy: tuple[float, ...], difficult: bool) -> None:
    thing = SubElement(root, "object")
    for key, value in (("name", name), ("pose", "Unspecified"), ("truncated", "0"), ("difficult", str(int(difficult)))):
        _text(thing, key, value)
    box = SubElement(thing, "bndbox")
    for edge, number in zip(EDGES, xyxy, strict=True):
        _text(box, edge, f"{number:.15g}")


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
