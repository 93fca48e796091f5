"""COCO folders: PIDray, CLCXray, Roboflow's exports, DET-COMPASS and LDXray, each with its own traps."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beltline import masks
from beltline.formats.boxing import PSEUDO, pseudo_side
from tests.formats.broken import encoded, picture
from tests.formats.folders import IMAGE, entries, items, put, read, reasons


def image(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "file_name": name, "width": 80, "height": 60, **more}


def thing(image_id: int, category_id: int, bbox: list[float], **more: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": image_id, "category_id": category_id, "bbox": bbox, **more}


def document(images: list[Any], annotations: list[Any], *names: str, start: int = 1) -> dict[str, Any]:
    categories = [{"id": number, "name": name} for number, name in enumerate(names, start=start)]
    return {"images": images, "annotations": annotations, "categories": categories}


def test_a_set_without_images_is_no_set(tmp_path: Path) -> None:
    put(tmp_path, {"README.md": "nothing here"})
    with pytest.raises(ValueError, match=r"PIDray \(github.com.*annotations/xray_\*.json"):
        read("pidray", tmp_path)


def test_pidray(tmp_path: Path) -> None:
    square = [[10, 10, 30, 10, 30, 20, 10, 20]]
    hidden = document(
        [image(1, "xray_hidden00091.png"), image(2, "xray_hidden00092.png")],
        [thing(1, 2, [10, 10, 20, 10], segmentation=square), thing(1, 1, [40, 5, 10, 20], segmentation=[])],
        "HandCuffs",
        "Powerbank",
    )
    easy = document([image(1, "xray_easy00001.png")], [thing(1, 1, [0, 0, 80, 60])], "Gun")
    files = {
        f"{place}/{name}.png": IMAGE for place, name in [("easy", "xray_easy00001"), ("hidden", "xray_hidden00092")]
    }
    jpeg = encoded(picture(5), "JPEG")  # in the public set this file, too, is a JPEG with another name
    files |= {"annotations/xray_test_hidden.json": hidden, "annotations/xray_test_easy.json": easy}
    scans = read("pidray", put(tmp_path, {**files, "hidden/xray_hidden00091.png": jpeg}))

    assert sorted(scans) == ["xray_easy00001", "xray_hidden00091", "xray_hidden00092"]
    scan = scans["xray_hidden00091"]
    assert items(scan) == [("power bank", (10, 10, 30, 20), None), ("handcuffs", (40, 5, 50, 25), None)]
    assert scan.notes == ("hidden/xray_hidden00091.png: named .png, is a JPEG",)
    mask = scan.items[0].top_mask
    assert mask is not None and masks.bounds(masks.decode(mask, (80, 60))) == (10, 10, 30, 20)
    assert (scan.source, scan.licence, scan.side, scan.group) == (
        "pidray",
        "academic use only",
        None,
        "xray_hidden00091",
    )
    assert scans["xray_hidden00092"].items == ()


def test_the_same_name_in_two_folders_is_told_apart_by_the_annotation_files_name(tmp_path: Path) -> None:
    sheets = {f"annotations/{split}.json": document([image(1, "1.png")], [], "Gun") for split in ("train", "test")}
    put(tmp_path, {**sheets, "train/1.png": IMAGE, "test/1.png": IMAGE})
    tops = [entry.top for entry in entries("coco", tmp_path).values()]
    assert sorted(tops) == ["test/1.png", "train/1.png"]


def test_clcxray_calls_its_images_png(tmp_path: Path) -> None:
    sheet = document([image(1, "0001.png")], [thing(1, 1, [1, 2, 3, 4])], "SwissArmyKnife")
    scan = read("clcxray", put(tmp_path, {"train.json": sheet, "train/0001.jpg": IMAGE}))["0001"]
    assert items(scan) == [("swiss army knife", (1, 2, 4, 6), None)]
    assert scan.notes == ("train.json: calls the image 0001.png, it is train/0001.jpg",)


def test_roboflows_grouping_category_is_no_item(tmp_path: Path) -> None:
    sheet = document(
        [image(1, "a.jpg")], [thing(1, 0, [0, 0, 80, 60]), thing(1, 1, [1, 2, 3, 4])], "threats", "Gun", start=0
    )
    sheet["categories"][1]["supercategory"] = "threats"
    scan = read("coco", put(tmp_path, {"train/_annotations.coco.json": sheet, "train/a.jpg": IMAGE}))["a"]
    assert items(scan) == [("gun", (1, 2, 4, 6), None)]


def test_a_category_0_that_groups_nothing_is_an_item(tmp_path: Path) -> None:
    sheet = document([image(1, "a.jpg")], [thing(1, 0, [1, 2, 3, 4])], "Gun", "Knife", start=0)
    assert items(read("coco", put(tmp_path, {"a.json": sheet, "a.jpg": IMAGE}))["a"]) == [("gun", (1, 2, 4, 6), None)]


def test_det_compass_keeps_its_run_lengths_under_mask(tmp_path: Path) -> None:
    bear = np.zeros((60, 80), bool)
    bear[20:40, 30:50] = True
    rle = {"size": [60, 80], "counts": list(masks.encode(bear))}
    sheet = document([image(1, "a.png")], [{"image_id": 1, "category_id": 1, "mask": rle}], "Teddy_Bear")
    scan = read("det-compass", put(tmp_path, {"a.json": sheet, "a.png": IMAGE}))["a"]
    assert items(scan) == [("teddy bear", (30, 20, 50, 40), None)]
    assert scan.items[0].top_mask == masks.encode(bear)


def test_one_bad_annotation_costs_one_image(tmp_path: Path) -> None:
    names = ["good", "twice", "again", "climbs", "gone", "thin", "strange", "crowd", "wrongmask", "sizeless"]
    images = [image(number, f"{name}.png") for number, name in enumerate(names)]
    images[names.index("again")]["id"] = names.index("twice")
    images[names.index("climbs")]["file_name"] = "../climbs.png"
    images[names.index("sizeless")]["width"] = -80
    number = names.index
    annotations: list[Any] = [
        thing(number("good"), 1, [1, 2, 3, 4]),
        thing(number("thin"), 1, [1, 2, 0, 4]),
        thing(number("strange"), 9, [1, 2, 3, 4]),
        thing(number("crowd"), 1, [1, 2, 3, 4], iscrowd=1),
        thing(number("wrongmask"), 1, [1, 2, 3, 4], segmentation={"size": [3, 3], "counts": [9]}),
        thing(99, 1, [1, 2, 3, 4]),
        "no annotation",
    ]
    sheet = document([*images, "no image"], annotations, "Gun")
    put(tmp_path, {"a.json": sheet, **{f"{name}.png": IMAGE for name in names if name != "gone"}})
    found = {name: reason for name, reason in reasons("coco", tmp_path).items() if not name.endswith(".png")}
    assert found == {
        "twice": "ingest/duplicate-id",
        "again": "ingest/duplicate-id",
        "../climbs": "ingest/outside-folder",
        "gone": "ingest/missing-file",
        "thin": "ingest/bad-box",
        "strange": "labels/unknown",
        "wrongmask": "ingest/mask-size",
        "sizeless": "ingest/bad-annotation",
        "a.json#annotation5": "ingest/bad-annotation",
        "a.json#annotation6": "ingest/bad-annotation",
        "a.json#image10": "ingest/bad-annotation",
    }
    scans = read("coco", tmp_path)
    assert items(scans["good"]) == [("gun", (1, 2, 4, 6), None)]
    assert scans["crowd"].items == () and "crowds" in scans["crowd"].notes[0]


def test_half_a_surrogate_pair_in_a_name_is_rejected_and_can_be_stored(tmp_path: Path) -> None:
    sheet = document([image(1, "\ud800.png"), image(2, "a.png")], [], "Gun")
    put(tmp_path, {"a.json": json.dumps(sheet), "a.png": IMAGE})
    found = reasons("coco", tmp_path)
    assert found == {"\\ud800": "ingest/bad-name"}


def test_ldxray(tmp_path: Path) -> None:
    side = np.full((60, 80, 3), 250, np.uint8)  # the set's white
    side[25:45, 20:60] = (239, 100, 100)
    side[5:10, 20:60] = (240, 100, 100)  # one channel is too light: no bag
    side[50:55, 70:80] = 0  # the bag, but not in the item's columns
    sheet = document([image(1, "000001.jpg")], [thing(1, 1, [30, 10, 20, 20])], "手机")
    other = document([image(1, "000001.jpg")], [], "手机")
    files = {f"{split}_{view}/000001.jpg": IMAGE for split in ("train", "test") for view in "AB"}
    files["train_B/000001.jpg"] = _png(side)
    put(tmp_path, {"train.json": sheet, "test.json": other, **files, "train_A/000009.jpg": IMAGE})
    scans = read("ldxray", tmp_path)

    assert sorted(scans) == ["test/000001", "train/000001"]
    scan = scans["train/000001"]
    assert items(scan) == [("mobile phone", (30, 10, 50, 30), (27, 25, 53, 45))]
    assert scan.items[0].attributes == PSEUDO
    assert scan.side is not None and scan.side.path == "train_B/000001.jpg"
    assert reasons("ldxray", tmp_path) == {"train_A/000009.jpg": "ingest/unused-image"}


def test_ldxray_without_its_side_view_is_rejected(tmp_path: Path) -> None:
    sheet = document([image(1, "000001.jpg")], [], "MP")
    assert reasons("ldxray", put(tmp_path, {"train.json": sheet, "train_A/000001.jpg": IMAGE})) == {
        "train/000001": "ingest/missing-view"
    }


def test_a_side_box_over_an_empty_belt_is_none() -> None:
    assert pseudo_side((1, 1, 5, 5), 80, np.full((60, 80, 3), 250, np.uint8)) is None
    assert pseudo_side((90, 1, 95, 5), 80, np.zeros((60, 80, 3), np.uint8)) is None


def _png(rgb: np.ndarray) -> bytes:
    from PIL import Image

    return encoded(Image.fromarray(rgb))
