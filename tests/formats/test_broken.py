"""A folder of broken inputs: each is kept or rejected, with the reason expected, and nothing is lost or left hanging."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from beltline.formats import READERS, Entry, load, survey
from beltline.scan import Scan
from beltline.verdict import BadRow
from tests.formats.broken import KEPT, build_broken_folder

READER = READERS["dvxray"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("broken") / "set"


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, str]:
    return build_broken_folder(folder)


@pytest.fixture(scope="module")
def entries(folder: Path, expected: dict[str, str]) -> list[Entry]:
    return survey(READER, folder)


@pytest.fixture(scope="module")
def scans(folder: Path, entries: list[Entry]) -> dict[str, Scan | str]:
    """Scan or reason, by source id."""
    return {entry.source_id: _outcome(folder, entry) for entry in entries}


def _outcome(folder: Path, entry: Entry) -> Scan | str:
    try:
        return load(READER, folder, entry)
    except BadRow as error:
        return error.verdict.reason


def test_every_input_gets_the_verdict_expected(expected: dict[str, str], scans: dict[str, Scan | str]) -> None:
    found = {name: KEPT if isinstance(outcome, Scan) else outcome for name, outcome in scans.items()}
    assert found == expected
    assert len([verdict for verdict in expected.values() if verdict != KEPT]) >= 40


def _paths(folder: Path) -> Iterator[str]:
    """What lies in the folder, by a walk of its own: files, links, pipes and folders that are named like images."""
    for base, folders, names in os.walk(folder):
        for name in [*names, *(each for each in folders if os.path.islink(os.path.join(base, each)) or "." in each)]:
            path = os.path.relpath(os.path.join(base, name), folder)
            yield path.encode("utf-8", "backslashreplace").decode()


def test_every_file_belongs_to_exactly_one_entry(folder: Path, entries: list[Entry]) -> None:
    assert sorted(path for entry in entries for path in entry.files) == sorted(_paths(folder))


def test_ids_are_unique_and_sorted_and_entries_are_plain_text(entries: list[Entry]) -> None:
    names = [entry.source_id for entry in entries]
    assert names == sorted(set(names))
    assert [Entry.of(entry.json().encode().decode()) for entry in entries] == entries


def test_what_was_mended_is_noted(scans: dict[str, Scan | str]) -> None:
    notes = {name: " ".join(scan.notes) for name, scan in scans.items() if isinstance(scan, Scan)}
    assert "no box ('difficult')" in notes["P00261"]
    assert "nested box opened" in notes["P00264"]
    assert "first four of 5" in notes["P00265"]
    assert "clipped" in notes["P00266"] and "clipped" in notes["P00267"]
    assert "is a JPEG" in notes["P00330"] and "CMYK" in notes["P00331"] and "I;16" in notes["P00336"]
    assert notes["P00000"] == ""


def test_mended_boxes_hold_what_they_should(scans: dict[str, Scan | str]) -> None:
    boxes = {name: scan.items[0].top_xyxy for name, scan in scans.items() if isinstance(scan, Scan) and scan.items}
    assert [boxes[f"P0026{number}"] for number in range(4)] == [None] * 4
    assert boxes["P00264"] == boxes["P00265"] == (10, 10, 40, 30)
    assert boxes["P00266"] == (0, 0, 40, 30)
    assert boxes["P00267"] == (10, 10, 80, 60)


def test_adding_a_bag_changes_no_other(folder: Path, entries: list[Entry], tmp_path: Path) -> None:
    before = {entry.source_id: entry for entry in entries}
    extra = folder / "A_first"
    extra.mkdir()
    try:
        for name in ("N77777_OL.png", "N77777_SD.png", "N77777.json"):
            (extra / name).write_bytes((folder / name.replace("N77777", "N00001")).read_bytes())
        after = {entry.source_id: entry for entry in survey(READER, folder)}
    finally:
        for path in extra.iterdir():
            path.unlink()
        extra.rmdir()
    assert after.pop("N77777").reject is None
    assert after == before


def test_a_link_that_turns_outward_after_the_survey_is_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes((folder / "P00000_OL.png").read_bytes())
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").symlink_to(outside)
    entry = Entry(source_id="a", group="a", top="a.png")
    with pytest.raises(BadRow, match="outside-folder"):
        load(READER, tmp_path / "set", entry)
    with pytest.raises(BadRow, match="outside-folder"):
        load(READER, tmp_path / "set", Entry(source_id="a", group="a", top="../outside.png"))
