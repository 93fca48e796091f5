"""Several samples as one row of tokens, none of which sees another: the pack that a model reads in one go.

    packed = pack([encoded, ...], model)
    packed.bounds                # (S + 1,) int32: where each sample begins and ends

Attention is taken sample by sample (`packed_sdpa`): no mask over the whole row, no work between samples. Positions begin anew with
each sample; for Qwen's models they are four rows, the sample's own count and the three of M-RoPE, made by the model itself. On a card the
bounds go to one kernel for sequences of any length, in bfloat16; elsewhere sequences of one length are read side by side.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import groupby
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor

from beltline.learning.encode import IGNORED, Encoded, looked
from beltline.learning.last import read_last
from beltline.learning.shades import Shades

ATTENTION: Final = "packed_sdpa"
TOWER_ATTENTION: Final = "packed_flash"
"""The same function: a tower hands over its bounds only where the name has "flash" in it."""


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
    views: dict[str, Tensor]
    images: tuple[str, ...]
    num_supervised: int
    shades: Shades | None = None
    opened: tuple[str, ...] = ()
    """Those of `images` whose pixels lie in `views`; features of the others are kept."""

    @property
    def pixels(self) -> dict[str, Tensor]:
        """What the tower takes."""
        return looked(self.views, self.shades)

    def to(self, device: Any) -> "Pack":
        """The same on another device."""
        moved = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, value in moved.items():
            if isinstance(value, Tensor):
                moved[name] = value.to(device, non_blocking=True)
        moved["views"] = {name: value.to(device, non_blocking=True) for name, value in self.views.items()}
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
        views=_together([one.views for one in samples if one.views]),
        images=tuple(image for one in samples for image in one.images),
        num_supervised=sum(one.num_supervised for one in samples),
        shades=samples[0].shades,
        opened=tuple(image for one in samples if one.views for image in one.images),
    )


def silent(sample: Encoded) -> Encoded:
    """The same sample without a loss: what a worker reads that has nothing else to read, so that all take the same steps."""
    return replace(sample, labels=torch.full_like(sample.labels, IGNORED))


def _positions(one: Encoded, model: Any) -> Tensor:
    count = torch.arange(len(one.ids))
    ask: Callable[..., Any] | None = getattr(model.model, "get_rope_index", None)
    if ask is None:
        return count[None]
    ids = one.ids[None]
    found, _ = ask(
        ids, mm_token_type_ids=one.types[None], image_grid_thw=one.grids, attention_mask=torch.ones_like(ids)
    )
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
        return attend(query, key, value).transpose(1, 2).contiguous(), None
    low = _low(query)
    if low is not None:
        return _varlen(query.to(low), key.to(low), value.to(low), cu_seq_lens_q, causal, scaling), None
    runs = [(size, len(list(same))) for size, same in groupby(cu_seq_lens_q.diff().tolist())]
    lengths = [size * num for size, num in runs]
    parts = zip(runs, query.split(lengths, 2), key.split(lengths, 2), value.split(lengths, 2), strict=True)
    return torch.cat([_beside(attend, num, *part).transpose(1, 2) for (_, num), *part in parts], dim=1), None


def _beside(attend: Callable[..., Tensor], num: int, *parts: Tensor) -> Tensor:
    """Attention in `num` sequences of one length, which lie after one another: (1, H, num * L, D) in and out."""
    if num == 1:
        return attend(*parts)
    found = attend(*(part[0].unflatten(1, (num, -1)).transpose(0, 1) for part in parts))
    return found.transpose(0, 1).flatten(1, 2)[None]


def _low(query: Tensor) -> torch.dtype | None:
    """The short type in which a card's kernel for sequences of any length works; None where there is no such kernel."""
    if not query.is_cuda:
        return None
    found = torch.get_autocast_dtype("cuda") if torch.is_autocast_enabled("cuda") else query.dtype
    return found if found in (torch.bfloat16, torch.float16) else None


def _varlen(query: Tensor, key: Tensor, value: Tensor, bounds: Tensor, causal: bool, scale: float | None) -> Tensor:
    """(1, L, H, D): all sequences in one call."""
    from torch.nn.attention.varlen import varlen_attn

    longest = int(bounds.diff().max())
    apart = (part[0].transpose(0, 1) for part in (query, key, value))
    found: Tensor = varlen_attn(
        *(*apart, bounds, bounds, longest, longest),
        scale=scale,
        window_size=(-1, 0) if causal else (-1, -1),
        enable_gqa=query.shape[1] != key.shape[1],
    )
    return found[None]


def prepare(model: Any) -> Any:
    """The model with attention sample by sample, and, in Qwen's towers, view by view; patches are embedded by one product of matrices."""
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface

    for name in (ATTENTION, TOWER_ATTENTION):
        AttentionInterface.register(name, packed_sdpa)
        AttentionMaskInterface.register(name, lambda *args, **kwargs: None)
    model.model.language_model.config._attn_implementation = ATTENTION
    read_last(model)
    tower = getattr(model.model, "visual", None)
    if tower is not None:
        tower.config._attn_implementation = TOWER_ATTENTION
        tower.patch_embed.proj.forward = partial(_embed, tower.patch_embed.proj)
    return model


def _embed(proj: Any, patches: Tensor) -> Tensor:
    """What a convolution does whose step is its width, several times as fast."""
    return F.linear(patches.flatten(1), proj.weight.flatten(1), proj.bias)
