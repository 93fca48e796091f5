"""Who is given what, in which round, and what holds in the end; balance of samples; the gate."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from beltline.labels import MMXRAY
from beltline.language import figures, gate
from beltline.language.review import Event
from beltline.language.rounds import GOLD, Rules, box_f1, outcome
from beltline.language.sampling import RECIPES, ReviewRecipe, arrange, balanced
from beltline.language.worklist import Entry, Wanted, Worklist

TWICE = Rules(rounds=2)
ALL = Wanted()


def entries(number: int = 4, **more) -> list[Entry]:
    return [Entry(item=k, digest=f"d{k}", **more) for k in range(number)]


class Log:
    """Events of a queue, numbered as a log numbers them."""

    def __init__(self, work: Worklist):
        self.work, self.num = work, 0

    def say(self, reviewer: str, item: int, action: str = "accept", number: int = 1, **more) -> str:
        self.num += 1
        plain = {
            "queue": self.work.name,
            "digest": f"d{item}",
            "at": "t",
            "reason": "no" if action == "reject" else None,
        }
        made = Event(id=f"e{self.num}", item=item, reviewer=reviewer, round=number, action=action, **{**plain, **more})
        self.work.learn([(self.num, made)])
        return made.id


def worklist(number: int = 4, rules: Rules = TWICE, **more) -> tuple[Worklist, Log]:
    work = Worklist("q", entries(number), rules, **more)
    return work, Log(work)


def offered(work: Worklist, reviewer: str, wanted: Wanted = ALL, taken=None, **more) -> list[tuple[int, int]]:
    return [(entry.item, number) for entry, number in work.offers(reviewer, wanted, taken or {}, **more)]


def test_round_by_round_and_never_twice_by_one_person():
    work, log = worklist(3)
    assert offered(work, "ana") == [(0, 1), (1, 1), (2, 1)]
    log.say("ana", 0)
    assert offered(work, "ana") == [(1, 1), (2, 1)]
    assert offered(work, "ben") == [(1, 1), (2, 1), (0, 2)]
    log.say("ben", 0, number=2)
    assert offered(work, "cem") == [(1, 1), (2, 1)] and work.outcome(0) == "accepted"


def test_what_others_hold_is_not_offered():
    work, _ = worklist(3)
    assert offered(work, "ben", taken={(0, 1): "ana", (2, 2): "ana"}) == [(1, 1), (2, 1)]


def test_a_third_person_decides_where_two_differ():
    work, log = worklist(2)
    log.say("ana", 0)
    log.say("ben", 0, "reject", 2)
    assert work.outcome(0) == "disputed"
    assert (0, 3) not in offered(work, "ana") and (0, 3) not in offered(work, "ben")
    assert (0, 3) in offered(work, "cem") and (0, 3) not in offered(work, "cem", lead=False)
    log.say("cem", 0, "reject", 3)
    assert work.outcome(0) == "rejected" and all(item != 0 for item, _ in offered(work, "dee"))


def test_an_undo_brings_the_item_back_to_its_place():
    work, log = worklist(3, Rules())
    made = [log.say("ana", item) for item in range(3)]
    assert offered(work, "ben") == []
    log.say("ana", 1, "undo", undoes=made[1])
    assert offered(work, "ben") == [(1, 1)] and work.last("ana").id == made[2]
    log.say("ana", 2, "undo", undoes=made[2])
    assert work.last("ana").id == made[0] and offered(work, "ana") == [(1, 1), (2, 1)]


def test_a_draft_waits_for_its_decision_and_comes_back_with_an_undo():
    work, log = worklist(1, Rules())
    log.say("ana", 0, "draft", after='{"boxes":[]}')
    assert work.state(0).drafts["ana"].after == '{"boxes":[]}' and work.outcome(0) == "open"
    decided = log.say("ana", 0)
    assert work.state(0).drafts == {}
    log.say("ana", 0, "undo", undoes=decided)
    assert work.state(0).drafts["ana"].after == '{"boxes":[]}'


def test_a_changed_item_waits_again_and_its_old_decision_stays():
    work, log = worklist(2, Rules())
    log.say("ana", 0)
    log.say("ana", 1)
    changed = Worklist("q", [Entry(item=0, digest="new"), Entry(item=1, digest="d1")], Rules())
    changed.learn(enumerate(work.ids.values(), 1))
    assert offered(changed, "ana") == [(0, 1)]
    assert [one.digest for one in changed.state(0).stale] == ["d0"] and changed.outcome(1) == "accepted"
    assert changed.find(Wanted(status="stale")).item == 0


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.sampled_from(["accept", "reject"])), max_size=60)
)
def test_whoever_keeps_to_the_offers_never_breaks_a_rule(steps):
    """A walk of three people over six items in two rounds: what is offered is allowed, what is done stays one person's."""
    work, log = worklist(6)
    for who, pick, action in steps:
        found = offered(work, who)
        if found:
            item, number = found[pick % len(found)]
            assert work.refusal(who, item, number) is None
            log.say(who, item, action, number)
    for state in work.touched():
        reviewers = [who for _, who in state.decisions]
        assert len(set(reviewers)) == len(reviewers)
        assert max(Counter(number for number, _ in state.decisions).values()) == 1
    assert sum(work.counts()[name] for name in work.counts() if name != "all") == 6


