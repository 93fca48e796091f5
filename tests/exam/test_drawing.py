"""Within a stratum every option is right equally often, whatever the candidates are, and nothing depends on their order."""

import json
from collections import Counter, defaultdict
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.exam.answers import LETTERS
from beltline.exam.drawing import draw, shortage
from beltline.exam.tasks import Evidence, Question, arranged, ask, rearranged, score

OPTIONS = ("above", "below", "level")


def question(number: int, answer: str, pair: str = "gun-knife", group: str | None = None) -> Question:
    return Question(
        exam="dualxray",
        task="SR",
        question=f"Where is {pair}?",
        options=OPTIONS,
        answer=LETTERS[OPTIONS.index(answer)],
        group=group or f"bag/{number}",
        scan=number,
        views=("top", "side"),
        words={"pair": pair},
        evidence=(Evidence(view="top", category="gun", item=0, xyxy=(1.0, 2.0, 3.0, 4.5)),),
    )


def test_nothing_gives_nothing() -> None:
    assert draw([], num=10, seed=1) == []
    assert (
        shortage([], 10) == "expected 10 questions, found 0 with answers in balance: give more bags, or ask for fewer"
    )
    assert shortage([], 0) is None


def test_a_row_reads_back_as_the_question() -> None:
    one = question(3, "below")
    assert Question.of(one.row()) == one
    named = Question(
        **{**{n: getattr(one, n) for n in one.__dataclass_fields__}, "source_id": "26000", "details": {"rule": "paper"}}
    )
    assert Question.of(named.row()) == named
    assert named.id != one.id


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(OPTIONS), st.sampled_from(["a", "b", "c"])), max_size=120), st.integers(0, 5))
def test_options_of_a_stratum_are_right_equally_often(answers: list[tuple[str, str]], seed: int) -> None:
    candidates = [question(number, answer, pair) for number, (answer, pair) in enumerate(answers)]
    chosen = draw(candidates, num=1000, seed=seed)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in chosen:
        counts[one.stratum][one.answer_text] += 1
    for stratum, found in counts.items():
        there = Counter(one.answer_text for one in candidates if one.stratum == stratum)
        assert found == {option: min(there[option] for option in OPTIONS) for option in OPTIONS}
    shuffled = list(candidates)
    Random(seed).shuffle(shuffled)
    assert draw(shuffled, num=1000, seed=seed) == chosen


def test_a_stratum_in_which_an_option_is_never_right_gives_none() -> None:
    assert draw([question(n, "above" if n % 2 else "below") for n in range(20)], num=10, seed=1) == []


def test_a_bag_gives_no_more_than_its_share_and_no_question_comes_twice() -> None:
    candidates = [question(n, OPTIONS[n % 3], pair=f"p{n % 5}", group=f"bag/{n % 4}") for n in range(600)]
    chosen = draw(candidates + candidates, num=1000, seed=1, per_group=30)
    assert max(Counter(one.group for one in chosen).values()) <= 30
    assert len({one.id for one in chosen}) == len(chosen) > 30


def test_rare_strata_have_their_turn() -> None:
    candidates = [question(n, OPTIONS[n % 3], pair="often") for n in range(900)]
    candidates += [question(1000 + n, OPTIONS[n % 3], pair="rare") for n in range(30)]
    found = Counter(one.words["pair"] for one in draw(candidates, num=60, seed=1))
    assert found == {"often": 30, "rare": 30}


def test_options_of_one_picture_alone_are_balanced_by_the_role_of_the_right_one() -> None:
    def boxed(number: int, role: str) -> Question:
        details = {"role": role, "roles": ["inner", "outer"]}
        fields = {"exam": "m", "task": "location", "question": "Where?", "answer": "A", "group": f"bag/{number}"}
        return Question(**fields, options=(f"[{number}]", f"[-{number + 1}]"), details=details)

    candidates = [boxed(number, "inner" if number % 4 else "outer") for number in range(40)]
    assert Counter(one.role for one in draw(candidates, num=100, seed=1)) == {"inner": 10, "outer": 10}
    assert draw([boxed(number, "inner") for number in range(9)], num=4, seed=1) == []
    assert Question.of(candidates[3].row()).role == "inner"


def test_letters_are_right_equally_often_once_arranged() -> None:
    found = Counter(arranged(question(n, "above"), seed=1).answer for n in range(3000))
    assert set(found) == set("ABC")
    assert max(abs(count - 1000) for count in found.values()) < 4 * (3000 * 2 / 9) ** 0.5


def test_rearranged_keeps_the_answer_and_refuses_other_options() -> None:
    one = question(1, "below")
    other = rearranged(one, ("level", "below", "above"))
    assert (other.answer, other.answer_text, other.id) == ("B", "below", one.id)
    with pytest.raises(ValueError, match="expected the options"):
        rearranged(one, ("level", "below", "beside"))


@pytest.mark.parametrize("options, answer", [(("a",), "A"), (("a", "a"), "A"), (("a", "b"), "C")])
def test_a_question_has_one_right_option_of_several(options: tuple[str, ...], answer: str) -> None:
    with pytest.raises(ValueError, match="question: expected"):
        Question(exam="e", task="t", question="?", options=options, answer=answer, group="g")


def test_asking_and_scoring_agree_on_the_letters() -> None:
    one = question(1, "level")
    assert ask(one).splitlines()[1:4] == ["A. above", "B. below", "C. level"]
    assert score(one, "C").correct
    assert not score(one, "A").correct
    silent = score(one, "")
    assert (silent.correct, silent.reading.status) == (False, "no-response")
    assert json.loads(one.row()["evidence"])[0]["xyxy"] == [1.0, 2.0, 3.0, 4.5]
