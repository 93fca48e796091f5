"""An exam from scans to a comparison: set, put to a server and to blind answerers, scored, compared; killed in between."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import pyarrow as pa
import pytest
from aiohttp import web

from beltline import verdict
from beltline.exam.leaks import counts
from beltline.exam.setting import lettered
from beltline.exam.tasks import SCHEMA, Evidence, Question
from beltline.image import phantom
from beltline.scan import Row, scan_id
from beltline.store import Store
from beltline.version import iter_rows, resolve, verify
from jobs import leakage
from jobs.progress import Committed
from tests.fire import Fire, completion
from tests.killing import kill_when
from tests.made import GUN, scan, version_of, version_of_rows

pytestmark = pytest.mark.cluster
SCANS, SEEDS = 6, (0, 1, 42)
BAGS, NUM = 16, 6
"""Virtual bags, and questions a task: not every task can be filled."""
ROOT = Path(__file__).parents[2]
SET = f"set_exam --recipe dualxray --input scans=virtual --output dual --limit {NUM}"
TOP = scan(0).top
HALF = (0.0, 0.0, TOP.width / 2, TOP.height / 2)
WAYS = ("above", "below", "level")


class Candidate(Fire):
    """Knows the order of the alphabet, and nothing else: answers A, says so in words to seed 42, and refuses one question."""

    bodies: list[dict[str, Any]]

    async def _given(self, request: web.Request, data: bytes) -> web.StreamResponse:
        body = json.loads(data)
        self.bodies = [*getattr(self, "bodies", []), body]
        if "bag 3" in body["messages"][0]["content"][-1]["text"]:
            return web.json_response({"error": "not this one"}, status=400)
        return web.json_response(completion("The answer is A." if body["seed"] == 42 else "A"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


def exam(store: Store) -> list[Question]:
    """Scans, and a question of each task on each; one of knowledge."""
    scans = version_of(store, [scan(k) for k in range(SCANS)], "bags")
    asked = [
        Question(
            exam="dualxray",
            task=task,
            question=f"{task}: where is the knife in bag {number}?",
            options=WAYS,
            answer="ABC"[number % 3],
            group=row["group"],
            scan=row["id"],
            scan_content=row["content"],
            views=("top", "side"),
            evidence=(Evidence(view="top", category="Knife", item=1, xyxy=HALF),),
        )
        for number, row in enumerate(iter_rows(store, resolve(store, "bags")))
        for task in ("SR", "CO")
    ]
    asked.append(
        Question(exam="mmxray", task="basic", question="What is it?", options=("x", "y"), answer="A", group="fact/1")
    )
    questions = lettered(asked, seed=1)
    rows: list[Row] = [one.row() | verdict.KEEP.columns() for one in questions]
    version_of_rows(store, rows, pa.schema([*SCHEMA, *verdict.FIELDS]), "exam", inputs={"scans": scans})
    return questions


def test_a_server_is_examined_once_and_scored(jobs: Callable[..., int], store: Store, tmp_path: Path) -> None:
    questions = exam(store)
    command = (
        "examine --input exam=exam --input scans=bags --model tested@7 --workers 2 --pause 0.01 --output by-tested"
    )
    with Candidate() as server:
        assert jobs(f"{command} --endpoint {server.url}") == 0
        asked = server.requests
        assert asked == len(questions) * len(SEEDS), "each question once a seed"
        assert jobs(f"{command} --endpoint {server.url}") == 0
        assert jobs(f"{command.replace('by-tested', 'again')} --endpoint {server.url}") == 0
        assert server.requests == asked, "another version of the same askings is answered by the cache"
    shown = [body["messages"][0]["content"] for body in server.bodies]
    assert {tuple(part.get("text", "image") for part in content[:-1]) for content in shown} == {
        ("Top view:", "image", "Side view:", "image"),
        (),
    }
    replies = resolve(store, "by-tested")
    assert verify(store, replies.ref, deep=True) == [] and replies.num_rows == asked
    assert replies.counts["rejected"] == 2 * len(SEEDS) and set(replies.reasons) == {"examine/refused"}
    right = sum(one.answer == "A" and "bag 3" not in one.question for one in questions)
    _scored(tmp_path, 100 * right / len(questions))


def test_options_are_turned_and_views_left_out(jobs: Callable[..., int], store: Store, tmp_path: Path) -> None:
    """Who always says A is right in one turn of three, and never in all; of the pictures only the side view is sent."""
    questions = exam(store)
    command = "examine --input exam=exam --input scans=bags --model tested@7 --seeds 5 --circular --views side --output turned"
    with Candidate() as server:
        assert jobs(f"{command} --workers 2 --endpoint {server.url}") == 0
        assert server.requests == sum(len(one.options) for one in questions)
        shown = {tuple(part.get("text") for part in body["messages"][0]["content"][:-1]) for body in server.bodies}
    assert shown == {("Side view:", None), ()}
    metrics = _last_run(tmp_path).data.metrics
    assert metrics["CO/circular"] == 0 and metrics["CO/circular_mean"] == pytest.approx(100 * 5 / 6 / 3)
    right = sum(one.answer == "A" and "bag 3" not in one.question for one in questions)
    assert metrics["micro/accuracy"] == pytest.approx(100 * right / len(questions)), "the score is of turn 0 alone"
    assert resolve(store, "turned").recipe["model"] == "tested@7 seeing side"


def _last_run(tmp_path: Path) -> Any:
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    return client.search_runs([client.get_experiment_by_name("exams").experiment_id])[0]


def _scored(tmp_path: Path, micro: float) -> None:
    """MLflow has the score, with what it was made of."""
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    experiment = client.get_experiment_by_name("exams")
    run = client.search_runs([experiment.experiment_id])[0]
    assert run.data.metrics["micro/accuracy"] == pytest.approx(micro)
    assert run.data.metrics["SR/no-response"] == 3 and run.data.metrics["SR/n"] == SCANS
    assert {one.dataset.name for one in run.inputs.dataset_inputs} >= {"exam"}
    assert {"scores.md", "scores.json"} <= {file.path for file in client.list_artifacts(run.info.run_id)}


def test_files_and_blind_answerers_are_scored_and_compared(
    jobs: Callable[..., int], store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = exam(store)
    lines = [json.dumps({"question_id": one.id, "reply": f"I say {one.answer}."}) for one in questions[1:]]
    (tmp_path / "ours.jsonl").write_text("\n".join(lines))
    assert jobs(f"examine --predictions {tmp_path}/ours.jsonl --input exam --output ours") == 0
    assert "1 of 13 questions have no reply" in capsys.readouterr().err
    assert jobs("examine --input exam --output blind --answerer", "first letter") == 0
    assert jobs("examine --score ours@1.0.0") == 0
    assert "no response" in capsys.readouterr().out
    out = tmp_path / "figure"
    assert (
        jobs(f"compare --input ours --input blind --shifted blind --shifted ours --published dual/4 --out {out}") == 0
    )
    figures = json.loads((out / "compare.json").read_text())
    assert figures["1/CO/accuracy"] == 100 and figures["2/CO/difference"] < 0
    assert (out / "compare.png").read_bytes().startswith(b"\x89PNG") and "GSR-8B" in (out / "compare.svg").read_text()
    assert "GSR-8B" in (out / "compare.md").read_text()
    assert figures["1/overall/drop"] == pytest.approx(-figures["2/overall/difference"]) != 0
    assert jobs(f"compare --input ours --alone blind blind --out {out}") == 0
    told = (out / "compare.md").read_text()
    both = [one for one in questions[1:] if len(one.views) == 2]
    later = sum(one.answer != "A" for one in both if one.task == "CO")
    num = sum(one.task == "CO" for one in both)
    assert f"| CO | {num} |" in told.split("by what it saw")[1]
    assert f"| {100 * later / num:.1f} | {100 * later / num:.1f} |" in told.split("by what it saw")[1]
    assert jobs(f"compare --input ours --input blind --shifted ours --out {out}") == 2, (
        "one shifted version for two inputs"
    )


def test_what_seeing_loses_on_a_shifted_exam_stands_below_the_answers(
    jobs: Callable[..., int], store: Store, tmp_path: Path
) -> None:
    """Boxes that lie half beside the evidence overlap it by a third."""
    questions = exam(store)
    for name, left in (("usual", 0), ("shifted", 250)):
        said = f"<top>It lies at <box>[{left},0,{left + 500},500]</box>.</top><answer>A</answer>"
        lines = [json.dumps({"question_id": one.id, "reply": said}) for one in questions]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
        assert jobs(f"examine --predictions {tmp_path}/{name}.jsonl --input exam --output {name}") == 0
    out = tmp_path / "figure"
    assert jobs(f"compare --input usual --shifted shifted --out {out}") == 0
    figures = json.loads((out / "compare.json").read_text())
    assert figures["1/mIoU/drop"] == pytest.approx(100 * 2 / 3) and figures["1/overall/drop"] == 0
    assert "| mIoU | 100.0 | 100.0 to 100.0 | 33.3 | 33.3 to 33.3 | +66.7 |" in (out / "compare.md").read_text()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("examine --input exam=exam --input scans=bags --output x", "--model"),
        ("examine --input exam --output x --answerer nobody", "first letter"),
        ("examine --input exam", "--output"),
        ("examine --score exam", "version of replies"),
        ("set_exam --recipe dualxray --output x", "scans=NAME"),
    ],
)
def test_a_wrong_command_says_what_is_missing(
    jobs: Callable[..., int], store: Store, capsys: pytest.CaptureFixture[str], command: str, says: str
) -> None:
    exam(store)
    assert jobs(command) == 2
    assert says in capsys.readouterr().err


def start(store: Store, ledger: str) -> "subprocess.Popen[bytes]":
    places = ["--store", store.uri, "--tracking", ledger, "--workers", "2", "--blocks", "8"]
    command = [sys.executable, "-m", "jobs", *SET.split(), *places]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "RAY_ADDRESS": ""})


def committed(store: Store) -> int:
    """Scans whose candidates a kill would not lose."""
    runs = store.list("virtual-dualxray-candidates/.runs")
    return Committed(store, f"{runs[0]}/checkpoint").count() if runs else 0


def test_an_exam_is_set_from_virtual_bags_and_survives_a_kill(
    jobs: Callable[..., int], store: Store, ledger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = phantom.RECIPES["everyday"]
    version_of(store, [phantom.make_scan(recipe, scan_id(recipe.name, k)) for k in range(BAGS)], "virtual")
    kill_when(start(store, ledger), lambda: committed(store) > 0)
    there = {path for path in store.list("virtual-dualxray-candidates", recursive=True) if "/rows/" in path}
    assert there and committed(store) < BAGS
    assert jobs(f"{SET} --workers 2 --blocks 8") == 2, "so few bags cannot show that nothing is passed blind"
    assert "draw more questions to tell" in capsys.readouterr().err and not store.exists("dual/1.0.0")
    assert jobs(f"{SET} --workers 2 --blocks 8 --despite-blind") == 0
    said = capsys.readouterr().out
    made, exam = resolve(store, "virtual-dualxray-candidates"), resolve(store, "dual")
    assert there <= {file.path for file in made.files}, "what was committed is not made again"
    assert made.num_rows == BAGS and verify(store, made.ref, deep=True) == verify(store, exam.ref, deep=True) == []
    questions = [Question.of(row) for row in iter_rows(store, exam)]
    _balanced(questions)
    card = store.read("dual/1.0.0/card.md").decode()
    for task in exam.recipe["counts"]:
        num = sum(one.task == task for one in questions)
        short = f"{task}: expected {NUM} questions, found {num} "
        assert num <= NUM and (short in said) == (short in card) == (num < NUM)
    assert jobs(f"{SET} --workers 2 --blocks 8 --despite-blind") == 0
    assert "nothing to do" in capsys.readouterr().out


def _balanced(questions: list[Question]) -> None:
    """Whole blocks, but for the last of a task, which may be cut."""
    strata: dict[str, list[str]] = {}
    for one in questions:
        strata.setdefault(one.stratum, []).append(one.role)
    assert strata
    for roles in strata.values():
        counts = {role: roles.count(role) for role in roles}
        assert max(counts.values()) - min(counts.values()) <= 1
    scans = {one.scan for one in questions}
    assert len(scans) > 2 and all(one.scan_content and one.views == ("top", "side") for one in questions)


def test_leaks_are_counted_for_each_kind_of_lesson(store: Store) -> None:
    """Scans, words about scans, and questions; a lesson about other bags shares nothing."""
    questions = exam(store)
    scans = [resolve(store, "bags")]
    others = version_of(store, [scan(k) for k in range(SCANS - 1, SCANS + 4)], "others")
    asked = resolve(store, "exam").model_copy(update={"inputs": {"scans": scans[0].ref}})
    found = leakage.report(store, scans, questions, {"lesson": others, "lesson.2": asked})
    first, second = (counts(found.lessons[manifest.ref]) for manifest in (others, asked))
    assert first["group"] == 1 and second["group"] == SCANS
    assert first["text"] == 0 and second["text"] > 0
    assert others.ref in "\n".join(found.lines()) and found.figures()["leaks/group"] == SCANS
    assert leakage.report(store, scans, questions, {}).lines() == ["No lesson was named."]


def test_a_detector_is_scored_from_its_coco_results(jobs: Callable[..., int], store: Store, tmp_path: Path) -> None:
    """It finds the gun in every top view, and nothing else: of two categories one."""
    scans = list(iter_rows(store, version_of(store, [scan(k) for k in range(SCANS)], "bags")))
    images = [{"id": k, "file_name": row["top"]["path"]} for k, row in enumerate(scans)]
    truth = {"images": images, "categories": [{"id": 1, "name": "gun"}, {"id": 2, "name": "straight knife"}]}
    (x0, y0, x1, y1) = GUN.top_xyxy or (0, 0, 0, 0)
    results = [
        {"image_id": k, "category_id": 1, "bbox": [x0, y0, x1 - x0, y1 - y0], "score": 0.1 * k} for k in range(SCANS)
    ]
    for name, value in (("gt", truth), ("coco", results)):
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    files = f"--predictions {tmp_path}/coco.json --annotations {tmp_path}/gt.json"
    assert jobs(f"examine {files} --input scans=bags --model yolo --output by-yolo") == 0
    found = resolve(store, "by-yolo")
    assert found.num_rows == SCANS and verify(store, found.ref, deep=True) == []
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    run = client.search_runs([client.get_experiment_by_name("exams").experiment_id])[0]
    assert run.data.metrics["overall/AP50"] == 50 and run.data.metrics["gun/AP50"] == 100
    assert run.data.params["model"] == "yolo"
    truth["images"][0]["file_name"] = "stranger.png"
    (tmp_path / "gt.json").write_text(json.dumps(truth))
    assert jobs(f"examine {files} --input scans=bags --output by-stranger") == 2
