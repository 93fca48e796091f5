"""Makes candidates for an exam's questions: one scan at a time, whatever other scans there are."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Literal

from beltline.exam import basics as knowledge
from beltline.exam import dualxray, mmxray
from beltline.exam.tasks import Question
from beltline.image import phantom
from beltline.image.phantom.truth import Truth, truth
from beltline.library import Library
from beltline.scan import Row, Scan, canonical_json
from beltline.store import Store

PHANTOM = "phantom/"
NEAR_MM = 1.0
Build = Callable[[Scan, str], list[Question]]
"""A scan and the digest of its row to questions about it."""


class Examiner:
    """Row work for `set_exam`: the candidates of a scan, by task, each as the JSON of its row.

    Args:
        store: URI.
        paths: the row files of the versions that have the scans.
        builder: name in BUILDERS.
        rule: the builder's, where it knows several.
        seed: the recipe's.
    """

    def __init__(self, store: str, paths: Sequence[str], builder: str, rule: str | None, seed: int):
        self._library = Library(Store(store), paths)
        self._build = BUILDERS[builder](rule, seed)

    def __call__(self, row: Row) -> Row:
        found = self._library.row(row["id"])
        by_task: dict[str, list[str]] = defaultdict(list)
        for question in self._build(Scan.of(found), found["content"]):
            by_task[question.task].append(canonical_json(question.row()))
        return {"scan_content": found["content"], **by_task}


def basics(builder: str, seed: int) -> list[Question]:
    """The questions of a builder that need no scan."""
    return knowledge.basics(seed=seed) if builder == "mmxray" else []


def question_of(text: str) -> Question:
    """The candidate that `Examiner` wrote."""
    return Question.of(json.loads(text))


def truth_of(scan: Scan) -> Truth | None:
    """The whole geometry of a virtual bag, made again from its recipe and number; None for any other scan.

    A bag of another seed than its recipe's has other contents; what is made again then does not fit the scan, and is not used.
    """
    recipe = phantom.RECIPES.get(scan.source.removeprefix(PHANTOM)) if scan.source.startswith(PHANTOM) else None
    if recipe is None:
        return None
    found = truth(recipe, int(scan.source_id))
    return found if _fits(found, scan) else None


def _fits(facts: Truth, scan: Scan) -> bool:
    """The same items, each with its centre inside the bounds that the truth gives it."""
    if facts.categories != tuple(item.category for item in scan.items):
        return False
    return all(
        item.centre_mm is not None
        and all(low - NEAR_MM <= at <= high + NEAR_MM for (low, high), at in zip(bounds, item.centre_mm, strict=True))
        for bounds, item in zip(facts.bounds_mm, scan.items, strict=True)
    )


def _dualxray(rule: str | None, seed: int) -> Build:
    return lambda scan, content: dualxray.candidates(scan, truth_of(scan), seed=seed, content=content)


def _mmxray(rule: str | None, seed: int) -> Build:
    kept: Literal["balanced", "paper"] = "paper" if rule == "paper" else "balanced"
    return lambda scan, content: mmxray.candidates(scan, seed=seed, content=content, rule=kept)


VERSIONS = {"dualxray": dualxray.VERSION, "mmxray": mmxray.VERSION}
BUILDERS: dict[str, Callable[[str | None, int], Build]] = {"dualxray": _dualxray, "mmxray": _mmxray}
