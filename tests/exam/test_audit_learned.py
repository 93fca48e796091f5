"""What an answerer learns from other questions: each exam falls to the learners that it was built for; no bag teaches its own answers."""

from collections.abc import Callable, Sequence
from random import Random

import pytest

from beltline.exam import blind_boxes
from beltline.exam.answers import LETTERS
from beltline.exam.audit import audit
from beltline.exam.blind import Answerer, box_of, denies, number_of
from beltline.exam.blind_learned import LEARNERS, Folded, drawn_even, evened, taught
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


def boxes_at(corners: Sequence[tuple[int, int]]) -> list[str]:
    return [f"[{x}, {y}, {x + 200}, {y + 200}]" for x, y in corners]


def gridded(rng: Random, number: int) -> Question:
    """A true box's left edge is a multiple of five, as it is where a picture is 200 pixels wide; the others' is any number."""
    left = [5 * rng.randrange(20, 120), *(rng.randrange(100, 600) for _ in range(3))]
    options = boxes_at(list(zip(left, rng.sample(range(100, 600), 4), strict=True)))
    return arranged(question(number, "Where?", options, options[0]), 1)


def leftmost(rng: Random, number: int) -> Question:
    """Four boxes around a place that is anywhere; the true one is the leftmost."""
    x, y = rng.randrange(40, 700), rng.randrange(40, 700)
    options = boxes_at(sorted((x + dx, y + rng.randrange(-40, 40)) for dx in rng.sample(range(-40, 40), 4)))
    return arranged(question(number, "Where?", options, options[0]), 1)


MAKERS: dict[str, tuple[Callable[[Random, int], Question], set[str]]] = {
    "majority letter": (letter, {"majority letter (folds)"}),
    "prior given words": (category, {"prior given words (folds)"}),
    "prior given task": (common, {"prior given task (folds)", "text classifier (folds)"}),
    "text classifier": (cue, {"text classifier (folds)"}),
    "edges of boxes": (gridded, {"edges of boxes (folds)", "places of boxes (folds)"}),
    "places of boxes": (leftmost, {"places of boxes (folds)"}),
}


def fallen(questions: Sequence[Question], lesson: Sequence[Question] = ()) -> set[str]:
    return {line.answerer for line in audit(questions, lesson, rounds=200).lines if line.gap > 0.1}


@pytest.mark.parametrize("name", [*LEARNERS, *blind_boxes.LEARNERS])
def test_nothing_learned_still_answers_with_letters_in_balance(name: str) -> None:
    learner = (LEARNERS | blind_boxes.LEARNERS)[name]
    asked = [question(n, "Which?", WORDS[:4], WORDS[0]) for n in range(400)]
    assert learner.fit([])([]) == [] and Folded(learner, 1)([]) == []
    letters = learner.fit([])(asked)
    assert min(letters.count(each) for each in "ABCD") > 60
    assert set(Folded(learner, 1)(asked[:2])) <= set("ABCD")


@pytest.mark.parametrize("name", blind_boxes.LEARNERS)
def test_what_is_no_box_is_never_taken_for_one(name: str) -> None:
    """Half of the exam offers none; a fifth option says that there is nothing."""
    rng = Random(5)
    asked = [leftmost(rng, n) for n in range(200)] + [
        question(n, "Which?", WORDS[:4], WORDS[0]) for n in range(200, 400)
    ]
    asked += [question(n, "Where?", ("nothing", *leftmost(rng, n).options), "nothing") for n in range(400, 500)]
    figures = list(Folded(blind_boxes.LEARNERS[name], 1).figures(asked))
    assert all(one is not None for one in figures[:200]) and all(one is None for one in figures[200:400])
    assert all(one is not None and one[0] == -float("inf") for one in figures[400:])


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


def block(number: int, marked: float, rng: Random) -> list[Question]:
    """Three questions of a stratum of their own, each option right once; a share of them says a word that goes with "left"."""
    options = ["left", "right", "behind"]
    return [
        question(
            3 * number + place,
            f"Where is the {'tall' if right == 'left' and rng.random() < marked else 'flat'} one?",
            options,
            right,
            group=f"bag/{rng.randrange(10**6)}",
            words={"pair": number},
        )
        for place, right in enumerate(options)
    ]


@pytest.mark.parametrize(("marked", "low", "high"), [(0.0, -0.03, 0.03), (0.3, 0.06, 0.14)])
def test_what_is_held_out_of_an_even_draw_is_not_given_away_by_the_rest(marked: float, low: float, high: float) -> None:
    """Without care a learner falls to 0 of 3 on blocks, and the word in three of ten lefts drowns in that."""
    rng = Random(4)
    asked = [arranged(one, 1) for number in range(500) for one in block(number, marked, rng)]
    assert drawn_even(asked)
    lines = {line.answerer: line for line in audit(asked, rounds=100).lines}
    assert lines["prior given words (folds)"].gap == pytest.approx(0, abs=1e-9)
    assert low < lines["text classifier (folds)"].gap < high


def test_only_whole_blocks_are_learnt_of_an_even_draw() -> None:
    one, other = block(1, 0, Random(1)), block(2, 0, Random(2))
    assert evened([]) == [] and drawn_even([*one, *other]) and not drawn_even([*one, *other[:2]])
    for lesson in ([*one, *other[:2]], [*one, one[0]]):
        assert {each.id for each in evened(lesson)} == {each.id for each in one} and len(evened(lesson)) == 3
    roles = {"details": {"roles": ["0", "1", "2"], "role": "1"}}
    assert evened([question(1, "Which?", WORDS[:3], WORDS[0], **roles)]) == []


def test_an_exam_that_is_uneven_by_chance_is_learnt_as_it_is() -> None:
    """Pairs of yes/no questions, answers tossed: half of the pairs are even, and to drop those alone would feign a leak."""
    rng = Random(6)
    asked = [
        question(n, "Is it?", ["aye", "nay"], rng.choice(["aye", "nay"]), group=f"bag/{n}", words={"pair": n // 2})
        for n in range(3000)
    ]
    assert not drawn_even(asked)
    lines = {line.answerer: line for line in audit(asked, rounds=100).lines}
    assert abs(lines["prior given words (folds)"].gap) < 0.03


def test_what_options_say() -> None:
    assert box_of("[12, 3, 400, 50.5]") == (12.0, 3.0, 400.0, 50.5)
    assert box_of("<box>12, 3, 400, 50</box>") == (12, 3, 400, 50) and box_of("12 of 400") is None
    assert box_of("1, 2, 3, 4, 5") is None
    assert [number_of(each) for each in ("Two", "None", "more than three", "14 mm", "[1, 2, 3, 4]")] == [
        2,
        0,
        None,
        14,
        None,
    ]
    assert all(map(denies, ("No", "There is no lighter in the image.", "None of the above", "Not Present")))
    assert not any(map(denies, ("Nose", "Toward the corner", "Yes, no doubt", "Notebook")))
