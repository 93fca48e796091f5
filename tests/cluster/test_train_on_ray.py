"""Many workers under Ray Train learn what one process learns, whoever is killed in between: a worker, the driver, a node.

Who is killed is killed as soon as a checkpoint is there, in the middle of an epoch; what comes after is compared to the last bit.
"""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from beltline.learning.recipe import Lora, Recipe
from beltline.learning.recipes import RECIPES
from beltline.scan import Row
from beltline.store import Store
from beltline.version import iter_rows, resolve, verify
from jobs.job import held
from jobs.lease import me
from tests.cluster.short import short_folder
from tests.killing import kill_when
from tests.s3 import ROOT, Server, outside

pytestmark = [pytest.mark.cluster, pytest.mark.learning, pytest.mark.timeout(1800)]
SAME = 2e-4
"""Relative, of losses of two workers and of one: sums in another order, over whose squares AdamW divides."""
FIRST, SECOND, STEPS = 5, 25, 40
"""Checkpoints after which a kill comes: in the middle of the first and of the third epoch of four, of ten steps each."""
DRIVER = "tests/cluster/train_driver.py"
PATHS = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")])}
NODE = {"num_cpus": 1, "labels": {"beltline/pool": "train"}}
FULL = replace(RECIPES["gsr_nano"], batch=3, epochs=4, rate=1e-3, sight_steps=2, sight_batch=2, max_tokens=1500)
LORA = replace(FULL, tower="frozen", aligner="frozen", llm="lora", lora=Lora(rank=4, alpha=8), sight_steps=0)


@dataclass(frozen=True)
class Cell:
    """One way of teaching."""

    family: str
    stage: int
    how: str

    @property
    def recipe(self) -> Recipe:
        base = FULL if self.how == "full" else LORA
        return replace(base, family=self.family, tags=self.family == "qwen3_vl", zero_stage=self.stage)

    def command(self, output: str, workers: int = 2) -> str:
        inputs = "--input lessons=lessons --input scans=bags"
        return (
            f"train --recipe gsr_nano --base tiny:{self.family} {inputs} --keep 5 --workers {workers} --output {output}"
        )


EVERYDAY = Cell("qwen3_vl", 2, "full")
CELLS = [
    Cell(family, stage, how) for family in ("qwen3_vl", "qwen2_5_vl") for stage in (2, 3) for how in ("full", "lora")
]
CALM: dict[Cell, Row] = {}


def name(cell: Cell) -> str:
    return f"{cell.family}-zero{cell.stage}-{cell.how}"


@pytest.fixture
def cell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Cell:
    """The cell that the test is about, EVERYDAY by default; `--recipe gsr_nano` is its recipe."""
    found: Cell = getattr(request, "param", EVERYDAY)
    monkeypatch.setitem(RECIPES, "gsr_nano", found.recipe)
    monkeypatch.setenv("RAY_TRAIN_HEALTH_CHECK_INTERVAL_S", "0.1")
    return found


@pytest.fixture
def calm(cell: Cell, jobs: Callable[..., int], lessons: Store) -> Row:
    """What two workers learn that nobody disturbs, which is what one process learns; once for all tests of a cell."""
    if cell not in CALM:
        assert jobs(cell.command("alone", workers=1)) == 0
        assert jobs(cell.command("calm")) == 0
        alone, calm = learnt(lessons, "alone"), learnt(lessons, "calm")
        assert len(calm["losses"]) == len(alone["losses"]) == STEPS and calm["losses"][-1] < calm["losses"][0]
        apart = [abs(two - one) / one for one, two in zip(alone["losses"], calm["losses"], strict=True)]
        print(f"{name(cell)}: two workers and one process at most {max(apart):.2g} apart, relative")
        assert max(apart) < SAME
        assert calm["names"] == alone["names"]
        assert not lessons.exists(f"calm/.runs/{calm['run']}/checkpoints"), "what is learnt needs no checkpoints"
        CALM[cell] = calm
    return CALM[cell]


def learnt(store: Store, output: str) -> Row:
    """What a run has come to: to be the same in another."""
    found = resolve(store, output)
    assert verify(store, found.ref, deep=True) == []
    rows = sorted(iter_rows(store, found), key=lambda row: row["id"])
    weights = {file.path.rsplit("/", 1)[1]: file.sha256 for file in found.files if "/weights/" in file.path}
    return {
        "run": found.run,
        "digest": found.digest,
        "losses": [row["loss"] for row in rows],
        "names": sorted(weights),
        "weights": weights["model.safetensors"],
    }


def kept(store: Store) -> int:
    """The step of the last checkpoint of `again` that Ray Train knows; 0 before there is one."""
    found = [path for path in store.list("again", recursive=True) if path.endswith("/checkpoint_manager_snapshot.json")]
    try:
        last = json.loads(store.read(found[0]))["latest_checkpoint_result"]
    except (IndexError, FileNotFoundError, json.JSONDecodeError):
        return 0
    return int(last["checkpoint_dir_name"].removeprefix("step-")) if last else 0


