"""A folder of images and nothing else: `<bag>_top.png` and `<bag>_side.png` are one bag; any other image is a top view alone.

Layout: any folders. Nothing is said of what lies in the bags; that is what a model is asked (`inspect`).
"""

import re
from collections.abc import Iterator
from pathlib import Path

from beltline.formats.entry import Entry
from beltline.formats.folder import folder_of, joined, stem_of, walk

_VIEW = re.compile(r"(?P<bag>.+)[ _-](?P<view>top|side)", re.IGNORECASE)


def find(root: Path) -> Iterator[Entry]:
    """A scan for each top view and each image that is neither; a side view goes with the top view of its bag, in its folder."""
    images = walk(root).images()
    named = {path: _bag(path) for path in images}
    sides = {bag: path for path, (bag, view) in named.items() if view == "side"}
    tops = {bag for bag, view in named.values() if view == "top"}
    for path, (bag, view) in named.items():
        if view == "top":
            yield Entry(source_id=bag, group=bag, top=path, side=sides.get(bag))
        elif view is None or bag not in tops:
            yield Entry(source_id=path, group=bag, top=path)


def _bag(path: str) -> tuple[str, str | None]:
    """The bag of an image, and the view that its name says."""
    match = _VIEW.fullmatch(stem_of(path))
    name = match["bag"] if match else stem_of(path)
    return joined(folder_of(path), name), match["view"].lower() if match else None
