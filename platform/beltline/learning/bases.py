"""The models that recipes start from, as their published dimensions: enough to count weights and bytes without having them.

    config = config_of("Qwen/Qwen3-VL-8B-Instruct")      # also a form of nano.py, or a folder with a config.json
    weights = weights_of(config, recipe)                  # every tensor that adapting the model gives, on no device at all

Dimensions are those of each model's published config.json; weights are counted by the model class itself on torch's meta device, which
allocates nothing.
"""

from pathlib import Path
from typing import Any, Final

from beltline.learning.memory import Weight
from beltline.learning.recipe import Recipe

_QWEN25_TOWER: Final = {
    "depth": 32,
    "hidden_size": 1280,
    "intermediate_size": 3420,
    "num_heads": 16,
    "patch_size": 14,
    "window_size": 112,
    "fullatt_block_indexes": [7, 15, 23, 31],
}
_CLIP: Final = {
    "model_type": "clip_vision_model",
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "image_size": 336,
    "patch_size": 14,
    "projection_dim": 768,
}


def _text(hidden: int, inner: int, layers: int, heads: int, kv: int, vocabulary: int, **more: Any) -> dict[str, Any]:
    return {
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv,
        "vocab_size": vocabulary,
        "tie_word_embeddings": False,
        **more,
    }


_VICUNA: Final = _text(4096, 11008, 32, 32, 32, 32064, model_type="llama")
BASES: Final[dict[str, dict[str, Any]]] = {
    "Qwen/Qwen3-VL-8B-Instruct": {
        "model_type": "qwen3_vl",
        "text_config": _text(
            4096, 12288, 36, 32, 8, 151936, head_dim=128,
            rope_parameters={"rope_type": "default", "rope_theta": 5e6, "mrope_section": [24, 20, 20], "mrope_interleaved": True},
        ),
        "vision_config": {
            "depth": 27, "hidden_size": 1152, "intermediate_size": 4304, "num_heads": 16, "patch_size": 16,
            "out_hidden_size": 4096, "num_position_embeddings": 2304, "deepstack_visual_indexes": [8, 16, 24],
        },
    },
    "Qwen/Qwen2.5-VL-7B-Instruct": {
        "model_type": "qwen2_5_vl",
        "text_config": _text(
            3584, 18944, 28, 28, 4, 152064,
            rope_parameters={"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
        ),
        "vision_config": {**_QWEN25_TOWER, "out_hidden_size": 3584},
    },
    "Qwen/Qwen2.5-VL-3B-Instruct": {
        "model_type": "qwen2_5_vl",
        "tie_word_embeddings": True,
        "text_config": _text(
            2048, 11008, 36, 16, 2, 151936,
            rope_parameters={"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
        ) | {"tie_word_embeddings": True},
        "vision_config": {**_QWEN25_TOWER, "out_hidden_size": 2048},
    },
    "OpenGVLab/InternVL3_5-8B-HF": {
        "model_type": "internvl",
        "tie_word_embeddings": False,
        "text_config": _text(4096, 12288, 36, 32, 8, 151936, model_type="qwen3", head_dim=128),
        "vision_config": {"attention_bias": True, "use_absolute_position_embeddings": True},
    },
    "llava-hf/llava-1.5-7b-hf": {"model_type": "llava", "text_config": _VICUNA, "vision_config": _CLIP},
    "llava-hf/llava-v1.6-vicuna-7b-hf": {"model_type": "llava_next", "text_config": _VICUNA, "vision_config": _CLIP},
    "llava-hf/llava-onevision-qwen2-7b-ov-hf": {
        "model_type": "llava_onevision",
        "text_config": _text(3584, 18944, 28, 28, 4, 152128, model_type="qwen2"),
        "vision_config": {
            "model_type": "siglip_vision_model", "hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 26,
            "num_attention_heads": 16, "image_size": 384, "patch_size": 14, "vision_use_head": False,
        },
    },
}  # fmt: skip
"""By name on the hub. What a config leaves out is its class's default, which is the published value."""


def config_of(base: str) -> Any:
    """The config of a base: a name of BASES, a form of nano.py, or a local folder; no weights are needed and nothing is fetched.

    Raises:
        ValueError: it is none of them.
    """
    from transformers import AutoConfig

    from beltline.learning import nano

    if base in BASES:
        return AutoConfig.for_model(**BASES[base])
    if ":" in base:
        return nano.config_of(base)
    if (Path(base) / "config.json").exists():
        return AutoConfig.from_pretrained(base)
    raise ValueError(f"base: expected one of {sorted(BASES)}, a form like nano:qwen3_vl or a folder, found {base!r}")


def model_of(config: Any) -> Any:
    """A model without weights: shapes and names only."""
    import torch
    from transformers import AutoModelForImageTextToText

    with torch.device("meta"):
        return AutoModelForImageTextToText.from_config(config, dtype=torch.bfloat16)


def weights_of(config: Any, recipe: Recipe, num_tags: int = 6) -> list[Weight]:
    """Every weight of the model as the recipe adapts it, adapters and taught rows among them.

    Args:
        num_tags: tokens whose rows are taught by themselves where the recipe has tags and the language part is not taught in full.
    """
    from beltline.learning.adapt import adapt
    from beltline.learning.taught import Taught

    tags = list(range(num_tags)) if recipe.tags else []
    return weights_in(Taught(adapt(model_of(config), recipe, tags)), recipe)


def weights_in(taught: Any, recipe: Recipe) -> list[Weight]:
    """Every weight of an adapted model; a tower whose features are kept is set apart and shared by nobody."""
    from beltline.learning.plain import groups

    all_ = groups(taught, recipe)
    of = {id(p): (number, 1 if group["muon"] else 2) for number, group in enumerate(all_) for p in group["params"]}
    apart = recipe.tower == recipe.aligner == "frozen" and recipe.family.startswith("qwen")
    found = []
    for name, parameter in taught.named_parameters():
        group, moments = of.get(id(parameter), (None, 2))
        found.append(Weight(parameter.numel(), group, whole=apart and ".visual." in name, moments=moments))
    return found
