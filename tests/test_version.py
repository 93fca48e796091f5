"""Versions: digest, numbers, publication, and that verify finds every fault and trips over none."""

import json
from collections.abc import Callable, Iterator
from functools import partialmethod
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline import pixels
from beltline.scan import canonical_json
from beltline.store import Store
from beltline.verdict import Reject
from beltline.version import (
    MANIFEST,
    SEAL,
    Diff,
    Manifest,
    check_row,
    diff,
    diff_versions,
    digest_of,
    file_entry,
    find_run,
    iter_rows,
    pairs_of,
    publish,
    read_columns,
    read_files,
    resolve,
    run_of,
    verify,
    versions,
)
from tests.made import put_parquet, republish, reseal, scan, version_of, view

PAIRS = st.dictionaries(st.integers(0, 2**63 - 1), st.text("0123456789abcdef", min_size=1, max_size=8), max_size=12)
NUMBERS = st.tuples(*[st.integers(0, 12)] * 3).map(lambda parts: ".".join(map(str, parts)))


def parts(number: str) -> tuple[int, ...]:
    return tuple(map(int, number.split(".")))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def blank(name: str = "corpus", version: str = "1.0.0", run: str = "r1") -> Manifest:
    """A manifest of nothing."""
    empty: dict = {"inputs": {}, "input_digests": {}, "counts": {}, "reasons": {}, "licences": {}, "columns": {}}
    said = {"verb": "draw", "recipe": {}, "parent": None, "change": {}, "commit": "", "libraries": {}, "created": ""}
    return Manifest(name=name, version=version, run=run, digest=digest_of([]), num_rows=0, files=[], **empty, **said)


# digest and run


