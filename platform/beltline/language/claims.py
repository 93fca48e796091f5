"""What stands around a noun: how many, whether it is denied, hedged, or only compared with.

Each function looks at the words of a clause before or after a noun phrase, in lower case. docs/screening-rules.md says in words
what they do (sections 3 and 4).
"""

import re
from dataclasses import dataclass

from beltline.language import lexicon

_NUMBER = rf"(?:{'|'.join([*lexicon.NUMBERS])}|\d+)"
_VERBS = "is|are|can|make|made|see|seen|shows?|holds?|holding|contains?|containing|has|have|reveals?|displays?|includes?|carries|lie|lies|sit|sits"
_ADJECTIVES = rf"(?:(?!(?:of|in|on|at|and|or|with|to|by|from|the|a|an|no|not|{_VERBS}|{_NUMBER})\b)[\w'-]+,? ){{0,4}}$"
_COARSE = r"(?:several|many|multiple|numerous|(?:a )?few|some|various|a number of|a handful of|lots of|dozens of)"
_PARTITIVE = re.compile(rf"\b(\w+) of (?:the|these|those|its|all) (?:({_NUMBER}) )?{_ADJECTIVES}")
_PAIR = re.compile(rf"\b(a|an|{_NUMBER}) (?:pairs?|couple) of {_ADJECTIVES}")
_HALF_DOZEN = re.compile(rf"\bhalf a dozen {_ADJECTIVES}")
_DOZEN = re.compile(rf"\b(?:a|one) dozen {_ADJECTIVES}")
_MANY = re.compile(rf"\b({_COARSE}) {_ADJECTIVES}")
_COUNT = re.compile(rf"\b({_NUMBER}) {_ADJECTIVES}")
_AT_LEAST = re.compile(r"\b(?:at least|no fewer than|no less than|not less than|not fewer than|a minimum of) $")
_MORE = re.compile(r"(?<!\bno )\b(?:more than|over) $")
_ROUGHLY = re.compile(
    r"\b(?:about|around|approximately|roughly|nearly|almost|up to|at most|no more than|fewer than|less than|perhaps|some) $"
)
_OR_MORE = re.compile(rf"\b({_NUMBER}) or (?:more|so) {_ADJECTIVES}")
_ONLY = re.compile(r"\b(?:only|exactly|just|precisely|but|merely) (?:a )?$")
_ONLY_A = re.compile(rf"\b(?:only|just|nothing but) (?:a|an) {_ADJECTIVES}")
_OTHER = re.compile(rf"\b(?:another|an additional|a further|a (?:second|third|fourth)|one more) {_ADJECTIVES}")
_REACH = 64
"""Letters before a noun that can belong to its phrase."""
_MORE_OF_THEM = re.compile(rf"\b(?:other|further|more|additional) {_ADJECTIVES}")
_NEW = re.compile(rf"\b(?:a|an) {_ADJECTIVES}")
_DEFINITE = re.compile(rf"\b(?:the|this|that|these|those|its|their|each|every)(?: same| said| other)? {_ADJECTIVES}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """How many of a noun its own phrase tells of."""

    count: int | None = None
    """Of how many the clause says what it says; None without a numeral."""
    of: int | None = None
    """'two of the three': 3."""
    needed: int = 1
    """So many must be there for it to be true."""
    exact: bool = False
    """'only two'."""
    inexact: bool = False
    """'at least two'."""
    coarse: bool = False
    """'several', 'many'."""
    definite: bool = False
    single: bool = False
    """'a gun', 'another gun'."""
    other: bool = False
    """'another gun'."""
    part: bool = False
    """'two of the guns'."""


def number(before: str, phrase: str) -> Number:
    """The number of a noun phrase, from the words of its clause before it."""
    before = before[-_REACH:]
    said = _partitive(before) or _measured(before, phrase) or _counted(before)
    if said is not None:
        return said
    several = lexicon.is_plural(phrase)
    if match := _MANY.search(before):
        hints = match[1] in ("several", "many", "multiple", "numerous", "dozens of", "lots of")
        return Number(needed=2, coarse=hints, inexact=True)
    if _OTHER.search(before):
        return Number(single=True, other=True)
    if _DEFINITE.search(before):
        return Number(definite=True, needed=2 if several else 1)
    fresh = _NEW.search(before) is not None
    return Number(single=fresh, exact=_ONLY_A.search(before) is not None, needed=2 if several and not fresh else 1)


def _partitive(before: str) -> Number | None:
    match = _PARTITIVE.search(before)
    if match is None:
        return None
    whole = _value(match[2]) if match[2] else None
    if match[1] in ("all", "both", "each", "none", "neither", "either", "any"):
        count = whole or (2 if match[1] in ("both", "neither", "either") else None)
        return Number(count=count, of=count, needed=count or 1, definite=True, part=True)
    part = _value(match[1])
    needed = max(whole or 0, part or (2 if re.fullmatch(_COARSE, match[1]) else 1))
    known = part is not None or match[1] in ("most", "some", "several", "many", "few", "part")
    return Number(count=part, of=whole, needed=needed, definite=True, part=True) if known else None


def _measured(before: str, phrase: str) -> Number | None:
    """'a pair of guns', 'half a dozen knives'."""
    if match := _PAIR.search(before):
        number = 1 if match[1] in ("a", "an") else _value(match[1]) or 1
        number *= 1 if lexicon.is_alone(phrase) else 2
        return Number(count=number, needed=number)
    for pattern, value in ((_HALF_DOZEN, 6), (_DOZEN, 12)):
        if match := pattern.search(before):
            roughly = _ROUGHLY.search(before[: match.start()]) is not None
            return Number(inexact=True, needed=2) if roughly else Number(count=value, needed=value)
    return None


def _counted(before: str) -> Number | None:
    if match := _OR_MORE.search(before):
        return Number(needed=_value(match[1]) or 1, inexact=True)
    match = _COUNT.search(before)
    if match is None:
        return None
    value, head = _value(match[1]), before[: match.start()]
    if value is None:
        return None
    if _AT_LEAST.search(head) or _MORE.search(head):
        return Number(needed=value + bool(_MORE.search(head)), inexact=True)
    if _ROUGHLY.search(head):
        return Number(inexact=True)
    exact = _ONLY.search(head) is not None
    if _MORE_OF_THEM.search(before):
        return Number(count=value, needed=value, other=True)
    return Number(count=value, needed=value, exact=exact, definite=match[1] == "both")


def _value(word: str) -> int | None:
    return int(word) if word.isdigit() else lexicon.NUMBERS.get(word)


# Denials -------------------------------------------------------------------------------------------------------------

_NO = re.compile(
    r"\b(?:no(?! (?:fewer|less|more|longer)\b)|without(?: any| an?)?|not (?:an?|any|one|a single)|neither(?! of\b)(?: an?| the| any)?|nor(?: an?| the| any)?|free (?:of|from)(?: any)?"
    r"|(?:absence|sign|trace|evidence|lack) of(?: an?| any)?|lacks?(?: an?| any)?|lacking(?: an?| any)?|never(?: an?)?|instead of(?: an?)?|rather than(?: an?)?"
    r"|(?:(?:do|does|did) not|(?:do|does|did)n't) (?:contain|show|hold|include|reveal|display|have|carry)(?: an?| any| the)?"
    r"|fails to show(?: an?| any)?|nowhere(?: an?)?)\b"
)
_BUT_FOR = re.compile(r",? (?:other than|except|apart from|besides|but for) ")
_NOT_NO = re.compile(
    r"\bnot only\b|\bnothing but\b|\bno (?:fewer|less|more) than\b|\bno doubt\b|\bwithout (?:a )?doubt\b"
)
_BREAK = re.compile(
    r"\b(?:is|are|was|were|lies|lie|sits|sit|rests|can|cannot|has|have|near|next|beside|behind|under|over|above|below|on|in|inside|at|by|to|from|with|but|where"
    rf"|while|which|that|around|between|only|the|this|its|a|an|shows?|holds?|contains?|overlaps?|hides?|covers?|{_NUMBER})\b"
)
_NOT_THERE = re.compile(
    r"^(?:(?:is|are|was|were|does|do|did) not|isn't|aren't|wasn't|weren't|doesn't|don't|can ?not|can't|could not|couldn't)"
    r" (?:be |to be )?(?:actually )?(?:seen|visible|present|shown|appear|there|found|detected|made out|discernible|identified|included|show up)\b"
    r"(?! (?:clearly|fully|well|completely)\b)|^(?:is|are) (?:entirely |completely )?(?:absent|missing|nowhere)\b"
    r"|^(?:(?:is|are) not|isn't|aren't)(?= ?[.,;]?$| in (?:the|this|either) (?:\w+ )?view)"
)
_NEXT_VERB = re.compile(
    r"\b(?:is|are|was|were|isn't|aren't|wasn't|weren't|does|do|did|doesn't|don't|can|cannot|can't|could|couldn't|may|might|seems?|appears?|lies|lie|sits?"
    r"|rests?|stands?|shows?|holds?|overlaps?|hides?|covers?|occupies|has|have|crosses|leans?)\b"
)


def denied(text: str, start: int, end: int) -> bool:
    """Whether the noun phrase at [start, end) of a clause is said not to be there."""
    clean = _NOT_NO.sub(lambda match: "#" * len(match[0]), text)
    before = clean[:start]
    negations = list(_NO.finditer(before))
    if _BUT_FOR.match(clean, end):
        return False
    if negations and not _BREAK.search(before[negations[-1].end() :]):
        return True
    verb = _NEXT_VERB.search(clean, end)
    return verb is not None and _NOT_THERE.match(clean[verb.start() :].strip()) is not None


# Hedges and comparisons ----------------------------------------------------------------------------------------------

_HEDGE = re.compile(
    r"\b(?:possib(?:ly|le)|perhaps|maybe|probabl[ey]|likely|presumabl[ey]|apparent(?:ly)?|supposed(?:ly)?|suspected|potential(?:ly)?|conceivably|may|might|could(?! be (?:seen|made|found))"
    r"|(?:appears?|appearing|seems?|seeming) to be|(?:looks?|looking|seems?|appears?) like|resembl(?:es?|ing)|suggest(?:s|ing|ive of)?|what (?:may|might|could) be)\b"
)
_HEDGED_VERB = re.compile(
    r"^(?:(?:may|might) (?:also |well )?(?:be|lie|sit|rest)|could (?:also |well )?be(?! (?:seen|made|found)))\b"
    r"|^(?:appears?|seems?) to be (?:present|there|visible|in)\b|^(?:is|are) (?:possibly|probably|likely|perhaps|apparently|presumably) (?:present|there|visible|in|among)\b"
)
_COMPARED = re.compile(
    r"(?:\bshaped like|\b(?:much|just) like|\bthe (?:size|length|width|weight) of|\bas \w+ as|\bsimilar (?:\w+ ){0,2}to|\bmistaken for|\bconfused with|\bunlike"
    r"|\b(?:larger|smaller|bigger|longer|shorter|thinner|thicker|heavier|wider|denser) than)"
    r" (?:(?:that of )?(?:an?|the|any|some) )?(?:[\w-]+ ){0,2}$"
)
_HOLDERS = (
    r"(?:bags?|cases?|holders?|holsters?|sleeves?|cables?|cords?|cover(?! (?:the|an?|it|each|one|most|part)\b)|compartments?|block(?! (?:the|an?|it)\b)|barrels?|grips?|handles?|blades?|screens?|straps?|parts?|batter(?:y|ies)"
    r"|caps?|necks?|openers?|fluid|shaped|chargers?|pouch(?:es)?|sheaths?|magazines?|triggers?|keyboards?|hinges?|frames?|tips?|edges?|screws?)"
)
_PART_OF = re.compile(rf"^(?:'s?)?[ -]{_HOLDERS}\b")
_OWNED = re.compile(r"(?:\bits|\btheir|\bwhose|'s|s') (?:[\w-]+ ){0,2}$")
_MADE_OF = re.compile(r"\b(?:made (?:up )?(?:of|from)|consists of|built (?:of|from)|material)\b[\w -]*$")
_PARTS = re.compile(r"^(?:blades?|batter(?:y|ies))$")
_HAS_PART = re.compile(r"\w (?:(?:with|has|having) (?:an?|its|two|one)|and its) (?:[\w-]+ ){0,3}$")
_CAN_VERB = re.compile(
    r" (?:be|not|also|only|just|still|clearly|easily|barely|make|see|find|spot|discern|observe|identify)\b"
)
_DETERMINED = re.compile(
    r"\b(?:an?|the|this|one|single|another|second|no|each|\d+|two|three|drink|beverage) (?:\w+[- ]){0,2}$"
)


def is_item(text: str, start: int, end: int, after_noun: bool, joined: bool) -> bool:
    """Whether a noun phrase means an item: not a part, a material, a holder or a comparison, nor the verb 'can'.

    Args:
        text: the clause.
        start, end: the phrase's place in it.
        after_noun: whether another class's noun stands before it in the clause.
        joined: whether one stands right before it: 'the knife blade'.
    """
    before, phrase = text[:start], text[start:end]
    if _OWNED.search(before) or _MADE_OF.search(before) or (_COMPARED.search(before) and not _HEDGE.search(before)):
        return False
    owned = joined or (after_noun and _HAS_PART.search(before) is not None)
    if _PART_OF.match(text[end:]) or (owned and _PARTS.match(phrase)):
        return False
    return phrase != "can" or (bool(_DETERMINED.search(before)) and not _CAN_VERB.match(text, end))


def hedged(text: str, start: int, end: int) -> bool:
    """Whether the clause only supposes that the noun phrase at [start, end) is there."""
    words = [match for match in _HEDGE.finditer(text[:start]) if "," not in text[match.end() : start]]
    if words and not re.search(r"\bmay be seen|might be seen", text[:start]):
        return True
    verb = _NEXT_VERB.search(text, end)
    return verb is not None and _HEDGED_VERB.match(text[verb.start() :]) is not None


# Denials of everything -----------------------------------------------------------------------------------------------

_EMPTY = re.compile(
    r"(?<!otherwise )(?<!almost )(?<!nearly )\bempty\b(?! (?:space|area|corner|part|half|region))"
    r"|\bnothing (?:of interest|prohibited|suspicious|dangerous|forbidden)\b|\bno (?:items?|objects?) of interest\b"
    r"|\bno (?:prohibited|dangerous|suspicious|forbidden) (?:items?|objects?|articles?|goods)\b|\bno contraband\b|\bno threats?\b"
)
_EXCEPT = re.compile(r"\b(?:apart from|except|other than|besides|beyond|but) \b|\bnot empty\b|n't empty\b")


def denies_everything(text: str, sentence: str) -> bool:
    """'The bag is empty', 'no items of interest', unless the sentence makes an exception."""
    return _EMPTY.search(text) is not None and _EXCEPT.search(sentence) is None
