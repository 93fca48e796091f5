"""A claim is seen where it is there, not where it is not; what was not run says so; seeds count as much as bags."""

from collections.abc import Callable

import numpy as np
import pytest

from beltline.exam.answers import LETTERS
from beltline.exam.claim_tables import MIOU, NOT_RUN, gap_lines, gaps, lines, standings, task_lines
from beltline.exam.claims import CLAIMS, Cell, Claim
from beltline.exam.comparing import OVERALL
from beltline.exam.grounded import Placed
from beltline.exam.metrics.intervals import bootstrap
from beltline.exam.metrics.seeds import over_seeds
from beltline.exam.scoring import Graded
from beltline.exam.tasks import Question
from beltline.learning.recipes import RECIPES

BAGS, SEEDS = 80, (1, 2, 3, 4, 5)
ONE_VIEW, TWO_VIEWS = "taught, one view", "taught, two views"
CLAIM = CLAIMS["second-view"]


def question(number: int, task: str = "SR") -> Question:
    return Question(
        exam="dualxray",
        task=task,
        question=f"Where is it {number}?",
        options=("above", "below"),
        answer=LETTERS[0],
        group=f"bag/{number // 2}",
        scan=number // 2,
        views=("top", "side"),
        words={},
        evidence=(),
    )


QUESTIONS = [question(number) for number in range(2 * BAGS)]


def model(share: float, seed: int, questions: list[Question] = QUESTIONS) -> list[Graded]:
    """Right in that share of the bags, which ones is the seed's."""
    rng = np.random.default_rng(seed)
    right = {one.group: bool(rng.random() < share) for one in questions}
    return [
        Graded(
            key=one.id, question=one, seed=0, letter=LETTERS[0 if right[one.group] else 1], status="answered"
        )
        for one in questions
    ]  # fmt: skip


def several(share: float, offset: int = 0) -> dict[int, list[Graded]]:
    return {seed: model(share, seed + offset) for seed in SEEDS}


def test_nothing_run_is_not_run() -> None:
    assert standings(CLAIM, {}) == [] and gaps(CLAIM, {}) == {}
    assert [row[:3] for row in lines(CLAIM, {})] == [(cell.name, "0", NOT_RUN) for cell in CLAIM.cells]
    assert {row[-1] for row in gap_lines(CLAIM, {})} == {NOT_RUN}
    with pytest.raises(ValueError, match="at least one seed"):
        over_seeds([], [])


def test_what_a_paper_prints_stands_beside() -> None:
    assert [row[-1] for row in lines(CLAIM, {})][-2:] == ["62.1", "65.4"]
    assert gap_lines(CLAIM, {})[0][3] == "+3.3"


def test_a_difference_is_seen_where_it_is_and_not_where_it_is_not() -> None:
    better = {ONE_VIEW: several(0.3), TWO_VIEWS: several(0.6, 100)}
    (gap, found), *rest = gaps(CLAIM, better).items()
    assert gap == (TWO_VIEWS, ONE_VIEW) and found[OVERALL].low > 0 and not rest
    assert gap_lines(CLAIM, better)[0][-1] == "seen"
    assert gap_lines(CLAIM, {ONE_VIEW: better[TWO_VIEWS], TWO_VIEWS: better[ONE_VIEW]})[0][-1] == "the other way round"
    alike = {ONE_VIEW: several(0.5), TWO_VIEWS: several(0.5, 100)}
    assert gap_lines(CLAIM, alike)[0][-1] == "not seen"


def test_one_seed_is_the_bootstrap_over_bags() -> None:
    right = np.random.default_rng(5).random(160) < 0.4
    bags = np.arange(160) // 2
    alone = bootstrap(np.column_stack([right, np.ones(160)]), bags, rounds=2000, seed=0)
    found = over_seeds([right], bags)
    assert (found.estimate, found.low, found.high) == (alone.estimate, alone.low, alone.high)


def test_seeds_that_differ_widen_the_interval() -> None:
    """Five models of .2 to .8 that agree on no bag: the spread of seeds stays however many bags are asked about."""
    rng, bags = np.random.default_rng(0), np.arange(20_000)
    models = [rng.random(20_000) < share for share in (0.2, 0.35, 0.5, 0.65, 0.8)]
    found = over_seeds(models, bags)
    spread = np.std([one.mean() for one in models]) / np.sqrt(len(models))
    assert found.estimate == pytest.approx(np.mean(models))
    assert (found.high - found.low) / (2 * 1.96 * spread) == pytest.approx(1, abs=0.1)


