"""Asking a model: the same question has one name, and an answer's boxes are counted once, as its family declares."""

import base64
import json
from dataclasses import asdict, replace

import jsonschema
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beltline import pixels
from beltline.language import captions, grammar
from beltline.language.asking import Reply, columns, read, reply_of, request_of
from beltline.language.facts import Facts, facts_of
from beltline.language.families import FAMILIES, MAX_RATIO, QWEN3_VL, QWEN25_VL, Family, fitted
from beltline.language.models import Bounds, Model, Sampling
from beltline.scan import canonical_json
from beltline.verdict import BadRow
from tests.made import scan

QWEN3 = Model(name="q3", revision="1", family=QWEN3_VL)
QWEN25 = Model(name="q25", revision="1", family=QWEN25_VL, max_image_px=28 * 28 * 400)
BOTH = pytest.mark.parametrize("model", [QWEN3, QWEN25], ids=lambda model: model.family.name)


def asked(model: Model, made=None, **changes):
    made = made or scan(0, **changes)
    return request_of(model, made, facts_of(made)), facts_of(made)


def shown_facts(request) -> dict:
    return json.JSONDecoder().raw_decode(request.text.split("Facts:\n")[1])[0]


def answer(model: Model, request, caption: captions.Caption) -> dict:
    """The caption as a model of that family would write it, by a conversion of the test's own."""
    words = caption.model_dump(mode="json")
    for item in words["items"]:
        for picture in request.pictures if model.family.boxes == "pixels" else ():
            if (box := item[f"{picture.view}_box"]) is not None:
                width, height = picture.size_wh
                item[f"{picture.view}_box"] = [round(edge * side / 1000) for edge, side in zip(box, (width, height) * 2, strict=True)]  # fmt: skip
    return words


@BOTH
def test_an_empty_bag_of_one_view(model: Model) -> None:
    request, facts = asked(model, items=(), sides=False)
    assert [picture.view for picture in request.pictures] == ["top"]
    assert shown_facts(request)["items"] == [] and "one X-ray view" in request.text
    words = '{"items":[],"side":null,"top":"An empty bag.","whole":"Nothing."}'
    assert captions.write(read(Reply(text=words), request)) == words
    assert columns(request, facts)["caption"] is None


@BOTH
def test_the_message_has_the_top_view_then_the_side_view_then_the_text(model: Model) -> None:
    made = scan(0)
    request, _ = asked(model)
    body = request.body(0)
    system, user = body["messages"]
    assert system["role"] == "system" and isinstance(system["content"], str)
    assert [part["type"] for part in user["content"]] == ["image_url", "image_url", "text"]
    for part, view in zip(user["content"], (made.top, made.side), strict=False):
        shown = pixels.decode(base64.b64decode(part["image_url"]["url"].removeprefix("data:image/png;base64,")))
        assert shown.shape[0] % model.family.multiple_px == shown.shape[1] % model.family.multiple_px == 0
        assert abs(shown.mean() - pixels.decode(view.bytes).mean()) < 3, "the same picture, at another size"
    assert body["response_format"]["json_schema"]["schema"] == model.schema()
    assert json.loads(json.dumps(body)) == body


@pytest.mark.parametrize(
    "other",
    [
        replace(QWEN3, name="other"),
        replace(QWEN3, revision="2"),
        replace(QWEN3, thinking=True),
        replace(QWEN3, sampling=Sampling(temperature=0.1)),
        replace(QWEN3, sampling=Sampling(seed=1)),
        replace(QWEN3, prompt="six-attribute-caption"),
        replace(QWEN3, bounds=Bounds(items=3)),
        replace(QWEN3, max_image_px=QWEN3_VL.min_px),
        replace(QWEN3, family=QWEN25_VL),
    ],
)
def test_every_value_of_a_model_that_decides_the_answer_is_in_the_name(other: Model) -> None:
    big = np.full((300, 400, 3), 255, np.uint8)
    made = replace(scan(0), top=pixels.make_view(big, "t"), side=None, items=())
    one = asked(QWEN3, made)[0]
    assert one.name(0) == asked(replace(QWEN3, engine="vllm", attempts=9), made)[0].name(0), "who asks changes nothing"
    assert asked(other, made)[0].name(0) != one.name(0)


