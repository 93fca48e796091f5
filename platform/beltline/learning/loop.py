"""The loop: step after step over a plan, on whatever engine carries them out. No Ray, no cluster; one process or many.

    engine = Plain(Taught(model), recipe, plan.num_steps)
    teach(engine, plan, survey, fetch, report=print)

`fetch` gives an encoded sample by its number, so a step is a function of its number and a run goes on wherever it stopped.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from beltline.learning.encode import Encoded
from beltline.learning.packing import Pack, silent
from beltline.learning.plan import Plan

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a step was."""

    step: int
    """From 0."""
    epoch: float
    loss: float
    """Mean over the supervised tokens of the whole step, in nats."""
    norm: float
    """Of the gradient, before clipping."""
    rate: float
    samples: int
    tokens: int
    supervised: int
    seconds: float


class Engine(Protocol):
    """What carries out a step: one process on one device, or DeepSpeed over many."""

    rank: int
    world: int
    device: str
    rate: float
    """Of the coming step."""

    def pack(self, samples: Sequence[Encoded]) -> Pack: ...

    def step(self, packs: Sequence[Pack], supervised: int) -> tuple[float, float]:
        """Loss, summed over all workers' packs and divided by `supervised`; norm of the gradient."""
        ...


def teach(
    engine: Engine,
    plan: Plan,
    supervised: Sequence[int],
    fetch: Callable[[int], Encoded],
    report: Callable[[Report], None],
    *,
    start: int = 0,
    stop: int | None = None,
) -> None:
    """Steps `start` to `stop` (all that are left by default).

    Args:
        supervised: tokens with a loss, of each sample of the plan.
        fetch: the encoded sample of a number.
        report: called after each step; what it does (checkpoints, a ledger) is not ours to know.

    Raises:
        ValueError: the loss is no number any more; the step is named and nothing was saved after it.
    """
    steps = range(start, plan.num_steps if stop is None else min(stop, plan.num_steps))
    began = time.monotonic()
    make = partial(_packs, engine, plan, fetch)
    for step, packs in zip(steps, ahead(steps, make) if engine.device != "cpu" else map(make, steps), strict=True):
        rate = engine.rate
        chosen = plan.samples(step)
        count = sum(supervised[index] for index in chosen)
        loss, norm = engine.step(packs, max(count, 1))
        if not math.isfinite(loss) or not math.isfinite(norm):
            raise ValueError(
                f"step {step}: expected a loss and a gradient that are numbers, found {loss} and {norm}; lower the rate "
                f"(now {rate:g}) or look at samples {chosen[:8]}"
            )
        report(
            Report(
                step=step,
                epoch=(step + 1) * plan.batch / len(plan.lengths),
                loss=loss,
                norm=norm,
                rate=rate,
                samples=len(chosen),
                tokens=sum(plan.lengths[index] for index in chosen),
                supervised=count,
                seconds=-began + (began := time.monotonic()),
            )
        )


def ahead(steps: Sequence[int], make: Callable[[int], Made]) -> Iterator[Made]:
    """What `make` gives for each step; the next one's is made while one is used.

    A card waits for nobody then. A processor has nothing to gain: two pools of threads would wait for each other.
    """
    with ThreadPoolExecutor(1) as other:
        coming = [other.submit(make, step) for step in steps[:1]]
        for after in range(1, len(steps) + 1):
            made = coming.pop().result()
            coming += [other.submit(make, step) for step in steps[after : after + 1]]
            yield made


def _packs(engine: Engine, plan: Plan, fetch: Callable[[int], Encoded], step: int) -> list[Pack]:
    """The worker's packs; where it has fewer than others, or none with a view, it reads a sample without a loss beside them."""
    found = []
    for indices in plan.step(step)[engine.rank]:
        samples = [fetch(index) for index in indices]
        if not samples or (engine.world > 1 and not any(one.images for one in samples)):
            samples.append(silent(fetch(plan.samples(step)[0])))
        found.append(engine.pack(samples))
    return found
