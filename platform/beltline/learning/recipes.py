"""How a model is taught, as frozen values: both papers' recipes, what their ablations vary, and small ones that run on any machine.

    recipe = RECIPES["gsr"]
    recipe.ours                                     # the values that the paper leaves out: they are ours
    replace(RECIPES["onefocus_stage2"], epochs=1)   # a variation is a new value

What a recipe is made of stands in recipe.py, the small ones in nano_recipes.py.
"""

from dataclasses import replace
from typing import Any, Final

from beltline.learning.nano_recipes import NANO_PARTS, NANO_TAUGHT, SMALL
from beltline.learning.recipe import Family, Lora, Recipe

_LEFT_OUT: Final = ("weight_decay", "betas", "clip", "checkpointing", "max_tokens", "max_image_px", "seed")
"""Named by neither paper."""

GSR = Recipe(
    name="gsr",
    source="Dual 4.2, 5",
    base="Qwen/Qwen3-VL-8B-Instruct",
    family="qwen3_vl",
    rate=1e-6,
    warmup_share=0.1,
    batch=256,
    epochs=2,
    zero_stage=3,
    tags=True,
    kinds=("gsxray",),
    ours=(*_LEFT_OUT, "zero_stage"),
)
STAGE_1 = Recipe(
    name="onefocus_stage1",
    source="One 4, 5.1, Table 5",
    base="Qwen/Qwen2.5-VL-7B-Instruct",
    family="qwen2_5_vl",
    tower="frozen",
    aligner="frozen",
    rate=1e-5,
    warmup_steps=100,
    batch=64,
    kinds=("caption",),
    ours=(*_LEFT_OUT, "rate", "precision"),
)
STAGE_2 = replace(
    STAGE_1,
    name="onefocus_stage2",
    starts_from="onefocus_stage1",
    llm="lora",
    lora=Lora(rank=16, alpha=32),
    rate=1e-4,
    warmup_steps=None,
    warmup_share=0.03,
    batch=128,
    epochs=2,
    zero_stage=3,
    kinds=None,
    ours=(*_LEFT_OUT, "rate", "precision", "warmup_share", "schedule"),
)
CAPTIONER = replace(
    STAGE_2,
    name="captioner",
    source="One 3.2 (OnePipe): two rounds",
    starts_from=None,
    zero_stage=2,
    batch=64,
    epochs=1,
    kinds=("caption",),
    ours=(*_LEFT_OUT, "rate", "precision", "warmup_share", "schedule", "lora", "batch", "epochs", "zero_stage"),
)
_OTHERS: Final[tuple[tuple[str, str, Family], ...]] = (
    ("gsxray_qwen2.5-vl-7b", "Qwen/Qwen2.5-VL-7B-Instruct", "qwen2_5_vl"),
    ("gsxray_internvl3.5-8b", "OpenGVLab/InternVL3_5-8B-HF", "internvl"),
    ("gsxray_llava-next-7b", "llava-hf/llava-v1.6-vicuna-7b-hf", "llava_next"),
    ("gsxray_llava-onevision-7b", "llava-hf/llava-onevision-qwen2-7b-ov-hf", "llava_onevision"),
)
"""Models that Dual 5.1 fine-tunes on GSXray beside its own: name, weights, family."""

_PARTS: Final[dict[str, dict[str, Any]]] = {
    "projector": {"tower": "frozen", "aligner": "full", "llm": "frozen"},
    "vit": {"tower": "full", "aligner": "frozen", "llm": "frozen"},
    "llm": {"tower": "frozen", "aligner": "frozen", "llm": "full"},
    "vit-projector": {"tower": "full", "aligner": "full", "llm": "frozen"},
    "projector-llm": {"tower": "frozen", "aligner": "full", "llm": "full"},
    "vit-llm": {"tower": "full", "aligner": "frozen", "llm": "full"},
    "vit-projector-llm": {"tower": "full", "aligner": "full", "llm": "full"},
}


def which_part(base: Recipe) -> list[Recipe]:
    """One Table 4: which components to teach, in full and by LoRA (rank 8, alpha 32)."""
    full = [replace(base, name=f"{base.name}-{name}", lora=None, **parts) for name, parts in _PARTS.items()]
    lora = Lora(rank=8, alpha=32)
    adapted: dict[str, dict[str, Any]] = {
        name: {part: "lora" if how == "full" else how for part, how in parts.items()} for name, parts in _PARTS.items()
    }
    return full + [
        replace(base, name=f"{base.name}-{name}-lora", lora=lora, **parts) for name, parts in adapted.items()
    ]


def which_views(base: Recipe) -> list[Recipe]:
    """Dual Table 5: top view alone or both, with and without each section of the reasoning."""
    cells: dict[str, dict[str, Any]] = {
        "top": {"views": ("top",), "reasoning": ()},
        "top-reasoned": {"views": ("top",), "reasoning": ("top", "conclusion")},
        "both": {"views": None, "reasoning": ()},
        "both-top-side": {"views": None, "reasoning": ("top", "side")},
        "both-conclusion": {"views": None, "reasoning": ("conclusion",)},
        "both-reasoned": {"views": None, "reasoning": ("top", "side", "conclusion")},
    }
    return [replace(base, name=f"{base.name}-{name}", **cell) for name, cell in cells.items()]


_ABLATION = replace(
    CAPTIONER,
    name="ablation",
    source="One 4, Table 4: 5,000 pairs",
    base="Qwen/Qwen2.5-VL-3B-Instruct",
)
RECIPES: Final[dict[str, Recipe]] = {
    recipe.name: recipe
    for recipe in (
        GSR,
        STAGE_1,
        STAGE_2,
        CAPTIONER,
        *(
            replace(GSR, name=name, source="Dual 5.1, Table 4", base=base, family=family)
            for name, base, family in _OTHERS
        ),
        replace(GSR, name="gsr_stingbee", source="Dual 5.3: 10,000 samples of STING-BEE", kinds=None),
        replace(
            STAGE_2,
            name="llava15_mmxray",
            source="One 5.6, Table 10",
            base="llava-hf/llava-1.5-7b-hf",
            family="llava",
            starts_from=None,
        ),
        replace(STAGE_1, name="onefocus_no_stcray_stage1", source="One 5.7, Table 11: no scan of STCray"),
        replace(
            STAGE_2,
            name="onefocus_no_stcray",
            source="One 5.7, Table 11: no scan of STCray",
            starts_from="onefocus_no_stcray_stage1",
        ),
        *which_part(_ABLATION),
        *which_views(GSR),
        *which_views(NANO_TAUGHT),
        *which_part(NANO_PARTS),
    )
} | SMALL
