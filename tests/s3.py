"""What the tests on S3 share: the server of tests/s3_server.py, who asks it, and the environment that says so."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class Server:
    endpoint: str
    bucket: str
    region: str
    users: dict[str, list[str]]

    def environment(self, user: str = "writer") -> dict[str, str]:
        """The usual environment of a user of this server."""
        key, secret = self.users[user]
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def control(self, **order: float) -> dict[str, int]:
        """Order faults, or ask what was served."""
        data = json.dumps(order).encode() if order else None
        with urllib.request.urlopen(f"{self.endpoint}/_control", data=data, timeout=30) as answer:
            return json.loads(answer.read())


@contextmanager
def served(log: Path) -> Iterator[Server]:
    """A server for as long as the block runs."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log.open("wb")}
    process = subprocess.Popen([sys.executable, str(ROOT / "tests" / "s3_server.py")], **pipes)
    try:
        yield Server(**json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("moto")
    with served(tmp_path_factory.mktemp("s3") / "log") as one:
        yield one


@pytest.fixture
def s3_writer(s3_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """This process is allowed everything in the bucket."""
    become(monkeypatch, s3_server)
    return s3_server


def become(monkeypatch: pytest.MonkeyPatch, server: Server, user: str = "writer", **changes: str) -> None:
    """This process is that user now."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in (server.environment(user) | changes).items():
        monkeypatch.setenv(name, value)


def outside(server: Server, user: str = "writer") -> dict[str, str]:
    """The environment of another process that is that user."""
    here: dict[str, Any] = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    paths = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
    return here | server.environment(user) | {"PYTHONPATH": paths}
