"""The store: whole files or none, relative paths, a place that another process finds."""

import multiprocessing
from pathlib import Path

import pytest

from beltline.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


def test_an_empty_store_lists_nothing_and_is_not_made_by_looking(store: Store, tmp_path: Path) -> None:
    assert store.list("") == store.list("corpus", recursive=True) == []
    assert not store.exists("corpus")
    store.delete("corpus")
    assert not (tmp_path / "store").exists()
    with pytest.raises(FileNotFoundError):
        store.read("corpus/1.0.0/card.md")


def test_what_is_written_is_read_and_listed_relative_to_the_root(store: Store) -> None:
    files = {"b/2/x.md": b"x", "b/1.md": b"", "a.md": bytes(range(256))}
    for path, data in files.items():
        store.write(path, data)
    assert {path: store.read(path) for path in store.list("", recursive=True)} == files
    assert store.list("b") == ["b/1.md", "b/2"], "folders too, sorted"
    assert store.list("b", recursive=True) == ["b/1.md", "b/2/x.md"], "files only"
    assert store.exists("b/2") and store.exists("a.md") and not store.exists("b/2/y.md")
    for _ in range(2):
        store.remove("b/1.md")
        assert store.list("b", recursive=True) == ["b/2/x.md"]
    store.delete("b")
    assert store.list("", recursive=True) == ["a.md"]


def crash_halfway(self: Store, path: str, data: bytes) -> None:
    Path(path).write_bytes(data[: len(data) // 2])
    raise KeyboardInterrupt


@pytest.mark.parametrize("write", [Store.write, Store.write_once])
def test_a_crash_in_a_write_leaves_no_target_and_nothing_that_readers_see(store, monkeypatch, write) -> None:
    monkeypatch.setattr(Store, "_put", crash_halfway)
    with pytest.raises(KeyboardInterrupt):
        write(store, "corpus/card.md", b"a whole card")
    assert not store.exists("corpus/card.md")
    assert store.list("corpus") == store.list("", recursive=True) == []


def test_a_crash_in_a_rewrite_leaves_the_old_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("card.md", b"old")
    with monkeypatch.context() as patch:
        patch.setattr(Store, "_put", crash_halfway)
        with pytest.raises(KeyboardInterrupt):
            store.write("card.md", b"new and longer")
    assert store.read("card.md") == b"old"
    store.write("card.md", b"new")
    assert store.read("card.md") == b"new"


def test_write_once_keeps_the_first_and_tells_it_to_the_second(store: Store, tmp_path: Path) -> None:
    assert store.write_once("answer", b"first") == b"first"
    assert store.write_once("answer", b"second") == b"first" == store.read("answer")
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["answer"], "no temporary file stays"


def _race(uri: str, number: int) -> bytes:
    return Store(uri).write_once("answer", b"%d" % number * 100_000)


def test_of_many_writers_one_wins_and_all_know_it(store: Store) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        seen = pool.starmap(_race, [(store.uri, number) for number in range(8)])
    assert set(seen) == {store.read("answer")}


def test_a_relative_store_is_named_so_that_another_folder_finds_it(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    relative = Store("./data/")
    relative.write("corpus/card.md", b"card")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert relative.absolute().uri == str(tmp_path / "data")
    assert Store(relative.absolute().uri).read("corpus/card.md") == b"card"
    assert Store("data").list("", recursive=True) == []


def test_a_file_uri_and_its_path_are_the_same_place(tmp_path: Path) -> None:
    by_uri, by_path = Store(f"file://{tmp_path}"), Store(str(tmp_path))
    by_uri.write("a/b", b"1")
    assert by_path.read("a/b") == b"1" and by_uri.list("a") == by_path.list("a") == ["a/b"]
    assert by_uri.is_local and by_uri.absolute() == by_path


@pytest.mark.parametrize("uri", ["mock:///data", "gs://bucket/data", "http://host/data", "hdfs://host/x"])
def test_a_place_that_is_neither_a_folder_nor_s3_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="expected a folder or s3://"):
        Store(uri)


def test_a_local_store_needs_no_check_and_links_to_its_files(store: Store) -> None:
    store.check(writes=True)
    store.write("corpus/card.md", b"card")
    assert store.link("corpus/card.md").startswith("file:///") and store.drop_unfinished("corpus") == 0
