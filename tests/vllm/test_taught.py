"""A model that was taught here says the same in transformers and in vLLM, token for token: in full with tags, and by LoRA merged.

Tiny models of both architectures learn a few lessons until they are sure of what they say; then both are asked about two views, and in
words alone. An engine of each family is started once; the second model is put into the engine of the first.
"""

import base64
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from beltline import verdict
from beltline.image.phantom import RECIPES as BAGS
from beltline.image.phantom import make_scan
from beltline.language.conversations import SCHEMA, Conversation, Turn
from beltline.language.showing import TAGGED, parts
from beltline.learning.recipe import Lora, Recipe
from beltline.learning.recipes import RECIPES
from beltline.library import paths_of
from beltline.scan import Row, Scan
from beltline.store import Store
from beltline.verdict import KEEP
from jobs.shapes import Vllm
from tests.made import version_of, version_of_rows
from tests.vllm.asking import ROOT
from tests.vllm.greedy import MAX_TOKENS

pytestmark = [pytest.mark.vllm, pytest.mark.learning, pytest.mark.timeout(1800)]
BAG = replace(BAGS["dual-nano"], size_wh=(160, 128))
FULL = replace(RECIPES["gsr_nano"], kinds=None, sight_steps=0, batch=4, epochs=100, rate=1e-2, name="full")
LORA = replace(
    FULL,
    name="lora",
    starts_from="full",
    tower="frozen",
    aligner="frozen",
    llm="lora",
    lora=Lora(rank=8, alpha=16),
    epochs=50,
    weight_decay=0.0,
    reasoning=("side", "conclusion"),
)
"""Goes on from the first one's graduate, as stage 2 of OneFocus does, and unlearns the sections that the first has learnt."""
WAYS = (FULL, LORA)
SURE, SAME = 0.1, 1e-3
"""Nats between the first and the second choice, at least; nats that two ways of adding up may differ by, at most."""
ASKED = ("What lies in this bag?", "What may be dangerous?")
SEEN = "<top>A {}.</top><side>{}.</side><conclusion>{}.</conclusion>"
ANSWERS = (
    (("red shirt", "Two bottles", "All safe"), ("belt", "No blade", "Nothing")),
    (("laptop", "Beside a gun", "Open it"), ("gun", "Below the laptop", "The gun")),
    (("knife and a shoe", "One blade", "Stop"), ("knife", "In the shoe", "A knife")),
)
IN_WORDS = (("Is steel denser than cloth?", "Yes, it is."), ("Which view is from above?", "The top view."))


@dataclass(frozen=True, slots=True)
class Class:
    """What was taught, to whom, and what they say in vLLM."""

    folders: dict[str, Path]
    asked: list[tuple[list[tuple[str, bytes]], str]]
    said: dict[str, list[dict[str, list[Any]]]]


