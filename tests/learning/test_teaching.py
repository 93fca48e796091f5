"""Teaching: packs without leakage, parts that stay as they were, tags that move, a stop and a restart that nobody can tell."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beltline.learning.recipe import Lora, Recipe
from beltline.learning.recipes import RECIPES
from tests.learning.conftest import FAMILIES

pytestmark = pytest.mark.learning
RECIPE = replace(RECIPES["gsr_nano"], kinds=None, batch=3, epochs=2, rate=1e-2, warmup_share=0.0, max_tokens=1500)
LORA = replace(
    RECIPE, tower="frozen", aligner="frozen", llm="lora", lora=Lora(rank=4, alpha=8), weight_decay=0.0, name="lora"
)
MUON = replace(RECIPE, matrix_rate=2e-2)
Make = Callable[..., Any]


def of(family: str, recipe: Recipe = RECIPE) -> Recipe:
    return replace(recipe, family=family, tags=family == "qwen3_vl")


def learn(found: Any, engine: Any, **more: Any) -> list[Any]:
    from beltline.learning.loop import teach

    reports: list[Any] = []
    teach(engine, found.plan(), found.supervised, found.encoded.__getitem__, reports.append, **more)
    return reports


def plain(found: Any) -> Any:
    from beltline.learning.plain import Plain

    return Plain(found.taught, found.recipe, found.plan().num_steps)


@pytest.mark.parametrize("family", FAMILIES)
def test_packed_and_unpacked_give_the_same_loss_and_gradients(pupil: Make, family: str) -> None:
    """Beside transformers' own forward with labels, one sample at a time and without our attention."""
    import torch

    from actors.student import load_model
    from beltline.learning.packing import pack
    from beltline.learning.tags import add_tags

    found = pupil(of(family))
    packed = found.taught(pack(found.encoded, found.model))
    packed.backward()
    reference = load_model(str(found.folder), found.recipe)
    if found.recipe.tags:
        add_tags(reference, found.processor.tokenizer)
        reference.load_state_dict(found.model.state_dict())
    total = 0.0
    for one in found.encoded:
        ids = one.ids[None]
        same = {"attention_mask": torch.ones_like(ids), "mm_token_type_ids": one.types[None], **one.pixels}
        loss = reference(input_ids=ids, labels=one.labels[None], **same).loss * one.num_supervised
        loss.backward()
        total += float(loss.detach())
    assert float(packed.detach()) == pytest.approx(total, rel=1e-5)
    theirs = dict(reference.named_parameters())
    for name, parameter in found.model.named_parameters():
        if theirs[name].grad is not None:
            scale = float(theirs[name].grad.abs().max())
            assert torch.allclose(parameter.grad, theirs[name].grad, atol=1e-5 * max(scale, 1.0), rtol=1e-4), name


@pytest.mark.parametrize("family", FAMILIES)
def test_frozen_parts_are_the_same_to_the_bit_and_taught_ones_are_not(pupil: Make, family: str) -> None:
    import torch

    from beltline.learning.adapt import part_of

    recipe = replace(of(family), tower="frozen")
    found = pupil(recipe)
    before = {name: parameter.detach().clone() for name, parameter in found.model.named_parameters()}
    learn(found, plain(found))
    moved = {name: not torch.equal(parameter, before[name]) for name, parameter in found.model.named_parameters()}
    assert not any(changed for name, changed in moved.items() if part_of(name) == "tower")
    assert all(changed for name, changed in moved.items() if part_of(name) == "llm" and "bias" not in name)
    assert any(changed for name, changed in moved.items() if part_of(name) == "aligner")


def test_lora_moves_its_adapters_and_the_tags_rows_alone(pupil: Make) -> None:
    import torch

    found = pupil(of("qwen3_vl", LORA))
    base = found.taught.inner
    before = base.get_input_embeddings().weight.detach().clone()
    learn(found, plain(found))
    merged = found.taught.model.merge_and_unload()
    rows = (merged.get_input_embeddings().weight != before).any(dim=1).nonzero()[:, 0].tolist()
    tags = set(found.tags)
    asked = {token for one in found.encoded for token in one.ids.tolist()}
    assert set(rows) == tags & asked and rows  # every tag that was read moved, and no other row
    frozen = [name for name, p in found.taught.named_parameters() if not p.requires_grad]
    assert frozen and all("lora" not in name for name in frozen)
    assert torch.isfinite(merged.get_input_embeddings().weight).all()


def test_lora_targets_are_the_language_parts_layers(pupil: Make) -> None:
    import re

    from beltline.learning.adapt import lora_targets

    found = pupil(of("qwen2_5_vl"))
    pattern = re.compile(lora_targets(found.model, of("qwen2_5_vl", LORA)))
    hit = [name for name, _ in found.model.named_modules() if pattern.fullmatch(name)]
    assert len(hit) == 7 * found.model.config.text_config.num_hidden_layers
    assert all(re.fullmatch(r"model\.language_model\.layers\.\d+\.(self_attn|mlp)\.\w+_proj", name) for name in hit)


