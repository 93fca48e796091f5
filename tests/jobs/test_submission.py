"""What is looked at before a command is sent, the command as the cluster gets it, and what is said of a job that has ended."""

import argparse
from pathlib import Path

import pytest

from jobs import submission
from jobs.__main__ import main, parser
from jobs.resume import next_name
from jobs.submission import Need, Node, ending, entrypoint, missing, names_dashboard, without

URL = "http://127.0.0.1:8265"
CPU = Node({"beltline/pool": "synthesis"}, 64, 0)
GPU = Node({"beltline/pool": "caption"}, 192, 8)


def parsed(*words: str) -> argparse.Namespace:
    return parser().parse_args([*words])


@pytest.mark.parametrize(
    ("address", "sent"),
    [(None, False), ("auto", False), ("10.0.0.1:6379", False), (URL, True), ("https://ray.example.org", True)],
)
def test_only_a_dashboard_is_sent_to(address: str | None, sent: bool) -> None:
    assert names_dashboard(address) is sent


@pytest.mark.parametrize(
    "words",
    [
        ["a", "--address", URL, "b"],
        ["--address", URL, "a", "b"],
        ["a", f"--address={URL}", "b"],
        ["a", "b", "--address", URL],
    ],
)
def test_the_address_does_not_travel(words: list[str]) -> None:
    assert without(words, "--address") == ["a", "b"]


def test_places_from_the_environment_travel_in_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELTLINE_STORE", "s3://scans/one place")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow:5000")
    words = ["synthesize", "--recipe", "everyday", "--output", "bags", "--address", URL, "--no-wait"]
    expected = "python -m jobs synthesize --recipe everyday --output bags --store 's3://scans/one place' --tracking http://mlflow:5000"
    assert entrypoint(parsed(*words), words) == expected
    words += ["--store=s3://scans/b", "--tracking", "http://other:5000"]
    assert entrypoint(parsed(*words), words).endswith("bags --store=s3://scans/b --tracking http://other:5000")


@pytest.mark.parametrize(
    ("need", "there", "found"),
    [
        (Need("caption", "caption", 1, 1), [CPU, GPU], None),
        (Need("synthesize", None, 1, 0), [CPU], None),
        (Need("caption", "caption", 1, 1), [CPU], "label beltline/pool=caption for caption, found 1 nodes of pools synthesis"),
        (Need("caption", "caption", 1, 0), [CPU], "for caption, found 1 nodes of pools synthesis"),
        (Need("caption", None, 1, 8), [CPU], "1 CPU and 8 GPU for caption"),
        (Need("synthesize", None, 1, 0), [Node({}, 0, 0)], "1 CPU and 0 GPU for the driver, found 1 nodes of pools none"),
        (Need("synthesize", None, 1, 0), [], "found 0 nodes"),
    ],
)  # fmt: skip
def test_what_no_node_can_take_is_said_before(need: Need, there: list[Node], found: str | None) -> None:
    said = missing([need], there)
    assert said == [] if found is None else found in said[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--store data --tracking http://mlflow:5000", "--store: expected an absolute path"),
        ("--store /mnt/data --tracking sqlite:///mlflow.db", "--tracking: expected an absolute path"),
        ("--store /mnt/data --tracking http://me:hunter2@mlflow:5000", "no password in a command"),
        ("--store /nowhere --tracking http://mlflow:5000 --input bags", "no version of 'bags'"),
    ],
)
def test_a_wrong_command_is_refused_before_anybody_is_asked(
    words: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "connect", lambda address: pytest.fail("nothing may be sent"))
    job = "caption --recipe grammar --input bags --output words"
    assert main([*job.split(), "--address", URL, *words.split()]) == 2
    error = capsys.readouterr().err
    assert said in error and "hunter2" not in error


def test_a_finished_run_is_not_sent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(submission, "connect", lambda address: pytest.fail("nothing may be sent"))
    monkeypatch.setattr(
        submission,
        "find_run",
        lambda store, name, run: argparse.Namespace(ref="bags@1.0.0", num_rows=3, digest="d" * 64),
    )
    job = f"synthesize --recipe everyday --limit 3 --output bags --store {tmp_path} --tracking http://mlflow:5000"
    assert main([*job.split(), "--address", URL]) == 0
    assert "bags@1.0.0 is complete already" in capsys.readouterr().out


def test_an_export_goes_where_it_is_found_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "connect", lambda address: pytest.fail("nothing may be sent"))
    words = "export --input bags --format yolo --store /mnt/data --to here"
    assert main([*words.split(), "--address", URL]) == 2
    assert "--to: expected an absolute path" in capsys.readouterr().err


LOG = """12:00:00 synthesize: 240 rows, run 0011223344556677
Traceback (most recent call last):
  File "x.py", line 1, in <module>
{last}
"""


@pytest.mark.parametrize(
    ("status", "code", "last", "said", "todo"),
    [
        ("SUCCEEDED", 0, "", "", ""),
        ("STOPPED", None, "", "", "what it has finished is kept: python -m jobs resume x"),
        ("FAILED", 2, "caption: inputs: expected scans, found none", "expected scans", "give it again, corrected"),
        ("FAILED", 3, "caption: s3://b at http://h: found 503", "found 503", "the store gave out"),
        ("FAILED", 1, "RuntimeError: no room", "RuntimeError: no room", "goes on from there"),
        ("FAILED", None, "", "the node of the driver died", "its driver was lost"),
    ],
)
def test_a_job_ends_with_what_to_do(status: str, code: int | None, last: str, said: str, todo: str) -> None:
    log = LOG.format(last=last) if last else ""
    text = "\n".join(ending("x", status, code, "the node of the driver died", log, URL))
    assert text.startswith(f"x: {status}") and said in text and todo in text
    assert ("what to do" in text) is (status == "FAILED")


def test_an_id_is_never_given_twice() -> None:
    assert next_name("train-x-1a", {"train-x-1a"}) == "train-x-1a.2"
    assert next_name("train-x-1a.2", {"train-x-1a", "train-x-1a.2"}) == "train-x-1a.3"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Request failed with status code 401: Unauthenticated", "RAY_AUTH_TOKEN_PATH"),
        ("Failed to connect to Ray at address: http://127.0.0.1:8265.", "ssh -L 8265:127.0.0.1:8265 HEAD"),
    ],
)
def test_a_dashboard_that_does_not_take_us(said: str, found: str) -> None:
    assert found in submission.fault(URL, said)
