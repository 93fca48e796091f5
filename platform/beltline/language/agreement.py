"""The third screen: do the top scene and the side scene contradict each other?

Judged are pairs of a top and a side statement about things that both views show (or that none does): presence, number, and
the position along the belt. Both views share the image's x, so left and right must agree; top and bottom need not, since
above in one view is across in the other.
"""

from beltline.labels import CATEGORIES
from beltline.language import lexicon
from beltline.language.facts import Facts
from beltline.language.reading import Reading
from beltline.language.statements import Mention

_SIDES = ("left", "right")


def applies(facts: Facts) -> bool:
    """Whether the bag gives two views something to agree or to differ on."""
    return len(facts.views) == 2 and any(comparable(facts, category) for category in facts.counts())


def comparable(facts: Facts, category: str) -> bool:
    """Whether both views show everything that the word for a category may mean, or the bag holds nothing of it."""
    further = frozenset((*facts.counts(), category)).difference(CATEGORIES)
    return _comparable(facts, lexicon.meanings(lexicon.noun(category).one.lower(), further))


def judge(reading: Reading) -> tuple[int, dict[str, str]]:
    """The number of judged pairs, and key -> objection of those that contradict."""
    if len(reading.facts.views) < 2 or reading.caption.side is None:
        return 0, {}
    scenes = [[m for m in reading.mentions if m.where == view] for view in ("top", "side")]
    pairs: dict[str, str | None] = {}
    for categories in dict.fromkeys(m.categories for scene in scenes for m in scene):
        top, side = ([m for m in scene if m.categories == categories] for scene in scenes)
        if _comparable(reading.facts, categories):
            pairs |= _presence(top, side) | _numbers(top, side) | _positions(reading, top, side)
    pairs |= _instead(reading, *scenes)
    return len(pairs), {key: objection for key, objection in pairs.items() if objection}


def _comparable(facts: Facts, categories: frozenset[str]) -> bool:
    """Both views show every item of the class, or the bag holds none."""
    return all(item.top and item.side for item in facts.items if item.category in categories)


def _presence(top: list[Mention], side: list[Mention]) -> dict[str, str | None]:
    """Named in one scene, denied in the other: one pair for each denial; else one pair that agrees."""
    if not top or not side:
        return {}
    pairs: dict[str, str | None] = {}
    for one, other in ((top, side), (side, top)):
        named = next((m for m in one if not m.negated), None)
        for denial in (m for m in other if m.negated):
            if named is not None:
                pairs[f"presence/{named.key}/{denial.key}"] = (
                    f"the {named.view} view has {named.phrase!r}, the {denial.view} view denies it"
                )
    return pairs or {f"presence/{top[0].key}/{side[0].key}": None}


def _numbers(top: list[Mention], side: list[Mention]) -> dict[str, str | None]:
    """Every number of the one scene with every number of the other."""
    return {
        f"number/{a.key}/{b.key}": f"{m} {a.phrase!r} in the top view, {n} {b.phrase!r} in the side view"
        if m != n
        else None
        for a, m in _totals(top)
        for b, n in _totals(side)
    }


def _totals(mentions: list[Mention]) -> list[tuple[Mention, int]]:
    """Numerals that tell how many there are; 'a gun' tells one where the scene speaks of no other."""
    there = [m for m in mentions if not m.negated]
    stated = [(m, m.count) for m in there if m.total and m.count is not None]
    fresh = [m for m in there if not m.definite]
    return stated or [(m, 1) for m in fresh if m.single and len(fresh) == 1]


def _positions(reading: Reading, top: list[Mention], side: list[Mention]) -> dict[str, str | None]:
    """Left or right of a class in both scenes. With several items of the class, only when each is given a side."""
    number = max(len(reading.candidates((top or side)[0])), 1)
    a, b = _sided(top), _sided(side)
    if number == 1:
        return {f"position/{m.key}/{n.key}": _differ([m], [n]) for m in a for n in b}
    if len(a) == len(b) == number:
        return {f"position/{a[0].key}/{b[0].key}": _differ(a, b)}
    return {}


def _sided(mentions: list[Mention]) -> list[Mention]:
    return [m for m in mentions if not m.negated and any(place in _SIDES for place in m.places)]


def _differ(top: list[Mention], side: list[Mention]) -> str | None:
    a, b = (sorted(next(p for p in m.places if p in _SIDES) for m in mentions) for mentions in (top, side))
    return (
        f"{top[0].phrase!r} is {' and '.join(a)} in the top view, {' and '.join(b)} in the side view"
        if a != b
        else None
    )


def _instead(reading: Reading, top: list[Mention], side: list[Mention]) -> dict[str, str | None]:
    """One class at a side in the top scene, another at that side in the side scene, and neither in the other scene."""
    pairs: dict[str, str | None] = {}
    for place in _SIDES:
        a, b = (_alone(reading, here, there, place) for here, there in ((top, side), (side, top)))
        if a and b:
            pairs[f"category/{a.key}/{b.key}"] = (
                f"{a.phrase!r} is {place} in the top view, {b.phrase!r} in the side view"
            )
    return pairs


def _alone(reading: Reading, here: list[Mention], there: list[Mention], place: str) -> Mention | None:
    """The one class at a side of a scene, if the other scene does not speak of it."""
    elsewhere = {category for m in there for category in m.categories}
    found = [m for m in _sided(here) if place in m.places and not elsewhere & m.categories]
    same = len({m.categories for m in found}) == 1 and _comparable(reading.facts, found[0].categories)
    return found[0] if same else None
