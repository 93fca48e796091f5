"""export: a version of the store as another tool's files, and clear words where that cannot be."""

import json
from pathlib import Path

import pytest

from beltline.store import Store
from jobs.__main__ import main
from tests.made import scan, version_of


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("BELTLINE_STORE", str(tmp_path / "store"))
    store = Store(str(tmp_path / "store"))
    version_of(store, [scan(number) for number in range(4)], "bags", num_files=2)
    return store


def test_scans_are_written_whole_or_so_many(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--input", "bags", "--format", "coco", "--to", str(tmp_path / "all")]) == 0
    assert "bags@1.0.0 as coco" in capsys.readouterr().out
    assert main(["export", "--input", "bags", "--format", "coco", "--to", str(tmp_path / "one"), "--limit", "1"]) == 0
    for name, expected in (("all", 8), ("one", 2)):
        parts = [json.loads((tmp_path / name / f"{part}.json").read_text()) for part in ("train", "val")]
        assert sum(len(part["images"]) for part in parts) == expected


def test_a_version_that_holds_something_else_is_refused(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--input", "bags", "--format", "sharegpt", "--to", str(tmp_path / "x")]) == 2
    said = capsys.readouterr().err
    assert "expected a version of conversations" in said and "scans" in said
    assert not (tmp_path / "x").exists()


def test_a_folder_in_use_is_left_alone(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    assert main(["export", "--input", "bags", "--format", "yolo", "--to", str(tmp_path / "mine")]) == 2
    assert "expected a folder that is empty" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
