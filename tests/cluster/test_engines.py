"""Rounds of asking on Ray, with an engine of the test's in place of vLLM: who is asked, how often, and when it stops."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from actors.asker import KnownCaptioner, after_engine, before_engine
from beltline.cache import calls
from beltline.language import captions, grammar
from beltline.language.facts import facts_of
from beltline.language.families import QWEN3_VL
from beltline.language.models import Model
from beltline.library import paths_of
from beltline.store import Store
from jobs import engines
from jobs.shapes import Vllm
from jobs.work import ASKED, SPECS, write_specs
from tests.made import scan, version_of

pytestmark = pytest.mark.cluster
MODEL = Model(name="drawn", revision="1", family=QWEN3_VL, engine="vllm", max_image_px=80_000, attempts=3)
SCANS = [scan(number) for number in range(6)]
FOLDER = "words/.runs/r"
GOOD = captions.write(grammar.describe(facts_of(SCANS[0]), (1, 1)))
HOTTER, REFUSES = 0.3, "a request that it will not take"


@pytest.fixture
def plan(ray_here: None, tmp_path: Path) -> engines.Plan:
    store = Store(str(tmp_path))
    source = version_of(store, SCANS, "bags")
    write_specs(store, f"{FOLDER}/{SPECS}", [(one.id, None) for one in SCANS], workers=2, blocks=3)
    return engines.Plan(store=store, folder=FOLDER, workers=2, paths=paths_of(source))


def engine(store: Store, say, model: Model = MODEL):
    """A processor that answers (row, temperature) with a text, or with a fault where it says None."""

    def work(row: dict) -> dict:
        temperature = before_engine(row)["sampling_params"]["temperature"]
        text = say(row["row"], temperature)
        if text is None:
            return {**row, "__inference_error__": "RuntimeError: the engine fell over"}
        if text == REFUSES:
            return {**row, "__inference_error__": "VLLMValidationError: the prompt is too long"}
        out = {**row, "generated_text": text, "num_generated_tokens": 9, "num_input_tokens": 7}
        return after_engine(out, store.uri, model, 4096) | {"__inference_error__": ""}

    return lambda dataset: dataset.map(work)


def words(plan: engines.Plan, number: int) -> dict:
    captioner = KnownCaptioner(plan.store.uri, "asked", MODEL, plan.paths)
    return captioner({"row": number, "id": SCANS[number].id})


def asked(plan: engines.Plan) -> tuple[int, int]:
    return calls(plan.store, f"{FOLDER}/{ASKED}")


def test_every_row_is_asked_once_and_a_second_time_nobody_is(plan: engines.Plan) -> None:
    for _ in range(2):
        assert engines.ask(MODEL, plan, engine(plan.store, lambda row, heat: GOOD)) == 0
        assert asked(plan) == (len(SCANS), 0)
    assert all(words(plan, number)["caption"] == GOOD for number in range(len(SCANS)))


def test_only_rows_without_a_caption_are_asked_again_and_hotter(plan: engines.Plan) -> None:
    def say(row: int, heat: float) -> str:
        return "no" if row % 2 and heat < HOTTER else GOOD

    assert engines.ask(MODEL, plan, engine(plan.store, say)) == 0
    assert asked(plan) == (len(SCANS) + len(SCANS) // 2, 0)
    assert all(words(plan, number)["caption"] for number in range(len(SCANS)))


def test_a_row_that_never_becomes_a_caption_is_rejected_with_its_last_answer(plan: engines.Plan) -> None:
    assert engines.ask(MODEL, plan, engine(plan.store, lambda row, heat: f"no {heat}" if row == 3 else GOOD)) == 0
    assert asked(plan) == (len(SCANS) + 2, 0)
    row = words(plan, 3)
    assert (row["reason"], row["raw"]) == ("caption/not-json", "no 0.6")


def test_a_fault_is_no_answer_and_the_same_question_is_asked_again(plan: engines.Plan) -> None:
    assert engines.ask(MODEL, plan, engine(plan.store, lambda row, heat: None if row == 2 else GOOD)) == 1
    assert words(plan, 2)["reason"] == "caption/unanswered"
    assert asked(plan) == (len(SCANS) + 2, 2)  # the same question each time: no attempt is used up
    assert engines.ask(MODEL, plan, engine(plan.store, lambda row, heat: GOOD)) == 0
    assert words(plan, 2)["caption"] == GOOD


def test_what_the_engine_refuses_is_refused_for_good(plan: engines.Plan) -> None:
    for _ in range(2):
        assert engines.ask(MODEL, plan, engine(plan.store, lambda row, heat: REFUSES if row == 5 else GOOD)) == 0
        assert asked(plan) == (len(SCANS), 0)
    row = words(plan, 5)
    assert row["reason"] == "caption/refused" and "too long" in row["detail"]


def test_an_engine_that_answers_nothing_stops_the_job(plan: engines.Plan) -> None:
    with pytest.raises(RuntimeError, match="none of 6 rows"):
        engines.ask(MODEL, plan, engine(plan.store, lambda row, heat: None))


def test_vllm_is_told_what_the_recipe_says(tmp_path: Path) -> None:
    model = replace(MODEL, thinking=True)
    told = Vllm(source="hub/name", engines=2, tensor_parallel=8).arguments(model)
    assert told["tensor_parallel_size"] == 8 and told["revision"] == "1"
    assert told["structured_outputs_config"]["reasoning_parser"] == "qwen3"
    assert told["max_model_len"] > model.sampling.max_tokens
    assert Vllm(source="hub/name", tensor_parallel=8).placement()["bundles"] == [{"CPU": 1, "GPU": 1}] * 8
    on_cpu = Vllm(source=str(tmp_path), gpus=0)
    assert on_cpu.arguments(model)["dtype"] == "float32" and "revision" not in on_cpu.arguments(model)
    assert on_cpu.environment()["HF_HUB_OFFLINE"] == "1" and "GPU" not in json.dumps(on_cpu.placement())
    with pytest.raises(ValueError, match="at least one"):
        Vllm(source="hub/name", engines=0)
