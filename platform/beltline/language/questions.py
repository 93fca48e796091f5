"""Hybrid dialogues in the form of MMXray: two to four questions of six dimensions, open and closed (One 3.3 and App. C).

A closed question has two to five options and is answered by a letter alone; an open one is answered with the reasons first.
Both kinds occur in every dialogue. The wording is ours and not that of the exams, and every answer follows from the facts.

    conversation = compose(facts, seed=1, about=about)
"""

from collections.abc import Callable

from beltline.labels import COLOURS
from beltline.language import dialoguewords as words
from beltline.language import grammar, inference, reasoning
from beltline.language.basics import BASICS
from beltline.language.conversations import Conversation, Exchange, Grounding, Turn, conversation_id
from beltline.language.facts import Facts, ItemFacts
from beltline.language.lessons import VERSION, About, Ask, Pen, grounding, lettered, picture, seen, the
from beltline.language.lexicon import article, noun
from beltline.language.misleading import misleading
from beltline.language.places import Box1000

FEWEST, MOST = 2, 4
"""Questions of a dialogue (One App. C)."""
BAND = (0.25, 0.75)
"""IoU of a wrong box with the right one, as One App. D.1 has it."""


def compose(facts: Facts, seed: int, about: About, index: int = 0) -> Conversation:
    """A dialogue; the same facts, seed and scan give the same words everywhere. Every bag has one, also an empty one."""
    pen = Pen(facts, (seed, conversation_id(about.scan, "dialogue", index)))
    turns: list[Turn] = []
    exchanges: list[Exchange] = []
    boxes: list[Grounding] = []
    number, closed = FEWEST + pen.dice.below(MOST - FEWEST + 1), bool(pen.dice.below(2))
    for dimension in pen.shuffled(DIMENSIONS):
        if len(exchanges) < number and (ask := dimension(pen, closed)) is not None:
            asked, answered, exchange = _put(pen, ask)
            exchanges.append(exchange)
            turns += [Turn(role="user", content=asked), Turn(role="assistant", content=answered)]
            boxes += [grounding(len(turns) - 1, *named) for named in pen.boxes[len(boxes) :]]
            closed = not closed if len(exchanges) == 1 else bool(pen.dice.below(2))
    return Conversation(
        **about.columns(),
        kind="dialogue",
        views=facts.views,
        turns=tuple(turns),
        boxes=tuple(boxes),
        exchanges=tuple(exchanges),
        describer=VERSION,
        index=index,
    )


def _put(pen: Pen, ask: Ask) -> tuple[str, str, Exchange]:
    if ask.others:
        lines, options, letter = lettered(pen, ask.answer, ask.others)
        asked = "\n".join((ask.question, *lines, pen.say(words.CHOOSE)))
        return asked, letter, Exchange(topic=ask.topic, options=options, answer=letter, asks=ask.asks)
    final = f" {pen.say(words.FINAL, answer=ask.answer)}" if ask.final else ""
    asked = f"{ask.question} {pen.say(words.EXPLAIN)}"
    return asked, ask.because + final, Exchange(topic=ask.topic, answer=ask.answer, asks=ask.asks)


def location(pen: Pen, closed: bool) -> Ask | None:
    """Where an item is in a view: roughly, or its box, half and half (One App. D.1)."""
    places = [(view, item) for view in pen.facts.views for item in inference.alone(pen.facts) if item.seen(view)]
    if not places:
        return None
    view, item = pen.choose(places)
    rough = seen(item, view).place is not None and pen.dice.below(2) == 0
    return _rough(pen, closed, view, item) if rough else _exact(pen, closed, view, item)


def _rough(pen: Pen, closed: bool, view: str, item: ItemFacts) -> Ask:
    place = seen(item, view).place
    assert place is not None
    said = {"a": the(item), "picture": picture(pen.facts, view)}
    left, up, right, down = pen.facts.frame(view)
    others = tuple(pen.shuffled([where for name, where in words.PLACES.items() if name != place]))
    frame = {"left": left, "up": up, "right": right, "down": down}
    return Ask(
        topic="location",
        question=pen.say(words.PLACE, **said),
        answer=words.PLACES[place],
        others=others[: 1 + pen.dice.below(4)] if closed else (),
        because="" if closed else pen.say(words.PLACED, **said, **frame, box=pen.box(view, item)),
        asks={"view": view, "item": item.item, "form": "place"},
    )


def _exact(pen: Pen, closed: bool, view: str, item: ItemFacts) -> Ask | None:
    said = {"a": the(item), "picture": picture(pen.facts, view)}
    right = seen(item, view).box
    others = tuple(str(list(box)) for box in _wrong_boxes(pen, right)) if closed else ()
    if closed and not others:
        return None
    lies = pen.lies(view, item)
    return Ask(
        topic="location",
        question=pen.say(words.BOXING, **said),
        answer=str(list(right)) if others else reasoning.box(right),
        others=others,
        because="" if others else pen.say(words.BOXED, **said, lies=lies, box=pen.box(view, item)),
        final=False,
        asks={"view": view, "item": item.item, "form": "box"},
    )


