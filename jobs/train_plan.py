"""What a teaching run would take: steps, cards, where they stand, memory of each, and the environment that must travel with it.

    print("\\n".join(lines(RECIPES["gsr"], "Qwen/Qwen3-VL-8B-Instruct", num_samples=44_019, workers=16)))

What `train --dry-run` prints. No weights are needed: a model is counted by its dimensions.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

from beltline.learning import flops, memory
from beltline.learning.bases import config_of, weights_of
from beltline.learning.memory import CARDS, Held, Load, Shape, Weight
from beltline.learning.plan import Plan
from beltline.learning.recipe import Recipe
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import read_files

CARDS_A_NODE: Final = 8
MFU: Final = 0.4
"""Share of a card's peak that is assumed, not measured here: what dense models of this size reach on such cards elsewhere."""
SAMPLE: Final = Load(tokens=1016, supervised=300, visual=616)
"""Two views of 700 x 450 px, 100 tokens of prompt, 300 of answer."""
LABEL: Final = {"beltline/pool": "train"}
EFA: Final = {
    "FI_PROVIDER": "efa",
    "NCCL_SOCKET_IFNAME": "^lo,docker,veth",
    "LD_LIBRARY_PATH": "/opt/amazon/efa/lib:/opt/amazon/aws-ofi-nccl/lib:${LD_LIBRARY_PATH}",
    "NCCL_DEBUG": "WARN",
}
"""Without the two libraries NCCL falls back to sockets, without a word; interfaces are named by what they are not."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where workers stand."""

    workers: int
    nodes: int
    strategy: str = "PACK"
    """Node by node, so that as few collective calls as can be leave a node."""

    @property
    def resources(self) -> dict[str, float]:
        return {"GPU": 1}

    @property
    def label(self) -> dict[str, str]:
        return dict(LABEL)


def placement(workers: int) -> Placement:
    """One card a worker, full nodes first."""
    return Placement(workers, ceil(workers / CARDS_A_NODE))


def cluster_env(num_nodes: int) -> dict[str, str]:
    """Variables for the runtime_env of every worker: Ray lets none but RAY_TRAIN_* travel by itself.

    One node talks over NVLink and needs none.
    """
    return dict(EFA) if num_nodes > 1 else {}


def num_samples(recipe: Recipe, paths: list[str], store: Store, limit: int | None) -> int:
    """Conversations that the recipe teaches; those that turn out too long are among them still."""
    rows = read_files(store, paths, ["kind", "status"]).to_pylist()
    found = sum(row["status"] == KEPT and (recipe.kinds is None or row["kind"] in recipe.kinds) for row in rows)
    return found if limit is None else min(found, limit)


def lines(recipe: Recipe, base: str, num_samples: int, workers: int) -> list[str]:
    """The plan in words, and a table of memory."""
    where = placement(workers)
    pool = ", ".join(f"{name}={value}" for name, value in where.label.items())
    steps = Plan([1] * num_samples, recipe.batch, recipe.epochs, recipe.seed).num_steps if num_samples else 0
    said = [
        f"  {num_samples} samples (before any is left out as too long), {steps} steps of {recipe.batch}",
        f"  {workers} workers with a GPU each on {where.nodes} node{'s' * (where.nodes > 1)} of {CARDS_A_NODE}, "
        f"label {pool}, placement {where.strategy}, {_engine(recipe, workers)}",
    ]
    if recipe.starts_from:
        said.append(f"  goes on from the result of {recipe.starts_from}: --input base=NAME@VERSION")
    env = cluster_env(where.nodes)
    travels = [f"    {name}={value}" for name, value in env.items()] or ["    none: one node talks over NVLink"]
    said.append(_cost(recipe, base, num_samples))
    return [*said, *_table(recipe, base, workers), "  environment of every worker, by runtime_env:", *travels]


def _engine(recipe: Recipe, workers: int) -> str:
    return f"ZeRO stage {recipe.zero_stage}" if workers > 1 else "one process, nothing is shared"


def _table(recipe: Recipe, base: str, workers: int) -> list[str]:
    config, named = _config(recipe, base)
    weights, shape = weights_of(config, recipe), Shape.of(config)
    load = Load.of(recipe.max_tokens)
    head = f"  memory of one GPU in GB, {named}, packs of {load.tokens} tokens ({load.visual} of views, {load.supervised} with a loss):"
    names = ("stage", "weights", "gradients", "states", "activations", "buffers", "total", *CARDS)
    rows = [_row(recipe, stage, workers, weights, shape, load) for stage in ((0, 1, 2, 3) if workers > 1 else (0,))]
    return [head, "".join(f"{name:>13}" for name in names), *rows]


def gpu_hours(recipe: Recipe, base: str, num_samples: int, load: Load = SAMPLE, share: float = MFU) -> float:
    """Hours of one H100 or H200 for all epochs, in bfloat16.

    Args:
        load: of a mean sample; two views of 700 x 450 px and a chain by default.
        share: of the card's peak.
    """
    views = 1 if recipe.views and len(recipe.views) == 1 else 2
    work = flops.flops(Shape.of(_config(recipe, base)[0]), recipe, load, views)
    return work * num_samples * recipe.epochs / (share * flops.PEAK) / 3600


def _cost(recipe: Recipe, base: str, num_samples: int) -> str:
    hours = gpu_hours(recipe, base, num_samples)
    return (
        f"  {hours:.1f} GPU hours of an H100 or H200, if a sample has {SAMPLE.tokens} tokens and a card does {MFU:.0%} of its peak "
        "(both assumed); times the price of such an hour"
    )


def total_bytes(recipe: Recipe, base: str, workers: int, stage: int | None = None) -> float:
    """Bytes of one card, an allowance for CUDA and NCCL included."""
    config, _ = _config(recipe, base)
    chosen = recipe.zero_stage if stage is None else stage
    return sum(
        _parts(recipe, chosen, workers, weights_of(config, recipe), Shape.of(config), Load.of(recipe.max_tokens))
    )


def _parts(
    recipe: Recipe, stage: int, workers: int, weights: list[Weight], shape: Shape, load: Load
) -> tuple[float, ...]:
    element = 2 if recipe.precision == "bfloat16" else 4
    held: Held = memory.held_by(weights, stage, workers, element) if workers > 1 else memory.held_alone(weights, recipe)
    seen = memory.activations(shape, recipe, load, element).peak
    more = memory.buffers(stage, workers, shape, element) + memory.RESERVED
    return held.weights, held.gradients, held.states, seen, more


def _row(recipe: Recipe, stage: int, workers: int, weights: list[Weight], shape: Shape, load: Load) -> str:
    parts = _parts(recipe, stage, workers, weights, shape, load)
    total = sum(parts) / 1e9
    name = "none" if workers == 1 else f"{'* ' * (stage == recipe.zero_stage)}{stage}"
    verdicts = ("fits" if total <= room else "too large" for room in CARDS.values())
    return "".join(
        [
            f"{name:>13}",
            *(f"{part / 1e9:13.2f}" for part in parts),
            f"{total:13.2f}",
            *(f"{one:>13}" for one in verdicts),
        ]
    )


def _config(recipe: Recipe, base: str) -> tuple[object, str]:
    """The base's dimensions; the recipe's own base's where it is known by name only."""
    try:
        return config_of(base), base
    except ValueError:
        return config_of(recipe.base), f"{recipe.base} (of {base} nothing is known)"
