"""Reads a caption's sentences: which categories they mention, how many, where, in which view, or that there are none.

The screens compare these mentions with the facts and with each other. The reader knows the grammar of short descriptive
English, not more: what it cannot read it does not report, so a screen never accuses on a guess. docs/screening-rules.md is the
same in words.

    read_scene("top", "A gun lies on the left; no knife is visible.", frozenset())
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from beltline.labels import CATEGORIES
from beltline.language import claims, lexicon
from beltline.language.clauses import Clause, clauses, sentences
from beltline.language.mentions import EMPTY, Mention, Relation

NO_FURTHER: frozenset[str] = frozenset()


_SAYS_WHAT_IS_THERE = re.compile(
    r"\b(?:there (?:is|are)|contain|hold|show|includ|reveal|carr|count|exactly|only|total|in all|altogether|visible|be seen"
    r"|present|made? out|display|captur|appear|found|identif|detect|consist|with|compris|feature|pack)"
)
_SAYS_MORE = re.compile(
    r"\b(?:part(?:ly|ially)|half[- ](?:hidden|visible)|barely|hidden|hid|occlud|cover|overlap|obscur|upright|tilted|flat)"
)
_ANY_VERB = re.compile(r"\b(?:is|are|lies?|sits?|rests?|stands?|has|have)\b")
_PRONOUN = re.compile(r"^ ?(?:this|these|both|one|the other)\b|\b(?:it|they)\b")
_LIST = re.compile(r",? (?:and |or |as well as )?(?:the |an? |another |\w+ )?(?:[\w-]+ )?|, (?:[\w-]+ ){0,3}")
_PHRASE_BEGINS = re.compile(r",| and | or | with |(?<= )(?:an?|the|another|one|two|three|four|several|its) ")
_SHARE = re.compile(
    r"\b(one|two|three|the other|another|a second|the first|the second|the third|a third|the remaining one)\b"
)
_SHARE_COUNT = {"two": 2, "three": 3}


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
        plain = lexicon.plain(sentence)
        for clause in clauses(plain, view):
            denial = (
                [_everything(clause, where, number, further)] if claims.denies_everything(clause.text, plain) else []
            )
            mentions = denial + list(_mentions(clause, where, number, further))
            if (
                found
                and found[-1].phrase != EMPTY
                and (_speaks_on(clause, mentions) or (not mentions and where.startswith("items/")))
            ):
                mentions = [*_again(found, clause, number), *mentions]
            found += mentions
    return found


def _speaks_on(clause: Clause, mentions: list[Mention]) -> bool:
    """Whether a clause goes on about a noun of before: a place, a relation or a pronoun without a noun of its own."""
    pronoun = _PRONOUN.search(clause.text) is not None
    if mentions:
        objects = {relation.phrase for mention in mentions for relation in mention.relations}
        return pronoun and bool(clause.relations) and not objects and len(mentions) == 1
    return pronoun or bool(clause.places)


def _everything(clause: Clause, where: str, number: int, further: frozenset[str]) -> Mention:
    """A denial of every item."""
    return Mention(
        where=where,
        sentence=number,
        view=clause.view,
        phrase=EMPTY,
        categories=frozenset(CATEGORIES) | further,
        named=frozenset(),
        negated=True,
        clause=clause.text,
    )


def _mentions(clause: Clause, where: str, number: int, further: frozenset[str]) -> Iterator[Mention]:
    nouns = _nouns(clause.text, further)
    for index, match in enumerate(nouns):
        mention = _mention(clause, where, number, further, nouns, index)
        yield from _shared_out(mention, clause, match.end(), _next_start(nouns, index))


def _nouns(text: str, further: frozenset[str]) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    last_end = -1
    for match in lexicon.finder(further).finditer(text):
        joined = last_end == match.start() - 1
        if claims.is_item(text, match.start(), match.end(), bool(found), joined):
            found.append(match)
        last_end = match.end()
    return found


def _next_start(nouns: list[re.Match[str]], index: int) -> int | None:
    return nouns[index + 1].start() if index + 1 < len(nouns) else None


def _mention(
    clause: Clause, where: str, number: int, further: frozenset[str], nouns: list[re.Match[str]], index: int
) -> Mention:
    text, match = clause.text, nouns[index]
    said = claims.number(text[: match.start()], match[0])
    places = _places_of(index, [noun.start() for noun in nouns], clause.places)
    return Mention(
        where=where,
        sentence=number,
        view=clause.view,
        phrase=match[0],
        categories=lexicon.meanings(match[0], further),
        named=lexicon.named(match[0], further),
        single=said.single,
        other=said.other,
        count=said.count,
        needed=said.needed,
        exact=said.exact,
        coarse=said.coarse,
        inexact=said.inexact,
        total=said.of
        if said.part
        else (said.count if not places and not said.other and _is_total(text, match.end()) else None),
        definite=said.definite,
        part=said.part,
        negated=claims.denied(text, match.start(), match.end()),
        hedged=claims.hedged(text, match.start(), match.end()),
        places=places,
        relations=tuple(_relations(clause, nouns, index, further)),
        clause=text,
        segment=_segment(text, nouns, index),
    )


def _segment(text: str, nouns: list[re.Match[str]], index: int) -> str:
    """From the end of what was said of the noun before to the beginning of the next; in a list without a verb ('the gun and the
    knife are blue'), what is said of the last."""
    last = index
    while last + 1 < len(nouns) and _LIST.fullmatch(text[nouns[last].end() : nouns[last + 1].start()]):
        last += 1
    start = _boundary(text, nouns, index) if index else 0
    end = _boundary(text, nouns, last + 1) if last + 1 < len(nouns) else len(text)
    return text[start : nouns[index].start()] + "#" * len(nouns[index][0]) + text[nouns[last].end() : end]


def _boundary(text: str, nouns: list[re.Match[str]], index: int) -> int:
    """Where the phrase of a noun begins, after the noun before it."""
    gap_start, gap_end = nouns[index - 1].end(), nouns[index].start()
    breaks = list(_PHRASE_BEGINS.finditer(text, gap_start, gap_end))
    return breaks[-1].start() if breaks else gap_end


def _is_total(text: str, end: int) -> bool:
    """Whether a clause says what is there, and not something else about it; one without a verb does."""
    says = _SAYS_WHAT_IS_THERE.search(text) is not None or _ANY_VERB.search(text) is None
    return says and _SAYS_MORE.search(text) is None


def _relations(clause: Clause, nouns: list[re.Match[str]], index: int, further: frozenset[str]) -> Iterator[Relation]:
    """The relations whose first noun this is: the one before 'to the left of', or the one after its object."""
    for start, end, direction in clause.relations:
        before = [k for k, noun in enumerate(nouns) if noun.end() <= start]
        after = [k for k, noun in enumerate(nouns) if noun.start() >= end]
        if not after or (not before and _PRONOUN.search(clause.text[:start])):
            continue
        subject = before[-1] if before else (after[1] if len(after) > 1 else None)
        if subject == index:
            phrase = nouns[after[0]][0]
            yield Relation(direction=direction, phrase=phrase, categories=lexicon.meanings(phrase, further))


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


def _shared_out(mention: Mention, clause: Clause, start: int, end: int | None) -> Iterator[Mention]:
    """'two knives, one on the left and one on the right': the number is a total, and each share has its place."""
    shares = list(_shares(clause, start, end)) if mention.needed > 1 else []
    if not shares:
        yield mention
        return
    yield replace(mention, places=(), total=mention.count)
    for count, places in shares:
        yield replace(mention, count=count, needed=count, total=None, definite=True, single=False, places=places)


def _shares(clause: Clause, start: int, end: int | None) -> Iterator[tuple[int, tuple[str, ...]]]:
    inside = [(at, words) for at, words in clause.places if at >= start and (end is None or at < end)]
    for at, words in inside:
        owners = [m for m in _SHARE.finditer(clause.text, start, at)]
        if owners:
            yield _SHARE_COUNT.get(owners[-1][1], 1), words


def _again(found: list[Mention], clause: Clause, number: int) -> list[Mention]:
    """A clause without a noun speaks of the noun of the sentence before, or of its own sentence's first."""
    here = [mention for mention in found if mention.sentence == number]
    last = (here or [mention for mention in found if mention.sentence == found[-1].sentence])[0]
    shares = list(_shares(clause, 0, None)) or [(1, clause.places[0][1] if clause.places else ())]
    return [_once_more(last, clause, number, count, places, bool(here)) for count, places in shares]


def _once_more(
    last: Mention, clause: Clause, number: int, count: int, places: tuple[str, ...], same_sentence: bool
) -> Mention:
    return Mention(
        where=last.where,
        sentence=number,
        view=clause.view,
        phrase=last.phrase,
        categories=last.categories,
        named=last.named,
        needed=count,
        definite=True,
        negated=last.negated if same_sentence else False,
        hedged=last.hedged if same_sentence else False,
        places=places,
        relations=tuple(_objects(clause)),
        clause=clause.text,
        segment=clause.text,
    )


def _objects(clause: Clause) -> Iterator[Relation]:
    """'it lies to the left of the laptop': what the pronoun stands beside."""
    for _, end, direction in clause.relations:
        match = lexicon.finder(NO_FURTHER).search(clause.text, end)
        if match is not None:
            yield Relation(direction=direction, phrase=match[0], categories=lexicon.meanings(match[0], NO_FURTHER))
