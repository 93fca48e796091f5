"""From a sample to token ids, labels and pixels: what one sample is to the model, and how long it is before any image is opened.

    num_tokens(sample, processor, recipe)             # exact, from the text and the sizes of the views alone
    encoded = encode(sample, processor, recipe)
    encoded.labels                                    # the id where a loss is taken, IGNORED elsewhere

Text and images go through the model's own Hugging Face processor, so ids and pixels are those that it is asked with later. No image
is ever cut: a sample that is too long is refused before any teaching (`too_long`), with its length.
"""

import io
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from beltline.learning.recipes import Recipe
from beltline.learning.samples import Sample, Shown, segments
from beltline.verdict import KEEP, Keep, Reject

IGNORED: Final = -100
TEXTUAL: Final = ("input_ids", "attention_mask", "mm_token_type_ids", "token_type_ids")
"""What a processor gives that is about tokens; all the rest is about pixels."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One sample as tensors on the processor's side."""

    id: int
    ids: Tensor
    """(L,) int64."""
    labels: Tensor
    """(L,) int64; the first is always IGNORED, since a sample begins with its prompt."""
    types: Tensor
    """(L,) int32: 1 at an image's tokens."""
    pixels: dict[str, Tensor]
    """What the tower takes, first axis images or patches; empty for text alone."""
    images: tuple[str, ...]
    """sha256 of each view, in order: what cached features go by."""

    @property
    def num_supervised(self) -> int:
        return int((self.labels != IGNORED).sum())


def load_processor(folder: str, recipe: Recipe) -> Any:
    """The processor of a model folder, its images bounded by the recipe.

    A family that takes images of any size (a `longest_edge` in pixels) gets the bound; the others scale to one size anyway.
    """
    from transformers import AutoProcessor

    processor = AutoProcessor.from_pretrained(folder)
    size = processor.image_processor.size
    longest = getattr(size, "longest_edge", None)
    if recipe.family.startswith("qwen") and longest:
        smallest = min(size.shortest_edge, recipe.max_image_px)
        processor.image_processor.size = {"shortest_edge": smallest, "longest_edge": recipe.max_image_px}
    return processor


def num_tokens(sample: Sample, processor: Any, recipe: Recipe) -> int:
    """Tokens of a sample, from its text and the sizes of its views; no image is opened."""
    text = sum(len(_ids(processor, text)) for _, text in segments(sample, processor, recipe))
    return text + _begins(processor) + sum(image_tokens(processor, view) - 1 for view in sample.views)


def image_tokens(processor: Any, view: Shown) -> int:
    """Tokens that stand for a view."""
    width, height = view.size_wh
    return int(processor._get_num_multimodal_tokens(image_sizes=[(height, width)]).num_image_tokens[0])


def too_long(num: int, recipe: Recipe) -> Keep | Reject:
    """Whether a sample of so many tokens can be taught."""
    if num <= recipe.max_tokens:
        return KEEP
    return Reject("learning/too-long", f"expected at most {recipe.max_tokens} tokens, found {num}; images are never cut")


def encode(sample: Sample, processor: Any, recipe: Recipe) -> Encoded:
    """A sample as ids, labels and pixels.

    Raises:
        ValueError: an image cannot be opened, or the processor gives as many tokens as `num_tokens` does not expect.
    """
    (_, asked), *rest = segments(sample, processor, recipe)
    given = _first(sample, processor, asked)
    ids, labels = [given["input_ids"][0]], [torch.full_like(given["input_ids"][0], IGNORED)]
    for kind, text in rest:
        more = torch.tensor(_ids(processor, text), dtype=torch.int64)
        ids.append(more)
        labels.append(more if kind == "answer" else torch.full_like(more, IGNORED))
    whole = torch.cat(ids)
    types = torch.zeros(len(whole), dtype=torch.int32)
    if "mm_token_type_ids" in given:
        types[: len(ids[0])] = given["mm_token_type_ids"][0].to(torch.int32)
    pixels = {name: value for name, value in given.items() if name not in TEXTUAL}
    return Encoded(sample.id, whole, torch.cat(labels), types, pixels, tuple(view.sha256 for view in sample.views))


def _first(sample: Sample, processor: Any, text: str) -> dict[str, Tensor]:
    """The prompt with all views, through the processor."""
    images = [_opened(view) for view in sample.views]
    given = processor(text=[text], images=images or None, return_tensors="pt")
    return {name: _tensor(value) for name, value in given.items()}


def _tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else torch.as_tensor(np.asarray(value))


def _opened(view: Shown) -> Image.Image:
    return Image.open(io.BytesIO(view.bytes)).convert("RGB")


def _ids(processor: Any, text: str) -> list[int]:
    found: list[int] = processor.tokenizer(text, add_special_tokens=False)["input_ids"]
    return found


def _begins(processor: Any) -> int:
    """Tokens that the tokenizer puts before a text by itself."""
    return len(processor.tokenizer("a")["input_ids"]) - len(_ids(processor, "a"))
