"""How many of a kind, and which kind (One App. D.1): counting and identity.

Counting asks for categories and for groups of them, absent ones included, up to a rung that the words alone decide. Identity offers
kinds that look or sound alike: in fixed groups whose members are each other's distractors, so that every one can be right (balanced),
or the three nearest to the truth (the paper's rule, in which rare neighbours are never right).

    nearest("gun", labels.MMXRAY)           # ("3d printed gun", ...): by kinship of labels, shared words and group
"""

from collections.abc import Iterator
from typing import Final

from beltline import labels
from beltline.exam.mm_sight import Sight, Thing, named
from beltline.exam.mm_wording import COUNTED_GROUPS, COUNTING, COUNTING_GROUP, IDENTITY, IDENTITY_PLACE, WHERE
from beltline.exam.tasks import Question

ALIKE: Final[tuple[tuple[str, ...], ...]] = (
    ("unfolding knife", "straight knife", "plastic handle knife", "metal handle knife"),
    ("folding knife", "utility knife", "multi-tool knife", "plastic lighter"),
    ("metal handle cleaver", "plastic handle cleaver", "axe", "hammer"),
    ("plastic bottle liquid", "glass bottle liquid", "metal bottle liquid", "compressed gas"),
    ("mobile phone", "power bank", "laptop", "columnar block battery"),
    ("pliers", "handcuffs", "baton", "scissors"),
    ("gun", "grenade", "bullet", "fireworks"),
    ("mobile phone", "tablet", "laptop", "nonmetallic lighter"),
    ("portable charger 1", "portable charger 2", "columnar orange liquid", "columnar green liquid"),
    ("orange liquid", "green liquid", "blue liquid", "umbrella"),
    ("knife", "scissors", "razor blade", "saw blade"),
    ("wrench", "pliers", "hammer", "screwdriver"),
    ("gun", "bat", "battery", "pressure vessel"),
    ("lighter", "fireworks", "dart"),
    ("baton", "bullet", "gun", "knife"),
    ("power bank", "sprayer", "handcuffs", "lighter"),
    ("can", "carton drink", "glass bottle", "plastic bottle"),
    ("vacuum cup", "spray can", "tin"),
    ("portable charger 1", "portable charger 2", "cosmetic", "nonmetallic lighter"),
    ("water", "laptop", "mobile phone", "tablet"),
    ("explosive", "battery", "power bank", "lighter"),
    ("syringe", "shaving razor", "nail cutter", "scissors"),
)
"""Kinds that are taken for one another; the first seven are MMXray's 28. A group serves the sources that label all of it."""

_BLADES = ("knife",)
_CONTAINERS = ("liquid", "bottle", "pressure vessel")
_DEVICES = ("electronic device", "battery")
_TOOLS = ("hammer", "pliers", "axe", "wrench", "screwdriver", "scissors")
_ARMS = ("gun", "bullet", "grenade", "baton", "handcuffs", "fireworks")
_OTHERS = (*_BLADES, *_CONTAINERS, *_TOOLS, *_ARMS, "lighter")
_MEMBERS: Final[dict[str, tuple[tuple[str, ...], tuple[int, int]]]] = {
    "blades": (_BLADES, (0, 2)),
    "containers": (_CONTAINERS, (0, 1)),
    "devices": (_DEVICES, (0, 2)),
    "tools": (_TOOLS, (0, 1)),
    "arms": (_ARMS, (0, 2)),
    "edges": ((*_BLADES, "axe", "scissors"), (0, 2)),
    "all but devices": (_OTHERS, (0, 3)),
    "all": ((*_OTHERS, *_DEVICES), (1, 3)),
}
"""Of each group: what its members are or are a kind of, and the lowest and highest number that is an option of its own."""
_OFTEN: Final = {"mobile phone": 3, "orange liquid": 3, "portable charger 1": 2, "laptop": 2, "green liquid": 2}
"""Highest numbers for categories that come in numbers where the source is Dual's (its Table 2)."""
NUM_ABSENT: Final = 2


