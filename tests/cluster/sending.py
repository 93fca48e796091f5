"""What a team has, on one machine: a cluster that asks for a token, a bucket, MLflow over PostgreSQL, and a tree of its own to send from.

    with team(tmp_path, ["synthesis", "caption", "train", "synthesis"]) as team:
        team.send("synthesize --recipe everyday --limit 4 --output bags")              # by --address
        team.submit("caption --recipe grammar --input bags --output words")            # by `ray job submit`
        team.alone(["synthesize ...", "caption ..."])                                  # the same in one process, on a disk
        digests(Store(team.uri))

    python -m tests.cluster.sending FOLDER synthesis caption train train     # keeps one up, for a look and for tests that are being written:
    BELTLINE_TEAM=FOLDER BELTLINE_PLACE=today pytest tests/cluster/test_belt_sent.py     # with a place, a second try goes on where it stood

The tree is this one with fewer steps of teaching: a recipe is code, and code travels with what is sent.
"""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from threading import Event

from beltline.store import Store
from beltline.version import Manifest, resolve, versions
from jobs.__main__ import parser
from tests import s3
from tests.cluster.conftest import ROOT, TRIES, Raylets, raylets_of
from tests.cluster.launched import launched
from tests.ledgers import Server, free_port, team_ledger

TRAVELS = ("jobs", "actors", "platform", "deploy")
FEWER = """

for _name in ("gsr_nano", "captioner_nano", "captioner_nano_again"):
    _short = replace(RECIPES[_name], epochs=1, sight_steps=min(2, RECIPES[_name].sight_steps), sight_batch=2)
    RECIPES[_name] = _short
RECIPES["gsr_nano_hour"] = replace(RECIPES["gsr_nano"], name="gsr_nano_hour", batch=3, epochs=4, max_tokens=1500)
"""
NO_TWINS = """

ONEPIPE["onepipe_nano"] = replace(ONEPIPE["onepipe_nano"], clean=replace(CLEAN["onepipe"], max_hash_distance=None))
"""
ALONE = """
import json, sys
from jobs.__main__ import main
for words in json.load(sys.stdin):
    code = main(words)
    if code:
        sys.exit(f"{words}: {code}")
"""
TOLD, ORDERS = "team.json", "orders"
LEAN = {"RAY_worker_niceness": "0", "RAY_prestart_worker_first_driver": "0", "OMP_NUM_THREADS": "1"}
"""Of every node: workers no slower than what waits for them, and none before it is asked for."""


@dataclass(frozen=True, kw_only=True)
class Team:
    """Everything that a command is sent to, and from."""

    folder: Path
    tree: Path
    raylets: Raylets
    bucket: s3.Server
    ledger: Server
    place: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    """In the bucket, and in the folder: nobody has been there before."""

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket.bucket}/{self.place}"

    @property
    def desk(self) -> Path:
        """A folder beside the cluster's."""
        return self.folder / f"desk-{self.place}"

    def send(self, words: str, *more: str) -> str:
        """What a verb says that is sent by --address, from outside; AssertionError unless it ends well."""
        return self._well([*self._jobs(words), *more, "--address", self.raylets.dashboard])

    def submit(self, words: str, *more: str) -> str:
        """The same by Ray's own command."""
        ray = str(Path(sys.executable).with_name("ray"))
        way = ["job", "submit", "--address", self.raylets.dashboard, "--runtime-env", "jobs/runtime_env.yaml"]
        return self._well([ray, *way, "--entrypoint-num-cpus", "1", "--", "python", *self._jobs(words)[1:], *more])

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A verb that talks to the dashboard, or one that is expected to fail."""
        return self._run([sys.executable, "-m", "jobs", *words, "--address", self.raylets.dashboard])

    def run(self, words: str) -> subprocess.CompletedProcess[str]:
        """A verb here, at our desk, with the team's places."""
        return self._run(self._jobs(words))

    def alone(self, commands: Sequence[str], scratch: str = "alone") -> Store:
        """The same commands in one process of one machine, with a folder and SQLite; the store."""
        self.desk.mkdir(exist_ok=True)
        places = (str(self.desk / scratch), f"sqlite:///{self.desk}/{scratch}.db")
        here = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "RAY_ADDRESS"))}
        environment = here | {"PYTHONPATH": self._paths(), "RAY_ADDRESS": "", "HOME": str(self.folder)}
        told = json.dumps([[*shlex.split(words), *placed(words, *places)] for words in commands])
        for _ in range(TRIES):
            done = subprocess.run(
                [sys.executable, "-c", ALONE],
                cwd=self.tree,
                env=environment,
                input=told,
                capture_output=True,
                text=True,
            )
            if "timed out during startup" not in done.stderr:  # Ray gives it 30 s, which a busy machine may not
                break
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return Store(str(self.desk / scratch))

    def _jobs(self, words: str) -> list[str]:
        return [sys.executable, "-m", "jobs", *shlex.split(words), *placed(words, self.uri, self.ledger.uri)]

    def _well(self, command: Sequence[str]) -> str:
        done = self._run(command)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        return done.stdout + done.stderr

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        environment = self.raylets.environment | {"PYTHONPATH": self._paths()}
        return subprocess.run(command, cwd=self.tree, env=environment, capture_output=True, text=True)

    def _paths(self) -> str:
        return os.pathsep.join([str(self.tree), str(self.tree / "platform")])