@pytest.mark.parametrize("recipe", [RECIPE, LORA, MUON], ids=["full", "lora", "muon"])
def test_a_stop_and_a_restart_change_nothing(pupil: Make, recipe: Recipe, tmp_path: Path) -> None:
    import torch

    whole = pupil(of("qwen3_vl", recipe))
    undisturbed = [one.loss for one in learn(whole, plain(whole))]
    first = pupil(of("qwen3_vl", recipe))
    engine = plain(first)
    told = learn(first, engine, stop=3)  # in the middle of the second epoch
    torch.save(engine.state(), tmp_path / "state.pt")
    second = pupil(of("qwen3_vl", recipe))
    again = plain(second)
    again.restore(torch.load(tmp_path / "state.pt", weights_only=True))
    told += learn(second, again, start=3)
    assert [one.loss for one in told] == undisturbed
    for name, parameter in second.taught.named_parameters():
        assert torch.equal(parameter, dict(whole.taught.named_parameters())[name]), name


def test_muon_turns_matrices_as_a_whole_and_adamw_the_rest(pupil: Make) -> None:
    """A step of Muon has no direction that is longer than others; one of AdamW moves every element alike at first."""
    import torch

    recipe = replace(of("qwen3_vl", MUON), weight_decay=0.0)
    found = pupil(recipe)
    before = {name: parameter.detach().clone() for name, parameter in found.model.named_parameters()}
    learn(found, plain(found), stop=1)
    moved = {name: parameter.detach() - before[name] for name, parameter in found.model.named_parameters()}
    matrices = {name for name, one in moved.items() if name.endswith("_proj.weight") and "language_model" in name}
    for name in matrices:
        lengths = torch.linalg.svdvals(moved[name])
        assert lengths.max() < 2 * lengths.median(), name
        assert float(lengths.max()) == pytest.approx(0.2 * max(moved[name].shape) ** 0.5 * 2e-2, rel=0.35), name
    for name in set(moved) - matrices:
        read = moved[name][moved[name].abs() > 0]
        if "language_model" in name or "lm_head" in name:
            assert float(read.abs().median()) == pytest.approx(1e-2, rel=0.05), name
    assert matrices and any("embed" in name for name in moved) and any("lm_head" in name for name in moved)


def test_another_recipes_state_is_refused(pupil: Make) -> None:
    found, other = pupil(of("qwen3_vl", LORA)), pupil(of("qwen3_vl"))
    with pytest.raises(ValueError, match="weights that this recipe teaches"):
        plain(found).restore(plain(other).state())


def test_the_loss_is_a_mean_over_the_whole_steps_tokens(pupil: Make) -> None:
    """Short answers count as much as their tokens, however the samples are packed."""
    from beltline.learning.packing import pack

    found = pupil(of("qwen3_vl"))
    alone = [float(found.taught(pack([one], found.model)).detach()) for one in found.encoded]
    plan = found.plan()
    chosen = plan.samples(0)
    expected = sum(alone[index] for index in chosen) / sum(found.supervised[index] for index in chosen)
    assert learn(found, plain(found), stop=1)[0].loss == pytest.approx(expected, rel=1e-5)


def test_cached_features_are_what_the_tower_sees(pupil: Make) -> None:
    import torch

    from beltline.learning.features import Features
    from beltline.learning.packing import pack

    for family in FAMILIES:
        found = pupil(of(family, LORA))
        features = Features.of(found.taught, found.recipe)
        one = pack(found.encoded, found.model)
        first, second, looked = (
            found.taught(one, seen) for seen in (features.of_pack(one), features.of_pack(one), None)
        )
        assert torch.equal(first, second) and torch.equal(first, looked)
        assert features.has(one.images)
        assert not Features.of(pupil(of(family)).taught, RECIPE).has(one.images)  # a tower that learns is asked again


def test_a_loss_that_is_no_number_stops_the_run(pupil: Make) -> None:
    found = pupil(of("qwen3_vl"))
    found.model.lm_head.weight.data[:] = math.nan
    with pytest.raises(ValueError, match=r"step 0: expected a loss and a gradient that are numbers, found nan"):
        learn(found, plain(found))


def test_bfloat16_is_near_float32(pupil: Make) -> None:
    full, low = (pupil(replace(of("qwen3_vl"), precision=precision)) for precision in ("float32", "bfloat16"))
    exact, near = (learn(found, plain(found), stop=2)[-1].loss for found in (full, low))
    assert near == pytest.approx(exact, rel=0.02) and near != exact


def test_checkpointed_activations_give_the_same_losses(pupil: Make) -> None:
    kept, again = (pupil(replace(of("qwen3_vl"), checkpointing=flag)) for flag in (False, True))
    assert [one.loss for one in learn(again, plain(again))] == pytest.approx(
        [one.loss for one in learn(kept, plain(kept))], rel=1e-5
    )


def test_a_tower_with_a_rate_of_its_own_is_not_turned(pupil: Make) -> None:
    """No weight is left out, none has two optimizers, and the tower's all have AdamW at its rate."""
    from beltline.learning.adapt import part_of

    found = pupil(replace(of("qwen3_vl", MUON), tower_rate=1e-4))
    engine = plain(found)
    held = [
        (id(p), type(one).__name__, group["initial_lr"])
        for one in engine.optimizers
        for group in one.param_groups
        for p in group["params"]
    ]
    how = {key: (name, rate) for key, name, rate in held}
    named = dict(found.taught.inner.named_parameters())
    assert len(how) == len(held) == len(named)
    assert {how[id(p)] for name, p in named.items() if part_of(name) == "tower"} == {("AdamW", 1e-4)}
    assert ("Muon", 2e-2) in {how[id(p)] for name, p in named.items() if part_of(name) == "llm"}
