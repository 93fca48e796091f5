"""Real vLLM on the CPU, its driver killed in mid-run: nothing lost, nothing doubled, and no question asked whose answer was stored.

That what it ends with is what an undisturbed server says, token for token, is in test_captions.py.
"""

import pytest

from beltline.cache import calls
from beltline.version import iter_rows, resolve, verify
from tests.vllm.asking import NUM_BAGS, Asked, answers, noted

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("asked", ["qwen3-vl"], indirect=True)
def test_a_driver_killed_between_answers(asked: Asked) -> None:
    assert 0 < len(asked.before) < NUM_BAGS
    store, words = asked.cluster, asked.words()
    bags = [row["id"] for row in iter_rows(store, resolve(store, "bags"))]
    assert sorted(row["id"] for row in iter_rows(store, words)) == sorted(bags) and len(bags) == NUM_BAGS
    assert verify(store, words.ref, deep=True) == []
    after = answers(store)
    assert {name: after[name] for name in asked.before} == asked.before
    anew = [name for journal, names in noted(store).items() if journal not in asked.noted for name in names]
    assert anew and not set(anew) & set(asked.before)
    assert set(anew) | {name for names in asked.noted.values() for name in names} == set(after)
    total, repeated = calls(store, f"words/.runs/{words.run}/asked")
    print(f"{len(asked.before)} answers at the kill; {total} noted for {len(after)} answers, {repeated} noted twice")
    assert total - repeated == len(after)
