"""A caption's text in sentences and clauses: the view that a clause speaks of, its places, and who lies left or right of whom.

for sentence in sentences("A gun lies on the left, while from the side it is near the bottom."):
    list(clauses(sentence.lower(), "top"))       # two clauses: top, ('left',); side, ('bottom',)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

Places = tuple[tuple[int, tuple[str, ...]], ...]
"""(position in the clause, the place's words: ('left',), ('top', 'right'))."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a sentence that says one thing; lower case."""

    text: str
    view: str | None
    """The view that it speaks of; None when it could be either."""
    places: Places
    relations: tuple[tuple[int, int, str], ...] = ()
    """(start, end, direction) of 'to the left of', where what follows is no container: left, right, above or below."""


_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_VERB = r"(?:is|are|lies|lie|sits|sit|rests|rest|can|cannot|could|appears|stands|stand)"
_NEW_SUBJECT = rf"(?:a|an|the|another|one|two|three|no) (?:[\w'-]+ ){{1,5}}?{_VERB}\b"
_CLAUSES = re.compile(
    r"[;:]|,? (?=while |whereas |but |although |though |yet )|, (?=with |where |which )"
    rf"|,? and (?=(?:on|at|in|near|towards?|toward|from) the )|,? and (?={_NEW_SUBJECT})|, (?={_NEW_SUBJECT})"
)
_TOP = re.compile(r"\b(?:top[- ](?:down[- ])?view|top[- ]down|overhead view|(?:seen )?from (?:above|overhead))\b")
_SIDE = re.compile(r"\b(?:side[- ](?:on[- ])?view|side[- ]on|lateral view|(?:seen )?from the side)\b")
_BOTH = re.compile(r"\b(?:both|either|two|each|the) views\b|\b(?:either|each) view\b")
HOLDER = (
    r"(?:image|views?|scan|scene|bag|frame|picture|x-ray|suitcase|container|case|luggage|backpack|rucksack|handbag|purse"
    r"|parcel|package|tray|bin|box|crate|basket|contents|compartment)"
)
_OF_HOLDER = rf"(?:the|this|its|a|an) (?:[\w-]+[ ]){{0,3}}{HOLDER}\b"
_ACROSS = rf"(?:(?:(?:just|far|slightly|directly|immediately) )?(?:(?:to|on|at) the |(?<!the ))(left|right)(?:[- ]hand)?(?: side)? of (?!{_OF_HOLDER}|centre\b|center\b|the (?:centre|center|middle)\b))"
_UPON = rf"\b(above|over|below|under|underneath|beneath) (?=(?:the|a|an|another|it) )(?!{_OF_HOLDER})"
_RELATION = re.compile(rf"\b{_ACROSS}|{_UPON}")
_DIRECTION = {"over": "above", "under": "below", "underneath": "below", "beneath": "below"}
_NO_PLACE = re.compile(
    r"\b(?:on top(?: of)?|(?:from )?left to right|(?:from )?right to left|(?:from )?top to bottom|right side up|right angles?"
    r"|(?:to|on) (?:its|their) (?:left|right|top)|(?:further|farther|more) (?:to|towards) the (?:left|right|top|bottom)"
    rf"|to the (?:left|right)(?= than\b)|(?:at|on|in) the (?:top|bottom|left|right|middle|centre|center)(?: (?:side|end|part))? of (?!{_OF_HOLDER}))"
)
_WHERE = r"left|right|top|bottom|upper|lower|centre|center|central|middle"
_AREA = r"(?:hand|side|part|half|edge|end|area|region|portion|third|corner|section|margin|zone)"
_PLACE = re.compile(
    rf"\b(?:(?:on|at|in|near|towards?|to|along|by|around) (?:the )?(?:far |very |extreme )?({_WHERE})(?:[- ]({_WHERE}))?\b"
    rf"|({_WHERE})(?:[- ]({_WHERE}))?[- ]{_AREA}\b)"
)
_DENIED = re.compile(
    r"(?:\bnot|n't|\bnever|\brather than|\binstead of|\bnowhere)(?: (?:located|found|exactly|really|lying|anywhere))? $"
)
_CANONICAL = {"upper": "top", "lower": "bottom", "center": "centre", "central": "centre", "middle": "centre"}


def sentences(text: str) -> list[str]:
    """A text's sentences, in order."""
    return [part for part in _SENTENCES.split(text) if part.strip()]


def view_of(text: str, otherwise: str | None = None) -> str | None:
    """The view that a lower-case piece of text names; None when it names both."""
    top, side = _TOP.search(text), _SIDE.search(text)
    return None if (top and side) or _BOTH.search(text) else "top" if top else "side" if side else otherwise


def clauses(sentence: str, view: str | None) -> Iterator[Clause]:
    """The clauses of a lower-case sentence; a view once named stays until another is."""
    for text in _CLAUSES.split(sentence):
        if text.strip():
            view = view_of(text, view)
            bare = _SIDE.sub(_blank, _TOP.sub(_blank, text))
            relations = tuple(_relations(bare))
            unplaced = _NO_PLACE.sub(_blank, _RELATION.sub(_blank, bare))
            yield Clause(text, view, tuple(_places(unplaced)), relations)


def _blank(match: re.Match[str]) -> str:
    """Same length, so that positions stay."""
    return "#" * len(match[0])


def _places(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    for match in _PLACE.finditer(text):
        words = tuple(dict.fromkeys(_CANONICAL.get(word, word) for word in match.groups() if word))
        edges = tuple(word for word in words if word != "centre")
        if not _DENIED.search(text[: match.start()]):
            yield match.start(), edges or words


def _relations(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _RELATION.finditer(text):
        word = match[1] or match[2]
        if not _DENIED.search(text[: match.start()]):
            yield match.start(), match.end(), _DIRECTION.get(word, word)
