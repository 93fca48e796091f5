"""Scores of replies: every question counts for every seed, and what cannot be read is wrong and counted by its kind."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.exam import tables
from beltline.exam.asking import Examinee, put_question, reply_id, reply_row
from beltline.exam.comparing import Standing, against, beside, chances, common, drop, published, standing, wilson
from beltline.exam.predictions import read_replies
from beltline.exam.scoring import MAX_CLASSES, grade, score
from beltline.exam.setting import EXAMS, ExamRecipe, draw_exam, lettered, shortages
from beltline.exam.tasks import DUALXRAY, MMXRAY, Question
from beltline.language.asking import Reply
from beltline.scan import Row
from beltline.verdict import BadRow
from tests.made import view

WAYS = ("above", "below", "level", "apart")


def question(number: int, task: str = "SR", options: tuple[str, ...] = WAYS, right: int = 0) -> Question:
    return Question(
        exam="dualxray",
        task=task,
        question=f"Where is item {number}?",
        options=options,
        answer="ABCDEFGHIJ"[right],
        group=f"bag/{number // 2}",
        scan=number // 2,
        scan_content="c",
        views=("top", "side"),
        words={"pair": str(number % 3)},
    )


def reply(to: Question, text: str | None, seed: int = 0) -> Row:
    return {"question_id": to.id, "question_content": "q", "seed": seed, "reply": text}


def test_nothing_is_no_score() -> None:
    assert grade([], []) == []
    with pytest.raises(ValueError, match="at least one answer"):
        score([])


def test_every_status_is_wrong_and_counted() -> None:
    asked = [question(n, right=n % 4) for n in range(8)]
    texts = ["A", "B", "A or C", "I cannot assist with that request.", "I cannot tell.", "", None]
    graded = grade(asked, [reply(one, text) for one, text in zip(asked, texts, strict=False)])
    found = score(graded).tasks["SR"]
    counts = {"answered": 2, "invalid": 1, "refused": 1, "abstained": 1, "no-response": 3}
    assert (found.num, found.asked, dict(found.statuses)) == (8, 8, counts)
    assert found.accuracy == 2 / 8  # the eighth question has no reply at all


def test_silence_counts_for_each_seed_that_anyone_heard() -> None:
    asked = [question(n) for n in range(4)]
    replies = [reply(one, "A", seed) for one in asked for seed in (0, 1)] + [reply(asked[0], "A", 42)]
    found = score(grade(asked, replies))
    assert found.tasks["SR"].asked == 12 and found.tasks["SR"].num == 4
    assert found.seeds == {0: 1.0, 1: 1.0, 42: 0.25}
    assert found.tasks["SR"].accuracy == pytest.approx(9 / 12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["CT", "SR", "PA"]), st.booleans()), min_size=1, max_size=60))
def test_overall_is_the_mean_of_the_tasks_and_micro_that_of_the_questions(answers: list[tuple[str, bool]]) -> None:
    asked = [question(number, task) for number, (task, _) in enumerate(answers)]
    replies = [reply(one, "A" if right else "B") for one, (_, right) in zip(asked, answers, strict=True)]
    found = score(grade(asked, replies), rounds=20)
    by_task: dict[str, list[bool]] = {}
    for task, right in answers:
        by_task.setdefault(task, []).append(right)
    means = {task: sum(some) / len(some) for task, some in by_task.items()}
    assert {task: cell.accuracy for task, cell in found.tasks.items()} == pytest.approx(means)
    assert found.macro.estimate == pytest.approx(sum(means.values()) / len(means))
    assert found.micro.estimate == pytest.approx(sum(right for _, right in answers) / len(answers))


def test_f1_goes_by_what_is_said_not_by_where_it_stands() -> None:
    """The answer is always "above", at changing letters: one class, all right. By letter there would be four."""
    asked = [question(n, options=(*WAYS[1 : 1 + n % 4], "above", *WAYS[1 + n % 4 :]), right=n % 4) for n in range(8)]
    found = score(grade(asked, [reply(one, one.answer) for one in asked]), rounds=20).tasks["SR"]
    assert found.num_classes == 1 and found.macro_f1 == 1
    many = [question(n, options=(f"thing {n}", "x"), right=0) for n in range(MAX_CLASSES + 1)]
    assert score(grade(many, [reply(one, "A") for one in many]), rounds=20).tasks["SR"].num_classes == 1


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([reply(question(99), "A")], "another exam"),
        ([reply(question(1), "A"), reply(question(1), "B")], "found two"),
        ([reply(question(1), "A") | {"question_content": "older"}], "not the one"),
    ],
)
def test_replies_that_do_not_fit_the_exam(rows: list[Row], says: str) -> None:
    asked = [question(1)]
    with pytest.raises(ValueError, match=says):
        grade(asked, rows, {asked[0].id: "q"})


def test_metrics_are_named_as_the_published_ones() -> None:
    asked = [question(n, task) for n, task in enumerate(DUALXRAY)]
    found = tables.metrics(score(grade(asked, [reply(one, "A") for one in asked]), rounds=20))
    assert {f"{task}/accuracy" for task in (*DUALXRAY, "overall")} <= found.keys() and found["CT/accuracy"] == 100
    assert {*published("dual/4", ["GPT-4o"])[0].tasks} == {*DUALXRAY, "overall"}
    assert len(tables.rows(score(grade(asked, []), rounds=20))[0]) == len(tables.HEAD)


def test_a_better_model_is_better_and_the_same_is_the_same() -> None:
    asked = [question(n, task) for n, task in enumerate(["CT"] * 60 + ["SR"] * 20)]
    draw = Random(1)
    good, bad = (
        [reply(one, "A" if draw.random() < share else "B", seed) for one in asked for seed in (0, 1)]
        for share in (0.9, 0.4)
    )
    num, (one, other) = common([grade(asked, good), grade(asked, bad)])
    assert num == 80
    pair = against(one, other)
    assert pair["CT"].difference.low > 0 and pair["CT"].permutation_p < 0.01
    gap = standing("a", one).tasks["overall"].estimate - standing("b", other).tasks["overall"].estimate
    assert pair["overall"].difference.estimate == pytest.approx(gap)
    assert against(one, one)["overall"].difference.estimate == 0 and against(one, one)["CT"].permutation_p == 1
    assert chances(one) == {"CT": 0.25, "SR": 0.25, "overall": 0.25}


def test_only_common_questions_are_compared() -> None:
    asked = [question(n) for n in range(6)]
    first, second = grade(asked[:4], [reply(asked[0], "A")]), grade(asked[2:], [])
    num, (one, other) = common([first, second])
    assert num == 2 and [each.key for each in one] == [each.key for each in other]
    with pytest.raises(ValueError, match="none in common"):
        common([grade(asked[:2], []), grade(asked[4:], [])])


def test_a_drop_has_the_interval_of_the_paper_that_it_is_from() -> None:
    """Newcombe 1998, Table II, method 10: 56/70 against 48/80, and 9/10 against 3/10."""
    usual = Standing(name="usual", tasks={"CT": wilson(56 / 70, 70), "SR": wilson(9 / 10, 10), "PA": wilson(0.5, 9)})
    shifted = Standing(name="shifted", tasks={"SR": wilson(3 / 10, 10), "CT": wilson(48 / 80, 80)})
    found = drop(usual, shifted)
    assert list(found) == ["CT", "SR"], "the tasks of both"
    assert [found["CT"].estimate, found["CT"].low, found["CT"].high] == pytest.approx([0.2, 0.0524, 0.3339], abs=5e-5)
    assert [found["SR"].estimate, found["SR"].low, found["SR"].high] == pytest.approx([0.6, 0.1705, 0.8090], abs=5e-5)
    assert drop(shifted, usual)["CT"].high == pytest.approx(-found["CT"].low)


def test_wilson_is_the_textbook_interval() -> None:
    """Brown, Cai and DasGupta 2001: x = 0 of 20 gives an upper bound of z^2 / (n + z^2)."""
    assert wilson(0.0, 20).high == pytest.approx(1.959964**2 / (20 + 1.959964**2), abs=1e-6)
    assert wilson(0.5, None).low == 0.5


def test_published_rows_are_the_best_unless_named() -> None:
    best = [one.tasks["overall"].estimate for one in published("dual/4")]
    assert best == sorted(best, reverse=True) and best[0] == pytest.approx(0.654)
    asked = [question(n, task) for n, task in enumerate(DUALXRAY)]
    whole, part = standing("all", grade(asked, [])), standing("one", grade(asked[:1], []))
    assert beside(published("dual/4"), whole)[0].tasks.keys() == {*DUALXRAY, "overall"}
    assert beside(published("dual/4"), part)[0].tasks.keys() == {"CT"}
    with pytest.raises(ValueError, match="GPT-7"):
        published("dual/4", ["GPT-7"])


def test_a_question_is_put_with_its_views_in_order() -> None:
    one = question(1)
    shown = put_question(Examinee(name="m"), one, {"side": view(1), "top": view(2)})
    content = shown.body(7)["messages"][0]["content"]
    assert [part.get("text") for part in content[:-1]] == ["Top view:", None, "Side view:", None]
    assert content[-1]["text"].startswith("Where is item 1?\nA. above\n") and shown.body(7)["seed"] == 7
    key = shown.key(7)
    assert key != shown.key(8) and view(2).sha256 in str(key) and "base64" not in str(key)
    other = put_question(Examinee(name="m", revision="2"), one, {"side": view(1), "top": view(2)})
    assert other.key(7) != key and other.body(7) == shown.body(7)
    side = put_question(Examinee(name="m", views=("side",)), one, {"side": view(1), "top": None})
    assert [name for name, _ in side.pictures] == ["side"] and side.examinee.label == "m@main seeing side"
    assert put_question(Examinee(name="m", views=()), one, {}).pictures == ()
    with pytest.raises(BadRow, match="no-view"):
        put_question(Examinee(name="m"), one, {"top": view(2), "side": None})


def test_a_reply_becomes_a_row() -> None:
    one = question(1)
    row = reply_row(one, "c", "m@1", 3, Reply.of("<think>B?</think>The answer is C."))
    assert (row["letter"], row["reading"], row["thinking"]) == ("C", "answered", "B?")
    assert row["id"] == reply_id(one.id, "m@1", 3) != reply_id(one.id, "m@1", 4)
    assert reply_row(one, "c", "m@1", 3, None)["reading"] == "no-response"
    turned = reply_row(one, "c", "m@1", 3, Reply(text="B"), turn=2)
    assert turned["id"] != row["id"] and turned["turn"] == 2
    content = {"question_content": "c"}
    found = grade([one], [turned, reply(one, "A", 3) | content], {one.id: "c"})
    assert [(each.seed, each.letter) for each in found] == [(3, "A")], "a turned question is not the question"


def test_a_file_of_predictions() -> None:
    text = '{"question_id": 7, "reply": "B"}\n\n{"question_id": 7, "reply": null, "seed": 1}\n'
    first, second = read_replies(text, {7})
    assert (first.question, first.seed, first.reply) == (7, 0, Reply(text="B")) and second.reply is None
    assert read_replies("", {7}) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 1: expected a JSON object"),
        ('["B"]', "question_id"),
        ('{"question_id": "7", "reply": "B"}', "question_id"),
        ('{"question_id": true, "reply": "B"}', "question_id"),
        ('{"question_id": 8, "reply": "B"}', "found id 8"),
        ('{"question_id": 7, "reply": 2}', "in quotes"),
        ('{"question_id": 7, "reply": "B"}\n{"question_id": 7, "reply": "B"}', "line 2: a second reply"),
    ],
)
def test_a_wrong_file_of_predictions(line: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_replies(line, {7})


def test_the_papers_counts() -> None:
    assert sum(EXAMS["dualxray"].counts.values()) == 1594 and sum(EXAMS["mmxray"].counts.values()) == 17_669
    assert list(EXAMS["mmxray"].counts) == list(MMXRAY)


def test_letters_tell_nothing() -> None:
    """Each letter is right equally often, and for each answer as well, as far as chance goes."""
    asked = [question(n, right=n % 4) for n in range(2000)]
    found = lettered(asked, seed=3)
    assert set(Counter(one.answer for one in found).values()) == {500}
    pairs = Counter((one.answer, one.answer_text) for one in found)
    assert len(pairs) == 16 and max(abs(count - 125) for count in pairs.values()) < 50  # 4.8 standard errors
    assert [one.answer_text for one in found] == [one.answer_text for one in asked]
    assert [one.id for one in found] == [one.id for one in asked] and lettered([], seed=3) == []
    first = Counter(one.options.index("above") for one in found if one.answer_text != "above")
    assert max(abs(count - 375) for count in first.values()) < 90


def test_a_short_task_is_told_and_an_unbalanced_recipe_takes_all() -> None:
    recipe = ExamRecipe(name="x", builder="dualxray", counts={"SR": 8, "CT": 1}, seed=1)
    held = {"SR": [question(3 * n, right=0 if n < 9 else n - 8) for n in range(12)], "CT": []}
    drawn = draw_exam(recipe, lambda task: [one for one in held[task]])
    assert Counter(one.answer_text for one in drawn["SR"]) == dict.fromkeys(WAYS, 1)
    assert shortages(recipe, drawn).keys() == {"SR", "CT"}
    loose = ExamRecipe(name="x", builder="dualxray", counts={"SR": 8}, seed=1, balanced=False)
    taken = draw_exam(loose, lambda task: held[task] * 2)["SR"]
    assert len(taken) == len({one.id for one in taken}) == 8
