"""The MMXray exam as a builder (One 3.3, App. D): what may be asked of one scan, and questions of knowledge.

    asked = candidates(scan, seed=7, content=content_hash(row))      # every image question that the scan can be asked
    exam = draw((one for one in asked if one.task == "location"), num=3430, seed=7)

`balanced`, the default, makes questions whose text tells nothing once drawing.draw has taken whole blocks; `paper` keeps to the paper's
own rules, for comparison: distractor boxes perturbed one by one, the three nearest categories, claims of which 45 in 100 are false.
"""

from typing import Final, Literal

from beltline.exam.basics import basics
from beltline.exam.mm_claims import features, misleading
from beltline.exam.mm_location import locations
from beltline.exam.mm_naming import countings, identities
from beltline.exam.mm_sight import look
from beltline.exam.tasks import Question
from beltline.scan import Scan

__all__ = ["ASKED", "basics", "candidates"]

VERSION: Final = 3
"""Raised when a builder asks otherwise than before: candidates of an older one are then made anew."""
ASKED: Final = (locations, countings, identities, features, misleading)
"""The builders of the five dimensions that look at a picture."""


def candidates(
    scan: Scan, *, seed: int, content: str, rule: Literal["balanced", "paper"] = "balanced"
) -> list[Question]:
    """Every question about a scan's top view: location, counting, identity, feature, misleading; each id once.

    Args:
        content: digest of the scan's row, kept in the questions.

    Raises:
        BadRow: the view's bytes are no image, or an item's box lies outside it.
    """
    sight = look(scan, content=content, seed=seed, rule=rule)
    made = [question for ask in ASKED for question in ask(sight)]
    return list({question.id: question for question in made}.values())
