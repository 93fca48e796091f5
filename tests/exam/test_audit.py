"""An exam built to fall to one answerer falls to that one and to no other; a fair exam falls to none."""

from collections.abc import Callable
from random import Random

import pytest

from beltline.exam.answers import LETTERS
from beltline.exam.audit import Audit, audit, chances
from beltline.exam.blind import RULES
from beltline.exam.drawing import draw
from beltline.exam.tasks import Question, arranged

NUM = 1000
Made = tuple[str, list[str], str]
"""Words of a question, its options, the right one."""


def question(number: int, asks: str, options: list[str], right: str, task: str = "SR", **more: object) -> Question:
    said = {"question": asks, "options": tuple(options), "answer": LETTERS[options.index(right)]}
    return Question(exam="made", task=task, group=f"bag/{number // 2}", scan=number, **said, **more)  # type: ignore[arg-type]


def exam(make: Callable[[Random], Made], num: int = NUM, *, shuffled: bool = True, seed: int = 5) -> list[Question]:
    """Questions of a maker, options in a fair order unless the order is the point."""
    rng = Random(seed)
    made = [question(number, *make(rng)) for number in range(num)]
    return [arranged(one, seed) for one in made] if shuffled else made


def fallen(found: Audit) -> set[str]:
    return {line.answerer for line in found.lines if line.gap > 0.1}


def coded(rng: Random, num: int = 4) -> list[str]:
    """Options of equal length that are alike in nothing."""
    return ["".join(rng.sample("bcdfghjklmnpqrstvwxz", 6)) for _ in range(num)]


def first(rng: Random) -> Made:
    options = coded(rng)
    return "Which?", options, options[0]


def last(rng: Random) -> Made:
    options = coded(rng)
    return "Which?", options, options[-1]


def longest(rng: Random) -> Made:
    options = coded(rng)
    return "Which?", [options[0] + "qz", *options[1:]], options[0] + "qz"


def shortest(rng: Random) -> Made:
    options = coded(rng)
    return "Which?", [options[0][:4], *options[1:]], options[0][:4]


def yes(rng: Random) -> Made:
    options = ["yes " + coded(rng, 1)[0], "nay " + coded(rng, 1)[0]]
    return "Is it?", options, options[0]


def no(rng: Random) -> Made:
    options = ["may " + coded(rng, 1)[0], "not " + coded(rng, 1)[0]]
    return "Is it?", options, options[1]


def perturbed(rng: Random) -> Made:
    """The papers' way: distractors around the right box, which lies in their middle; all of one area."""
    x, y = rng.randint(300, 500), rng.randint(300, 500)
    options = [
        f"[{x + dx}, {y + dy}, {x + dx + 200}, {y + dy + 200}]" for dx, dy in ((0, 0), (60, 9), (-60, 50), (-7, -60))
    ]
    return "Where?", options, options[0]


def sized(sign: int) -> Callable[[Random], Made]:
    """Boxes around one centre, sizes a, b, c, d: the middle ones are like each other, the outer ones are not."""

    def make(rng: Random) -> Made:
        x, y = rng.randint(300, 500), rng.randint(300, 500)
        halves = [100, 150, 160, 210]
        options = [f"[{x - h}, {y - h}, {x + h}, {y + h}]" for h in halves]
        return "Where?", options, options[-1 if sign > 0 else 0]

    return make


def counted(place: int) -> Callable[[Random], Made]:
    def make(rng: Random) -> Made:
        low = rng.randint(20, 40)
        options = [str(low), str(low + 7), str(low + 21)]
        return "How many?", options, options[place]

    return make


def alike(place: int) -> Callable[[Random], Made]:
    """Three options share a stem, the second of them with both others; one shares nothing."""

    def make(rng: Random) -> Made:
        one, two, odd = ("".join(rng.sample(letters, 6)) for letters in ("bcdfghj", "klmnpqr", "stvwxzy"))
        options = [f"{one} aaaaaa", f"{one} {two}", f"oooooo {two}", f"{odd} {odd[::-1]}"]
        return "Which?", options, options[place]

    return make


def echoed(rng: Random) -> Made:
    options = coded(rng)
    return f"Where is the {options[0]}?", options, options[0]


EXAMS: dict[str, tuple[list[Question], set[str]]] = {
    "first letter": (exam(first, shuffled=False), {"first letter"}),
    "last letter": (exam(last, shuffled=False), {"last letter"}),
    "longest option": (exam(longest), {"longest option"}),
    "shortest option": (exam(shortest), {"shortest option"}),
    "always yes": (exam(yes), {"always yes"}),
    "always no": (exam(no), {"always no"}),
    "medoid of boxes": (exam(perturbed), {"medoid of boxes", "nearest to the mean box"}),
    "largest box": (exam(sized(1)), {"largest box"}),
    "smallest box": (exam(sized(-1)), {"smallest box"}),
    "middle number": (exam(counted(1)), {"middle number"}),
    "largest number": (exam(counted(2)), {"largest number"}),
    "smallest number": (exam(counted(0)), {"smallest number"}),
    "lexical medoid": (exam(alike(1)), {"lexical medoid"}),
    "odd one out": (exam(alike(3)), {"odd one out"}),
    "echo of the question": (exam(echoed), {"echo of the question"}),
}


def test_nothing_asked_is_nothing_found() -> None:
    found = audit([])
    assert found.rows() == [] and found.refused() == [] and found.best() == {} and found.overall() is None
    assert chances([]).tolist() == []


