"""VOC folders: SIXray with its lists, Dualray with two views, GDXray with its series; and XML that must not be believed."""

from pathlib import Path

import pytest

from beltline.formats.dualray import paired
from beltline.scan import Item
from tests.formats.broken import encoded, picture
from tests.formats.folders import IMAGE, items, put, read, reasons


def voc(*things: tuple[str, int, int, int, int], filename: str = "x.jpg", width: int = 80) -> str:
    objects = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax></bndbox></object>"
        for name, a, b, c, d in things
    )
    return f"<annotation><filename>{filename}</filename><size><width>{width}</width></size>{objects}</annotation>"


GUN = ("Gun", 10, 10, 40, 30)


def test_sixray(tmp_path: Path) -> None:
    lists = "name,Gun,Knife,Wrench\nP00002,1,-1,1\nN00001,-1,-1,-1\nP00001,1,-1,-1\n"
    files = {f"images/{name}.jpg": IMAGE for name in ("P00001", "P00002", "P00003", "N00001", "N00002")}
    put(tmp_path, {"annotations/P00001.xml": voc(GUN), "labels/10/train.csv": lists, **files})
    scans = read("sixray", tmp_path)
    assert items(scans["P00001"]) == [("gun", (10, 10, 40, 30), None)]
    assert items(scans["P00002"]) == [("gun", None, None), ("wrench", None, None)]
    assert "no boxes" in scans["P00002"].notes[0]
    assert scans["N00001"].items == scans["N00002"].items == ()
    assert reasons("sixray", tmp_path) == {
        "P00003": "ingest/missing-annotation",
    }


def test_the_image_is_found_by_the_xmls_name_or_by_the_name_in_it(tmp_path: Path) -> None:
    files = {"Annotations/a.xml": voc(filename="wrong.jpg"), "Annotations/b.xml": voc(filename="picture.jpg")}
    put(tmp_path, {**files, "JPEGImages/a.jpg": IMAGE, "JPEGImages/picture.png": IMAGE})
    scans = read("voc", tmp_path)
    assert scans["Annotations/a"].top.path == "JPEGImages/a.jpg"
    assert scans["Annotations/b"].top.path == "JPEGImages/picture.png"
    assert scans["Annotations/b"].notes == (
        "Annotations/b.xml: calls the image picture.jpg, it is JPEGImages/picture.png",
    )


_ENTITIES = '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;">]><annotation>&y;</annotation>'
_OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>'


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("", "ingest/bad-annotation"),
        ("<annotation>", "ingest/bad-annotation"),
        ("<root/>", "ingest/bad-annotation"),
        (_ENTITIES, "ingest/bad-annotation"),
        (_OUTSIDE, "ingest/bad-annotation"),
        (_ENTITIES.encode("utf-16"), "ingest/bad-annotation"),
        (b"\xff\xfe\xff", "ingest/bad-annotation"),
        ('<?xml version="1.0" encoding="klingon"?><annotation/>', "ingest/bad-annotation"),
        (voc(("Submarine", 1, 1, 5, 5)), "labels/unknown"),
        (voc(("Gun", 40, 1, 5, 5)), "ingest/bad-box"),
        (voc(GUN).replace("<xmin>10</xmin>", ""), "ingest/bad-box"),
        (voc(GUN).replace("<xmin>10</xmin>", "<xmin>nan</xmin>"), "ingest/bad-box"),
    ],
)
def test_bad_xml_is_a_rejected_row(tmp_path: Path, xml: str | bytes, reason: str) -> None:
    assert reasons("voc", put(tmp_path, {"a.xml": xml, "a.jpg": IMAGE}))["a"] == reason


def test_deep_xml_does_not_end_the_survey(tmp_path: Path) -> None:
    deep = "<annotation>" + "<a>" * 200_000 + "</a>" * 200_000 + "</annotation>"
    put(tmp_path, {"a.xml": deep, "a.jpg": IMAGE, "b.xml": voc(GUN), "b.jpg": IMAGE})
    assert items(read("voc", tmp_path)["b"]) == [("gun", (10, 10, 40, 30), None)]


def test_dualray_pairs_views_by_name_and_boxes_by_columns(tmp_path: Path) -> None:
    top = voc(("Knife", 10, 10, 30, 20), ("Knife", 40, 10, 60, 20), ("lighter", 10, 30, 20, 40))
    side = voc(("Knife", 82, 30, 118, 50), ("Knife", 20, 5, 62, 9), ("wrench", 20, 5, 40, 9), width=160)
    views = {"X_ray2022/a.xml": top, "X_ray2022_1/a.xml": side, "X_ray2022/a.jpg": IMAGE}
    views["X_ray2022_1/a.jpg"] = encoded(picture(1, (160, 60)), "JPEG")
    scan = read("dualray", put(tmp_path, views))["a"]
    assert scan.side is not None and scan.side.path == "X_ray2022_1/a.jpg"
    assert [each[:2] for each in items(scan)][:3] == [
        ("knife", (10, 10, 30, 20)),
        ("knife", (40, 10, 60, 20)),
        ("lighter", (10, 30, 20, 40)),
    ]
    assert [item.side_xyxy and item.side_xyxy[1] for item in scan.items] == [5, 30, None, 5]
    assert scan.items[3].category == "wrench" and scan.items[3].top_xyxy is None
    assert [item.item for item in scan.items] == [0, 1, 2, 3]


def test_dualray_with_one_view_is_rejected(tmp_path: Path) -> None:
    assert (
        reasons("dualray", put(tmp_path, {"X_ray2022/a.xml": voc(GUN), "X_ray2022/a.jpg": IMAGE}))["a"]
        == "ingest/missing-view"
    )


def test_pairing_joins_nothing_of_another_category_and_uses_each_box_once() -> None:
    assert paired((), (), 1.0) == ()
    gun = Item(item=0, category="gun", top_xyxy=(0, 0, 10, 10))
    knife = Item(item=0, category="knife", top_xyxy=(0, 0, 10, 10))
    assert [item.side_xyxy for item in paired((gun,), (knife,), 1.0)] == [None, (0, 0, 10, 10)]
    far = Item(item=0, category="gun", top_xyxy=(6, 0, 16, 10))  # shares 4 of 16 columns
    assert [item.side_xyxy for item in paired((gun,), (far,), 1.0)] == [None, (6, 0, 16, 10)]
    near = Item(item=1, category="gun", top_xyxy=(1, 0, 11, 10))
    joined = paired((gun, near), (gun,), 1.0)
    assert [item.side_xyxy for item in joined] == [(0, 0, 10, 10), None]


def test_gdxrays_series_is_the_bag(tmp_path: Path) -> None:
    files = {f"B0046/B0046_{number:04}.png": IMAGE for number in (1, 2)}
    notes = {f"B0046/B0046_{number:04}.xml": voc(("Razor", 1, 1, 9, 9)) for number in (1, 2)}
    scans = read("gdxray", put(tmp_path, {**files, **notes}))
    assert {scan.group for scan in scans.values()} == {"B0046"}
    assert items(scans["B0046_0002"]) == [("razor blade", (1, 1, 9, 9), None)]
