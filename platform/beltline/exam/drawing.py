"""Draws an exam from candidates so that the text alone tells nothing: within a stratum every option is right equally often.

A stratum is all that the words of a question give away (task, categories, axis, the set of options: `Question.stratum`). From each
stratum whole blocks are taken, a block having one question for each of its options; a stratum in which some option is never right
gives none. So a prior over categories, pairs or options has nothing to learn, whatever bags the candidates come from. Options that no
other question has (boxes) are told apart by the role of the right one: `Question.role`.

    chosen = draw(candidates, num=200, seed=7)

Order and number of workers do not matter: candidates are ranked by a hash of their number.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from beltline.exam.tasks import Question, rank


def draw(candidates: Iterable[Question], *, num: int, seed: int, per_group: int | None = None) -> list[Question]:
    """At most `num` questions of the candidates, in whole blocks as far as they go; fewer where there are not enough.

    Strata take turns, so that a frequent pair of categories does not fill the exam. The last block may be cut to end at `num`.

    Args:
        candidates: of one task; each id once.
        per_group: at most so many of one bag.
    """
    strata: dict[str, dict[str, list[Question]]] = defaultdict(lambda: defaultdict(list))
    for question in sorted(_fresh(candidates, seed, per_group), key=lambda one: rank(seed, one.id)):
        strata[question.stratum][question.role].append(question)
    order = sorted(strata, key=lambda stratum: rank(seed, stratum))
    return list(islice(_turns([list(_blocks(stratum, strata[stratum])) for stratum in order]), num))


def shortage(chosen: Sequence[Question], num: int) -> str | None:
    """What to tell a user whose bags do not hold enough questions; None where they do."""
    if len(chosen) >= num:
        return None
    return f"expected {num} questions, found {len(chosen)} with answers in balance: give more bags, or ask for fewer"


def _fresh(candidates: Iterable[Question], seed: int, per_group: int | None) -> Iterator[Question]:
    """Each question once, and no more than `per_group` of a bag."""
    seen: set[int] = set()
    num: dict[str, int] = defaultdict(int)
    for question in sorted(candidates, key=lambda one: rank(seed + 1, one.id)) if per_group else candidates:
        num[question.group] += 1
        if question.id not in seen and (per_group is None or num[question.group] <= per_group):
            seen.add(question.id)
            yield question


def _blocks(stratum: str, by_answer: dict[str, list[Question]]) -> Iterator[list[Question]]:
    """One question for each option, as often as every option has one left."""
    roles = json.loads(stratum)[-1]
    if len(by_answer) == len(roles):
        yield from (list(block) for block in zip(*by_answer.values(), strict=False))


def _turns(strata: list[list[list[Question]]]) -> Iterator[Question]:
    """A block of each stratum in turn, until none has one left."""
    for number in range(max(map(len, strata), default=0)):
        for blocks in strata:
            if number < len(blocks):
                yield from blocks[number]
