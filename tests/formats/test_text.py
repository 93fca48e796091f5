"""Readers of text and labelme files: YOLO, OPIXray and HiXray, STCray, STING-BEE's conversations."""

from pathlib import Path
from typing import Any

import pytest

from beltline import masks
from beltline.formats import series
from beltline.formats.labelme import captions
from beltline.formats.stingbee import grounded
from beltline.formats.yolo import read_names
from beltline.verdict import BadRow
from tests.formats.folders import IMAGE, items, put, read, reasons

NAMES = "train: images/train\nnc: 2\nnames: ['Gun', \"Power_Bank\"]\n"


def test_yolo(tmp_path: Path) -> None:
    lines = "1 0.5 0.5 0.25 0.5\n0 0.25 0.25 0.5 0.5 0.9\n\n0 0.1 0.1 0.5 0.1 0.5 0.4\n"
    files = {f"set/images/train/{name}.jpg": IMAGE for name in ("a", "b", "c")}
    labels = {"set/labels/train/a.txt": lines, "set/labels/train/b.txt": "", "set/data.yaml": NAMES}
    scans = read("yolo", put(tmp_path, {**files, **labels}))
    a, b, c = (scans[f"set/images/train/{name}"] for name in "abc")
    assert items(a) == [
        ("power bank", (30, 15, 50, 45), None),
        ("gun", (0, 0, 40, 30), None),
        ("gun", (8, 6, 40, 24), None),
    ]
    assert any("outline" in note for note in a.notes)
    assert b.items == c.items == () and b.notes == ()
    assert "no label file" in c.notes[0]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("7 0.5 0.5 0.1 0.1", "labels/unknown"),
        ("gun 0.5 0.5 0.1 0.1", "labels/unknown"),
        ("0 0.5 0.5 0.1", "ingest/bad-box"),
        ("0 0.5 0.5 0 0.1", "ingest/bad-box"),
        ("0 0.5 0.5 -0.1 0.1", "ingest/bad-box"),
        ("0 nan 0.5 0.1 0.1", "ingest/bad-box"),
        ("0 100 120 40 30", "ingest/bad-box"),
        ("0", "ingest/bad-box"),
        (b"\xff\xff", "ingest/bad-annotation"),
    ],
)
def test_bad_yolo_lines_are_rejected(tmp_path: Path, lines: str | bytes, reason: str) -> None:
    put(tmp_path, {"images/a.jpg": IMAGE, "labels/a.txt": lines, "data.yaml": NAMES})
    assert reasons("yolo", tmp_path)["images/a"] == reason


def test_yolo_without_names_is_rejected(tmp_path: Path) -> None:
    put(tmp_path, {"a.jpg": IMAGE, "a.txt": "0 0.5 0.5 0.1 0.1"})
    assert reasons("yolo", tmp_path)["a"] == "ingest/missing-annotation"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("data.yaml", "names: [Gun, 'Power Bank']"),
        ("data.yaml", "nc: 2\nnames:\n  0: Gun  # a weapon\n  1: Power Bank\ntrain: x"),
        ("data.yaml", "names:\n- Gun\n- 'Power Bank'\nnc: 2"),
        ("data.yaml", "names: {0: Gun, 1: Power Bank}"),
        ("data.yaml", "names: [\n  Gun,\n  Power Bank\n]"),
        ("classes.txt", "Gun\nPower Bank\n"),
    ],
)
def test_class_names_in_every_common_form(path: str, text: str) -> None:
    assert read_names(text, path) == {0: "Gun", 1: "Power Bank"}


def test_a_yaml_without_names_is_refused() -> None:
    with pytest.raises(BadRow, match="names:"):
        read_names("train: images", "data.yaml")


def test_opixray_and_hixray(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "train/train_image/031284.jpg": IMAGE,
            "train/train_annotation/031284.txt": "031284.jpg Utility_Knife 46 33 54 52\n031284.jpg Scissor 1 2 3 4\n",
            "train/train_knife.txt": "031284.jpg\n",
            "test/test_image/000002.TIFF": IMAGE,
            "test/test_annotation/000002.txt": "000002.jpg Mobile_Phone_prohibited 60 40 90 70",
            "test/test_annotation/000003.txt": "000003.jpg Scissor 1 2 3 4",
            "test/test_image/000004.jpg": IMAGE,
            "test/test_annotation/000004.txt": "000004.jpg Folding Knife 1 2 3 4",
        },
    )
    scans = read("opixray", tmp_path)
    assert items(scans["031284"]) == [("utility knife", (46, 33, 54, 52), None), ("scissors", (1, 2, 3, 4), None)]
    assert items(read("hixray", tmp_path)["000002"]) == [("mobile phone", (60, 40, 80, 60), None)]
    assert "top box of item 0 clipped to the view" in scans["000002"].notes
    assert reasons("opixray", tmp_path) == {
        "000003": "ingest/missing-file",
        "000004": "ingest/bad-annotation",
        "train/train_knife.txt": "ingest/not-a-scan",
    }


def labelme(*shapes: tuple[str, list[list[float]]]) -> dict[str, Any]:
    drawn = [{"label": label, "points": points, "shape_type": "polygon"} for label, points in shapes]
    return {"shapes": drawn, "imageWidth": 80, "imageHeight": 60}


