"""The working behind an answer: read off the boxes, ends with the right option, and leads to it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from actors.examiner import truth_of
from beltline.exam import dualxray
from beltline.exam.tasks import Evidence, Question
from beltline.exam.working import worked
from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import make_scan
from beltline.verdict import BadRow

SIZES = {"top": (200, 100), "side": (200, 50)}
LAPTOP = {"top": (20.0, 10.0, 100.0, 50.0), "side": (20.0, 30.0, 100.0, 40.0)}
PHONE = {"top": (60.0, 40.0, 160.0, 80.0), "side": (120.0, 10.0, 160.0, 20.0)}


def question(task: str, words: dict[str, Any], *shown: tuple[str, dict[str, Any]], answer: str = "B") -> Question:
    evidence = tuple(
        Evidence(view=view, category=name, item=number, xyxy=box)
        for number, (name, boxes) in enumerate(shown)
        for view, box in boxes.items()
    )
    fields = {"exam": "dualxray", "task": task, "question": "?", "options": ("this", "that"), "group": "g"}
    return Question(**fields, answer=answer, words=words, evidence=evidence)


BOTH = (("laptop", LAPTOP), ("mobile phone", PHONE))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (question("CT", {"form": "alone"}), "nothing of it: that"),
        (question("CT", {"form": "together"}, *BOTH, ("laptop", LAPTOP)), "laptop, mobile phone, laptop: that"),
        (question("SR", {"form": "across+height"}, *BOTH), "laptop 30 30, mobile phone 60 70: that"),
        (question("SR", {"form": "belt+height"}, *BOTH, answer="A"), "laptop 30 30, mobile phone 55 70: this"),
        # across: 30 px of 200 are 15 hundredths; in space: (50, 30, 20) px are 62 px, 31 hundredths
        (question("SD", {"form": "nearest", "axis": "across"}, *BOTH), "laptop 30, mobile phone 60 off 15: that"),
        (question("SD", {"form": "nearest", "axis": "space"}, *BOTH), "laptop 30 30 30, mobile phone 55 60 70 off 31: that"),
        (question("SA", {"form": "octant"}, BOTH[0]), "laptop 30 30 30: that"),
        (question("PA", {"form": "pose"}, BOTH[0]), "laptop top 40 by 40 side 40 by 20: that"),
        # 40 x 10 of 80 x 40 px are an eighth
        (question("OA", {"form": "views"}, *BOTH), "top 12, side 0: that"),
        (question("CO", {"form": "contact"}, *BOTH), "top 12, side 0: that"),
        # 60 to 100 of 20 to 100: three quarters along; 40 to 50 of 10 to 50: seven eighths down
        (question("OA", {"form": "part", "view": "top"}, *BOTH), "crossed at 75 88: that"),
    ],
)  # fmt: skip
def test_by_hand(asked: Question, expected: str) -> None:
    assert worked(asked, SIZES) == expected


def candidates() -> Iterator[tuple[Question, dict[str, tuple[int, int]]]]:
    for row in range(80):
        try:
            scan = make_scan(RECIPES["dual-first"], row)
        except BadRow:
            continue
        assert scan.side is not None
        sizes = {"top": (scan.top.width, scan.top.height), "side": (scan.side.width, scan.side.height)}
        for one in dualxray.candidates(scan, truth_of(scan), seed=1, content="-"):
            yield one, sizes


def test_the_working_leads_to_the_answer() -> None:
    """Whoever compares the written numbers gets the relation and the nearest right, but for what a box's middle cannot tell."""
    right = dict.fromkeys(("SR", "SD"), 0)
    asked = dict.fromkeys(("SR", "SD"), 0)
    for one, sizes in candidates():
        said = worked(one, sizes)
        assert said.endswith(f": {one.answer_text}")
        numbers = [
            list(map(int, re.findall(r"\d+", re.sub(r"type-\d", "", part))))
            for part in said[: said.rindex(":")].split(", ")
        ]
        if one.task == "SR" and one.words["form"] == "across+height":
            (across, height), (other, level) = numbers
            derived = f"{'behind' if across > other else 'front'} and {'above' if height > level else 'below'}"
        elif one.task == "SD" and one.words["form"] == "nearest":
            offs = [row[-1] for row in numbers[1:]]
            names = [part.category for part in one.evidence if part.view == "top"][1:]
            derived = next(option for option in one.options if names[offs.index(min(offs))] in RAW[option])
        else:
            continue
        asked[one.task] += 1
        right[one.task] += derived == one.answer_text
    assert min(asked.values()) > 50
    assert all(right[task] > 0.97 * asked[task] for task in asked), (right, asked)


def _raw() -> dict[str, set[str]]:
    from beltline.exam.dual_bag import the
    from beltline.labels import DUAL

    found: dict[str, set[str]] = {}
    for name in DUAL:
        found.setdefault(the(name), set()).add(name)
    return found


RAW = _raw()
