"""Questions of knowledge, without a picture (One App. D.1, Basic Understanding): yes or no, the accurate statement, the missing words,
the kind of article by its look.

    basics(seed=7, split="exam")        # group "fact/<key of the team's first>"; scan None; views ()

Every fact is a sentence with a gap and alternatives for it, so that a true and a false statement differ in those words alone. A
statement is judged as often in the form "is it right" as "is it wrong", and stands as often among wrong options as it is the right one; the
right option's rank by length is part of what the draw balances. Statements are offered beside those of the same team of facts alone, and
the team is the questions' group: else a wrong statement seen elsewhere would be known to be wrong here. Which facts an exam may ask is decided by fact, by hash; a fact that a
lesson teaches (language/basics.py) is the lesson's.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from beltline.exam.answers import LETTERS
from beltline.exam.basics_imaging import IMAGING
from beltline.exam.basics_physics import PHYSICS
from beltline.exam.basics_threats import LOOKS, ONE, THREATS
from beltline.exam.mm_naming import ALIKE
from beltline.exam.mm_sight import EXAM, named
from beltline.exam.tasks import Question, arranged
from beltline.language.basics import BASICS
from beltline.scan import canonical_json

Split = Literal["exam", "lesson"]
LESSON_ONE_IN: Final = 8
"""One fact in so many is for lessons, besides those that lessons have already."""
TEAM: Final = 4
"""Facts whose statements stand beside each other."""
PICKS_EACH: Final = 4
"""Questions of each sort that offer whole statements, a fact."""
_GAP: Final = re.compile(r"\{([^}]*)\}")
JUDGE: Final = (
    ("Is the following correct? {said}", True),
    ("Does this hold for X-ray screening? {said}", True),
    ("Would you keep this sentence in a handbook for inspectors? {said}", True),
    ("Is the following mistaken? {said}", False),
    ("Should this sentence be struck from a handbook for inspectors? {said}", False),
    ("Is there an error in this sentence? {said}", False),
)
"""Each with whether Yes says that the statement is right."""
PICK_TRUE: Final = (
    "Which statement is accurate?",
    "Only one of these sentences is right. Which?",
    "Choose what is correct.",
)
PICK_FALSE: Final = (
    "Which statement is mistaken?",
    "Only one of these sentences is wrong. Which?",
    "Choose what is not correct.",
)
GAP: Final = ("Fill the gap: {said}", "Which words belong in the gap? {said}", "Complete the sentence. {said}")
LOOK: Final = (
    "Which of these is an inspector most likely to have in view: {look}?",
    "A scan shows {look}. What is it most probably?",
    "Of what kind is an article that shows {look}?",
    "Name the most probable kind of article: {look}.",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A sentence with a gap."""

    key: str
    sentence: str
    """With `...` where the words belong."""
    right: str
    wrong: tuple[str, ...]
    source: str

    def saying(self, words: str) -> str:
        """The sentence with these words in the gap."""
        filled = self.sentence.replace("...", words)
        return filled[0].upper() + filled[1:]


@lru_cache(maxsize=1)
def facts() -> tuple[Fact, ...]:
    """The whole bank, in its order.

    Raises:
        ValueError: a sentence without a gap, or a key that comes twice.
    """
    found = tuple(_fact(*row) for row in (*PHYSICS, *IMAGING, *THREATS))
    if len({fact.key for fact in found}) < len(found):
        raise ValueError("facts: expected each key once; rename one of those that come twice")
    return found


def _fact(key: str, text: str, source: str) -> Fact:
    gaps = _GAP.findall(text)
    if len(gaps) != 1 or "|" not in gaps[0]:
        raise ValueError(f"fact {key}: expected one gap with alternatives, found {text!r}")
    right, *wrong = gaps[0].split("|")
    return Fact(key=key, sentence=_GAP.sub("...", text), right=right, wrong=tuple(wrong), source=source)


def split_of(key: str) -> Split:
    """Where a fact belongs: whatever the seed is, so that two exams cannot teach each other's facts."""
    taught = {basic.key for basic in BASICS}
    return "lesson" if key in taught or _number("split", key) % LESSON_ONE_IN == 0 else "exam"


def basics(*, seed: int, split: Split = "exam") -> list[Question]:
    """Every question of knowledge of a split, each id once."""
    made = list(_looks(seed, split))
    for team in teams([fact for fact in facts() if split_of(fact.key) == split]):
        made += [*_judged(team, seed), *_picked(team, seed), *_filled(team, seed)]
    return [arranged(question, seed) for question in {one.id: one for one in made}.values()]