def countings(sight: Sight) -> Iterator[Question]:
    """Every category that is there, a few that are not, and every group whose members can all be counted."""
    for category in (*sight.counts, *sight.absent()[:NUM_ABSENT]):
        things = [thing for thing in sight.things if thing.category == category]
        high = _OFTEN.get(category, 1) if sight.vocabulary == labels.DUAL else 1
        words = {"kind": "category", "category": category}
        options, right = rungs(0, high), rung(len(things), 0, high)
        yield sight.put("counting", words, COUNTING, options, right, say=named(category), things=things)
    for group, (low, high) in groups(sight).items():
        things = members(sight, group)
        if len(things) >= low:
            words, say = {"kind": "group", "group": group}, {"group": COUNTED_GROUPS[group]}
            options, right = rungs(low, high), rung(len(things), low, high)
            yield sight.put("counting", words, COUNTING_GROUP, options, right, say=say, things=things)


def groups(sight: Sight) -> dict[str, tuple[int, int]]:
    """The groups that can be counted in a scan: its source labels two of their kinds or more, and nothing is hidden."""
    if len(sight.things) < len(sight.scan.items):
        return {}
    told = {name: sum(_belongs(category, name) for category in sight.vocabulary) for name in _MEMBERS}
    return {name: limits for name, (_, limits) in _MEMBERS.items() if told[name] > 1}


def members(sight: Sight, group: str) -> list[Thing]:
    return [thing for thing in sight.things if _belongs(thing.category, group)]


def rungs(low: int, high: int) -> list[str]:
    """'0', '1', 'More than 1'."""
    return [*(str(number) for number in range(low, high + 1)), f"More than {high}"]


def rung(number: int, low: int, high: int) -> str:
    return rungs(low, high)[min(number, high + 1) - low]


def identities(sight: Sight) -> Iterator[Question]:
    """One question for each group of like kinds of which just one is there; by place where several are."""
    if len(sight.things) < len(sight.scan.items):
        return
    if sight.rule == "paper":
        offered = [(name, *nearest(name, sight.vocabulary)) for name in sight.counts if name in sight.vocabulary]
    else:
        offered = [group for group in ALIKE if set(group) <= set(sight.vocabulary)]
    for kinds in offered:
        there = [name for name in kinds if name in sight.counts]
        if len(there) == 1 and all(sight.clear(name) for name in kinds):
            yield _which(sight, kinds, there[0])
        elif len(there) > 1 and sight.rule == "balanced":
            yield from _which_there(sight, kinds)


def _which(sight: Sight, kinds: tuple[str, ...], right: str) -> Question:
    things = [thing for thing in sight.things if thing.category == right]
    options = [_title(kind) for kind in kinds]
    return sight.put("identity", {"kind": "one of"}, IDENTITY, options, _title(right), things=things)


def _which_there(sight: Sight, kinds: tuple[str, ...]) -> Iterator[Question]:
    """For every place in which one of the kinds certainly lies and none of the others could."""
    own = [thing for thing in sight.things if thing.category in kinds]
    for thing in own:
        rivals = [other for other in own if other is not thing and thing.place in other.near]
        if thing.place is not None and not rivals:
            words, say = {"kind": "place", "place": thing.place}, {"where": WHERE[thing.place]}
            options = [_title(kind) for kind in kinds]
            yield sight.put("identity", words, IDENTITY_PLACE, options, _title(thing.category), say=say, things=[thing])


def nearest(category: str, known: tuple[str, ...], num: int = 3) -> tuple[str, ...]:
    """The kinds most like a category, by `likeness`; of equally like ones the first by name."""
    others = [name for name in known if name != category and category not in labels.broader(name)]
    others = [name for name in others if name not in labels.broader(category)]
    return tuple(sorted(others, key=lambda name: (-likeness(category, name), name))[:num])


def likeness(one: str, other: str) -> int:
    """Two for each wider kind that both are, two for being in one group of `ALIKE`, one for each word in common."""
    wider = set(labels.broader(one)[1:]) & set(labels.broader(other)[1:])
    grouped = any(one in group and other in group for group in ALIKE)
    return 2 * len(wider) + 2 * grouped + len(set(one.split()) & set(other.split()))


def _belongs(category: str, group: str) -> bool:
    return not set(labels.broader(category)).isdisjoint(_MEMBERS[group][0])


def _title(category: str) -> str:
    words = named(category)["a_gun"]
    return words[0].upper() + words[1:]
