"""Reads answers from free text: letters, yes or no, option texts, numbers, boxes. Never guesses.

What cannot be read is not an answer, and why it cannot is told apart: *no response* (nothing was said, or only thoughts), *refused*,
*abstained* ("I cannot tell", "none of the options") and *invalid* (all the rest: ambiguous, out of range, off the subject). All four
count as wrong and are counted apart. Every reading names the rule that decided and where in the reply. See docs/map.md for what differs
from other readers.

    >>> read_choice("<think>A? No.</think>It looks like a portable charger.", ["Grenade", "Powerbank"]).value
    'B'
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from beltline.exam.matching import Matcher, denied, squeezed
from beltline.exam.quantities import Space, number_in, read_boxes, read_number
from beltline.exam.replies import STATUSES, Found, Reading, Status, first, unanswered

__all__ = [
    "LETTERS",
    "STATUSES",
    "Reading",
    "Space",
    "Status",
    "read_boxes",
    "read_choice",
    "read_number",
    "read_yes_no",
]

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_LONE = re.compile(r"\W*(?:(?:the\s+)?(?:option|choice|answer|letter)\b\W*)?([A-Za-z])(?:\W+\1)*\W*", re.I)
_FIRST = re.compile(
    r"[^\w]*(?:(?:option|choice|answer)\W+)?([A-Z])(?:\s*[.):\]}*\"–—-]|\s*,(?!\s*(?:[A-Z]\b|or\b|and\b))|\s*\n|(?=\s+\())"
)
_FIRST_SMALL = re.compile(r"\W*([a-z])\s*[.):\]]\s")
_LETTER = re.compile(r"(?<![\w'’.-])([A-Z])(?![\w'’]|-\w)")
_LIST = re.compile(r"\b[A-Z](?:\s*(?:,\s*(?:or|and)\b|,|/|&|\bor\b|\band\b)\s*[A-Z]\b)+")
_BEFORE = re.compile(
    r"(?:\b(?:option|choice|answer|letter|is|be|it's|thus|so|therefore|hence|pick|choose|select|with|leaves|leaving|say|likely|towards?|definitely|probably)|[:;,(\n])"
    r"[\s*\"'(]*$",
    re.I,
)
_WRONG = re.compile(
    r"\W*(?:is|are|can\s+be|could\s+be|must\s+be|would\s+be)?\s*(?:all\s+|both\s+)?"
    r"(?:not\b|wrong|incorrect|false|ruled\s+out|excluded|eliminated|impossible|unlikely|isn't|cannot|can't)",
    re.I,
)
_LISTED_NEXT = re.compile(r"\s+(?:is|or|and|because|since|as|seems|would|looks|best|fits)\b")
_HEDGE = re.compile(r"\b(?:(?:could|might|may)\s+be|thought|initially|at\s+first)\b[^.;\n]*$", re.I)
_ENDS = re.compile(r"(?:\w+\W+){1,3}[A-Z]\W*")
_NAMES = re.compile(r"\b(?:type|vitamin|usb|class|grade|size|phase|plan|terminal|gate)\W*[A-Z]\b", re.I)
_RIGHT = re.compile(
    r"\W*(?:is|seems|appears)\s+(?:the\s+)?(?:correct|right|true|best|most|answer|more\s+likely)|\W*(?:fits|matches)\b",
    re.I,
)
_SENTENCE = re.compile(r"[.\n](?:\s|$)|$")
_POLAR = re.compile(
    r"\W*(?:(?:unfortunately|clearly|of\s+course|indeed|sure)\W+)?(yes|yeah|yep|true|no|nope|false|[yn](?=\W*$))\b(?!\s*/|\s+(?:and|or|problem|doubt)\b)",
    re.I,
)
_POLAR_END = re.compile(r"(?:[:,;]|\b(?:so|answer\s+is|is))\s*\W*(yes|no|true|false)\W*$", re.I)
_YES = frozenset({"y", "yes", "yeah", "yep", "true"})
_DENYING = re.compile(r"\W*(?:no|nope|false|none|there\s+(?:is|are)\s+no)\b", re.I)
_AFFIRMING = re.compile(r"\W*(?:yes|true)\b", re.I)


def read_choice(reply: str | None, options: Sequence[str]) -> Reading[str]:
    """The letter of the option that a reply chooses.

    Args:
        reply: what the model said, whatever it is; None is no response.
        options: texts in the order of their letters, without the letters; 2 to 26 of them.

    Raises:
        ValueError: fewer than 2 or more than 26 options.
    """
    if not 2 <= len(options) <= len(LETTERS):
        raise ValueError(f"expected 2 to 26 options, found {len(options)}: an open question is read by another reader")
    matcher = _matcher(tuple(options))
    return first(reply, lambda text: _choose(text, matcher))


def read_yes_no(reply: str | None) -> Reading[str]:
    """'yes' or 'no'."""
    found = read_choice(reply, ("Yes", "No"))
    value = {"A": "yes", "B": "no", None: None}[found.value]
    return Reading(status=found.status, value=value, rule=found.rule, span=found.span)


@lru_cache(maxsize=8192)
def _matcher(options: tuple[str, ...]) -> Matcher:
    return Matcher(options)


def _choose(text: str, matcher: Matcher) -> Found[str] | None:
    """The rules in their order; the first that decides."""
    whole = matcher.whole(text)
    if whole is not None:
        return _option(whole, "option text", (0, len(text)))
    for rule in (_lone, _leading, _mentioned, _partial, _polar, _withheld, _total, _texts, _count):
        found = rule(text, matcher)
        if found is not None:
            return found
    return None


def _option(index: int, rule: str, span: tuple[int, int]) -> Found[str]:
    return Found(LETTERS[index], rule, span)


def _letter(letter: str, rule: str, span: tuple[int, int], matcher: Matcher) -> Found[str]:
    if letter.upper() in LETTERS[: len(matcher.options)]:
        return Found(letter.upper(), rule, span)
    return Found(None, "letter out of range", span)


def _lone(text: str, matcher: Matcher) -> Found[str] | None:
    """Nothing but a letter: 'C', '(b).', 'Option D'."""
    found = _LONE.fullmatch(text)
    read = _letter(found[1], "letter", found.span(1), matcher) if found else None
    return read if read is None or read.value else _polar(text, matcher) or read  # 'Y' is no letter of two


def _leading(text: str, matcher: Matcher) -> Found[str] | None:
    """A letter with its mark first: 'C. Powerbank', 'D - ...'. Void when the text of another option follows it."""
    found = _FIRST.match(text) or _FIRST_SMALL.match(text)
    if found is None:
        return _spaced(text, matcher)
    read = _letter(found[1], "leading letter", found.span(1), matcher)
    end = _SENTENCE.search(text, found.end())
    follows = matcher.whole(text[found.end() : end.start() if end else len(text)])
    if read.value is not None and follows is not None and LETTERS[follows] != read.value:
        return Found(None, "letter and text differ", found.span(1))
    return read


def _spaced(text: str, matcher: Matcher) -> Found[str] | None:
    """'C Powerbank': a letter and the text of its own option."""
    head, _, rest = text.strip().partition(" ")
    if len(head) == 1 and head.upper() in LETTERS[: len(matcher.options)]:
        index = LETTERS.index(head.upper())
        if squeezed(rest) == squeezed(matcher.options[index]):
            return _option(index, "leading letter", (0, len(text)))
    return None


def _mentioned(text: str, matcher: Matcher) -> Found[str] | None:
    """The only letter that the text speaks for: 'so I pick option B', 'not A; it is C', 'Powerbank (C)'."""
    allowed = LETTERS[: len(matcher.options)]
    lists = [found.span() for found in _LIST.finditer(text)]
    spoken = [found for found in _LETTER.finditer(text) if found[1] in allowed]
    meant = [found for found in spoken if not _dismissed(text, found, lists) and _meant(text, found, lists)]
    if not meant:
        return None
    alone = [found for found in meant if _around(found, lists) == found.span(1) and not _hedged(text, found)]
    last = meant[-1]
    if len({found[1] for found in meant}) > 1 and (len({found[1] for found in alone}) != 1 or alone[-1] is not last):
        return Found(None, "ambiguous", last.span(1))
    return Found(last[1], "letter mentioned", last.span(1))


def _around(found: re.Match[str], lists: list[tuple[int, int]]) -> tuple[int, int]:
    """The list that a letter stands in ('A, B or C'), else the letter itself."""
    return next((span for span in lists if span[0] <= found.start() < span[1]), found.span(1))


def _dismissed(text: str, found: re.Match[str], lists: list[tuple[int, int]]) -> bool:
    begin, end = _around(found, lists)
    return denied(text, begin) or _WRONG.match(text, end) is not None


def _meant(text: str, found: re.Match[str], lists: list[tuple[int, int]]) -> bool:
    """Whether a capital letter stands for an option: in a list, after 'option', 'is', a colon, or before 'is correct'."""
    begin, end = found.span(1)
    if _ENDS.fullmatch(text.strip()) and not _NAMES.search(text):
        return True
    if (begin, end) != _around(found, lists) or _RIGHT.match(text, end):
        return True
    if re.match(r"\s+[a-z]", text[end : end + 3]) and found[1] in "AI":
        return (
            _BEFORE.search(text[max(0, begin - 20) : begin]) is not None and _LISTED_NEXT.match(text, end) is not None
        )
    return _BEFORE.search(text[max(0, begin - 20) : begin]) is not None


def _hedged(text: str, found: re.Match[str]) -> bool:
    """'it could be A': no choice once another letter follows."""
    return _HEDGE.search(text[max(0, found.start() - 30) : found.start()]) is not None


def _partial(text: str, matcher: Matcher) -> Found[str] | None:
    """Words of one option alone, in its order: 'on the right of the image'."""
    index = matcher.part(text)
    return None if index is None else _option(index, "part of an option", (0, len(text)))


def _polar(text: str, matcher: Matcher) -> Found[str] | None:
    """Yes or no, first or last, when one option alone says so."""
    found = _POLAR.match(text) or _POLAR_END.search(text)
    if found is None:
        return None
    says = _AFFIRMING if found[1].lower() in _YES else _DENYING
    fits = [index for index, option in enumerate(matcher.options) if says.match(option)]
    return _option(fits[0], "yes or no", found.span(1)) if len(fits) == 1 else None


def _withheld(text: str, matcher: Matcher) -> Found[str] | None:
    """A refusal or an abstention; an option that says the same ('Unable to determine') is then the answer."""
    why = unanswered(text)
    if why is None:
        return None
    same = [index for index, option in enumerate(matcher.options) if unanswered(option) == "abstained"]
    if why == "abstained" and len(same) == 1:
        return _option(same[0], "abstention is an option", (0, len(text)))
    return Found(None, why, (0, len(text)))


def _texts(text: str, matcher: Matcher) -> Found[str] | None:
    """The only option whose text, or a synonym of it, the text names and does not deny."""
    names = matcher.named(text)
    if len(names.chosen) > 1:
        return Found(None, "ambiguous", names.span)
    return _option(names.chosen[0], "option named", names.span) if names.chosen else None


def _total(text: str, matcher: Matcher) -> Found[str] | None:
    """'In total 3 (2 left, 1 right)': the sum is the count."""
    found = number_in(text)
    return _count(text, matcher) if found is not None and found.rule == "total" else None


def _count(text: str, matcher: Matcher) -> Found[str] | None:
    """A number that one option alone has: 'there are no batteries' for '0', 'two' for 'Two laptops'."""
    found = number_in(text)
    if found is None or found.value is None:
        return None
    fits = [index for index, option in enumerate(matcher.options) if _states(option, found.value)]
    return _option(fits[0], "number", found.span) if len(fits) == 1 else None


def _states(option: str, number: float) -> bool:
    stated = number_in(option)
    return stated is not None and stated.value == number