def test_gold_comes_in_between_counts_apart_and_changes_nothing():
    work, log = worklist(30, Rules(), gold={20: "reject", 25: "accept"})
    shown = []
    for _ in range(30):
        found = offered(work, "ana")
        shown.append(found[0])
        log.say("ana", found[0][0], "accept", found[0][1])
    assert [number for _, number in shown].count(GOLD) == 2
    assert figures.golds(work.touched(), work.gold) == {"ana": (1, 2)}
    assert work.state(20).decisions.keys() == {(GOLD, "ana")} or (1, "ana") in work.state(20).decisions


@pytest.mark.parametrize(
    ("wanted", "items"),
    [
        (Wanted(), [0, 1, 2]),
        (Wanted(category="gun"), [0, 2]),
        (Wanted(below=60), [1]),
        (Wanted(category="gun", below=60), []),
        (Wanted(batch=1), [2]),
    ],
)
def test_filters(wanted, items):
    held = [
        Entry(item=0, digest="a", categories=("gun",), score=80.0),
        Entry(item=1, digest="b", categories=("knife",), score=50.0),
        Entry(item=2, digest="c", categories=("gun", "knife"), batch=1),
    ]
    assert [item for item, _ in offered(Worklist("q", held), "ana", wanted)] == items


# ---- samples


@given(st.integers(0, 120), st.integers(0, 9))
def test_a_balanced_sample_is_as_even_as_it_can_be(num, seed):
    """Categories of one item each, in very different numbers: no category has two more than one that still had some."""
    held = [
        Entry(item=100 * c + k, digest="d", categories=(name,))
        for c, name in enumerate(MMXRAY[:6])
        for k in range(4 ** (c % 3) + 2)
    ]
    chosen = balanced(held, num, seed)
    assert len(chosen) == len({one.item for one in chosen}) == min(num, len(held))
    counts = Counter(one.categories[0] for one in chosen)
    there = Counter(one.categories[0] for one in held)
    for poor in there:
        if counts[poor] < there[poor]:
            assert all(counts[rich] <= counts[poor] + 1 for rich in there)


def test_a_sample_does_not_depend_on_the_order_and_foreign_things_come_last():
    held = [
        Entry(item=k, digest="d", categories=(("gun",), ("teddy bear",), ("knife", "gun"))[k % 3]) for k in range(30)
    ]
    one, two = balanced(held, 12, 3, MMXRAY), balanced(held[::-1], 12, 3, MMXRAY)
    assert [x.item for x in one] == [x.item for x in two]
    known = [x for x in balanced(held, 30, 3) if "teddy bear" not in x.categories]
    assert balanced(held, 30, 3)[: len(known)] == known