def test_the_digest_of_nothing_is_that_of_no_bytes() -> None:
    assert digest_of([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_order(pairs, random) -> None:
    shuffled = list(pairs.items())
    random.shuffle(shuffled)
    assert digest_of(shuffled) == digest_of(pairs.items())


@given(PAIRS, PAIRS)
def test_different_rows_have_different_digests(one, other) -> None:
    assert (digest_of(one.items()) == digest_of(other.items())) == (one == other)


def test_a_run_is_named_by_values_and_not_by_their_order() -> None:
    assert run_of({"a": 1, "b": (1, 2)}) == run_of({"b": [1, 2], "a": 1}) != run_of({"a": 1, "b": [2, 1]})
    assert len(run_of({})) == 16


# numbers


@pytest.mark.parametrize(
    ("before", "after", "number", "expected"),
    [
        ({}, {}, "1.0.0", "1.0.1"),
        ({}, {1: "a"}, "1.0.0", "1.1.0"),
        ({1: "a"}, {}, "1.0.0", "2.0.0"),
        ({1: "a"}, {1: "a"}, "1.2.3", "1.2.4"),
        ({1: "a"}, {1: "a", 2: "b"}, "1.2.3", "1.3.0"),
        ({1: "a"}, {1: "b"}, "1.2.3", "2.0.0"),
        ({1: "a", 2: "b"}, {1: "a"}, "1.2.3", "2.0.0"),
        ({1: "a"}, {1: "b", 2: "b"}, "9.9.9", "10.0.0"),
        ({1: "a"}, {2: "a"}, "1.9.9", "2.0.0"),
        ({1: "a"}, {1: "a", 2: "b"}, "1.9.9", "1.10.0"),
    ],
)
def test_croissants_rule(before, after, number, expected) -> None:
    assert diff(before, after).bump(number) == expected


@given(PAIRS, PAIRS, NUMBERS)
def test_the_difference_rebuilds_what_is_there_now_and_decides_the_number(before, after, number) -> None:
    found = diff(before, after)
    rebuilt = {key: value for key, value in before.items() if key not in found.removed}
    rebuilt |= {key: after[key] for key in (*found.added, *found.changed)}
    assert rebuilt == after
    assert found.counts() == {"added": len(found.added), "removed": len(found.removed), "changed": len(found.changed)}
    assert not set(found.added) & before.keys() and not set(found.removed) & after.keys()
    old, new = parts(number), parts(found.bump(number))
    assert new > old
    assert (new[0] > old[0]) == bool(before.items() - after.items()), "major: something that was there is not so now"


@given(PAIRS, NUMBERS)
def test_the_same_rows_are_a_patch(pairs, number) -> None:
    found = diff(pairs, dict(pairs))
    assert found == Diff([], [], [])
    assert parts(found.bump(number)) == (*parts(number)[:2], parts(number)[2] + 1)


# publication


def test_versions_are_ordered_as_numbers(store: Store) -> None:
    assert versions(store, "corpus") == []
    for number in ("1.10.0", "1.9.0", "10.0.0", "2.0.0", "1.9.10"):
        publish(store, blank(version=number))
    assert versions(store, "corpus") == ["1.9.0", "1.9.10", "1.10.0", "2.0.0", "10.0.0"]
    assert resolve(store, "corpus").version == "10.0.0"
    assert resolve(store, "corpus@1.9.0").ref == "corpus@1.9.0"


def test_a_folder_without_a_manifest_is_no_version(store: Store) -> None:
    store.write("corpus/1.0.0/card.md", b"card")
    store.write(f"corpus/1.0.0/{SEAL}", b"seal")
    store.write(f"corpus/v2/{MANIFEST}", b"{}")
    store.write(f"corpus/01.0.0/{MANIFEST}", b"{}")
    assert versions(store, "corpus") == []
    for ref in ("corpus", "corpus@1.0.0", "nothing", "nothing@1.0.0"):
        with pytest.raises(ValueError, match="found no version of"):
            resolve(store, ref)
    assert "not complete" in verify(store, "corpus@1.0.0")[0]


def test_the_manifest_is_written_last(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """At whatever write a kill comes, the version is not there until all of its files are."""
    for deadly in range(6):
        left = [deadly]

        def dying(self: Store, path: str, data: bytes, *, write: Any, left: list[int] = left) -> Any:
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            return write(self, path, data)

        name = f"corpus{deadly}"
        with monkeypatch.context() as patch:
            for way in ("write", "write_once"):
                patch.setattr(Store, way, partialmethod(dying, write=getattr(Store, way)))
            with pytest.raises(KeyboardInterrupt):
                version_of(store, [scan(1)], name)  # specs, rows, card, sheet, seal, manifest
        assert versions(store, name) == []
    assert store.exists(f"corpus5/1.0.0/{SEAL}"), "the last write was the manifest's"


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "@",
        "@1.0.0",
        "Corpus",
        "../x",
        "a/b",
        "corpus@1",
        "corpus@1.0",
        "corpus@01.0.0",
        "corpus@١.0.0",
        "corpus@1.0.0\n",
    ],
)
def test_what_is_no_reference_is_refused(store: Store, ref: str) -> None:
    with pytest.raises(ValueError, match=r"expected NAME@MAJOR\.MINOR\.PATCH"):
        resolve(store, ref)


def test_the_newest_version_of_a_run_is_found(store: Store) -> None:
    assert find_run(store, "corpus", "r1") is None
    for number, run in (("1.0.0", "r1"), ("1.0.1", "r2"), ("1.0.2", "r1")):
        publish(store, blank(version=number, run=run))
    found = find_run(store, "corpus", "r1")
    assert found is not None and found.version == "1.0.2"
    assert find_run(store, "corpus", "r3") is None


# rows


def test_rows_are_read_with_their_status_from_all_files(store: Store) -> None:
    scans = [scan(0), scan(1, ()), (scan(2), Reject("clean/too-small", "small")), scan(3, sides=False)]
    manifest = version_of(store, scans, num_files=2)
    table = read_columns(store, manifest, ["id", "status", "items.list.element.category"])
    statuses = dict(zip(table["id"].to_pylist(), table["status"].to_pylist(), strict=True))
    assert statuses == {scan(0).id: "kept", scan(1).id: "kept", scan(2).id: "rejected", scan(3).id: "kept"}
    rows = {row["id"]: row for row in iter_rows(store, manifest)}
    assert rows.keys() == statuses.keys() and rows[scan(2).id]["reason"] == "clean/too-small"
    assert all(check_row(row) == [] for row in rows.values())
    assert read_files(store, [], ["id", "status"]).to_pylist() == []


def test_an_id_twice_is_refused() -> None:
    assert pairs_of(pa.table({"id": [1, 2], "content": ["a", "a"]})) == {1: "a", 2: "a"}
    with pytest.raises(ValueError, match="found 1 doubled, the first 7"):
        pairs_of(pa.table({"id": [7, 2, 7], "content": ["a", "b", "a"]}))


def test_versions_are_compared_by_content(store: Store) -> None:
    one = version_of(store, [scan(0), scan(1), scan(2)], run="r1")
    other = version_of(store, [scan(0), scan(1, ()), scan(3)], run="r2")
    assert diff_versions(store, one, one) == Diff([], [], [])
    assert diff_versions(store, one, other) == Diff([scan(3).id], [scan(2).id], [scan(1).id])
    assert (one.version, other.version, other.change) == ("1.0.0", "2.0.0", {"added": 1, "removed": 1, "changed": 1})


# verify


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Manifest]:
    store = Store(str(tmp_path_factory.mktemp("published")))
    manifest = version_of(store, [scan(0), scan(1, ()), (scan(2), Reject("clean/too-small", "small"))])
    assert verify(store, manifest.ref) == verify(store, manifest.ref, deep=True) == []
    return store, manifest


