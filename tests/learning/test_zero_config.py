"""What a recipe's teaching on 8 and on 16 cards is configured with, as DeepSpeed and Ray themselves read it; nothing is started."""

import copy
from typing import Any

import pytest

from beltline.learning import memory
from beltline.learning.recipe import Recipe
from beltline.learning.recipes import RECIPES
from jobs.train_plan import cluster_env, placement

pytestmark = pytest.mark.learning
WORLDS = (8, 16)
TOGETHER = [recipe for recipe in RECIPES.values() if recipe.zero_stage]


def read_by_deepspeed(config: dict[str, Any], world: int, monkeypatch: pytest.MonkeyPatch) -> Any:
    """DeepSpeed's own reading of a configuration, in a group of `world` processes that is not there."""
    from deepspeed.runtime import config as theirs

    monkeypatch.setattr(theirs.dist, "get_rank", lambda *_: 0)
    monkeypatch.setattr(theirs.dist, "get_world_size", lambda *_: world)
    return theirs.DeepSpeedConfig(copy.deepcopy(config))


def known_names() -> set[str]:
    """Every name that DeepSpeed looks for at the top of a configuration: it passes over others without a word."""
    from deepspeed.runtime import constants, precision_config
    from deepspeed.runtime.zero import config as zero

    values = (value for module in (constants, precision_config, zero) for value in vars(module).values())
    return {value for value in values if isinstance(value, str)}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("recipe", TOGETHER, ids=lambda recipe: recipe.name)
def test_deepspeed_reads_what_the_recipe_says(recipe: Recipe, world: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from beltline.learning.zero import zero_config

    config = zero_config(recipe, world)
    assert config.keys() <= known_names()
    found = read_by_deepspeed(config, world, monkeypatch)
    zero, low = found.zero_config, recipe.precision == "bfloat16"
    assert found.zero_optimization_stage == int(zero.stage) == recipe.zero_stage
    assert (found.train_batch_size, found.train_micro_batch_size_per_gpu) == (world, 1)
    assert found.gradient_accumulation_steps == 1  # how many packs a step has, the engine says at each
    assert found.gradient_clipping == recipe.clip
    assert found.bfloat16_config.enabled == low and not found.float16_config.enabled
    assert found.grad_accum_dtype == "fp32"
    assert found.zero_allow_untested_optimizer and not found.zero_force_ds_cpu_optimizer
    assert zero.gather_16bit_weights_on_model_save and not zero.overlap_comm
    if low:  # what the memory of a card is computed with
        assert (zero.reduce_bucket_size, zero.param_persistence_threshold) == (memory.BUCKET, memory.PERSISTENT)


def test_deepspeed_refuses_what_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that passing means something: a misspelt name of ZeRO's, and a batch that is not the workers'."""
    from beltline.learning.zero import zero_config

    config = zero_config(RECIPES["gsr"], 8)
    misspelt = config | {"zero_optimization": config["zero_optimization"] | {"stage3_persistence": 1}}
    with pytest.raises(ValueError, match="stage3_persistence"):
        read_by_deepspeed(misspelt, 8, monkeypatch)
    with pytest.raises(AssertionError, match="train_batch_size"):
        read_by_deepspeed(config, 16, monkeypatch)
    assert "gradient_cliping" not in known_names() and "gradient_clipping" in known_names()


@pytest.mark.parametrize("workers", WORLDS)
def test_ray_takes_the_placement(workers: int) -> None:
    from ray._private.label_utils import validate_label_selector, validate_node_labels
    from ray.train import RunConfig, ScalingConfig

    found = placement(workers)
    scaling = ScalingConfig(
        num_workers=found.workers,
        use_gpu=True,
        resources_per_worker={"CPU": 1, **found.resources},
        placement_strategy=found.strategy,
        label_selector=found.label,
    )
    assert scaling.total_resources == {"CPU": workers, "GPU": workers}
    assert validate_label_selector(found.label) is None
    validate_node_labels(found.label)  # raises where `ray start --labels` would
    env = cluster_env(found.nodes)
    run = RunConfig(name="gsr", worker_runtime_env={"env_vars": env})
    assert run.worker_runtime_env["env_vars"] == env
