"""The probe: answers come from the truth, the blind see nothing, the exam is balanced, the model is small and can learn."""

import dataclasses
import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from beltline.image.phantom import RECIPES
from benchmarks import halves, probe
from benchmarks.halves import Bags, Question

pytestmark = pytest.mark.learning
CLEAR = dataclasses.replace(RECIPES["clear"], seed=77)


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> Bags:
    """Sixteen bags, made in a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(halves.tempfile, "tempdir", str(tmp_path_factory.mktemp("bags")))
        return halves.make_bags(CLEAR, 0, 16)


def asked(seed: int, count: int = 400) -> list[Question]:
    """Questions with an answer that leans on the category and the kind, as a careless exam's would."""
    rng, names = random.Random(seed), CLEAR.categories[:5]
    found = []
    for number in range(count):
        kind, name = rng.randrange(3), rng.randrange(5)
        lean = 0.9 if (kind + name) % 2 else 0.1
        found.append(Question(bag=number // 2, kind=kind, category=names[name], answer=int(rng.random() < lean)))
    return found


def test_nothing_to_ask() -> None:
    assert halves.ask([], ((0, 0, 9, 9), (0, 0, 9, 9)), 0) == [] == halves.balanced([], 1) == halves.opposites([])
    assert halves.by_bag([]) == {} == halves.count_kinds([])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 47, 0), (0, 47.5, None), (0, 60, None), (53, 100, 1), (52.5, 100, None), (10, 20, 0), (80, 90, 1)],
)
@pytest.mark.parametrize("axis", [0, 1])
def test_a_half_is_clear_of_the_middle_or_not_asked(low: float, high: float, expected: int | None, axis: int) -> None:
    frame, box = [200.0, 200.0, 300.0, 300.0], [200.0, 200.0, 300.0, 300.0]
    box[axis], box[axis + 2] = 200 + low, 200 + high
    assert halves.half(tuple(box), tuple(frame), axis) == expected


def test_a_category_that_occurs_twice_is_not_asked_about() -> None:
    frame, left, right = (0.0, 0.0, 100.0, 100.0), (0.0, 0.0, 10.0, 10.0), (80.0, 80.0, 90.0, 90.0)
    once, twice = ("axe", left, left), [("gun", left, left), ("gun", right, right)]
    assert {q.category for q in halves.ask([once, *twice], (frame, frame), 3)} == {"axe"}
    assert [(q.bag, q.kind, q.answer) for q in halves.ask([once], (frame, frame), 3)] == [
        (3, 0, 0),
        (3, 1, 0),
        (3, 2, 0),
    ]


def test_answers_are_those_of_the_masks(bags: Bags) -> None:
    """The pixels' weight of the named item lies in the half that is the answer; items are found by row, not by box."""
    from beltline import masks

    assert len(bags.questions) > 16
    for number, (top, side, items) in enumerate(halves.rendered(CLEAR, 0, 16)):
        pictures = {"top": top, "side": side}
        for q in (one for one in bags.questions if one.bag == number):
            view, axis = halves.KINDS[q.kind]
            (item,) = (one for one in items if one.category == q.category)
            places = np.argwhere(masks.decode(getattr(item, f"{view}_mask"), (640, 480)))[:, 1 - axis]
            seen = np.argwhere((pictures[view] < 250).any(axis=2))[:, 1 - axis]
            assert int(places.mean() > (seen.min() + seen.max()) / 2) == q.answer


