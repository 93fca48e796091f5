"""The words that every verb understands."""

import argparse
from pathlib import Path

import pytest

from beltline.store import Store
from jobs.options import TRACKING, Options, add_common, read_common
from tests.made import scan, version_of


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment from outside, and relative places below tmp_path."""
    for name in ("BELTLINE_STORE", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def parsed(words: str, role: str = "scans") -> Options:
    parser = argparse.ArgumentParser()
    add_common(parser, role=role)
    return read_common(parser.parse_args([*words.split(), "--output", "corpus"]))


def test_without_words_all_is_here(tmp_path: Path) -> None:
    options = parsed("")
    assert (options.inputs, options.limit, options.seed, options.address, options.dry_run) == (
        (),
        None,
        None,
        None,
        False,
    )
    assert options.store.uri == str(tmp_path / "data"), "absolute: a worker may have another working folder"
    assert options.tracking == f"sqlite:///{tmp_path}/mlflow.db" and TRACKING == "sqlite:///mlflow.db"
    assert options.workers >= 1 and options.manifests() == {}


def test_environment_is_the_default_and_words_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELTLINE_STORE", "elsewhere")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking:5000")
    options = parsed("")
    assert (options.store.uri, options.tracking) == (str(tmp_path / "elsewhere"), "http://tracking:5000")
    options = parsed("--store there --tracking sqlite:///a/b.db")
    assert (options.store.uri, options.tracking) == (str(tmp_path / "there"), f"sqlite:///{tmp_path}/a/b.db")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--input bags", (("scans", "bags"),)),
        ("--input bags@1.0.0", (("scans", "bags@1.0.0"),)),
        ("--input captions=words --input bags", (("captions", "words"), ("scans", "bags"))),
        ("--input a --input b", (("scans", "a"), ("scans", "b"))),
    ],
)
def test_an_input_without_a_role_has_the_verbs_own(words: str, expected) -> None:
    assert parsed(words).inputs == expected


def test_a_role_given_again_is_numbered(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "data"))
    for number, name in enumerate(("a", "b", "c", "d")):
        version_of(store, [scan(number)], name)
    found = parsed("--input a --input words=b --input c@1.0.0 --input d").manifests()
    assert {role: manifest.name for role, manifest in found.items()} == {
        "scans": "a",
        "words": "b",
        "scans.2": "c",
        "scans.3": "d",
    }
    with pytest.raises(ValueError, match="no version of 'nothing'"):
        parsed("--input nothing").manifests()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--address auto", "--store"),
        ("--address auto --store data", "--store"),
        ("--address auto --store ~/data", "--store"),
        ("--address auto --store /data", "--tracking"),
        ("--address auto --store /data --tracking sqlite:///mlflow.db", "--tracking"),
        ("--address auto --store /data --tracking mlruns", "--tracking"),
    ],
)
def test_a_relative_place_is_refused_when_a_cluster_is_named(words: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"{message}: expected an absolute path or a URI"):
        parsed(words)


def test_a_relative_place_in_the_environment_is_refused_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELTLINE_STORE", "data")
    with pytest.raises(ValueError, match="--store: expected an absolute path"):
        parsed("--address auto --tracking http://tracking:5000")


def test_absolute_places_and_uris_are_taken_when_a_cluster_is_named() -> None:
    options = parsed("--address auto --store /data --tracking sqlite:////db/mlflow.db")
    assert (options.store.uri, options.tracking) == ("/data", "sqlite:////db/mlflow.db")
    assert parsed("--address auto --store file:///data --tracking http://t:5000").store.uri == "/data"


@pytest.mark.parametrize("words", ["--limit 0", "--limit -1", "--workers 0", "--blocks 0", "--limit x"])
def test_what_is_no_number_of_things_is_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(words)
    assert words.split()[0] in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "Corpus", "a/b", "../a", ".runs", "a@1.0.0"])
def test_an_output_that_is_no_name_is_refused(name: str) -> None:
    parser = argparse.ArgumentParser()
    add_common(parser, role="scans")
    with pytest.raises(ValueError, match="--output: expected a name"):
        read_common(parser.parse_args([f"--output={name}"]))
