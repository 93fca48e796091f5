"""mlflow/serve.sh for the tests: PostgreSQL from a package, and an MLflow over it that can be stopped and started again.

with team_ledger() as server:
    server.uri, server.credentials()                     # artifacts lie in its folder, or where `more` says
"""

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pgserver
from pgserver.utils import ensure_folder_permissions, ensure_prefix_permissions

from tests.jobs.conftest import ROOT_OF_REPOSITORY, _wait_until_it_answers, free_port


class Server:
    """PostgreSQL that stays, and an MLflow that can be stopped and started again."""

    def __init__(self, folder: Path, uri: str = "", **more: str):
        self.folder, self.uri = folder, uri or f"http://127.0.0.1:{free_port()}"
        self.has_users = importlib.util.find_spec("flask_wtf") is not None
        self._environment = {
            **os.environ,
            "PGBIN": str(binaries()),
            "BELTLINE_MLFLOW_PORT": self.uri.rsplit(":", 1)[1],
            "BELTLINE_MLFLOW_USERS": "yes" if self.has_users else "no",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "BELTLINE_MLFLOW_WORKERS": "2",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            **more,
        }

    def start(self) -> None:
        words = ["bash", str(ROOT_OF_REPOSITORY / "mlflow" / "serve.sh"), str(self.folder)]
        self._process = subprocess.Popen(words, env=self._environment, start_new_session=True)
        _wait_until_it_answers(self._process, self.uri, self.folder / "log" / "mlflow")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait() == 0

    def dump(self) -> bytes:
        """All that MLflow's database holds, as text."""
        words = ["--host", str(self.folder / "socket"), "--username", "mlflow", "mlflow"]
        return subprocess.run([binaries() / "pg_dump", *words], check=True, capture_output=True).stdout

    def credentials(self) -> dict[str, str]:
        password = (self.folder / "secrets" / "admin").read_text().strip()
        return {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": password}


def binaries() -> Path:
    """PostgreSQL's programs; who is root makes them reachable for somebody else, as whom they will run."""
    found = Path(pgserver.__file__).parent / "pginstall" / "bin"
    if os.geteuid() == 0:
        ensure_prefix_permissions(found)
        ensure_folder_permissions(found, 0o055)
        ensure_folder_permissions(found.parent / "lib", 0o044)
    return found


@contextmanager
def team_ledger(**more: str) -> Iterator[Server]:
    """Not below pytest's folder, which nobody but its owner may enter: PostgreSQL is not root."""
    with tempfile.TemporaryDirectory(prefix="beltline-mlflow-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        one = Server(Path(folder), **more)
        one.start()
        try:
            yield one
        finally:
            one.stop()
