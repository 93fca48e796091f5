"""Which parts of a model are taught, and how: frozen, in full, or by LoRA (One Table 4; Dual 5).

    model = adapt(model, recipe, tags=add_tags(model, tokenizer))
    part_of("model.visual.merger.linear_fc1.weight") == "aligner"

Three parts: the tower that looks, the aligner that puts what it saw into the language's space (Qwen3-VL's deepstack mergers belong to
it), and the language part with its embeddings and head. PEFT's own `all-linear` would wrap tower and aligner too, so the layers are named.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import torch
from torch import nn

from beltline.learning.recipe import Part, Recipe

PARTS: Final[tuple[Part, ...]] = ("tower", "aligner", "llm")
_ALIGNER = re.compile(r"model\.(visual\.(merger|deepstack_merger_list)|multi_modal_projector)\.|model\.image_newline")
_TOWER = re.compile(r"model\.(visual|vision_tower)\.")


def part_of(name: str) -> Part:
    """The part that a parameter or module belongs to, by its name in the model without PEFT's wrapper."""
    if _ALIGNER.match(f"{name}."):
        return "aligner"
    return "tower" if _TOWER.match(f"{name}.") else "llm"


def adapt(model: Any, recipe: Recipe, tags: Sequence[int] = ()) -> Any:
    """The model with exactly the parts open that the recipe teaches; wrapped by PEFT where one is taught by LoRA.

    Args:
        tags: ids of tokens whose rows are taught where the language part is taught by LoRA; frozen is frozen.
    """
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(getattr(recipe, part_of(name)) == "full")
    if recipe.lora is None:
        return model
    from peft import LoraConfig, get_peft_model

    from beltline.learning.lora import Lean

    rows = {name: list(tags) for name in _token_layers(model)} if tags and recipe.llm == "lora" else None
    full = [name for name, each in model.named_parameters() if each.requires_grad]
    config = LoraConfig(
        r=recipe.lora.rank,
        lora_alpha=recipe.lora.alpha,
        lora_dropout=recipe.lora.dropout,
        target_modules=lora_targets(model, recipe),
        trainable_token_indices=rows,
    )
    config._register_custom_module({nn.Linear: Lean})  # nothing of it is saved with an adapter
    with torch.random.fork_rng(devices=[]):  # the same adapters in every process, whatever was drawn before
        torch.manual_seed(recipe.seed)
        wrapped = get_peft_model(model, config)
    opened = dict(wrapped.get_base_model().named_parameters())
    for name in full:  # PEFT closes everything that it does not adapt
        opened[name].requires_grad_(True)
    return wrapped


def lora_targets(model: Any, recipe: Recipe) -> str:
    """A pattern of the linear layers of every part that is taught by LoRA; the head that makes logits is none of them.

    Raises:
        ValueError: there is none.
    """
    names = [name for name in _linear(model) if getattr(recipe, part_of(name)) == "lora" and name != "lm_head"]
    shapes = sorted({re.sub(r"\\\.\d+\\\.", r"\\.\\d+\\.", re.escape(name)) for name in names})
    if not shapes:
        raise ValueError(f"{recipe.name}: expected linear layers to adapt, found none in {type(model).__name__}")
    return f"({'|'.join(shapes)})"


def num_parameters(model: nn.Module) -> dict[str, int]:
    """Parameters in all, and those that are taught."""
    every = list(model.parameters())
    return {"all": sum(p.numel() for p in every), "taught": sum(p.numel() for p in every if p.requires_grad)}


def _linear(model: nn.Module) -> Iterator[str]:
    return (name for name, module in model.named_modules() if isinstance(module, nn.Linear))


def _token_layers(model: Any) -> list[str]:
    tied = model.get_input_embeddings().weight is model.get_output_embeddings().weight
    return ["embed_tokens"] if tied else ["embed_tokens", "lm_head"]
