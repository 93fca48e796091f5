"""What can be answered without looking: every blind answerer on every task, and which tasks are refused for it.

    found = audit(questions, lesson, seed=7)
    found.rows()           # task, answerer, n, accuracy, low, high, chance, gap, gap_high
    found.refused()        # one sentence for each task in which looking is not needed

An exam that balances letters alone can still be passed blind: of a public set 72 % (STING-BEE's SIXray questions), because every
yes/no answer is "Yes". So all answerers of blind.py (rules), blind_learned.py and blind_boxes.py (fitted on the lesson, and on other
bags of the exam itself) are asked, and each has an interval over bags. Audit a draw of at least 5,000 questions a task: of 200, three points are noise.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from beltline.exam import blind_boxes
from beltline.exam.blind import RULES, Answerer
from beltline.exam.blind_learned import LEARNERS, Folded, taught
from beltline.exam.metrics import intervals
from beltline.exam.tasks import Question
from beltline.scan import Row

LIMIT = 0.03
"""Points over chance, 0 to 1, that a blind answerer may have at most."""
TELLING = 8
"""So many times its options' number of questions a stratum must have before an option counts as never right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One answerer on one task. Figures are 0 to 1; `low` and `high` bound a 95 % interval, bags drawn with replacement."""

    task: str
    answerer: str
    n: int
    accuracy: float
    low: float
    high: float
    chance: float
    gap: float
    """Accuracy minus chance."""
    gap_high: float
    """Its upper 95 % bound: the true gap is higher with a chance of 1 in 20."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Every answerer on every task; best answerer first within a task."""

    lines: tuple[Line, ...]

    def rows(self) -> list[Row]:
        """The lines as dictionaries."""
        return [asdict(line) for line in self.lines]

    def best(self) -> dict[str, Line]:
        """The line of the highest gap of each task: what stands as blind score beside a model's."""
        found: dict[str, Line] = {}
        for line in self.lines:
            found.setdefault(line.task, line)
        return found

    def overall(self) -> float | None:
        """Accuracy over all questions if in each task its best answerer replies; None without questions.

        The best is chosen on the same questions, so that this is high by about one standard error.
        """
        best = self.best().values()
        return sum(line.accuracy * line.n for line in best) / sum(line.n for line in best) if best else None

    def refused(self, limit: float = LIMIT) -> list[str]:
        """One sentence for each task in which an answerer's upper bound is more than `limit` over chance.

        The highest of all answerers' own upper bounds is compared, without correction for their number. That is strict: the bound
        of the truly best answerer is one of them, so the highest lies above its true gap at least as often as that bound alone.
        """
        worst: dict[str, Line] = {}
        for line in self.lines:
            worst[line.task] = max(worst.get(line.task, line), line, key=lambda one: one.gap_high)
        return [_sentence(line, limit) for line in worst.values() if line.gap_high > limit]


def audit(
    questions: Sequence[Question], lesson: Sequence[Question] = (), seed: int = 0, *, rounds: int = 1000
) -> Audit:
    """Asks every blind answerer every question, task by task.

    Args:
        questions: of one exam or several, in any order.
        lesson: other questions that an answerer may learn from; it learns from other bags of the exam in any case.
        seed: of folds and bootstrap.
        rounds: of the bootstrap.
    """
    tasks: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        tasks[question.task].append(question)
    lines = [line for task in tasks for line in _lines(task, tasks[task], lesson, seed, rounds)]
    return Audit(lines=tuple(lines))


def chances(questions: Sequence[Question]) -> NDArray[np.float64]:
    """Chance of each question, shape (N,): 1 / the options that are ever right in its stratum.

    Where a stratum is too small to tell (fewer than `TELLING` questions an option), all its options count. And where one option is
    always right, all count as well: an answer that the words give away whole is not chance. So they do where the stratum is not of
    options but of roles (`Question.role`).
    """
    strata: dict[str, list[int]] = defaultdict(list)
    for place, question in enumerate(questions):
        strata[question.stratum].append(place)
    found = np.array([1 / len(question.options) for question in questions])
    for places in strata.values():
        right = {questions[place].answer_text for place in places}
        first = questions[places[0]]
        if len(right) > 1 and first.roles == sorted(first.options) and len(places) >= TELLING * len(first.options):
            found[places] = 1 / len(right)
    return found


def _lines(task: str, asked: list[Question], lesson: Sequence[Question], seed: int, rounds: int) -> list[Line]:
    """Lines of one task, highest gap first."""
    names, marks = zip(*((name, each.marks(asked)) for name, each in _answerers(asked, lesson, seed)), strict=True)
    right = np.array(marks, float)
    bags, chance = [question.group for question in asked], chances(asked)
    low, high, gap_high = _bounds(right.T, chance, bags, rounds, seed)
    lines = [
        Line(
            task=task,
            answerer=name,
            n=len(asked),
            accuracy=float(right[i].mean()),
            low=float(low[i]),
            high=float(high[i]),
            chance=float(chance.mean()),
            gap=float(right[i].mean() - chance.mean()),
            gap_high=float(gap_high[i]),
        )
        for i, name in enumerate(names)
    ]
    return sorted(lines, key=lambda line: (-line.gap, line.answerer))


def _answerers(asked: Sequence[Question], lesson: Sequence[Question], seed: int) -> Iterator[tuple[str, Answerer]]:
    """Those of the rules that have anything to say of the task, and all that learn; what learns from boxes only where there are some."""
    yield from ((name, rule) for name, rule in RULES.items() if any(map(rule.applies, asked)))
    learners = LEARNERS | (blind_boxes.LEARNERS if any(map(blind_boxes.offered, asked)) else {})
    yield from ((f"{name} (folds)", Folded(learner, seed)) for name, learner in learners.items())
    if lesson:
        yield from ((f"{name} (lesson)", taught(each, lesson, asked[0].task)) for name, each in learners.items())


def _bounds(
    right: NDArray[np.float64], chance: NDArray[np.float64], bags: Sequence[str], rounds: int, seed: int
) -> NDArray[np.float64]:
    """Bounds of accuracy and upper bound of the gap, shape (3, M), of M answerers' marks (N, M), all from the same bags."""
    values = np.column_stack([right, right - chance[:, None], np.ones(len(right))])
    drawn = intervals.resampled(
        intervals.cluster_sums(values, bags), lambda sums: sums[:, :-1] / sums[:, -1:], rounds, seed
    )
    num = right.shape[1]
    low, high = np.quantile(drawn[:, :num], [0.025, 0.975], axis=0)
    return np.stack([low, high, np.quantile(drawn[:, num:], 0.95, axis=0)])


def _sentence(line: Line, limit: float) -> str:
    """Why a task is refused, and what to do."""
    figures = (
        f"{line.answerer} is right in {line.accuracy:.1%} of {line.n} questions without looking, chance is "
        f"{line.chance:.1%}: the difference is {100 * line.gap:+.1f} points, at most {100 * line.gap_high:+.1f}"
    )
    unsure = 2 * line.gap - line.gap_high <= limit
    remedy = "draw more questions to tell" if unsure else "balance the answers against it"
    return f"{line.task}: expected at most {100 * limit:.1f} points over chance, found that {figures}; {remedy}"
