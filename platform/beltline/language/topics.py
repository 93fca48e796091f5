"""The eight kinds of GSXray question: each finds what the facts settle, asks it, and says why the answer is right (Dual 4.1).

A topic takes a `Pen` and gives a `Lesson`, or None where the bag has nothing certain of its kind (inference.py).
"""

from collections.abc import Callable
from itertools import permutations

from beltline.labels import CATEGORIES, broader
from beltline.language import inference, lessonwords, wording
from beltline.language.facts import Facts, ItemFacts
from beltline.language.inference import AXES, Axis
from beltline.language.lessons import Lesson, Pen, sight_of, the
from beltline.language.lexicon import article, noun
from beltline.scan import VIEWS


def counting(pen: Pen) -> Lesson:
    """How many of a category there are; now and then of one that is not there."""
    category = pen.some_category(absent_in=6)
    items, name = inference.of_kind(pen.facts, category), noun(category)
    number = len(items)
    near = [str(other) for other in range(max(0, number - 2), number + 3) if other != number]
    return Lesson(
        topic="counting",
        question=pen.say(lessonwords.COUNTING, many=name.many),
        answer=str(number),
        others=tuple(pen.shuffled(near)[:3]),
        shows=lambda view: _those_shown(pen, view, items, name.bare),
        conclusion=_counted(pen, items, name.bare, name.counted(number)),
        asks={"category": category},
    )


def _those_shown(pen: Pen, view: str, items: list[ItemFacts], one: str) -> str:
    counted, boxes = pen.counted_and_boxed(view, items)
    if not boxes:
        return pen.say(lessonwords.NONE_SHOWN, one=one)
    return pen.say(lessonwords.SOME_SHOWN, counted=counted, boxes=boxes)


def _counted(pen: Pen, items: list[ItemFacts], one: str, counted: str) -> str:
    if not items:
        return pen.say(lessonwords.COUNTED_NONE, one=one)
    both = all(item.top and item.side for item in items)
    sentences = lessonwords.COUNTED_ALIKE if both else lessonwords.COUNTED_APART
    return pen.say(sentences, counted=counted, be="is" if len(items) == 1 else "are")


def recognition(pen: Pen) -> Lesson | None:
    """What a box of one view holds."""
    places = [(view, item) for view in VIEWS for item in pen.facts.items if _pointed_at(pen.facts, view, item)]
    if not places:
        return None
    view, item = pen.choose(places)
    kin = set(broader(item.category))
    strange = [name for name in CATEGORIES if name not in kin and item.category not in broader(name)]
    wrong = [name for name in pen.facts.counts() if name in strange]
    wrong += [name for name in pen.shuffled(strange) if name not in wrong]
    return Lesson(
        topic="recognition",
        question=pen.say(lessonwords.RECOGNITION, box=pen.box(view, item), view=view),
        answer=noun(item.category).one,
        others=tuple(noun(name).one for name in wrong[:3]),
        shows=lambda shown: _item_shown(pen, shown, item),
        conclusion=pen.say(lessonwords.RECOGNISED, what=_what(item)),
        asks={"view": view, "item": item.item},
    )


def _pointed_at(facts: Facts, view: str, item: ItemFacts) -> bool:
    """Whether the item's box points to it alone."""
    mine = item.seen(view)
    others = (other.seen(view) for other in facts.items if other is not item)
    return mine is not None and all(other is None or inference.iou(mine.box, other.box) < 0.5 for other in others)


def _item_shown(pen: Pen, view: str, item: ItemFacts) -> str:
    if item.seen(view) is None:
        return pen.say(lessonwords.UNSHOWN, a="the item")
    return pen.say(lessonwords.POINTED, box=pen.box(view, item), lies=pen.lies(view, item))


def _what(item: ItemFacts) -> str:
    name = noun(item.category).one
    return f"{article(name)} {name}{f', rendered in {item.colour}' if item.colour else ''}"


def relation(pen: Pen) -> Lesson | None:
    """Which of two items comes first along an axis."""
    for axis in pen.shuffled(AXES):
        pairs = [pair for pair in permutations(inference.alone(pen.facts), 2) if inference.order(*pair, axis)]
        if pairs:
            return _relation(pen, axis, *pen.choose(pairs))
    return None


def _relation(pen: Pen, axis: Axis, a: ItemFacts, b: ItemFacts) -> Lesson:
    sign = inference.order(a, b, axis)
    before, after = lessonwords.SIDES[axis]
    answer, other = (before, after) if sign == -1 else (after, before)
    first, second = (a, b) if sign == -1 else (b, a)
    view, end, begin = inference.gap(first, second, axis)
    words = {"view": view, "first": the(first), "second": the(second), "end": end, "begin": begin}
    return Lesson(
        topic="relation",
        question=pen.say(lessonwords.RELATION[axis], a=the(a), b=the(b)),
        answer=answer,
        others=(other,),
        shows=pen.shows(a, b),
        conclusion=lessonwords.ORDERED[axis].format(**words, a=the(a), b=the(b), answer=answer),
        asks={"axis": axis, "items": [a.item, b.item]},
    )


