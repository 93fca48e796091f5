"""Exports: opened as their tools open them, and read back by our own readers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beltline import masks, pixels
from beltline.formats.export import EXPORTS
from beltline.formats.export.places import is_val
from beltline.formats.export.roundtrip import FIELDS, as_table, fields_kept
from beltline.language import gsxray, questions, turns
from beltline.language.facts import facts_of
from beltline.language.lessons import About
from beltline.scan import Scan
from tests.made import GUN, KNIFE, scan

RECT = masks.encode(pixels.foreground(pixels.decode(scan(0).top.bytes)))


def bags() -> list[Scan]:
    """An empty bag first, one view, two views, masks, a bag of the validation part, a JPEG."""
    masked = replace(GUN, top_mask=RECT, top_visible=0.3, centre_mm=(1.0, 2.0, 3.0))
    val = next(n for n in range(20, 99) if is_val(f"bag {n}"))
    jpeg = pixels.open_view(pixels.encode_jpeg(pixels.decode(scan(5).top.bytes)), "5.jpg")[0]
    odd = replace(KNIFE, top_xyxy=(60.25, 90.0, 140.125, 100.5))
    return [scan(0, ()), scan(1, sides=False), scan(2, (masked, odd)), scan(val), scan(5, top=jpeg)]


def rows_about(scans: list[Scan]) -> list[dict[str, Any]]:
    made = []
    for one in scans:
        facts, about = facts_of(one), About(scan=one.id, scan_content="c", group=one.group)
        composers = [questions.compose, turns.compose_caption, turns.compose_localisation]
        composers += [gsxray.compose] if one.side else []
        made += [compose(facts, 1, about).row() for compose in composers]
    return made


@pytest.fixture(scope="module")
def scans() -> list[Scan]:
    return bags()


@pytest.fixture(scope="module")
def rows(scans: list[Scan]) -> list[dict[str, Any]]:
    return rows_about(scans)


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_nothing_is_written_as_an_empty_set_and_not_as_a_fault(name: str, tmp_path: Path) -> None:
    EXPORTS[name].write(tmp_path, [], [])
    assert any(tmp_path.rglob("*")), "an empty set still says what it is"


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_the_same_input_gives_the_same_bytes(name: str, tmp_path: Path, scans: list[Scan], rows: Any) -> None:
    given = rows if EXPORTS[name].takes == "conversations" else []
    folders = [tmp_path / "one" / "x", tmp_path / "two" / "x"]
    for folder in folders:
        EXPORTS[name].write(folder, iter(scans), iter(given))
    one, two = ({p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in folders)
    if name == "swift":  # its paths are absolute
        one, two = (
            {p: b.replace(str(f).encode(), b"") for p, b in files.items()}
            for files, f in zip((one, two), folders, strict=True)
        )
    assert one == two and one


def test_sharegpt_marks_each_image_once_and_names_its_columns(tmp_path: Path, scans: list[Scan], rows: Any) -> None:
    EXPORTS["sharegpt"].write(tmp_path, scans, rows)
    info = json.loads((tmp_path / "dataset_info.json").read_text())["beltline"]
    told = json.loads((tmp_path / info["file_name"]).read_text())
    tags, columns = info["tags"], info["columns"]
    assert info["formatting"] == "sharegpt" and len(told) == len(rows)
    for row, one in zip(rows, told, strict=True):
        said = one[columns["messages"]]
        text = "".join(turn[tags["content_tag"]] for turn in said)
        assert text.count("<image>") == len(one[columns["images"]]) == len(row["views"])
        roles = {tags["user_tag"]: "user", tags["assistant_tag"]: "assistant"}
        plain = [{"role": roles[t[tags["role_tag"]]], "content": t[tags["content_tag"]]} for t in said]
        plain[0]["content"] = plain[0]["content"].removeprefix("<image>" * len(row["views"])).removeprefix("\n")
        assert plain == row["turns"]
        for path, view in zip(one[columns["images"]], row["views"], strict=True):
            kept = getattr(next(s for s in scans if s.id == row["scan"]), view)
            assert (tmp_path / path).read_bytes() == kept.bytes


def put_back(text: str, filled: Iterator[list[float]]) -> str:
    """The text with its boxes in thousandths again."""
    head, *tail = text.split("<bbox>")
    return head + "".join(f"<box>{json.dumps([round(e * 1000) for e in next(filled)])}</box>{part}" for part in tail)


def test_swift_boxes_go_back_into_the_text_where_they_stood(tmp_path: Path, scans: list[Scan], rows: Any) -> None:
    EXPORTS["swift"].write(tmp_path, scans, rows)
    lines = [json.loads(line) for line in (tmp_path / "conversations.jsonl").read_text().splitlines()]
    grounded = 0
    for row, one in zip(rows, lines, strict=True):
        objects = one.get("objects", {"bbox": [], "image_id": []})
        filled = iter(objects["bbox"])
        texts = [put_back(message["content"], filled) for message in one["messages"]]
        texts[0] = texts[0].removeprefix("<image>" * len(row["views"])).removeprefix("\n")
        assert [text.replace(", ", ",") for text in texts] == [t["content"].replace(", ", ",") for t in row["turns"]]
        assert next(filled, None) is None
        by_view = [f"{box['view']}" for box in row["boxes"]]
        shown = [Path(one["images"][number]).stem.rpartition("_")[2] for number in objects["image_id"]]
        assert shown == by_view
        assert all(Path(path).is_absolute() and Path(path).is_file() for path in one["images"])
        grounded += len(by_view)
    assert grounded > 10


def test_llava_names_one_image_or_both(tmp_path: Path, scans: list[Scan], rows: Any) -> None:
    EXPORTS["llava"].write(tmp_path, scans, rows)
    for row, one in zip(rows, json.loads((tmp_path / "llava.json").read_text()), strict=True):
        images = [one["image"]] if isinstance(one["image"], str) else one["image"]
        assert isinstance(one["image"], str) == (len(row["views"]) == 1)
        assert [Path(path).stem.rpartition("_")[2] for path in images] == row["views"]
        assert one["conversations"][0]["value"].startswith("<image>" * len(images) + "\n")
        assert [turn["from"] for turn in one["conversations"]] == ["human", "gpt"] * (len(row["turns"]) // 2)


@pytest.mark.parametrize("name", ["sharegpt", "swift", "llava"])
def test_a_conversation_without_its_scan_is_refused(name: str, tmp_path: Path, scans: list[Scan], rows: Any) -> None:
    with pytest.raises(ValueError, match="found no such scan"):
        EXPORTS[name].write(tmp_path, scans[1:], rows)


def test_what_each_format_keeps(tmp_path: Path, scans: list[Scan]) -> None:
    """The printed table: a format that keeps more, or less, than it says shows here."""
    kept = fields_kept(scans, tmp_path)
    everywhere = {"views", "pixels", "size", "items", "categories", "boxes"}
    assert {name: {field for field in FIELDS if found[field]} for name, found in kept.items()} == {
        "coco": everywhere | {"masks"},
        "yolo": everywhere,
        "voc": everywhere,
    }
    table = as_table(kept)
    print(table)
    assert len(table.splitlines()) == 2 + len(kept) and "| coco | yes |" in table


def test_a_field_that_is_lost_is_said_to_be_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scans: list[Scan]
) -> None:
    from beltline.formats.export import roundtrip

    def shifted(root: Path, given: Any, rows: Any = ()) -> None:
        moved = [replace(i, top_xyxy=i.top_xyxy and tuple(e + 1 for e in i.top_xyxy)) for i in (GUN, KNIFE)]
        roundtrip.coco.coco(root, [replace(one, items=tuple(moved) if one.items else ()) for one in given])

    monkeypatch.setitem(roundtrip.WRITERS, "coco", shifted)
    found = fields_kept(scans, tmp_path)["coco"]
    assert not found["boxes"] and found["pixels"]
    with pytest.raises(ValueError, match="at least one scan"):
        fields_kept([], tmp_path)


def test_pycocotools_opens_coco(tmp_path: Path, scans: list[Scan]) -> None:
    coco_api = pytest.importorskip("pycocotools.coco")
    EXPORTS["coco"].write(tmp_path, scans, [])
    parts = [coco_api.COCO(str(tmp_path / f"{part}.json")) for part in ("train", "val")]
    ids = [set(part.getImgIds()) for part in parts]
    assert ids[0] and ids[1] and not ids[0] & ids[1]
    assert len(ids[0] | ids[1]) == sum(1 + (one.side is not None) for one in scans)
    groups = [{image["group"] for image in part.imgs.values()} for part in parts]
    assert not groups[0] & groups[1], "a bag lies in both parts"
    masked = next(a for a in parts[0].anns.values() if "segmentation" in a)
    assert (parts[0].annToMask(masked).astype(bool) == masks.decode(RECT, (160, 120))).all()
