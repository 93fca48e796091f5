"""How much work a sample is, and how much of a card's peak a measured speed uses.

    work = flops(Shape.of(config), recipe, Load(tokens=1016, supervised=300, visual=616), num_views=2)
    mfu(work / 1016, tokens_per_s=30_000, num_cards=8)        # of H200s

Model FLOPs: what the recipe's mathematics needs. Activations that are made again do not count, so MFU is comparable with and
without checkpointing; a frozen part costs no gradient of its weights, and a frozen tower none at all.
"""

from typing import Final

from beltline.learning.memory import Load, Shape, num_fed
from beltline.learning.recipe import How, Recipe

PEAK: Final = 989e12
"""FLOP/s of an H100 or H200 SXM in bfloat16, dense: NVIDIA's data sheets say 1,979 TFLOPS with sparsity, which is twice that."""


def flops(shape: Shape, recipe: Recipe, load: Load, num_views: int = 1) -> float:
    """FLOPs of one sample, forward and backward."""
    tower = load.visual * shape.merged * _block(shape) * shape.blocks
    patches = load.visual * shape.merged / max(num_views, 1)
    looking = 4 * shape.width * patches * patches * num_views * shape.blocks
    opened = recipe.tower != "frozen"
    aligning = 2 * load.visual * _aligner(shape)
    reading = 2 * load.tokens * (_attends(shape) + _feeds(shape)) * shape.layers
    reading -= 2 * (load.tokens - num_fed(shape, load)) * _feeds(shape)
    attending = 2 * shape.heads * shape.head * load.tokens**2 * shape.layers  # half of it: causal
    saying = 2 * load.supervised * shape.hidden * shape.vocabulary
    return (
        2 * tower * _times(recipe.tower, opened)
        + looking * (3 if opened else 1)
        + aligning * _times(recipe.aligner, opened)
        + (reading + saying) * _times(recipe.llm, True)
        + 3 * attending
    )


def mfu(per_token: float, tokens_per_s: float, num_cards: int, peak: float = PEAK) -> float:
    """Share of the cards' peak, 0 to 1."""
    return per_token * tokens_per_s / (num_cards * peak)


def _times(how: How, flows: bool) -> int:
    """Forward, the gradient of the input where one flows on, the gradient of the weights where they are taught."""
    return 1 + (flows or how == "lora") + (how == "full")


def _attends(shape: Shape) -> int:
    return 2 * shape.hidden * shape.head * (shape.heads + shape.kv_heads)


def _feeds(shape: Shape) -> int:
    return 3 * shape.hidden * shape.inner


def _block(shape: Shape) -> int:
    return shape.width * (4 * shape.width + (3 if shape.family == "qwen2_5_vl" else 2) * shape.tower_inner)


def _aligner(shape: Shape) -> int:
    """Multiplications a visual token."""
    wide = shape.merged * shape.width
    if shape.family.startswith("qwen"):
        return shape.mergers * wide * (wide + shape.hidden)
    return shape.hidden * (wide + shape.hidden)
