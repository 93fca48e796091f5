"""Sets an exam: which tasks with how many questions, drawn from candidates in balance, and letters that tell nothing.

    recipe = EXAMS["dualxray"]
    drawn = draw_exam(recipe, lambda task: candidates[task])    # task -> questions, letters settled
    short = shortages(recipe, drawn)                            # task -> what to tell the user

`-lessons` is for bags of which drills are made (converse --recipe drills), never for an exam. The `-large` recipes hold 5,000 questions a task: on 200 a blind answerer is three points off by luck alone. The `-paper` recipe asks
as the paper does, without balance, so that it can be shown what that gives away.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from beltline.exam.answers import LETTERS
from beltline.exam.drawing import draw, shortage
from beltline.exam.tasks import DUALXRAY, MMXRAY, Question, arranged, rank, rearranged

LARGE: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamRecipe:
    """What decides an exam, given its scans. Literals only."""

    name: str
    builder: str
    """Who makes the candidates: dualxray or mmxray."""
    counts: Mapping[str, int]
    """Questions by task, in the order of the exam."""
    rule: str | None = None
    """Of the builder, where it knows several."""
    balanced: bool = True
    """Whole blocks from each stratum (drawing.py); False takes candidates as they come, in the order of a hash."""
    seed: int
    per_group: int | None = None
    """At most so many questions of one task on one bag."""
    audited: bool = True
    """Questions that a lesson is made of need no audit: nobody is judged by them."""


_DUAL = {task.name: task.num for task in DUALXRAY.values()}
_MMX = {task.name: task.num for task in MMXRAY.values()}
EXAMS: Final[dict[str, ExamRecipe]] = {
    recipe.name: recipe
    for recipe in (
        ExamRecipe(name="dualxray", builder="dualxray", counts=_DUAL, seed=1594),
        ExamRecipe(name="dualxray-large", builder="dualxray", counts=dict.fromkeys(_DUAL, LARGE), seed=1594),
        ExamRecipe(
            name="dualxray-lessons", builder="dualxray", counts=dict.fromkeys(_DUAL, 20_000), seed=1594, audited=False
        ),
        ExamRecipe(name="mmxray", builder="mmxray", counts=_MMX, rule="balanced", seed=17669),
        ExamRecipe(
            name="mmxray-large", builder="mmxray", counts=dict.fromkeys(_MMX, LARGE), rule="balanced", seed=17669
        ),
        ExamRecipe(
            name="mmxray-lessons",
            builder="mmxray",
            counts={name: 20_000 for name in _MMX if name != "basic"},  # knowledge is about no scan
            rule="balanced",
            seed=17669,
            audited=False,
        ),
        ExamRecipe(name="mmxray-paper", builder="mmxray", counts=_MMX, rule="paper", balanced=False, seed=17669),
    )
}


def draw_exam(recipe: ExamRecipe, candidates: Callable[[str], Iterable[Question]]) -> dict[str, list[Question]]:
    """Questions by task, fewer than the recipe's where the candidates do not hold enough.

    Args:
        recipe: what is wanted.
        candidates: those of a task; called once a task, so that only one task's need be in memory.
    """
    return {task: draw_task(recipe, candidates(task), num) for task, num in recipe.counts.items()}


def draw_task(recipe: ExamRecipe, candidates: Iterable[Question], num: int) -> list[Question]:
    """At most `num` questions of one task's candidates, letters settled."""
    pick = draw if recipe.balanced else _as_they_come
    return lettered(pick(candidates, num=num, seed=recipe.seed, per_group=recipe.per_group), recipe.seed)


def shortages(recipe: ExamRecipe, drawn: Mapping[str, list[Question]]) -> dict[str, str]:
    """Task to what a user is told, for each task that is not full."""
    found = {task: shortage(drawn[task], num) for task, num in recipe.counts.items()}
    return {task: says for task, says in found.items() if says}


def lettered(questions: Iterable[Question], seed: int) -> list[Question]:
    """The questions with their options in a new order: each letter is right equally often (to within one, among questions with
    as many options), independently of which option is right. Where the other options stand is decided by a hash.
    """
    asked = list(questions)
    turn: dict[int, int] = defaultdict(int)
    letters: dict[int, int] = {}
    for one in sorted(asked, key=lambda one: rank(seed, "letter", one.id)):
        num = len(one.options)
        letters[one.id] = turn[num] % num
        turn[num] += 1
    return [_at(arranged(one, seed), letters[one.id]) for one in asked]


def _as_they_come(
    candidates: Iterable[Question], *, num: int, seed: int, per_group: int | None = None
) -> list[Question]:
    """The first `num` by hash, each once: what a set without balance holds."""
    once = {one.id: one for one in candidates}
    taken: dict[str, int] = defaultdict(int)
    chosen = []
    for key in sorted(once, key=lambda key: rank(seed, "draw", key)):
        taken[once[key].group] += 1
        if per_group is None or taken[once[key].group] <= per_group:
            chosen.append(once[key])
    return chosen[:num]


def _at(question: Question, place: int) -> Question:
    """The right option at a place, the others in the order that they have."""
    others = [option for option in question.options if option != question.answer_text]
    options = (*others[:place], question.answer_text, *others[place:])
    return rearranged(question, options) if question.answer != LETTERS[place] else question
