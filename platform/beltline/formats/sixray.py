"""SIXray: VOC files for the bags with a threat, and lists that say for every image which categories it holds.

Layout: `annotations/P00001.xml`, `images/P00001.jpg`, `labels/{10,100,1000}/{train,test}.csv`. Images named P hold a threat,
images named N none and have no XML file. A bag whose categories only a list names becomes items without boxes.
"""

import csv
import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from beltline.formats import voc
from beltline.formats.entry import Entry, attempt
from beltline.formats.folder import stem_of, walk
from beltline.formats.values import read_text
from beltline.labels import canonical
from beltline.scan import Item
from beltline.verdict import BadRow

Lists = dict[str, tuple[str, tuple[str, ...]]]
"""By an image's stem: the image-level list that names it first, and the categories it gives."""


def find(root: Path) -> Iterator[Entry]:
    """Every XML file's image, then every other image named P or N."""
    described: set[str] = set()
    for entry in voc.find(root, "sixray"):
        described.add(entry.source_id)
        yield entry
    lists = _lists(root)
    for path in walk(root).images():
        stem = stem_of(path)
        if stem not in described and stem[:1] in "PN" and stem[1:].isdigit():
            fallback = Entry(source_id=stem, group=stem, top=path)
            yield attempt(partial(_entry, path, stem, lists), fallback)


def _entry(path: str, stem: str, lists: Lists) -> Entry:
    source, names = lists.get(stem, ("", ()))
    if stem.startswith("P") and not names:
        raise BadRow(
            "ingest/missing-annotation", f"{path}: expected {stem}.xml or a line in labels/*.csv, found neither"
        )
    items = tuple(Item(item=number, category=canonical(name, "sixray")) for number, name in enumerate(names))
    notes = (f"{path}: categories from the image-level lists, no boxes",) if items else ()
    return Entry(source_id=stem, group=stem, top=path, items=items, notes=notes, uses=(source,) if source else ())


def _lists(root: Path) -> Lists:
    result: Lists = {}
    for path in walk(root).named(".csv"):
        try:
            rows = list(csv.reader(io.StringIO(read_text(root, path))))
        except (csv.Error, BadRow):
            continue  # the file stays unused, and is listed as such
        for row in rows[1:]:
            if row:
                names = tuple(name for name, value in zip(rows[0][1:], row[1:], strict=False) if value.strip() == "1")
                result.setdefault(stem_of(row[0].strip()), (path, names))
    return result
