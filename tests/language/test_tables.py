"""The screens on captions written by hand: docs/screening-rules.md says what a table is and when a case is right.

`first.json` was written beside the screens and must be right in every case. Any other table was written from the rules alone;
of each at least 95 % must be right.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from beltline.language.captions import Caption, ItemWords
from beltline.language.facts import Facts, ItemFacts, Seen, overlaps_of
from beltline.language.judging import Question, Ruling
from beltline.language.places import place_of
from beltline.language.screening import SCREENS, Screening, screen
from beltline.verdict import Reject

FOLDER = Path(__file__).parent / "tables"
FIRST = "first.json"
MIN_CASES, MIN_PERCENT = 60, 95
FRAME = (0, 0, 1000, 1000)
Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def facts_of(told: Case) -> Facts:
    items = tuple(_item(item) for item in told.get("items", ()))
    plain = {name: told.get(name) for name in ("container", "density")}
    return Facts(views=tuple(told["views"]), items=items, overlaps=overlaps_of(items), **plain)


def _item(told: Case) -> ItemFacts:
    plain = {name: told.get(name) for name in ("colour", "material", "pose")}
    views = {view: _seen(told[view]) for view in ("top", "side") if told.get(view)}
    return ItemFacts(item=told["item"], category=told["category"], **plain, **views)


def _seen(told: Case) -> Seen:
    box = tuple(told["box"])
    return Seen(box=box, place=place_of(box, FRAME), sight=told.get("sight"))


def caption_of(told: Case, facts: Facts) -> Caption:
    items = tuple(_entry(entry, facts) for entry in told["items"])
    return Caption(top=told["top"], side=told.get("side"), items=items, whole=told["whole"])


def _entry(told: Case, facts: Facts) -> ItemWords:
    names = ("category", "colour", "quantity", "container", "top_place", "side_place", "top_box", "side_box", "text")
    plain: Case = dict.fromkeys(names) | {"item": told["item"]}
    item = next((item for item in facts.items if item.item == told["item"]), None)
    if item is not None:
        number = facts.counts()[item.category]
        plain |= {"category": item.category, "colour": item.colour, "quantity": number if number <= 10 else "many"}
        plain["container"] = facts.container
        for view in facts.views:
            if seen := item.seen(view):
                plain |= {f"{view}_place": seen.place, f"{view}_box": seen.box}
    plain |= told
    # null is what an entry shall not say; only an item's entry that is silent about its text gets the plain sentence
    plain["text"] = told.get("text", item and f"This is the {plain['category']}.") or "…"
    boxes = {name: tuple(plain[name]) for name in ("top_box", "side_box") if plain[name] is not None}
    return ItemWords(**plain | boxes)


def screened(case: Case) -> Screening:
    facts = facts_of(case["facts"])
    answer = case.get("judge")

    def judge(question: Question) -> Ruling:
        return Ruling(verdict=answer, why="the table says so")

    return screen(facts, caption_of(case["caption"], facts), judge if answer else None)


def wrong(case: Case) -> list[str]:
    """What of a case the screens got wrong, in words."""
    result = screened(case)
    verdict = result.verdict()
    found = verdict.reason.removeprefix("screen/") if isinstance(verdict, Reject) else "keep"
    objections = [] if found == case["verdict"] else [f"verdict {found}, expected {case['verdict']}"]
    for name in SCREENS:
        if name in case.get("found", {}):
            objections += _found(name, result, case["found"][name])
    return objections


def _found(name: str, result: Screening, expected: list[str]) -> list[str]:
    found = list(getattr(result, name).found)
    unnamed = [want for want in expected if not any(_means(name, want, key) for key in found)]
    # coverage names the facts that must be among the missing; the others name everything
    strict = name != "coverage" or not expected
    extra = [key for key in found if strict and not any(_means(name, want, key) for want in expected)]
    said = [f"{name} did not name {want}" for want in unnamed]
    return said + [f"{name} named {key}: {getattr(result, name).found[key]}" for key in extra]


def _means(name: str, want: str, key: str) -> bool:
    """Whether a key of the screens is what a table calls so: without the sentence's number."""
    if name == "coverage":
        return want == key
    parts = key.split("/")
    if name == "alignment":
        entry = parts[0] == "items" and len(parts) == 2
        return want == key if entry else _same(want, "/".join([*parts[:-2], parts[-1]]))
    ends = 3 if parts[1] in ("top", "side") else 4
    return _same(want, "/".join([parts[0], parts[ends], parts[-1]]))


def _same(want: str, key: str) -> bool:
    """Part by part; of phrases one may hold the other ('scissors', 'pair of scissors')."""
    a, b = want.lower().split("/"), key.lower().split("/")
    return len(a) == len(b) and all(one in two or two in one for one, two in zip(a, b, strict=True))


@pytest.mark.parametrize("case", cases(FIRST), ids=lambda case: case["name"])
def test_every_case_of_the_first_table(case):
    assert wrong(case) == [], case["why"]


def test_the_first_table_is_a_table():
    table = cases(FIRST)
    names = Counter(case["name"] for case in table)
    assert len(table) >= MIN_CASES and max(names.values()) == 1 and all(case["why"] for case in table)
    assert {case["verdict"] for case in table} == {"keep", "coverage", "alignment", "contradiction", "undefined"}
    assert {len(case["facts"]["views"]) for case in table} == {1, 2}


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.json") if path.name != FIRST))
def test_tables_of_others(name):
    table = cases(name)
    bad = {case["name"]: said for case in table if (said := wrong(case))}
    assert 100 * (len(table) - len(bad)) >= MIN_PERCENT * len(table), json.dumps(bad, indent=1)


def test_a_wrong_verdict_and_a_wrong_finding_are_seen():
    case = cases(FIRST)[0]
    assert wrong(case | {"verdict": "undefined"})
    assert wrong(case | {"found": {"alignment": ["top/umbrella"], "coverage": ["item/77/category"]}})
