"""What the tests on clusters share: bags that can be packed and lessons about them, and a cluster that asks for a token."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from beltline.store import Store

ROOT = Path(__file__).parents[2]
TRIES = 3
"""Ray gives a node 30 s to start, which a busy machine may not."""


@pytest.fixture(scope="session")
def made(ray_here: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with six bags, those that can be packed, and six lessons about each."""
    from jobs.__main__ import main

    store = tmp_path_factory.mktemp("lessons")
    where = ["--store", str(store), "--tracking", f"sqlite:///{store}.db", "--workers", "2"]
    assert main(["synthesize", "--recipe", "dual-nano", "--limit", "6", "--output", "bags", *where]) == 0
    assert main(["converse", "--recipe", "lessons", "--input", "bags", "--output", "lessons", *where]) == 0
    return store


@pytest.fixture
def lessons(made: Path, tmp_path: Path) -> Store:
    """The same, of the test's own, where `jobs` looks for it."""
    shutil.copytree(made, tmp_path / "store")
    return Store(str(tmp_path / "store"))


class Raylets:
    """A cluster of tests/cluster/raylets.py: a head without processors and worker nodes, all asking for a token."""

    def __init__(self, told: dict[str, Any], environment: dict[str, str], process: subprocess.Popen[str] | None = None):
        self.told, self._process, self.environment = told, process, environment
        self.dashboard, self.address, self.nodes = told["dashboard"], told["address"], told["nodes"]

    def order(self, line: str) -> None:
        """`kill 2`, `head`, or `node POOL`."""
        assert self._process and self._process.stdin and self._process.stdout
        print(line, file=self._process.stdin, flush=True)
        self.nodes = json.loads(self._process.stdout.readline())["nodes"]

    def ask(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A verb from outside, with the token."""
        command = [sys.executable, "-m", "jobs", *words, "--address", self.dashboard]
        return subprocess.run(command, cwd=ROOT, env=self.environment | more, capture_output=True, text=True)


def let_in(folder: Path) -> dict[str, str]:
    """What a node and whoever asks it are told: a token of our own, and the `python` that has the package."""
    token = folder / "token"
    token.write_text(uuid.uuid4().hex * 2)
    token.chmod(0o600)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token), "RAY_ADDRESS": "", "PATH": path}


@contextmanager
def raylets_of(pools: list[str], folder: Path, cpus: int = 4, **more: str) -> Iterator[Raylets]:
    """A cluster for as long as the block runs."""
    here = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = here | let_in(folder) | more
    words = [sys.executable, str(ROOT / "tests/cluster/raylets.py"), json.dumps({"pools": pools, "cpus": cpus})]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": (folder / "raylets.log").open("w")}
    for _ in range(TRIES):
        process = subprocess.Popen(words, env=environment, text=True, **pipes)
        line = process.stdout.readline()
        if line:
            break
        process.wait()
    assert line, (folder / "raylets.log").read_text()[-3000:]
    try:
        yield Raylets(json.loads(line), environment, process)
    finally:
        process.stdin.close()
        process.wait()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """What a team has (sending.py), with two worker nodes: one start for all tests that hurt nobody."""
    from tests.cluster.sending import team  # which takes its raylets from here

    with team(tmp_path_factory.mktemp("team"), ["synthesis", "train"]) as one:
        yield one
