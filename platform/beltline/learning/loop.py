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
from typing import Protocol

from beltline.learning.encode import Encoded
from beltline.learning.packing import Pack, silent
from beltline.learning.plan import Plan


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
    for step, packs in _ahead(steps, lambda step: _packs(engine, plan, step, fetch)):
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


def _ahead(steps: Sequence[int], make: Callable[[int], list[Pack]]) -> Iterator[tuple[int, list[Pack]]]:
    """The packs of each step; the next one's are made while one is taught."""
    with ThreadPoolExecutor(1) as other:
        coming = [other.submit(make, step) for step in steps[:1]]
        for place, step in enumerate(steps):
            packs = coming.pop().result()
            coming += [other.submit(make, after) for after in steps[place + 1 : place + 2]]
            yield step, packs


def _packs(engine: Engine, plan: Plan, step: int, fetch: Callable[[int], Encoded]) -> list[Pack]:
    """The worker's packs; where it has fewer than others, or none with a view, it reads a sample without a loss beside them."""
    found = []
    for indices in plan.step(step)[engine.rank]:
        samples = [fetch(index) for index in indices]
        if not samples or (engine.world > 1 and not any(one.views for one in samples)):
            samples.append(silent(fetch(plan.samples(step)[0])))
        found.append(engine.pack(samples))
    return found
