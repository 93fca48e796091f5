"""From a sample to token ids, labels and pixels: what one sample is to the model, and how long it is before any image is opened.

    drafted = draft(sample, processor, recipe)
    drafted.num_tokens                                # exact, from the text and the sizes of the views alone
    encoded = encode(drafted, sample.views, processor)
    encoded.labels                                    # the id where a loss is taken, IGNORED elsewhere

Text and images go through the model's own Hugging Face processor, so ids and pixels are those that it is asked with later. No image
is ever cut: a sample that is too long is refused before any teaching (`too_long`), with its length.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from beltline.learning.recipe import Recipe
from beltline.learning.samples import Sample, Shown, segments
from beltline.learning.shades import RAW, Shades
from beltline.verdict import KEEP, Keep, Reject

IGNORED: Final = -100
TEXTUAL: Final = ("input_ids", "attention_mask", "mm_token_type_ids", "token_type_ids")
"""What a processor gives that is about tokens; all the rest is about pixels."""
_PLACE: Final = "\0"
"""Stands for an image's token while others are put in; no text has it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One sample as far as it is known without opening an image: small enough to keep for all samples of a run."""

    id: int
    asked: str
    """The text of the first prompt, in which each view has one token."""
    ids: NDArray[np.int32]
    """What follows it."""
    answers: NDArray[np.bool_]
    """Which of them carry a loss."""
    num_tokens: int
    """Of the whole sample, the views' own included."""

    @property
    def num_supervised(self) -> int:
        return int(self.answers.sum())


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
    views: dict[str, Tensor]
    """What the tower takes, first axis images or patches, as bytes where there are `shades`; empty for text alone."""
    images: tuple[str, ...]
    """sha256 of each view, in order: what cached features go by."""
    shades: Shades | None = None
    grids: Tensor | None = None
    """(images, 3) of Qwen's views in patches, which positions follow from; there without `views` too."""

    @property
    def pixels(self) -> dict[str, Tensor]:
        """What the tower takes, as the processor gives it."""
        return looked(self.views, self.shades)

    @property
    def num_supervised(self) -> int:
        return int((self.labels != IGNORED).sum())


def load_processor(folder: str, recipe: Recipe) -> Any:
    """The processor of a model folder, its images bounded by the recipe.

    A family that takes images of any size (a `longest_edge` in pixels) gets the bound; the others scale to one size anyway. LLaVA-1.5's
    own would cut a square out of the middle; here a view is filled up to a square, as its authors did.
    """
    from transformers import AutoProcessor, LlavaImageProcessor

    processor = AutoProcessor.from_pretrained(folder)
    if recipe.family == "llava":
        processor.image_processor = LlavaImageProcessor.from_pretrained(folder, do_pad=True)
    size = processor.image_processor.size
    longest = getattr(size, "longest_edge", None)
    if recipe.family.startswith("qwen") and longest:
        smallest = min(size.shortest_edge, recipe.max_image_px)
        processor.image_processor.size = {"shortest_edge": smallest, "longest_edge": recipe.max_image_px}
    return processor


def draft(sample: Sample, processor: Any, recipe: Recipe) -> Draft:
    """A sample without its pixels; the views' `bytes` are not looked at."""
    (_, asked), *rest = segments(sample, processor, recipe)
    parts = [(kind == "answer", _ids(processor, text)) for kind, text in rest]
    ids = np.array([token for _, tokens in parts for token in tokens], np.int32)
    answers = np.array([said for said, tokens in parts for _ in tokens], bool)
    prompt = len(_ids(processor, asked)) + _begins(processor)
    shown = sum(image_tokens(processor, view) - 1 for view in sample.views)  # the text has one token a view
    return Draft(sample.id, asked, ids, answers, prompt + shown + len(ids))


def image_tokens(processor: Any, view: Shown) -> int:
    """Tokens that stand for a view."""
    width, height = view.size_wh
    return int(processor._get_num_multimodal_tokens(image_sizes=[(height, width)]).num_image_tokens[0])


