"""How a queue stands and how far people agree, as a page: progress, kappa by attribute and by class, boxes, gold, time.

Agreement is between what two people said in rounds 1 and 2, each without seeing the other's. Kappa is Cohen's; boxes are compared by
F1 at IoU 0.5 and the mean IoU of those that match, a box that was not changed standing as the version has it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beltline.language.review import Agreement, Decision, ItemState, cohen_kappa
from beltline.language.rounds import GOLD, Boxes, box_f1, decisions
from beltline.language.worklist import Worklist

BoxesOf = Callable[[int], list[dict[str, Any]]]
ATTRIBUTES = ("category", "colour", "quantity", "container", "top_place", "side_place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What two people said on one item in two blind rounds."""

    item: int
    one: Decision
    two: Decision


def pairs(states: Iterable[ItemState], first: int = 1, second: int = 2) -> list[Pair]:
    """The items that were decided on in both rounds."""
    both = ((state.item, decisions(state, first), decisions(state, second)) for state in states)
    return [Pair(item=item, one=ones[0], two=twos[0]) for item, ones, twos in both if ones and twos]


def kappas(found: Iterable[Pair], boxes_of: BoxesOf) -> dict[str, Agreement]:
    """Agreement by name: the decision, and each attribute over the items that both left in."""
    said: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for pair in found:
        ours, theirs = (_stated(pair.item, one, boxes_of) for one in (pair.one, pair.two))
        for name in ours.keys() & theirs.keys():
            said[name.split("/")[-1]][0].append(ours[name])
            said[name.split("/")[-1]][1].append(theirs[name])
    measured = {name: cohen_kappa(*labels) for name, labels in sorted(said.items())}
    return {name: one for name, one in measured.items() if one is not None}


def by_class(found: Iterable[Pair], categories: Mapping[int, tuple[str, ...]]) -> dict[str, Agreement]:
    """Agreement on the decision, over the items that hold each category."""
    said: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for pair in found:
        for name in categories.get(pair.item, ()):
            said[name][0].append(_verdict(pair.one))
            said[name][1].append(_verdict(pair.two))
    measured = {name: cohen_kappa(*labels) for name, labels in sorted(said.items())}
    return {name: one for name, one in measured.items() if one is not None}


def _verdict(made: Decision) -> str:
    return "reject" if made.action == "reject" else "accept"


def _boxes(item: int, made: Decision, boxes_of: BoxesOf) -> Boxes:
    said = json.loads(made.after or "{}")
    return said["boxes"] if "boxes" in said else boxes_of(item)


def _stated(item: int, made: Decision, boxes_of: BoxesOf) -> dict[str, str]:
    """The decision, and of what was not rejected every attribute of every item: "1/colour" and "2/colour" are two units."""
    if made.action == "reject":
        return {"decision": "reject"}
    each = {
        f"{box['item']}/{name}": str(box[name])
        for box in _boxes(item, made, boxes_of)
        for name in ATTRIBUTES
        if name in box
    }
    return {"decision": "accept"} | each


def box_agreement(found: Iterable[Pair], boxes_of: BoxesOf) -> dict[str, tuple[int, float, float | None]]:
    """Category, and "all" -> items that both left in and that hold it, mean F1 of their boxes, mean IoU of those that match."""
    scores: dict[str, list[tuple[float, float | None]]] = defaultdict(list)
    for pair in found:
        if "reject" not in (pair.one.action, pair.two.action):
            ours, theirs = (_boxes(pair.item, one, boxes_of) for one in (pair.one, pair.two))
            scores["all"].append(box_f1(ours, theirs))
            for name in sorted({str(box["category"]) for box in (*ours, *theirs)}):
                scores[name].append(box_f1(ours, theirs, name))
    return {
        name: (len(each), _mean([f1 for f1, _ in each]) or 0.0, _mean([iou for _, iou in each]))
        for name, each in scores.items()
    }


def _mean(values: Iterable[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return sum(known) / len(known) if known else None


def golds(states: Iterable[ItemState], truth: Mapping[int, str]) -> dict[str, tuple[int, int]]:
    """Reviewer -> (right, decided) on items whose answer is known."""
    found: dict[str, tuple[int, int]] = {}
    for state in states:
        for (number, who), made in state.decisions.items():
            if state.item in truth and number == GOLD:
                right, num = found.get(who, (0, 0))
                found[who] = (right + (_verdict(made) == truth[state.item]), num + 1)
    return dict(sorted(found.items()))


def seconds(states: Iterable[ItemState]) -> dict[str, tuple[int, float]]:
    """Reviewer -> (decisions, mean seconds an item)."""
    spent: dict[str, list[float]] = defaultdict(list)
    for state in states:
        for (_, who), made in state.decisions.items():
            spent[who].append(made.seconds)
    return {who: (len(times), sum(times) / len(times)) for who, times in sorted(spent.items())}


def figures(work: Worklist, boxes_of: BoxesOf) -> str:
    """All of it as markdown; names and categories as code, so that nothing in them is markup."""
    states = work.touched()
    found, counts = pairs(states), work.counts()
    lines = ["### Progress", *_table(("items", "number"), [(name, str(num)) for name, num in counts.items()])]
    reasons = Counter(made.reason for state in states for made in state.decisions.values() if made.action == "reject")
    lines += [
        "### Why items were rejected",
        *_table(("reason", "decisions"), [(_code(why), str(num)) for why, num in reasons.most_common()]),
    ]
    lines += [
        "### Agreement of rounds 1 and 2",
        *_table(_KAPPA, [_kappa_line(*one) for one in kappas(found, boxes_of).items()]),
    ]
    held = {
        work.entries[work.position[pair.item]].item: work.entries[work.position[pair.item]].categories for pair in found
    }
    lines += ["### By category", *_table(_KAPPA, [_kappa_line(*one) for one in by_class(found, held).items()])]
    boxes = [
        (_code(name), str(num), f"{f1:.3f}", "" if iou is None else f"{iou:.3f}")
        for name, (num, f1, iou) in box_agreement(found, boxes_of).items()
    ]
    lines += ["### Boxes", *_table(("category", "items", "F1 at 0.5", "mean IoU"), boxes)]
    gold = golds(states, work.gold)
    people = [
        (_code(who), str(num), f"{mean:.1f}", "{} of {}".format(*gold[who]) if who in gold else "")
        for who, (num, mean) in seconds(states).items()
    ]
    lines += ["### People", *_table(("name", "decisions", "seconds an item", "gold right"), people)]
    return "\n".join(lines)


_KAPPA = ("what", "units", "equal", "kappa")


def _kappa_line(name: str, one: Agreement) -> tuple[str, ...]:
    return (
        _code(name),
        str(one.units),
        f"{100 * one.observed:.1f} %",
        "undefined" if one.kappa is None else f"{one.kappa:.3f}",
    )


def _code(text: object) -> str:
    """As code in a cell of a table."""
    return "`" + str(text).replace("`", "'").replace("|", "/").replace("\n", " ")[:80] + "`"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return ["", "Nothing yet.", ""]
    return ["", *(f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows)), ""]
