"""Surveys: every category of a bag in turn, where each of its things lies in both views, with what is measured of its box.

    conversation = compose(facts, seed, about)
    conversation.turns[1].content     # "<top>laptop <box>[100,60,860,940]</box> at 480 500 is 760 by 880</top>…<answer>one</answer>"

The first lesson in words for a model that starts from nothing: looking for what has a name and saying where it is, eight numbers a box,
whereas an exam's questions have a few numbers among many words. Marks and measures are those of the drills (exam/working.py).
"""

from beltline.language.conversations import Conversation, Exchange, Grounding, Turn, conversation_id
from beltline.language.facts import Facts, ItemFacts
from beltline.language.lessons import About, Pen, seen
from beltline.language.lexicon import noun, number_word
from beltline.language.places import Box1000, at_marks, middle
from beltline.language.reasoning import UNSEEN, Chain, write
from beltline.language.reasoning import box as write_box
from beltline.scan import VIEWS
from beltline.verdict import BadRow

VERSION = "surveys-1"
ASKED = "Where does each {one} lie? Think step by step, then give their number as <answer>NUMBER</answer>."


def compose(facts: Facts, seed: int, about: About, index: int = 0) -> Conversation:
    """Each category that is there, in an order of chance; its things from left to right.

    Raises:
        BadRow: `conversation/nothing-to-find`, the bag holds nothing that has a name.
    """
    if not facts.items:
        raise BadRow("conversation/nothing-to-find", "expected things that have a name, found none")
    pen = Pen(facts, (seed, conversation_id(about.scan, "survey", index)))
    turns, boxes, exchanges = list[Turn](), list[Grounding](), list[Exchange]()
    for category in pen.shuffled(sorted(facts.counts())):
        found = {view: _found(facts, category, view) for view in facts.views}
        boxes += [Grounding(turn=len(turns) + 1, view=view, item=one.item, category=category, xyxy=box) for view in found for one, box in found[view]]  # fmt: skip
        number, name = number_word(facts.counts()[category]), noun(category).one
        chain = _chain(name, {view: [box for _, box in found[view]] for view in found}, number)
        turns += [Turn(role="user", content=ASKED.format(one=name)), Turn(role="assistant", content=write(chain))]
        exchanges.append(Exchange(topic="survey", answer=number, asks={"category": category}))
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


def _found(facts: Facts, category: str, view: str) -> list[tuple[ItemFacts, Box1000]]:
    """What a view shows of a category, at marks, from left to right."""
    shown = [one for one in facts.items if one.category == category and one.seen(view)]
    return sorted(((one, at_marks(seen(one, view).box)) for one in shown), key=lambda each: (each[1], each[0].item))


def _chain(name: str, boxes: dict[str, list[Box1000]], number: str) -> Chain:
    told = {view: ", ".join(f"{name} {_measured(box)}" for box in boxes[view]) or UNSEEN for view in boxes}
    most = max(len(each) for each in boxes.values())
    conclusion = f"{', '.join([name] * most) or UNSEEN}: {number}"
    return Chain(top=told["top"], side=told.get(VIEWS[1]), conclusion=conclusion, answer=number)


def _measured(box: Box1000) -> str:
    return f"{write_box(box)} at {middle(box, 0)} {middle(box, 1)} is {box[2] - box[0]} by {box[3] - box[1]}"
