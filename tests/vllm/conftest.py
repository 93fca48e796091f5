"""Tiny models of both families caption dual-view bags in the cluster, and answer the same questions as a server.

An engine takes up to a minute to start, so each model is started for all that is tested of it: once in the cluster and once as
a server; one of the two once more in the cluster, since its first job is killed between two answers.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import make_scan
from beltline.language.weights import from_folder
from beltline.store import Store
from jobs.shapes import Vllm
from tests import tiny
from tests.killing import kill_when
from tests.made import version_of
from tests.served import served  # noqa: F401  (a fixture)
from tests.vllm.asking import NUM_BAGS, TINY, Asked, answers, command, noted, run, start

KILLED, STORED = "qwen3-vl", 2
START_S = 900.0


@pytest.fixture(scope="session", params=[KILLED, "qwen2.5-vl"])
def asked(
    request: pytest.FixtureRequest, ray_here: None, empty_ledger: Path, tmp_path_factory: pytest.TempPathFactory
) -> Asked:
    """A job through each engine, on stores of their own."""
    place = tmp_path_factory.mktemp(request.param)
    folder = tiny.build(request.param, place / f"tiny-{request.param}")
    stores = Store(str(place / "cluster")), Store(str(place / "server"))
    version_of(stores[0], [make_scan(RECIPES["everyday"], number) for number in range(NUM_BAGS)], "bags")
    shutil.copy(empty_ledger, stores[0].path("mlflow.db"))
    shutil.copytree(stores[0].path(""), stores[1].path(""))
    said = Asked(model=from_folder(TINY, folder), cluster=stores[0], server=stores[1])
    with serving(Vllm(source=str(folder), gpus=0, max_num_seqs=1)) as url:
        in_cluster = command(stores[0], folder, "--gpus", "0")
        if request.param == KILLED:
            kill_when(start(in_cluster), lambda: len(answers(stores[0])) >= STORED)
            said.before, said.noted = answers(stores[0]), noted(stores[0])
        run(in_cluster)
        run(command(stores[1], folder, "--engine", "endpoint", "--endpoint", url()))
    return said


@contextmanager
def serving(engine: Vllm) -> Iterator[Any]:
    """What `vllm serve` runs, for the same model with the same arguments; gives a function that waits for it and says where it is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *flags(engine.arguments(TINY))]
    words += [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--model",
        engine.source,
        "--served-model-name",
        Path(engine.source).name,
    ]
    environment = {**os.environ, **engine.environment(), "OMP_NUM_THREADS": "1"}
    log = Path(engine.source).with_suffix(".log").open("w+")
    server = subprocess.Popen(words, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield lambda: ready(server, f"http://127.0.0.1:{port}", Path(log.name))
    finally:
        log.close()
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def flags(arguments: dict[str, Any]) -> list[str]:
    """Engine arguments as words of a command line."""
    words = []
    for name, value in arguments.items():
        flag = f"--{name.replace('_', '-')}"
        words += [flag] if value is True else [flag, value if isinstance(value, str) else json.dumps(value)]
    return words


def ready(server: subprocess.Popen[bytes], url: str, log: Path) -> str:
    """Wait until the server answers."""
    started = time.monotonic()
    while time.monotonic() - started < START_S:
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):
                return f"{url}/v1"
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)  # a server that starts says nothing; there is no event to wait for
    raise AssertionError(log.read_text()[-3000:])
