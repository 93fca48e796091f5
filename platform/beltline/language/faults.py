"""A describer that errs on purpose, at declared rates, and says where: the measure of the screens.

A screen that never fires is as useless as one that always does, and neither shows on good captions. So the describer is made
to leave items out, to take them for others, to mistake sides and to contradict itself between the views, and `teeth` counts
how much of that each screen names (recall) and how much of what it names was really put there (precision).

    caption, errors = FaultyDescriber(seed=1)(facts, scan_id)
    table = teeth(rows)             # {"coverage": Teeth(...), ...}
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from beltline.labels import CATEGORIES, broader
from beltline.language import lexicon
from beltline.language.agreement import comparable
from beltline.language.captions import Caption
from beltline.language.facts import Facts, ItemFacts, Seen
from beltline.language.grammar import Teller, tell
from beltline.language.mentions import EMPTY
from beltline.language.places import Box1000, Place, agrees
from beltline.language.screening import SCREENS, Screening, screen

VERSION = "faulty-1"
_OPPOSITE: dict[Place, Place] = {"left": "right", "right": "left", "top": "bottom", "bottom": "top", "centre": "left"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Share of items left out or mistaken, of stated places that are turned round, of classes that the side scene gets wrong."""

    omission: float = 0.1
    wrong_class: float = 0.1
    wrong_side: float = 0.1
    contradiction: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One error, and what it is about."""

    kind: str
    """omission, wrong_class, wrong_side or contradiction."""
    where: str
    """The text that errs: top, side, items/<index in the caption>, or caption for what is wrong throughout."""
    item: int | None
    """The item, None for a fault about a whole class."""
    category: str
    """The true class."""
    said: str
    """The class that the caption names instead, or the same."""


TENTH = Rates()


class FaultyDescriber:
    """`grammar.describe` with errors: (facts, scan id) -> caption and the faults put into it."""

    def __init__(self, rates: Rates = TENTH, seed: int = 0):
        self.rates, self.seed = rates, seed

    def __call__(self, facts: Facts, scan_id: int) -> tuple[Caption, list[Fault]]:
        rng = np.random.default_rng([self.seed, scan_id, 1])
        faults: list[Fault] = []
        believed = self._believe(facts, rng, faults)
        teller = _Liar(facts, believed, self.rates, rng, faults)
        return tell(believed, (self.seed, scan_id), Teller(item=teller.item, counts=teller.counts)), faults

    def _believe(self, facts: Facts, rng: np.random.Generator, faults: list[Fault]) -> Facts:
        """The bag with items left out and mistaken: the same error in every sentence, as a describer makes it."""
        items: list[ItemFacts] = []
        for item in facts.items:
            luck = rng.random()
            if luck < self.rates.omission:
                faults.append(_fault("omission", "caption", item, item.category))
                continue
            mistaken = luck < self.rates.omission + self.rates.wrong_class
            said = _other_class(item.category, rng) if mistaken else item.category
            if mistaken:
                faults.append(_fault("wrong_class", "caption", item, said))
            items.append(replace(item, category=said))
        numbers = {item.item for item in items}
        overlaps = tuple(o for o in facts.overlaps if numbers >= {o[1], o[2]})
        return replace(facts, items=tuple(items), overlaps=overlaps)


class _Liar:
    """Turns places round and miscounts the side scene, statement by statement."""

    def __init__(self, true: Facts, believed: Facts, rates: Rates, rng: np.random.Generator, faults: list[Fault]):
        self.true, self.facts, self.rates, self.rng, self.faults = true, believed, rates, rng, faults

    def item(self, where: str, item: ItemFacts) -> ItemFacts:
        views = self.facts.views if where.startswith("items/") else (where,)
        for view in views:
            seen = item.seen(view)
            turned = _turned(seen, self.facts.frame(view)) if seen is not None else None
            if seen is not None and turned is not None and self.rng.random() < self.rates.wrong_side:
                told = replace(seen, place=turned)
                item = replace(item, top=told) if view == "top" else replace(item, side=told)
                self.faults.append(_fault("wrong_side", where, item, item.category))
        return item

    def counts(self, view: str, counts: dict[str, int]) -> dict[str, int]:
        """Only where both views show the class: otherwise their numbers may differ without contradiction."""
        if view != "side":
            return counts
        told: dict[str, int] = {}
        for category, number in counts.items():
            told[category] = number
            judgeable = comparable(self.true, category) and comparable(self.facts, category)
            if judgeable and self.rng.random() < self.rates.contradiction:
                told[category] = int(self.rng.choice([0, number + 1]))
                self.faults.append(
                    Fault(kind="contradiction", where="side", item=None, category=category, said=category)
                )
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Teeth:
    """How well one screen names the faults that are its business."""

    injected: int = 0
    named: int = 0
    """Of the injected faults, those that the screen named."""
    findings: int = 0
    founded: int = 0
    """Of the screen's findings, those that an injected fault explains."""

    @property
    def recall(self) -> float | None:
        return self.named / self.injected if self.injected else None

    @property
    def precision(self) -> float | None:
        return self.founded / self.findings if self.findings else None

    def plus(self, other: "Teeth") -> "Teeth":
        return Teeth(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})


