"""The third screen: do the top scene and the side scene contradict each other?

Judged are pairs of a top and a side statement about things that both views show (or that none does): presence, number, and
the position along the belt, also beside another thing. Both views share the image's x, so left and right must agree; top and
bottom need not, since above in one view is across in the other. Pose and occlusion are for judging.py.
"""

from itertools import product

from beltline.labels import CATEGORIES
from beltline.language import judging, lexicon
from beltline.language.facts import Facts
from beltline.language.judging import Judge
from beltline.language.mentions import EMPTY, Mention, Relation
from beltline.language.reading import Reading, stated_total

_SIDES = ("left", "right")


def applies(facts: Facts) -> bool:
    """Whether the bag gives two views something to agree or to differ on."""
    return len(facts.views) == 2 and any(comparable(facts, category) for category in facts.counts())


def comparable(facts: Facts, category: str) -> bool:
    """Whether both views show everything that the word for a category may mean, or the bag holds nothing of it."""
    further = frozenset((*facts.counts(), category)).difference(CATEGORIES)
    return _comparable(facts, lexicon.meanings(lexicon.noun(category).one.lower(), further))


def judge(reading: Reading, judge_of: Judge | None = None) -> tuple[int, dict[str, str]]:
    """The number of judged pairs, and key -> objection of those that contradict.

    Args:
        reading: a caption read against its facts.
        judge_of: asked of two statements on pose or occlusion that the facts do not settle; such pairs are left out without one.
    """
    if len(reading.facts.views) < 2 or reading.caption.side is None:
        return 0, {}
    scenes = [[m for m in reading.mentions if m.where == view and not m.hedged] for view in ("top", "side")]
    pairs: dict[str, str | None] = {}
    held = frozenset(reading.facts.counts())
    for categories in dict.fromkeys(m.categories for scene in scenes for m in scene if m.phrase != EMPTY):
        known = bool(categories & held)
        top, side = ([m for m in scene if _speaks_of(m, categories, known)] for scene in scenes)
        if _comparable(reading.facts, categories):
            pairs |= _presence(top, side) | _numbers(top, side) | _positions(reading, top, side)
    pairs |= _instead(reading, *scenes) | _relations(reading, *scenes) | judging.rulings(reading, scenes, judge_of)
    return len(pairs), {key: objection for key, objection in pairs.items() if objection}


def _speaks_of(mention: Mention, categories: frozenset[str], known: bool) -> bool:
    """Uses words of the same width, or denies something wider (everything, only where the bag holds such an item)."""
    wider = mention.negated and mention.categories > categories and (known or mention.phrase != EMPTY)
    return mention.categories == categories or wider


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
        for denial in (m for m in other if m.negated and not m.places):
            if named is not None:
                pair = (named, denial) if one is top else (denial, named)
                pairs[f"presence/{pair[0].key}/{pair[1].key}"] = (
                    f"the {named.where} scene has {named.phrase!r}, the {denial.where} scene denies it: "
                    f"{denial.clause.strip()[:120]!r}"
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
    """Numerals that tell how many there are; else what new ones add up to."""
    stated = [(m, m.total) for m in mentions if m.asserts and m.total is not None]
    added = stated_total(mentions)
    return stated or ([added] if added is not None else [])


def _relations(reading: Reading, top: list[Mention], side: list[Mention]) -> dict[str, str | None]:
    """Left or right of the same other thing in both scenes."""
    pairs: dict[str, str | None] = {}
    for (a, one), (b, two) in product(_across(reading, top), _across(reading, side)):
        same = (a.categories, one.categories) == (b.categories, two.categories)
        turned = (a.categories, one.categories) == (two.categories, b.categories)
        if same or turned:
            differ = (one.direction == two.direction) == turned
            pairs[f"relation/{a.key}/{b.key}"] = (
                f"{a.phrase!r} is {one.direction} of {one.phrase!r} in the top view, {b.phrase!r} {two.direction} of {two.phrase!r} in the side view"
                if differ
                else None
            )
    return pairs


def _across(reading: Reading, scene: list[Mention]) -> list[tuple[Mention, Relation]]:
    """The statements of left and right of a scene about things of which there is one, in both views."""
    return [
        (m, relation)
        for m in scene
        for relation in m.relations
        if m.asserts
        and relation.direction in _SIDES
        and all(_one(reading, c) for c in (m.categories, relation.categories))
    ]


def _one(reading: Reading, categories: frozenset[str]) -> bool:
    number = sum(item.category in categories for item in reading.facts.items)
    return number <= 1 and _comparable(reading.facts, categories)


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
