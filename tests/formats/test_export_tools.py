"""Exports, opened by the very tools that they are for: datasets, webdataset, mlcroissant."""

import json
from pathlib import Path

import pytest

from beltline import pixels
from beltline.formats.export import EXPORTS
from beltline.language import gsxray
from beltline.language.facts import facts_of
from beltline.language.lessons import About
from beltline.scan import Scan
from tests.made import KNIFE, scan


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is looked for on a hub, and no cache is shared."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def scans() -> list[Scan]:
    """An empty bag, one of one view, two of two views."""
    return [scan(0, ()), scan(1, sides=False), scan(2), scan(3, (KNIFE,))]


def same_pixels(image: object, encoded: bytes) -> bool:
    import numpy as np

    return bool((np.asarray(image) == pixels.decode(encoded)).all())


def test_datasets_opens_the_folder_and_finds_two_image_columns(tmp_path: Path, scans: list[Scan]) -> None:
    import datasets

    EXPORTS["parquet"].write(tmp_path / "out", scans, ())
    found = datasets.load_dataset(str(tmp_path / "out"))
    assert isinstance(found["train"].features["top"], datasets.Image)
    assert isinstance(found["train"].features["side"], datasets.Image)
    rows = {row["id"]: row for part in found.values() for row in part}
    assert set(rows) == {one.id for one in scans}
    for one in scans:
        row = rows[one.id]
        assert same_pixels(row["top"], one.top.bytes)
        assert row["side"] is None if one.side is None else same_pixels(row["side"], one.side.bytes)
        assert [item["category"] for item in row["items"] or ()] == [item.category for item in one.items]


def test_datasets_opens_conversations(tmp_path: Path, scans: list[Scan]) -> None:
    import datasets

    rows = [
        gsxray.compose(facts_of(one), 1, About(scan=one.id, scan_content="c", group=one.group)).row()
        for one in scans[2:]
    ]
    for name, file in (("sharegpt", "conversations.json"), ("swift", "conversations.jsonl")):
        EXPORTS[name].write(tmp_path / name, scans, rows)
        found = datasets.load_dataset("json", data_files=str(tmp_path / name / file))["train"]
        assert len(found) == len(rows) and all(len(row["images"]) == 2 for row in found)


def test_webdataset_gives_each_scan_with_its_views(tmp_path: Path, scans: list[Scan]) -> None:
    import webdataset

    EXPORTS["webdataset"].write(tmp_path / "out", scans, ())
    shards = sorted(str(path) for path in (tmp_path / "out").glob("*.tar"))
    found = list(webdataset.WebDataset(shards, shardshuffle=False).decode("pil"))
    assert len(found) == len(scans)
    by_id = {sample["json"]["id"]: sample for sample in found}
    for one in scans:
        assert same_pixels(by_id[one.id]["top.png"], one.top.bytes)
        assert ("side.png" in by_id[one.id]) == (one.side is not None)


def test_croissant_validates_and_reads_every_scan(tmp_path: Path, scans: list[Scan]) -> None:
    import mlcroissant

    EXPORTS["croissant"].write(tmp_path / "out", scans, ())
    opened = mlcroissant.Dataset(jsonld=str(tmp_path / "out" / "croissant.json"))
    assert not opened.metadata.issues.errors
    names = [part.uuid for part in opened.metadata.record_sets]
    ids = [record[f"{name}/id"] for name in names for record in opened.records(name)]
    assert sorted(ids) == sorted(one.id for one in scans)
    assert json.loads((tmp_path / "out" / "croissant.json").read_text())["conformsTo"].endswith("/1.1")
