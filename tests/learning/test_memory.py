"""Memory as computed is memory as held: by the models' own classes, by two processes of DeepSpeed to the byte, by what autograd saves."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beltline.learning.memory import Load, Shape, Weight, activations, held_alone, held_by
from beltline.learning.recipe import Lora, Recipe
from beltline.learning.recipes import RECIPES
from tests.learning import zero_holds
from tests.learning.tiny_families import FAMILIES

pytestmark = pytest.mark.learning
ROOT = Path(__file__).parents[2]
PUBLISHED = {
    "Qwen/Qwen3-VL-8B-Instruct": 8_767_123_696,
    "Qwen/Qwen2.5-VL-7B-Instruct": 8_292_166_656,
    "Qwen/Qwen2.5-VL-3B-Instruct": 3_754_622_976,
    "OpenGVLab/InternVL3_5-8B-HF": 8_528_318_464,
    "llava-hf/llava-1.5-7b-hf": 7_063_427_072,
    "llava-hf/llava-v1.6-vicuna-7b-hf": 7_063_431_168,
}
"""Parameters, as the hub counts them in each model's safetensors."""
EXACT = replace(RECIPES["gsr"], kinds=None, precision="float32", checkpointing=False, tags=False, max_tokens=4000)
PARTS: dict[str, dict[str, Any]] = {
    "full": {},
    "lora": {"tower": "frozen", "aligner": "frozen", "llm": "lora", "lora": Lora(rank=4, alpha=8)},
    "projector": {"tower": "frozen", "llm": "frozen"},
    "vit": {"aligner": "frozen", "llm": "frozen"},
}
CASES = [f"{stage}/{how}/bfloat16" for stage in (2, 3) for how in zero_holds.HOW] + ["2/full/float32", "3/full/float32"]


@pytest.mark.parametrize("base", PUBLISHED)
def test_a_base_has_its_published_number_of_weights(base: str) -> None:
    from beltline.learning.bases import config_of, model_of

    assert sum(parameter.numel() for parameter in model_of(config_of(base)).parameters()) == PUBLISHED[base]


def test_every_recipes_base_is_known_and_of_its_family() -> None:
    from beltline.learning.bases import config_of

    for recipe in RECIPES.values():
        assert config_of(recipe.base).model_type == recipe.family, recipe.name
    with pytest.raises(ValueError, match="expected one of"):
        config_of("nobody/nothing")


def test_lora_is_counted_with_the_rows_of_the_tags() -> None:
    """By hand: rank 16 on seven layers' sides each, 28 layers of Qwen2.5-VL-7B; six rows in and six out."""
    from beltline.learning.bases import config_of, weights_of

    recipe = replace(RECIPES["onefocus_stage2"], tags=True)
    taught = sum(each.numel for each in weights_of(config_of(recipe.base), recipe) if each.group is not None)
    hidden, keys, inner = 3584, 512, 18944
    sides = 2 * (hidden + hidden) + 2 * (hidden + keys) + 3 * (hidden + inner)
    assert taught == 28 * 16 * sides + 2 * 6 * hidden


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, dict[str, int]]]:
    """What each of two processes of DeepSpeed holds, case by case."""
    folder = tmp_path_factory.mktemp("zero")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    same = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "DS_ACCELERATOR": "cpu"}
    more = {"TORCH_EXTENSIONS_DIR": str(folder / "builds"), "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-m", "tests.learning.zero_holds", str(folder / "held"), *CASES]
    started = [
        subprocess.Popen(words, cwd=ROOT, env={**os.environ, **same, **more, "RANK": rank, "LOCAL_RANK": rank})
        for rank in ("0", "1")
    ]
    assert [one.wait(timeout=800) for one in started] == [0, 0]
    return [json.loads((folder / f"held.{rank}").read_text()) for rank in (0, 1)]


@pytest.mark.parametrize("case", CASES)
def test_deepspeed_holds_what_is_computed(measured: list[dict[str, dict[str, int]]], case: str) -> None:
    """To the byte, in both processes, padding and small whole weights included."""
    from beltline.learning.bases import config_of, weights_of

    stage, how, precision = case.split("/")
    weights = weights_of(config_of(zero_holds.FORM), zero_holds.HOW[how])
    for rank in measured:
        held = held_by(weights, int(stage), 2, 2 if precision == "bfloat16" else 4, rank[case]["small"])
        assert (rank[case]["weights"], rank[case]["states"]) == (held.weights, held.states)
        if case == "2/full/float32":  # gradients of the precision they accumulate in stay where they were reduced
            assert rank[case]["gradients"] >= held.gradients
        else:
            assert rank[case]["gradients"] == held.gradients


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_activations_are_what_autograd_saves(pupil: Callable[..., Any], family: str, parts: str) -> None:
    """Within 15 %, in both precisions, with activations made again and without."""
    for again in (False, True):
        recipe = replace(EXACT, family=family, checkpointing=again, **PARTS[parts])
        for element in (4, 2):
            found = pupil(recipe)
            saved, load = saved_bytes(found, recipe, element)
            shape = Shape.of(found.model.config)
            computed = activations(shape, recipe, load, element).saved
            assert computed == pytest.approx(saved, rel=0.15), (again, element)


