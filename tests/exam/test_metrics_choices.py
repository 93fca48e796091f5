"""Accuracy and F1: scikit-learn's numbers, no answer dropped, both means, one exam for every model."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from beltline.exam.metrics import choices, intervals
from beltline.exam.metrics.choices import Answer

GIVEN = st.sampled_from(["A", "B", "C", "X", None])
ROWS = st.lists(
    st.builds(
        lambda task, bag, gold, given, refuse: Answer(
            task=task,
            bag=bag,
            gold=gold,
            given=given,
            missing=None if given else ("refused" if refuse else "invalid"),
        ),
        st.sampled_from(["CT", "OR"]),
        st.sampled_from("abcdef"),
        st.sampled_from(["A", "B", "C"]),
        GIVEN,
        st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


def test_no_answers() -> None:
    with pytest.raises(ValueError, match="at least one answer"):
        choices.score([])
    with pytest.raises(ValueError, match="answer or a reason"):
        choices.score([Answer(task="CT", bag="a", gold="A", given="A", missing="invalid")])
    with pytest.raises(ValueError, match="answer or a reason"):
        choices.score([Answer(task="CT", bag="a", gold="A", given=None, missing="tired")])


@given(ROWS)
@settings(max_examples=60)
def test_every_cell_agrees_with_scikit_learn(rows: list[Answer]) -> None:
    scores = choices.score(rows, rounds=2)
    for task, cell in scores.tasks.items():
        gold = [row.gold for row in rows if row.task == task]
        given_ = [row.given or "none" for row in rows if row.task == task]
        answers = sorted({*gold, "A", "B", "C", "X"})
        f1 = dict(zip(("macro", "micro"), (sorted(set(gold)), answers), strict=True))
        assert cell.accuracy == pytest.approx(sk.accuracy_score(gold, given_))
        for kind, labels in f1.items():
            expected = sk.f1_score(gold, given_, labels=labels, average=kind, zero_division=0)
            assert getattr(cell, f"{kind}_f1") == pytest.approx(expected), kind
        assert cell.num == len(gold) and cell.num_classes == len(set(gold))
        assert cell.num_valid + cell.num_invalid + cell.num_refused == cell.num
        assert cell.num_refused == sum(row.task == task and row.missing == "refused" for row in rows)
        assert cell.num_valid == sum(row.task == task and row.given is not None for row in rows)


@given(ROWS)
@settings(max_examples=40)
def test_both_means_over_tasks(rows: list[Answer]) -> None:
    scores = choices.score(rows, rounds=2)
    for figure in choices.FIGURES:
        each = [(getattr(cell, figure), cell.num) for cell in scores.tasks.values()]
        assert scores.macro[figure].estimate == pytest.approx(np.mean([value for value, _ in each]))
        assert scores.micro[figure].estimate == pytest.approx(sum(v * n for v, n in each) / len(rows))
    assert scores.micro["accuracy"].estimate == pytest.approx(np.mean([row.given == row.gold for row in rows]))


def test_by_hand() -> None:
    """Golds A A B, given A, nothing, A. Accuracy 1/3; F1 of A 2*1/(2+2) = 1/2, of B 0, macro 1/4; micro 2*1/(3+2) = 2/5."""
    given_ = [("A", "A", None), ("A", None, "refused"), ("B", "A", None)]
    rows = [Answer(task="CT", bag=str(i), gold=g, given=a, missing=m) for i, (g, a, m) in enumerate(given_)]
    cell = choices.score(rows, rounds=2).tasks["CT"]
    assert (cell.accuracy, cell.macro_f1, cell.micro_f1) == pytest.approx((1 / 3, 1 / 4, 2 / 5))
    assert (cell.num, cell.num_valid, cell.num_invalid, cell.num_refused) == (3, 2, 0, 1)


def test_macro_and_micro_part_on_uneven_tasks() -> None:
    """The counts of One App. D; 0.4 right in five tasks, 0.9 in the largest: (5 * 0.4 + 0.9) / 6 against the pooled share."""
    counts = {"Location": 3430, "Counting": 2495, "Identity": 2924, "Feature": 1545, "Misleading": 5848, "Basic": 1427}
    right = dict.fromkeys(counts, 0.4) | {"Misleading": 0.9}
    rows = [
        Answer(task=task, bag=str(i % 700), gold="A", given="A" if i < round(right[task] * num) else "B")
        for task, num in counts.items()
        for i in range(num)
    ]
    scores = choices.score(rows, rounds=20)
    assert len(rows) == 17_669
    assert scores.macro["accuracy"].estimate == pytest.approx(29 / 60, abs=1e-3)
    assert scores.micro["accuracy"].estimate == pytest.approx(0.4 + 0.5 * 5848 / 17_669, abs=1e-3)


@given(ROWS, st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_order_changes_nothing(rows: list[Answer], turn: random.Random) -> None:
    turned = turn.sample(rows, len(rows))
    assert repr(choices.score(turned, rounds=20)) == repr(choices.score(rows, rounds=20))  # repr: NaN is NaN


def test_intervals_are_those_of_a_slow_bootstrap() -> None:
    """Macro F1 and macro accuracy computed by scikit-learn on the rows of each draw of bags."""
    rng = np.random.default_rng(2)
    rows = [
        Answer(
            task=str(rng.choice(["CT", "OR"])), bag=f"{i % 15:02}", gold=gold, given=gold if rng.random() < 0.6 else "A"
        )
        for i, gold in enumerate(rng.choice(["A", "B", "C"], 120).tolist())
    ]
    found, by_bag = choices.score(rows, rounds=1500), [[r for r in rows if r.bag == f"{b:02}"] for b in range(15)]
    drawn = [slow([row for i in rng.integers(0, 15, 15) for row in by_bag[i]]) for _ in range(150)]
    for column, figure in enumerate(("accuracy", "macro_f1")):
        low, high = np.quantile([one[column] for one in drawn], [0.025, 0.975])
        span = found.macro[figure]
        assert max(abs(low - span.low), abs(high - span.high)) < 0.3 * (high - low)
        assert span.estimate == pytest.approx(slow(rows)[column])


def slow(rows: list[Answer]) -> tuple[float, float]:
    accuracy, f1 = [], []
    for task in {row.task for row in rows}:
        gold, given_ = zip(*[(row.gold, row.given) for row in rows if row.task == task], strict=True)
        accuracy.append(sk.accuracy_score(gold, given_))
        f1.append(sk.f1_score(gold, given_, labels=sorted(set(gold)), average="macro", zero_division=0))
    return float(np.mean(accuracy)), float(np.mean(f1))


def test_the_classes_are_the_exams_not_the_models() -> None:
    """Wrong numbers cost the same, however many different ones are said."""

    def answered(*given_: str) -> list[Answer]:
        return [Answer(task="CT", bag=gold, gold=gold, given=a) for gold, a in zip("1231", given_, strict=True)]

    few, many = answered("1", "9", "9", "9"), answered("1", "7", "8", "9")
    assert choices.score(few, rounds=2).tasks == choices.score(many, rounds=2).tasks


def test_several_seeds_of_one_model_share_their_bags() -> None:
    one = [Answer(task="CT", bag=str(i // 2), gold="A" if i % 3 else "B", given="A") for i in range(30)]
    plain, thrice = choices.score(one, rounds=100), choices.score(one * 3, rounds=100)
    assert thrice.tasks["CT"].num == 90
    assert thrice.macro["accuracy"].low == pytest.approx(plain.macro["accuracy"].low)
    assert not math.isnan(plain.macro["macro_f1"].high) and isinstance(plain.macro["macro_f1"], intervals.Interval)
