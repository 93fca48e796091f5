"""Questions of knowledge: facts with one gap, no fact in both lesson and exam, no statement that gives itself away by its form."""

from collections import Counter, defaultdict

import pytest

from beltline import labels
from beltline.exam.basics import _fact, facts, split_of, teams
from beltline.exam.basics_threats import LOOKS
from beltline.exam.drawing import draw
from beltline.exam.mmxray import basics
from beltline.exam.tasks import MMXRAY, Question
from beltline.language.basics import BASICS


def exam() -> list[Question]:
    return basics(seed=5, split="exam")


def test_the_bank_is_large_and_each_fact_has_its_source() -> None:
    assert len(facts()) >= 150
    for fact in facts():
        assert fact.sentence.count("...") == 1 and fact.saying(fact.right).endswith("."), fact.key
        assert len({fact.right, *fact.wrong}) == 1 + len(fact.wrong) >= 2, fact.key
        assert len(fact.source) > 10
    assert len({fact.saying(fact.right) for fact in facts()}) == len(facts())


def test_a_fact_without_alternatives_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one gap"):
        _fact("one", "Lead is {dense}.", "a book")
    with pytest.raises(ValueError, match="expected one gap"):
        _fact("two", "{Lead|Air} is {dense|thin}.", "a book")


def test_no_fact_of_the_exam_is_in_a_lesson() -> None:
    lesson = basics(seed=5, split="lesson")
    assert not {q.details["fact"] for q in exam()} & {q.details["fact"] for q in lesson}
    assert not {q.details["fact"] for q in exam()} & {basic.key for basic in BASICS}
    assert not {q.question for q in exam()} & {q.question for q in lesson if q.words["form"] == "judge"}
    said = {
        fact.saying(words) for fact in facts() if split_of(fact.key) == "exam" for words in (fact.right, *fact.wrong)
    }
    assert not [q for q in lesson if said & set(q.options)]
    assert {q.details["fact"] for q in basics(seed=6, split="exam")} == {q.details["fact"] for q in exam()}


def test_there_are_enough_for_the_papers_count() -> None:
    found = draw(exam(), num=MMXRAY["basic"].num, seed=3)
    assert len(found) == 1427
    assert len({q.id for q in found}) == 1427
    assert all(q.scan is None and q.views == () and q.group.startswith("fact/") for q in found)


def test_right_answers_follow_from_the_bank() -> None:
    right = {fact.saying(fact.right) for fact in facts()}
    wrong = {fact.saying(words) for fact in facts() for words in fact.wrong}
    gaps = {fact.sentence: fact.right for fact in facts()}
    looks = {look: kind for kind, own in LOOKS.items() for look in own}
    for question in exam():
        form, text, answer = question.words["form"], question.question, question.answer_text
        if form == "judge":
            said = next(one for one in right | wrong if text.endswith(f" {one}"))
            asks_for_errors = any(word in text.removesuffix(said) for word in ("mistaken", "struck", "error"))
            assert (answer == "Yes") is ((said in right) is not asks_for_errors)
        elif form in ("accurate", "mistaken"):
            assert [option in right for option in question.options].count(form == "accurate") == 1
            assert (answer in right) is (form == "accurate")
        elif form == "look":
            kind = looks[next(look for look in sorted(looks, key=len, reverse=True) if look in text)]
            assert kind in answer or {"axe", "scissors", "pliers", "handcuffs"} & {kind} or kind.split()[0] in answer
        else:
            assert gaps[next(one for one in gaps if text.endswith(one.replace("...", "____")))] == answer


def test_every_statement_is_answered_yes_as_often_as_no() -> None:
    statements = sorted((f.saying(w) for f in facts() for w in (f.right, *f.wrong)), key=len, reverse=True)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for question in exam():
        if question.words["form"] == "judge":
            statement = next(one for one in statements if question.question.endswith(one))
            found[statement][question.answer_text] += 1
    assert len(found) > 300
    assert all(counts["Yes"] == counts["No"] for counts in found.values())


def test_no_statement_is_seen_outside_its_team() -> None:
    """Or a wrong one of another question would be known to be wrong in this one."""
    groups = defaultdict(set)
    for question in exam():
        for option in question.options if question.words["form"] in ("accurate", "mistaken") else ():
            groups[option].add(question.group)
    assert len(groups) > 300
    assert {len(found) for found in groups.values()} == {1}


def test_a_bank_of_fewer_than_four_facts_has_no_team() -> None:
    assert teams(facts()[:3]) == []
    assert [len(team) for team in teams(facts()[:11])] == [4, 7]
    assert {fact.key for team in teams(facts()) for fact in team} == {fact.key for fact in facts()}


def test_the_longest_and_the_shortest_option_are_right_as_often_as_chance_says() -> None:
    drawn = [q for q in draw(exam(), num=5000, seed=3) if "roles" in q.details]
    assert len(drawn) > 500
    for pick in (max, min):
        hits = sum(pick(q.options, key=lambda option: (len(option), option)) == q.answer_text for q in drawn)
        chance = sum(1 / len(q.options) for q in drawn)
        assert abs(hits - chance) < 3 * (chance * 0.75) ** 0.5


def test_every_category_has_its_looks_and_none_names_itself() -> None:
    assert sorted(LOOKS) == sorted(labels.MMXRAY)
    for kind, own in LOOKS.items():
        assert len(set(own)) == 2
        assert not [look for look in own if kind in look]
