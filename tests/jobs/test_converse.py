"""converse before it runs: what it would do, and clear words for what it cannot."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from beltline.store import Store
from jobs.__main__ import main
from jobs.options import read_common
from tests.made import scan, version_of


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("BELTLINE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    monkeypatch.delenv("BELTLINE_ENDPOINT", raising=False)
    version_of(Store(str(tmp_path / "store")), [scan(number) for number in range(3)], "bags")
    return "converse --input bags --output lessons --dry-run --recipe"


def test_a_dry_run_says_what_would_be_made(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words.split(), "lessons"]) == 0
    said = capsys.readouterr().out
    assert "2 of kind gsxray about each scan" in said and "reads scans: bags@1.0.0" in said


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("gsxray --model m", "asks no model"),
        ("gsxray-endpoint", "expected --model NAME"),
        ("gsxray-endpoint --model m", "--endpoint: expected"),
        ("gsxray-endpoint --model m --engine vllm", "converse asks a server"),
        ("gsxray --input captions=nothing", "nothing"),
        ("gsxray --input judges=bags", "expects --input scans"),
    ],
)
def test_what_cannot_be_is_said_before_work_starts(
    words: str, more: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words.split(), *more.split()]) == 2
    assert message in capsys.readouterr().err


def test_a_model_dry_run_names_its_stage(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words.split(), *"gsxray-endpoint --model m@1 --endpoint http://127.0.0.1:1/v1".split()]) == 0
    assert "converse (actors)" in capsys.readouterr().out


def test_another_composer_is_another_job(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it made before is not found finished; lessons of other kinds are."""
    from beltline.language import surveys
    from jobs import converse

    def asked(recipe: str) -> Any:
        parser = argparse.ArgumentParser()
        converse.add_arguments(parser)
        args = parser.parse_args(["--recipe", recipe, *words.split()[1:-2]])
        return converse.prepare(read_common(args), args).recipe

    before = {name: asked(name) for name in ("surveys", "gsxray")}
    monkeypatch.setattr(surveys, "VERSION", "surveys-next")
    assert asked("surveys") == before["surveys"] | {"version": "surveys-next"} != before["surveys"]
    assert asked("gsxray") == before["gsxray"]