def saved_bytes(found: Any, recipe: Recipe, element: int) -> tuple[int, Load]:
    """Unique storages that a forward pass saves, without the model's weights."""
    import torch

    from beltline.learning.packing import pack

    dtype = torch.float32 if element == 4 else torch.bfloat16
    model = found.taught.to(dtype).train()
    if recipe.checkpointing:
        model.inner.gradient_checkpointing_enable({"use_reentrant": False})
    one = pack(found.encoded[:4], found.model)
    weights = {each.untyped_storage().data_ptr() for each in model.parameters()}
    seen: dict[int, Any] = {}

    def save(value: Any) -> Any:
        place = value.untyped_storage()
        if place.data_ptr() not in weights:
            seen[place.data_ptr()] = place  # held, so that no other tensor takes its address
        return value

    with torch.autograd.graph.saved_tensors_hooks(save, lambda value: value):
        loss = model(one)
    assert loss.requires_grad
    visual = int((one.ids == found.model.config.image_token_id).sum())
    return sum(place.nbytes() for place in seen.values()), Load(one.ids.shape[1], one.num_supervised, visual)


@pytest.mark.parametrize(
    ("stage", "world", "expected"),
    [
        (0, 8, (2 * 111, 4 * 101, 12 * 101)),
        (1, 8, (2 * (112 + 10), 4 * 112, 12 * 14)),
        (2, 8, (2 * (112 + 10), 4 * 14, 12 * 14)),
        (3, 8, (2 * (13 + 10), 4 * 13, 12 * 13)),
        (3, 1, (2 * (101 + 10), 4 * 101, 12 * 101)),
    ],
)
def test_by_hand(stage: int, world: int, expected: tuple[int, int, int]) -> None:
    """101 weights that are taught, 10 frozen ones that stay whole; no persistent ones."""
    held = held_by([Weight(101, 0), Weight(10, None, whole=True)], stage, world, small=0)
    assert (held.weights, held.gradients, held.states) == expected
    assert held.total == sum(expected)


def test_one_process_holds_float32_where_it_teaches() -> None:
    weights = [Weight(100, 0), Weight(10, None)]
    assert held_alone(weights, RECIPES["gsr"]).total == 16 * 100 + 4 * 10
    assert held_alone(weights, RECIPES["onefocus_stage2"]).total == 16 * 100 + 2 * 10


def test_work_and_share_of_the_peak() -> None:
    """Six FLOPs a weight and token, about, where all is taught; a frozen tower costs its forward pass alone."""
    from beltline.learning.bases import config_of
    from beltline.learning.flops import PEAK, flops, mfu

    shape = Shape.of(config_of(RECIPES["gsr"].base))
    load = Load(tokens=1016, supervised=300, visual=616)
    work = flops(shape, RECIPES["gsr"], load, num_views=2)
    text = 6 * (8_190_735_360 - 2 * 151_936 * 4096) * 1016 + 6 * 151_936 * 4096 * 300
    text -= 6 * 3 * 4096 * 12_288 * (1016 - 300)  # of the last layer's feed-forward part what carries no loss
    tower = 6 * 415_891_440 * 4 * 616
    attention = 3 * (
        2 * 4096 * 1016**2 * 36 + 4 * 1152 * (2 * 616) ** 2 * 2 * 27
    )  # causal in 36 layers; in full in 27 blocks, two views
    assert work == pytest.approx(text + tower + attention, rel=0.015)  # mergers
    frozen = flops(shape, replace(RECIPES["gsr"], tower="frozen", aligner="frozen"), load, num_views=2)
    assert text < frozen < work - 0.6 * tower
    assert mfu(work / 1016, PEAK / work * 1016 * 8 * 0.4, num_cards=8) == pytest.approx(0.4)


def test_the_last_layer_holds_what_it_feeds_forward() -> None:
    """By hand, in bfloat16: two norms, a layer's feed-forward part and logits, of each token that carries a loss; of all where features are added last."""
    from beltline.learning.bases import config_of

    shape = Shape.of(config_of(RECIPES["gsr"].base))
    few, all_ = Load(tokens=1016, supervised=300, visual=616), Load(tokens=1016, supervised=1016, visual=616)
    recipe = replace(RECIPES["gsr"], checkpointing=False)
    fed, logits = 2 * 6 * 4096 + 2 * (4096 + 4 * 12_288), 4 * 151_936 + 2 * 4096

    def more(shape: Shape) -> int:
        return activations(shape, recipe, all_).saved - activations(shape, recipe, few).saved

    assert more(shape) == 716 * (fed + logits)
    assert more(replace(shape, layers=3)) == 716 * logits


def test_muon_keeps_one_number_of_each_element_of_a_matrix() -> None:
    """Seven matrices a layer of nano's four, by hand; embeddings and norms keep AdamW's two."""
    from beltline.learning.bases import weights_of
    from beltline.learning.nano import config_of

    assert held_alone([Weight(100, 0, moments=1)], RECIPES["gsr"]).states == 4 * 100
    recipe = RECIPES["gsr_nano_hour"]
    single = [each.numel for each in weights_of(config_of(recipe.base), recipe) if each.moments == 1]
    layer = [192 * 192, 192 * 64, 192 * 64, 192 * 192, *[192 * 512] * 3]
    assert sorted(single) == sorted(4 * layer)
