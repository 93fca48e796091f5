"""Teaching in one process on one device: AdamW (for matrices Muon where the recipe says so), a rate that rises and falls, gradients clipped,
bfloat16 where the recipe asks for it.

    engine = Plain(Taught(model), recipe, num_steps=344, device="cuda")

Weights that are taught are held in float32 and read in bfloat16 (autocast); frozen ones are held as they came. `state` and `restore`
are exact: what follows a restore is what would have followed without it.
"""

from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from beltline.learning.adapt import part_of
from beltline.learning.encode import Encoded
from beltline.learning.features import Features
from beltline.learning.packing import Pack, pack
from beltline.learning.recipe import Recipe
from beltline.learning.taught import Taught

MUON_DECAY: Final = 0.1
"""torch's own. With a tenth of it what a layer added had grown to hundreds of times what it had read, within 400 steps (docs/log.md)."""


class Plain:
    """An engine of loop.py."""

    rank, world = 0, 1

    def __init__(self, taught: Taught, recipe: Recipe, num_steps: int, device: str = "cpu"):
        self.taught, self.recipe, self.device = taught.to(device), recipe, device
        self.features = Features.of(taught, recipe)
        self._open = [p for p in taught.parameters() if p.requires_grad]
        self.optimizers = optimizers(groups(taught, recipe), recipe.betas)
        self.schedules = [schedule(one, recipe, num_steps) for one in self.optimizers]
        if recipe.checkpointing:
            taught.inner.gradient_checkpointing_enable({"use_reentrant": False})
        taught.train()

    @property
    def rate(self) -> float:
        found: float = self.optimizers[0].param_groups[0]["lr"]
        return found

    def pack(self, samples: Sequence[Encoded]) -> Pack:
        return pack(samples, self.taught.inner)

    def step(self, packs: Sequence[Pack], supervised: int) -> tuple[float, float]:
        total = 0.0
        for one in packs:
            loss = self._loss(one.to(self.device)) / supervised
            loss.backward()
            total += float(loss.detach())
        norm = float(torch.nn.utils.clip_grad_norm_(self._open, self.recipe.clip))
        for optimizer, rate in zip(self.optimizers, self.schedules, strict=True):
            optimizer.step()
            rate.step()
            optimizer.zero_grad(set_to_none=True)
        return total, norm

    def _loss(self, one: Pack) -> Tensor:
        low = self.recipe.precision == "bfloat16"
        with torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=low):
            found: Tensor = self.taught(one, self.features.of_pack(one))
            return found

    def state(self) -> dict[str, Any]:
        """All that a restore needs: taught weights, optimizers, rates."""
        weights = {name: p.detach() for name, p in self.taught.named_parameters() if p.requires_grad}
        return {"weights": weights} | {name: [one.state_dict() for one in some] for name, some in self._kept().items()}

    def _kept(self) -> dict[str, list[Any]]:
        return {"optimizers": self.optimizers, "schedules": self.schedules}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a `state`.

        Raises:
            ValueError: it is the state of other weights.
        """
        mine = {name: p for name, p in self.taught.named_parameters() if p.requires_grad}
        if mine.keys() != state["weights"].keys():
            odd = sorted(mine.keys() ^ state["weights"].keys())[:3]
            raise ValueError(f"state: expected the weights that this recipe teaches, found others: {odd}")
        with torch.no_grad():
            for name, parameter in mine.items():
                parameter.copy_(state["weights"][name])
        for name, some in self._kept().items():
            for one, found in zip(some, state[name], strict=True):
                one.load_state_dict(found)


def groups(taught: Taught, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameters by rate, decay and `muon`: the tower may have a rate of its own; vectors (norms, biases) do not decay."""
    found: dict[tuple[float, float, bool], list[Tensor]] = {}
    turned = matrices(taught.inner) if recipe.matrix_rate is not None else set()
    for name, parameter in taught.inner.named_parameters():
        if parameter.requires_grad:
            own = recipe.tower_rate if part_of(name) == "tower" else None
            muon, rate = id(parameter) in turned and own is None, own or recipe.rate
            decay = recipe.weight_decay if parameter.dim() > 1 else 0.0
            key = (recipe.matrix_rate or rate, MUON_DECAY, True) if muon else (rate, decay, False)
            found.setdefault(key, []).append(parameter)
    return [
        {"params": params, "lr": rate, "weight_decay": decay, "muon": muon}
        for (rate, decay, muon), params in found.items()
    ]


def matrices(model: Any) -> set[int]:
    """Weights of linear layers, but for the head: its rows are words, as those of the embeddings are."""
    return {id(m.weight) for m in model.modules() if isinstance(m, nn.Linear)} - {id(model.lm_head.weight)}


def optimizers(groups: Sequence[dict[str, Any]], betas: tuple[float, float]) -> list[Any]:
    """AdamW, and Muon where there are groups of its own."""
    by_adam, by_muon = ([one for one in groups if one["muon"] == muon] for muon in (False, True))
    fused = all(one.device.type != "meta" for group in by_adam for one in group["params"])
    found: list[Any] = [torch.optim.AdamW(by_adam, betas=betas, fused=fused)] if by_adam else []
    return found + ([torch.optim.Muon(by_muon, adjust_lr_fn="match_rms_adamw")] if by_muon else [])


def schedule(optimizer: Any, recipe: Recipe, num_steps: int) -> Any:
    """The rate over the steps, as transformers draws it."""
    from transformers import get_scheduler

    steps = recipe.warmup_steps if recipe.warmup_steps is not None else round(recipe.warmup_share * num_steps)
    name = "cosine" if recipe.schedule == "cosine" else "constant_with_warmup"
    return get_scheduler(name, optimizer, num_warmup_steps=min(steps, num_steps), num_training_steps=num_steps)
