"""A gate for a reviewed version: conditions on what people said, each met or not, with the figures.

check(["reviews>=2", "kappa>=0.7", "open=0"], work, boxes_of)       # [] or a sentence a condition that is not met

reviews>=2      every item was decided on by so many people, without knowing of each other
open=0          items that wait for somebody; disputed=0 those that wait for a third person
kappa>=0.7      Cohen's kappa of the decisions of rounds 1 and 2
boxes>=0.9      mean F1 at IoU 0.5 of the boxes of rounds 1 and 2
gold>=0.9       share of gold items that were decided rightly, by each person who saw any
rejected<=0.2   share of items that are rejected
"""

import operator
import re
from collections.abc import Callable, Sequence

from beltline.language.figures import BoxesOf, box_agreement, golds, kappas, pairs
from beltline.language.rounds import decisions
from beltline.language.worklist import Worklist

_SIGNS: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le, "=": operator.eq}
_CONDITION = re.compile(r"\s*([a-z]+)\s*(>=|<=|=)\s*([0-9]+(?:\.[0-9]+)?)\s*")
NAMES = ("reviews", "open", "disputed", "kappa", "boxes", "gold", "rejected")


def read(text: str) -> tuple[str, str, float]:
    """A condition in its parts.

    Raises:
        ValueError: it is none.
    """
    match = _CONDITION.fullmatch(text)
    if not match or match[1] not in NAMES:
        raise ValueError(f"--gate: expected NAME>=NUMBER with a name of {', '.join(NAMES)}, found {text!r}")
    return match[1], match[2], float(match[3])


def check(conditions: Sequence[str], work: Worklist, boxes_of: BoxesOf) -> list[str]:
    """What is not met, a sentence each; what cannot be measured is not met."""
    wanted = [read(text) for text in conditions]
    found = {name: _measure(name, work, boxes_of) for name, _, _ in wanted}
    return [_says(*one, found[one[0]]) for one in wanted if not _met(*one, found[one[0]])]


def _met(name: str, sign: str, wanted: float, found: float | None) -> bool:
    return found is not None and _SIGNS[sign](found, wanted)


def _says(name: str, sign: str, wanted: float, found: float | None) -> str:
    return (
        f"{name}: expected {sign} {wanted:g}, found {'nothing to measure it by' if found is None else f'{found:.4g}'}"
    )


def _measure(name: str, work: Worklist, boxes_of: BoxesOf) -> float | None:
    if name in ("open", "disputed"):
        return float(work.counts().get(name, 0))
    if name == "rejected":
        return work.counts().get("rejected", 0) / len(work.entries) if work.entries else None
    if name == "reviews":
        return float(min((_reviews(work, entry.item) for entry in work.entries), default=0))
    if name == "gold":
        shares = [right / num for right, num in golds(work.touched(), work.gold).values()]
        return min(shares) if shares else None
    found = pairs(work.touched())
    if name == "kappa":
        agreed = kappas(found, boxes_of).get("decision")
        return _kappa(agreed.kappa, agreed.observed) if agreed else None
    scores = box_agreement(found, boxes_of).get("all")
    return scores[1] if scores else None


def _kappa(kappa: float | None, observed: float) -> float | None:
    """Both said one thing throughout: there is no kappa, and nothing to object to."""
    return 1.0 if kappa is None and observed == 1.0 else kappa


def _reviews(work: Worklist, item: int) -> int:
    """Blind decisions alone: the third person's is not one."""
    return sum(len(decisions(work.state(item), number)) for number in range(1, work.rules.rounds + 1))
