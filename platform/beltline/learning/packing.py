"""Several samples as one row of tokens, none of which sees another: the pack that a model reads in one go.

    packed = pack([encoded, ...], model)
    packed.bounds                # (S + 1,) int32: where each sample begins and ends

Attention is taken sample by sample (`packed_sdpa`): no mask over the whole row, no work between samples. Positions begin anew with
each sample; for Qwen's models they are four rows, the sample's own count and the three of M-RoPE, made by the model itself. On a card with
flash attention the same bounds go to its variable-length kernel.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor

from beltline.learning.encode import IGNORED, Encoded

ATTENTION: Final = "packed_sdpa"


@dataclass(frozen=True, slots=True)
class Pack:
    """What a model reads in one go."""

    ids: Tensor
    """(1, L)."""
    labels: Tensor
    """(1, L)."""
    types: Tensor
    """(1, L)."""
    positions: Tensor
    """(4, 1, L) for M-RoPE, else (1, L)."""
    bounds: Tensor
    """(S + 1,) int32."""
    pixels: dict[str, Tensor]
    images: tuple[str, ...]
    num_supervised: int

    def to(self, device: Any) -> "Pack":
        """The same on another device."""
        moved = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, value in moved.items():
            if isinstance(value, Tensor):
                moved[name] = value.to(device, non_blocking=True)
        moved["pixels"] = {name: value.to(device, non_blocking=True) for name, value in self.pixels.items()}
        return Pack(**moved)


def pack(samples: Sequence[Encoded], model: Any) -> Pack:
    """Samples one after another.

    Args:
        model: the Hugging Face model that will read them, asked for positions only.
    """
    lengths = torch.tensor([0, *(len(one.ids) for one in samples)])
    positions = torch.cat([_positions(one, model) for one in samples], dim=-1)
    return Pack(
        ids=torch.cat([one.ids for one in samples])[None],
        labels=torch.cat([one.labels for one in samples])[None],
        types=torch.cat([one.types for one in samples])[None],
        positions=positions,
        bounds=lengths.cumsum(0).to(torch.int32),
        pixels=_together([one.pixels for one in samples if one.pixels]),
        images=tuple(image for one in samples for image in one.images),
        num_supervised=sum(one.num_supervised for one in samples),
    )


def silent(sample: Encoded) -> Encoded:
    """The same sample without a loss: what a worker reads that has nothing else to read, so that all take the same steps."""
    return Encoded(
        sample.id, sample.ids, torch.full_like(sample.labels, IGNORED), sample.types, sample.pixels, sample.images
    )


def _positions(one: Encoded, model: Any) -> Tensor:
    count = torch.arange(len(one.ids))
    ask: Callable[..., Any] | None = getattr(model.model, "get_rope_index", None)
    if ask is None:
        return count[None]
    grid = one.pixels.get("image_grid_thw")
    ids = one.ids[None]
    found, _ = ask(ids, mm_token_type_ids=one.types[None], image_grid_thw=grid, attention_mask=torch.ones_like(ids))
    return torch.cat([count[None, None], found])


def _together(parts: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The tower's inputs of all samples; views cut into fewer tiles than others are filled up with nothing."""
    return {name: torch.cat(_filled([part[name] for part in parts])) for name in (parts[0] if parts else {})}


def _filled(values: list[Tensor]) -> list[Tensor]:
    if values[0].dim() < 5:
        return values
    most = max(value.shape[1] for value in values)
    return [F.pad(value, (0, 0, 0, 0, 0, 0, 0, most - value.shape[1])) for value in values]


def packed_sdpa(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None = None,
    scaling: float | None = None,
    dropout: float = 0.0,
    is_causal: bool | None = None,
    cu_seq_lens_q: Tensor | None = None,
    **more: Any,
) -> tuple[Tensor, None]:
    """Attention over (B, H, L, D), sample by sample where bounds are given; causal wherever the module is."""
    causal = getattr(module, "is_causal", True) if is_causal is None else is_causal
    grouped = query.shape[1] != key.shape[1]

    def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        once = causal and q.shape[2] > 1 and attention_mask is None
        return F.scaled_dot_product_attention(
            q, k, v, attention_mask, dropout, is_causal=once, scale=scaling, enable_gqa=grouped
        )

    if cu_seq_lens_q is None:
        out = attend(query, key, value)
    else:
        sizes = cu_seq_lens_q.diff().tolist()
        parts = zip(query.split(sizes, 2), key.split(sizes, 2), value.split(sizes, 2), strict=True)
        out = torch.cat([attend(*part) for part in parts], dim=2)
    return out.transpose(1, 2).contiguous(), None


def prepare(model: Any) -> Any:
    """The model with per-sample attention in its language part; its tower keeps the attention that it has."""
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface

    AttentionInterface.register(ATTENTION, packed_sdpa)
    AttentionMaskInterface.register(ATTENTION, lambda *args, **kwargs: None)
    model.model.language_model.config._attn_implementation = ATTENTION
    return model
