"""What a caption's sentence says of one thing: the value that statements.py reads and the screens compare."""

from dataclasses import dataclass

EMPTY = "empty"
"""The phrase of a denial of everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """'(the gun) to the left of the laptop': the direction and the other thing."""

    direction: str
    """left, right, above or below."""
    phrase: str
    categories: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One noun phrase for a category, and what its clause says of it."""

    where: str
    """top, side, whole or items/<index in the caption>."""
    sentence: int
    view: str | None
    """The view that it speaks of; None when it could be either."""
    phrase: str
    categories: frozenset[str]
    """What the phrase may stand for."""
    named: frozenset[str]
    """What it says outright."""
    count: int | None = None
    """The numeral that goes with it; None for 'a gun' and 'the gun'."""
    needed: int = 1
    """So many such items must be there."""
    exact: bool = False
    """'only two': so many and no more."""
    coarse: bool = False
    """'several', 'many'."""
    inexact: bool = False
    """'at least two', 'some'."""
    single: bool = False
    """'a gun', 'an axe'."""
    other: bool = False
    """'another gun'."""
    total: int | None = None
    """How many there are in the view (or the bag), if a numeral tells that, and not only how many of them do something."""
    definite: bool = False
    """'the gun': spoken of before."""
    part: bool = False
    """'one of the guns'."""
    negated: bool = False
    hedged: bool = False
    places: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()
    clause: str = ""
    segment: str = ""
    """What of its clause is said of it, and not of another noun."""

    @property
    def ref(self) -> str:
        return f"{self.where}/{self.sentence}"

    @property
    def key(self) -> str:
        """`ref` and the phrase: what a screen names it by."""
        return f"{self.ref}/{self.phrase}"

    @property
    def asserts(self) -> bool:
        """Neither denied nor supposed."""
        return not self.negated and not self.hedged

    @property
    def fresh(self) -> bool:
        """Brings something new: 'a gun', 'two guns', not 'the gun'."""
        return self.asserts and not self.definite and not self.part