def test_another_picture_another_name_and_another_png_of_it_the_same() -> None:
    made = scan(0)
    rgb = pixels.decode(made.top.bytes)
    jpeg_like = replace(made, top=replace(made.top, bytes=_other_png(rgb)))
    assert jpeg_like.top.bytes != made.top.bytes
    one = asked(QWEN3, made)[0]
    assert asked(QWEN3, jpeg_like)[0].name(0) == one.name(0)
    rgb[0, 0] = 7
    other = request_of(QWEN3, replace(made, top=pixels.make_view(rgb, "t")), facts_of(made))
    assert other.name(0) != one.name(0)
    assert request_of(QWEN3, replace(made, top=made.side, side=made.top), facts_of(made)).name(0) != one.name(0)


def _other_png(rgb: np.ndarray) -> bytes:
    import cv2

    return bytes(cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9])[1])


def test_a_view_that_fits_is_shown_as_it_is_and_a_jpeg_as_png() -> None:
    rgb = np.random.default_rng(3).integers(0, 255, (256, 320, 3)).astype(np.uint8)
    made = replace(scan(0, items=(), sides=False), top=pixels.make_view(rgb, "t"))
    (picture,) = asked(QWEN3, made)[0].pictures
    assert picture.png() == made.top.bytes and picture.sha256 == pixels.pixel_sha256(rgb)
    jpeg, _ = pixels.open_view(pixels.encode_jpeg(rgb), "t.jpg")
    (picture,) = asked(QWEN3, replace(made, top=jpeg))[0].pictures
    assert picture.png()[:4] == b"\x89PNG" and picture.sha256 == jpeg.sha256
    assert np.array_equal(pixels.decode(picture.png()), pixels.decode(jpeg.bytes))


