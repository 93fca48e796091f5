"""Teaching as a job: bags, lessons, a model that becomes a version, killed in between, examined, and found by verify."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from beltline.exam.answersheet import VIEW_W
from beltline.exam.setting import EXAMS
from beltline.learning.recipes import RECIPES
from beltline.store import Store
from beltline.version import iter_rows, resolve, verify
from jobs.ledger import EXPERIMENT, connect

pytestmark = [pytest.mark.cluster, pytest.mark.learning]
TRAIN = "train --recipe gsr_nano --base tiny:qwen3_vl --input lessons=lessons --input scans=bags --keep 1"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps of first sight are as good as many."""
    monkeypatch.setitem(RECIPES, "gsr_nano", replace(RECIPES["gsr_nano"], sight_steps=2, sight_batch=2))


def test_a_killed_run_goes_on_to_the_same_model(
    jobs: Callable[..., int], lessons: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from actors.student import Student

    assert jobs(f"{TRAIN} --output whole") == 0
    state = Student.save_state

    def killed(self: Student, folder: Path) -> None:
        state(self, folder)
        if self.step == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Student, "save_state", killed)
        with pytest.raises(KeyboardInterrupt):
            jobs(f"{TRAIN} --output again")
    assert jobs(f"{TRAIN} --output again") == 0
    whole, again = resolve(lessons, "whole"), resolve(lessons, "again")
    assert whole.num_rows > 1 and whole.digest == again.digest  # every step's loss, to the last bit
    weights = [
        {f.path.rsplit("/", 1)[1]: f.sha256 for f in one.files if "/weights/" in f.path} for one in (whole, again)
    ]
    assert weights[0] == weights[1] and "model.safetensors" in weights[0]
    assert jobs(f"{TRAIN} --output again") == 0  # nothing to do
    assert len([one for one in lessons.list("again") if one.endswith(".0.0")]) == 1


def test_a_model_is_a_version(jobs: Callable[..., int], lessons: Store) -> None:
    """Its inputs are named with digests, its curve is its rows, and a flipped bit in its weights is found."""
    assert jobs(f"{TRAIN} --output model") == 0
    found = resolve(lessons, "model")
    assert found.input_digests["lessons"] == resolve(lessons, "lessons").digest
    rows = sorted(iter_rows(lessons, found), key=lambda row: row["id"])
    assert [row["id"] for row in rows] == list(range(len(rows))) and rows[-1]["loss"] < rows[0]["loss"]
    assert sum(row["samples"] for row in rows) == resolve(lessons, "lessons").counts["kept"]
    card = next(file.path for file in found.files if file.path.endswith("weights/README.md"))
    assert found.input_digests["lessons"] in lessons.read(card).decode()
    assert verify(lessons, found.ref, deep=True) == []
    path = next(file.path for file in found.files if file.path.endswith("model.safetensors"))
    data = bytearray(lessons.read(path))
    data[-1] ^= 1
    lessons.write(path, bytes(data))
    assert any("model.safetensors" in problem for problem in verify(lessons, found.ref))


def test_only_a_base_that_is_built_here_has_its_first_sight(
    jobs: Callable[..., int], lessons: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from actors import student
    from beltline.learning import nano

    looked: list[str] = []
    monkeypatch.setattr(student, "open_eyes", lambda *_: looked.append("looked"))
    folder = nano.build("tiny:qwen3_vl", tmp_path / "base", ["What does this bag hold?"])
    assert jobs(f"{TRAIN} --base {folder} --output given") == 0 and not looked
    assert jobs(f"{TRAIN} --output built") == 0 and looked == ["looked"]


def test_lessons_that_are_too_long_are_left_out_and_counted(
    jobs: Callable[..., int], lessons: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = replace(RECIPES["gsr_nano"], max_tokens=420)
    monkeypatch.setitem(RECIPES, "gsr_nano", short)
    assert jobs(f"{TRAIN} --output short") == 0
    rows = list(iter_rows(lessons, resolve(lessons, "short")))
    assert 0 < sum(row["samples"] for row in rows) < resolve(lessons, "lessons").counts["kept"]
    assert all(row["tokens"] <= 420 * row["samples"] for row in rows)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("train --recipe gsr_nano --input scans=bags --output x", "expected --input lessons"),
        ("train --recipe onefocus_stage2 --input lessons=lessons --input scans=bags --output x", "onefocus_stage1"),
        (
            "train --recipe gsr_nano_hour --workers 2 --input lessons=lessons --input scans=bags --output x",
            "taught by Muon",
        ),
    ],
)
def test_what_is_missing_is_said_before_any_work(
    jobs: Callable[..., int], lessons: Store, capsys: pytest.CaptureFixture[str], command: str, says: str
) -> None:
    assert jobs(command) == 2
    assert says in capsys.readouterr().err