def test_stcray(tmp_path: Path) -> None:
    hammer, other = "Hammer1_B4_L2_C1_Loc1_phi1_th1_2", "Hammer1_B4_L2_C1_Loc1_phi2_th1_2"
    polygon = labelme(("Hammer", [[10, 10], [30, 10], [30, 20], [10, 20]]))
    rectangle = labelme(("3DGun", [[40, 30], [20, 5]]))  # clicked from the lower right
    put(
        tmp_path / "STCray_TrainSet",
        {
            f"Images/Class 15_Hammer/{hammer}.jpg": IMAGE,
            f"Images/Class 15_Hammer/{other}.jpg": IMAGE,
            f"Images/Class 15_Hammer/._{hammer}.jpg": b"\0\5\x16\7",
            f"Json/Class 15_Hammer/{hammer}.json": polygon,
            f"Json/Class 15_Hammer/._{hammer}.json": b"\0\5\x16\7",
            f"Json_BB/Class 15_Hammer/{hammer}.json": labelme(("Hammer", [[10, 10], [30, 20]])),
            f"Json_BB/Class 15_Hammer/{other}.json": rectangle,
            f"Captions/Class 15_Hammer/{hammer}.txt": "A hammer lies flat.\n",
            "Images/Class 02_3D printed gun/lost.jpg": IMAGE,
            "Images/Class 21_Multilabel Threat/mixed.jpg": IMAGE,
            "Images/Class 22_Non Threat/clean.jpg": IMAGE,
            "Json/Class 15_Hammer/orphan.json": polygon,
        },
    )
    scans = read("stcray", tmp_path)
    assert items(scans[hammer]) == [("hammer", (10, 10, 30, 20), None)]
    assert scans[hammer].items[0].top_mask is not None
    assert masks.decode(scans[hammer].items[0].top_mask or (), (80, 60)).sum() == 200
    assert items(scans[other]) == [("3d printed gun", (20, 5, 40, 30), None)]
    assert scans[hammer].group == scans[other].group == "Hammer1_B4"
    assert items(scans["lost"]) == [("3d printed gun", None, None)] and "folder's name" in scans["lost"].notes[0]
    assert scans["clean"].items == ()
    assert list(captions(tmp_path)) == [(hammer, "A hammer lies flat.")]
    found = {name.rpartition("/")[2]: reason for name, reason in reasons("stcray", tmp_path).items()}
    assert found == {
        "mixed": "ingest/missing-annotation",
        "orphan.json": "ingest/unused-annotation",
        f"._{hammer}.jpg": "ingest/resource-fork",
        f"._{hammer}.json": "ingest/resource-fork",
    }


def test_a_labelme_file_of_another_image_is_rejected_when_loaded(tmp_path: Path) -> None:
    sheet = {**labelme(("Gun", [[1, 1], [9, 1], [9, 9]])), "imageWidth": 40}
    put(tmp_path, {"Images/Class 01_Gun/a.jpg": IMAGE, "Json/Class 01_Gun/a.json": sheet})
    with pytest.raises(BadRow, match="mask-size"):
        read("stcray", tmp_path)


def test_stingbee(tmp_path: Path) -> None:
    def row(image: Any, *values: str) -> dict[str, Any]:
        return {"image": image, "conversations": [{"from": "human", "value": value} for value in values]}

    text = "A <p>Hammer</p>{<10><20><35><60>}<delim>{<50><0><100><50>} and a <p> powerbank </p> {<0><0><25><25>}."
    rows = [
        row("a.jpg", "[refer] Give me the location of <p> Hammer </p>", "{<10><20><35><60>}"),
        row("a.jpg", text, text),
        row("b.jpg", "There is no threat."),
        row("../c.jpg", text),
        row("d.jpg", "<p>hammer</p>{<35><20><10><60>}"),
        row(None, text),
        "no row",
    ]
    put(tmp_path, {"StingBee_XrayInstruct.json": rows, **{f"{name}.jpg": IMAGE for name in "abd"}})
    assert items(read("stingbee", tmp_path)["a"]) == [
        ("hammer", (8, 12, 28, 36), None),
        ("hammer", (40, 0, 80, 30), None),
        ("power bank", (0, 0, 20, 15), None),
    ]
    found = reasons("stingbee", tmp_path)
    assert [found[name] for name in "bcd"] == ["ingest/unlabelled", "ingest/outside-folder", "ingest/bad-box"]
    assert found["row 5"] == found["row 6"] == "ingest/bad-annotation"


@pytest.mark.parametrize("text", ["", "<p>gun</p>", "<p>gun</p>{<1><2><3>}", "<p>" * 5000, "{<1><2><3><4>}" * 1000])
def test_text_without_grounding_gives_no_boxes(text: str) -> None:
    assert grounded(text) == []


def test_series() -> None:
    assert [series.gdxray(name) for name in ("B0046_0001", "BX_100", "P00001")] == ["B0046", "BX_100", "P00001"]
    assert [series.stcray(name) for name in ("3DGun1_B5_L1_C2", "holiday")] == ["3DGun1_B5", "holiday"]
