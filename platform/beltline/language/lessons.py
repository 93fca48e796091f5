"""What all lessons share: the pen that writes and keeps the boxes, a question with its answer, options and their letters.

pen = Pen(facts, (seed, row_id))
pen.say(wording, a="the gun")        # one of several sentences, the same for the same facts and seed everywhere
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from beltline.labels import CATEGORIES, broader
from beltline.language import grammar, lessonwords, reasoning
from beltline.language.conversations import Grounding
from beltline.language.dice import Dice
from beltline.language.facts import Facts, ItemFacts, Seen
from beltline.language.inference import of_kind
from beltline.language.lexicon import listed, noun

VERSION = "lessons-2"
LETTERS = "ABCDE"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whose conversation it is."""

    scan: int
    scan_content: str | None
    group: str
    caption: str | None = None
    """Canonical JSON of a caption of the scan, where one is given."""
    describer: str = ""
    """Who wrote the caption."""
    notes: str | None = None
    """What the caption was made of, where a small model took notes (notes.py)."""

    def columns(self) -> dict[str, Any]:
        """What a Conversation keeps of it."""
        return {name: getattr(self, name) for name in ("scan", "scan_content", "group")}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question of a dialogue, with its answer."""

    topic: str
    question: str
    answer: str
    others: tuple[str, ...] = ()
    """Wrong answers; none where it is asked openly."""
    because: str = ""
    """The reasons of an open answer."""
    final: bool = True
    """Whether the answer is said after the reasons, or the reasons are the answer."""
    asks: dict[str, Any] = field(default_factory=dict)


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

    def fairly(self, options: Sequence[T], answer: Callable[[T], object]) -> T:
        """One of the options: its answer drawn first, each as likely, so that a frequent answer is not asked for more often."""
        answers = list(dict.fromkeys(answer(option) for option in options))
        drawn = self.choose(answers)
        return self.choose([option for option in options if answer(option) == drawn])

    def shuffled(self, options: Sequence[T]) -> list[T]:
        left = list(options)
        return [left.pop(self.dice.below(len(left))) for _ in options]

    def box(self, view: str, item: ItemFacts) -> str:
        """The item's box as text; it must come next in the conversation."""
        self.boxes.append((view, item))
        return reasoning.box(seen(item, view).box)

    def counted(self, items: Sequence[ItemFacts]) -> str:
        """'a gun and two knives'."""
        names = [item.category for item in items]
        said = [noun(name).counted(names.count(name)) for name in dict.fromkeys(names)]
        return listed(said) if said else "nothing of interest"

    def counted_and_boxed(self, view: str, items: Sequence[ItemFacts]) -> tuple[str, str]:
        """The items that a view shows, counted by category, and their boxes in that order; no boxes where it shows none."""
        shown = [item for item in items if item.seen(view)]
        names = list(dict.fromkeys(item.category for item in shown))
        ordered = sorted(shown, key=lambda item: names.index(item.category))
        return self.counted(ordered), ", ".join(self.box(view, item) for item in ordered)

    def absent(self) -> list[str]:
        """Categories that nothing in the bag is, or is a kind of."""
        there = {name for item in self.facts.items for name in broader(item.category)}
        mine = {item.category for item in self.facts.items}
        return [name for name in CATEGORIES if name not in there and not mine & set(broader(name))]

    def some_category(self, absent_in: int) -> str:
        """A category of the bag, its number drawn first; once in so many draws, and of an empty bag, one that is not there."""
        present = list(self.facts.counts())
        if not present or self.dice.below(absent_in) == 0:
            return self.choose(self.absent())
        return self.fairly(present, lambda name: len(of_kind(self.facts, name)))

    def lies(self, view: str, item: ItemFacts) -> str:
        return grammar.lies(self.facts, view, item, self.dice)

    def shows(self, *items: ItemFacts) -> Callable[[str], str]:
        """A section that says where each of the items is."""
        return lambda view: " ".join(self._shown(view, item) for item in items)

    def _shown(self, view: str, item: ItemFacts) -> str:
        if item.seen(view) is None:
            return self.say(lessonwords.UNSHOWN, a=the(item))
        return self.say(lessonwords.SHOWN, a=the(item), box=self.box(view, item), lies=self.lies(view, item))


def lettered(pen: Pen, answer: str, others: Sequence[str]) -> tuple[list[str], tuple[str, ...], str]:
    """The options as lines, the options in order, and the right letter."""
    options = tuple(pen.shuffled((answer, *others)))
    form = pen.dice.pick(lessonwords.LETTERED)
    lines = [form.format(letter=letter, option=option) for letter, option in zip(LETTERS, options, strict=False)]
    return lines, options, LETTERS[options.index(answer)]


def picture(facts: Facts, view: str) -> str:
    """What a view is called: a scan of one view has only an image."""
    return "the image" if facts.views == ("top",) else f"the {view} view"


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