BUSINESS = {
    "coverage": ("omission", "wrong_class"),
    "alignment": ("wrong_class", "wrong_side"),
    "contradiction": ("contradiction",),
}
"""Which screen must name which kind of fault."""


def teeth(rows: Iterable[tuple[Facts, Caption, list[Fault]]]) -> dict[str, Teeth]:
    """Recall and precision, statement by statement: per screen ("alignment"), and per screen and kind ("alignment/wrong_side")."""
    table: dict[str, Teeth] = {}
    for facts, caption, faults in rows:
        screening = screen(facts, caption)
        for name in SCREENS:
            for key, bite in _bites(name, screening, caption, faults).items():
                table[key] = table.get(key, Teeth()).plus(bite)
    return table


def verdict_teeth(rows: Iterable[tuple[Facts, Caption, list[Fault]]]) -> dict[str, Teeth]:
    """The same, caption by caption: a caption is bad for a screen when it holds a fault of its business, and named when the
    screen finds anything at all in it."""
    table: dict[str, Teeth] = {}
    for facts, caption, faults in rows:
        screening = screen(facts, caption)
        for name in SCREENS:
            bad = any(fault.kind in BUSINESS[name] for fault in faults)
            found = bool(getattr(screening, name).found)
            one = Teeth(injected=bad, named=bad and found, findings=found, founded=found and bool(faults))
            table[name] = table.get(name, Teeth()).plus(one)
    return table


def _bites(name: str, screening: Screening, caption: Caption, faults: list[Fault]) -> dict[str, Teeth]:
    findings = [_Finding(name, key, caption) for key in getattr(screening, name).found]
    founded = sum(any(finding.explained_by(fault) for fault in faults) for finding in findings)
    bites = {name: Teeth(findings=len(findings), founded=founded)}
    for kind in BUSINESS[name]:
        mine = [fault for fault in faults if fault.kind == kind]
        named = sum(any(finding.names(fault) for finding in findings) for fault in mine)
        bites[f"{name}/{kind}"] = Teeth(injected=len(mine), named=named)
        bites[name] = bites[name].plus(bites[f"{name}/{kind}"])
    return bites


class _Finding:
    """One key that a screen named, and whether a fault is its cause."""

    def __init__(self, screen_name: str, key: str, caption: Caption):
        self.screen_name, self.parts = screen_name, key.split("/")
        self.further = frozenset(entry.category for entry in caption.items).difference(CATEGORIES)
        self.number_of = {f"{index}": entry.item for index, entry in enumerate(caption.items)}

    def names(self, fault: Fault) -> bool:
        """Stricter than `explained_by`: the very statement, not a consequence of it."""
        if self.screen_name == "coverage":
            return self.parts == ["item", str(fault.item), "category"]
        return self.explained_by(fault)

    def explained_by(self, fault: Fault) -> bool:
        if self.screen_name == "coverage":
            return self._left_out(fault)
        return self._unmatched(fault) if self.screen_name == "alignment" else self._contradicting(fault)

    def _left_out(self, fault: Fault) -> bool:
        if self.parts[0] == "item":
            return str(fault.item) == self.parts[1]
        if self.parts[0] == "overlap":
            return str(fault.item) in self.parts[2].split("-")
        return self.parts[0] in ("count", "items") and (self.parts[-1] in (fault.category, fault.said, "none"))

    def _unmatched(self, fault: Fault) -> bool:
        if self.parts[0] == "items" and fault.kind in ("wrong_class", "wrong_side"):
            own = self.number_of[self.parts[1]] == fault.item
            return own and fault.where in ("caption", f"items/{self.parts[1]}")
        said_here = fault.kind != "omission" and fault.where in ("caption", self.parts[0])
        return said_here and fault.said in self._meant(self.parts[-1])

    def _contradicting(self, fault: Fault) -> bool:
        wheres, phrases = self.parts[1::3], self.parts[3::3]
        return fault.where in wheres and any(fault.said in self._meant(phrase) for phrase in phrases)

    def _meant(self, phrase: str) -> frozenset[str]:
        everything = frozenset(CATEGORIES) | self.further
        return everything if phrase == EMPTY else lexicon.meanings(phrase, self.further)


def _fault(kind: str, where: str, item: ItemFacts, said: str) -> Fault:
    return Fault(kind=kind, where=where, item=item.item, category=item.category, said=said)


def _other_class(category: str, rng: np.random.Generator) -> str:
    """Another class, by whose word no one could mean the true one."""
    line = broader(category)
    others = [name for name in CATEGORIES if name not in line and category not in broader(name)]
    return str(rng.choice(others))


def _turned(seen: Seen, frame: Box1000) -> Place | None:
    """The opposite place, where that is plainly wrong."""
    place = _OPPOSITE[seen.place] if seen.place is not None else None
    return place if place is not None and not agrees(place, seen.box, frame) else None
