"""The screens' teeth: injected faults are named, and little else is."""

import pytest

from beltline.language.faults import FaultyDescriber, Rates, teeth, verdict_teeth
from beltline.language.grammar import describe

NUM_BAGS = 700


@pytest.fixture(scope="module")
def faulty_rows(random_facts):
    describer = FaultyDescriber(seed=3)
    bags = [random_facts(seed) for seed in range(NUM_BAGS)]
    return [(facts, *describer(facts, seed)) for seed, facts in enumerate(bags)]


def test_without_faults_it_is_the_describer(random_facts):
    never = FaultyDescriber(Rates(omission=0, wrong_class=0, wrong_side=0, contradiction=0), seed=5)
    for seed in range(30):
        facts = random_facts(seed)
        assert never(facts, seed) == (describe(facts, (5, seed)), [])


def test_faults_come_at_their_rates(faulty_rows):
    items = sum(len(facts.items) for facts, _, _ in faulty_rows)
    for kind in ("omission", "wrong_class"):
        found = sum(fault.kind == kind for _, _, faults in faulty_rows for fault in faults)
        assert 0.08 < found / items < 0.12
    assert all(
        any(f.kind == kind for _, _, faults in faulty_rows for f in faults) for kind in ("wrong_side", "contradiction")
    )


def test_recall_and_precision_by_statement(faulty_rows):
    table = teeth(faulty_rows)
    for name, bite in table.items():
        assert bite.recall is not None and bite.recall >= 0.9, f"{name}: {bite}"
    for screen in ("coverage", "alignment", "contradiction"):
        assert table[screen].precision is not None and table[screen].precision >= 0.95, f"{screen}: {table[screen]}"


def test_recall_and_precision_by_caption(faulty_rows):
    for name, bite in verdict_teeth(faulty_rows).items():
        assert bite.recall >= 0.9 and bite.precision >= 0.95, f"{name}: {bite}"