def _wrong_boxes(pen: Pen, right: Box1000) -> list[Box1000]:
    """Up to three boxes of the right one's kind whose IoU with it lies in the band; none for a box too small to shift."""
    width, height = right[2] - right[0], right[3] - right[1]
    found: list[Box1000] = []
    for _ in range(60):
        steps = [side * (pen.dice.below(121) - 60) // 100 for side in (width, height, width, height)]
        left, top, end, bottom = (min(max(edge + step, 0), 1000) for edge, step in zip(right, steps, strict=True))
        box = (left, top, end, bottom)
        if len(found) < 3 and box not in found and BAND[0] <= inference.iou(box, right) <= BAND[1]:
            found.append(box)
    return found


def counting(pen: Pen, closed: bool) -> Ask:
    """How many of a category; now and then of one that is not there."""
    category = pen.some_category(absent_in=5)
    items, name = inference.of_kind(pen.facts, category), noun(category)
    near = [str(other) for other in range(max(0, len(items) - 3), len(items) + 4) if other != len(items)]
    return Ask(
        topic="counting",
        question=pen.say(words.COUNTING, many=name.many),
        answer=str(len(items)),
        others=tuple(pen.shuffled(near)[: 2 + pen.dice.below(2)]) if closed else (),
        because="" if closed else " ".join(_found(pen, view, items, name.bare) for view in pen.facts.views),
        asks={"category": category},
    )


def _found(pen: Pen, view: str, items: list[ItemFacts], one: str) -> str:
    where, (counted, boxes) = picture(pen.facts, view), pen.counted_and_boxed(view, items)
    if not boxes:
        return pen.say(words.NOT_FOUND, picture=where, one=one)
    return pen.say(words.FOUND, picture=where, counted=counted, boxes=boxes)


def identity(pen: Pen, closed: bool) -> Ask | None:
    """What the bag holds; of options, the one kind that it holds."""
    present = list(pen.facts.counts())
    if not closed:
        return Ask(
            topic="identity",
            question=pen.say(words.WHAT),
            answer=pen.counted(pen.facts.items),
            because=" ".join(_held(pen, item) for item in pen.facts.items if item.top or item.side)
            or pen.say(words.EMPTY),
            asks={"form": "all"},
        )
    absent = pen.shuffled(pen.absent())
    if not present:
        return None
    category = pen.choose(present)
    return Ask(
        topic="identity",
        question=pen.say(words.WHICH),
        answer=noun(category).one,
        others=tuple(noun(name).one for name in absent[: 2 + pen.dice.below(3)]),
        asks={"form": "one", "category": category},
    )


def _held(pen: Pen, item: ItemFacts) -> str:
    view = next(view for view in pen.facts.views if item.seen(view))
    name = f"{article(noun(item.category).one)} {noun(item.category).one}"
    lies = pen.lies(view, item)
    return pen.say(words.HELD, a=name, box=pen.box(view, item), lies=lies, picture=picture(pen.facts, view))


def feature(pen: Pen, closed: bool) -> Ask | None:
    """How an item shows: its colour, or all that is known of it."""
    items = [item for item in inference.alone(pen.facts) if item.colour or not closed]
    if not items:
        return None
    item = pen.choose(items)
    if closed:
        colours = pen.shuffled([colour for colour in COLOURS if colour != item.colour])
        return Ask(
            topic="feature",
            question=pen.say(words.COLOUR, a=the(item)),
            answer=str(item.colour),
            others=tuple(colours[: 2 + pen.dice.below(3)]),
            asks={"item": item.item, "form": "colour"},
        )
    text = " ".join(grammar.item_text(pen.facts, item, pen.dice))
    question = pen.say(words.DESCRIBE, a=the(item))
    asks = {"item": item.item, "form": "all"}
    return Ask(topic="feature", question=question, answer=text, because=text, final=False, asks=asks)


def basic(pen: Pen, closed: bool) -> Ask:
    """A fact of X-ray screening that needs no picture."""
    fact = pen.choose(BASICS)
    others = tuple(pen.shuffled(fact.wrong)) if closed else ()
    asks = {"fact": fact.key}
    return Ask(
        topic="basic", question=fact.question, answer=fact.answer, others=others, because=fact.because, asks=asks
    )


Dimension = Callable[[Pen, bool], Ask | None]
DIMENSIONS: tuple[Dimension, ...] = (location, counting, identity, feature, misleading, basic)
"""The six of One 3.3. Every bag can be asked for counts, claims and basics, openly and with options."""