def test_bags_are_shared_by_both_conditions() -> None:
    """The same answers twice: nothing is left of the bags' spread."""
    right = np.random.default_rng(1).random(160) < 0.5
    found = over_seeds([right], np.arange(160), minus=[right])
    assert (found.estimate, found.low, found.high) == (0, 0, 0)


def test_tasks_weigh_the_same_whatever_their_number() -> None:
    many, few = [question(number, "SR") for number in range(90)], [question(number, "CT") for number in range(90, 100)]
    graded = model(1.0, 1, many) + model(0.0, 1, few)
    (found,) = standings(CLAIM, {ONE_VIEW: {1: graded}})
    assert found.tasks[OVERALL].estimate == pytest.approx(0.5) and list(found.tasks) == ["CT", "SR", OVERALL]


def test_tasks_say_where_a_difference_comes_from() -> None:
    assert task_lines(CLAIM, {}) == (("condition",), [])
    many, few = [question(number, "SR") for number in range(90)], [question(number, "CT") for number in range(90, 100)]
    seeds = {1: model(1.0, 1, many) + model(0.0, 1, few), 2: model(0.0, 2, many) + model(0.0, 2, few)}
    other = {1: model(0.0, 1, many) + model(1.0, 1, few[:5]) + model(0.0, 1, few[6:])}
    head, rows = task_lines(CLAIM, {TWO_VIEWS: seeds, ONE_VIEW: other})
    assert head == ("condition", "CT", "SR")
    assert rows == [
        (ONE_VIEW, "55.6", "0.0"),  # of CT nine were asked of all
        (TWO_VIEWS, "0.0", "50.0"),
        (f"{TWO_VIEWS} above {ONE_VIEW}", "-55.6*", "+50.0"),  # one of the two seeds has nothing right
    ]


def test_of_boxes_questions_weigh_the_same() -> None:
    many, few = [question(number, "SR") for number in range(90)], [question(number, "CT") for number in range(90, 100)]
    placed = [Placed(one, 0.5) for one in many] + [Placed(one, 0.0) for one in few]
    (found,) = standings(CLAIM, {ONE_VIEW: {1: placed}}, MIOU)
    assert found.tasks[OVERALL].estimate == pytest.approx(0.45) and found.tasks["SR"].estimate == 0.5
    assert [row[2:5:2] for row in lines(CLAIM, {ONE_VIEW: {1: placed}}, MIOU)] == [
        (NOT_RUN, "22.6"), (NOT_RUN, "20.3"), ("45.0", "49.6"), (NOT_RUN, "52.3")]  # fmt: skip


def test_a_loss_is_seen_where_the_paper_prints_one() -> None:
    worse = {seed: [Placed(one, 0.2) for one in QUESTIONS] for seed in SEEDS}
    better = {seed: [Placed(one, 0.4) for one in QUESTIONS] for seed in SEEDS}
    one, two = "base, one view", "base, two views"
    assert gap_lines(CLAIM, {one: better, two: worse}, MIOU)[1][3:] == ("-2.3", "seen")
    assert gap_lines(CLAIM, {one: worse, two: better}, MIOU)[1][3:] == ("-2.3", "the other way round")
    assert gap_lines(CLAIM, {one: better, two: worse})[1][3:] == ("+0.9", "the other way round")


def test_questions_that_only_some_were_asked_do_not_count() -> None:
    fewer = model(1.0, 1, QUESTIONS[:40]) + model(0.0, 1, [question(number) for number in range(1000, 1040)])
    found = standings(CLAIM, {ONE_VIEW: {1: fewer}, TWO_VIEWS: {1: model(1.0, 2)}})
    assert [(one.name, one.tasks[OVERALL].estimate) for one in found] == [(ONE_VIEW, 1.0), (TWO_VIEWS, 1.0)]


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda claim: claim.name)
def test_every_condition_names_a_recipe_and_a_printed_row(claim: Claim) -> None:
    from beltline.exam import published

    paper, _, table = claim.table.partition("/")
    assert {cell.row for cell in claim.cells} <= set(published.rows(paper, table))
    assert {recipe for cell in claim.cells for recipe, _ in cell.teach} <= set(RECIPES)


def test_a_gap_between_conditions_that_are_not_there_is_refused() -> None:
    make: Callable[[], Claim] = lambda: Claim(  # noqa: E731
        name="x", source="", table="dual/6", cells=(Cell(name="a"),), gaps=(("a", "b"),)
    )
    with pytest.raises(ValueError, match=r"expected gaps between its cells, found \['b'\]"):
        make()
