"""The working behind an answer: read off the boxes where they stand, and it leads to the right option."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from actors.driller import compose
from actors.examiner import truth_of
from beltline.exam import dualxray
from beltline.exam.tasks import Evidence, Question
from beltline.exam.working import concluded, section
from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import make_scan
from beltline.language.places import Box1000
from beltline.language.reasoning import read
from beltline.scan import Scan
from beltline.verdict import BadRow

Boxes = Mapping[str, Box1000]
LAPTOP: Boxes = {"top": (100, 100, 500, 500), "side": (100, 600, 500, 800)}
PHONE: Boxes = {"top": (300, 400, 800, 800), "side": (300, 200, 800, 420)}
BOTH = (("laptop", LAPTOP), ("mobile phone", PHONE))
AT = ("laptop <box>[100,100,500,500]</box> at 300 300", "mobile phone <box>[300,400,800,800]</box> at 540 600")
SIDE_AT = ("laptop <box>[100,600,500,800]</box> at 300 700", "mobile phone <box>[300,200,800,420]</box> at 540 300")
PLAIN = ("laptop <box>[100,100,500,500]</box>", "mobile phone <box>[300,400,800,800]</box>")
SIDE_PLAIN = ("laptop <box>[100,600,500,800]</box>", "mobile phone <box>[300,200,800,420]</box>")


def question(task: str, words: dict[str, Any], answer: str, *shown: tuple[str, Boxes]) -> Question:
    evidence = tuple(
        Evidence(view=view, category=name, item=number, xyxy=tuple(map(float, box)))
        for number, (name, boxes) in enumerate(shown)
        for view, box in boxes.items()
    )
    fields = {"exam": "dualxray", "task": task, "question": "?", "options": (answer, "not that"), "group": "g"}
    return Question(**fields, answer="A", words=words, evidence=evidence)


def sections(asked: Question) -> tuple[str, str, str]:
    top, side = (
        section(asked, view, [(one, tuple(map(int, one.xyxy))) for one in asked.evidence if one.view == view])
        for view in ("top", "side")
    )
    return top, side, concluded(asked)


@pytest.mark.parametrize(
    ("asked", "top", "side", "conclusion"),
    [
        (question("CT", {"form": "alone"}, "none"), "nothing of it", "nothing of it", "nothing of it: none"),
        (question("CT", {"form": "together"}, "two", *BOTH), ", ".join(PLAIN), ", ".join(SIDE_PLAIN), "laptop, mobile phone: two"),
        (question("SR", {"form": "across+height"}, "front and above", *BOTH), f"{AT[0]}, {AT[1]}: front", f"{SIDE_AT[0]}, {SIDE_AT[1]}: above", "front and above"),
        (question("SR", {"form": "belt+across+height"}, "left, front and above", *BOTH), f"{AT[0]}, {AT[1]}: left, front", f"{SIDE_AT[0]}, {SIDE_AT[1]}: above", "left, front and above"),
        (question("SD", {"form": "apart", "axis": "height"}, "far", *BOTH), ", ".join(AT), f"{SIDE_AT[0]}, {SIDE_AT[1]} off 400", "far"),
        (question("SD", {"form": "nearest", "axis": "across"}, "far", *BOTH), f"{AT[0]}, {AT[1]} off 300", ", ".join(SIDE_AT), "far"),
        (question("SD", {"form": "nearest", "axis": "space"}, "far", *BOTH), f"{AT[0]}, {AT[1]} off 240 300", f"{SIDE_AT[0]}, {SIDE_AT[1]} off 400", "far"),
        (question("SA", {"form": "height"}, "low", BOTH[0]), AT[0], f"{SIDE_AT[0]}: low", "low"),
        (question("SA", {"form": "octant"}, "left half, upper half, low", BOTH[0]), f"{AT[0]}: left half, upper half", f"{SIDE_AT[0]}: low", "left half, upper half, low"),
        (question("PA", {"form": "pose"}, "flat", BOTH[0]), f"{PLAIN[0]} is 400 by 400", f"{SIDE_PLAIN[0]} is 400 by 200", "flat"),
        (question("OA", {"form": "views"}, "top", *BOTH), f"{', '.join(PLAIN)}: share 300 400 500 500", f"{', '.join(SIDE_PLAIN)}: apart", "top"),
        (question("CO", {"form": "contact"}, "overlap", *BOTH), f"{', '.join(PLAIN)}: share 300 400 500 500", f"{', '.join(SIDE_PLAIN)}: apart", "overlap"),
        (question("OA", {"form": "part", "view": "top"}, "lower", *BOTH), f"{', '.join(AT)}: crossed at 400 440", ", ".join(SIDE_AT), "lower"),
        (question("?", {}, "that", BOTH[0]), PLAIN[0], SIDE_PLAIN[0], "that"),
    ],
)  # fmt: skip
def test_by_hand(asked: Question, top: str, side: str, conclusion: str) -> None:
    assert sections(asked) == (top, side, conclusion)


def candidates() -> Iterator[tuple[Question, Scan]]:
    for row in range(80):
        try:
            scan = make_scan(RECIPES["dual-first"], row)
        except BadRow:
            continue
        for one in dualxray.candidates(scan, truth_of(scan), seed=1, content="-"):
            yield one, scan


def numbers(text: str) -> list[list[int]]:
    """What stands beside each box."""
    return [list(map(int, re.findall(r"\d+", part))) for part in re.findall(r"</box>([^,:]*)", text)]


def test_the_working_leads_to_the_answer() -> None:
    """Whoever compares the written numbers gets the relation and the nearest right, but for what a box's middle cannot tell."""
    right = dict.fromkeys(("SR", "SD"), 0)
    asked = dict.fromkeys(("SR", "SD"), 0)
    for one, scan in candidates():
        if (one.task, one.words["form"]) not in (("SR", "across+height"), ("SD", "nearest")):
            continue
        chain = read(compose(scan, {"group": "g", "scan_content": "-"}, [one], 0).turns[1].content)
        assert chain.side is not None
        top, side = numbers(chain.top), numbers(chain.side)
        if one.task == "SR":
            derived = f"{'behind' if top[0][1] > top[1][1] else 'front'} and {'above' if side[0][1] < side[1][1] else 'below'}"
        else:
            # in space: rows of a view of 320 x 256 are four fifths as long as its columns
            offs = [sum((part * scale) ** 2 for part, scale in zip(a[2:] + b[2:], SCALES[one.words["axis"]], strict=True)) for a, b in zip(top[1:], side[1:], strict=True)]  # fmt: skip
            names = [part.category for part in one.evidence if part.view == "top"][1:]
            derived = next(option for option in one.options if names[offs.index(min(offs))] in RAW[option])
        asked[one.task] += 1
        right[one.task] += derived == one.answer_text
    assert min(asked.values()) > 50
    assert all(right[task] > 0.95 * asked[task] for task in asked), (right, asked)


SCALES = {"space": (1, 0.8, 0.8), "across": (1,), "height": (1,), "belt": (1,)}


def _raw() -> dict[str, set[str]]:
    from beltline.exam.dual_bag import the
    from beltline.labels import DUAL

    found: dict[str, set[str]] = {}
    for name in DUAL:
        found.setdefault(the(name), set()).add(name)
    return found


RAW = _raw()
