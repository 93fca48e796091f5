"""Captioning and grounding turns: the scan in words, and the boxes of what is asked for (One 4 and App. C).

A captioning turn says what a caption says; without one the grammar describes the facts. A grounding turn answers with every box
of a category, or of all items, in one view, and says so where there is none.
"""

from beltline.language import captions, grammar, notes
from beltline.language import dialoguewords as words
from beltline.language.captions import Caption
from beltline.language.conversations import Conversation, Exchange, Grounding, Turn, conversation_id
from beltline.language.facts import Facts, ItemFacts
from beltline.language.inference import of_kind
from beltline.language.lessons import VERSION, About, Pen, grounding, picture
from beltline.language.lexicon import noun
from beltline.verdict import BadRow

VIEWS_IN = 3
"""Every so many captioning turns tell the views one after the other."""


def compose_caption(facts: Facts, seed: int, about: About, index: int = 0) -> Conversation:
    """The whole caption on one question, or view by view and then the summary."""
    key = conversation_id(about.scan, "caption", index)
    pen = Pen(facts, (seed, key))
    caption = grammar.describe(facts, (seed, key)) if about.caption is None else captions.read(about.caption)
    if pen.dice.below(VIEWS_IN):
        pairs = [("whole", pen.say(words.CAPTIONING), caption.text())]
    else:
        pairs = _by_view(pen, caption)
    return Conversation(
        **about.columns(),
        kind="caption",
        views=facts.views,
        turns=_turns([(question, answer) for _, question, answer in pairs]),
        exchanges=tuple(Exchange(topic="caption", answer=answer, asks={"part": part}) for part, _, answer in pairs),
        describer=VERSION if about.caption is None else about.describer,
        index=index,
    )


def compose_localisation(facts: Facts, seed: int, about: About, index: int = 0) -> Conversation:
    """One question a view: all boxes of a category, or of everything; now and then of what is not there."""
    pen = Pen(facts, (seed, conversation_id(about.scan, "localisation", index)))
    pairs: list[tuple[str, str]] = []
    exchanges: list[Exchange] = []
    boxes: list[Grounding] = []
    for view in facts.views:
        category = None if pen.dice.below(3) == 0 else pen.some_category(absent_in=6)
        question, answer = _located(pen, view, category)
        pairs.append((question, answer))
        exchanges.append(Exchange(topic="localisation", answer=answer, asks={"view": view, "category": category}))
        boxes += [grounding(2 * len(pairs) - 1, *named) for named in pen.boxes[len(boxes) :]]
    return Conversation(
        **about.columns(),
        kind="localisation",
        views=facts.views,
        turns=_turns(pairs),
        boxes=tuple(boxes),
        exchanges=tuple(exchanges),
        describer=VERSION,
        index=index,
    )


def compose_notes(facts: Facts, seed: int, about: About, index: int = 0) -> Conversation:
    """The scan in notes: those that its caption was made of, or the facts, which the grammar's captions say whole.

    Raises:
        BadRow: `conversation/no-notes`, the caption is somebody's own words.
    """
    if about.notes is None and about.caption is not None and not about.describer.startswith("grammar@"):
        raise BadRow(
            "conversation/no-notes", f"expected a caption of the grammar or of notes, found {about.describer}'s"
        )
    answer = about.notes or notes.say(facts)
    return Conversation(
        **about.columns(),
        kind="notes",
        views=facts.views,
        turns=_turns([(notes.ASKED, answer)]),
        exchanges=(Exchange(topic="caption", answer=answer, asks={"part": "notes"}),),
        describer=about.describer if about.notes else notes.VERSION,
        index=index,
    )


def _by_view(pen: Pen, caption: Caption) -> list[tuple[str, str, str]]:
    scenes = {"top": caption.top, "side": caption.side}
    told = [(view, scenes[view]) for view in pen.facts.views]
    views = [(view, pen.say(words.SCENE, picture=picture(pen.facts, view)), text) for view, text in told if text]
    return [*views, ("summary", pen.say(words.WHOLE), caption.whole)]


def _located(pen: Pen, view: str, category: str | None) -> tuple[str, str]:
    where = picture(pen.facts, view)
    if category is None:
        shown = [item for item in pen.facts.items if item.seen(view)]
        answer = _lines(pen, view, shown) or pen.say(words.NOTHING_TO_BOX, picture=where)
        return pen.say(words.LOCALISING_ALL, picture=where), answer
    name = noun(category)
    shown = [item for item in of_kind(pen.facts, category) if item.seen(view)]
    question = pen.say(words.LOCALISING, one=name.bare, many=name.many, picture=where)
    return question, _lines(pen, view, shown) or pen.say(words.NONE_TO_BOX, one=name.bare, picture=where)


def _lines(pen: Pen, view: str, items: list[ItemFacts]) -> str:
    """One item a line: its category and its box."""
    return "\n".join(f"{noun(item.category).one}: {pen.box(view, item)}" for item in items)


def _turns(pairs: list[tuple[str, str]]) -> tuple[Turn, ...]:
    return tuple(
        turn
        for question, answer in pairs
        for turn in (Turn(role="user", content=question), Turn(role="assistant", content=answer))
    )
