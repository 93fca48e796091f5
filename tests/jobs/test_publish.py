"""publish against a real MLflow server: every printed number arrives once, and a second time changes nothing."""

from typing import Any

import mlflow
import pytest

from beltline.exam.published import cells, results
from jobs import publish as verb
from jobs.__main__ import main
from jobs.publish import PUBLISHED, publish
from tests.jobs.conftest import free_port


def runs(server: str) -> dict[str, Any]:
    client = mlflow.MlflowClient(server)
    experiment = client.get_experiment_by_name(PUBLISHED)
    found = client.search_runs([experiment.experiment_id], max_results=1000) if experiment else []
    assert len({run.data.tags["beltline.published"] for run in found}) == len(found)
    return {run.data.tags["beltline.published"]: run for run in found}


def test_every_cell_arrives_and_the_second_time_makes_nothing(server, capsys) -> None:
    assert main(["publish", "--tracking", server]) == 0
    found = runs(server)
    assert found.keys() == results().keys() and f"{len(found)} runs made, 0 were there" in capsys.readouterr().out
    for cell in cells():
        run = found[f"{cell.paper}/{cell.table}/{cell.row}"]
        assert run.data.metrics[f"{cell.task}/{cell.metric}"] == cell.value
        assert run.data.params.get(f"n.{cell.task}") == (None if cell.n is None else str(cell.n))
        assert cell.note in run.data.tags["mlflow.note.content"]
        assert (run.info.run_name, run.info.status) == (cell.row, "FINISHED")
    assert sum(len(run.data.metrics) for run in found.values()) == len(cells())
    assert main(["publish", "--tracking", server]) == 0
    assert {key: run.info.run_id for key, run in runs(server).items()} == {
        key: run.info.run_id for key, run in found.items()
    }
    assert f"0 runs made, {len(found)} were there" in capsys.readouterr().out


def made(value: float) -> dict[str, Any]:
    return {"name": "a", "tags": {}, "params": {}, "metrics": {"CT/accuracy": value}}


def test_a_changed_result_replaces_its_run_and_touches_no_other(server) -> None:
    assert publish(server, {}) == (0, 0)
    assert publish(server, {"test/a": made(1.0), "test/b": made(2.0)}) == (2, 0)
    before = runs(server)
    assert publish(server, {"test/a": made(3.0)}) == (1, 0)
    after = runs(server)
    assert after["test/a"].data.metrics == {"CT/accuracy": 3.0} and after.keys() == before.keys()
    assert after["test/b"].info.run_id == before["test/b"].info.run_id
    for key in ("test/a", "test/b"):
        mlflow.MlflowClient(server).delete_run(after[key].info.run_id)


def test_what_a_killed_command_left_half_done_is_made_whole(server, monkeypatch) -> None:
    class Killed(BaseException):
        pass

    def dies(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(verb, "log_values", dies)
        publish(server, {"test/k": made(1.0)})
    assert publish(server, {"test/k": made(1.0)}) == (1, 0)
    run = runs(server)["test/k"]
    assert run.data.metrics == {"CT/accuracy": 1.0} and run.info.status == "FINISHED"
    mlflow.MlflowClient(server).delete_run(run.info.run_id)


def test_a_server_that_is_down_is_said_in_one_sentence(capsys) -> None:
    down = f"http://127.0.0.1:{free_port()}"
    assert main(["publish", "--tracking", down]) == 3
    assert f"{down} does not answer" in capsys.readouterr().err


def test_a_dry_run_prints_the_rows_and_asks_nobody(capsys) -> None:
    assert main(["publish", "--dry-run", "--tracking", f"http://127.0.0.1:{free_port()}"]) == 0
    assert "dual/4/GPT-4o" in (shown := capsys.readouterr().out) and "CT/accuracy 46.5" in shown
