"""Reads a caption's sentences: which categories they mention, how many, where, in which view, or that there are none.

The screens compare these mentions with the facts and with each other. The reader knows the grammar of short descriptive
English, not more: what it cannot read it does not report, so a screen never accuses on a guess.

    read_scene("top", "A gun lies on the left; no knife is visible.", frozenset())
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from beltline.language import lexicon

NO_FURTHER: frozenset[str] = frozenset()


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
    single: bool = False
    """'a gun', 'an axe'."""
    total: bool = False
    """The numeral tells how many there are in the view, not how many of them do something."""
    definite: bool = False
    """'the gun': spoken of before."""
    negated: bool = False
    places: tuple[str, ...] = ()
    clause: str = ""

    @property
    def ref(self) -> str:
        return f"{self.where}/{self.sentence}"

    @property
    def key(self) -> str:
        """`ref` and the phrase: what a screen names it by."""
        return f"{self.ref}/{self.phrase}"


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    view: str | None
    places: tuple[tuple[int, tuple[str, ...]], ...]


_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSES = re.compile(
    r"[;:]|,? (?=while |whereas |but |although )|, (?=with |where |which )|,? and (?=(?:on|at|in|near|towards?|toward) the )"
)
_TOP = re.compile(r"\b(?:top[- ](?:down[- ])?view|top[- ]down|overhead view|(?:seen )?from (?:above|overhead))\b")
_SIDE = re.compile(r"\b(?:side[- ](?:on[- ])?view|side[- ]on|lateral view|(?:seen )?from the side)\b")
_HOLDER = (
    r"(?:image|view|scan|bag|frame|picture|suitcase|container|case|backpack|handbag|parcel|tray|box|basket|contents)"
)
_RELATION = re.compile(
    rf"\b(?:(?:just )?(?:to|on|at) the (?:left|right|top|bottom)(?: side)? of (?!(?:the|this|its) (?:\w+[ -])?{_HOLDER}\b)|on top of )"
)
_WHERE = r"left|right|top|bottom|upper|lower|centre|center|central|middle"
_AREA = r"(?:hand|side|part|half|edge|end|area|region|portion|third|corner|section|margin|zone)"
_PLACE = re.compile(
    rf"\b(?:(?:on|at|in|near|towards?|to|along|by|around) (?:the |its )?(?:far |very |extreme )?({_WHERE})(?:[- ]({_WHERE}))?\b"
    rf"|({_WHERE})(?:[- ]({_WHERE}))?[- ]{_AREA}\b)"
)
_CANONICAL = {"upper": "top", "lower": "bottom", "center": "centre", "central": "centre", "middle": "centre"}
_BEFORE_NEGATION = re.compile(
    r"\b(?:no|without|not (?:a|an|any)|neither|nor|free of|absence of|lacks?|never)(?: \S+){0,4} ?$"
)
_AFTER_NEGATION = re.compile(
    r"\b(?:(?:is|are|does|do|was|were) not (?:visible|seen|present|shown|appear|there|found|detected)|(?:cannot|can not) be (?:seen|made out|found)"
    r"|(?:is|are) (?:absent|missing|nowhere))\b"
)
_TOTAL = re.compile(
    r"\b(?:there (?:is|are)|contain|hold|show|includ|reveal|carr|count|exactly|only|total|in all|altogether|visible|be seen"
    r"|present|made? out|display|captur|appear|found|identif|detect|consist)"
)
_PARTIAL = re.compile(r"\b(?:part|half|barely|hidden|hid|occlud|cover|overlap|obscur|other|another)")
_PRONOUN = re.compile(r"^ ?(?:this|these|both)\b|\b(?:it|they)\b")
_CAN_VERB = re.compile(
    r" (?:be|not|also|only|just|still|clearly|easily|barely|make|see|find|spot|discern|observe|identify)\b"
)
_STOP = frozenset("of in on at and or with is are by to from near over under behind beside that which while".split())
_OWNERS = re.compile(r"(?:\bits|\btheir|'s|s') (?:\w+ )?$")
_MADE_OF = re.compile(r"\b(?:made (?:up )?(?:of|from)|consists of|built (?:of|from)|material)\b[\w -]*$")
_SINGLE = re.compile(r"\b(?:a|an) (?:[\w-]+ ){0,3}$")
_DETERMINED = re.compile(r"\b(?:a|an|the|this|one|single|another|second|no|each|\d+) (?:\w+[- ]){0,2}$")


def read_scene(where: str, text: str, further: frozenset[str], view: str | None = None) -> list[Mention]:
    """The mentions of one of a caption's texts, in order.

    Args:
        where: the text's name, kept in the mentions.
        text: the text.
        further: categories that labels.py lacks.
        view: the view that it speaks of where it does not say itself.
    """
    found: list[Mention] = []
    for number, sentence in enumerate(sentences(text)):
        for clause in _clauses(sentence.lower(), view):
            mentions = list(_mentions(clause, where, number, further))
            if not mentions and found and (clause.places or _PRONOUN.search(clause.text) or where.startswith("items/")):
                mentions = [_again(found, clause, number)]
            found += mentions
    return found


def sentences(text: str) -> list[str]:
    """A text's sentences, in order."""
    return [part for part in _SENTENCES.split(text) if part.strip()]


