"""LDXray, the source of DualXrayBench: COCO JSON over `*_A` (main, vertical: our top view), the side view of the same name in `*_B`.

Boxes exist for the main view only. Side boxes are drawn when a scan is loaded, as LDXray's own tool draws them
(boxing.pseudo_side), and marked `{"side_box": "pseudo"}` in the item's attributes. Labels are Chinese in the raw files.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from beltline.formats import coco
from beltline.formats.boxing import PSEUDO
from beltline.formats.entry import Entry
from beltline.formats.folder import Images, by_stem, folder_of, stem_of, walk
from beltline.verdict import Reject


def find(root: Path) -> Iterator[Entry]:
    """Every bag that a COCO file below `root` lists, with its side view."""
    sides = by_stem(path for path in walk(root).images() if folder_of(path).endswith("_B"))
    for entry in coco.find(root, "ldxray", _is_main):
        yield _with_side(entry, sides)


def _is_main(path: str) -> bool:
    return folder_of(path).endswith("_A")


def _with_side(entry: Entry, sides: Images) -> Entry:
    if not entry.top:
        return entry
    name = f"{folder_of(entry.top).rpartition('/')[2].removesuffix('_A')}/{stem_of(entry.top)}"  # train and test may share names
    entry = replace(entry, source_id=name, group=name)
    wanted = f"{folder_of(entry.top)[:-1]}B"
    side = next((path for path in sides.get(stem_of(entry.top), []) if folder_of(path) == wanted), None)
    if side is None:
        missing = Reject(
            "ingest/missing-view", f"{entry.top}: expected a side view of the same name in {wanted}, found none"
        )
        return replace(entry, reject=entry.reject or missing)
    return replace(entry, side=side, items=tuple(replace(item, attributes=PSEUDO) for item in entry.items))
