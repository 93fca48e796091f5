"""A linear layer with a LoRA adapter (W + s B A), for less work than PEFT's own: no product, sum or scaled copy of full size beside the base's.

    config._register_custom_module({nn.Linear: Lean})    # before get_peft_model; saving, merging and loading stay PEFT's

In float32 the adapter is added to the weight, which is small beside the tokens, and one product reads both. In a shorter type that would
round small steps of the adapter away, so its product is added in place to the base's. Gradients follow LoRA's definition (Hu et al. 2021,
section 4.1). Whatever is not plain teaching (dropout, several adapters, merged, no gradient wanted, weights shared out by ZeRO-3) is PEFT's.
"""

from typing import Any

import torch
import torch.nn.functional as F
from peft.tuners.lora import Linear
from torch import Tensor, nn


class Lean(Linear):  # type: ignore[misc]  # PEFT is not followed
    """PEFT's layer over `nn.Linear`; (..., in) to (..., out), as PEFT's to rounding."""

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        name = self.active_adapters[0]
        if args or kwargs or not self._plain(name):
            return super().forward(x, *args, **kwargs)
        low = torch.is_autocast_enabled(x.device.type)
        dtype = torch.get_autocast_dtype(x.device.type) if low else self.base_layer.weight.dtype
        weights = (self.base_layer.weight, self.lora_A[name].weight, self.lora_B[name].weight, self.base_layer.bias)
        cast = (None if one is None else one.to(dtype) for one in (x, *weights))
        return _Adapted.apply(*cast, self.scaling[name])

    def _plain(self, name: str) -> bool:
        return (
            torch.is_grad_enabled()
            and not (self.disable_adapters or self.merged or self.lora_variant or len(self.active_adapters) > 1)
            and isinstance(self.lora_dropout[name], nn.Identity)
            and not hasattr(self.base_layer.weight, "ds_id")
        )


class _Adapted(torch.autograd.Function):  # type: ignore[misc]  # torch is not followed
    """x (..., in), W (out, in), A (r, in), B (out, r), bias (out,) or None, s to x (W + s B A)^T + bias. W and bias are not taught."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, down: Tensor, up: Tensor, bias: Tensor | None, scale: float
    ) -> Tensor:
        ctx.save_for_backward(x, weight, down, up)
        ctx.scale = scale
        rows = x.flatten(0, -2)
        if _adds(weight):
            found = F.linear(rows, torch.addmm(weight, up, down, alpha=scale), bias)
        else:
            found = F.linear(rows, weight, bias).addmm_(rows @ down.t(), up.t(), alpha=scale)
        return found.unflatten(0, x.shape[:-1])

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, down, up = ctx.saved_tensors
        rows, grads, scale = x.flatten(0, -2), grad.flatten(0, -2), ctx.scale
        small = (grads @ up).mul_(scale)
        on_down, on_up = small.t() @ rows, grads.t() @ (rows @ down.t()).mul_(scale)
        if not ctx.needs_input_grad[0]:
            return None, None, on_down, on_up, None, None
        if _adds(weight):
            on_x = grads @ torch.addmm(weight, up, down, alpha=scale)
        else:
            on_x = (grads @ weight).addmm_(small, down)
        return on_x.view_as(x), None, on_down, on_up, None, None


def _adds(weight: Tensor) -> bool:
    """Whether the adapter is added to the weight; a shorter type would round its small steps away."""
    return weight.dtype == torch.float32
