"""What a cluster survives in the middle of a job that was sent to it: the head's GCS starting again, a node lost while captions are asked for
and one while a model is taught, the node of the driver. Each ends with the digest of one process, nothing lost, nothing twice, and says
what was repeated.

The GCS keeps what it knows in a Redis. Nothing is slept for: the job is hurt as soon as it has committed something, or as soon as every
captioner has its requests out.
"""

import json
import re
from collections.abc import Callable, Iterator
from threading import Event

import mlflow
import psutil
import pytest

from beltline.store import Store
from beltline.version import resolve, verify
from jobs.ledger import EXPERIMENT
from jobs.progress import Committed
from tests.cluster.sending import Team, redis_of, team
from tests.cluster.test_jobs_of_a_cluster import ID
from tests.cluster.test_node_kill import IN_FLIGHT, WORKERS, Stopping, bags, captioners
from tests.cluster.test_train_on_ray import FIRST, kept, workers
from tests.s3 import become

pytestmark = [pytest.mark.cluster, pytest.mark.exhaustive, pytest.mark.timeout(3600)]
ROWS, BLOCKS = 60, 12
ASKED = 240
MADE = f"synthesize --recipe everyday --limit {ROWS} --blocks {BLOCKS} --workers 2 --output {{}}"
CAPTION = "caption --recipe endpoint --model tested@7 --endpoint {} --in-flight {} --tries 12 --pause 0.02 --input bags --output words"
LESSONS = (
    "synthesize --recipe dual-nano --limit 6 --blocks 2 --output nano-bags",
    "converse --recipe lessons --input scans=nano-bags --blocks 2 --output lessons",
)
TRAIN = "train --recipe gsr_nano_hour --base tiny:qwen3_vl --input lessons=lessons --input scans=nano-bags --workers 2 --keep 5 --output again"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("team")
    with (
        redis_of(folder) as redis,
        team(folder, ["synthesis", "caption", "train", "train"], RAY_REDIS_ADDRESS=redis) as one,
    ):
        yield one


@pytest.fixture
def store(here: Team, monkeypatch: pytest.MonkeyPatch) -> Store:
    become(monkeypatch, here.bucket)
    for name, value in here.ledger.credentials().items():
        monkeypatch.setenv(name, value)
    return Store(here.uri)


def begun(here: Team, words: str, *more: str) -> str:
    """The id of a job that is sent, and not waited for."""
    return ID.search(here.send(words, *more, "--no-wait"))[1]


def state(here: Team, name: str) -> str:
    """How a job is; "" while the head does not answer."""
    done = here.ask("list", "--json")
    rows = map(json.loads, done.stdout.splitlines()) if done.returncode == 0 else ()
    return next((row["status"] for row in rows if row["id"] == name), "")


def until(here: Team, name: str, reached: Callable[[], bool]) -> None:
    """Wait for something that a job does, unless it ends before."""
    look = Event()
    while not reached():
        assert state(here, name) not in ("FAILED", "STOPPED", "SUCCEEDED"), here.ask("logs", name, "--no-wait").stdout[
            -4000:
        ]
        look.wait(0.2)


def ended(here: Team, name: str) -> str:
    look = Event()
    while (found := state(here, name)) not in ("FAILED", "STOPPED", "SUCCEEDED"):
        look.wait(1)
    return found


def well(here: Team, name: str) -> str:
    """What a job has said that has ended well."""
    found = ended(here, name)
    said = here.ask("logs", name, "--no-wait").stdout
    assert found == "SUCCEEDED", said[-6000:]
    return said


def committed(store: Store, name: str) -> int:
    runs = store.list(f"{name}/.runs")
    return Committed(store, f"{runs[0]}/checkpoint").count() if runs else 0


def raylet_of(here: Team, has: Callable[[psutil.Process], bool], but: Callable[[psutil.Process], bool]) -> int:
    """The number of a worker node that has one thing and not another."""
    tops = [(number, psutil.Process(pid)) for number, pid in enumerate(here.raylets.nodes) if psutil.pid_exists(pid)]
    return next(number for number, top in tops if has(top) and not but(top))


def drives(name: str) -> Callable[[psutil.Process], bool]:
    """Whether the driver of a verb is below a node."""

    def found(top: psutil.Process) -> bool:
        said = [command(one) for one in top.children(recursive=True)]
        return any(f"-m jobs {name} " in one for one in said)

    return found


def command(one: psutil.Process) -> str:
    try:
        return " ".join(one.cmdline())
    except psutil.Error:
        return ""


def lose(here: Team, number: int, pool: str) -> None:
    """A node is killed, and another of its pool comes."""
    here.raylets.order(f"kill {number}")
    here.raylets.order(f"node {pool}")