def files_of(manifest: Manifest) -> list[str]:
    own = [f"{manifest.name}/{manifest.version}/{name}" for name in (MANIFEST, SEAL)]
    return [*(file.path for file in manifest.files), *own]


def flips(data: bytes, most: int) -> Iterator[bytes]:
    """The data with one bit of one byte turned: every byte when there are few, else `most` spread from first to last."""
    for place in np.unique(np.linspace(0, len(data) - 1, min(most, len(data))).astype(int)):
        changed = bytearray(data)
        changed[place] ^= 1 << (int(place) % 8)
        yield bytes(changed)


def test_a_version_has_rows_of_both_kinds_a_card_a_sheet_a_manifest_and_a_seal(published) -> None:
    names = [path.rsplit("/", 1)[-1] for path in files_of(published[1])]
    assert names == ["part-0.parquet", "part-0.parquet", "card.md", "sheet.png", MANIFEST, SEAL]


@pytest.mark.parametrize("number", range(6))
def test_one_flipped_bit_in_any_file_is_found(published, number: int) -> None:
    store, manifest = published
    path = files_of(manifest)[number]
    good = store.read(path)
    try:
        most = len(good) if len(good) < 5000 else 600
        for changed in flips(good, most):
            store.write(path, changed)
            problems = verify(store, manifest.ref)
            assert len(problems) == 1 and path.rsplit("/", 1)[-1] in problems[0]
    finally:
        store.write(path, good)
    assert verify(store, manifest.ref) == []


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("damage", ["removed", "emptied", "cut", "longer", "a folder"])
def test_a_file_that_is_not_whole_is_found(tmp_path: Path, damage: str, number: int) -> None:
    store = Store(str(tmp_path))
    manifest = version_of(store, [scan(0), (scan(2), Reject("clean/too-small", "small"))])
    path = tmp_path / files_of(manifest)[number]
    good = path.read_bytes()
    path.unlink()
    if damage == "a folder":
        path.mkdir()
    elif damage != "removed":
        path.write_bytes({"emptied": b"", "cut": good[:-1], "longer": good + b"\0"}[damage])
    for deep in (False, True):
        problems = verify(store, manifest.ref, deep=deep)
        assert len(problems) == 1 and path.name in problems[0]


@pytest.mark.parametrize(
    "path",
    [
        "corpus/1.0.0/notes.txt",
        "corpus/1.0.0/more/notes.txt",
        "corpus/.runs/r1/rows/status=kept/part-9.parquet",
        "corpus/.runs/r1/rows/status=rejected/.hidden",
        "corpus/.runs/r1/rows/status=odd/part-0.parquet",
        "corpus/.runs/r1/rows/stray",
    ],
)
def test_a_file_that_the_manifest_does_not_list_is_found(tmp_path: Path, path: str) -> None:
    store = Store(str(tmp_path))
    version_of(store, [scan(0)])
    version_of(store, [scan(1)], run="r2")
    store.write(path, b"")
    assert verify(store, "corpus@1.0.0") == [f"{path}: the manifest does not list this file"]
    assert verify(store, "corpus@2.0.0") == []


