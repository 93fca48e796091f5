"""Decisions as a fold: staleness, undo, rounds, agreement against an independent reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from beltline.language.review import Event, agreement, audit, cohen_kappa, fold, from_json, last_of, standing

NOW = {1: "one", 2: "two"}


def event(id: str, action: str = "accept", item: int = 1, **changes) -> Event:
    plain = {
        "queue": "captions",
        "digest": NOW.get(item, "gone"),
        "round": 1,
        "reviewer": "ana",
        "at": "2026-11-22T10:00:00Z",
    }
    return Event(**{"id": id, "action": action, "item": item, **plain, **changes})


def statuses(*events: Event) -> dict[int, str]:
    return {item: state.status for item, state in fold(events, NOW).items()}


def test_nothing_decided():
    assert statuses() == {1: "open", 2: "open"}
    assert fold([], {}) == {} and standing([]) == [] and last_of([], "ana") is None


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([event("a")], "accepted"),
        ([event("a", "reject", reason="wrong class")], "rejected"),
        ([event("a"), event("b", "reject", reason="no")], "rejected"),  # the last word of one person counts
        ([event("a"), event("b", "reject", reviewer="bo")], "disputed"),
        ([event("a"), event("b", reviewer="bo")], "accepted"),
        ([event("a"), event("b", "reject", reviewer="bo"), event("c", round=2, reviewer="cy")], "accepted"),
        ([event("a", "edit", after='{"x":1}'), event("b", "edit", after='{"x":2}', reviewer="bo")], "disputed"),
        ([event("a", "edit", after='{"x":1}'), event("b", "edit", after='{"x":1}', reviewer="bo")], "edited"),
        ([event("a", digest="before")], "open"),  # what was seen is not what is there
        ([event("a", "flag", reason="look at this")], "open"),
        ([event("a"), event("u", "undo", undoes="a")], "open"),
        ([event("a"), event("u", "undo", undoes="a"), event("v", "undo", undoes="u")], "accepted"),
        ([event("a"), event("u", "undo", undoes="a", reviewer="bo")], "accepted"),  # not hers to take back
        ([event("a"), event("b", "reject"), event("u", "undo", undoes="b")], "accepted"),
        ([event("u", "undo", undoes="missing"), event("a")], "accepted"),
    ],
)
def test_what_holds(events, status):
    assert statuses(*events)[1] == status


def test_a_stale_decision_stays_in_the_log():
    state = fold([event("a", digest="before"), event("b", item=9)], NOW)
    assert [decision.event for decision in state[1].stale] == ["a"]
    assert state[9].digest is None and [decision.event for decision in state[9].stale] == ["b"]


def test_a_decision_holds_again_when_the_item_is_again_what_was_seen():
    log = [event("a", digest="before")]
    assert fold(log, {1: "before"})[1].status == "accepted"


def test_undo_goes_over_items():
    log = [event("a"), event("b", item=2), event("c", reviewer="bo")]
    assert last_of(log, "ana").id == "b"
    assert last_of([*log, event("u", "undo", item=2, undoes="b")], "ana").id == "a"


def test_seconds_add_up():
    states = fold([event("a", seconds=2.0), event("b", "reject", seconds=3.5)], NOW)
    assert states[1].decisions[(1, "ana")].seconds == 5.5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"action": "approve"}, "expected an action"),
        ({"action": "undo"}, "undoes"),
        ({"undoes": "x"}, "undoes"),
        ({"round": 0}, "round from 1"),
        ({"reviewer": ""}, "a reviewer"),
        ({"action": "edit", "after": "x" * 200_001}, "200000"),
    ],
)
def test_what_is_no_event(changes, message):
    with pytest.raises(ValueError, match=message):
        event("a", **changes)


def test_the_audit_reads_back():
    log = [event("a", "edit", before="{}", after='{"attributes":{"1/colour":"blue"}}', seconds=1.25), event("b")]
    assert [from_json(line) for line in audit(log)] == log
    for line in ("", "[]", '{"id":"a"}'):
        with pytest.raises(ValueError):
            from_json(line)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40))
def test_kappa_is_cohens(pairs):
    one, two = ([pair[k] for pair in pairs] for k in (0, 1))
    ours = cohen_kappa(one, two)
    assert ours.observed == pytest.approx(np.mean([a == b for a, b in pairs]))
    if len(set(one) | set(two)) == 1:
        assert ours.kappa is None
    else:
        assert ours.kappa == pytest.approx(cohen_kappa_score(one, two))


def test_kappa_of_nothing_and_of_unequal_lists():
    assert cohen_kappa([], []) is None
    with pytest.raises(ValueError, match="as many"):
        cohen_kappa(["a"], [])


def test_agreement_by_attribute_over_what_both_decided():
    def annotate(number: int, reviewer: str, item: int, **attributes: str) -> Event:
        after = '{"attributes":{' + ",".join(f'"{k}":"{v}"' for k, v in attributes.items()) + "}}"
        return event(f"{reviewer}{number}", "annotate", item, reviewer=reviewer, after=after, digest=str(item))

    ana = [annotate(k, "ana", k, **{"1/colour": "blue", "2/colour": "green"}) for k in range(1, 5)]
    bo = [annotate(k, "bo", k, **{"1/colour": "blue", "2/colour": "green" if k > 1 else "blue"}) for k in range(1, 4)]
    table = agreement(fold([*ana, *bo], {k: str(k) for k in range(1, 5)}).values(), 1)
    one, two = ["blue", "green"] * 3, ["blue", "blue", *["blue", "green"] * 2]
    assert table["colour"][("ana", "bo")].units == 6
    assert table["colour"][("ana", "bo")].kappa == pytest.approx(cohen_kappa_score(one, two))
    assert table["decision"][("ana", "bo")].observed == 1.0
    assert agreement(fold([*ana, *bo], {}).values(), 1) == {}  # stale decisions agree on nothing