@pytest.fixture
def as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five bags are too few for answers in balance."""
    monkeypatch.setitem(EXAMS, "dualxray-lessons", replace(EXAMS["dualxray-lessons"], balanced=False))


def test_a_model_version_answers_an_exam(
    jobs: Callable[..., int], lessons: Store, as_they_come: None, tmp_path: Path
) -> None:
    """Drills of other bags are no leak; replies are read and scored like any other's, and can be looked at."""
    assert jobs(f"{TRAIN} --output model") == 0
    assert jobs("set_exam --recipe dualxray-lessons --limit 2 --input scans=bags --workers 2 --output exam") == 0
    words = (
        "examine --input model=model --input exam=exam --input scans=bags --form tagged --max-tokens 8 --output replies"
    )
    assert jobs(words) == 0
    replies, exam = resolve(lessons, "replies"), resolve(lessons, "exam")
    rows = list(iter_rows(lessons, replies))
    assert len(rows) == exam.num_rows > 0
    assert all(row["model"].startswith("model@1.0.0-") and row["finish_reason"] in ("stop", "length") for row in rows)
    assert replies.recipe["form"] == "tagged"
    marks = marks_of(os.environ["MLFLOW_TRACKING_URI"], "model@1.0.0")
    assert "overall/accuracy" in {key for key, _ in marks} and {dataset for _, dataset in marks} == {"exam"}
    assert jobs(f"examine --score replies --sheet {tmp_path}/pages/answers.png") == 0
    page = Image.open(tmp_path / "pages" / "answers.png")
    assert page.width > 2 * VIEW_W and page.height > VIEW_W  # one answer's views at least


def marks_of(tracking: str, ref: str) -> set[tuple[str, str]]:
    """Name and dataset of each mark that MLflow has beside a model."""
    client, experiment = connect(tracking, EXPERIMENT)
    (found,) = client.search_logged_models([experiment])
    assert found.tags["beltline.version"] == ref and found.tags["beltline.input.lessons"] == "lessons@1.0.0"
    return {(one.key, one.dataset_name) for one in found.metrics}


def test_drills_are_questions_with_their_answers(jobs: Callable[..., int], lessons: Store, as_they_come: None) -> None:
    """Every question is put once and answered by its things, its working and its words; no dialogue asks about a thing twice."""
    from beltline.exam.tasks import REASONED, Question, ask, score
    from beltline.language.conversations import Conversation
    from beltline.language.reasoning import boxes_in, read

    assert jobs("set_exam --recipe dualxray-lessons --limit 4 --input scans=bags --workers 2 --output questions") == 0
    assert (
        jobs("converse --recipe drills --input scans=bags --input questions=questions --workers 2 --output drills") == 0
    )
    asked = {one.id: one for one in map(Question.of, iter_rows(lessons, resolve(lessons, "questions")))}
    talks = [Conversation.of(row) for row in iter_rows(lessons, resolve(lessons, "drills"))]
    pairs = [(talk, *pair) for talk in talks for pair in zip(talk.turns[::2], talk.turns[1::2], strict=True)]
    assert len(pairs) == len(asked) > 10
    by_words = {(one.scan, ask(one, instruction=REASONED)): one for one in asked.values()}
    things = list[tuple[int, int]]()
    for talk, put, said in pairs:
        question = by_words.pop((talk.scan, put.content))  # each is put once
        assert score(question, said.content).correct
        assert f"{question.answer_text}</conclusion>" in said.content
        assert read(said.content).answer == question.answer_text
        assert len(boxes_in(said.content)) == len(question.evidence)
        things += [(talk.id, item) for item in {one.item for one in question.evidence}]
    assert len(things) == len(set(things)) > len(pairs)
    assert sum(len(talk.boxes) for talk in talks) == sum(len(boxes_in(said.content)) for _, _, said in pairs)


def test_what_is_learnt_is_examined_while_learning_goes_on(
    jobs: Callable[..., int], lessons: Store, as_they_come: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mark at each step that was asked for; the best state is part of the version and answers as it was marked."""
    assert jobs("set_exam --recipe dualxray-lessons --limit 2 --input scans=bags --workers 2 --output exam") == 0
    exam = "--exam exam --exam-scans bags --exam-every 1 --exam-num 8"
    assert jobs(f"{TRAIN} --output seen {exam} --workers 2") == 2
    assert "expected one worker" in capsys.readouterr().err
    assert jobs(f"{TRAIN} --output seen {exam}") == 0
    found = resolve(lessons, "seen")
    client, experiment = connect(os.environ["MLFLOW_TRACKING_URI"], EXPERIMENT)
    (run,) = client.search_runs([experiment], "attributes.run_name = 'train seen'")
    marks = client.get_metric_history(run.info.run_id, "exam/overall/accuracy")
    assert [one.step for one in marks] == list(range(1, found.num_rows + 1))
    best = max(marks, key=lambda one: (one.value, -one.step))
    assert run.data.metrics["exam/best_step"] == best.step
    assert any(file.path.endswith("best/model.safetensors") for file in found.files)
    curve = Image.open(client.download_artifacts(run.info.run_id, "curve.png", str(tmp_path)))
    assert curve.width > 2 * curve.height  # losses, and beside them the marks
    assert verify(lessons, found.ref, deep=True) == []
    plain = TRAIN.replace("--output", "") + " --output plain"
    assert jobs(plain) == 0
    assert resolve(lessons, "plain").digest == found.digest  # looking changes nothing