def teams(bank: Sequence[Fact]) -> list[list[Fact]]:
    """The facts in fours by hash, what is left over with the last; none of fewer than four facts."""
    order = sorted(bank, key=lambda fact: _number("team", fact.key))
    whole = [order[start : start + TEAM] for start in range(0, len(order) - TEAM + 1, TEAM)]
    return [*whole[:-1], order[TEAM * (len(whole) - 1) :]] if whole else []


def _judged(team: Sequence[Fact], seed: int) -> Iterator[Question]:
    """The right sentence and the wrong ones, each asked both ways, the right one as often as the wrong ones together."""
    for fact in team:
        for words in (fact.right, *fact.wrong):
            num = len(fact.wrong) if words == fact.right else 1
            for positive in (True, False):
                wordings = [text for text, way in JUDGE if way is positive]
                for text in _shuffled(wordings, seed, fact.key, words)[:num]:
                    right, said = "Yes" if (words == fact.right) is positive else "No", fact.saying(words)
                    yield _put(fact, team, {"form": "judge"}, text.format(said=said), ("Yes", "No"), right)


def _picked(team: Sequence[Fact], seed: int) -> Iterator[Question]:
    """Four whole statements of four facts, one of them right, or one of them wrong."""
    for fact in team:
        for number in range(PICKS_EACH):
            for truth, wordings in ((True, PICK_TRUE), (False, PICK_FALSE)):
                key = (seed, fact.key, number, truth)
                beside = _shuffled([other.key for other in team if other.key != fact.key], *key)[: TEAM - 1]
                rest = [
                    other.saying(_any(other.wrong, *key, other.key) if truth else other.right)
                    for other in team
                    if other.key in beside
                ]
                own = fact.saying(fact.right if truth else _any(fact.wrong, *key))
                words = {"form": "accurate" if truth else "mistaken"}
                yield _put(fact, team, words, _any(wordings, *key, "wording"), (own, *rest), own, by_length=True)


def _filled(team: Sequence[Fact], seed: int) -> Iterator[Question]:
    """The words for the gap."""
    for fact in team:
        text = _any(GAP, seed, fact.key).format(said=fact.sentence.replace("...", "____"))
        options = (fact.right, *fact.wrong)
        yield _put(fact, team, {"form": f"gap of {len(options)}"}, text, options, fact.right, by_length=True)


def _looks(seed: int, split: Split) -> Iterator[Question]:
    """The kind by its look, among four like kinds; the four of a group belong to one split, so that each is right equally often."""
    for number, kinds in enumerate(ALIKE[: len(LOOKS) // 4]):
        for variant in range(2):
            if split_of(f"look/{number}/{variant}") != split:
                continue
            for kind in kinds:
                fact = Fact(key=f"look/{kind}/{variant}", sentence="...", right=kind, wrong=(), source=ONE)
                options = tuple(named(one)["a_gun"] for one in kinds)
                for text in LOOK:
                    asked = text.format(look=LOOKS[kind][variant])
                    yield _put(fact, (fact,), {"form": "look"}, asked, options, named(kind)["a_gun"])


def _put(
    fact: Fact,
    team: Sequence[Fact],
    words: dict[str, Any],
    text: str,
    options: Sequence[str],
    right: str,
    *,
    by_length: bool = False,
) -> Question:
    details: dict[str, Any] = {"fact": fact.key, "source": fact.source}
    if by_length:
        ranks = [f"length rank {rank}" for rank in range(len(options))]
        longer = sum((len(option), option) > (len(right), right) for option in options)
        details |= {"role": ranks[longer], "roles": ranks}
    return Question(
        exam=EXAM,
        task="basic",
        question=text,
        options=tuple(options),
        answer=LETTERS[list(options).index(right)],
        group=f"fact/{team[0].key}",
        words=words,
        details=details,
    )


def _shuffled(values: Sequence[str], *key: object) -> list[str]:
    return sorted(values, key=lambda value: _number(*key, value))


def _any(values: Sequence[str], *key: object) -> str:
    return values[_number(*key) % len(values)]


def _number(*key: object) -> int:
    return int.from_bytes(hashlib.sha256(canonical_json(key).encode()).digest()[:8], "big")