def test_what_a_killed_writer_left_is_no_fault(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    manifest = version_of(store, [scan(0)])
    (tmp_path / f"corpus/1.0.0/card.md.{'0f' * 16}.tmp").write_bytes(b"half")
    assert verify(store, manifest.ref) == []


@pytest.mark.parametrize(
    "ref", ["", "corpus", "corpus@", "corpus@9.0.0", "@", "../../etc@1.0.0", "corpus@1.0.0/../1.0.0", "corpus@\0"]
)
def test_a_reference_to_nothing_is_answered_with_a_sentence(published, ref: str) -> None:
    assert len(verify(published[0], ref)) == 1


def test_a_manifest_in_another_folder_is_found(published) -> None:
    store, manifest = published
    for name in (MANIFEST, SEAL):
        store.write(f"other/1.0.0/{name}", store.read(f"{manifest.name}/{manifest.version}/{name}"))
    assert "found that of corpus@1.0.0" in verify(store, "other@1.0.0")[0]


def answers_in_sentences(store: Store, ref: str) -> None:
    for deep in (False, True):
        assert all(isinstance(problem, str) and problem for problem in verify(store, ref, deep=deep))


def test_a_damaged_manifest_under_a_fitting_seal_raises_nothing(published) -> None:
    """Whoever damages a manifest and seals it again may escape notice, but verify does not fall over it."""
    store, manifest = published
    text = store.read(f"corpus/1.0.0/{MANIFEST}")
    try:
        for changed in flips(text, 500):
            reseal(store, "corpus", "1.0.0", changed)
            answers_in_sentences(store, manifest.ref)
    finally:
        reseal(store, "corpus", "1.0.0", text)
    assert verify(store, manifest.ref) == []


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe", b'{"name": 1}', b"[" * 100_000])
def test_what_is_no_manifest_is_answered_with_a_sentence(store: Store, text: bytes) -> None:
    reseal(store, "corpus", "1.0.0", text)
    (problem,) = verify(store, "corpus@1.0.0")
    assert "expected a manifest" in problem and len(problem) < 300


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_odd_values_under_a_fitting_seal_raise_nothing(published, data) -> None:
    store, manifest = published
    good = manifest.model_dump()
    odd = (
        st.none()
        | st.integers(-1, 9)
        | st.text(max_size=4)
        | st.sampled_from(["../x", "/", "a\0b", "status=", "corpus"])
    )
    bad = json.loads(json.dumps(good))
    if data.draw(st.booleans()):
        bad[data.draw(st.sampled_from(sorted(bad)))] = data.draw(odd)
    else:
        file = bad["files"][data.draw(st.integers(0, len(bad["files"]) - 1))]
        file[data.draw(st.sampled_from(sorted(file)))] = data.draw(odd)
    try:
        reseal(store, "corpus", "1.0.0", json.dumps(bad).encode())
        answers_in_sentences(store, manifest.ref)
    finally:
        republish(store, manifest)


# what a forger repairs


def forged(store: Store, manifest: Manifest, change: Callable[[dict], None]) -> Manifest:
    """The first row of the first file changed, and every hash of files and manifest repaired."""
    path = manifest.rows[0].path
    with pq.ParquetFile(store.path(path)) as file:
        table = file.read()
    rows = table.to_pylist()
    change(rows[0])
    put_parquet(store, path, pa.Table.from_pylist(rows, schema=table.schema))
    files = [file_entry(store, file.path) for file in manifest.files]
    return republish(store, manifest, files=files)


def darker(row: dict) -> None:
    rgb = pixels.decode(row["side"]["bytes"])
    rgb[60, 80, 1] -= 1
    row["side"]["bytes"] = pixels.encode_png(rgb)


def torn_image(row: dict) -> None:
    row["side"]["bytes"] = row["side"]["bytes"][:50]


def other_category(row: dict) -> None:
    row["items"][0]["category"] = "axe"


def other_licence(row: dict) -> None:
    row["licence"] = "MIT"


@pytest.mark.parametrize("change", [darker, torn_image, other_category, other_licence])
def test_deep_finds_a_changed_row_behind_repaired_file_hashes(store: Store, change) -> None:
    manifest = forged(store, version_of(store, [scan(0), scan(1)]), change)
    assert verify(store, manifest.ref) == [], "the content column is as it was"
    assert len(verify(store, manifest.ref, deep=True)) == 1


def test_the_digest_finds_a_changed_content_column(store: Store) -> None:
    manifest = forged(store, version_of(store, [scan(0)]), lambda row: row.update(content="0" * 64))
    (problem,) = verify(store, manifest.ref)
    assert f"expected digest {manifest.digest}" in problem


def test_a_doubled_row_behind_repaired_hashes_is_found(store: Store) -> None:
    manifest = forged(store, version_of(store, [scan(0), scan(1)]), lambda row: row.update(id=scan(1).id))
    (problem,) = verify(store, manifest.ref)
    assert "found ValueError: rows: expected every id once" in problem


def test_the_same_pixels_in_another_encoding_are_no_fault(store: Store) -> None:
    def again(row: dict) -> None:
        row["side"]["bytes"] = (
            row["side"]["bytes"][:-12] + b"\0\0\0\x04tEXta\0bc" + b"\0\0\0\0" + row["side"]["bytes"][-12:]
        )

    before = pixels.decode(scan(0).side.bytes)
    manifest = forged(store, version_of(store, [scan(0)]), again)
    (row,) = iter_rows(store, manifest)
    assert row["side"]["bytes"] != view(1).bytes and np.array_equal(pixels.decode(row["side"]["bytes"]), before)
    assert verify(store, manifest.ref, deep=True) == []


def test_the_manifest_reads_back_as_it_was(published) -> None:
    store, manifest = published
    assert resolve(store, "corpus") == manifest
    assert canonical_json(json.loads(store.read(f"corpus/1.0.0/{MANIFEST}"))) == canonical_json(manifest.model_dump())
