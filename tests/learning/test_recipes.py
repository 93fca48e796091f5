"""Every recipe teaches a tiny model of its own architecture: two steps, exactly the parts that it names; packs leak nothing in any family."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from beltline.learning.recipe import Recipe
from beltline.learning.recipes import RECIPES
from tests.learning.tiny_families import FAMILIES

pytestmark = pytest.mark.learning
Make = Callable[..., Any]
EXACT = replace(
    RECIPES["gsr"], kinds=None, precision="float32", checkpointing=False, tags=False, max_tokens=4000, name="exact"
)
BY_NAME = {
    recipe.name: replace(recipe, kinds=None, batch=2, epochs=4 / 7, max_tokens=4000) for recipe in RECIPES.values()
}
"""Two steps of the corpus' seven samples."""


def idle(name: str, family: str) -> bool:
    """Weights whose work reaches no answer: LLaVA reads its tower's last but one layer, OneVision what comes before the norm; a tiny
    Qwen3-VL adds its last deepstack level after the last layer, to visual tokens that nobody reads any more."""
    if family == "qwen3_vl":
        return "deepstack_merger_list.1" in name
    used = {"llava": 2, "llava_next": 2, "llava_onevision": 3}.get(family, 0)
    return used > 0 and ("post_layernorm" in name or f"encoder.layers.{used}" in name)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_pack_has_the_losses_of_its_samples_alone_and_of_the_models_own_forward(pupil: Make, family: str) -> None:
    """Alone in a pack, and by transformers' own forward with labels, without our attention."""
    import torch

    from actors.student import load_model
    from beltline.learning.packing import pack

    found = pupil(replace(EXACT, family=family))
    reference = load_model(str(found.folder), found.recipe)
    with torch.no_grad():
        packed = float(found.taught(pack(found.encoded, found.model)))
        alone = [float(found.taught(pack([one], found.model))) for one in found.encoded]
        theirs = []
        for one in found.encoded:
            ids = one.ids[None]
            more = {"mm_token_type_ids": one.types[None]} if family.startswith("qwen") else {}
            given = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": one.labels[None]}
            theirs.append(float(reference(**given, **one.pixels, **more).loss) * one.num_supervised)
    assert alone == pytest.approx(theirs, rel=1e-4)
    assert packed == pytest.approx(sum(theirs), rel=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_answer_ends_where_the_model_stops(pupil: Make, family: str) -> None:
    """Each answer of a dialogue holds the end that generation stops at, once, and reads as it was written."""
    found = pupil(replace(EXACT, family=family))
    words = found.processor.tokenizer
    for sample, one in zip(found.samples, found.encoded, strict=True):
        taught = one.labels[one.labels != -100]
        answers = [text for role, text in sample.turns if role == "assistant"]
        assert int((taught == words.eos_token_id).sum()) == len(answers)
        said = words.decode(taught).split(words.eos_token)
        assert [text.strip() for text in said][:-1] == answers


def test_llava_sees_the_whole_view(pupil: Make) -> None:
    """Filled up to a square instead of cut: a mark at the edge of a wide view is still there."""
    from PIL import Image

    images = pupil(replace(EXACT, family="llava")).processor.image_processor
    plain, marked = Image.new("RGB", (160, 80), "white"), Image.new("RGB", (160, 80), "white")
    marked.paste("black", (0, 0, 20, 80))
    one, other = (images(view, return_tensors="pt")["pixel_values"] for view in (plain, marked))
    assert one.shape == (1, 3, 56, 56) and float((one - other).abs().max()) > 1


@pytest.mark.parametrize("family", FAMILIES)
def test_every_weight_belongs_to_the_part_that_its_module_is(pupil: Make, family: str) -> None:
    from beltline.learning.adapt import PARTS, part_of

    model = pupil(replace(EXACT, family=family)).model.model
    tower = model.visual if family.startswith("qwen") else model.vision_tower
    count = {part: 0 for part in PARTS}
    for name, parameter in model.named_parameters():
        count[part_of(f"model.{name}")] += parameter.numel()
    assert count["llm"] == sum(p.numel() for p in model.language_model.parameters())
    aligner = "merger" if family.startswith("qwen") else "projector|newline"
    mergers = sum(p.numel() for n, p in model.named_parameters() if any(word in n for word in aligner.split("|")))
    assert count["aligner"] == mergers
    inside = sum(p.numel() for n, p in tower.named_parameters() if "merger" not in n)
    assert count["tower"] == inside


@pytest.mark.parametrize("recipe", BY_NAME.values(), ids=BY_NAME)
def test_every_recipe_teaches_its_parts_and_nothing_else(pupil: Make, recipe: Recipe) -> None:
    import math

    import torch

    from beltline.learning.adapt import part_of
    from beltline.learning.loop import teach
    from beltline.learning.plain import Plain

    found = pupil(recipe)
    plan = found.plan()
    before = {name: p.detach().clone() for name, p in found.taught.named_parameters()}
    reports: list[Any] = []
    teach(
        Plain(found.taught, recipe, plan.num_steps), plan, found.supervised, found.encoded.__getitem__, reports.append
    )
    assert len(reports) == 2 and all(math.isfinite(one.loss) and one.norm > 0 for one in reports)
    moved = {name for name, p in found.taught.named_parameters() if not torch.equal(p, before[name])}
    own = {name: name.removeprefix("model.base_model.model.").removeprefix("model.") for name in before}
    parts = {name: part_of(f"model.{short.removeprefix('model.')}") for name, short in own.items()}
    for part in ("tower", "aligner", "llm"):
        mine = {name for name in before if parts[name] == part and not idle(name, recipe.family)}
        how = getattr(recipe, part)
        adapters = {name for name in mine if "lora_" in name or "trainable_tokens" in name}
        expected = {"full": mine, "frozen": set(), "lora": adapters}[how]
        quiet = {name for name in expected - moved if "bias" not in name and "trainable_tokens" not in name}
        assert moved & mine <= expected, f"{part} is {how}"
        assert not quiet or recipe.warmup_steps, sorted(quiet)[:5]
        assert bool(moved & mine) == (how != "frozen")
