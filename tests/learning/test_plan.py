"""The plan of a run: every sample as often as it should be, the same steps on any number of workers, no pack too long."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.learning.plan import Plan

LENGTHS = st.lists(st.integers(1, 100), min_size=1, max_size=60)
PLANS = st.builds(
    Plan,
    lengths=LENGTHS,
    batch=st.integers(1, 20),
    epochs=st.sampled_from([0.5, 1, 2, 3]),
    seed=st.integers(0, 5),
    world=st.sampled_from([1, 2, 3, 8]),
    max_tokens=st.integers(100, 300),
)


def test_no_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="found none"):
        Plan([], batch=1, epochs=1, seed=0)


def test_a_sample_that_fits_no_pack_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 10 tokens, found 11"):
        Plan([3, 11], batch=1, epochs=1, seed=0, max_tokens=10)


@given(PLANS)
def test_every_epoch_has_every_sample_once(plan: Plan) -> None:
    seen = [index for step in range(plan.num_steps) for index in plan.samples(step)]
    num = len(plan.lengths)
    assert len(seen) == max(1, round(num * plan.epochs))
    for start in range(0, len(seen) - num + 1, num):
        assert sorted(seen[start : start + num]) == list(range(num))


@given(PLANS)
def test_a_batch_is_exact(plan: Plan) -> None:
    sizes = [len(plan.samples(step)) for step in range(plan.num_steps)]
    assert all(size == plan.batch for size in sizes[:-1]) and 1 <= sizes[-1] <= plan.batch


@given(PLANS)
def test_workers_share_a_step_among_them(plan: Plan) -> None:
    alone = Plan(plan.lengths, plan.batch, plan.epochs, plan.seed, 1, plan.max_tokens)
    for step in range(plan.num_steps):
        workers = plan.step(step)
        assert len(workers) == plan.world
        assert len({len(packs) for packs in workers}) == 1  # collective calls: as many packs for everyone
        shared = Counter(index for packs in workers for pack in packs for index in pack)
        assert shared == Counter(alone.samples(step))


@given(PLANS)
def test_no_pack_is_too_long(plan: Plan) -> None:
    packs = [pack for step in range(plan.num_steps) for worker in plan.step(step) for pack in worker]
    assert max(sum(plan.lengths[index] for index in pack) for pack in packs) <= plan.max_tokens


def test_epochs_and_seeds_are_shuffled_apart() -> None:
    plan, other = (Plan([1] * 50, batch=50, epochs=2, seed=seed) for seed in (1, 2))
    assert plan.samples(0) != plan.samples(1) != other.samples(1)
    assert plan.samples(0) != list(range(50)) and plan.samples(0) == Plan([1] * 50, 50, 2, 1, world=8).samples(0)


def test_the_papers_numbers_of_steps() -> None:
    assert Plan([1] * 44_019, batch=256, epochs=2, seed=0).num_steps == 344  # Dual 5: 44,019 samples of GSXray
    assert Plan([1] * 52_124, batch=64, epochs=1, seed=0).num_steps == 815  # One 3: 52,124 captions


@pytest.mark.parametrize("num", [0, 1, 2, 6])
def test_the_next_step_is_made_while_one_is_used_and_no_other(num: int) -> None:
    from beltline.learning.loop import ahead

    made: list[int] = []

    def make(step: int) -> int:
        made.append(step)
        return -step

    used = []
    for found in ahead(range(3, 3 + num), make):
        assert len(made) <= len(used) + 2
        used.append(found)
    assert used == [-step for step in range(3, 3 + num)] and made == [-step for step in used]


def test_what_fails_beforehand_fails_when_its_turn_comes() -> None:
    from beltline.learning.loop import ahead

    found = ahead([1, 0, 2], lambda step: 1 / step)
    assert next(found) == 1
    with pytest.raises(ZeroDivisionError):
        next(found)
