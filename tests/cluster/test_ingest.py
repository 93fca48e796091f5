"""A folder of broken inputs through the real job: exit 0, and every input kept or rejected with a reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from beltline.store import Store
from beltline.version import iter_rows, resolve, verify
from tests.formats.broken import build_broken_folder

pytestmark = pytest.mark.cluster


def test_every_broken_input_is_accounted_for(jobs: Callable[..., int], tmp_path: Path) -> None:
    expected = build_broken_folder(tmp_path / "set")
    assert len([reason for reason in expected.values() if reason != "kept"]) >= 40
    assert jobs("ingest --recipe dvxray --output broken --root", str(tmp_path / "set")) == 0
    store = Store(str(tmp_path / "store"))
    rows = list(iter_rows(store, resolve(store, "broken")))
    assert {row["source_id"]: row["reason"] or row["status"] for row in rows} == expected
    assert all(len(row["detail"]) > 20 for row in rows if row["status"] == "rejected")
    assert verify(store, "broken@1.0.0", deep=True) == []


@pytest.mark.scans
def test_an_added_file_shifts_no_other_row_and_makes_a_minor_version(
    jobs: Callable[..., int], scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, files = tmp_path / "set", sorted((scans / "dvxray" / "DvXray_Negative_Samples").glob("N0000*"))
    (folder / "DvXray_Negative_Samples").mkdir(parents=True)
    for count in (6, 9):
        for file in files[:count]:
            (folder / "DvXray_Negative_Samples" / file.name).write_bytes(file.read_bytes())
        assert jobs("ingest --recipe dvxray --output bags --root", str(folder)) == 0
    capsys.readouterr()
    assert jobs_diff(tmp_path) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split()[:2] == ["added", "1"]
    assert "bags@1.0.0 -> bags@1.1.0: as a successor of 1.0.0 this is 1.1.0" in out


def jobs_diff(tmp_path: Path) -> int:
    from jobs.__main__ import main

    return main(["diff", "bags@1.0.0", "bags@1.1.0", "--store", str(tmp_path / "store")])
