"""Questions that all get right or all get wrong go with a reason; nothing is lost, and what is left can be brought into balance."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from fractions import Fraction
from itertools import permutations
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.exam.answers import LETTERS
from beltline.exam.consensus import (
    HARD,
    HEAD,
    TRIVIAL,
    UNBALANCED,
    Agreed,
    Answerer,
    Rule,
    agree,
    correlated,
    fellows,
    imbalances,
    rows,
)
from beltline.exam.scoring import grade
from beltline.exam.tasks import Question
from beltline.verdict import KEEP, Reject

OPTIONS = ("above", "below", "level")
Right = Iterable[Iterable[bool | None]]
"""Seeds of questions; None is silence."""


def question(number: int, right: int = 0, pair: str = "gun-knife") -> Question:
    same = {"exam": "dualxray", "task": "SR" if number % 2 else "CO", "question": f"Where is {pair}?"}
    return Question(
        **same, options=OPTIONS, answer=LETTERS[right], group=f"bag/{number}", scan=number, words={"pair": pair}
    )


def answerer(name: str, asked: list[Question], right: Right) -> Answerer:
    """Right, wrong with the next letter, or silent."""
    wrong = {"A": "B", "B": "C", "C": "A"}
    replies = [
        {"question_id": one.id, "seed": seed, "reply": None if ok is None else one.answer if ok else wrong[one.answer]}
        for one, seeds in zip(asked, right, strict=True)
        for seed, ok in enumerate(seeds)
    ]
    return Answerer(name=name, graded=grade(asked, replies))


def reasons(agreed: list[Agreed]) -> list[str | None]:
    return [one.verdict.reason if isinstance(one.verdict, Reject) else None for one in agreed]


def test_nothing_agrees_on_nothing() -> None:
    nobody = [Answerer(name="a", graded=[]), Answerer(name="b", graded=[])]
    assert agree([], nobody, Rule(rebalance=True)) == []
    assert fellows([]) == {} and imbalances([]) == {}
    assert rows([]) == [("all", *["0"] * (len(HEAD) - 1))]


def test_one_alone_one_twice_and_one_elsewhere_are_refused() -> None:
    asked = [question(n) for n in range(3)]
    one = answerer("a", asked, [[True]] * 3)
    with pytest.raises(ValueError, match="at least 2 answerers"):
        agree(asked, [one], Rule())
    with pytest.raises(ValueError, match="every answerer once"):
        agree(asked, [one, one], Rule())
    with pytest.raises(ValueError, match="b answered another exam"):
        agree(asked[:2], [answerer("a", asked[:2], [[True]] * 2), answerer("b", asked, [[True]] * 3)], Rule())


@pytest.mark.parametrize("trivial, hard", [(0.5, 0.5), (0.2, 0.4), (1.1, 0.0), (1.0, -0.1), (float("nan"), 0.0)])
def test_thresholds_that_cross_are_refused(trivial: float, hard: float) -> None:
    with pytest.raises(ValueError, match="expected 0 <= hard < trivial <= 1"):
        Rule(trivial=trivial, hard=hard)


def test_a_score_is_the_mean_of_answerers_however_many_seeds_each_has() -> None:
    asked = [question(1)]
    [found] = agree(
        asked, [answerer("a", asked, [[True]]), answerer("b", asked, [[True, False, False, False]])], Rule()
    )
    assert found.score == Fraction(5, 8), "not 2 of 5: a model with more seeds has no more to say"
    told = json.loads(found.column())
    assert told["by"] == {"a": 1.0, "b": 0.25} and told["score"] == 0.625
    assert told["letters"] == {"A": 2, "B": 3}


EDGES = [(0, 0.8, 0.6, HARD), (3, 0.8, 0.6, HARD), (4, 0.8, 0.6, TRIVIAL), (3, 0.8, 0.4, None), (1, 0.8, 0.2, HARD)]


@pytest.mark.parametrize("num_right, trivial, hard, reason", EDGES)
def test_thresholds_are_inclusive(num_right: int, trivial: float, hard: float, reason: str | None) -> None:
    """Also where the float lies above four fifths (0.8) or below three (0.6)."""
    asked = [question(1)]
    five = [answerer(str(n), asked, [[n < num_right]]) for n in range(5)]
    assert reasons(agree(asked, five, Rule(trivial=trivial, hard=hard))) == [reason]


def test_thirds_of_seeds_reach_one() -> None:
    asked = [question(1)]
    assert reasons(agree(asked, [answerer(n, asked, [[True] * 3]) for n in "abc"], Rule())) == [TRIVIAL]


def test_hard_questions_stay_when_told_and_are_marked() -> None:
    asked = [question(1), question(2)]
    two = [answerer("a", asked, [[False], [True]]), answerer("b", asked, [[False], [False]])]
    [gone, _] = agree(asked, two, Rule())
    assert isinstance(gone.verdict, Reject) and "a person should look at it" in gone.verdict.detail
    kept = agree(asked, two, Rule(keep_hard=True))
    assert reasons(kept) == [None, None]
    assert [json.loads(one.column())["hard"] for one in kept] == [True, False]


def test_who_never_answered_is_wrong_and_counted() -> None:
    asked = [question(1), question(2)]
    mute = Answerer(
        name="mute",
        graded=grade(
            asked,
            [
                {"question_id": asked[0].id, "seed": 0, "reply": "I cannot tell."},
                {"question_id": asked[1].id, "seed": 0, "reply": asked[1].answer},
            ],
        ),
    )
    first, second = agree(asked, [mute, answerer("b", asked, [[False], [True]])], Rule())
    assert (first.silent, second.silent) == (("mute",), ())
    assert isinstance(first.verdict, Reject) and "2 answerers, 1 of whom never answered it" in first.verdict.detail
    assert first.letters == {"B": 1}


heard = st.sampled_from([True, False, None])
six = st.one_of(
    *[st.just(((ok, ok),) * 3) for ok in (True, False)],  # often enough that every run has some of each
    st.tuples(*[st.tuples(heard, heard)] * 3),
)
drawn = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from("xy"), six),
    max_size=40,
)


def put(
    drawn_rows: list[tuple[int, str, tuple[tuple[bool | None, ...], ...]]],
) -> tuple[list[Question], list[Answerer]]:
    asked = [question(n, right, pair) for n, (right, pair, _) in enumerate(drawn_rows)]
    return asked, [answerer(name, asked, [row[2][k] for row in drawn_rows]) for k, name in enumerate("abc")]


@settings(max_examples=60, deadline=None)
@given(drawn, st.booleans(), st.booleans())
def test_nothing_is_lost_and_the_rule_is_the_rule(drawn_rows, keep_hard: bool, rebalance: bool) -> None:
    asked, three = put(drawn_rows)
    found = agree(asked, three, Rule(keep_hard=keep_hard, rebalance=rebalance))
    assert [one.question for one in found] == asked
    for one, row in zip(found, drawn_rows, strict=True):
        num = sum(bool(ok) for seeds in row[2] for ok in seeds)
        expected = TRIVIAL if num == 6 else HARD if num == 0 and not keep_hard else None
        assert one.score == Fraction(num, 6)
        assert reasons([one])[0] in ((expected, UNBALANCED) if rebalance and expected is None else (expected,))
    *tasks, total = rows(found)
    for column in range(1, 6):
        assert sum(int(line[column]) for line in tasks) == int(total[column])
    assert int(total[1]) == len(asked) == sum(map(int, total[2:6]))


@settings(max_examples=60, deadline=None)
@given(drawn)
def test_rebalanced_strata_are_in_balance_and_give_up_no_more_than_they_must(drawn_rows) -> None:
    asked, three = put(drawn_rows)
    plain, even = agree(asked, three, Rule()), agree(asked, three, Rule(rebalance=True))
    left: dict[str, Counter[str]] = defaultdict(Counter)
    kept: dict[str, Counter[str]] = defaultdict(Counter)
    for before, after in zip(plain, even, strict=True):
        left[before.question.stratum][before.question.role] += before.verdict == KEEP
        kept[after.question.stratum][after.question.role] += after.verdict == KEEP
    for stratum, counts in kept.items():
        assert [counts[role] for role in OPTIONS] == [min(left[stratum][role] for role in OPTIONS)] * 3
        assert imbalances(even)[stratum].after == 0
        spread = [left[stratum][role] for role in OPTIONS]
        assert imbalances(plain)[stratum].after == max(spread) - min(spread)
        said = [sum(one.stratum == stratum and one.role == role for one in asked) for role in OPTIONS]
        assert imbalances(plain)[stratum].before == max(said) - min(said)


@settings(max_examples=20, deadline=None)
@given(drawn)
def test_the_order_of_answerers_does_not_matter(drawn_rows) -> None:
    asked, three = put(drawn_rows)
    first, *others = [agree(asked, order, Rule(rebalance=True)) for order in permutations(three)]
    for other in others:
        assert other == first
        assert [one.column() for one in other] == [one.column() for one in first]


def test_discrimination_is_the_correlation_with_the_rest_of_the_exam() -> None:
    asked = [question(n) for n in range(12)]
    rng = np.random.default_rng(3)
    right = rng.random((5, 12)) < np.linspace(0.2, 0.8, 5)[:, None]
    found = agree(asked, [answerer(str(n), asked, [[bool(ok)] for ok in row]) for n, row in enumerate(right)], Rule())
    for column, one in enumerate(found):
        here, rest = right[:, column], np.delete(right, column, axis=1).mean(axis=1)
        if here.min() == here.max():
            assert one.discrimination is None
        else:
            assert one.discrimination == pytest.approx(np.corrcoef(here, rest)[0, 1], abs=1e-4)
    for number, (name, value) in enumerate(fellows(found).items()):
        others = np.delete(right, number, axis=0).mean(axis=0)
        assert name == str(number) and value == pytest.approx(np.corrcoef(right[number], others)[0, 1], abs=1e-4)
    assert mean(one.discrimination or 0 for one in found) > 0


def test_a_share_that_is_the_same_for_all_correlates_with_nothing() -> None:
    third = Fraction(1, 3)
    assert correlated([third, third, third], [Fraction(0), third, Fraction(1)]) is None
    assert correlated([Fraction(0), third, Fraction(1)], [third] * 3) is None
    assert correlated([Fraction(0), Fraction(1)], [Fraction(1), Fraction(0)]) == -1.0
