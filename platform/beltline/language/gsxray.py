"""GSXray from facts: a question that both views answer, and the reasoning that leads there (Dual 4.1).

Eight kinds of question, as many as Dual's exam has tasks (topics.py); each is asked only where the facts settle it, in words of
our own and not in those of the exam. Half of them offer options.

    conversation = compose(facts, seed=1, about=about)
    chain = reasoning.read(conversation.turns[1].content)
"""

from beltline.language import lessonwords
from beltline.language.conversations import Conversation, Exchange, Turn, conversation_id
from beltline.language.facts import Facts
from beltline.language.lessons import VERSION, About, Lesson, Pen, grounding, lettered
from beltline.language.reasoning import Chain, write
from beltline.language.topics import TOPICS
from beltline.scan import VIEWS
from beltline.verdict import BadRow


def compose(facts: Facts, seed: int, about: About, index: int = 0) -> Conversation:
    """One question with its chain; the same facts, seed and scan give the same words everywhere.

    Raises:
        BadRow: `conversation/one-view`: there is no side view to reason over.
    """
    if facts.views != VIEWS:
        raise BadRow("conversation/one-view", f"expected a top and a side view, found {' and '.join(facts.views)}")
    pen = Pen(facts, (seed, conversation_id(about.scan, "gsxray", index)))
    lesson = next(found for topic in pen.shuffled(TOPICS) if (found := topic(pen)) is not None)
    asked = list(pen.boxes)
    question, exchange = _put(pen, lesson)
    said = {view: lesson.shows(view) for view in VIEWS}
    chain = Chain(**said, conclusion=lesson.conclusion, answer=exchange.answer)
    boxes = [grounding(0 if number < len(asked) else 1, *named) for number, named in enumerate(pen.boxes)]
    return Conversation(
        **about.columns(),
        kind="gsxray",
        views=VIEWS,
        turns=(Turn(role="user", content=question), Turn(role="assistant", content=write(chain))),
        boxes=tuple(boxes),
        exchanges=(exchange,),
        describer=VERSION,
        index=index,
    )


def _put(pen: Pen, lesson: Lesson) -> tuple[str, Exchange]:
    """The question as it is put, open or with options, and its record."""
    if pen.dice.below(2) or not lesson.others:
        asked = f"{lesson.question} {pen.say(lessonwords.OPEN)}"
        return asked, Exchange(topic=lesson.topic, answer=lesson.answer, asks=lesson.asks)
    lines, options, letter = lettered(pen, lesson.answer, lesson.others)
    asked = "\n".join((lesson.question, *lines, pen.say(lessonwords.CLOSED)))
    return asked, Exchange(topic=lesson.topic, options=options, answer=letter, asks=lesson.asks)
