"""Teaching in one process on one device: AdamW, a rate that rises and falls, gradients clipped, bfloat16 where the recipe asks for it.

    engine = Plain(Taught(model), recipe, num_steps=344, device="cuda")

Weights that are taught are held in float32 and read in bfloat16 (autocast); frozen ones are held as they came. `state` and `restore`
are exact: what follows a restore is what would have followed without it.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from beltline.learning.adapt import part_of
from beltline.learning.encode import Encoded
from beltline.learning.features import Features
from beltline.learning.packing import Pack, pack
from beltline.learning.recipe import Recipe
from beltline.learning.taught import Taught


class Plain:
    """An engine of loop.py."""

    rank, world = 0, 1

    def __init__(self, taught: Taught, recipe: Recipe, num_steps: int, device: str = "cpu"):
        self.taught, self.recipe, self.device = taught.to(device), recipe, device
        self.features = Features.of(taught, recipe)
        self._open = [p for p in taught.parameters() if p.requires_grad]
        fused = {"fused": True} if device != "meta" else {}
        self.optimizer = torch.optim.AdamW(
            groups(taught, recipe), lr=recipe.rate, betas=recipe.betas, weight_decay=recipe.weight_decay, **fused
        )
        self.schedule = schedule(self.optimizer, recipe, num_steps)
        if recipe.checkpointing:
            taught.inner.gradient_checkpointing_enable({"use_reentrant": False})
        taught.train()

    @property
    def rate(self) -> float:
        found: float = self.optimizer.param_groups[0]["lr"]
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
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad(set_to_none=True)
        return total, norm

    def _loss(self, one: Pack) -> Tensor:
        low = self.recipe.precision == "bfloat16"
        with torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=low):
            found: Tensor = self.taught(one, self.features.of_pack(one))
            return found

    def state(self) -> dict[str, Any]:
        """All that a restore needs: taught weights, optimizer, rate."""
        weights = {name: p.detach() for name, p in self.taught.named_parameters() if p.requires_grad}
        return {"weights": weights, "optimizer": self.optimizer.state_dict(), "schedule": self.schedule.state_dict()}

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
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])


def groups(taught: Taught, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameters by rate and decay: the tower may have a rate of its own; vectors (norms, biases) do not decay."""
    found: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in taught.inner.named_parameters():
        if parameter.requires_grad:
            slow = recipe.tower_rate is not None and part_of(name) == "tower"
            rate = recipe.tower_rate if slow and recipe.tower_rate is not None else recipe.rate
            key = (rate, recipe.weight_decay if parameter.dim() > 1 else 0.0)
            found.setdefault(key, []).append(parameter)
    return [{"params": params, "lr": rate, "weight_decay": decay} for (rate, decay), params in found.items()]


def schedule(optimizer: Any, recipe: Recipe, num_steps: int) -> Any:
    """The rate over the steps, as transformers draws it."""
    from transformers import get_scheduler

    steps = recipe.warmup_steps if recipe.warmup_steps is not None else round(recipe.warmup_share * num_steps)
    name = "cosine" if recipe.schedule == "cosine" else "constant_with_warmup"
    return get_scheduler(name, optimizer, num_warmup_steps=min(steps, num_steps), num_training_steps=num_steps)
