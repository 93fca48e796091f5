"""One of two processes of DeepSpeed on a processor: trains a tiny model a step, and writes down how many bytes it holds.

    RANK=0 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=29533 python -m tests.learning.zero_holds OUT.json CASE [CASE ...]

A case is STAGE/HOW/PRECISION, such as 3/lora/bfloat16. Bytes are of storages: what is shared is counted once, padding too.
"""

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from beltline.learning.recipe import Lora, Recipe
from beltline.learning.recipes import RECIPES

FORM, SMALL = "tiny:qwen3_vl", 1000
FULL = replace(RECIPES["gsr_nano"], name="full", checkpointing=False)
MIXED = replace(FULL, name="mixed", tower="frozen", llm="lora", lora=Lora(rank=4, alpha=8))
HOW = {"full": FULL, "mixed": MIXED, "decayed": replace(FULL, weight_decay=0.0, tower_rate=1e-5)}


def main() -> None:
    from beltline.learning import memory
    from beltline.learning.zero import begin

    memory.PERSISTENT, memory.BUCKET = (
        SMALL,
        1_000_000,
    )  # of a tiny model all weights are small, and one bucket holds them all
    begin("gloo")
    out, *cases = sys.argv[1:]
    found = {case: holds(*case.split("/")) for case in cases}
    with open(f"{out}.{os.environ['RANK']}", "w", encoding="utf-8") as file:
        json.dump(found, file)


def holds(stage: str, how: str, precision: str) -> dict[str, int]:
    """Bytes after two steps of the engine that teaches; gradients as they are just before they are used."""
    from beltline.learning.zero import Zero

    recipe = replace(HOW[how], zero_stage=int(stage), precision=precision)
    zero = Zero(taught_of(recipe), recipe, num_steps=2)
    engine, step, measured = zero._engine, zero._engine.step, {}

    def stepped() -> None:
        measured["gradients"] = bytes_of(gradients(engine, int(stage)))
        step()

    engine.step = stepped
    for _ in range(2):
        zero.step([pack()], supervised=12)
    weights = list(held(engine.module, int(stage)))
    masters = "fp32_partitioned_groups_flat" if stage == "3" else "single_partition_of_fp32_groups"
    moments = [value for state in engine.optimizer.optimizer.state.values() for value in state.values()]
    states = [value for value in [*getattr(engine.optimizer, masters), *moments] if value.numel() > 1]
    measured["states"] = bytes_of([*weights, *states]) - bytes_of(weights)
    small = int(engine._config.zero_config.param_persistence_threshold)
    return measured | {"weights": bytes_of(weights), "small": small}


def taught_of(recipe: Recipe) -> Any:
    """A tiny model with random weights, adapted."""
    import torch
    from transformers import AutoModelForImageTextToText

    from beltline.learning.adapt import adapt
    from beltline.learning.bases import config_of
    from beltline.learning.packing import prepare
    from beltline.learning.taught import Taught

    torch.manual_seed(0)
    model = AutoModelForImageTextToText.from_config(config_of(FORM), attn_implementation="sdpa")
    return Taught(adapt(prepare(model), recipe, list(range(6))))


def pack() -> Any:
    """Twelve tokens of text, half of them with a loss."""
    import torch

    from beltline.learning.packing import Pack

    ids = torch.arange(8, 20)[None]
    labels = torch.where(ids < 14, -100, ids)
    positions = torch.arange(12).expand(4, 1, 12)
    bounds = torch.tensor([0, 12], dtype=torch.int32)
    return Pack(ids, labels, torch.zeros_like(ids), positions, bounds, {}, (), 6)


def held(module: Any, stage: int) -> Iterable[Any]:
    """Tensors that hold weights: whole ones, or at stage 3 this process's shards and what stays gathered."""
    for parameter in module.parameters():
        if stage < 3:
            yield parameter.data
        else:
            yield parameter.ds_tensor
            if parameter.ds_persist:
                yield parameter.data


def gradients(engine: Any, stage: int) -> list[Any]:
    if stage == 3:
        found = [engine.optimizer.grad_partitions_flat_buffer]
    else:
        found = [each for group in engine.optimizer.averaged_gradients.values() for each in group]
    for parameter in engine.module.parameters():
        found += [parameter.grad, getattr(parameter, "grad_accum", None)]
    return [each for each in found if each is not None]


def bytes_of(tensors: Iterable[Any]) -> int:
    storages = {one.untyped_storage().data_ptr(): one.untyped_storage().nbytes() for one in tensors if one.numel()}
    return sum(storages.values())


if __name__ == "__main__":
    main()