def view_of(text: str, otherwise: str | None = None) -> str | None:
    """The view that a lower-case piece of text names; None when it names both."""
    top, side = _TOP.search(text), _SIDE.search(text)
    return None if (top and side) or "both views" in text else "top" if top else "side" if side else otherwise


def _clauses(sentence: str, view: str | None) -> Iterator[_Clause]:
    for text in _CLAUSES.split(sentence):
        if text.strip():
            view = view_of(text, view)
            bare = _RELATION.sub(_blank, _SIDE.sub(_blank, _TOP.sub(_blank, text)))
            yield _Clause(text, view, tuple(_places(bare)))


def _blank(match: re.Match[str]) -> str:
    """Same length, so that positions stay."""
    return "#" * len(match[0])


def _places(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    for match in _PLACE.finditer(text):
        words = tuple(dict.fromkeys(_CANONICAL.get(word, word) for word in match.groups() if word))
        edges = tuple(word for word in words if word != "centre")
        yield match.start(), edges or words


def _mentions(clause: _Clause, where: str, number: int, further: frozenset[str]) -> Iterator[Mention]:
    text = clause.text
    nouns = [match for match in lexicon.finder(further).finditer(text) if _is_noun(text, match)]
    after = _AFTER_NEGATION.search(text) is not None
    for index, match in enumerate(nouns):
        before = text[: match.start()]
        count, definite = _counted(before)
        places = _places_of(index, [noun.start() for noun in nouns], clause.places)
        yield Mention(
            where=where,
            sentence=number,
            view=clause.view,
            phrase=match[0],
            categories=lexicon.meanings(match[0], further),
            named=lexicon.named(match[0], further),
            single=count is None and _SINGLE.search(before) is not None,
            count=count,
            total=count is not None and not places and bool(_TOTAL.search(text)) and not _PARTIAL.search(text),
            definite=definite,
            negated=after or _BEFORE_NEGATION.search(before) is not None,
            places=places,
            clause=text,
        )


def _is_noun(text: str, match: re.Match[str]) -> bool:
    """A part of something ('its blade', \"the phone's battery\", 'made of steel blades') is no item, and most cans are verbs."""
    before = text[: match.start()]
    if _OWNERS.search(before) or _MADE_OF.search(before):
        return False
    return match[0] != "can" or (bool(_DETERMINED.search(before)) and not _CAN_VERB.match(text, match.end()))


def _counted(before: str) -> tuple[int | None, bool]:
    """The numeral and whether 'the' goes with a noun, from the words before it."""
    for word in reversed(re.findall(r"[\w'-]+|,", before)[-6:]):
        if word in lexicon.NUMBERS:
            return lexicon.NUMBERS[word], word == "both"
        if word.isdigit():
            return int(word), False
        if word in ("the", "this", "these", "that", "its", "each"):
            return None, True
        if word in ("a", "an", "another", "no", ",") or word in _STOP:
            return None, False
    return None, False


def _places_of(index: int, starts: list[int], places: tuple[tuple[int, tuple[str, ...]], ...]) -> tuple[str, ...]:
    """A place belongs to the noun before it; where the clause opens with one ('on the left lie a gun and a knife'), to those after it."""
    if not places:
        return ()
    if places[0][0] < starts[0]:
        before = [words for start, words in places if start < starts[index]]
        return before[-1]
    end = starts[index + 1] if index + 1 < len(starts) else None
    mine = [words for start, words in places if start > starts[index] and (end is None or start < end)]
    return mine[0] if mine else ()


def _again(found: list[Mention], clause: _Clause, number: int) -> Mention:
    """A clause without a noun speaks of the noun of the sentence before, or of its own sentence's first."""
    here = [mention for mention in found if mention.sentence == number]
    last = (here or [mention for mention in found if mention.sentence == found[-1].sentence])[0]
    return Mention(
        where=last.where,
        sentence=number,
        view=clause.view,
        phrase=last.phrase,
        categories=last.categories,
        named=last.named,
        definite=True,
        negated=last.negated if here else False,
        places=clause.places[0][1] if clause.places else (),
        clause=clause.text,
    )
