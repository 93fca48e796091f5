"""What an answerer learns from other questions: each exam falls to the learners that it was built for; no bag teaches its own answers."""

from collections.abc import Callable, Sequence
from random import Random

import pytest

from beltline.exam.answers import LETTERS
from beltline.exam.audit import audit
from beltline.exam.blind import Answerer
from beltline.exam.blind_learned import LEARNERS, Folded, taught
from beltline.exam.tasks import Question, arranged

NUM = 1200
WORDS = ["".join(Random(n).sample("bcdfghjklmnpqrstvwxz", 6)) for n in range(40)]


def question(number: int, asks: str, options: Sequence[str], right: str, **more: object) -> Question:
    said = {"question": asks, "options": tuple(options), "answer": LETTERS[list(options).index(right)]}
    fields = {"exam": "made", "task": "SR", "group": f"bag/{number // 2}", "scan": number} | said | more
    return Question(**fields)  # type: ignore[arg-type]


def letter(rng: Random, number: int) -> Question:
    """B in seven of ten."""
    options = ["".join(rng.sample("bcdfghjklmnpqrstvwxz", 6)) for _ in range(4)]
    return question(number, "Which?", options, options[1 if rng.random() < 0.7 else rng.randrange(4)])


def category(rng: Random, number: int) -> Question:
    """Each pair has its answer, which the question's words do not show; each answer is right as often as any other."""
    pair = rng.randrange(8)
    return arranged(question(number, "Which?", WORDS[:4], WORDS[pair % 4], words={"pair": pair}), 1)


def common(rng: Random, number: int) -> Question:
    """Some things are right whenever they are offered; no two questions offer the same."""
    options = [WORDS[rng.randrange(5)], *rng.sample(WORDS[5:], 3)]
    return arranged(question(number, "Which?", options, options[0]), 1)


def cue(rng: Random, number: int) -> Question:
    """A word of the question goes with the right option; each option is right equally often."""
    right = rng.randrange(4)
    return arranged(question(number, f"Which is the {WORDS[20 + right]} one?", WORDS[:4], WORDS[right]), 1)


MAKERS: dict[str, tuple[Callable[[Random, int], Question], set[str]]] = {
    "majority letter": (letter, {"majority letter (folds)"}),
    "prior given words": (category, {"prior given words (folds)"}),
    "prior given task": (common, {"prior given task (folds)", "text classifier (folds)"}),
    "text classifier": (cue, {"text classifier (folds)"}),
}


def fallen(questions: Sequence[Question], lesson: Sequence[Question] = ()) -> set[str]:
    return {line.answerer for line in audit(questions, lesson, rounds=200).lines if line.gap > 0.1}


@pytest.mark.parametrize("name", LEARNERS)
def test_nothing_learned_still_answers_with_letters_in_balance(name: str) -> None:
    asked = [question(n, "Which?", WORDS[:4], WORDS[0]) for n in range(400)]
    assert LEARNERS[name].fit([])([]) == [] and Folded(LEARNERS[name], 1)([]) == []
    letters = LEARNERS[name].fit([])(asked)
    assert min(letters.count(each) for each in "ABCD") > 60
    assert set(Folded(LEARNERS[name], 1)(asked[:2])) <= set("ABCD")


@pytest.mark.parametrize("name", MAKERS)
def test_an_exam_falls_to_the_learner_that_it_was_built_for_and_to_no_other(name: str) -> None:
    make, expected = MAKERS[name]
    rng = Random(2)
    assert fallen([make(rng, number) for number in range(NUM)]) == expected


def test_an_exam_whose_answers_are_told_in_the_lesson_falls_to_the_lesson_alone() -> None:
    rng = Random(3)
    facts = [(f"What holds for {rng.choice(WORDS)} {n}?", rng.sample(WORDS, 4)) for n in range(1500)]
    asked = [
        arranged(question(n, asks, options, options[0], group=f"fact/{n}"), 1)
        for n, (asks, options) in enumerate(facts)
    ]
    lesson = [arranged(one, 2) for one in asked]
    assert fallen(asked) == set()
    assert fallen(asked, lesson) == {"prior given words (lesson)", "text classifier (lesson)"}


class Spy(Answerer):
    """A learner that keeps what it was shown."""

    def __init__(self, seen: list[tuple[set[str], set[str]]], read: Sequence[Question] = ()) -> None:
        self.seen, self.read = seen, read

    def fit(self, lesson: Sequence[Question]) -> "Spy":
        return Spy(self.seen, lesson)

    def figures(self, questions: Sequence[Question]) -> list[Sequence[float] | None]:
        self.seen.append(({one.group for one in self.read}, {one.group for one in questions}))
        return [[float(one.options.index(one.answer_text) == place) for place in range(4)] for one in questions]


def test_no_bag_teaches_its_own_answers() -> None:
    seen: list[tuple[set[str], set[str]]] = []
    asked = [question(n, "Which?", WORDS[:4], WORDS[n % 4], group=f"bag/{n % 37}") for n in range(300)]
    assert Folded(Spy(seen), 1)(asked) == [one.answer for one in asked]
    assert len(seen) == 5 and all(read and not read & own for read, own in seen)
    assert set().union(*(own for _, own in seen)) == {one.group for one in asked}


def test_a_long_lesson_is_read_in_part_the_same_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beltline.exam.blind_learned.MOST", 50)
    lesson = [cue(Random(n), n) for n in range(300)]
    asked = [cue(Random(900 + n), n) for n in range(100)]
    learner = LEARNERS["text classifier"]
    assert taught(learner, lesson, "SR")(asked) == taught(learner, lesson[::-1], "SR")(asked)


def test_a_lesson_of_another_task_is_read_where_there_is_none_of_its_own() -> None:
    other = [question(n, "Which?", WORDS[:4], WORDS[2], task="OA") for n in range(40)]
    own = [question(n, "Which?", WORDS[:4], WORDS[3]) for n in range(40)]
    asked = [question(n, "Which?", WORDS[:4], WORDS[0]) for n in range(9)]
    prior = LEARNERS["majority letter"]
    assert taught(prior, other, "SR")(asked) == ["C"] * 9 and taught(prior, other + own, "SR")(asked) == ["D"] * 9
