"""The work around an engine: what is open is asked, once; what is stored is read; what is no answer stays open."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from actors.asker import CAPTIONED, FAULTY, KnownCaptioner, Questions, after_engine, before_engine
from beltline.cache import calls
from beltline.language import captions, grammar
from beltline.language.asking import request_of
from beltline.language.facts import facts_of
from beltline.language.families import QWEN3_VL
from beltline.language.models import Model
from beltline.scan import SCHEMA
from beltline.store import Store
from beltline.verdict import Reject
from tests.made import scan

MODEL = Model(name="drawn", revision="1", family=QWEN3_VL, engine="vllm", max_image_px=80_000, attempts=2)
LENGTH = 4096


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def block(*scans, **columns) -> pa.Table:
    made = pa.Table.from_pylist([one.row() for one in scans], schema=SCHEMA)
    made = made.append_column("row", pa.array(range(len(scans)), pa.int64()))
    for name, values in columns.items():
        made = made.append_column(name, pa.array(values, pa.string()))
    return made


def questions(store: Store, *scans, model: Model = MODEL) -> list[dict]:
    return Questions(store.uri, "asked", model)(block(*scans)).to_pylist()


def told(made) -> str:
    return captions.write(grammar.describe(facts_of(made), (1, made.id)))


def answer(store: Store, question: dict, text: str, *, tokens: int = 9, prompt: int = 7, model: Model = MODEL) -> dict:
    out = {**question, "generated_text": text, "num_generated_tokens": tokens, "num_input_tokens": prompt}
    return after_engine(out, store.uri, model, LENGTH)


def words(store: Store, made, model: Model = MODEL) -> dict:
    return KnownCaptioner(store.uri, "asked", model)(block(made).to_pylist()[0])


def test_no_rows_ask_nothing(store: Store) -> None:
    assert questions(store) == [] and calls(store, "asked") == (0, 0)


def test_a_question_is_the_request_in_the_engines_words(store: Store) -> None:
    (question,) = questions(store, scan(0))
    request = request_of(MODEL, scan(0), facts_of(scan(0)))
    assert question["row"] == 0 and question["name"] == request.name(0)
    asked = before_engine(question)
    assert asked["messages"] == request.messages() and "asked" not in question
    held = asked["sampling_params"].pop("structured_outputs")
    assert json.loads(held["json"]) == MODEL.schema()
    assert asked["sampling_params"] == {name: request.body(0)[name] for name in asked["sampling_params"]}


def test_a_rejected_row_is_not_asked_about(store: Store) -> None:
    made = block(scan(0), scan(1), status=["rejected", None])
    (question,) = Questions(store.uri, "asked", MODEL)(made).to_pylist()
    assert question["row"] == 1


def test_an_answer_is_a_caption_and_is_never_asked_for_again(store: Store) -> None:
    (question,) = questions(store, scan(0))
    assert answer(store, question, told(scan(0)))["outcome"] == CAPTIONED
    assert questions(store, scan(0)) == [] and calls(store, "asked") == (1, 0)
    row = words(store, scan(0))
    assert row["caption"] == told(scan(0)) and row["describer"] == "drawn@1" and "status" not in row


def test_an_answer_that_is_no_caption_opens_a_hotter_attempt_and_the_last_one_none(store: Store) -> None:
    (first,) = questions(store, scan(0))
    assert answer(store, first, "no")["outcome"] == FAULTY
    (second,) = questions(store, scan(0))
    heat = [json.loads(one["asked"])["sampling_params"]["temperature"] for one in (first, second)]
    assert heat == [0.0, 0.3] and first["name"] != second["name"]
    assert answer(store, second, "never")["outcome"] == FAULTY
    assert questions(store, scan(0)) == []
    row = words(store, scan(0))
    assert (row["reason"], row["raw"], row["caption"]) == ("caption/not-json", "never", None)


def test_a_second_attempt_may_succeed(store: Store) -> None:
    for text in ("no", told(scan(0))):
        (question,) = questions(store, scan(0))
        answer(store, question, text)
    assert words(store, scan(0))["caption"] == told(scan(0))


@pytest.mark.parametrize(("tokens", "prompt", "reason"), [(50, 7, "cut"), (9, LENGTH - 9, "cut"), (49, 7, "whole")])
def test_an_answer_is_cut_off_at_either_length(store: Store, tokens: int, prompt: int, reason: str) -> None:
    short = replace(MODEL, sampling=replace(MODEL.sampling, max_tokens=50), attempts=1)
    (question,) = questions(store, scan(0), model=short)
    out = answer(store, question, told(scan(0)), tokens=tokens, prompt=prompt, model=short)
    assert out["outcome"] == (FAULTY if reason == "cut" else CAPTIONED)
    if reason == "cut":
        assert words(store, scan(0), short)["reason"] == "caption/cut-off"


def test_thinking_is_kept_apart(store: Store) -> None:
    (question,) = questions(store, scan(0))
    answer(store, question, f"<think>first this</think>{told(scan(0))}")
    assert words(store, scan(0))["thinking"] == "first this"


def test_boxes_in_pixels_are_read_with_the_sizes_that_were_shown(store: Store) -> None:
    from beltline.language.families import QWEN25_VL

    pixels = replace(MODEL, family=QWEN25_VL)
    (question,) = questions(store, scan(0), model=pixels)
    width, height = json.loads(question["sizes"])[0][1:]
    caption = json.loads(told(scan(0)))
    caption["items"][0]["top_box"] = [0, 0, width, height]
    caption["items"][0]["side_box"] = caption["items"][1]["top_box"] = caption["items"][1]["side_box"] = None
    assert answer(store, question, json.dumps(caption), model=pixels)["outcome"] == CAPTIONED
    assert captions.read(words(store, scan(0), pixels)["caption"]).items[0].top_box == (0, 0, 1000, 1000)


def test_what_the_engine_left_unanswered_is_rejected_and_stays_open(store: Store) -> None:
    questions(store, scan(0))
    assert words(store, scan(0))["reason"] == "caption/unanswered"
    assert len(questions(store, scan(0))) == 1


def test_a_failure_that_another_engine_stored_is_final(store: Store) -> None:
    (question,) = questions(store, scan(0))
    from beltline.cache import AnswerCache

    said = Reject("caption/refused", "too long")
    AnswerCache(store, "asked").keep(question["name"], {"failed": [said.reason, said.detail]})
    assert questions(store, scan(0)) == [] and words(store, scan(0))["reason"] == "caption/refused"