@pytest.fixture(scope="module", params=["qwen3_vl", pytest.param("qwen2_5_vl", marks=pytest.mark.exhaustive)])
def taught(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Both ways of teaching a family, and one engine for both."""
    place = tmp_path_factory.mktemp(request.param)
    scans = [make_scan(BAG, row) for row in (1, 2, 4)]
    lessons = lessons_about(scans)
    folders = teach(request.param, Store(str(place / "store")), scans, lessons, place)
    asked = questions(scans, lessons)
    file, out = place / "asked.json", place / "said.json"
    file.write_text("".join(f"{json.dumps(messages(*one))}\n" for one in asked))
    words = [sys.executable, "-m", "tests.vllm.greedy", str(file), str(out), *map(str, folders.values())]
    env = {**os.environ, **Vllm(source=str(place), gpus=0).environment(), "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return Class(folders, asked, dict(zip(folders, json.loads(out.read_text()), strict=True)))


def lessons_about(scans: list[Scan]) -> list[Row]:
    """Two short chains about each bag, which only its views tell from the next one's, and two questions in words alone."""
    seen = [
        (scan, question, SEEN.format(*answer))
        for scan, answers in zip(scans, ANSWERS, strict=True)
        for question, answer in zip(ASKED, answers, strict=True)
    ]
    return [lesson(number, *one) for number, one in enumerate([*seen, *((None, *pair) for pair in IN_WORDS)])]


def lesson(number: int, scan: Scan | None, question: str, answer: str) -> Row:
    said = (Turn(role="user", content=question), Turn(role="assistant", content=answer))
    views = ("top", "side") if scan else ()
    about = {"scan": scan.id if scan else 0, "scan_content": None, "group": f"bag {number}", "kind": "gsxray"}
    return Conversation(**about, index=number, views=views, turns=said, describer="by hand").row()


def teach(family: str, store: Store, scans: list[Scan], lessons: list[Row], place: Path) -> dict[str, Path]:
    """Way to the folder of its graduate."""
    from actors.student import Lesson, Student
    from beltline.learning import nano

    bags = version_of(store, scans, "bags")
    schema = pa.schema([*SCHEMA, *verdict.FIELDS])
    talks = version_of_rows(store, [row | KEEP.columns() for row in lessons], schema, "lessons")
    texts = [turn["content"] for row in lessons for turn in row["turns"]]
    base = nano.build(f"tiny:{family}", place / "base", texts, smallest_px=1024)
    folders = {"base": base}
    for way in WAYS:
        recipe = replace(way, family=family)
        paths = {"lessons": tuple(paths_of(talks)), "scans": tuple(paths_of(bags))}
        student = Student(Lesson(recipe=recipe, base=str(folders[way.starts_from or "base"]), store=store.uri, **paths))
        assert len(student.syllabus) == len(lessons)
        student.learn(lambda step: None)
        folders[way.name] = place / way.name
        student.graduate(folders[way.name])
    return {way.name: folders[way.name] for way in WAYS}


def questions(scans: list[Scan], lessons: list[Row]) -> list[tuple[list[tuple[str, bytes]], str]]:
    """Each lesson's question, with its views."""
    views = {scan.id: [(name, getattr(scan, name).bytes) for name in ("top", "side")] for scan in scans}
    return [(views.get(row["scan"], []), row["turns"][0]["content"]) for row in lessons]


def messages(views: list[tuple[str, bytes]], question: str) -> list[dict[str, Any]]:
    """As OpenAI's API takes them, the views typed by tags."""
    images = dict(views)
    said = [
        {"type": "text", "text": value}
        if kind == "text"
        else {
            "type": "image_url",
            "image_url": {"url": f"data:image/png;base64,{base64.b64encode(images[value]).decode()}"},
        }
        for kind, value in parts([name for name, _ in views], question, TAGGED)
    ]
    return [{"role": "user", "content": said}]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_greedy_tokens_are_the_same_and_what_was_taught(taught: Class, way: Recipe) -> None:
    """Bags are asked the same, so the views decide; LoRA has unlearnt a section, which weights that are not merged would say."""
    from transformers import AutoTokenizer

    from beltline.learning.speak import Speaker

    folder = taught.folders[way.name]
    here = Speaker(str(folder), TAGGED).tokens(taught.asked, MAX_TOKENS)
    assert here == [one["reply"] for one in taught.said[way.name]]
    said = [text.removesuffix("<|im_end|>") for text in AutoTokenizer.from_pretrained(folder).batch_decode(here)]
    answers = [SEEN.format(*answer) for of_bag in ANSWERS for answer in of_bag] + [answer for _, answer in IN_WORDS]
    assert said == [text[text.find("<side>") :] if way is LORA and "<side>" in text else text for text in answers]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_prompts_and_probabilities_are_the_same_and_no_tie_decides(taught: Class, way: Recipe) -> None:
    """One forward pass of transformers over each prompt with its reply, without a cache."""
    import torch
    from PIL import Image
    from transformers import AutoModelForImageTextToText, AutoProcessor

    folder = taught.folders[way.name]
    processor = AutoProcessor.from_pretrained(folder)
    model = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()
    for (views, question), said in zip(taught.asked, taught.said[way.name], strict=True):
        text = processor.apply_chat_template(messages(views, question), add_generation_prompt=True, tokenize=False)
        images = [Image.open(io.BytesIO(data)).convert("RGB") for _, data in views]
        given = processor(text=[text], images=images or None, return_tensors="pt")
        assert given["input_ids"][0].tolist() == said["prompt"]
        reply = torch.tensor([said["reply"]])
        types = torch.cat([given["mm_token_type_ids"], torch.zeros_like(reply)], dim=1)
        whole = {"input_ids": torch.cat([given["input_ids"], reply], dim=1), "mm_token_type_ids": types}
        pixels = {name: given[name] for name in ("pixel_values", "image_grid_thw") if name in given}
        with torch.inference_mode():
            logits = model(**whole, **pixels).logits[0, len(said["prompt"]) - 1 : -1]
        first, second = logits.log_softmax(-1).topk(2).values.T
        assert logits.argmax(-1).tolist() == said["reply"]
        assert float((first - second).min()) > SURE
        assert said["logprobs"] == pytest.approx(first.tolist(), abs=SAME)


def test_only_weights_tell_the_two_apart(taught: Class) -> None:
    """What the second one's engine did not read: its config, tokenizer, processor and template are those of the first."""
    first, second = (
        {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        for folder in taught.folders.values()
    )
    assert first.keys() == second.keys()
    assert [name for name, data in first.items() if data != second[name]] == ["model.safetensors"]


def test_tags_are_whole_tokens_in_the_prompt(taught: Class) -> None:
    """Dual eq. 3: one before each view, one before the question; none where no view is shown."""
    words = json.loads((taught.folders["full"] / "tokenizer.json").read_text())
    ids = {one["content"]: one["id"] for one in words["added_tokens"]}
    tags = [ids[tag] for tag in ("<top>", "<side>", "<conclusion>")]
    for (views, _), said in zip(taught.asked, taught.said["full"], strict=True):
        assert [token for token in said["prompt"] if token in tags] == (tags if views else [])