@pytest.mark.parametrize("name", EXAMS)
def test_an_exam_falls_to_the_rule_that_it_was_built_for_and_to_no_other(name: str) -> None:
    questions, expected = EXAMS[name]
    found = audit(questions, rounds=200)
    assert fallen(found) & set(RULES) == expected
    (sentence,) = found.refused()
    assert sentence.startswith("SR: expected at most 3.0 points over chance") and "balance the answers" in sentence


def test_no_rule_was_forgotten() -> None:
    assert set().union(*(expected for _, expected in EXAMS.values())) == set(RULES)


def fair(rng: Random) -> Made:
    """Counts, places and boxes in which each option is right as often as any other."""
    kind = rng.choice(["count", "place", "box", "polar"])
    if kind == "box":
        options = [f"[{x}, {y}, {x + rng.randint(50, 300)}, {y + 200}]" for x in (100, 400, 600) for y in (100, 500)]
    else:
        options = {"count": ["1", "2", "3", "5"], "place": ["above", "below", "level with it"], "polar": ["Yes", "No"]}[
            kind
        ]
    return f"{kind}?", options, rng.choice(options)


def test_a_fair_exam_holds_every_bound() -> None:
    questions = exam(fair, 6000)
    found = audit(questions, exam(fair, 1000, seed=6), rounds=300)
    assert found.refused() == []
    assert all(line.low <= line.accuracy <= line.high and line.gap <= line.gap_high <= 0.03 for line in found.lines)
    expected = sum(1 / len(one.options) for one in questions) / 6000
    assert [line.chance for line in found.lines] == pytest.approx([expected] * len(found.lines))


def test_the_drawn_exam_is_fair_though_the_bags_are_not() -> None:
    """Seven of nine candidates say "above"; the draw takes whole blocks."""
    rng, options = Random(3), ["above", "below", "level"]
    pairs = [f"pair {n}" for n in range(12)]
    candidates = [
        question(n, f"Where is {pair}?", options, rng.choices(options, [7, 1, 1])[0], words={"pair": pair})
        for n in range(18_000)
        for pair in [rng.choice(pairs)]
    ]
    drawn = [arranged(one, 1) for one in draw(candidates, num=5000, seed=1)]
    assert len(drawn) == 5000 and audit(drawn, rounds=300).refused() == []
    (sentence,) = audit([arranged(one, 1) for one in candidates[:2000]]).refused()
    assert sentence.startswith("SR") and "+4" in sentence


def test_too_few_questions_are_refused_for_want_of_certainty() -> None:
    """Forty in exact balance of letters and words: nothing found, and nothing sure."""
    pairs = [["aa", "bb"], ["bb", "aa"]]
    asked = [question(2 * n, "Which?", pairs[n % 4 // 2], "ab"[n % 2] * 2) for n in range(40)]
    found = audit(asked)
    assert found.best()["SR"].gap <= 0.03
    (sentence,) = found.refused()
    assert "draw more questions to tell" in sentence and found.refused(limit=0.5) == []


def test_a_task_is_audited_alone_and_the_same_for_one_seed() -> None:
    questions = exam(longest, 100) + [question(n, "Which?", ["aa", "b"], "b", task="OA") for n in range(100)]
    found, alone = audit(questions, seed=3), audit(questions[100:], seed=3)
    assert found == audit(questions, seed=3) and found != audit(questions, seed=4)
    assert set(found.best()) == {"SR", "OA"} and alone.lines == tuple(line for line in found.lines if line.task == "OA")


def test_bags_widen_the_interval() -> None:
    """The same answers, told by a hundred bags of ten questions or by a thousand of one."""
    rng = Random(1)
    right = [rng.randrange(2) for _ in range(200)]
    apart = [question(2 * n, "Which?", ["up", "do"], ["up", "do"][right[n // 10]]) for n in range(NUM)]
    together = [
        Question(**{**{name: getattr(one, name) for name in one.__dataclass_fields__}, "group": f"bag/{n // 10}"})
        for n, one in enumerate(apart)
    ]
    narrow, wide = (audit(each).best()["SR"] for each in (apart, together))
    assert wide.accuracy == narrow.accuracy and wide.high - wide.low > 2.5 * (narrow.high - narrow.low)


@pytest.mark.parametrize(
    ("answers", "num", "chance"),
    [
        ("ABCD", 100, 1 / 4),
        ("ABC", 100, 1 / 3),  # one option is never right
        ("A", 100, 1 / 4),  # an answer that is always right is no chance
        ("AB", 8, 1 / 4),  # too few to say that an option is never right
    ],
)
def test_chance_counts_the_options_that_are_ever_right(answers: str, num: int, chance: float) -> None:
    options = ["one", "two", "three", "four"]
    asked = [question(n, "Which?", options, options[LETTERS.index(answers[n % len(answers)])]) for n in range(num)]
    assert chances(asked).tolist() == pytest.approx([chance] * num)


def test_a_toss_between_equal_options_is_worth_its_mean_and_its_letters_are_fair() -> None:
    rule = RULES["longest option"]
    asked = exam(lambda rng: ("Which?", ["long", "tall", "mid"], rng.choice(["long", "tall", "mid"])), 900)
    assert set(rule.marks(asked)) == {0.0, 0.5}
    assert rule.marks(asked) == [0.5 * (one.answer_text != "mid") for one in asked]
    chosen = [one.options[LETTERS.index(letter)] for one, letter in zip(asked, rule(asked), strict=True)]
    assert set(chosen) == {"long", "tall"} and 400 < chosen.count("long") < 500
    assert RULES["medoid of boxes"].marks(asked) == [1 / 3] * 900