def figures(here: Team, name: str) -> dict[str, float]:
    """Of the last finished run of a verb."""
    client = mlflow.MlflowClient(here.ledger.uri)
    where = [client.get_experiment_by_name(EXPERIMENT).experiment_id]
    return client.search_runs(where, f"attributes.run_name = '{name}' AND tags.`beltline.store` = '{here.uri}'")[
        0
    ].data.metrics


def whole(store: Store, name: str, rows: int) -> str:
    """The digest of a version with so many rows, none lost and none twice."""
    found = resolve(store, name)
    assert found.num_rows == rows and verify(store, found.ref, deep=True) == []
    return found.digest


def test_the_head_starts_again_during_synthesis(here: Team, store: Store) -> None:
    name = begun(here, MADE.format("virtual"))
    until(here, name, lambda: committed(store, "virtual") > 0)
    before = committed(store, "virtual")
    here.raylets.order("head")
    assert before < ROWS, "it came in the middle"
    well(here, name)
    assert whole(store, "virtual", ROWS) == resolve(here.alone([MADE.format("virtual")], "calm"), "virtual").digest
    told = figures(here, "synthesize virtual")
    print(f"head: {before} rows were committed; begun again {told['rows_begun_again']:.0f} rows")


def test_a_node_is_lost_while_captions_are_asked_for(here: Team, store: Store) -> None:
    bags(store, ASKED)
    with Stopping(ASKED // 2) as fire:
        name = begun(here, CAPTION.format(fire.url, IN_FLIGHT), "--workers", str(WORKERS))
        fire.wait_until_all_are_out()
        number = raylet_of(here, lambda top: bool(captioners(top)), drives("caption"))
        here.raylets.order(f"kill {number}")
        fire.go_on()
        said = well(here, name)
        assert fire.requests <= fire.allowed(ASKED, 1)
        asked = fire.requests
    here.raylets.order("node caption")
    alone = Store(str(here.desk / "alone"))
    bags(alone, ASKED)
    with Stopping(10**9) as fire:
        here.alone([CAPTION.format(fire.url, IN_FLIGHT)])
    assert whole(store, "words", ASKED) == whole(alone, "words", ASKED)
    told = figures(here, "caption words")
    assert told["asked_again"] <= IN_FLIGHT and "asked again" in said
    print(f"captions: {asked} requests for {ASKED} rows, asked again {told['asked_again']:.0f}")


def test_a_node_is_lost_while_a_model_is_taught(here: Team, store: Store) -> None:
    for words in LESSONS:
        here.send(words)
    name = begun(here, TRAIN, "--placement", "STRICT_SPREAD")
    until(here, name, lambda: kept(store) >= FIRST)
    lose(here, raylet_of(here, lambda top: bool(workers(top)), drives("train")), "train")
    said = well(here, name)
    assert re.search(r"goes on at step \d+", said)
    alone = here.alone([*LESSONS, TRAIN], "taught")
    found, calm = resolve(store, "again"), resolve(alone, "again")
    assert found.digest == calm.digest and weights(found) == weights(calm)
    told = figures(here, "train again")
    assert told["begun_again"] == 1 and "begun again" in said
    print(f"teaching: steps taken again {told['steps_again']:.0f} of {found.num_rows}")


def weights(found: object) -> list[str]:
    return [one.sha256 for one in found.files if one.path.endswith("weights/model.safetensors")]  # type: ignore[attr-defined]


def test_the_node_of_the_driver_is_lost(here: Team, store: Store) -> None:
    """The job fails, `list` and `logs` say so, and `resume` goes on from what is committed."""
    name = begun(here, MADE.format("virtual-again").replace("--output", "--seed 5 --output"))
    until(here, name, lambda: committed(store, "virtual-again") > 0)
    lose(here, raylet_of(here, drives("synthesize"), lambda top: False), "synthesis")
    assert ended(here, name) == "FAILED"
    before = committed(store, "virtual-again")
    told = here.ask("logs", name, "--no-wait").stdout
    assert "its driver was lost with a node or killed" in told and f"resume {name}" in told
    said = here.ask("resume", name)
    assert said.returncode == 0, said.stdout[-4000:] + said.stderr[-2000:]
    found = re.search(rf"continuing, (\d+) of {ROWS} rows are done", said.stdout)
    assert found and before <= int(found[1]) < ROWS
    alone = here.alone([MADE.format("virtual-again").replace("--output", "--seed 5 --output")], "driver")
    assert whole(store, "virtual-again", ROWS) == resolve(alone, "virtual-again").digest
