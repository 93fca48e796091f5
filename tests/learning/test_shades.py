"""Views travel as bytes, and a tower sees to the bit what the processor would have given it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from beltline.learning.recipes import RECIPES

pytestmark = pytest.mark.learning


@pytest.mark.parametrize("family", ["qwen3_vl", "qwen2_5_vl"])
@pytest.mark.parametrize("size_wh", [(64, 64), (333, 250), (320, 256)], ids=str)
def test_what_a_tower_sees_is_what_the_processor_gives(
    tiny_base: Callable[[str], Path], family: str, size_wh: tuple[int, int]
) -> None:
    import torch
    from PIL import Image

    from beltline.learning.encode import load_processor
    from beltline.learning.shades import RAW, Shades

    processor = load_processor(str(tiny_base(family)), replace(RECIPES["gsr_nano"], family=family))
    noise = np.random.default_rng(1).integers(0, 256, (2, size_wh[1], size_wh[0], 3), dtype=np.uint8)
    images = [Image.fromarray(one) for one in noise]
    shades = Shades.of(processor)
    assert shades is not None
    raw, given = (processor.image_processor(images=images, return_tensors="pt", **more) for more in (RAW, {}))
    small = shades.pack(raw["pixel_values"])
    assert small.dtype == torch.uint8 and small.numel() * 2 == given["pixel_values"].numel()
    assert torch.equal(shades.unpack(small), given["pixel_values"])


def test_a_processor_of_whole_pictures_is_left_as_it_is() -> None:
    from types import SimpleNamespace

    from beltline.learning.shades import Shades

    assert Shades.of(SimpleNamespace(image_processor=SimpleNamespace(do_rescale=True))) is None
