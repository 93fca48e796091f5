"""What all lessons share: the pen that writes and keeps the boxes, a question with its answer, options and their letters.

pen = Pen(facts, (seed, row_id))
pen.say(wording, a="the gun")        # one of several sentences, the same for the same facts and seed everywhere
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from beltline.language import grammar, lessonwords, reasoning
from beltline.language.conversations import Exchange, Grounding
from beltline.language.dice import Dice
from beltline.language.facts import Facts, ItemFacts, Seen
from beltline.language.lexicon import noun

VERSION = "lessons-1"
LETTERS = "ABCDE"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whose conversation it is."""

    scan: int
    scan_content: str | None
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A question that the facts settle, and why."""

    topic: str
    question: str
    answer: str
    others: tuple[str, ...]
    """Wrong answers, for options."""
    shows: Callable[[str], str]
    """What a view's section says."""
    conclusion: str
    asks: Mapping[str, Any] = field(default_factory=dict)


class Pen:
    """Writes for one conversation: draws the words, and keeps whose box stands where."""

    def __init__(self, facts: Facts, rng_seed: tuple[int, int]):
        self.facts, self.dice = facts, Dice(rng_seed)
        self.boxes: list[tuple[str, ItemFacts]] = []

    def say(self, templates: Sequence[str], **words: object) -> str:
        """One of the templates, filled in, with a capital."""
        text = self.dice.pick(templates).format(**words)
        return text[0].upper() + text[1:]

    def choose(self, options: Sequence[T]) -> T:
        return options[self.dice.below(len(options))]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        left = list(options)
        return [left.pop(self.dice.below(len(left))) for _ in options]

    def box(self, view: str, item: ItemFacts) -> str:
        """The item's box as text; it must come next in the conversation."""
        self.boxes.append((view, item))
        return reasoning.box(seen(item, view).box)

    def lies(self, view: str, item: ItemFacts) -> str:
        return grammar.lies(self.facts, view, item, self.dice)

    def shows(self, *items: ItemFacts) -> Callable[[str], str]:
        """A section that says where each of the items is."""
        return lambda view: " ".join(self._shown(view, item) for item in items)

    def _shown(self, view: str, item: ItemFacts) -> str:
        if item.seen(view) is None:
            return self.say(lessonwords.UNSHOWN, a=the(item))
        return self.say(lessonwords.SHOWN, a=the(item), box=self.box(view, item), lies=self.lies(view, item))


def put(pen: Pen, lesson: Lesson) -> tuple[str, Exchange]:
    """The question as it is put, open or with options, and its record."""
    others = lesson.others if pen.dice.below(2) else ()
    if not others:
        asked = f"{lesson.question} {pen.say(lessonwords.OPEN)}"
        return asked, Exchange(topic=lesson.topic, answer=lesson.answer, asks=lesson.asks)
    options = tuple(pen.shuffled((lesson.answer, *others)))
    form = pen.dice.pick(lessonwords.LETTERED)
    lines = [form.format(letter=letter, option=option) for letter, option in zip(LETTERS, options, strict=False)]
    letter = LETTERS[options.index(lesson.answer)]
    asked = "\n".join((lesson.question, *lines, pen.say(lessonwords.CLOSED)))
    return asked, Exchange(topic=lesson.topic, options=options, answer=letter, asks=lesson.asks)


def the(item: ItemFacts) -> str:
    return f"the {noun(item.category).one}"


def seen(item: ItemFacts, view: str) -> Seen:
    found = item.seen(view)
    assert found is not None, f"item {item.item} has no box in the {view} view"
    return found


def sight_of(item: ItemFacts, view: str) -> str:
    sight = seen(item, view).sight
    assert sight is not None
    return sight


def grounding(turn: int, view: str, item: ItemFacts) -> Grounding:
    return Grounding(turn=turn, view=view, item=item.item, category=item.category, xyxy=seen(item, view).box)
