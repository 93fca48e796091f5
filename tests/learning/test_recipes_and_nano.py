"""Recipes say what the papers say and name what is ours; small models are ordinary folders."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beltline.learning.recipe import Lora
from beltline.learning.recipes import RECIPES, which_part, which_views


def test_gsr_is_what_the_paper_says() -> None:
    """Dual 5, Implementation; 4.2."""
    gsr = RECIPES["gsr"]
    assert gsr.base.startswith("Qwen/Qwen3-VL-8B")
    assert (gsr.tower, gsr.aligner, gsr.llm) == ("full", "full", "full")
    assert (gsr.rate, gsr.schedule, gsr.warmup_share) == (1e-6, "cosine", 0.1)
    assert (gsr.batch, gsr.epochs, gsr.precision, gsr.tags) == (256, 2, "bfloat16", True)
    assert not {"rate", "schedule", "warmup_share", "batch", "epochs", "precision"} & set(gsr.ours)


def test_onefocus_is_what_the_paper_says() -> None:
    """One 5.1 and Table 5."""
    first, second = RECIPES["onefocus_stage1"], RECIPES["onefocus_stage2"]
    assert (first.tower, first.aligner, first.llm, first.lora) == ("frozen", "frozen", "full", None)
    assert (first.batch, first.epochs, first.warmup_steps, first.zero_stage) == (64, 1, 100, 2)
    assert (second.tower, second.aligner, second.llm, second.lora) == (
        "frozen",
        "frozen",
        "lora",
        Lora(rank=16, alpha=32),
    )
    assert (second.batch, second.epochs, second.zero_stage) == (128, 2, 3)
    assert second.starts_from == "onefocus_stage1"
    assert "rate" in first.ours and "rate" in second.ours  # the paper does not say it


def test_every_field_called_ours_is_a_field() -> None:
    for recipe in RECIPES.values():
        assert set(recipe.ours) <= {*recipe.__dataclass_fields__, "all"}, recipe.name
        assert recipe.starts_from is None or recipe.starts_from in RECIPES


def test_the_ablation_of_parts_has_every_cell_of_the_table() -> None:
    """One Table 4: projector, ViT, LLM alone and together, in full and by LoRA of rank 8 and alpha 32."""
    cells = which_part(RECIPES["captioner"])
    full, low = cells[: len(cells) // 2], cells[len(cells) // 2 :]
    assert {(one.tower, one.aligner, one.llm) for one in full} == {
        tuple("full" if part in chosen else "frozen" for part in ("v", "p", "l"))
        for chosen in ("p", "v", "l", "vp", "pl", "vl", "vpl")
    }
    assert all(one.lora == Lora(rank=8, alpha=32) for one in low) and all(one.lora is None for one in full)


def test_the_ablation_of_views_and_reasoning() -> None:
    """Dual Table 5."""
    cells = {one.name: one for one in which_views(RECIPES["gsr"])}
    assert cells["gsr-top"].views == ("top",) and cells["gsr-top"].reasoning == ()
    assert cells["gsr-both-reasoned"] == replace(RECIPES["gsr"], name="gsr-both-reasoned")


def test_a_rank_without_a_part_to_adapt_is_refused() -> None:
    with pytest.raises(ValueError, match="LoRA"):
        replace(RECIPES["gsr"], lora=Lora(rank=8, alpha=16))
    with pytest.raises(ValueError, match="all three frozen"):
        replace(RECIPES["gsr"], tower="frozen", aligner="frozen", llm="frozen")


@pytest.mark.learning
def test_an_unknown_form_is_refused() -> None:
    from beltline.learning.nano import form_of

    with pytest.raises(ValueError, match="SIZE:FAMILY"):
        form_of("nano:bert")


@pytest.mark.learning
@pytest.mark.parametrize("form", ["nano:qwen3_vl", "nano:qwen2_5_vl"])
def test_a_nano_model_has_a_few_million_parameters(form: str, tmp_path: Path) -> None:
    import json

    from transformers import AutoModelForImageTextToText, AutoProcessor

    from beltline.learning.nano import build

    folder = build(form, tmp_path, ["How many knives are there? 12"])
    model = AutoModelForImageTextToText.from_pretrained(folder)
    assert 2e6 < sum(p.numel() for p in model.parameters()) < 10e6
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
    config = json.loads((folder / "config.json").read_text())
    assert config["model_type"] == form.split(":")[1]
    words = AutoProcessor.from_pretrained(folder).tokenizer
    assert words.tokenize("[380,17,301,1380]") == ["[", "380", ",", *"17", ",", *"301", ",", *"1380", "]"]
    assert words.decode(words("Größe <box>[1,2]</box>\n")["input_ids"]) == "Größe <box>[1,2]</box>\n"


@pytest.mark.learning
@pytest.mark.parametrize("grows", [False, True])
def test_tags_are_ordinary_tokens_with_rows_of_their_own(tiny_base: Callable[[str], Path], grows: bool) -> None:
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    from beltline.learning.tags import TAGS, add_tags

    folder = tiny_base("qwen3_vl")
    model, processor = AutoModelForImageTextToText.from_pretrained(folder), AutoProcessor.from_pretrained(folder)
    words: Any = processor.tokenizer
    if grows:
        model.resize_token_embeddings(len(words))
    taught, rows = len(words), model.get_input_embeddings().weight.shape[0]
    mean = model.get_input_embeddings().weight[:taught].mean(0)
    ids = add_tags(model, words)
    assert [words.decode([one], skip_special_tokens=True) for one in ids] == list(TAGS)
    after = model.get_input_embeddings().weight
    assert after.shape[0] >= rows and model.get_output_embeddings().weight.shape == after.shape
    assert all(torch.allclose(after[one], mean, atol=1e-6) for one in ids)
    assert add_tags(model, words) == ids and model.get_input_embeddings().weight.shape == after.shape
