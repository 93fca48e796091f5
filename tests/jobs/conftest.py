"""A real MLflow server on loopback, one for all tests of the ledger."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE_S = 120
ROOT_OF_REPOSITORY = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its URI, once it answers."""
    folder, uri = tmp_path_factory.mktemp("mlflow"), f"http://127.0.0.1:{free_port()}"
    words = [
        "--backend-store-uri",
        f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination",
        str(folder / "artifacts"),
    ]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", uri.rsplit(":", 1)[1], *words]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [*command, "--workers", "1"],
            cwd=folder,
            stdout=log,
            stderr=log,
            env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(process, uri, folder / "log")
        yield uri
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # the server's own workers too; nobody needs its database any more
        process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], uri: str, log: object) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{uri}/health", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            try:
                process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                continue
            break
    raise AssertionError(f"the MLflow server did not start, see {log}")
