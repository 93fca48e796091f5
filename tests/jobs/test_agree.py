"""The verb agree, without a cluster: a version of an exam in which what everybody knows and nobody knows is rejected."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from beltline import verdict
from beltline.exam.tasks import SCHEMA, Question
from beltline.store import Store
from beltline.version import iter_rows, resolve, verify, versions
from jobs.__main__ import main
from tests.made import version_of_rows

WAYS = ("above", "below", "level")
NUM = 9
COMMAND = "agree --input exam=exam --input replies=by-a --input replies=by-b --output agreed"
Jobs = Callable[[str], int]


@pytest.fixture
def jobs(tmp_path: Path, ledger: str, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    monkeypatch.setenv("BELTLINE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", ledger)
    return lambda command: main(shlex.split(command))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An exam of nine questions and one that was rejected before."""
    store = Store(str(tmp_path / "store"))
    asked = [
        Question(exam="e", task="SR", question="Where?", options=WAYS, answer="ABC"[n % 3], group=f"bag/{n}", scan=n)
        for n in range(NUM + 1)
    ]
    judged = [verdict.KEEP.columns()] * NUM + [verdict.Reject("exam/review", "a person took it out").columns()]
    rows = [one.row() | said for one, said in zip(asked, judged, strict=True)]
    version_of_rows(store, rows, pa.schema([*SCHEMA, *verdict.FIELDS]), "exam")
    return store


def answered(jobs: Jobs, store: Store, folder: Path, name: str, right: set[int], exam: str = "exam") -> None:
    """Replies as a file: right in the questions about these scans."""
    rows = [row for row in iter_rows(store, resolve(store, exam)) if row["status"] == "kept"]
    said = {row["id"]: row["answer"] if row["scan"] in right else "CAB"["ABC".index(row["answer"])] for row in rows}
    path = folder / f"{name}.jsonl"
    path.write_text("\n".join(json.dumps({"question_id": key, "reply": text}) for key, text in said.items()))
    command = f"examine --predictions {path} --model {name}@1 --no-score --input exam={exam} --output by-{name}"
    assert jobs(command) == 0


def test_what_all_know_and_none_knows_goes(
    jobs: Jobs, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(jobs, store, tmp_path, "a", {0, 1, 2, 3})
    answered(jobs, store, tmp_path, "b", {0, 4, 5})
    assert jobs(f"{COMMAND} --dry-run") == 0
    assert versions(store, "agreed") == []
    assert jobs(f"{COMMAND} --rebalance") == 0
    made = resolve(store, "agreed")
    assert verify(store, made.ref, deep=True) == []
    found = {row["scan"]: row for row in iter_rows(store, made)}
    reasons = {scan: row["reason"] for scan, row in found.items()}
    assert [scan for scan, reason in reasons.items() if reason == "exam/trivial"] == [0]
    assert sorted(scan for scan, reason in reasons.items() if reason == "exam/hard") == [6, 7, 8]
    assert reasons[NUM] == "exam/review" and found[NUM]["detail"] == "a person took it out"
    assert found[NUM]["consensus"] is None
    # of 1 to 5 B and C are right twice and A is right once
    assert made.counts == {"kept": 3, "rejected": 7} and made.reasons["exam/unbalanced"] == 2
    assert {row["answer"] for row in found.values() if row["status"] == "kept"} == set("ABC")
    assert json.loads(found[1]["consensus"])["by"] == {"a@1": 1.0, "b@1": 0.0}
    card = store.read(f"{made.name}/{made.version}/card.md").decode()
    assert "| SR | 9 | 1 | 3 | 2 | 3 | 0 | 0 |" in card and "a@1" in card
    assert jobs(f"{COMMAND} --rebalance") == 0
    assert "complete already" in capsys.readouterr().out and versions(store, "agreed") == ["1.0.0"]


def test_answerers_in_another_order_make_the_same_rows(jobs: Jobs, store: Store, tmp_path: Path) -> None:
    answered(jobs, store, tmp_path, "a", {0, 1})
    answered(jobs, store, tmp_path, "b", {0, 2})
    other = "agree --input replies=by-b --input exam=exam --input replies=by-a --output other"
    assert jobs(COMMAND) == jobs(other) == 0
    assert resolve(store, "agreed").digest == resolve(store, "other").digest


def test_a_blind_answerer_counts_and_is_named(jobs: Jobs, store: Store, tmp_path: Path) -> None:
    answered(jobs, store, tmp_path, "a", {0, 1})
    assert jobs("examine --no-score --input exam=exam --output by-b --answerer 'first letter'") == 0
    assert jobs(COMMAND) == 0
    card = store.read("agreed/1.0.0/card.md").decode()
    assert "| blind: first letter | no picture |" in card and "| a@1 | as asked |" in card


WRONG = {
    "agree --input exam=exam --input replies=by-a --output x": "at least 2 answerers",
    "agree --input replies=by-a --input replies=by-a --output x": "expected one --input exam=NAME",
    f"{COMMAND} --trivial 0.1 --hard 0.4": "hard < trivial",
    f"{COMMAND} --limit 3": "filtered whole",
    COMMAND.replace("by-b", "by-a"): "expected every answerer once",
    COMMAND.replace("by-b", "exam"): "expected a version of replies",
    COMMAND.replace("by-b", "by-c"): "expected replies to exam@1.0.0, found replies to less@1.0.0",
}


def test_wrong_words_are_refused_before_anything_is_written(
    jobs: Jobs, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row for row in iter_rows(store, resolve(store, "exam")) if row["scan"] < 3]
    version_of_rows(store, rows, pa.schema([*SCHEMA, *verdict.FIELDS]), "less", run="r2")
    answered(jobs, store, tmp_path, "a", {0})
    answered(jobs, store, tmp_path, "b", {1})
    answered(jobs, store, tmp_path, "c", {1}, exam="less")
    for command, says in WRONG.items():
        assert jobs(command) == 2
        assert says in capsys.readouterr().err
    assert versions(store, "x") == versions(store, "agreed") == []
