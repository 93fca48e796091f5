"""Label masks: an image of a bag and, of the same name, an image whose pixel values are classes.

The layout of the public segmentation samples of SIXray and GDXray: `img/<id>.png` with `annotations/<id>.png` (8-bit grey,
0 background, 1 gun, 2 knife), or `<id>.png` with `annotations/<id>.png` beside it. Each connected piece of a class is an item.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from beltline import masks
from beltline.formats import series
from beltline.formats.entry import Entry
from beltline.formats.folder import folder_of, joined, stem_of, walk
from beltline.pixels import open_view
from beltline.scan import Item
from beltline.verdict import BadRow, Reject

MASK_FOLDERS = ("annotations", "masks", "mask")
IMAGE_FOLDERS = ("img", "images", "")
SPECK = 0.1
"""A piece smaller than this share of its class's largest piece is a slip of the brush, not an item."""


def find(root: Path) -> Iterator[Entry]:
    """Every image that lies in a mask folder's sister (or parent) folder."""
    images = walk(root).images()
    pictures = {(folder_of(path), stem_of(path)): path for path in images}
    places = sorted({folder_of(path) for path in images if _name(folder_of(path)) in MASK_FOLDERS})
    for place in places:
        pairs = {_image_folder(place, pictures)}
        for folder in pairs - {None}:
            for (where, stem), path in sorted(pictures.items()):
                if where == folder:
                    yield _entry(stem, path, pictures.get((place, stem)))


def items_of_mask(
    data: bytes, path: str, categories: dict[int, str], size_wh: tuple[int, int]
) -> tuple[tuple[Item, ...], list[str]]:
    """The items of a label mask, by class and then by place, and notes.

    A mask of another size than its image is ignored when it is empty (the bags without threat of SIXray's samples) and
    refused when it is not: scaled, it would lie.

    Raises:
        BadRow: `ingest/mask-size`, or `ingest/bad-mask` for values that are no class.
    """
    values = _values(data, path)
    height, width = values.shape
    if (width, height) != size_wh:
        found = f"{path}: expected {size_wh[0]}x{size_wh[1]} px as its image, found {width}x{height}"
        if values.any():
            raise BadRow("ingest/mask-size", found)
        return (), [f"{found}; empty, ignored"]
    unknown = sorted(set(np.unique(values).tolist()) - {0, *categories})
    if unknown:
        raise BadRow("ingest/bad-mask", f"{path}: expected the values {sorted({0, *categories})}, found {unknown[:8]}")
    pieces = [(name, piece) for value, name in sorted(categories.items()) for piece in _pieces(values == value)]
    items = tuple(
        Item(item=number, category=name, top_xyxy=masks.bounds(piece), top_mask=masks.encode(piece))
        for number, (name, piece) in enumerate(pieces)
    )
    kept = sum(int(piece.sum()) for _, piece in pieces)
    dropped = int((values > 0).sum()) - kept
    return items, [f"{path}: {dropped} px of specks dropped"] if dropped else []


def _values(data: bytes, path: str) -> NDArray[np.int64]:
    open_view(data, path)  # the same limits as for every image, before anything is decoded for use
    with Image.open(io.BytesIO(data)) as image:
        values = np.asarray(image)
    if values.ndim == 3 and not (values == values[..., :1]).all():
        raise BadRow("ingest/bad-mask", f"{path}: expected one class per pixel, found colours")
    return np.asarray(values[..., 0] if values.ndim == 3 else values, np.int64)


def _pieces(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return [np.asarray(labels == piece + 1) for piece in range(count - 1) if areas[piece] >= SPECK * areas.max()]


def _entry(stem: str, path: str, mask: str | None) -> Entry:
    missing = (
        None if mask else Reject("ingest/missing-annotation", f"{path}: expected a mask of the same name, found none")
    )
    return Entry(source_id=stem, group=series.gdxray(stem), top=path, mask=mask, reject=missing)


def _image_folder(place: str, pictures: dict[tuple[str, str], str]) -> str | None:
    parent = folder_of(place)
    filled = {folder for folder, _ in pictures}
    candidates = [joined(parent, name) if name else parent for name in IMAGE_FOLDERS]
    return next((folder for folder in candidates if folder in filled), None)


def _name(folder: str) -> str:
    return folder.rpartition("/")[2]
