"""The reader of answers: what it takes from a string, and that it never guesses."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.exam.answers import LETTERS, STATUSES, read_boxes, read_choice, read_number, read_yes_no

TABLE = json.loads((Path(__file__).parent / "answers.json").read_text(encoding="utf-8"))
OPTIONS, SIZE = TABLE["options"], tuple(TABLE["size_wh"])
SPACES = {"1000": "thousandths", "pixels": "pixels", "unit": "unit"}
OPTS, CLS, YN = OPTIONS["opts"], OPTIONS["cls"], OPTIONS["yn"]

REGRESSION = [
    ("B", OPTS, "B"),
    ("(B)", OPTS, "B"),
    ("B. Yes, it is on the bottom of the image.", OPTS, "B"),
    ("b", OPTS, "B"),
    ("A knife is visible.", CLS, "invalid"),  # A is an article
    ("A power bank is visible in the center of the bag, so the answer is C", CLS, "C"),
    ("The correct answer is **E**. Here is why: the image shows a round object with a lever, typical of a grenade, next to a laptop.", CLS, "E"),
    ("<think>Option A looks like glass but B ...</think><answer>C</answer>", CLS, "C"),
    ("Powerbank", CLS, "C"),
    ("power bank", CLS, "C"),
    (".", CLS, "invalid"),
    ("", CLS, "no-response"),
    ("I'm sorry, I can't assist with that.", CLS, "refused"),
    ("Yes", YN, "A"),
    ("No, there is no laptop.", YN, "B"),
    ("Not visible; nothing found", YN, "invalid"),  # strict: it may be lenient to call it a no
    ("A or C", CLS, "invalid"),
    ("The answer is not A. It is C.", CLS, "C"),
    ("Answer: F", CLS, "invalid"),
    ("ANSWER: C", CLS, "C"),
    ("I cannot determine; none of the options", CLS, "abstained"),
]  # fmt: skip
"""Strings on which other readers guess, take an article for a letter, or read the thoughts."""


@pytest.mark.parametrize(("reply", "options", "expected"), REGRESSION)
def test_strings_that_mislead_other_readers(reply: str, options: list[str], expected: str) -> None:
    found = read_choice(reply, options)
    assert (found.value or found.status) == expected, found


def read(row: dict[str, Any]) -> Any:
    """As the table writes it: a letter, a number, boxes, or why there is none."""
    how, reply = row["options"], row["response"]
    if how in OPTIONS:
        found: Any = read_choice(reply, OPTIONS[how])
    elif how.startswith("boxes"):
        found = read_boxes(reply, SPACES[how.split()[1]], SIZE)  # type: ignore[arg-type]
    else:
        found = {"number": read_number, "yes-no": read_yes_no}[how](reply)
    if found.value is None:
        return found.status.replace("-", " ")
    if how == "number":
        return f"{found.value:g}"
    return [[round(side, 6) for side in box] for box in found.value] if how.startswith("boxes") else found.value


@pytest.mark.parametrize("part", ["rows", "second"])
def test_the_hand_written_table(part: str) -> None:
    """At least 98 of 100 right, and never a letter where the table has another or none."""
    wrong = [(row, got) for row in TABLE[part] if (got := read(row)) != row["expected"]]
    assert len(wrong) <= 0.02 * len(TABLE[part]), wrong
    assert [(row, got) for row, got in wrong if got in tuple(LETTERS)] == []


def test_the_table_is_large_and_of_every_kind() -> None:
    rows = TABLE["rows"] + TABLE["second"]
    assert len(rows) >= 400 and len({(row["response"], row["options"]) for row in rows}) == len(rows)
    told = {row["expected"] for row in rows if isinstance(row["expected"], str)}
    assert {"invalid", "refused", "abstained", "no response", *"ABCDE"} <= told


def test_none_is_no_response_and_too_few_options_are_an_error() -> None:
    assert read_choice(None, YN).status == read_number(None).status == "no-response"
    assert read_boxes(None, "unit", SIZE).status == "no-response"
    with pytest.raises(ValueError, match="2 to 26 options, found 1"):
        read_choice("A", ["alone"])
    with pytest.raises(ValueError, match="at least 1 x 1 px"):
        read_boxes("[]", "unit", (0, 4))


def test_an_empty_list_is_a_reading_without_boxes_and_prose_is_not() -> None:
    assert read_boxes("[]", "pixels", SIZE).value == ()
    assert read_boxes("nothing here", "pixels", SIZE).status == "invalid"


def test_a_space_is_declared_never_tried() -> None:
    """Thousandths that leave the view are not taken for pixels, though they would fit."""
    assert read_boxes("[10, 20, 1001, 30]", "thousandths", (4000, 4000)).status == "invalid"
    assert read_boxes("[0.1, 0.1, 0.2, 0.2]", "pixels", SIZE).value == ((0.1, 0.1, 0.2, 0.2),)


PIECES = ["A", "B", "(C)", "D.", "E", "the answer is", "Answer:", "not", "<think>", "</think>", "<answer>", "</answer>", "\\boxed{", "}",
          "power bank", "grenade", "yes", "no", "I cannot", "sorry", "2", "[1,2,3,4]", "\n", ",", "or", "\u2019", "\ud800", "**", "\x00", "{\"answer\": \"",
          "x1=1", "total", "<|im_end|>", "at least", "9" * 400]  # fmt: skip
REPLIES = st.one_of(
    st.text(),
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    st.lists(st.sampled_from(PIECES)).map("".join),
)


@settings(max_examples=400, deadline=None)
@given(REPLIES, st.sampled_from(sorted(OPTIONS)))
def test_no_string_breaks_it_and_every_reading_is_whole(reply: str, name: str) -> None:
    readings = [read_choice(reply, OPTIONS[name]), read_number(reply), read_yes_no(reply)]
    readings += [read_boxes(reply, space, SIZE) for space in ("pixels", "thousandths", "unit")]
    for found in readings:
        assert found.status in STATUSES and (found.value is None) == (found.status != "answered") and found.rule
        assert 0 <= found.span[0] <= found.span[1] <= len(reply)
    assert readings[0].value is None or readings[0].value in LETTERS[: len(OPTIONS[name])]


WRAPS = [
    "{}",
    "({})",
    "**{}**",
    "{}.",
    "Answer: {}",
    "<answer>{}</answer>",
    "<think>A? B? C?</think>{}",
    "\\boxed{{{}}}",
    "The answer is {}.",
    '{{"answer": "{}"}}',
]


@settings(max_examples=200, deadline=None)
@given(st.permutations(CLS), st.integers(0, 4), st.sampled_from(WRAPS), st.sampled_from(WRAPS))
def test_the_letter_follows_the_option_wherever_it_stands(
    options: list[str], chosen: int, wrap: str, outer: str
) -> None:
    """By letter or by text, in any wrapping; and the span is where it was said."""
    for said in (LETTERS[chosen], options[chosen], options[chosen].upper()):
        reply = wrap.format(said)
        found = read_choice(reply, options)
        assert found.value == LETTERS[chosen], (reply, found)
        assert said in reply[found.span[0] : found.span[1]]


@given(st.text(alphabet="abcdefgh ,.ABCDE", max_size=30))
def test_what_is_only_thought_is_never_the_answer(thought: str) -> None:
    assert read_choice(f"<think>{thought} the answer is C", CLS).value is None
    assert read_choice(f"<think>{thought} the answer is C</think>", CLS).status == "no-response"
    assert read_choice(f"<think>{thought} the answer is C</think>E", CLS).value == "E"


@given(st.lists(st.tuples(*[st.integers(0, 1000)] * 4), min_size=1, max_size=5))
def test_boxes_come_back_as_they_were_written_or_not_at_all(boxes: list[tuple[int, int, int, int]]) -> None:
    found = read_boxes(json.dumps([list(box) for box in boxes]), "thousandths", (500, 250))
    if all(x1 < x2 and y1 < y2 for x1, y1, x2, y2 in boxes):
        expected = [(x1 / 2, y1 / 4, x2 / 2, y2 / 4) for x1, y1, x2, y2 in boxes]
        assert found.value == tuple(pytest.approx(box) for box in expected)
    else:
        assert found.status == "invalid" and found.rule.endswith("impossible box")
