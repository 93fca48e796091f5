"""The caption's schema: strict, bounded, mended only where no fact can change."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.language import captions
from beltline.language.captions import Caption, read, write
from beltline.language.grammar import describe
from beltline.verdict import BadRow

EMPTY = '{"items":[],"side":null,"top":"An empty bag.","whole":"Nothing."}'


def test_an_empty_caption():
    caption = read(EMPTY)
    assert caption == Caption(top="An empty bag.", side=None, items=(), whole="Nothing.")
    assert write(caption) == EMPTY
    assert caption.text() == "An empty bag. Nothing."


def test_write_and_read_back(random_facts):
    for seed in range(60):
        caption = describe(random_facts(seed), (1, seed))
        assert read(write(caption)) == caption
        assert write(read(write(caption))) == write(caption)


@pytest.mark.parametrize(
    "answer",
    [
        f"```json\n{EMPTY}\n```",
        f"Here is the caption:\n\n{EMPTY}\nI hope that it helps {{or not}}.",
        f'<think>First {{"top": "x"}}, then ...</think>\n{EMPTY}',
        f'a truncated start of thinking {{"top"</think>{EMPTY}',
        EMPTY.replace("[]", "[ ]").replace("null,", "null ,\n").replace('"Nothing."}', '"Nothing.",}'),
        f'It is 12" wide: {EMPTY}',
    ],
)
def test_what_is_mended(answer):
    assert read(answer) == read(EMPTY)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "caption/not-json"),
        ("A gun lies on the left.", "caption/not-json"),
        (EMPTY[:-5], "caption/not-json"),
        (EMPTY + EMPTY, "caption/not-json"),
        (EMPTY.replace('"top"', '"whole":"Else.","top"'), "caption/not-json"),  # a key given twice
        (EMPTY.replace("null", "NaN"), "caption/not-json"),
        (EMPTY.replace("null", "1" * 5000), "caption/not-json"),
        (EMPTY.replace("[]", "[" * 5000), "caption/not-json"),
        (EMPTY.replace("null", "7"), "caption/schema"),
        (EMPTY.replace('"Nothing."', '"Nothing.","mood":"gloomy"'), "caption/schema"),
        (EMPTY.replace('"Nothing."', '""'), "caption/schema"),
        (EMPTY.replace('"side":null,', ""), "caption/schema"),
        (EMPTY.replace("Nothing", "n" * 5000), "caption/schema"),
    ],
)
def test_what_is_refused(answer, reason):
    with pytest.raises(BadRow) as error:
        read(answer)
    assert error.value.verdict.reason == reason
    assert len(error.value.verdict.detail) < 400


def item(**changes: object) -> str:
    entry = {
        "item": 1, "category": "gun", "colour": "blue", "quantity": 1, "container": "tray", "top_place": "left",
        "side_place": None, "top_box": [1, 2, 3, 4], "side_box": None, "text": "A gun.",
    }  # fmt: skip
    return json.dumps({"top": "x", "side": None, "whole": "y", "items": [entry | changes]})


@pytest.mark.parametrize(
    "changes",
    [
        {"item": "1"}, {"item": 1.0}, {"quantity": 0}, {"quantity": 11}, {"quantity": "few"}, {"colour": "red"},
        {"top_place": "upper left"}, {"top_box": [1, 2, 3]}, {"top_box": [1, 2, 3, 4, 5]}, {"top_box": [1, 2, 3, 1001]},
        {"top_box": [1, 2, 3, -1]}, {"top_box": [1, 2, 3, 4.5]}, {"category": ""}, {"category": "x" * 49},
    ],
)  # fmt: skip
def test_nothing_is_coerced(changes):
    assert read(item()).items[0].top_box == (1, 2, 3, 4)
    assert read(item(quantity="many")).items[0].quantity == "many"
    with pytest.raises(BadRow, match="caption/schema"):
        read(item(**changes))


def test_the_schema_bounds_every_string_and_list():
    def unbounded(node: object) -> list[object]:
        if isinstance(node, list):
            return [bad for part in node for bad in unbounded(part)]
        if not isinstance(node, dict):
            return []
        limit = {"string": "maxLength", "array": "maxItems"}.get(str(node.get("type")))
        fine = limit is None or limit in node or "enum" in node or "const" in node
        return ([] if fine else [node]) + [bad for part in node.values() for bad in unbounded(part)]

    schema = captions.json_schema()
    assert unbounded(schema) == []
    assert all(part["additionalProperties"] is False for part in (schema, *schema["$defs"].values()))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_prose_around_the_answer_changes_nothing_or_is_refused(before, after):
    try:
        assert read(before + EMPTY + after) == read(EMPTY)
    except BadRow as error:
        assert error.verdict.reason.startswith("caption/")
