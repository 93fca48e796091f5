"""The describer that needs no model: facts in, a hierarchical caption of varied sentences out.

It never says what the facts do not: screening its captions gives full coverage, full alignment and no contradiction. That
makes it the teacher of the first captioner, the baseline of every later one, and (with faults.py) the measure of the screens.

    caption = describe(facts_of(scan), (recipe_seed, scan.id))
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from beltline.language import wording
from beltline.language.captions import Caption, ItemWords
from beltline.language.dice import Dice
from beltline.language.facts import Facts, ItemFacts, Seen
from beltline.language.lexicon import article, listed, noun, number_word
from beltline.language.places import offset
from beltline.verdict import BadRow

VERSION = "grammar-1"
CORNER_BEYOND = 150
MAX_COUNTED = 10

Told = Callable[[str, ItemFacts], ItemFacts]
Counted = Callable[[str, dict[str, int]], dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """What the describer believes, place by place. The plain one believes the facts; faults.py makes liars."""

    item: Told = lambda where, item: item
    """(top, side or items/<index>, the item) -> what is told of it there."""
    counts: Counted = lambda view, counts: counts
    """(view, items per category) -> what is counted there; 0 says that there is none."""


HONEST = Teller()


def describe(facts: Facts, rng_seed: tuple[int, int]) -> Caption:
    """A caption of the facts; the same facts and seed give the same words everywhere.

    Raises:
        BadRow: `caption/schema`, the facts do not fit a caption (more than 40 items, a name of 50 letters).
    """
    return tell(facts, rng_seed, HONEST)


def tell(facts: Facts, rng_seed: tuple[int, int], teller: Teller) -> Caption:
    """`describe`, as a teller sees it."""
    dice = Dice(rng_seed)
    parts: dict[str, Any] = {
        "top": " ".join(_scene(facts, "top", dice, teller)),
        "side": " ".join(_scene(facts, "side", dice, teller)) if "side" in facts.views else None,
        "items": tuple(_item_words(facts, i, teller.item(f"items/{k}", i), dice) for k, i in enumerate(facts.items)),
        "whole": " ".join(_whole(facts, dice)),
    }
    try:
        return Caption(**parts)
    except ValidationError as error:
        raise BadRow(
            "caption/schema", f"the facts do not fit a caption: {error.errors(include_url=False)[0]}"
        ) from error


def _scene(facts: Facts, view: str, dice: Dice, teller: Teller) -> list[str]:
    counts = teller.counts(view, facts.counts(view))
    opening = dice.pick(wording.OPENINGS["only" if facts.views == ("top",) else view])
    bag = _bag(facts, dice, first=view == "top")
    lines = [_sentence(opening, bag, {name: n for name, n in counts.items() if n}, dice)]
    lines += [dice.pick(wording.UNSEEN).format(noun=noun(name).bare) for name, n in counts.items() if not n]
    told = [(item, teller.item(view, item)) for item in facts.items if item.seen(view) and counts[item.category]]
    lines += [
        _item_line(facts, view, told_item, index, [t for _, t in told], dice)
        for index, (_, told_item) in enumerate(told)
    ]
    return lines + _overlap_lines(facts, view, counts, dice)


def _sentence(template: str, bag: str, counts: dict[str, int], dice: Dice) -> str:
    """An opening or closing sentence: the bag and what it holds."""
    held = (
        listed([noun(name).counted(number) for name, number in counts.items()])
        if counts
        else dice.pick(wording.NOTHING)
    )
    single = not counts or next(iter(counts.values())) == 1
    text = template.format(bag=bag, counts=held, be="is" if single else "are")
    return text[0].upper() + text[1:]


def _bag(facts: Facts, dice: Dice, *, first: bool) -> str:
    """'a densely packed suitcase', later 'the ...'; a bag where the container is unknown."""
    name = _holder(facts)
    if facts.density is not None:
        name = f"{dice.pick(wording.PACKED.get(facts.density, (f'{facts.density}-density',)))} {name}"
    return f"{article(name) if first else 'the'} {name}"


def _holder(facts: Facts) -> str:
    return facts.container or "bag"


def _item_line(facts: Facts, view: str, item: ItemFacts, index: int, told: list[ItemFacts], dice: Dice) -> str:
    """'The gun lies on the left and is partly hidden.'"""
    size = dice.pick(wording.SIZES[_seen(item, view).size])
    alike = [other for other in told if other.category == item.category]
    first = next(k for k, other in enumerate(told) if other.category == item.category) == index
    name = f"{size} {noun(item.category).one}".strip()
    if len(alike) == 1:
        subject = f"The {name}"
    elif first:
        subject = f"{article(name).capitalize()} {name}"
    else:
        subject = f"{dice.pick(('Another', 'A further'))} {name}"
    return f"{subject} {lies(facts, view, item, dice, 'scene')}."


def lies(facts: Facts, view: str, item: ItemFacts, dice: Dice, at: str = "item") -> str:
    """'lies on the left and is partly hidden'; always says something. The view must show the item."""
    seen = _seen(item, view)
    where, sight = _where(facts, view, seen, dice), seen.sight and dice.pick(wording.SIGHTS[seen.sight])
    place = f"{dice.pick(wording.VERBS[view])} {where}" if where else None
    return " and ".join(part for part in (place, sight) if part) or dice.pick(wording.NOTHING_MORE[at])


def _where(facts: Facts, view: str, seen: Seen, dice: Dice) -> str | None:
    if seen.place is not None:
        return dice.pick(wording.PLACES[seen.place]).format(holder=_holder(facts))
    corner = _corner(facts, view, seen)
    return corner and dice.pick(wording.CORNERS).format(corner=corner, holder=_holder(facts))


def _corner(facts: Facts, view: str, seen: Seen) -> str | None:
    """'upper left' for a box that is off the middle both ways."""
    across, down = offset(seen.box, facts.frame(view))
    if min(abs(across), abs(down)) < CORNER_BEYOND:
        return None
    return f"{'upper' if down < 0 else 'lower'} {'left' if across < 0 else 'right'}"


def _overlap_lines(facts: Facts, view: str, counts: dict[str, int], dice: Dice) -> list[str]:
    by_number = {item.item: item for item in facts.items}
    pairs = [(by_number[a].category, by_number[b].category) for seen_in, a, b in facts.overlaps if seen_in == view]
    told = dict.fromkeys(pair for pair in pairs if counts[pair[0]] and counts[pair[1]])
    return [_overlap_line(one, two, facts.counts(view), dice) for one, two in told]


def _overlap_line(one: str, two: str, counts: dict[str, int], dice: Dice) -> str:
    if one == two and counts[one] == 2:
        return f"The two {noun(one).many} overlap."
    if one == two:
        return dice.pick(wording.SAME_OVERLAPS).format(nouns=noun(one).many)
    names = [f"the {noun(c).one}" if counts[c] == 1 else f"one of the {noun(c).many}" for c in (one, two)]
    text = dice.pick(wording.OVERLAPS).format(one=names[0], two=names[1])
    return text[0].upper() + text[1:]


def _item_words(facts: Facts, item: ItemFacts, told: ItemFacts, dice: Dice) -> ItemWords:
    count = facts.counts()[item.category]
    return ItemWords.model_construct(
        item=item.item,
        category=told.category,
        colour=told.colour,
        quantity=count if count <= MAX_COUNTED else "many",
        container=facts.container,
        top_place=told.top and told.top.place,
        side_place=told.side and told.side.place,
        top_box=told.top and told.top.box,
        side_box=told.side and told.side.box,
        text=" ".join(item_text(facts, told, dice)),
    )


def item_text(facts: Facts, item: ItemFacts, dice: Dice) -> list[str]:
    """What an item is and how it shows, where it is in each view, what the two views tell together: a sentence each."""
    return [_what(item, dice), *_where_in_views(facts, item, dice), *_cues(item, dice)]


def _what(item: ItemFacts, dice: Dice) -> str:
    """'This gun is rendered in dark blue and is made of metal.'"""
    name = noun(item.category).one
    says = [dice.pick(wording.COLOURED).format(colour=item.colour)] if item.colour else []
    says += [_made_of(item.material, dice)] if item.material else []
    says += [_pose(item.pose)] if item.pose else []
    if says:
        return f"{dice.pick(('This', 'The'))} {name} {listed(says)}."
    return dice.pick(("This is {name}.", "The item is {name}.", "Here lies {name}.")).format(
        name=f"{article(name)} {name}"
    )


def _made_of(material: str, dice: Dice) -> str:
    """'is made of steel', but 'has a steel blade'."""
    if material.split()[-1] in wording.PARTS:
        return f"has {material}" if material.endswith("s") else f"has {article(material)} {material}"
    return dice.pick(wording.MADE_OF).format(material=material)


def _pose(pose: str) -> str:
    return wording.POSES.get(pose, f"is posed as {pose}")


def _where_in_views(facts: Facts, item: ItemFacts, dice: Dice) -> list[str]:
    says = {view: lies(facts, view, item, dice) for view in facts.views if item.seen(view)}
    if len(says) == 2 and _same_sight_only(facts, item):
        return [dice.pick(wording.SAME_IN_BOTH).format(both=says["top"])]
    if len(says) == 2:
        return [dice.pick(wording.EACH_VIEW).format(**says)]
    alone = facts.views == ("top",)
    return [dice.pick(wording.IN_VIEW["only" if alone else view]).format(**{view: text}) for view, text in says.items()]


def _same_sight_only(facts: Facts, item: ItemFacts) -> bool:
    """No view places the item, and both see it equally well: two clauses would only repeat each other."""
    top, side = _seen(item, "top"), _seen(item, "side")
    placed = any(_corner(facts, view, seen) or seen.place for view, seen in (("top", top), ("side", side)))
    return top.sight == side.sight and not placed


def _cues(item: ItemFacts, dice: Dice) -> list[str]:
    """What only the two views together tell."""
    lines = []
    if item.profile and item.pose in (None, *wording.FITS[item.profile]):
        lines.append(dice.pick(wording.PROFILES[item.profile]).format(so="" if item.pose else wording.SO[item.profile]))
    if item.top and item.side and item.top.place == item.side.place and item.top.place in ("left", "right"):
        lines.append(dice.pick(wording.BOTH_SIDES).format(place=item.top.place))
    return lines


def _whole(facts: Facts, dice: Dice) -> list[str]:
    lines = [_sentence(dice.pick(wording.WHOLE), _bag(facts, dice, first=False), facts.counts(), dice)]
    hidden = sum(any(s and s.sight == "heavily occluded" for s in (i.top, i.side)) for i in facts.items)
    if hidden:
        items = "one item" if hidden == 1 else f"{number_word(hidden)} items"
        views = " in at least one view" if len(facts.views) > 1 else ""
        lines.append(wording.OCCLUDED.format(items=items, views=views))
    return lines


def _seen(item: ItemFacts, view: str) -> Seen:
    seen = item.seen(view)
    assert seen is not None, f"item {item.item} has no box in the {view} view"
    return seen
