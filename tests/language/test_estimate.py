"""What captions will cost: sums that a person can do on paper."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline.language.asking import Reply, request_of
from beltline.language.captions import Bounds
from beltline.language.estimate import (
    CHARS_PER_TOKEN,
    ITEM_TOKENS,
    SCENES_TOKENS,
    THINKING_TOKENS,
    Look,
    expected_tokens,
    image_tokens,
    look,
    outlook_of,
    text_tokens,
)
from beltline.language.facts import facts_of
from beltline.language.families import QWEN3_VL, QWEN25_VL, fitted
from beltline.language.models import Model, Sampling
from tests.made import scan, view

MODEL = Model(name="drawn", revision="1", family=QWEN3_VL, max_image_px=81_920)
ASKED = Look(state="asked", text_tokens=100, image_tokens=50, answer_tokens=400)


def test_nothing() -> None:
    nothing = outlook_of([])
    assert (nothing.rows, nothing.asked, nothing.prompt_tokens, nothing.answer_tokens) == (0, 0, 0, 0)
    assert nothing.lines() == ("asks about 0 of 0 rows; 0 have their caption stored",)


@pytest.mark.parametrize(
    ("size_wh", "family", "tokens"),
    [((1280, 1024), QWEN3_VL, 40 * 32), ((1120, 896), QWEN25_VL, 40 * 32), ((256, 256), QWEN3_VL, 64)],
)
def test_an_image_is_squares_and_two_ends(size_wh: tuple[int, int], family, tokens: int) -> None:
    assert image_tokens(size_wh, family) == tokens + 2


@given(st.integers(100, 3000), st.integers(100, 3000), st.integers(200_000, 2_000_000))
def test_no_image_costs_more_than_the_recipe_allows(width: int, height: int, max_px: int) -> None:
    for family in (QWEN3_VL, QWEN25_VL):
        shown = fitted((width, height), family, max_px)
        assert image_tokens(shown, family) - 2 == shown[0] * shown[1] / family.multiple_px**2
        assert image_tokens(shown, family) - 2 <= max_px / family.multiple_px**2


def test_a_text_counts_begun_tokens_and_its_turns() -> None:
    assert text_tokens(()) == 5 and text_tokens(("",)) == 10
    assert text_tokens(("a" * (3 * CHARS_PER_TOKEN + 1), "b")) == 4 + 1 + 3 * 5


def test_an_answer_grows_with_items_and_thoughts_and_ends_where_the_recipe_ends_it() -> None:
    assert expected_tokens(MODEL, 0) == SCENES_TOKENS
    assert expected_tokens(MODEL, 5) == SCENES_TOKENS + 5 * ITEM_TOKENS
    assert expected_tokens(replace(MODEL, bounds=Bounds(items=2)), 5) == SCENES_TOKENS + 2 * ITEM_TOKENS
    assert expected_tokens(replace(MODEL, thinking=True), 0) == SCENES_TOKENS + THINKING_TOKENS
    assert expected_tokens(replace(MODEL, thinking=True, sampling=Sampling(max_tokens=700)), 9) == 700


def test_a_row_that_will_be_asked_is_counted_from_its_request() -> None:
    one = scan(1, top=view(3, (640, 480)))
    facts = facts_of(one)
    request = request_of(MODEL, one, facts)
    found = look(request, facts, 0, None, False)
    sides = [picture.size_wh for picture in request.pictures]
    assert found.image_tokens == sum(w * h // 1024 for w, h in sides) + 4
    assert found.text_tokens == text_tokens((request.system, request.text)) > len(request.text) // CHARS_PER_TOKEN
    assert found.answer_tokens == SCENES_TOKENS + 2 * ITEM_TOKENS
    alone = replace(one, side=None, items=())
    less = look(request_of(MODEL, alone, facts_of(alone)), facts_of(alone), 0, None, False)
    assert less.image_tokens < found.image_tokens and less.text_tokens < found.text_tokens


def test_what_is_stored_costs_nothing() -> None:
    one = scan(1)
    facts = facts_of(one)
    request = request_of(MODEL, one, facts)
    answered = look(request, facts, None, Reply(text="{}", completion_tokens=77), False)
    assert (answered.state, answered.answer_tokens) == ("answered", 77)
    assert look(request, facts, None, Reply(text="no", completion_tokens=9), True).state == "failed"
    assert look(request, facts, None, None, True).state == "failed"
    found = outlook_of([answered, look(request, facts, None, None, True), Look(state="unshown")])
    assert (found.rows, found.answered, found.failed, found.unshown, found.asked) == (3, 1, 1, 1, 0)
    assert found.prompt_tokens == found.answer_tokens == 0
    assert found.lines() == (
        "asks about 0 of 3 rows; 1 have their caption stored, 1 failed for good, 1 are rejected before",
    )


def test_stored_answers_say_how_long_the_others_will_be() -> None:
    stored = [Look(state="answered", answer_tokens=tokens) for tokens in (200, 300, 0)]  # the last server did not say
    found = outlook_of([ASKED, *stored, ASKED])
    assert (found.answer_tokens, found.measured, found.text_tokens, found.image_tokens) == (500, 2, 200, 100)
    assert "250 an answer, as the 2 stored ones" in found.lines()[2]
    assert outlook_of([ASKED, stored[2], ASKED]).answer_tokens == 800, "a length of which nothing is known is assumed"
    assert "assumed" in outlook_of([ASKED]).lines()[2]
