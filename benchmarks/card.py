"""Claim: none yet; how much of one card the one-process loop uses, beside the matrix products that the card can do in the same run, and its memory beside the estimate.

    python -m benchmarks.card [--recipes gsr_small onefocus_stage2] [--steps 8]

Weights are drawn on the card, so nothing is fetched; packs are full (the recipe's `max_tokens`), of samples with two views of 756 x 448 and
400 words each, a fifth of them with a loss. MFU is model FLOPs over the data sheet's 989 TFLOP/s (learning/flops.py), and once more over
the best bfloat16 product measured here. Memory is what PyTorch held at most; the estimate is that of `train --dry-run` without its allowance for
CUDA. Needs a CUDA card. Prints one JSON object.
"""

import argparse
import json
import statistics
import time
from typing import Any

import torch

from beltline.learning import memory
from beltline.learning.adapt import adapt
from beltline.learning.bases import config_of
from beltline.learning.encode import IGNORED, Encoded
from beltline.learning.flops import PEAK, flops
from beltline.learning.memory import Load, Shape
from beltline.learning.packing import prepare
from beltline.learning.plain import Plain
from beltline.learning.recipe import Recipe
from beltline.learning.recipes import RECIPES
from beltline.learning.shades import Shades
from beltline.learning.taught import Taught
from jobs.train_plan import total_bytes

VIEW_WH, WORDS, WARM = (756, 448), 400, 3
CARD = "cuda"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", nargs="+", default=["gsr_small", "onefocus_stage2"])
    parser.add_argument("--steps", type=int, default=8)
    options = parser.parse_args()
    bound = product_flops()
    report = {"card": torch.cuda.get_device_name(), "torch": torch.__version__, "product_tflops": bound / 1e12}
    print(json.dumps(report | {name: measure(RECIPES[name], options.steps, bound) for name in options.recipes}))


def product_flops(size: int = 8192) -> float:
    """FLOP/s of a square product in bfloat16, random data, the best of ten."""
    left, right = (torch.randn(size, size, device=CARD, dtype=torch.bfloat16) for _ in range(2))
    return 2 * size**3 / min(timed(lambda: left @ right) for _ in range(10))


def timed(work: Any) -> float:
    """Seconds of some work on the card."""
    torch.cuda.synchronize()
    began = time.monotonic()
    work()
    torch.cuda.synchronize()
    return time.monotonic() - began


def measure(recipe: Recipe, num_steps: int, bound: float) -> dict[str, Any]:
    """Speed and memory of a recipe, one full pack a step."""
    from transformers import AutoModelForImageTextToText

    config = config_of(recipe.base)
    torch.manual_seed(recipe.seed)
    with torch.device(CARD):
        dtype = torch.float32 if recipe.lora is None else torch.bfloat16
        model = AutoModelForImageTextToText.from_config(config, dtype=dtype, attn_implementation="sdpa")
    taught = Taught(adapt(prepare(model), recipe))
    engine = Plain(taught, recipe, num_steps + WARM, CARD)
    one = sample(config)
    samples = [one] * (recipe.max_tokens // len(one.ids))
    supervised = sum(each.num_supervised for each in samples)
    packs = [engine.pack(samples)]
    torch.cuda.reset_peak_memory_stats()
    seconds = [timed(lambda: engine.step(packs, supervised)) for _ in range(num_steps + WARM)][WARM:]
    load = Load(len(one.ids), one.num_supervised, int((one.types == 1).sum()))
    work = flops(Shape.of(config), recipe, load, num_views=2) * len(samples)
    return {
        "tokens_a_step": len(one.ids) * len(samples),
        "seconds_a_step": statistics.median(seconds),
        "tokens_per_s": len(one.ids) * len(samples) / statistics.median(seconds),
        "mfu": work / statistics.median(seconds) / PEAK,
        "of_product": work / statistics.median(seconds) / bound,
        "peak_gb": torch.cuda.max_memory_allocated() / 1e9,
        "estimated_gb": (total_bytes(recipe, recipe.base, 1) - memory.RESERVED) / 1e9,
    }


def sample(config: Any) -> Encoded:
    """Two views of noise and words without a meaning."""
    tower = config.vision_config
    shades = Shades((0.5,) * 3, (0.5,) * 3, tower.temporal_patch_size, tower.patch_size)
    side = tower.patch_size * tower.spatial_merge_size
    across, down = (2 * (edge // side) for edge in VIEW_WH)
    patches = torch.randint(0, 256, (2 * across * down, 3 * tower.patch_size**2), dtype=torch.uint8)
    shown = [1] * (across * down // 4)
    kinds = torch.tensor([0, *shown, 0, 0, *shown, 0, *[0] * WORDS], dtype=torch.int32)
    ids = torch.randint(8, 1000, (len(kinds),)).masked_fill(kinds == 1, config.image_token_id)
    labels = torch.where(torch.arange(len(ids)) >= len(ids) - len(ids) // 5, ids, IGNORED)
    grid = torch.tensor([[1, down, across]] * 2)
    return Encoded(0, ids, labels, kinds, {"pixel_values": patches, "image_grid_thw": grid}, ("a", "b"), shades, grid)


if __name__ == "__main__":
    main()
