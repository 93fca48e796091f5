"""The last layer feeds forward what is read after it: fewer tokens, the same loss and the same gradients."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beltline.learning import nano
from beltline.learning.recipe import Lora
from beltline.learning.recipes import RECIPES
from tests.learning.conftest import Corpus, Pupil
from tests.learning.tiny_families import FAMILIES, build

pytestmark = pytest.mark.learning
FULL = replace(RECIPES["gsr_nano"], kinds=None, tags=False, max_tokens=4000)
LORA = replace(FULL, tower="frozen", aligner="frozen", llm="lora", lora=Lora(rank=4, alpha=8))


def fed(found: Pupil, *encoded: Any) -> tuple[list[int], float, dict[str, Any]]:
    """How many tokens the last layer fed forward, each time; loss and gradients."""
    from beltline.learning.packing import pack

    last, sizes = found.taught.inner.model.language_model.layers[-1], []
    hook = last.mlp.register_forward_pre_hook(lambda module, args: sizes.append(args[0].shape[1]))
    found.taught.zero_grad(set_to_none=True)
    loss = found.taught.train()(pack(encoded, found.model))
    loss.backward()
    hook.remove()
    grads = {name: p.grad.clone() for name, p in found.taught.named_parameters() if p.grad is not None}
    return sizes, float(loss.detach()), grads


@pytest.fixture
def deep(tmp_path: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Pupil]:
    """A Qwen3-VL with a layer more than it adds features of views to."""
    monkeypatch.setitem(nano.SIZES, "tiny", replace(nano.SIZES["tiny"], layers=3))
    texts = (turn["content"] for one in corpus.conversations for turn in one["turns"])
    folder = build("qwen3_vl", tmp_path / "deep", texts)
    return lambda recipe: Pupil(folder, corpus, recipe)


@pytest.mark.parametrize("again", [False, True], ids=["kept", "made-again"])
@pytest.mark.parametrize("recipe", [FULL, LORA], ids=["full", "lora"])
@pytest.mark.parametrize("family", FAMILIES)
def test_fewer_tokens_the_same_loss_and_gradients(
    pupil: Callable[[Any], Pupil], deep: Callable[[Any], Pupil], family: str, recipe: Any, again: bool
) -> None:
    import torch

    found = (deep if family == "qwen3_vl" else pupil)(replace(recipe, family=family))
    if again:
        found.taught.inner.gradient_checkpointing_enable({"use_reentrant": False})
    some = found.encoded[:4]
    sizes, loss, grads = fed(found, *some)
    last = found.taught.inner.model.language_model.layers[-1]
    last.__class__ = type(last).__mro__[2]  # transformers' own
    whole, expected, theirs = fed(found, *some)
    times = 1 + again
    assert sizes == [sum(one.num_supervised for one in some)] * times
    assert whole == [sum(len(one.ids) for one in some)] * times
    assert loss == pytest.approx(expected, rel=1e-6) and grads.keys() == theirs.keys()
    for name, grad in grads.items():
        assert torch.allclose(grad, theirs[name], rtol=1e-4, atol=1e-6 * max(float(theirs[name].abs().max()), 1.0)), (
            name
        )


def test_of_a_model_that_adds_to_its_last_layer_all_tokens_are_fed(pupil: Callable[[Any], Pupil]) -> None:
    found = pupil(FULL)
    assert len(found.model.config.vision_config.deepstack_visual_indexes) == 2
    assert fed(found, *found.encoded[:2])[0] == [sum(len(one.ids) for one in found.encoded[:2])]


def test_a_pack_without_a_loss_reads_one_token(pupil: Callable[[Any], Pupil]) -> None:
    """And has a gradient of nothing everywhere: a worker that has nothing to teach waits for nobody."""
    from beltline.learning.packing import silent

    found = pupil(replace(FULL, family="qwen2_5_vl"))
    sizes, loss, grads = fed(found, silent(found.encoded[0]))
    assert sizes == [1] and loss == 0.0
    assert not any(grad.any() for grad in grads.values())