def test_onepipes_queues_do_not_meet_and_come_in_batches():
    held = [Entry(item=k, digest="d", categories=(MMXRAY[k % 28],), score=float(k % 100)) for k in range(2000)]
    recipe = ReviewRecipe(name="r", num=700, order="balanced", batch=200)
    first = arrange(held, recipe)
    assert Counter(one.batch for one in first) == {0: 200, 1: 200, 2: 200, 3: 100}
    assert set(Counter(one.categories for one in first).values()) == {25}
    second = arrange(held, RECIPES["onepipe-verify-2"], earlier={one.item for one in first})
    assert len(second) == 1300 and not {one.item for one in first} & {one.item for one in second}
    assert [one.score for one in second] == sorted(one.score for one in second)


# ---- agreement and the gate


def boxes_of(item: int) -> list[dict]:
    return [{"item": 1, "category": "gun", "top": [0, 0, 10, 10], "side": None, "colour": "blue"}]


def test_agreement_as_computed_by_hand():
    work, log = worklist(6)
    ana, ben = "aaarra", "aararr"
    for item in range(6):
        for who, said, number in (("ana", ana, 1), ("ben", ben, 2)):
            log.say(who, item, {"a": "accept", "r": "reject"}[said[item]], number)
    found = figures.pairs(work.touched())
    agreed = figures.kappas(found, boxes_of)
    assert agreed["decision"].kappa == pytest.approx(cohen_kappa_score(list(ana), list(ben)))
    assert agreed["colour"].units == 2 and agreed["colour"].observed == 1.0  # items 0 and 1, which both left in
    assert "kappa" in figures.figures(work, boxes_of) and "`ana`" in figures.figures(work, boxes_of)


@pytest.mark.parametrize(
    ("theirs", "f1"),
    [
        ([], 0.0),
        ([[0, 0, 10, 10]], 1.0),
        ([[0, 0, 10, 20]], 1.0),  # IoU 0.5 exactly
        ([[0, 0, 10, 21]], 0.0),
        ([[0, 0, 10, 10], [50, 50, 60, 60]], 2 / 3),
        ([[0, 0, 10, 10], [0, 0, 10, 10]], 2 / 3),
    ],
)
def test_boxes_of_two_people(theirs, f1):
    there = [{"item": k, "category": "gun", "top": box, "side": None} for k, box in enumerate(theirs)]
    assert box_f1(boxes_of(0), there)[0] == pytest.approx(f1) and box_f1(there, boxes_of(0))[0] == pytest.approx(f1)


def test_two_edits_are_alike_when_their_boxes_are():
    def edit(*box: float, text: str = "x") -> str:
        return json.dumps({"boxes": [{"item": 1, "category": "gun", "top": list(box), "side": None}], "caption": text})

    for second, expected in (
        (edit(0, 0, 10, 11), "edited"),
        (edit(0, 0, 10, 40), "disputed"),
        (edit(0, 0, 10, 10, text="y"), "disputed"),
    ):
        work, log = worklist(1)
        log.say("ana", 0, "edit", after=edit(0, 0, 10, 10))
        log.say("ben", 0, "edit", 2, after=second)
        assert outcome(work.state(0), TWICE)[0] == expected


def test_the_gate_says_what_is_missing():
    work, log = worklist(2)
    assert len(gate.check(["reviews>=2", "kappa>=0.7", "open=0", "gold>=0.9"], work, boxes_of)) == 4
    for item in range(2):
        log.say("ana", item, "accept" if item else "reject")
        log.say("ben", item, "accept" if item else "reject", 2)
    assert (
        gate.check(["reviews>=2", "kappa>=0.7", "open=0", "disputed=0", "boxes>=0.9", "rejected<=0.5"], work, boxes_of)
        == []
    )
    assert gate.check(["rejected<=0.4"], work, boxes_of) == ["rejected: expected <= 0.4, found 0.5"]
    for text in ("kappa", "kappa>0.7", "trust>=1", "reviews>=x"):
        with pytest.raises(ValueError, match="--gate"):
            gate.check([text], work, boxes_of)
