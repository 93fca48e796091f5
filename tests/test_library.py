"""Rows by id, from whichever file has them."""

from pathlib import Path

import pytest

from beltline.library import FILES_KEPT, Library, paths_of
from beltline.store import Store
from beltline.verdict import Reject
from tests.made import scan, version_of


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def test_a_library_without_files_has_no_row(store: Store) -> None:
    with pytest.raises(KeyError):
        Library(store, []).row(1)


def test_every_scan_comes_back_whole_whatever_file_it_is_in(store: Store) -> None:
    scans = [scan(number, sides=number % 2 == 0) for number in range(3 * FILES_KEPT)]
    manifest = version_of(store, scans, num_files=2 * FILES_KEPT)
    assert len(paths_of(manifest)) == 2 * FILES_KEPT
    library = Library(store, paths_of(manifest))
    for made in (*scans, *reversed(scans)):
        assert library.scan(made.id) == made
    with pytest.raises(KeyError):
        library.row(5)


def test_rejected_rows_are_there_and_say_so(store: Store) -> None:
    manifest = version_of(store, [scan(0), (scan(1), Reject("clean/too-small", "small"))])
    library = Library(store, paths_of(manifest))
    assert library.row(scan(0).id)["status"] == "kept"
    row = library.row(scan(1).id)
    assert (row["status"], row["reason"], row["detail"]) == ("rejected", "clean/too-small", "small")


def test_several_versions_in_one_library(store: Store) -> None:
    paths = [path for n in (0, 1) for path in paths_of(version_of(store, [scan(n)], f"v{n}"))]
    library = Library(store, paths)
    assert [library.scan(scan(n).id).source_id for n in (0, 1)] == ["0", "1"]
