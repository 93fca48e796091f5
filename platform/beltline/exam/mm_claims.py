"""Claims to be judged by Yes or No (One App. D.1): features of an item that is known to be there, and misleading statements.

A false claim takes a value that is far from the true one; that it is true of other items of the very category is the draw's doing: a
stratum is a category with a claimed value, and gives as many true as false claims. `paper` makes 45 of 100 claims false, as the paper
wants fewer than half; `balanced` half of them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from beltline.exam.mm_naming import groups, members
from beltline.exam.mm_sight import Sight, Thing, named
from beltline.exam.mm_wording import (
    CLAIMS,
    COUNTED_GROUPS,
    FEATURE,
    MISLEADING,
    NUMBER,
    PLACE,
    PRESENCE,
    WHERE,
    YES_NO,
)
from beltline.exam.tasks import Question
from beltline.labels import COLOURS, PLACES
from beltline.language.lexicon import number_word

FALSE_PERCENT: Final = {"balanced": 50, "paper": 45}
FEATURES_EACH: Final = 3
"""Kinds of feature asked of an item, drawn by hash from those that it has."""
_MATERIALS = ("steel", "aluminium", "plastic", "glass")
_HANDLES = ("steel", "metal", "plastic", "wood", "rubber")
VALUES: Final[dict[str, tuple[str, ...]]] = {
    "colour": COLOURS,
    "extent": ("wider than tall", "taller than wide"),
    "build": ("long and narrow", "compact"),
    "direction": ("horizontally", "vertically", "diagonally"),
    "outline": ("fills its box", "leaves most of its box empty"),
    "material": _MATERIALS,
    "handle": _HANDLES,
    "pose": ("lying", "standing"),
}
"""What may be claimed of each kind of feature."""
_NEAR: Final = (
    {"light yellow", "yellow", "orange"},
    {"light yellow", "light green"},
    {"light green", "green", "cyan"},
    {"green", "dark green"},
    {"cyan", "blue"},
    {"blue", "dark blue"},
    {"dark blue", "dark green", "black"},
    {"steel", "metal"},
    {"aluminium", "metal"},
)
"""Words that one would not call wrong for each other."""
_SAID: Final = {
    "fills its box": "fills most of the rectangle around it",
    "leaves most of its box empty": "leaves most of the rectangle around it empty",
    "lying": "lying flat",
    "standing": "standing on end",
}


def features(sight: Sight) -> Iterator[Question]:
    """Claims on the items that are alone in their category, which is told."""
    for category in sight.counts:
        thing = sight.alone(category)
        if thing is not None:
            for kind in sight.shuffled(features_of(thing), "kinds", category)[:FEATURES_EACH]:
                yield from _feature(sight, thing, kind, "feature")


def misleading(sight: Sight) -> Iterator[Question]:
    """Claims on presence, number, place and feature."""
    yield from _presences(sight)
    yield from _numbers(sight)
    for category in sight.counts:
        thing = sight.alone(category)
        if thing is None:
            continue
        if thing.place is not None:
            yield from _place(sight, thing)
        for kind in sight.shuffled(features_of(thing), "claimed kind", category)[:1]:
            yield from _feature(sight, thing, kind, "misleading")


def features_of(thing: Thing) -> dict[str, str]:
    """Kinds of feature and their values, as far as the rows leave no doubt."""
    shape = thing.shape
    told = {"colour": thing.colour, "extent": shape.extent, "build": shape.build, "direction": shape.direction}
    told |= {"outline": shape.outline, **{name: thing.attributes.get(name) for name in ("material", "handle", "pose")}}
    return {kind: value for kind, value in told.items() if value in VALUES[kind]}


def far(kind: str, value: str) -> list[str]:
    """The values that are wrong for sure where `value` is right."""
    near = {other for pair in _NEAR if value in pair for other in pair}
    return [other for other in VALUES[kind] if other != value and other not in near]


def _feature(sight: Sight, thing: Thing, kind: str, task: str) -> Iterator[Question]:
    value, truth = features_of(thing)[kind], _true(sight, task, "feature", thing.item, kind)
    if not truth:
        value = sight.shuffled(far(kind, value), task, kind, thing.item)[0]
    asked, stated = CLAIMS[kind]
    say = {**named(thing.category), "value": _SAID.get(value, value)}
    words = {"kind": kind, "category": thing.category, "value": value}
    if task == "misleading":
        yield _claim(sight, words, stated.format(**say), truth, [thing])
        return
    capital = {"A_gun": _capital(say["a_gun"]), "claim_question": f"{_capital(asked.format(**say))}?"}
    right = YES_NO[not truth]
    yield sight.put("feature", words, FEATURE, YES_NO, right, say={**say, **capital}, things=[thing])


def _presences(sight: Sight) -> Iterator[Question]:
    """Everything that is there, and about as many things that are not."""
    share = 100 * FALSE_PERCENT[sight.rule] // (100 - FALSE_PERCENT[sight.rule])
    absent = sight.absent()[: len(sight.counts)]
    absent = [name for name in absent if sight.number("absent claim", name) % 100 < share]
    for category in (*sight.counts, *absent):
        things = [thing for thing in sight.things if thing.category == category]
        words = {"kind": "presence", "category": category}
        yield _claim(sight, words, PRESENCE.format(**named(category)), bool(things), things)


def _numbers(sight: Sight) -> Iterator[Question]:
    """The number of a group, or one more or less than it."""
    for group in sight.shuffled(groups(sight), "claimed group")[:2]:
        things = members(sight, group)
        truth, number = _true(sight, "number", group), len(things)
        if not truth:
            number += 1 if number == 0 or sight.number("more", group) % 2 else -1
        words = {"kind": "number", "group": group, "number": number}
        say = {"group": COUNTED_GROUPS[group], "number": number_word(number) if number else "zero"}
        yield _claim(sight, words, NUMBER.format(**say), truth, things)


def _place(sight: Sight, thing: Thing) -> Iterator[Question]:
    place, truth = str(thing.place), _true(sight, "place", thing.item)
    if not truth:
        far_off = [other for other in PLACES if other not in thing.near]
        if not far_off:
            return
        place = sight.shuffled(far_off, "claimed place", thing.item)[0]
    words = {"kind": "place", "category": thing.category, "place": place}
    yield _claim(sight, words, PLACE.format(**named(thing.category), where=WHERE[place]), truth, [thing])


def _claim(sight: Sight, words: Mapping[str, Any], claim: str, truth: bool, things: list[Thing]) -> Question:
    say = {"claim": claim, "Claim": _capital(claim)}
    return sight.put("misleading", words, MISLEADING, YES_NO, YES_NO[not truth], say=say, things=things)


def _true(sight: Sight, *key: object) -> bool:
    """Whether a claim is to be true, by hash."""
    return sight.number("true", *key) % 100 >= FALSE_PERCENT[sight.rule]


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
