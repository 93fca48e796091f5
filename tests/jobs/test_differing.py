"""compare on versions that are no replies, and on runs of MLflow: what differs, on screen, as a page, in MLflow."""

from dataclasses import replace
from pathlib import Path

import mlflow
import pytest

from beltline.store import Store
from jobs.__main__ import main
from jobs.ledger import EXPERIMENT, Ledger
from tests.made import GUN, scan, version_of


def test_two_versions_and_a_run(
    tmp_path: Path, ledger: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store(str(tmp_path / "store"))
    version_of(store, [scan(1), scan(2)], "bags")
    version_of(store, [scan(2), replace(scan(3), items=(GUN,))], "others")
    job = Ledger(tmp_path / "outbox", ledger, "elsewhere", {"beltline.verb": "draw"})
    job.params({"verb": "draw", "name": "another"})
    assert job.end() is None
    client = mlflow.MlflowClient(ledger)
    (run,) = client.search_runs([client.get_experiment_by_name(EXPERIMENT).experiment_id])
    inputs = [word for ref in ("bags", "others@1.0.0", run.info.run_id) for word in ("--input", ref)]
    places = ["--store", store.uri, "--tracking", ledger, "--names", "ours", "theirs", "run"]
    assert main(["compare", *inputs, *places]) == 0
    shown = capsys.readouterr().out
    assert "what differs: recipe" in shown and "another" in shown
    page = (tmp_path / "compare" / "compare.html").read_text(encoding="utf-8")
    assert "<td>bags@1.0.0 to others@1.0.0</td><td>1</td><td>1</td><td>0</td>" in page
    (entered,) = client.search_runs([client.get_experiment_by_name("exams").experiment_id])
    assert {one.path for one in client.list_artifacts(entered.info.run_id)} >= {"compare.html", "compare.md"}


@pytest.mark.parametrize("ref", ["0" * 32, "nobody"])
def test_what_is_not_there_is_said(ref: str, tmp_path: Path, ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    version_of(Store(str(tmp_path / "store")), [scan(1)], "bags")
    places = ["--store", str(tmp_path / "store"), "--tracking", ledger, "--out", str(tmp_path / "out")]
    assert main(["compare", "--input", "bags", "--input", ref, *places]) == 2
    assert (
        f"expected a run of MLflow at {ledger}" in (said := capsys.readouterr().err) or "no version of 'nobody'" in said
    )
