"""Notes say what the facts do, in hundredths, and what is heard of them is what they say; what is not of their form is refused."""

from dataclasses import replace

import pytest

from beltline.language import grammar, notes
from beltline.language.facts import Facts, facts_of
from beltline.language.lessons import About
from beltline.language.screening import screen
from beltline.language.tally import COUNTED, tally
from beltline.language.turns import compose_notes
from beltline.verdict import KEPT, REJECTED, BadRow
from tests.made import GUN, KNIFE, scan

FACTS = facts_of(scan(0))
FRAMES = {view: FACTS.frame(view) for view in FACTS.views}
LINE = "1040 2060 3040 gun; blue; steel; lying; clear; partly hidden"


def heard(facts: Facts) -> Facts:
    return notes.hear(notes.say(facts), {view: facts.frame(view) for view in facts.views})


def test_what_is_heard_says_the_same_again() -> None:
    for sides in (True, False):
        facts = facts_of(scan(1, sides=sides, container="suitcase"))
        assert notes.say(heard(facts)) == notes.say(facts)
        assert heard(facts).counts() == facts.counts() and heard(facts).container == "suitcase"


def test_a_caption_of_true_notes_passes_every_screen() -> None:
    found = screen(FACTS, grammar.describe(heard(FACTS), (1, 2)))
    assert found.coverage.part == found.coverage.whole and found.alignment.part == found.alignment.whole > 0


def test_notes_of_a_wrong_item_are_objected_to() -> None:
    wrong = notes.say(FACTS).replace("gun", "scissors", 1)
    found = screen(FACTS, grammar.describe(notes.hear(wrong, FRAMES), (1, 2)))
    assert found.coverage.part < found.coverage.whole and found.alignment.part < found.alignment.whole


def test_items_are_told_from_left_to_right_whatever_their_numbers() -> None:
    turned = facts_of(scan(0, (replace(KNIFE, item=0), replace(GUN, item=1))))
    assert notes.say(turned) == notes.say(FACTS)


def test_an_item_of_one_view_has_a_box_in_it_alone() -> None:
    (only,) = notes.hear(f"-; -\n{LINE.replace('3040', '-')}", FRAMES).items
    assert only.top is not None and only.top.box == (100, 200, 400, 600) and only.side is None


def test_a_thin_box_keeps_an_area() -> None:
    thin = replace(GUN, top_xyxy=(159.0, 119.0, 160.0, 120.0), side_xyxy=(159.0, 20.0, 160.0, 21.0))
    (item,) = heard(facts_of(scan(0, (thin,)))).items
    assert item.top is not None and item.top.box[2] > item.top.box[0] and item.top.box[3] > item.top.box[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no notes at all",
        f"bag; -\n{LINE}\n",
        f"bag; -\n\n{LINE}",
        f"bag; -\n{LINE.replace('1040', '4010')}",
        f"bag; -\n{LINE.replace('2060', '206')}",
        f"bag; -\n{LINE.replace('2060', '-').replace('3040', '-')}",
        f"bag; -\n{LINE.replace('clear', 'clearly')}",
        f"bag; -\n{LINE}; more",
    ],
)
def test_what_is_not_of_the_form_is_refused(text: str) -> None:
    if text.endswith("\n"):  # an end of line at the very end is no fault
        assert notes.hear(text, FRAMES).items
        return
    with pytest.raises(BadRow) as error:
        notes.hear(text, FRAMES)
    assert error.value.verdict.reason == "caption/notes"


def test_a_lesson_teaches_what_the_caption_was_made_of() -> None:
    about = About(scan=1, scan_content="c", group="g")
    assert compose_notes(FACTS, 1, about).turns[1].content == notes.say(FACTS)
    taken = replace(about, caption="{}", describer="pupil@1.0.0-x", notes="suitcase; -")
    assert compose_notes(FACTS, 1, taken).turns[1].content == "suitcase; -"
    with pytest.raises(BadRow, match="found Qwen"):
        compose_notes(FACTS, 1, replace(taken, describer="Qwen@main", notes=None))


def test_a_tally_is_the_sum_of_what_the_screens_counted() -> None:
    captions = [grammar.describe(FACTS, (1, 1)), grammar.describe(notes.hear(f"bag; -\n{LINE}", FRAMES), (1, 2))]
    screened = [screen(FACTS, one) for one in captions]
    rows = [one.columns() | one.verdict().columns() for one in screened]
    found = tally([*rows, {"status": REJECTED, "reason": "caption/notes"}, {"status": KEPT}])
    assert (found.scans, found.captions) == (4, 2) and found.kept == sum(row["status"] == KEPT for row in rows)
    assert {name: getattr(found, name) for name in COUNTED} == {name: sum(r[name] for r in rows) for name in COUNTED}
    assert found.missing == sum(len(one.coverage.found) for one in screened) / 2
    assert found.unsupported == sum(len(one.alignment.found) for one in screened) / 2