def too_long(num: int, recipe: Recipe) -> Keep | Reject:
    """Whether a sample of so many tokens can be taught."""
    if num <= recipe.max_tokens:
        return KEEP
    return Reject(
        "learning/too-long", f"expected at most {recipe.max_tokens} tokens, found {num}; images are never cut"
    )


def encode(drafted: Draft, views: Sequence[Shown], processor: Any, seen: Mapping[str, Tensor] | None = None) -> Encoded:
    """A sample as ids, labels and pixels.

    Args:
        seen: grid of each view by its sha256, where features of all of them are kept (features.py): no image is opened then.

    Raises:
        ValueError: an image cannot be opened, or is of another size than its row says.
    """
    given = _first(views, processor, drafted.asked) if seen is None else _again(views, processor, drafted.asked, seen)
    prompt, rest = given["input_ids"][0], torch.from_numpy(drafted.ids).long()
    if len(prompt) + len(rest) != drafted.num_tokens:
        raise ValueError(
            f"sample {drafted.id}: expected {drafted.num_tokens} tokens, found {len(prompt) + len(rest)}; is a view of "
            f"another size than its row says ({[view.size_wh for view in views]})?"
        )
    labels = torch.where(torch.from_numpy(drafted.answers), rest, IGNORED)
    types = torch.zeros(drafted.num_tokens, dtype=torch.int32)
    if "mm_token_type_ids" in given:
        types[: len(prompt)] = given["mm_token_type_ids"][0].to(torch.int32)
    return Encoded(
        id=drafted.id,
        ids=torch.cat([prompt, rest]),
        labels=torch.cat([torch.full_like(prompt, IGNORED), labels]),
        types=types,
        views={name: value for name, value in given.items() if name not in TEXTUAL} if seen is None else {},
        images=tuple(view.sha256 for view in views),
        shades=Shades.of(processor),
        grids=given.get("image_grid_thw"),
    )


def looked(views: dict[str, Tensor], shades: Shades | None) -> dict[str, Tensor]:
    """Views as a tower takes them."""
    if shades is None or not views:
        return views
    return views | {"pixel_values": shades.unpack(views["pixel_values"])}


def _first(views: Sequence[Shown], processor: Any, text: str) -> dict[str, Tensor]:
    """The prompt with all views, through the processor."""
    images, shades = [_opened(view) for view in views], Shades.of(processor)
    more = RAW if shades and images else {}
    given = processor(text=[text], images=images or None, return_tensors="pt", **more)
    found = {name: _tensor(value) for name, value in given.items()}
    return found | {"pixel_values": shades.pack(found["pixel_values"])} if shades and images else found


def _again(views: Sequence[Shown], processor: Any, text: str, seen: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same prompt without pixels, for processors that put one token of one kind for each part of a view (Qwen's)."""
    for view in views:
        text = text.replace(processor.image_token, _PLACE * image_tokens(processor, view), 1)
    ids = processor.tokenizer(text.replace(_PLACE, processor.image_token), return_tensors="pt")["input_ids"]
    grids = torch.stack([seen[view.sha256] for view in views])
    return {
        "input_ids": ids,
        "mm_token_type_ids": (ids == processor.image_token_id).int(),
        "image_grid_thw": grids,
    }


def _tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else torch.as_tensor(np.asarray(value))


def _opened(view: Shown) -> Image.Image:
    return Image.open(io.BytesIO(view.bytes)).convert("RGB")


def _ids(processor: Any, text: str) -> list[int]:
    """Tokens of a part of a text; a tokenizer that puts a space before whatever it reads (Llama's) is not given a second one."""
    spaced = processor.tokenizer.tokenize("a")[0].startswith("▁")
    given = text.removeprefix(" ") if spaced else text
    found: list[int] = processor.tokenizer(given, add_special_tokens=False)["input_ids"]
    return found


def _begins(processor: Any) -> int:
    """Tokens that the tokenizer puts before a text by itself."""
    return len(processor.tokenizer("a")["input_ids"]) - len(_ids(processor, "a"))
