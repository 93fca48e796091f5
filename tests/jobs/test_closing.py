"""From finished rows to a version, and the verbs that check and compare versions."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from beltline import pixels, verdict
from beltline.store import Store
from beltline.verdict import Reject
from beltline.version import digest_of, iter_rows, resolve, verify, versions
from jobs.__main__ import main
from jobs.closing import SHEET_ROWS, close, sample
from tests.made import SCAN_ROWS, rows_of, scan, version_of, version_of_rows, work, write_run

SMALL = Reject("clean/too-small", "small")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def test_a_run_without_rows_is_an_empty_version(store: Store) -> None:
    manifest = version_of(store, [])
    assert (manifest.version, manifest.num_rows, manifest.digest) == ("1.0.0", 0, digest_of([]))
    assert manifest.counts == {"kept": 0, "rejected": 0}
    assert verify(store, manifest.ref, deep=True) == [] == list(iter_rows(store, manifest))


def test_counts_reasons_licences_and_files_are_those_of_the_rows(store: Store) -> None:
    scans = [
        scan(0),
        scan(1, licence="MIT"),
        scan(2),
        (scan(3), SMALL),
        (scan(4), SMALL),
        (scan(5), Reject("a/b", "c")),
    ]
    manifest = version_of(store, scans, num_files=2)
    assert manifest.counts == {"kept": 3, "rejected": 3}
    assert manifest.reasons == {"a/b": 1, "clean/too-small": 2}
    assert manifest.licences == {"CC0-1.0": 2, "MIT": 1}, "of kept rows"
    assert manifest.columns["id"] == "int64" and "row" not in manifest.columns
    assert len(manifest.rows) == 4 and len(manifest.files) == 6
    text = store.read("corpus/1.0.0/card.md").decode()
    assert "| clean/too-small | 2 |" in text and "| scans | 3 |" in text and manifest.digest in text
    view, _ = pixels.open_view(store.read("corpus/1.0.0/sheet.png"), "sheet.png")
    assert view.width > 1000


@pytest.mark.parametrize("num_files", [1, 2, 5])
def test_the_digest_depends_on_rows_alone(store: Store, num_files: int) -> None:
    scans = [scan(0), scan(1), (scan(2), SMALL)]
    assert version_of(store, scans, "a").digest == version_of(store, scans[::-1], "b", "r2", num_files).digest


def test_every_next_version_is_numbered_by_what_changed(store: Store) -> None:
    steps = [[scan(0)], [scan(0)], [scan(0), scan(1)], [scan(0), scan(1, ())], [scan(0)]]
    made = [version_of(store, scans, run=f"r{number}") for number, scans in enumerate(steps)]
    assert [manifest.version for manifest in made] == ["1.0.0", "1.0.1", "1.1.0", "2.0.0", "3.0.0"]
    assert [manifest.parent for manifest in made] == [None, *(manifest.ref for manifest in made[:-1])]
    assert made[0].change == {"added": 1, "removed": 0, "changed": 0}
    assert made[3].change == {"added": 0, "removed": 0, "changed": 1}


@pytest.mark.parametrize("again", [[0, 1], [1, 2], [2], [0, 1, 2, 3]], ids=str)
def test_rows_that_a_dead_drivers_worker_wrote_as_well_are_there_once(store: Store, again: list[int]) -> None:
    """Its last block, whole or cut otherwise; files and rows in any order."""
    scans = [scan(0), scan(1), (scan(2), SMALL), scan(3)]
    expected = version_of(store, scans, "calm")
    rows, folder, done = rows_of(scans), "corpus/.runs/r1", work()
    write_run(store, folder, rows, done, num_files=2)
    write_run(store, "other", [rows[index] for index in again], done)
    for path in store.list("other/rows", recursive=True):
        if path.endswith(".parquet"):
            store.write(f"{folder}{path.removeprefix('other')}".replace("part-", "late-"), store.read(path))
    for _ in range(2):  # a kill before the manifest leaves everything to be closed again
        made = close(done, store, "corpus", "r1", folder)
        assert (made.digest, made.num_rows, made.counts) == (expected.digest, 4, expected.counts)
        assert verify(store, made.ref, deep=True) == []
        Path(store.path(f"corpus/{made.version}/manifest.json")).unlink()


def test_a_missing_or_differing_row_is_no_version(store: Store) -> None:
    done, folder, rows = work(), "corpus/.runs/r1", rows_of([scan(0), scan(1), scan(2)])
    write_run(store, folder, rows, done, num_files=3)
    lost = f"{folder}/rows/status=kept/part-1.parquet"
    data = store.read(lost)
    Path(store.path(lost)).unlink()
    with pytest.raises(ValueError, match="expected 3 rows, each once, found 2, 1 missing"):
        close(done, store, "corpus", "r1", folder)
    store.write(lost, data)
    write_run(store, "other", rows_of([replace(scan(1), group="another bag")]), done)
    other = next(path for path in store.list("other/rows", recursive=True) if path.endswith(".parquet"))
    store.write(f"{folder}/rows/status=kept/part-9.parquet", store.read(other))
    with pytest.raises(ValueError, match="expected every id once, found 1 doubled"):
        close(done, store, "corpus", "r1", folder)
    assert versions(store, "corpus") == []


def test_rows_of_text_have_a_card_and_no_sheet(store: Store) -> None:
    schema = pa.schema([pa.field("id", pa.int64()), pa.field("caption", pa.string()), *verdict.FIELDS])
    row = {"id": 7, "caption": "a|b", "status": "kept", "reason": None, "detail": None}
    manifest = version_of_rows(store, [row], schema, "words")
    assert [file.path for file in manifest.files if "1.0.0" in file.path] == ["words/1.0.0/card.md"]
    assert manifest.licences == {} and "Rows of text" in store.read("words/1.0.0/card.md").decode()


def test_the_sheet_shows_rows_spread_over_the_ids_the_same_ones_for_any_layout(store: Store) -> None:
    scans = [scan(number, ()) for number in range(3 * SHEET_ROWS)]
    shown = []
    for num_files in (1, 4):
        manifest = version_of(store, [*scans, (scan(99), SMALL)], f"v{num_files}", num_files=num_files)
        ids = sorted(made.id for made in scans)
        shown.append([row["id"] for row in sample(store, [file.path for file in manifest.rows], ids)])
    assert shown[0] == shown[1] == sorted(shown[0]) and len(shown[0]) == SHEET_ROWS
    assert shown[0][0] == ids[0] and shown[0][-1] == ids[-1]


def test_inputs_are_named_with_their_digests(store: Store) -> None:
    source = version_of(store, [scan(0)], "bags")
    done = replace(work(schema=SCAN_ROWS), inputs={"scans": source})
    write_run(store, "corpus/.runs/r1", rows_of([scan(0)]), done)
    manifest = close(done, store, "corpus", "r1", "corpus/.runs/r1")
    assert (manifest.inputs, manifest.input_digests) == ({"scans": "bags@1.0.0"}, {"scans": source.digest})
    assert resolve(store, "corpus") == manifest


def test_verify_says_what_it_found_and_exits_with_it(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    version_of(store, [scan(0)])
    assert main(["verify", "corpus", "--store", store.uri, "--deep"]) == 0
    assert capsys.readouterr().out == "corpus@1.0.0: as it was written\n"
    store.write("corpus/1.0.0/card.md", b"another")
    assert main(["verify", "corpus@1.0.0", "--store", store.uri]) == 1
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("corpus/1.0.0/card.md: expected") and last == "corpus@1.0.0: 1 faults"
    assert main(["verify", "nothing", "--store", store.uri]) == 2


def test_diff_says_what_differs_and_the_number_that_follows(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    version_of(store, [scan(0), scan(1)])
    version_of(store, [scan(1, ()), *(scan(number) for number in range(2, 14))], run="r2")
    assert main(["diff", "corpus@1.0.0", "corpus@2.0.0", "--store", store.uri]) == 0
    added, removed, changed, last = capsys.readouterr().out.splitlines()
    assert added.split()[:2] == ["added", "12"] and added.endswith("…")
    assert removed.split() == ["removed", "1", str(scan(0).id)]
    assert changed.split() == ["changed", "1", str(scan(1).id)]
    assert last == "corpus@1.0.0 -> corpus@2.0.0: as a successor of 1.0.0 this is 2.0.0"
    assert main(["diff", "corpus", "corpus@9.0.0", "--store", store.uri]) == 2
