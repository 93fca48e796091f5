"""A job that `ray job submit` brings to a cluster: its code travels by jobs/runtime_env.yaml, and the cluster is found."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from beltline.store import Store
from beltline.version import resolve
from tests.cluster.short import short_folder

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def head(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A node with a dashboard, which takes jobs."""
    from ray.cluster_utils import Cluster

    with short_folder() as short:
        monkeypatch.setenv("RAY_TMPDIR", short)
        monkeypatch.setenv("RAY_health_check_timeout_ms", "120000")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        monkeypatch.setenv("PATH", path)  # a node's `python` is the one with the package, as on a cluster
        ports = {"dashboard_port": 0, "dashboard_agent_listen_port": free_port()}  # the usual ones may be another Ray's
        args = {"num_cpus": 8, "include_dashboard": True, **ports}
        cluster = Cluster(initialize_head=True, head_node_args=args)
        try:
            yield cluster
        finally:
            cluster.shutdown()


def test_a_submitted_job_writes_the_version(head: Any, tmp_path: Path) -> None:
    ray = Path(sys.executable).with_name("ray")
    words = [str(ray), "job", "submit", "--address", f"http://{head.webui_url}"]
    job = "python -m jobs regenerate --recipe clear --limit 4 --workers 2 --output corpus"
    places = ["--store", str(tmp_path / "store"), "--tracking", f"sqlite:///{tmp_path}/mlflow.db"]
    words += ["--runtime-env", "jobs/runtime_env.yaml", "--", *job.split(), *places]
    environment = {**os.environ, "RAY_ADDRESS": ""}
    for _ in range(20):
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
        if "No available agent" not in done.stderr:  # the node's agent starts after its raylet
            break
    assert done.returncode == 0, done.stdout + done.stderr
    assert resolve(Store(str(tmp_path / "store")), "corpus").num_rows == 4
