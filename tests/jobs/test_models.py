"""Where a model's files lie on this machine: in the store's own folder, or in a copy that no other store shares."""

import uuid
from pathlib import Path

import pytest

from beltline.store import Store
from jobs import models
from tests.s3 import Server

PLACE = "gsr/.runs/0/weights"
FILES = (f"{PLACE}/config.json", f"{PLACE}/best/model.safetensors")


def filled(store: Store, words: bytes) -> Store:
    for path in FILES:
        store.write(path, words)
    return store


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_local_store_is_not_copied(tmp_path: Path) -> None:
    store = filled(Store(str(tmp_path)), b"here")
    assert models.fetched(store, PLACE, FILES) == models.scratch(store, PLACE, "train") == tmp_path / PLACE


def test_two_stores_with_a_run_of_one_name_keep_their_own_weights(
    s3_writer: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    first, second = (Store(f"s3://{s3_writer.bucket}/{uuid.uuid4().hex}") for _ in range(2))
    for store, words in ((filled(first, b"one"), b"one"), (filled(second, b"two"), b"two"), (first, b"one")):
        assert held(models.fetched(store, PLACE, FILES)) == dict.fromkeys(
            ("config.json", "best/model.safetensors"), words
        )


def test_what_a_killed_teacher_left_is_no_copy(
    s3_writer: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = filled(Store(f"s3://{s3_writer.bucket}/{uuid.uuid4().hex}"), b"whole")
    half = models.scratch(store, PLACE.removesuffix("/weights"), "train") / "weights" / "config.json"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"wh")
    assert held(models.fetched(store, PLACE, FILES))["config.json"] == b"whole"


def test_what_is_copied_already_is_not_copied_again(
    s3_writer: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = filled(Store(f"s3://{s3_writer.bucket}/{uuid.uuid4().hex}"), b"one")
    folder = models.fetched(store, PLACE, FILES)
    for path in FILES:
        store.remove(path)
    assert models.fetched(store, PLACE, FILES) == folder and len(held(folder)) == 2
