"""COCO JSON: every view an image, boxes as [x, y, width, height] in pixels, masks as run lengths.

Images carry `scan`, `view` and `group` beside COCO's own keys, so that two views of a bag can be found together again;
COCO's tools ignore them. Bags go into train.json or val.json by their name; ids are unique over both.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from beltline.formats.export.places import Placed, is_val, place, views, write_json
from beltline.scan import Item, Row, Scan


def coco(root: Path, scans: Iterable[Scan], rows: Iterable[Row] = ()) -> None:
    """Write train.json, val.json and images/."""
    images: list[Row] = []
    annotations: list[Row] = []
    names: dict[str, None] = {}
    for scan in scans:
        for placed in views(scan):
            place(root, placed)
            images.append(_image(placed, len(images) + 1))
            for item in scan.items:
                if (found := _annotation(placed, item, images[-1]["id"], len(annotations) + 1)) is not None:
                    names.setdefault(item.category)
                    annotations.append(found)
    numbers = {name: number for number, name in enumerate(sorted(names), start=1)}
    for annotation in annotations:
        annotation["category_id"] = numbers[annotation["category_id"]]
    _write(root, images, annotations, [{"id": number, "name": name} for name, number in numbers.items()])


def _write(root: Path, images: list[Row], annotations: list[Row], categories: list[Row]) -> None:
    for name, wanted in (("train", False), ("val", True)):
        chosen = [image for image in images if is_val(image["group"]) is wanted]
        ids = {image["id"] for image in chosen}
        boxed = [annotation for annotation in annotations if annotation["image_id"] in ids]
        document: dict[str, Any] = {"info": {"description": "Beltline"}, "images": chosen}
        write_json(root / f"{name}.json", document | {"annotations": boxed, "categories": categories})


def _image(placed: Placed, number: int) -> Row:
    size = {"width": placed.image.width, "height": placed.image.height}
    mine = {"scan": placed.scan.id, "view": placed.view, "group": placed.scan.group}
    return {"id": number, "file_name": placed.path, **size, **mine}


def _annotation(placed: Placed, item: Item, image: int, number: int) -> Row | None:
    xyxy = getattr(item, f"{placed.view}_xyxy")
    if xyxy is None:
        return None
    left, top, right, bottom = xyxy
    counts = getattr(item, f"{placed.view}_mask")
    size = [placed.image.height, placed.image.width]
    shape = {} if counts is None else {"segmentation": {"size": size, "counts": list(counts)}}
    area = (right - left) * (bottom - top) if counts is None else sum(counts[1::2])
    box = [left, top, right - left, bottom - top]
    return {
        "id": number,
        "image_id": image,
        "category_id": item.category,  # its number once all are known
        "bbox": box,
        "area": area,
        "iscrowd": 0,
        "item": item.item,
        **shape,
    }
