"""Surveys: the things of a bag two by two, where each lies in both views, with what is measured of it and of the two.

    conversation = compose(facts, seed, about)
    conversation.turns[1].content     # "<top>laptop <box>[100,60,860,940]</box> at 480 500 is 760 by 880, umbrella <box>…</top>…"

The first lesson in words for a model that starts from nothing: looking for what has a name, saying where it is, and comparing what was said;
many numbers among few words, whereas an exam's questions have a few numbers among many. What there are several of is counted. Marks and
measures are those of the drills (exam/working.py); nothing is asked about twice, or it would not be looked for.
"""

from collections.abc import Iterator, Sequence

from beltline.language.conversations import Conversation, Exchange, Grounding, Turn, conversation_id
from beltline.language.facts import Facts, ItemFacts
from beltline.language.lessons import About, Pen, seen
from beltline.language.lexicon import listed, noun, number_word
from beltline.language.measures import Finding, apart, at, beside, counted, extent, lows, meeting, together, written
from beltline.language.places import Box1000, at_marks
from beltline.language.reasoning import UNSEEN, Chain, write
from beltline.language.reasoning import box as write_box
from beltline.scan import VIEWS
from beltline.verdict import BadRow

VERSION = "surveys-2"
COUNTED = "Where does each {one} lie? Think step by step, then give their number as <answer>NUMBER</answer>."
PAIRED = "Where does the {one} lie, as seen from the {other}? Think step by step, then give the sides as <answer>SIDES</answer>."
Shown = list[tuple[ItemFacts, Box1000]]
"""What a view shows of the things that a turn is about, at marks."""


def compose(facts: Facts, seed: int, about: About, index: int = 0) -> Conversation:
    """What there is one of, in twos of chance; the rest kind by kind, from left to right.

    Raises:
        BadRow: `conversation/nothing-to-find`, the bag holds nothing that has a name.
    """
    if not facts.items:
        raise BadRow("conversation/nothing-to-find", "expected things that have a name, found none")
    pen = Pen(facts, (seed, conversation_id(about.scan, "survey", index)))
    turns, boxes, exchanges = list[Turn](), list[Grounding](), list[Exchange]()
    for some in pen.shuffled(list(_lots(facts, pen))):
        shown = {view: _shown(some, view) for view in facts.views}
        boxes += [Grounding(turn=len(turns) + 1, view=view, item=one.item, category=one.category, xyxy=box) for view in shown for one, box in shown[view]]  # fmt: skip
        chain = _counted(some, shown) if _of_one_kind(some) else _paired(some, shown)
        turns += [Turn(role="user", content=_asked(some)), Turn(role="assistant", content=write(chain))]
        asks = {"categories": [one.category for one in some]}
        exchanges.append(Exchange(topic="survey", answer=chain.answer, asks=asks))
    return Conversation(
        **about.columns(),
        kind="survey",
        views=facts.views,
        turns=tuple(turns),
        boxes=tuple(boxes),
        exchanges=tuple(exchanges),
        describer=VERSION,
        index=index,
    )


def _lots(facts: Facts, pen: Pen) -> Iterator[Sequence[ItemFacts]]:
    """What is asked about together: two things of which there is one each, or all of a kind."""
    kinds = {name: [one for one in facts.items if one.category == name] for name in sorted(facts.counts())}
    single = pen.shuffled([some[0] for some in kinds.values() if len(some) == 1])
    yield from (single[start : start + 2] for start in range(0, len(single), 2))
    yield from (some for some in kinds.values() if len(some) > 1)


def _of_one_kind(some: Sequence[ItemFacts]) -> bool:
    return len({one.category for one in some}) == 1


def _asked(some: Sequence[ItemFacts]) -> str:
    form = COUNTED if _of_one_kind(some) else PAIRED
    return form.format(one=noun(some[0].category).one, other=noun(some[-1].category).one)


def _shown(some: Sequence[ItemFacts], view: str) -> Shown:
    """Two things in the question's order, those of a kind from left to right."""
    found = [(one, at_marks(seen(one, view).box)) for one in some if one.seen(view)]
    return sorted(found, key=lambda each: (each[1], each[0].item)) if _of_one_kind(some) else found


def _counted(some: Sequence[ItemFacts], shown: dict[str, Shown]) -> Chain:
    said = {
        view: [f"{_named(one, box)} {number_word(number)}" for number, (one, box) in enumerate(found, 1)]
        for view, found in shown.items()
    }
    found = {view: counted(view, len(all_)) for view, all_ in shown.items()}
    return _chain(said, found, number_word(len(some)))


def _paired(some: Sequence[ItemFacts], shown: dict[str, Shown]) -> Chain:
    said, found, sides = dict[str, list[str]](), dict[str, list[Finding]](), list[str]()
    for view, all_ in shown.items():
        said[view] = [f"{_named(one, box)} {at(box)} {extent(box)}" for one, box in all_]
        found[view] = []
        if len(all_) == len(some):
            (_, box), (_, other) = all_
            said[view][1] += f" off {' '.join(str(apart(box, other, low)) for low in lows(view))}"
            besides = beside(box, other, view)
            sides += [name.split()[1] for _, name in besides]
            found[view] = [*besides, meeting(box, other, view)]
    return _chain(said, found, listed(sides) if sides else UNSEEN)


def _named(one: ItemFacts, box: Box1000) -> str:
    return f"{noun(one.category).one} {write_box(box)}"


def _chain(said: dict[str, list[str]], found: dict[str, list[Finding]], answer: str) -> Chain:
    told = {view: (", ".join(said[view]) or UNSEEN) + written(found[view]) for view in said}
    conclusion = together([one for some in found.values() for one in some], answer)
    return Chain(top=told["top"], side=told.get(VIEWS[1]), conclusion=conclusion, answer=answer)
