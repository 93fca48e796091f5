"""Claims put to a pupil as if they were true: half of them are, and the answer says what the facts say (One 3.3, Misleading).

A claim is about what the bag holds, how many, which colour, or where. Yes and no are right equally often whatever is claimed.
"""

from beltline.labels import COLOURS
from beltline.language import dialoguewords as words
from beltline.language import inference
from beltline.language.facts import ItemFacts
from beltline.language.lessons import Ask, Pen, picture, seen, the
from beltline.language.lexicon import article, noun

OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}


def misleading(pen: Pen, closed: bool) -> Ask:
    """A claim, true or false by the toss of a coin."""
    true = pen.dice.below(2) == 0
    for claim in pen.shuffled((_number, _colour, _place, _presence)):
        if (ask := claim(pen, true, closed)) is not None:
            return ask
    return _presence_of_nothing(pen, closed)


def _asked(pen: Pen, kind: str, true: bool, closed: bool, because: str, claim: str, asks: dict[str, object]) -> Ask:
    answer, other = ("Yes", "No") if true else ("No", "Yes")
    return Ask(
        topic="misleading",
        question=claim,
        answer=answer,
        others=(other,) if closed else (),
        because=because,
        asks={"form": kind, **asks},
    )


def _presence(pen: Pen, true: bool, closed: bool) -> Ask | None:
    present = list(pen.facts.counts())
    if not present:
        return None
    return _held(pen, pen.choose(present if true else pen.absent()), true, closed)


def _presence_of_nothing(pen: Pen, closed: bool) -> Ask:
    """Of an empty bag every claim is false."""
    return _held(pen, pen.choose(pen.absent()), False, closed)


def _held(pen: Pen, category: str, true: bool, closed: bool) -> Ask:
    name = noun(category)
    held = f"{article(name.one)} {name.one}"
    because = pen.say(words.REPLIES["presence"], all=pen.counted(pen.facts.items), held=held)
    if not true:
        because = pen.say(words.REPLIES["absence"], all=pen.counted(pen.facts.items), one=name.bare)
    claim = pen.say(words.CLAIMS["presence"], held=held)
    return _asked(pen, "presence", true, closed, "" if closed else because, claim, {"category": category})


def _number(pen: Pen, true: bool, closed: bool) -> Ask | None:
    present = list(pen.facts.counts())
    if not present:
        return None
    category = pen.choose(present)
    right, name = len(inference.of_kind(pen.facts, category)), noun(category)
    wrong = [number for number in (right - 1, right + 1) if number > 0]
    said = right if true else pen.choose(wrong)
    claim = pen.say(words.CLAIMS["number"], be=be(said), counted=name.counted(said))
    because = "" if closed else pen.say(words.REPLIES["number"], be=be(right), counted=name.counted(right))
    return _asked(pen, "number", true, closed, because, claim, {"category": category, "claimed": said})


def _colour(pen: Pen, true: bool, closed: bool) -> Ask | None:
    items = [item for item in inference.alone(pen.facts) if item.colour]
    if not items:
        return None
    item = pen.choose(items)
    right = str(item.colour)
    wrong = [colour for colour in COLOURS if not set(colour.split()) & set(right.split())]
    said = right if true else pen.choose(wrong)
    claim = pen.say(words.CLAIMS["colour"], a=the(item), colour=said)
    because = "" if closed else pen.say(words.REPLIES["colour"], a=the(item), colour=right)
    return _asked(pen, "colour", true, closed, because, claim, {"item": item.item, "claimed": said})


def _place(pen: Pen, true: bool, closed: bool) -> Ask | None:
    alone = inference.alone(pen.facts)
    placed = [(view, item) for view in pen.facts.views for item in alone if _place_of(view, item)]
    if not placed:
        return None
    view, item = pen.choose(placed)
    right = str(_place_of(view, item))
    said = right if true else OPPOSITE.get(right) or pen.choose(tuple(OPPOSITE))
    names = {"a": the(item), "picture": picture(pen.facts, view)}
    claim = pen.say(words.CLAIMS["place"], **names, place=words.PLACES[said])
    because = ""
    if not closed:
        because = pen.say(words.REPLIES["place"], **names, place=words.PLACES[right], box=pen.box(view, item))
    return _asked(pen, "place", true, closed, because, claim, {"view": view, "item": item.item, "claimed": said})


def _place_of(view: str, item: ItemFacts) -> str | None:
    return seen(item, view).place if item.seen(view) else None


def be(number: int) -> str:
    return "is" if number == 1 else "are"