def distance(pen: Pen) -> Lesson | None:
    """Which of two items is nearer to a third along an axis."""
    for axis in pen.shuffled(AXES):
        alone = inference.alone(pen.facts)
        threes = [three for three in permutations(alone, 3) if inference.nearest(*three, axis)]
        if threes:
            return _distance(pen, axis, *pen.choose(threes))
    return None


def _distance(pen: Pen, axis: Axis, target: ItemFacts, a: ItemFacts, b: ItemFacts) -> Lesson:
    near = inference.nearest(target, a, b, axis)
    answer, other = (the(a), the(b)) if near is a else (the(b), the(a))
    view, one, two = inference.distances(target, a, b, axis)
    words = {"target": the(target), "a": the(a), "b": the(b)}
    return Lesson(
        topic="distance",
        question=pen.say(lessonwords.DISTANCE[axis], **words),
        answer=answer,
        others=(other,),
        shows=pen.shows(target, a, b),
        conclusion=pen.say(lessonwords.NEAREST, **words, view=view, one=one, two=two, answer=answer),
        asks={"axis": axis, "target": target.item, "items": [a.item, b.item]},
    )


def occlusion(pen: Pen) -> Lesson | None:
    """Which view hides less of an item."""
    found = [item for item in inference.alone(pen.facts) if inference.clearer(item)]
    if not found:
        return None
    item = pen.fairly(found, inference.clearer)
    view = str(inference.clearer(item))
    if not _wanted(pen, view):
        return None
    worse = VIEWS[1 - VIEWS.index(view)]
    says = {"better": lessonwords.SEEN_AS[sight_of(item, view)], "worse": lessonwords.SEEN_AS[sight_of(item, worse)]}
    return Lesson(
        topic="occlusion",
        question=pen.say(lessonwords.OCCLUSION, a=the(item)),
        answer=f"the {view} view",
        others=(f"the {worse} view",),
        shows=pen.shows(item),
        conclusion=pen.say(lessonwords.CLEARER, a=the(item), view=view, other=worse, **says),
        asks={"item": item.item},
    )


def overlapping(pen: Pen) -> Lesson | None:
    """In which views two items cover each other."""
    alone = inference.alone(pen.facts)
    pairs = [pair for pair in permutations(alone, 2) if _overlaps(pen.facts, *pair) is not None]
    if not pairs:
        return None
    a, b = pen.fairly(pairs, lambda pair: _overlaps(pen.facts, *pair))
    answer = str(_overlaps(pen.facts, a, b))
    return Lesson(
        topic="overlap",
        question=pen.say(lessonwords.OVERLAP, a=the(a), b=the(b)),
        answer=answer,
        others=tuple(other for other in lessonwords.OVERLAP_ANSWERS if other != answer),
        shows=pen.shows(a, b),
        conclusion=lessonwords.OVERLAPPED[answer],
        asks={"items": [a.item, b.item]},
    )


def _overlaps(facts: Facts, a: ItemFacts, b: ItemFacts) -> str | None:
    top, side = (inference.overlap(facts, a, b, view) for view in VIEWS)
    if top is None or side is None:
        return None
    names = {(True, False): 0, (False, True): 1, (True, True): 2, (False, False): 3}
    return lessonwords.OVERLAP_ANSWERS[names[top, side]]


def posture(pen: Pen) -> Lesson | None:
    """Flat or upright, as only the two views together tell."""
    found = [item for item in inference.alone(pen.facts) if inference.posture(item)]
    if not found:
        return None
    item = pen.fairly(found, inference.posture)
    answer = str(inference.posture(item))
    if not _wanted(pen, answer):
        return None
    return Lesson(
        topic="posture",
        question=pen.say(lessonwords.POSTURE, a=the(item)),
        answer=answer,
        others=tuple(other for other in lessonwords.POSTURE_ANSWERS if other != answer),
        shows=pen.shows(item),
        conclusion=pen.say(wording.PROFILES[answer], so=wording.SO[answer]),
        asks={"item": item.item},
    )


def levels(pen: Pen) -> Lesson | None:
    """How high in the bag an item lies."""
    found = [item for item in inference.alone(pen.facts) if inference.level(pen.facts, item)]
    if not found:
        return None
    item = pen.fairly(found, lambda one: inference.level(pen.facts, one))
    answer = str(inference.level(pen.facts, item))
    if not _wanted(pen, answer):
        return None
    return Lesson(
        topic="level",
        question=pen.say(lessonwords.LEVEL, a=the(item)),
        answer=answer,
        others=tuple(other for other in lessonwords.LEVEL_ANSWERS if other != answer),
        shows=pen.shows(item),
        conclusion=pen.say(lessonwords.LEVELLED, a=the(item), answer=answer),
        asks={"item": item.item},
    )


COMMON = {"flat": 8, "low": 4, "top": 4}
"""Answers that bags give far more often than the others, to how seldom they are asked for: most things lie low and flat, and are
seen best from above. Measured on 300 bags of the recipe everyday; what is left of the skew is in the answers' counts."""


def _wanted(pen: Pen, answer: str) -> bool:
    return pen.dice.below(COMMON.get(answer, 1)) == 0


TOPICS: tuple[Callable[[Pen], Lesson | None], ...] = (
    counting, recognition, relation, distance, occlusion, overlapping, posture, levels,
)  # fmt: skip
"""`counting` can be asked of every bag, also of an empty one."""