@given(st.integers(100, 500), st.integers(100, 400), st.integers(0, 100), st.integers(0, 60))
def test_the_middle_of_the_bag_is_the_middle_of_the_picture(width: int, height: int, x: int, y: int) -> None:
    rgb = np.full((480, 640, 3), 255, np.uint8)
    rgb[y : y + height, x : x + width // 2], rgb[y : y + height, x + width // 2 : x + width] = (255, 0, 0), (0, 0, 255)
    frame = halves.bag_frame(rgb)
    small = halves.fitted(rgb, frame)
    assert frame == (x, y, x + width, y + height) and small.shape == (144, 192, 3)
    red, blue = (
        np.flatnonzero((small[..., 2 - c] < 100).any(axis=0) & (small[..., c] > 150).any(axis=0)) for c in (0, 2)
    )
    assert abs(red.max() - 95.5) <= 2 and abs(blue.min() - 95.5) <= 2


@given(st.integers(0, 50))
def test_the_exam_has_as_many_of_either_answer_in_every_cell(seed: int) -> None:
    exam = halves.balanced(asked(seed), seed)
    assert len(exam) > 20 and set(exam) <= set(asked(seed))
    for cell in {(q.kind, q.category) for q in exam}:
        answers = [q.answer for q in exam if (q.kind, q.category) == cell]
        assert sum(answers) * 2 == len(answers)
    axes = [(q.bag, q.category, halves.KINDS[q.kind][1]) for q in exam]
    assert len(set(axes)) == len(axes)


def test_the_blind_read_the_question_only_and_fail_where_it_is_balanced() -> None:
    """Another bag number or another right answer changes nothing that they say; a leaning exam they pass, a balanced one not."""
    lessons, leaning = asked(1), asked(2)
    moved = [dataclasses.replace(q, bag=q.bag + 1000, answer=1 - q.answer) for q in leaning]
    says, again = halves.blind(lessons, leaning), halves.blind(lessons, moved)
    assert set(says) == {"majority", "category", "kind", "kind and category", "words"}
    for name, answers in says.items():
        assert answers.dtype == bool and (answers == again[name]).all(), name
    for name in ("kind and category", "words"):
        assert (says[name] == halves.truth(leaning)).mean() > 0.8
    exam = halves.balanced(leaning, 3)
    for name in ("majority", "category", "kind", "kind and category"):
        assert (halves.blind(lessons, exam)[name] == halves.truth(exam)).mean() == 0.5


def test_the_interval_draws_whole_bags() -> None:
    """A hundred copies of a question are one witness."""
    questions = [Question(bag=number % 20, kind=0, category="axe", answer=0) for number in range(2000)]
    values = np.array([number % 20 < 10 for number in range(2000)])
    low, high = halves.interval(values, questions)
    assert low < 0.5 < high and high - low > 0.3
    apart = [dataclasses.replace(q, bag=number) for number, q in enumerate(questions)]
    assert halves.interval(values, apart)[1] - halves.interval(values, apart)[0] < 0.06


def test_opposed_questions_are_half_right_for_whoever_ignores_the_category() -> None:
    opposed = halves.opposites(asked(4))
    assert opposed
    for bag_kind in {(q.bag, q.kind) for q in opposed}:
        assert sorted({q.answer for q in opposed if (q.bag, q.kind) == bag_kind}) == [0, 1]


def test_the_model_has_about_five_million_parameters_and_sees_both_views(bags: Bags) -> None:
    torch.manual_seed(0)
    model = probe.Probe().eval()
    assert 4e6 <= sum(p.numel() for p in model.parameters()) <= 6e6
    views = torch.rand(1, 2, 3, 144, 192)
    words = [torch.tensor([0]), torch.tensor([0]), torch.tensor([0])]
    base = model(views, *words)
    for view in (0, 1):
        other = views.clone()
        other[:, view] = torch.rand(3, 144, 192)
        assert not torch.allclose(model(other, *words), base, atol=1e-5)
    assert not torch.allclose(model(views, words[0], torch.tensor([1]), words[2]), base, atol=1e-5)
    assert not torch.allclose(model(views, words[0], words[1], torch.tensor([1])), base, atol=1e-5)


def test_mirrored_bags_have_mirrored_answers(bags: Bags) -> None:
    of_bag = halves.by_bag(bags.questions)
    chosen = list(of_bag)[:4]
    still = probe.batch_of(bags, of_bag, chosen, np.zeros((4, 2), bool))
    along = probe.batch_of(bags, of_bag, chosen, np.array([[True, False]] * 4))
    across = probe.batch_of(bags, of_bag, chosen, np.array([[False, True]] * 4))
    axis = torch.tensor([halves.KINDS[kind][1] for kind in still[2]])
    assert torch.equal(along[0], still[0].flip(-1)) and torch.equal(across[0][:, 1], still[0][:, 1])
    assert torch.equal(across[0][:, 0], still[0][:, 0].flip(-2))
    assert torch.equal(along[4], torch.where(axis == 0, 1 - still[4], still[4]))
    assert torch.equal(across[4], torch.where(axis == 1, 1 - still[4], still[4]))


def test_predictions_are_in_the_order_of_the_questions(bags: Bags) -> None:
    model = probe.Probe()
    shuffled = random.Random(5).sample(bags.questions, len(bags.questions))
    plain = dict(zip(bags.questions, probe.predict(model, bags, bags.questions), strict=True))
    assert probe.predict(model, bags, shuffled) == pytest.approx([plain[q] for q in shuffled], abs=1e-5)


def test_it_learns_sixteen_bags_by_heart(bags: Bags) -> None:
    torch.manual_seed(0)
    model, of_bag = probe.Probe(), halves.by_bag(bags.questions)
    optimizer = torch.optim.AdamW(model.parameters(), 5e-4)
    batch = probe.batch_of(bags, of_bag, list(of_bag), np.zeros((16, 2), bool))
    losses = [probe.step(model, optimizer, batch) for _ in range(12)]
    assert losses[0] > 0.6 and losses[-1] < 0.5 * losses[0]


def test_the_budget_ends_the_lessons_and_the_report_adds_up(bags: Bags, capsys: pytest.CaptureFixture[str]) -> None:
    exam = halves.balanced(bags.questions, 1) or bags.questions
    model, curve = probe.learn(bags, bags, exam, budget_s=1.0, seed=3)
    assert curve and curve[-1]["steps"] < 60
    report = probe.judge(model, bags, bags.questions, exam)
    assert report["lead"] == pytest.approx(report["accuracy"] - max(report["blind"].values()), abs=2e-4)
    assert probe.sheet(bags, exam, probe.predict(model, bags, exam)).shape[2] == 3