def test_a_scaled_view_is_another_question_and_is_scaled_only_when_it_is_sent() -> None:
    rgb = np.random.default_rng(3).integers(0, 255, (500, 700, 3)).astype(np.uint8)
    made = replace(scan(0, items=(), sides=False), top=pixels.make_view(rgb, "t"))
    request, facts = asked(QWEN3, made)
    (picture,) = request.pictures
    assert picture.size_wh != (700, 500)
    assert pixels.decode(picture.png()).shape[1::-1] == picture.size_wh
    smaller = request_of(replace(QWEN3, max_image_px=QWEN3.max_image_px // 4), made, facts)
    assert smaller.pictures[0].size_wh != picture.size_wh
    assert smaller.pictures[0].key() != picture.key()
    lost = replace(made, top=replace(made.top, bytes=b"no image"))
    assert request_of(QWEN3, lost, facts).name(0) == request.name(0), "looked up without a look at the picture"


def test_later_attempts_are_hotter_and_have_their_own_names() -> None:
    request, _ = asked(replace(QWEN3, temperature_step=0.3))
    assert [request.body(attempt)["temperature"] for attempt in range(4)] == [0.0, 0.3, 0.6, 0.9]
    assert request.body(50)["temperature"] == 2.0
    assert len({request.name(attempt) for attempt in range(60)}) == 60
    steady, _ = asked(replace(QWEN3, temperature_step=0.0))
    assert steady.name(0) != steady.name(1), "another seed"


def test_a_model_is_made_of_literals_and_comes_back() -> None:
    values = json.loads(canonical_json(asdict(QWEN25)))
    parts = {"family": Family, "sampling": Sampling, "bounds": Bounds}
    assert Model(**values | {name: part(**values[name]) for name, part in parts.items()}) == QWEN25
    with pytest.raises(ValueError, match="prompt"):
        replace(QWEN3, prompt="nobody's")
    with pytest.raises(ValueError, match="bounds"):
        Bounds(scene_chars=4001)


@BOTH
def test_boxes_are_told_and_heard_as_the_family_counts(model: Model) -> None:
    for number in range(20):
        request, facts = asked(model, scan(number))
        caption = grammar.describe(facts, (1, number))
        for entry, item in zip(shown_facts(request)["items"], facts.items, strict=True):
            for picture in request.pictures:
                width, height = picture.size_wh if model is QWEN25 else (1000, 1000)
                wanted = [edge * side / 1000 for edge, side in zip(item.seen(picture.view).box, (width, height) * 2, strict=True)]  # fmt: skip
                assert np.abs(np.subtract(entry[picture.view]["box"], wanted)).max() <= 0.5
        heard = read(Reply(text=json.dumps(answer(model, request, caption)), finish_reason="stop"), request)
        slack = 0 if model is QWEN3 else 500 / min(min(picture.size_wh) for picture in request.pictures) + 0.5
        for said, true in zip(heard.items, caption.items, strict=True):
            for view in ("top", "side"):
                assert np.abs(np.subtract(said.box(view), true.box(view))).max() <= slack
        blank = [item.model_copy(update={"top_box": None, "side_box": None}) for item in heard.items]
        same = [item.model_copy(update={"top_box": None, "side_box": None}) for item in caption.items]
        assert (heard.top, heard.side, heard.whole, blank) == (caption.top, caption.side, caption.whole, same)


def test_a_box_is_never_read_by_the_other_convention() -> None:
    """Numbers that would fit better as thousandths are still pixels, and the other way round."""
    request, facts = asked(QWEN25)
    (width, _), *_ = [picture.size_wh for picture in request.pictures]
    words = answer(QWEN25, request, grammar.describe(facts, (1, 1)))
    words["items"][0]["top_box"] = [1, 1, width // 2, 50]
    assert read(Reply(text=json.dumps(words)), request).items[0].top_box[2] == 500
    words["items"][0]["top_box"] = [1, 1, width + 1, 50]
    with pytest.raises(BadRow, match="caption/box"):
        read(Reply(text=json.dumps(words)), request)


def test_a_box_in_a_view_that_is_not_there_is_refused() -> None:
    request, facts = asked(QWEN25, sides=False)
    words = answer(QWEN25, request, grammar.describe(facts, (1, 1)))
    words["items"][0]["side_box"] = [1, 2, 3, 4]
    with pytest.raises(BadRow, match="no side view"):
        read(Reply(text=json.dumps(words)), request)


@BOTH
def test_the_answer_to_a_request_fits_its_schema(model: Model) -> None:
    request, facts = asked(model)
    words = answer(model, request, grammar.describe(facts, (1, 1)))
    jsonschema.validate(words, model.schema())
    for key, value in (("top", "x" * 4001), ("items", words["items"] * 21), ("mood", "gloomy")):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(words | {key: value}, model.schema())
    tight = replace(model, bounds=Bounds(scene_chars=9, text_chars=5, items=1)).schema()
    small = {"top": "x" * 9, "side": None, "items": [words["items"][0] | {"text": "y" * 5}], "whole": "z"}
    jsonschema.validate(small, tight)
    for key, value in (("whole", "z" * 10), ("side", "z" * 10), ("items", small["items"] * 2), ("items", words["items"][:1])):  # fmt: skip
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(small | {key: value}, tight)


@BOTH
def test_the_schema_bounds_every_string_list_and_number(model: Model) -> None:
    def unbounded(node: object) -> list[object]:
        if isinstance(node, list):
            return [bad for part in node for bad in unbounded(part)]
        if not isinstance(node, dict):
            return []
        limit = {"string": "maxLength", "array": "maxItems", "integer": "maximum"}.get(str(node.get("type")))
        fine = limit is None or limit in node or "enum" in node or "const" in node
        return ([] if fine else [node]) + [bad for part in node.values() for bad in unbounded(part)]

    assert unbounded(model.schema()) == []


def completion(content: object, finish_reason: str = "stop", **message: object) -> dict:
    return {
        "choices": [{"message": {"role": "assistant", "content": content, **message}, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7},
    }


@pytest.mark.parametrize(
    ("answered", "thinking"),
    [
        (completion('{"a": 1}'), None),
        (completion('<think>\nhm {"b": 2}\n</think>\n\n{"a": 1}'), 'hm {"b": 2}'),
        (completion('hm</think>{"a": 1}'), "hm"),
        (completion("<think></think>" + '{"a": 1}'), None),
        (completion('{"a": 1}', reasoning_content="hm"), "hm"),
        (completion('{"a": 1}', reasoning="hm"), "hm"),
    ],
)
def test_thinking_is_kept_apart(answered: dict, thinking: str | None) -> None:
    reply = reply_of(answered)
    assert reply == Reply(text='{"a": 1}', thinking=thinking, finish_reason="stop", prompt_tokens=11, completion_tokens=7)  # fmt: skip
    assert Reply(**json.loads(canonical_json(asdict(reply)))) == reply


@pytest.mark.parametrize("broken", [None, {}, [], "no", {"choices": []}, {"choices": [{}]}, {"choices": [{"message": "x"}]}, {"error": "no"}])  # fmt: skip
def test_what_is_no_completion_is_said_so(broken: object) -> None:
    with pytest.raises(ValueError, match="expected a chat completion"):
        reply_of(broken)
    assert reply_of(completion(None)).text == ""


@pytest.mark.parametrize(
    ("text", "finish_reason", "reason"),
    [
        ('{"top": "x', "length", "caption/cut-off"),
        ('{"items":[],"side":null,"top":"a","whole":"b"}', "length", "caption/cut-off"),
        ("", "content_filter", "caption/filtered"),
        ("I cannot help with that.", "stop", "caption/not-json"),
        ('{"items": 7}', "stop", "caption/schema"),
        ('{"items": [7], "side": null, "top": "a", "whole": "b"}', "stop", "caption/schema"),
    ],
)
def test_what_is_no_caption_has_a_reason_and_stays_readable(text: str, finish_reason: str, reason: str) -> None:
    request, facts = asked(QWEN3)
    reply = Reply(text=text, finish_reason=finish_reason, thinking="hm")
    with pytest.raises(BadRow) as caught:
        read(reply, request)
    assert caught.value.verdict.reason == reason and len(caught.value.verdict.detail) < 400
    row = columns(request, facts, reply)
    assert (row["raw"], row["thinking"], row["caption"]) == (text, "hm", None)
    assert Facts.of(row["facts"]) == facts


sides = st.integers(2, 4000)
families = st.sampled_from(list(FAMILIES.values()))


@example(2338, 98, FAMILIES["qwen2.5-vl"], 4 * 65_536)  # few enough pixels, and too many once both sides are rounded up
@given(sides, sides, families, st.integers(4 * 65_536, 3_000_000))
def test_a_fitted_size_is_one_that_the_model_leaves_alone(width: int, height: int, family: Family, max_px: int) -> None:
    if max(width, height) > MAX_RATIO * min(width, height):
        with pytest.raises(BadRow, match="too-long"):
            fitted((width, height), family, max_px)
        return
    across, down = fitted((width, height), family, max_px)
    assert across % family.multiple_px == down % family.multiple_px == 0 < min(across, down)
    assert fitted((across, down), family, max_px) == (across, down)
    long_enough = min(width, height) * 20 >= max(width, height)
    if long_enough:  # of longer ones the short side is a single patch, and the shape cannot be kept
        assert across * down <= max_px
        assert abs(np.log((across / down) / (width / height))) < np.log(1.5) + family.multiple_px / min(across, down)
    rounded_up = (width + family.multiple_px) * (height + family.multiple_px)
    if family.min_px <= width * height and rounded_up <= max_px and min(width, height) >= family.multiple_px:
        assert abs(across - width) <= family.multiple_px or across * down < family.min_px * 1.5
