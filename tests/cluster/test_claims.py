"""Cells of a claim are taught and examined one by one, found again, and stand in a table beside those that were not run."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from beltline.exam.claim_tables import BOXES, NOT_RUN
from beltline.exam.claims import CLAIMS
from beltline.exam.grounded import Placed
from beltline.exam.setting import EXAMS
from beltline.exam.tasks import Question
from beltline.learning.recipes import RECIPES
from beltline.store import Store
from beltline.version import resolve
from jobs import claims

pytestmark = [pytest.mark.cluster, pytest.mark.learning]
CLAIM = (
    "claims --recipe second-view --input base=base --input lessons=lessons --input scans=bags --input exam=exam"
    " --input exam-scans=bags --output claim --seeds 1 2"
)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, "gsr_nano", replace(RECIPES["gsr_nano"], sight_steps=2, sight_batch=2))
    monkeypatch.setattr(
        claims, "ASKED", claims.ASKED.replace("--max-tokens 512", "--max-tokens 8")
    )  # it says nothing sensible
    monkeypatch.setitem(EXAMS, "dualxray-lessons", replace(EXAMS["dualxray-lessons"], balanced=False))


def cells(out: Path) -> dict[str, list[str]]:
    """Condition to its columns, as the first table was written."""
    first = (out / "claims.md").read_text().split("\n## ")[1]
    rows = [line.strip("| ").split(" | ") for line in first.splitlines() if line[:1] == "|"]
    return {row[0]: row[1:] for row in rows}


def test_a_table_grows_cell_by_cell(
    jobs: Callable[..., int], lessons: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = "train --recipe gsr_nano --base tiny:qwen3_vl --input lessons=lessons --input scans=bags --output base"
    assert jobs(train) == 0
    assert jobs("set_exam --recipe dualxray-lessons --limit 2 --input scans=bags --workers 2 --output exam") == 0
    out = tmp_path / "claims"
    assert jobs(f"{CLAIM} --dry-run --limit 3 --out {out}") == 0
    said = capsys.readouterr().out
    assert said.count("--limit 3 ") == 4
    assert said.count("python -m jobs train") == 4 and said.count("python -m jobs examine") == 6 and not out.exists()
    once = ("--only", "base, two views", "--only", "taught, two views", "--seeds", "2", "--out", str(out))
    assert jobs(CLAIM, *once) == 0
    assert jobs(CLAIM, "--table", "--out", str(out)) == 0
    found = cells(out)
    assert [found[f"{who}, two views"][0] for who in ("base", "taught")] == ["1", "1"]
    assert [found[f"{who}, one view"][:2] for who in ("base", "taught")] == [["0", NOT_RUN]] * 2
    replies = resolve(lessons, "claim-taught-two-views-s2")
    model = resolve(lessons, replies.inputs["model"])
    assert model.recipe["seed"] == 2 and model.inputs["base"] == "base@1.0.0"
    figures = json.loads((out / "claims.json").read_text())
    assert figures["accuracy/taught, two views"] == figures["accuracy/taught, two views/seed 2"]
    assert Image.open(out / "claims.png").width > 1000
    assert jobs(CLAIM, *once) == 0  # finds what is finished
    assert len([one for one in lessons.list("claim-taught-two-views-s2-model1") if one.endswith(".0.0")]) == 1


def test_what_conditions_begin_with_is_taught_once(
    jobs: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    roles = ("captions", "captions-made", "lessons", "lessons-made", "base", "scans", "exam", "exam-scans")
    given = " ".join(f"--input {role}={role}" for role in roles)
    assert jobs(f"claims --recipe synthetic-scans {given} --output claim --seeds 1 2 --dry-run --out {tmp_path}") == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if "jobs train" in line]
    taught = {line[-1]: {word for word in line if word.startswith(("lessons=", "base="))} for line in lines}
    assert len(lines) == len(taught) == 2 * (2 + 4)
    assert taught["claim-stage-1-s2-model1"] == {"base=base", "lessons=captions", "lessons=captions-made"}
    assert taught["claim-stage-2-s2-model2"] == {
        "base=claim-none-s2-model1", "lessons=lessons", "lessons=lessons-made"}  # fmt: skip
    assert taught["claim-both-stages-s2-model2"] >= {"base=claim-stage-1-s2-model1", "lessons=lessons-made"}


def test_tables_of_boxes_hold_who_draws_boxes() -> None:
    claim, bag = CLAIMS["reasoning"], {"exam": "dualxray", "task": "SR", "words": {}, "evidence": (), "scan": 1}
    asked = Question(question="?", options=("a", "b"), answer="A", group="1", views=("top",), **bag)  # type: ignore[arg-type]
    answers = 3
    assert len(claims._parts(claim, {}, {})) == answers
    *_, (_, head, rows) = claims._parts(claim, {}, {"taught, one view": {1: [Placed(asked, 0.25)]}})
    assert head == BOXES and [row[:3] for row in rows] == [("taught, one view", "1", "25.0")]


def test_what_a_claim_needs_is_said(
    jobs: Callable[..., int], lessons: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert jobs("claims --recipe second-view --input base=x --input lessons=lessons --output claim") == 2
    assert "ROLE=NAME of scans, exam, exam-scans" in capsys.readouterr().err
    assert jobs(CLAIM, "--only", "three views") == 2
    assert "three views" in capsys.readouterr().err
