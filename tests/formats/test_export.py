"""Exports: opened as their tools open them, and read back by our own readers."""

import ast
import base64
import csv
import hashlib
import importlib.util
import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from beltline import masks, pixels
from beltline.exam.tasks import Question, ask
from beltline.formats.export import EXPORTS
from beltline.formats.export.places import is_val
from beltline.formats.export.roundtrip import FIELDS, as_table, fields_kept
from beltline.language import gsxray, questions, turns
from beltline.language.facts import facts_of
from beltline.language.lessons import About
from beltline.scan import SCHEMA, Scan
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


def questions_about(scans: list[Scan]) -> list[dict[str, Any]]:
    """One a scan, and one of knowledge; rows as an exam has them."""
    asked = [
        Question(
            exam="drawn",
            task="CT" if one.side else "counting",
            question="How many\tguns?",
            options=("none", "1", "2")[: 2 + number % 2],
            answer="AB"[number % 2],
            group=one.group,
            scan=one.id,
            views=("top", "side") if one.side else ("top",),
        )
        for number, one in enumerate(scans)
    ]
    return [one.row() for one in (*asked, replace(asked[0], scan=None, views=(), task="basic", group="fact 1"))]


@pytest.fixture(scope="module")
def given(scans: list[Scan], rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What a format takes, to rows of it."""
    return {"scans": [], "conversations": rows, "questions": questions_about(scans)}


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_nothing_is_written_as_an_empty_set_and_not_as_a_fault(name: str, tmp_path: Path) -> None:
    EXPORTS[name].write(tmp_path, [], [])
    assert any(tmp_path.rglob("*")), "an empty set still says what it is"


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_the_same_input_gives_the_same_bytes(name: str, tmp_path: Path, scans: list[Scan], given: Any) -> None:
    chosen = given[EXPORTS[name].takes]
    folders = [tmp_path / "one" / "x", tmp_path / "two" / "x"]
    for folder in folders:
        EXPORTS[name].write(folder, iter(scans), iter(chosen))
    one, two = ({p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in folders)
    if name in ("swift", "lmms"):  # its paths are absolute
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


def test_parquet_holds_every_scan_once_and_says_what_its_columns_are(tmp_path: Path, scans: list[Scan]) -> None:
    EXPORTS["parquet"].write(tmp_path, scans, [])
    found = []
    for path in sorted((tmp_path / "data").glob("*.parquet")):
        table = pq.read_table(path)
        info = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
        assert list(info) == table.column_names
        assert [name for name, kind in info.items() if kind == {"_type": "Image"}] == ["top", "side"]
        parts = [Scan.of(row) for row in table.to_pylist()]
        assert all(is_val(one.group) == path.name.startswith("validation") for one in parts)
        found += parts
    assert sorted(found, key=lambda one: one.id) == sorted(scans, key=lambda one: one.id)
    card = (tmp_path / "README.md").read_text()
    told = yaml.safe_load(card.split("---\n")[1])
    assert [split["num_examples"] for split in told["dataset_info"]["splits"]] == [4, 1]
    images = [f["name"] for f in told["dataset_info"]["features"] if f.get("dtype") == "image"]
    assert images == ["top", "side"] and len(told["dataset_info"]["features"]) == len(SCHEMA)


def test_webdataset_shards_hold_views_row_and_conversations(tmp_path: Path, scans: list[Scan], rows: Any) -> None:
    EXPORTS["webdataset"].write(tmp_path, scans, rows)
    members = {}
    for path in sorted(tmp_path.glob("*.tar")):
        with tarfile.open(path) as tar:
            members |= {member.name: tar.extractfile(member).read() for member in tar.getmembers()}
    for one in scans:
        told = json.loads(members[f"{one.id}.json"])
        assert told["group"] == one.group and [item["category"] for item in told["items"]] == [
            i.category for i in one.items
        ]
        assert [c["id"] for c in told["conversations"]] == [row["id"] for row in rows if row["scan"] == one.id]
        ending = "jpg" if one.top.path.endswith(".jpg") else "png"
        assert members[f"{one.id}.top.{ending}"] == one.top.bytes
        assert (f"{one.id}.side.png" in members) == (one.side is not None)


def test_croissant_names_every_file_with_its_digest(tmp_path: Path, scans: list[Scan]) -> None:
    EXPORTS["croissant"].write(tmp_path, scans, [])
    told = json.loads((tmp_path / "croissant.json").read_text())
    files = {one["contentUrl"]: one["sha256"] for one in told["distribution"]}
    there = {
        p.relative_to(tmp_path).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in (tmp_path / "data").iterdir()
    }
    assert files == there and told["conformsTo"].startswith("http://mlcommons.org/croissant/")
    names = {one["@id"] for one in told["distribution"]}
    for records in told["recordSet"]:
        for one in records["field"]:
            assert one["source"]["fileObject"]["@id"] in names
            assert one["source"]["extract"]["column"] in SCHEMA.names
    assert told["license"] == ["CC0-1.0"]


def test_vlmevalkit_has_a_line_a_question_with_its_images(tmp_path: Path, scans: list[Scan], given: Any) -> None:
    asked = given["questions"]
    EXPORTS["vlmevalkit"].write(tmp_path, scans, asked)
    csv.field_size_limit(10**9)
    tables = []
    for name in ("Beltline", "BeltlineKnowledge"):
        with (tmp_path / f"{name}.tsv").open(newline="") as file:
            tables.append(list(csv.DictReader(file, delimiter="\t")))
    lines, blind = tables
    twice = [*asked, asked[2] | {"question": "And how many knives?"}]
    for line, row in zip([*lines, *blind], sorted(asked, key=lambda row: not row["views"]), strict=True):
        assert (line["question"], line["answer"], line["category"]) == (row["question"], row["answer"], row["task"])
        assert [line[letter] for letter in "ABC" if line[letter]] == row["options"]
    for line, row in zip(lines, asked, strict=False):
        listed = ast.literal_eval(line["image"]) if line["image"].startswith("[") else [line["image"]]
        bag = next(one for one in scans if one.id == row["scan"])
        assert [base64.b64decode(one) for one in listed] == [getattr(bag, view).bytes for view in row["views"]]
    assert len(blind) == 1 and "image" not in blind[0], "a row without an image would be skipped"
    EXPORTS["vlmevalkit"].write(tmp_path / "twice", scans, twice)
    with (tmp_path / "twice" / "Beltline.tsv").open(newline="") as file:
        again = list(csv.DictReader(file, delimiter="\t"))
    assert again[-1]["image"] == "2" and [line["index"] for line in again] == list(map(str, range(len(again))))


def test_lmms_task_shows_asks_and_scores(tmp_path: Path, scans: list[Scan], given: Any) -> None:
    asked = given["questions"]
    EXPORTS["lmms"].write(tmp_path, scans, asked)
    docs = pq.read_table(tmp_path / "data" / "test.parquet").to_pylist()
    task = (tmp_path / "beltline.yaml").read_text()
    spec = importlib.util.spec_from_file_location("lmms_utils", tmp_path / "utils.py")
    utils = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(utils)
    assert all(hasattr(utils, name) for name in re.findall(r"!function utils\.(\w+)", task))
    for doc, row in zip(docs, asked, strict=True):
        assert utils.doc_to_text(doc) == ask(Question.of(row))
        assert [view for view in ("top", "side") if doc[view]] == row["views"]
        for reply, right in (
            (row["answer"], True),
            (f"<think>B or C</think>The answer is {row['answer']}.", True),
            ("Hm.", False),
        ):
            mark = utils.process_results(doc, [reply])["accuracy"]
            assert mark["correct"] is right and mark["read"] is right
    wrong = [utils.process_results(doc, ["<answer>B</answer>"])["accuracy"] for doc in docs]
    by_task = [[mark["correct"] for mark in wrong if mark["task"] == name] for name in {doc["task"] for doc in docs}]
    assert utils.mean_by_task(wrong) == pytest.approx(sum(sum(marks) / len(marks) for marks in by_task) / len(by_task))
    assert utils.read_letter("The answer is A or maybe option C", 3) is None


@pytest.mark.parametrize("name", ["vlmevalkit", "lmms"])
def test_a_question_without_its_scan_is_refused(name: str, tmp_path: Path, scans: list[Scan], given: Any) -> None:
    with pytest.raises(ValueError, match="expected scan"):
        EXPORTS[name].write(tmp_path, scans[1:], given["questions"])
