"""DualXrayBench as a builder: every question of its eight tasks that a bag can be asked, from facts that its row carries.

From a virtual bag the answers follow from exact geometry; from an annotated real pair, as far as boxes tell. A fact that is too
close to call is never asked: each family of tasks declares its margins. What the text gives away is in `words`, so that
drawing.draw can balance the answers given it; wordings, directions and option sets are drawn by hashes that never see an answer.

    facts = truth(RECIPES["dual-exam"], row_id)      # None for a real pair
    questions = candidates(scan, facts, seed=1, content=digest)
    exam = draw([one for one in questions if one.task == "SR"], num=200, seed=7)
"""

from collections.abc import Callable, Iterator
from typing import Final

from beltline.exam.dual_attribute import PLACE, PLACEMENT, placements, places
from beltline.exam.dual_bag import Bag, Wordings
from beltline.exam.dual_occlusion import AREA, TOUCHING, areas, contacts
from beltline.exam.dual_perceptual import COUNTING, RECOGNITION, counts, recognitions
from beltline.exam.dual_relational import DISTANCE, RELATION, distances, relations
from beltline.exam.tasks import Question, rank
from beltline.image.phantom.truth import Truth
from beltline.scan import Scan

MAKERS: Final[dict[str, Callable[[Bag], Iterator[Question]]]] = {
    "CT": counts,
    "OR": recognitions,
    "SR": relations,
    "SD": distances,
    "OA": areas,
    "CO": contacts,
    "PA": placements,
    "SA": places,
}
WORDINGS: Final[dict[str, Wordings]] = {
    "CT": COUNTING,
    "OR": RECOGNITION,
    "SR": RELATION,
    "SD": DISTANCE,
    "OA": AREA,
    "CO": TOUCHING,
    "PA": PLACEMENT,
    "SA": PLACE,
}
"""Task to form to the ways of putting it."""
VERSION: Final = 1
"""Raised when a builder asks otherwise than before: candidates of an older one are then made anew."""
needs_truth: Final = frozenset({"CO"})
"""Tasks whose answers the row alone does not carry."""
MOST = 16
"""Questions of one task that a bag gives at most, the first by hash: a full bag has hundreds of distances."""


def candidates(scan: Scan, truth: Truth | None, *, seed: int, content: str) -> list[Question]:
    """Every question of all eight tasks that this bag can be asked, at most `MOST` a task.

    Args:
        truth: of a virtual bag (beltline.image.phantom.truth); None leaves out the tasks of `needs_truth`.
        content: digest of the scan's row, which the questions carry.

    Returns:
        Nothing for a scan of one view: every task of this exam is about both.

    Raises:
        ValueError: `truth` is of another bag.
    """
    if truth is not None and truth.categories != tuple(item.category for item in scan.items):
        raise ValueError(
            f"scan {scan.id}: expected the truth of its items, found one of {truth.categories}; was it made by this recipe and row?"
        )
    if scan.side is None:
        return []
    bag = Bag(scan, truth, seed=seed, content=content)
    return [question for make in MAKERS.values() for question in _first(list(make(bag)), seed)]


def _first(questions: list[Question], seed: int) -> list[Question]:
    if len(questions) <= MOST:
        return questions
    return sorted(questions, key=lambda one: rank(seed, one.id))[:MOST]
