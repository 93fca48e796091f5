"""The lean layer beside LoRA's definition in float64, and beside PEFT's own layer wherever it stands back."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.learning
SCALE = 2.0


def layer(*, lean: bool = True, bias: bool = True, dropout: float = 0.0, dtype: str = "float32") -> Any:
    """A linear layer of 24 to 40 with an adapter of rank 4 whose product is not 0."""
    import torch
    from peft import LoraConfig, get_peft_model
    from torch import nn

    from beltline.learning.lora import Lean

    torch.manual_seed(0)
    base = nn.Sequential(nn.Linear(24, 40, bias=bias)).to(getattr(torch, dtype))
    config = LoraConfig(r=4, lora_alpha=int(4 * SCALE), target_modules=["0"], lora_dropout=dropout)
    if lean:
        config._register_custom_module({nn.Linear: Lean})
    found = get_peft_model(base, config)
    nn.init.normal_(found.base_model.model[0].lora_B["default"].weight, std=0.3)
    assert isinstance(found.base_model.model[0], Lean) == lean
    return found


def by_definition(found: Any, x: Any) -> tuple[Any, ...]:
    """Output, and gradients of the sum of its squares by x, A and B, in float64."""
    import torch

    one = found.base_model.model[0]
    x, down, up = (
        part.detach().double().requires_grad_()
        for part in (x, one.lora_A["default"].weight, one.lora_B["default"].weight)
    )
    bias = None if one.base_layer.bias is None else one.base_layer.bias.double()
    y = torch.nn.functional.linear(x, one.base_layer.weight.double() + SCALE * up @ down, bias)
    y.square().sum().backward()
    return y.detach(), x.grad, down.grad, up.grad


def taught(found: Any, x: Any, low: bool = False) -> tuple[Any, ...]:
    import torch

    x = x.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16) if low else nullcontext():
        y = found(x)
    y.float().square().sum().backward()
    one = found.base_model.model[0]
    return y.detach(), x.grad, one.lora_A["default"].weight.grad, one.lora_B["default"].weight.grad


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(0, 24), (7, 24), (2, 5, 24)])
def test_output_and_gradients_are_the_definitions(shape: tuple[int, ...], bias: bool) -> None:
    import torch

    found, x = layer(bias=bias), torch.randn(shape)
    for mine, expected in zip(taught(found, x), by_definition(found, x), strict=True):
        torch.testing.assert_close(mine.double(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_bfloat16_is_the_definition_to_its_rounding(dtype: str) -> None:
    """Adapters stay float32 and are read in bfloat16, over weights of either type."""
    import torch

    found, x = layer(dtype=dtype), torch.randn(6, 24)
    for mine, expected in zip(taught(found, x, low=True), by_definition(found, x), strict=True):
        assert (mine.double() - expected).norm() < 0.02 * expected.norm()


def test_a_small_step_of_an_adapter_is_not_rounded_away_in_bfloat16() -> None:
    """1 + 0.001 is 1 in bfloat16: added to the weight, the step would be lost."""
    import torch

    found, x = layer(bias=False), torch.zeros(1, 24)
    one = found.base_model.model[0]
    with torch.no_grad():
        one.base_layer.weight.fill_(1.0)
        one.lora_A["default"].weight.zero_()[0, 0] = 1.0
        one.lora_B["default"].weight.fill_(0.0005)
        x[0, :2] = torch.tensor([1.0, -1.0])
    y = taught(found, x, low=True)[0]
    torch.testing.assert_close(y.float(), torch.full((1, 40), 0.001), rtol=0.01, atol=0.0)


def test_a_frozen_input_gets_no_gradient() -> None:
    import torch

    found, x = layer(), torch.randn(3, 24)
    found(x).sum().backward()
    assert x.grad is None and found.base_model.model[0].lora_B["default"].weight.grad is not None


@pytest.mark.parametrize("case", ["dropout", "disabled", "merged", "no gradient"])
def test_what_is_not_plain_teaching_is_pefts(case: str) -> None:
    import torch

    mine, theirs = (layer(lean=lean, dropout=0.5 if case == "dropout" else 0.0) for lean in (True, False))
    theirs.load_state_dict(mine.state_dict())
    found, x = [], torch.randn(3, 24)
    for one in (mine, theirs):
        torch.manual_seed(5)
        if case == "merged":
            one.base_model.model[0].merge()
        with (
            one.disable_adapter() if case == "disabled" else nullcontext(),
            torch.set_grad_enabled(case != "no gradient"),
        ):
            found.append(one(x))
    assert torch.equal(*found)


def test_an_adapter_is_saved_as_pefts_and_read_by_pefts(tmp_path: Path) -> None:
    import torch
    from peft import PeftModel
    from torch import nn

    mine, x = layer(), torch.randn(3, 24)
    mine.save_pretrained(tmp_path)
    torch.manual_seed(0)
    theirs = PeftModel.from_pretrained(nn.Sequential(nn.Linear(24, 40)), tmp_path)
    torch.testing.assert_close(theirs(x), mine(x), rtol=1e-5, atol=1e-5)
    assert type(theirs.base_model.model[0]).__module__.startswith("peft.")
