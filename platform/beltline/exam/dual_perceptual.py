"""Counting and recognition (Dual 3.2.1), both under occlusion: at least one of the things asked for is partly hidden in a view.

Hidden means that another item covers it there, or that something denser keeps it from showing. An item that shows in neither
view is never counted on, and a kind that could be read in two ways ("orange liquid" beside a columnar bottle of it) is not asked.
"""

from collections.abc import Iterator
from typing import Final

from beltline import labels
from beltline.exam.dual_bag import Bag, Thing, Wordings, the
from beltline.exam.space import shared
from beltline.exam.tasks import Question
from beltline.labels import broader
from beltline.language.lexicon import listed, noun

COVERED_FROM, SHOWN_BELOW = 0.1, 0.9
"""An item is partly hidden where another shares this much of the smaller one's shadow, or it shows less of itself."""
SETS: Final[tuple[tuple[str, ...], ...]] = (
    ("orange liquid", "green liquid", "blue liquid", "columnar orange liquid", "columnar green liquid"),
    ("mobile phone", "tablet", "laptop", "portable charger 1", "portable charger 2"),
    ("mobile phone", "tablet", "laptop"),
    ("orange liquid", "columnar orange liquid"),
    ("green liquid", "columnar green liquid"),
    ("portable charger 1", "portable charger 2"),
    ("mobile phone", "portable charger 1", "portable charger 2", "nonmetallic lighter"),
    ("umbrella", "laptop", "tablet", "blue liquid"),
    ("plastic bottle liquid", "glass bottle liquid", "metal bottle liquid", "compressed gas"),
    ("unfolding knife", "folding knife", "straight knife", "utility knife", "multi-tool knife"),
    ("hammer", "axe", "pliers", "scissors", "baton"),
)
"""Kinds that are counted together, besides each on its own."""
NUMBERS: Final = ("one", "two", "three", "four or more")
ALONE: Final = NUMBERS[:3]
"""For one kind on its own; more of it are not asked about."""
_STEPS: Final = ((0, 1, 3, 7), (0, 2, 5, 6))
COUNTING: Final[Wordings] = {
    "alone": (
        "Some of what the bag holds is partly hidden. Using both views, how many {many} are there?",
        "How many {many} does the bag hold, counting those that are partly covered in one view?",
        "Count the {many}; each of them may be hidden in part in one of the views. How many are there?",
    ),
    "together": (
        "Some of what the bag holds is partly hidden. Using both views, how many of these are there in all: {many}?",
        "How many of the following does the bag hold taken together, counting those that are partly covered in one view: {many}?",
        "Count these kinds together; each of them may be hidden in part in one of the views: {many}. How many are there?",
    ),
}
RECOGNITION: Final[Wordings] = {
    "present": (
        "One of these is in the bag, partly hidden in a view. Which is it?",
        "Which of these can be made out in the bag when both views are compared?",
        "Only one of the following is in this bag, and it is hidden in part. Name it.",
    ),
    "absent": (
        "All but one of these are in the bag, some partly hidden. Which one is not?",
        "Which of these cannot be found in either view of the bag?",
        "One of the following is missing from this bag. Name it.",
    ),
}


def counts(bag: Bag) -> Iterator[Question]:
    """How many there are of a kind, or of several kinds together."""
    there = {one.category for one in bag.things}
    kinds = [(name,) for name in sorted(there)] + [kinds for kinds in SETS if there & set(kinds)]
    for chosen in kinds:
        meant = [one for one in bag.things if set(chosen) & set(broader(one.category))]
        numbers = ALONE if len(chosen) == 1 else NUMBERS if len(chosen) > 2 else ALONE
        number = min(len(meant), 4)
        if number <= len(numbers) and _fit(bag, meant, chosen):
            form = "alone" if len(chosen) == 1 else "together"
            yield bag.put(
                "CT",
                form,
                COUNTING,
                words={"kinds": list(chosen)},
                said={"many": listed([noun(name).many for name in chosen])},
                options=numbers,
                answer=numbers[number - 1],
                things=meant,
                details={"number": len(meant)},
            )


def recognitions(bag: Bag) -> Iterator[Question]:
    """Which of four kinds is in the bag, or is not; only kinds of one exam's categories stand beside each other."""
    there = {name for one in bag.things for name in broader(one.category)}
    clear = {one.category for one in bag.things if one.plain}
    for four in groups(frozenset(one.category for one in bag.things)):
        inside = [name for name in four if name in there]
        odd = inside if len(inside) == 1 else [name for name in four if name not in there] if len(inside) == 3 else []
        if not odd or not set(inside) <= clear:
            continue
        meant = [one for one in bag.things if one.category in inside]
        if any(hidden(bag, one) for one in meant):
            yield bag.put(
                "OR",
                "present" if len(inside) == 1 else "absent",
                RECOGNITION,
                options=tuple(the(name) for name in four),
                answer=the(odd[0]),
                things=meant,
            )


def groups(there: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Fours of categories of the first exam that has all of the bag's, in each of which every category stands equally often."""
    known = next((names for names in (labels.DUAL, labels.MMXRAY, labels.DVXRAY) if there <= set(names)), ())
    for steps in _STEPS if there else ():
        yield from (tuple(known[(first + step) % len(known)] for step in steps) for first in range(len(known)))


def hidden(bag: Bag, one: Thing) -> bool:
    """Whether a view shows the thing only in part."""
    others = [other for other in bag.things if other is not one]
    return any(
        one.visible(view) < SHOWN_BELOW
        or any(shared(shade, other.shadows[view]).share >= COVERED_FROM for other in others if view in other.shadows)
        for view, shade in one.shadows.items()
    )


def _fit(bag: Bag, meant: list[Thing], chosen: tuple[str, ...]) -> bool:
    """Every one can be seen, none is of a kind that was only meant in a wider sense, and one is partly hidden."""
    sure = all(one.plain and one.category in chosen for one in meant)
    return sure and any(hidden(bag, one) for one in meant)
