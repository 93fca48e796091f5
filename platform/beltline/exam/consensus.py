"""Stage III of DualXrayBench (Dual 3.2): questions that every answerer gets right or wrong tell answerers apart no more, and go.

    agreed = agree(questions, [Answerer(name="ours@1", graded=ours), Answerer(name="base@2", graded=base)], Rule(rebalance=True))
    agreed[0].score, agreed[0].by, agreed[0].verdict       # one a question, in the order of the exam; nothing is lost
    card.table(HEAD, rows(agreed)); imbalances(agreed)

The paper names the step and gives neither models nor thresholds; this rule is ours. An answerer's share of a question is how often it is
right over its seeds; a question's score is the mean share over answerers. Score >= `trivial` is `exam/trivial`; score <= `hard` is
`exam/hard`, and goes to people, since a question that nobody gets right may have a wrong answer; `keep_hard` leaves those in. Who never
answered a question is wrong there, and counted. Models that filtered an exam must not be ranked on it without saying so.

What goes by difficulty breaks the balance of answers that drawing.py made: `imbalances` says how far, and with `rebalance` whole
blocks are drawn anew from what is left, the rest being `exam/unbalanced`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import correlation
from typing import Any, Final

from beltline.exam.drawing import draw
from beltline.exam.scoring import Graded
from beltline.exam.tasks import Question
from beltline.scan import canonical_json
from beltline.verdict import KEEP, Keep, Reject, Verdict

TRIVIAL: Final = "exam/trivial"
HARD: Final = "exam/hard"
UNBALANCED: Final = "exam/unbalanced"
DIGITS: Final = 4
"""Of a correlation."""
HEAD: Final = ("task", "questions", "trivial", "hard", "unbalanced", "kept", "imbalance before", "after")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What goes. Thresholds are inclusive, 0 to 1, and read as the decimals that they are written as."""

    trivial: float = 1.0
    hard: float = 0.0
    keep_hard: bool = False
    rebalance: bool = False
    seed: int = 0
    """Of the blocks that are drawn anew."""

    def __post_init__(self) -> None:
        if not 0 <= self.hard < self.trivial <= 1:
            raise ValueError(f"rule: expected 0 <= hard < trivial <= 1, found hard {self.hard}, trivial {self.trivial}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answerer:
    """Who answered the exam."""

    name: str
    graded: Sequence[Graded]
    """Every question once a seed."""
    blind: bool = False
    """It saw no picture: counted like any other, and named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreed:
    """One question and what the answerers make of it."""

    question: Question
    score: Fraction
    """Mean share of right answers, 0 to 1: the classical difficulty p, high where the question is easy."""
    by: Mapping[str, Fraction]
    """Answerer to share, by name."""
    silent: tuple[str, ...]
    """Answerers without a readable answer with any seed."""
    letters: Mapping[str, int]
    """How often each letter was chosen: one wrong letter by all is a sign of a wrong answer."""
    discrimination: float | None
    """Point-biserial (over averaged seeds: Pearson's) correlation, over answerers, of the share here with the mean share on all
    other questions. None where either is the same for all. Below 0, the weaker answerers are right: worth a look."""
    verdict: Verdict
    hard: bool
    """At or below the threshold, kept or not."""

    def column(self) -> str:
        """Canonical JSON for the row."""
        shares = {name: float(share) for name, share in self.by.items()}
        told: dict[str, Any] = {"score": float(self.score), "by": shares, "silent": list(self.silent)}
        more = {"letters": dict(self.letters), "discrimination": self.discrimination, "hard": self.hard}
        return canonical_json(told | more)


def agree(questions: Sequence[Question], answerers: Iterable[Answerer], rule: Rule) -> list[Agreed]:
    """One for each question, in the order of the exam; the order of answerers does not matter.

    Raises:
        ValueError: fewer than two answerers, two of one name, or one that answered another exam.
    """
    named = sorted(answerers, key=lambda one: one.name)
    _check(questions, named)
    matrix = {one.name: _shares(questions, one.graded) for one in named}
    heard = {one.name: {each.key for each in one.graded if each.status == "answered"} for one in named}
    letters = _letters(named)
    rest = {name: sum(row.values(), Fraction(0)) for name, row in matrix.items()}
    found = [
        _agreed(
            *(question, {name: row[question.id] for name, row in matrix.items()}),
            silent=tuple(name for name in matrix if question.id not in heard[name]),
            letters=letters[question.id],
            rest=[rest[name] - matrix[name][question.id] for name in matrix],
            rule=rule,
        )
        for question in questions
    ]
    return _rebalanced(found, rule.seed) if rule.rebalance else found


def _check(questions: Sequence[Question], answerers: Sequence[Answerer]) -> None:
    names, known = [one.name for one in answerers], {question.id for question in questions}
    if len(names) < 2:
        raise ValueError(f"consensus: expected at least 2 answerers, found {names}: give more versions of replies")
    if len(set(names)) < len(names):
        raise ValueError(f"consensus: expected every answerer once, found {names}: one would count twice")
    for one in answerers:
        if any(each.key not in known for each in one.graded):
            raise ValueError(f"consensus: expected answers to the exam's questions, {one.name} answered another exam")


def _shares(questions: Sequence[Question], graded: Sequence[Graded]) -> dict[int, Fraction]:
    """Share of right answers; seeds that did not answer are wrong."""
    num = max(1, len({one.seed for one in graded}))
    right = Counter(one.key for one in graded if one.correct)
    return {question.id: Fraction(right[question.id], num) for question in questions}


def _letters(answerers: Iterable[Answerer]) -> Mapping[int, Mapping[str, int]]:
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for each in (each for one in answerers for each in one.graded if each.letter):
        found[each.key][str(each.letter)] += 1
    return defaultdict(dict, found)


def _agreed(
    question: Question,
    by: Mapping[str, Fraction],
    *,
    silent: tuple[str, ...],
    letters: Mapping[str, int],
    rest: Sequence[Fraction],
    rule: Rule,
) -> Agreed:
    score = sum(by.values(), Fraction(0)) / len(by)
    return Agreed(
        question=question,
        score=score,
        by=by,
        silent=silent,
        letters=letters,
        discrimination=correlated(list(by.values()), rest),
        verdict=judge(score, len(by), len(silent), rule),
        hard=score <= _exact(rule.hard),
    )


def judge(score: Fraction, num: int, num_silent: int, rule: Rule) -> Verdict:
    """What the rule says of a score of `num` answerers, balance apart."""
    said = f"score {float(score):.3f} of {num} answerers, {num_silent} of whom never answered it"
    if score >= _exact(rule.trivial):
        return Reject(TRIVIAL, f"{said}: at or above {rule.trivial}")
    if score <= _exact(rule.hard) and not rule.keep_hard:
        says = "too hard, or its answer is wrong: a person should look at it"
        return Reject(HARD, f"{said}: at or below {rule.hard}; {says}")
    return KEEP


def _exact(threshold: float) -> Fraction:
    """0.6 as 3/5, so that three right of five reach it."""
    return Fraction(str(threshold))


def correlated(one: Sequence[Fraction], other: Sequence[Fraction]) -> float | None:
    """Pearson's, -1 to 1; None where one of them does not vary."""
    if len(set(one)) < 2 or len(set(other)) < 2:  # exact: nothing is made of a float's last bit
        return None
    return round(correlation([float(x) for x in one], [float(x) for x in other]), DIGITS)


def fellows(agreed: Sequence[Agreed]) -> dict[str, float | None]:
    """Answerer to the correlation, over questions, of its shares with the mean of the other answerers': near 0, it guesses."""
    names = list(agreed[0].by) if agreed else []
    mine = {name: [one.by[name] for one in agreed] for name in names}
    others = {name: [one.score * len(names) - one.by[name] for one in agreed] for name in names}
    return {name: correlated(mine[name], others[name]) for name in names}


def _rebalanced(agreed: Sequence[Agreed], seed: int) -> list[Agreed]:
    """Whole blocks of what is kept; what fits into none is rejected."""
    left = [one.question for one in agreed if one.verdict == KEEP]
    chosen = {question.id for question in draw(left, num=len(left), seed=seed)}
    says = "dropped so that every option of its stratum is right equally often after the others went"
    reject = Reject(UNBALANCED, says)
    return [
        replace(one, verdict=reject) if one.verdict == KEEP and one.question.id not in chosen else one for one in agreed
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Imbalance:
    """One stratum: how much more often its most frequent right option is right than its rarest, in questions; 0 is balance."""

    task: str
    before: int
    after: int


def imbalances(agreed: Iterable[Agreed]) -> dict[str, Imbalance]:
    """By stratum, before and after the verdicts."""
    strata: dict[str, list[Agreed]] = defaultdict(list)
    for one in agreed:
        strata[one.question.stratum].append(one)
    return {
        stratum: Imbalance(
            task=some[0].question.task,
            before=_imbalance([one.question for one in some]),
            after=_imbalance([one.question for one in some if one.verdict == KEEP]),
        )
        for stratum, some in strata.items()
    }


def _imbalance(questions: Sequence[Question]) -> int:
    counts = Counter(one.role for one in questions)
    roles = questions[0].roles if questions else []
    return max((counts[role] for role in roles), default=0) - min((counts[role] for role in roles), default=0)


def rows(agreed: Sequence[Agreed]) -> list[tuple[str, ...]]:
    """One a task and `all` last, cells under `HEAD`; imbalance is that of the worst stratum."""
    strata = list(imbalances(agreed).values())
    tasks = list(dict.fromkeys(one.question.task for one in agreed))
    lines = [
        _line(task, [x for x in agreed if x.question.task == task], [x for x in strata if x.task == task])
        for task in tasks
    ]
    return [*lines, _line("all", agreed, strata)]


def _line(name: str, some: Sequence[Agreed], strata: Sequence[Imbalance]) -> tuple[str, ...]:
    reasons = Counter("" if isinstance(one.verdict, Keep) else one.verdict.reason for one in some)
    worst = (max((x.before for x in strata), default=0), max((x.after for x in strata), default=0))
    counts = (len(some), reasons[TRIVIAL], reasons[HARD], reasons[UNBALANCED], reasons[""])
    return (name, *map(str, counts), *map(str, worst))