def placed(words: str, store: str, tracking: str) -> list[str]:
    """A command's --store and --tracking, as far as its verb takes them."""
    asked = parser().parse_args(shlex.split(words))
    places = {"store": store, "tracking": tracking}
    return [f"--{name}={value}" for name, value in places.items() if hasattr(asked, name)]


def digests(store: Store) -> dict[str, str]:
    """Name to digest of the newest version of everything that is complete in a store."""
    return {found.name: found.digest for found in newest(store)}


def newest(store: Store) -> Iterator[Manifest]:
    for path in store.list(""):
        name = path.rsplit("/", 1)[-1]
        if not name.startswith(".") and versions(store, name):
            yield resolve(store, name)


def shortened(folder: Path) -> Path:
    """A copy of what travels, with recipes that take two steps where they take thousands."""
    for name in TRAVELS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "platform/beltline/learning/recipes.py").open("a", encoding="utf-8") as recipes:
        recipes.write(FEWER)
    with (folder / "jobs/recipes.py").open("a", encoding="utf-8") as recipes:
        recipes.write(NO_TWINS)
    return folder


@contextmanager
def redis_of(folder: Path) -> Iterator[str]:
    """What a head's GCS keeps while it starts again: a Redis of our own; its address, as RAY_REDIS_ADDRESS wants it."""
    port = str(free_port())
    words = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with (folder / "redis.log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def team(folder: Path, pools: list[str] | None, cpus: int = 3, **more: str) -> Iterator[Team]:
    """All of it, for as long as the block runs; or the one that BELTLINE_TEAM names, which has been up before.

    Args:
        pools: of the worker nodes; None takes those of deploy/cluster.local.yaml, started by Ray's autoscaler.
    """
    if "BELTLINE_TEAM" in os.environ:
        yield standing(Path(os.environ["BELTLINE_TEAM"]))
        return
    with ExitStack() as stack:
        tree = shortened(folder / "tree")
        bucket = stack.enter_context(s3.served(folder / "s3.log"))
        artifacts = {"BELTLINE_MLFLOW_ARTIFACTS": f"s3://{bucket.bucket}/mlflow", **bucket.environment()}
        ledger = stack.enter_context(team_ledger(**artifacts))
        theirs = bucket.environment() | ledger.credentials() | {"HOME": str(folder)} | LEAN
        theirs |= {"PYTHONPATH": "", **more}
        nodes = launched(folder, **theirs) if pools is None else raylets_of(pools, folder, cpus, **theirs)
        raylets = stack.enter_context(nodes)
        yield Team(folder=folder, tree=tree, raylets=raylets, bucket=bucket, ledger=ledger)


class Standing(Raylets):
    """A cluster that another process holds, which reads orders from a pipe and writes down what there is after each."""

    def order(self, line: str) -> None:
        folder, look = Path(self.told["folder"]), Event()
        (folder / ORDERS).write_text(f"{line}\n")
        while (told := json.loads((folder / TOLD).read_text()))["orders"] == self.told["orders"]:
            look.wait(0.2)
        self.told, self.nodes = told, told["nodes"]


def standing(folder: Path) -> Team:
    """The team that is kept up in a folder."""
    told = json.loads((folder / TOLD).read_text())
    ledger = Server(Path(told["ledger"][0]), told["ledger"][1])
    raylets = Standing(told, told["environment"])
    place = os.environ.get("BELTLINE_PLACE") or uuid.uuid4().hex[:8]
    bucket = s3.Server(**told["bucket"])
    return Team(folder=folder, tree=folder / "tree", raylets=raylets, bucket=bucket, ledger=ledger, place=place)


def keep(folder: Path, pools: list[str]) -> None:
    """A team until this process is killed, with a Redis behind its head."""
    folder.mkdir(parents=True)
    os.mkfifo(folder / ORDERS)
    key = {"OPENAI_API_KEY": f"sk-{uuid.uuid4().hex}"}  # of a model that will be served
    with redis_of(folder) as redis, team(folder, pools, RAY_REDIS_ADDRESS=redis, **key) as one:
        told = {"folder": str(folder), "environment": one.raylets.environment, "bucket": asdict(one.bucket)}
        told |= {"ledger": [str(one.ledger.folder), one.ledger.uri], **one.raylets.told}
        for orders in count():
            part = folder / f"{TOLD}.part"
            part.write_text(json.dumps(told | {"orders": orders, "nodes": one.raylets.nodes}))
            part.replace(folder / TOLD)
            print(f"a team of {pools} is up; its dashboard is {one.raylets.dashboard}", flush=True)
            one.raylets.order((folder / ORDERS).read_text().strip())


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    keep(Path(sys.argv[1]), sys.argv[2:])
