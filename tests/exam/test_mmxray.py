"""What the builder says is right is right: an oracle that reads the words and the scan's row alone finds every answer."""

from collections import Counter, defaultdict
from dataclasses import replace
from functools import lru_cache

import pytest

from beltline import labels
from beltline.exam.drawing import draw
from beltline.exam.mm_naming import ALIKE, likeness, nearest
from beltline.exam.mmxray import candidates
from beltline.exam.tasks import Question
from beltline.language.lexicon import article, noun
from tests.exam.mmx_oracle import Oracle, scans


@lru_cache(maxsize=4)
def asked(rule: str = "balanced") -> tuple[Question, ...]:
    return tuple(q for scan in scans() for q in candidates(scan, seed=3, content="digest", rule=rule))  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", ["balanced", "paper"])
def test_an_oracle_without_the_record_is_always_right(rule: str) -> None:
    by_id = {scan.id: Oracle(scan) for scan in scans()}
    wrong = [
        (question.question, question.options, question.answer_text)
        for question in asked(rule)
        if by_id[question.scan or 0].answer(question.question, question.options) != question.answer
    ]
    assert wrong == []
    assert {question.task for question in asked(rule)} == {"location", "counting", "identity", "feature", "misleading"}


def test_an_empty_scan_is_asked_for_what_it_lacks() -> None:
    bare = replace(scans()[0], items=())
    found = candidates(bare, seed=3, content="digest")
    assert {q.task for q in found} == {"location", "counting", "misleading"}
    assert all(q.answer_text.startswith(("The picture shows no", "0", "No", "Yes")) for q in found)
    assert candidates(replace(bare, source="somewhere"), seed=3, content="digest") == []


def test_the_same_scan_gives_the_same_questions_in_any_company() -> None:
    one = scans()[7]
    assert candidates(one, seed=3, content="digest") == candidates(one, seed=3, content="digest")
    assert candidates(one, seed=4, content="digest") != candidates(one, seed=3, content="digest")
    assert len({q.id for q in asked()}) == len(asked())
    assert all(q.group == f"bag/{(q.scan or 0) - 1}" and q.scan_content == "digest" for q in asked())


def test_evidence_is_the_boxes_of_what_was_asked_for() -> None:
    by_id = {scan.id: scan for scan in scans()}
    for question in asked():
        items = {item.item: item for item in by_id[question.scan or 0].items}
        assert all(e.xyxy == items[e.item].top_xyxy and e.category == items[e.item].category for e in question.evidence)
        assert question.evidence or question.answer_text in ("No", "0", "Yes") or "no " in question.answer_text


def test_after_the_draw_every_role_of_a_stratum_is_right_equally_often() -> None:
    tasks = defaultdict(list)
    for question in asked():
        tasks[question.task].append(question)
    for task, questions in tasks.items():
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for one in draw(questions, num=10**6, seed=1):
            counts[one.stratum][one.role] += 1
        assert sum(counter.total() for counter in counts.values()) > 4, task
        assert all(len(set(counter.values())) == 1 for counter in counts.values())


def test_under_the_papers_rule_fewer_than_half_of_the_claims_are_false() -> None:
    claims = [question for question in asked("paper") if question.task == "misleading"]
    share = sum(question.answer_text == "No" for question in claims) / len(claims)
    assert 0.41 < share < 0.49
    half = [question for question in asked() if question.task == "misleading"]
    assert 0.46 < sum(question.answer_text == "No" for question in half) / len(half) < 0.54


def test_the_wording_does_not_depend_on_the_answer() -> None:
    """Among claims of presence, every wording is as often true as another."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for question in asked():
        if question.words["kind"] == "presence":
            found[question.question.split("there is")[0].split("There is")[0]][question.answer_text] += 1
    assert len(found) >= 5
    for counts in found.values():
        assert abs(counts["Yes"] / counts.total() - 0.5) < 4 * 0.5 / counts.total() ** 0.5


def test_what_is_hidden_is_not_asked_for() -> None:
    full = next(scan for scan in scans() if len(scan.items) == 3)
    hidden = full.items[0].category
    scan = replace(full, items=(replace(full.items[0], top_visible=0.1), *full.items[1:]))
    found = candidates(scan, seed=3, content="digest")
    assert found
    assert not [q for q in found if q.words.get("category") == hidden or q.task == "identity" or "group" in q.words]


def test_groups_of_like_kinds_hold_every_category_once() -> None:
    assert sorted(name for group in ALIKE[:7] for name in group) == sorted(labels.MMXRAY)
    assert all(set(group) <= set(labels.CATEGORIES) for group in ALIKE)


def test_the_nearest_kinds_are_the_papers() -> None:
    assert set(nearest("metal handle knife", labels.MMXRAY)) <= {
        n for n in labels.MMXRAY if "knife" in n or "cleaver" in n
    }
    assert set(nearest("glass bottle liquid", labels.MMXRAY)) >= {"plastic bottle liquid", "metal bottle liquid"}
    assert all(likeness(a, b) == likeness(b, a) for a in labels.MMXRAY for b in labels.MMXRAY)
    assert "knife" not in nearest("folding knife", labels.STCRAY + labels.OPIXRAY)


def test_wordings_read_well_for_every_category() -> None:
    for name in labels.MMXRAY:
        assert article(noun(name).one) in ("a", "an")
    assert not [q.question for q in asked() if "{" in q.question or "  " in q.question]