def workers(of: psutil.Process) -> list[psutil.Process]:
    """The processes below another that learn."""
    found = []
    for one in of.children(recursive=True):
        try:
            if "RayTrainWorker" in " ".join(one.cmdline()):
                found.append(one)
        except psutil.NoSuchProcess:
            pass
    return found


def kill_a_worker(of: psutil.Process, store: Store) -> None:
    """One of the workers below a process, as soon as there is a checkpoint in the middle of an epoch."""
    look = Event()
    while kept(store) < FIRST:
        assert of.status() != psutil.STATUS_ZOMBIE, "the job ended before a worker could be killed"
        look.wait(0.05)
    workers(of)[-1].kill()


def went_on(said: str) -> bool:
    """In the middle of the run."""
    return any(f"goes on at step {step}" in said for step in range(FIRST, STEPS, 5))


def test_a_worker_is_killed(
    cell: Cell, calm: Row, jobs: Callable[..., int], lessons: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Ray Train begins anew from the last checkpoint, and nobody can tell."""
    killer = Thread(target=kill_a_worker, args=(psutil.Process(), lessons), daemon=True)
    killer.start()
    with caplog.at_level("INFO", "beltline"):
        assert jobs(cell.command("again")) == 0
    killer.join()
    assert went_on(caplog.text)
    assert learnt(lessons, "again") == calm
    assert jobs(cell.command("again")) == 0  # nothing to do
    assert len([one for one in lessons.list("again") if one.endswith(".0.0")]) == 1


@pytest.mark.exhaustive
def test_what_no_other_try_would_mend_is_said_once(
    cell: Cell,
    jobs: Callable[..., int],
    lessons: Store,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(RECIPES, "gsr_nano", replace(cell.recipe, rate=1e30, warmup_share=0.0))
    with caplog.at_level("INFO", "beltline"):
        assert jobs(cell.command("again")) == 2
    assert "expected a loss and a gradient that are numbers" in capsys.readouterr().err
    assert caplog.text.count("parameters taught") == 1


@pytest.mark.exhaustive
def test_workers_whose_driver_was_taken_for_dead_end(
    cell: Cell, jobs: Callable[..., int], lessons: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another driver has the run: what these would write next is written nowhere."""

    def rob() -> None:
        look = Event()
        while not kept(lessons):
            look.wait(0.05)
        (place,) = [path for path in lessons.list("again", recursive=True) if path.endswith("/driver")]
        lessons.write(place, b"process 7 of far")

    robber = Thread(target=rob, daemon=True)
    robber.start()
    assert jobs(cell.command("again")) == 2
    robber.join()
    assert "to hold this run, found another" in capsys.readouterr().err
    assert 0 < kept(lessons) < STEPS and not any("/weights/" in path for path in lessons.list("again", recursive=True))


@pytest.mark.exhaustive
@pytest.mark.parametrize("cell", CELLS, indirect=True, ids=name)
def test_a_worker_is_killed_and_then_the_driver(
    cell: Cell,
    calm: Row,
    jobs: Callable[..., int],
    lessons: Store,
    ledger: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The driver's Ray dies with it; the next driver uses the tests' Ray. One process cannot go on with two workers' shares."""
    job = start(tmp_path, cell, lessons, ledger, RAY_ADDRESS="")
    kill_a_worker(psutil.Process(job.pid), lessons)
    assert kept(lessons) < SECOND, "the worker was killed too late to be missed"
    kill_when(job, lambda: kept(lessons) >= SECOND)
    assert jobs(cell.command("again", workers=1)) == 2
    assert "--workers: expected 2" in capsys.readouterr().err
    with caplog.at_level("INFO", "beltline"):
        assert jobs(cell.command("again")) == 0
    assert went_on(caplog.text)
    assert learnt(lessons, "again") == calm


def start(folder: Path, cell: Cell, store: Store, ledger: str, *more: str, **env: str) -> "subprocess.Popen[bytes]":
    """A driver of the run `again`, in a process of its own."""
    told = folder / "recipe.pickle"
    told.write_bytes(pickle.dumps(cell.recipe))
    words = [*cell.command("again").split(), "--store", store.uri, "--tracking", ledger, *more]
    return subprocess.Popen([sys.executable, DRIVER, str(told), *words], cwd=ROOT, env=os.environ | PATHS | env)


@pytest.fixture
def cluster(s3_writer: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head, and two nodes for teaching with room for one worker each. Their processes may write to the bucket."""
    from ray.cluster_utils import Cluster

    with short_folder() as short:
        for key, value in {"RAY_TMPDIR": short, "RAY_health_check_timeout_ms": "120000"}.items():
            monkeypatch.setenv(key, value)
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 4})
        try:
            for _ in range(2):
                cluster.add_node(**NODE)
            yield cluster
        finally:
            cluster.shutdown()


@pytest.mark.exhaustive
def test_a_node_is_killed(
    cell: Cell, calm: Row, lessons: Store, ledger: str, tmp_path: Path, s3_writer: Server, cluster: Any
) -> None:
    """A worker on each of two nodes, checkpoints on S3; another node takes the lost one's place."""
    store = Store(f"s3://{s3_writer.bucket}/taught")
    for path in lessons.list("", recursive=True):
        if path.startswith(("bags/", "lessons/")):
            store.write(path, lessons.read(path))
    places = ["--address", cluster.address, "--placement", "STRICT_SPREAD"]
    # the ledger's outbox lies at home; so does the token of this machine's clusters
    home = {"HOME": str(tmp_path), "RAY_AUTH_TOKEN_PATH": str(Path.home() / ".ray" / "auth_token")}
    job = start(tmp_path, cell, store, ledger, *places, **outside(s3_writer) | home)
    look = Event()
    while kept(store) < FIRST:
        assert job.poll() is None, "the job ended before a node could be killed"
        look.wait(0.05)
    tops = [raylet(node) for node in cluster.worker_nodes]
    assert [len(workers(top)) for top in tops] == [1, 1]
    for process in (tops[0], *tops[0].children(recursive=True)):
        process.kill()
    cluster.add_node(**NODE)
    assert job.wait() == 0
    assert learnt(store, "again") == calm
    assert len(workers(raylet(cluster.head_node))) == 0


def test_before_they_write_workers_ask_whether_their_driver_holds_the_run(tmp_path: Path) -> None:
    from jobs.train_worker import Diary, Errand

    store = Store(str(tmp_path))
    lesson = SimpleNamespace(store=store.uri)
    diary = Diary(None, Errand(lesson=lesson, run="0f", folder="taught/.runs/0f", keep=5, driver=me()))
    with held(store, "taught/.runs/0f"):
        assert diary.store().uri == store.uri
    store.write("taught/.runs/0f/driver", b"process 7 of far")
    with pytest.raises(ValueError, match=f"expected {me()} to hold this run, found another"):
        diary.store()


def raylet(node: Any) -> psutil.Process:
    return psutil.Process(node.all_processes["raylet"][0].process.pid)


def test_others_go_on_from_the_last_whole_checkpoint(tmp_path: Path) -> None:
    from jobs.models import begun_by_others

    store, folder = Store(str(tmp_path)), "taught/.runs/0f"

    def keep(workers: int, *steps: int, last: int | None = None) -> str:
        place = f"{folder}/checkpoints/0f-{workers}w"
        for step in steps:
            store.write(f"{place}/step-{step:08d}/curve.jsonl", b"")
        if last:
            told = {"latest_checkpoint_result": {"checkpoint_dir_name": f"step-{last:08d}"}}
            store.write(f"{place}/checkpoint_manager_snapshot.json", json.dumps(told).encode())
        return f"{place}/step-{last or 0:08d}"

    assert begun_by_others(store, folder, 2) is None  # nobody has begun
    store.write(f"{folder}/checkpoints/0f-2w/.validate_storage_marker", b"")
    keep(3, 5)
    assert begun_by_others(store, folder, 2) is None  # what three were writing is not whole
    three, four = keep(3, 10, 15, last=10), keep(4, 5, last=5)
    assert begun_by_others(store, folder, 2) == three != four
    assert begun_by_others(store, folder, 3) is None  # theirs is Ray Train's to find
    keep(2, 5, last=5)
    assert begun_by_others(store, folder, 2) is None


@pytest.mark.parametrize(
    ("begun", "state"), [(1, "state/state.pt"), (3, "checkpoints/0f-3w/step-00000100/curve.jsonl")]
)
def test_one_process_and_many_do_not_go_on_with_each_others(tmp_path: Path, begun: int, state: str) -> None:
    from jobs.models import begun_by_others

    store = Store(str(tmp_path))
    store.write(f"taught/.runs/0f/{state}", b"")
    assert begun_by_others(store, "taught/.runs/0f", begun) is None
    found = 2 if begun == 1 else 1
    with pytest.raises(ValueError, match=f"expected {begun}, .* found {found}; .* give --workers .*, or remove"):
        begun_by_others(store, "taught/.runs/0f", found)


@pytest.mark.exhaustive
def test_another_number_of_workers_goes_on(
    cell: Cell,
    calm: Row,
    jobs: Callable[..., int],
    lessons: Store,
    ledger: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The driver of two is killed; three put their shares together, and take the steps that two would have."""
    job = start(tmp_path, cell, lessons, ledger, RAY_ADDRESS="")
    kill_when(job, lambda: kept(lessons) >= SECOND)
    with caplog.at_level("INFO", "beltline"):
        assert jobs(cell.command("again", workers=3)) == 0
    assert "3 workers go on with what others kept" in caplog.text and went_on(caplog.text)
    again = learnt(lessons, "again")
    assert again["losses"] == pytest.approx(calm["losses"], rel=SAME)
    assert again["losses"][:SECOND] == calm["losses"][:SECOND], "what two have learnt is not learnt again"
    assert again["names"] == calm["names"] and not lessons.exists(f"again/.runs/{again['run']}/checkpoints")
