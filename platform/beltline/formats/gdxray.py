"""GDXray's baggage series: `B0046/B0046_0001.png`, with VOC files of the same names, or with label masks in `annotations/`."""

from collections.abc import Iterator
from pathlib import Path

from beltline.formats import labelmask, series, voc
from beltline.formats.entry import Entry
from beltline.formats.folder import walk


def find(root: Path) -> Iterator[Entry]:
    """The images of every VOC file; where there is none, those of the label masks."""
    if walk(root).named(".xml"):
        yield from voc.find(root, "gdxray", series.gdxray)
    else:
        yield from labelmask.find(root)
