"""Rounds of review: who may decide on an item next, when two people disagree, and what holds in the end.

Round 1 is one person's; round 2, where there is one, is blind and another person's; where the two differ a third decides, who sees
both (several rounds of verification in Dual 3.1, stage 5). Gold items, whose answer is known, are decided by everybody, in a round
of their own that changes nothing (`GOLD`).

    stage(state, rules)                        # 2: waits for its second reviewer
    refusal(state, rules, "ana", 2)            # "ana decided on it in round 1"
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from beltline.boxes import iou
from beltline.language.assign import assign
from beltline.language.review import Decision, ItemState

GOLD = 1000
"""Round of what is asked to see how well people look."""
DONE = 0
Outcome = Literal["open", "accepted", "rejected", "edited", "disputed"]
_OUTCOME: dict[str, Outcome] = {"accept": "accepted", "reject": "rejected", "edit": "edited", "annotate": "edited"}
MIN_IOU = 0.5
"""From here on two people mean the same box."""
Boxes = Sequence[Mapping[str, Any]]
"""As in an event: `{"item": 1, "category": "gun", "top": [x, y, x, y], "side": null}`, pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How often every item is decided on."""

    rounds: int = 1
    adjudicate: bool = True
    """A third person decides where two differ."""

    @property
    def adjudication(self) -> int:
        """Its round."""
        return self.rounds + 1


def decisions(state: ItemState, number: int) -> list[Decision]:
    """What was decided in a round, by reviewer."""
    return [made for (found, _), made in sorted(state.decisions.items()) if found == number]


def stage(state: ItemState, rules: Rules) -> int:
    """The round that an item waits for; DONE when it waits for nobody."""
    for number in range(1, rules.rounds + 1):
        if not decisions(state, number):
            return number
    if rules.adjudicate and disputed(state, rules) and not decisions(state, rules.adjudication):
        return rules.adjudication
    return DONE


def refusal(state: ItemState, rules: Rules, reviewer: str, number: int) -> str | None:
    """Why this person may not decide in this round; None when they may."""
    if number == GOLD:
        return None
    for found, who in state.decisions:
        if found == number and who != reviewer:
            return "somebody else has decided on it"
        if found not in (number, GOLD) and who == reviewer:
            return f"{reviewer} decided on it in round {found}"
    if (number, reviewer) not in state.decisions and stage(state, rules) != number:
        return f"it does not wait for round {number}"
    return None


def disputed(state: ItemState, rules: Rules) -> bool:
    """Whether rounds that are over say different things."""
    made = [one for number in range(1, rules.rounds + 1) for one in decisions(state, number)]
    return any(not alike(one, two) for one, two in pairwise(made))


def outcome(state: ItemState, rules: Rules) -> tuple[Outcome, Decision | None]:
    """What holds, and the decision that says so."""
    last = decisions(state, rules.adjudication) or decisions(state, rules.rounds)
    if last and (last[0].round == rules.adjudication or not disputed(state, rules)) and _complete(state, rules):
        return _OUTCOME[last[0].action], last[0]
    return ("disputed" if disputed(state, rules) else "open"), None


def _complete(state: ItemState, rules: Rules) -> bool:
    return all(decisions(state, number) for number in range(1, rules.rounds + 1))


def alike(one: Decision, two: Decision) -> bool:
    """Whether two decisions say the same: both reject, both accept as it is, or both change it to the same."""
    if "reject" in (one.action, two.action) or "accept" in (one.action, two.action):
        return one.action == two.action
    ours, theirs = json.loads(one.after or "{}"), json.loads(two.after or "{}")
    rest = [{name: value for name, value in said.items() if name != "boxes"} for said in (ours, theirs)]
    return rest[0] == rest[1] and box_f1(ours.get("boxes", []), theirs.get("boxes", []))[0] == 1.0


def box_f1(ours: Boxes, theirs: Boxes, category: str | None = None) -> tuple[float, float | None]:
    """F1 of two people's boxes at IoU 0.5 over both views, and the mean IoU of those that match.

    Boxes match within a view and a category, one to one, so that the sum of overlaps is largest. No boxes on either side: 1.0.
    """
    total, overlaps = 0, []
    for view in ("top", "side"):
        for name in sorted({one["category"] for one in (*ours, *theirs)} if category is None else {category}):
            a, b = ([one[view] for one in side if one["category"] == name and one.get(view)] for side in (ours, theirs))
            total += len(a) + len(b)
            scores = [[_overlap(one, two) for two in b] for one in a]
            pairs = enumerate(assign(scores))
            overlaps += [scores[row][column] for row, column in pairs if column is not None]
    mean = sum(overlaps) / len(overlaps) if overlaps else None
    return (2 * len(overlaps) / total if total else 1.0), mean


def _overlap(one: Sequence[float], two: Sequence[float]) -> float:
    """The IoU, 0 where it is too small to count."""
    found = float(iou([one], [two])[0, 0])
    return found if found >= MIN_IOU else 0.0
