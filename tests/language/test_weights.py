"""Folders of weights as models: what is in them is their revision, where they lie is not."""

import json
import shutil
from pathlib import Path

import pytest

from beltline.language.families import QWEN3_VL, QWEN25_VL
from beltline.language.models import Model
from beltline.language.weights import digest, from_folder

MODEL = Model(name="", revision="", family=QWEN3_VL, attempts=7)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "gsr-nano"
    place.mkdir()
    (place / "config.json").write_text(json.dumps({"model_type": "qwen2_5_vl"}))
    (place / "model.safetensors").write_bytes(b"weights")
    return place


def test_a_folder_gives_name_family_and_revision_and_nothing_else(folder: Path) -> None:
    model = from_folder(MODEL, folder)
    assert (model.name, model.family, model.attempts) == ("gsr-nano", QWEN25_VL, 7)
    assert model.revision == f"sha256:{digest(folder)[:16]}"


def test_the_same_weights_elsewhere_are_the_same_model(folder: Path, tmp_path: Path) -> None:
    there = shutil.copytree(folder, tmp_path / "other" / "gsr-nano")
    (there / ".cache").mkdir()
    (there / ".cache" / "lock").write_text("")
    assert from_folder(MODEL, there) == from_folder(MODEL, folder)


@pytest.mark.parametrize("change", ["byte", "name", "more"])
def test_changed_weights_are_another_one(folder: Path, change: str) -> None:
    before = digest(folder)
    if change == "byte":
        (folder / "model.safetensors").write_bytes(b"weightz")
    elif change == "name":
        (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    else:
        (folder / "chat_template.jinja").write_text("{{ messages }}")
    assert digest(folder) != before


@pytest.mark.parametrize("config", [None, "no json", "[]", '{"model_type": "llama"}', "{}"])
def test_no_model_that_we_know(folder: Path, config: str | None) -> None:
    (folder / "config.json").unlink() if config is None else (folder / "config.json").write_text(config)
    with pytest.raises(ValueError, match="expected"):
        from_folder(MODEL, folder)
