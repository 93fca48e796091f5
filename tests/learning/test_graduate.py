"""What a taught model leaves behind: whole weights, the adapter beside them, a card that says what it is."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beltline.learning.recipe import Lora
from beltline.learning.recipes import RECIPES
from jobs.model_card import model_card
from tests.jobs.test_ledger import manifest
from tests.learning.test_teaching import LORA, RECIPE, learn, of, plain

pytestmark = pytest.mark.learning
TOLD = {"samples": 7, "left_out": ["learning/too-long"], "parameters": {"all": 1000, "taught": 100}}
STEPS = [{"tokens": 60, "supervised": 20, "loss": 2.5}, {"tokens": 40, "supervised": 10, "loss": 0.125}]


@pytest.mark.parametrize("family", ["qwen3_vl", "qwen2_5_vl"])
def test_the_adapter_on_its_base_is_the_merged_model(pupil: Callable[..., Any], family: str, tmp_path: Path) -> None:
    """PEFT alone, on the base as it came, which knows nothing of tags: the same logits at every place of a sample."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForImageTextToText

    from actors.student import ADAPTER, save_model

    recipe = replace(LORA, family=family, tags=True, name=family)
    found = pupil(recipe)
    learn(found, plain(found))
    save_model(found.taught.model, found.processor, tmp_path)
    merged = AutoModelForImageTextToText.from_pretrained(tmp_path, dtype=torch.float32)
    base, again = (AutoModelForImageTextToText.from_pretrained(found.folder, dtype=torch.float32) for _ in range(2))
    adapted = PeftModel.from_pretrained(again, tmp_path / ADAPTER)
    one = found.encoded[0]
    given = {"input_ids": one.ids[None], "mm_token_type_ids": one.types[None], **one.pixels}
    with torch.inference_mode():
        expected, plainly, got = (model.eval()(**given).logits for model in (merged, base, adapted))
    assert torch.allclose(got, expected, atol=1e-4)
    assert not torch.allclose(plainly, expected, atol=1e-2)
    assert str(found.folder) not in (tmp_path / ADAPTER / "adapter_config.json").read_text()
    assert not (tmp_path / ADAPTER / "README.md").exists()


def test_in_full_there_is_no_adapter(pupil: Callable[..., Any], tmp_path: Path) -> None:
    from actors.student import save_model

    found = pupil(of("qwen3_vl", RECIPE))
    save_model(found.taught.model, found.processor, tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "qwen3_vl"


@pytest.mark.parametrize("recipe", [RECIPE, LORA], ids=["full", "lora"])
def test_a_model_that_was_saved_goes_on_as_if_nothing_had_been(
    pupil: Callable[..., Any], recipe: Any, tmp_path: Path
) -> None:
    from actors.student import save_model

    alone = pupil(of("qwen3_vl", recipe))
    expected = [one.loss for one in learn(alone, plain(alone))]
    found = pupil(of("qwen3_vl", recipe))
    engine = plain(found)
    told = learn(found, engine, stop=2)
    save_model(found.taught.model, found.processor, tmp_path)
    told += learn(found, engine, start=2)
    assert [one.loss for one in told] == expected


def test_a_card_says_where_a_model_comes_from_and_how_to_load_it() -> None:
    recipe = RECIPES["onefocus_stage2"]
    lessons = manifest("lessons", {1: "a"})
    scans = manifest("bags", {2: "b"}).model_copy(update={"licences": {"CC-BY-4.0": 3}})
    said = model_card(recipe, "sha256:0123", {"lessons": lessons, "scans": scans}, TOLD, STEPS)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in said.splitlines() if line.startswith("|")]
    assert ["lessons", "lessons@1.2.3", "1", lessons.digest, "none said"] in rows
    assert ["scans", "bags@1.2.3", "1", scans.digest, "CC-BY-4.0"] in rows
    cells = dict(row for row in rows if len(row) == 2)
    assert "One 4, 5.1" in said and "`sha256:0123`" in said
    assert cells["lora"] == "rank 16, alpha 32" and cells["rate (ours)"] == "0.0001" and cells["batch"] == "128"
    assert (cells["tower"], cells["llm"]) == ("frozen", "by LoRA")
    expected = {"samples": "7", "left out": "1", "steps": "2", "tokens": "100", "tokens with a loss": "30"}
    assert expected.items() <= cells.items()
    assert (cells["loss of the first step"], cells["of the last"]) == ("2.5000", "0.1250")
    assert "from_pretrained(FOLDER)" in said and "vllm serve FOLDER" in said and "`adapter/`" in said
    assert "`Top view:` before the top view" in said and "## Limits" in said


def test_a_card_of_a_model_with_tags_says_how_to_ask_it() -> None:
    said = model_card(RECIPES["gsr"], "Qwen/Qwen3-VL-8B-Instruct", {}, TOLD, [])
    assert "`<conclusion>` before the question (`examine --form tagged`)" in said and "`adapter/`" not in said
    assert "| rate | 1e-06 |" in said  # the paper's own


def test_every_value_of_a_nano_recipe_is_called_ours() -> None:
    said = model_card(
        replace(RECIPES["gsr_nano"], lora=Lora(rank=4, alpha=8), llm="lora"), "nano:qwen3_vl", {}, TOLD, []
    )
    rows = said.split("## Recipe")[1].split("## Taught")[0].splitlines()[7:]
    assert all("(ours)" in row for row in rows if row)
