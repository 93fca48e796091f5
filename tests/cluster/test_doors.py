"""Who may reach what, and what stops others: the table of docs/cluster.md, line by line as far as a loopback goes, and no secret in what is written down.

Not here: security groups, network policies and TLS, for which there is no network; Serve's keys (tests/vllm/test_served.py, tests/web);
users of MLflow, where its package for them is not installed.
"""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from beltline.store import Store
from tests.cluster.sending import Team
from tests.s3 import become

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]
NODES = """
import json, sys
from ray._raylet import GcsClient
found = GcsClient(address=sys.argv[1]).get_all_node_info(timeout=30)
print(json.dumps([one.metrics_export_port for one in found.values()]))
"""


def token(here: Team) -> str:
    return Path(here.raylets.environment["RAY_AUTH_TOKEN_PATH"]).read_text()


def asked(here: Team, **more: str) -> subprocess.CompletedProcess[str]:
    """The head's GCS, asked for its nodes."""
    command = [sys.executable, "-c", NODES, here.raylets.address]
    return subprocess.run(command, env=here.raylets.environment | more, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("path", "without"),
    [
        ("/api/version", 401),
        ("/api/jobs/", 401),
        ("/api/serve/applications/", 401),
        ("/api/cluster_status", 401),
        ("/nodes?view=summary", 401),
        ("/", 200),
        ("/api/gcs_healthz", 200),
    ],
)
def test_the_dashboard_wants_the_token(small: Team, path: str, without: int) -> None:
    url = f"{small.raylets.dashboard}{path}"
    assert httpx.get(url, timeout=60).status_code == without
    assert httpx.get(url, headers={"Authorization": f"Bearer {'f' * 64}"}, timeout=60).status_code in (without, 403)
    assert httpx.get(url, headers={"Authorization": f"Bearer {token(small)}"}, timeout=60).status_code == 200


def test_the_dashboard_listens_on_loopback(small: Team) -> None:
    assert small.raylets.dashboard.startswith("http://127.0.0.1:")


def test_the_head_wants_the_token_and_metrics_do_not(small: Team, tmp_path: Path) -> None:
    """Whence the last line of what stops others: a network must."""
    known = asked(small)
    assert known.returncode == 0, known.stderr
    (tmp_path / "token").write_text("f" * 64)
    (tmp_path / "token").chmod(0o600)
    stranger = asked(small, RAY_AUTH_TOKEN_PATH=str(tmp_path / "token"))
    assert stranger.returncode != 0 and "nauthenticated" in stranger.stderr
    ports = [port for port in json.loads(known.stdout) if port]
    assert ports and httpx.get(f"http://127.0.0.1:{ports[0]}/metrics", timeout=60).status_code == 200


def test_postgres_listens_on_no_port_and_mlflow_on_loopback(small: Team) -> None:
    folder = str(small.ledger.folder / "postgres")
    (postgres,) = [one for one in psutil.process_iter(["cmdline"]) if folder in (one.info["cmdline"] or [])]
    assert postgres.net_connections("inet") == [] and postgres.net_connections("unix")
    port = int(small.ledger.uri.rsplit(":", 1)[1])
    at = [one.laddr.ip for one in psutil.net_connections("inet") if one.status == "LISTEN" and one.laddr.port == port]
    assert set(at) == {"127.0.0.1"}


def test_mlflow_answers_to_its_own_names_alone(small: Team) -> None:
    url = f"{small.ledger.uri}/api/2.0/mlflow/experiments/search?max_results=1"
    auth = ("admin", small.ledger.credentials()["MLFLOW_TRACKING_PASSWORD"])
    assert httpx.get(url, auth=auth, timeout=60).status_code == 200
    assert httpx.get(url, auth=auth, timeout=60, headers={"Host": "evil.example.org"}).status_code == 403


def test_secrets_are_files_of_their_owner(small: Team) -> None:
    folder = small.ledger.folder / "secrets"
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def secrets(here: Team) -> dict[str, bytes]:
    _, key = here.bucket.users["writer"]
    found = {"token": token(here), "S3": key} | {
        path.name: path.read_text().strip() for path in (here.ledger.folder / "secrets").iterdir()
    }
    return {name: value.encode() for name, value in found.items()}


def written(here: Team) -> dict[str, bytes]:
    """All that is left of what jobs of this cluster did: logs of every process, what MLflow knows, every object of the bucket."""
    logs = [path for path in Path(here.raylets.told["temp"]).glob("ray/session_2*/logs/**/*") if path.is_file()]
    logs += [*here.folder.glob("*.log"), *(here.ledger.folder / "log").iterdir()]
    dump = here.ledger.dump()
    whole = Store(f"s3://{here.bucket.bucket}")
    objects = {path: whole.read(path) for path in whole.list("", recursive=True)}
    return {str(path): path.read_bytes() for path in logs} | {"MLflow": dump} | objects


def test_no_secret_is_written_down(small: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    become(monkeypatch, small.bucket)
    small.send("synthesize --recipe dual-nano --limit 2 --blocks 1 --output scanned")
    found = written(small)
    assert any("job-driver-synthesize-scanned" in name for name in found), "the job's own log is among them"
    assert b"synthesize scanned" in found["MLflow"] and any(name.endswith("manifest.json") for name in found)
    known = secrets(small)
    assert len(known) == 5 and all(len(one) > 20 for one in known.values())
    assert [(name, who) for name, text in found.items() for who, value in known.items() if value in text] == []


def test_no_process_shows_a_secret_in_its_words(small: Team) -> None:
    """What everybody on a machine can list."""
    lines = [" ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])]
    assert not [who for who, value in secrets(small).items() if any(value.decode() in line for line in lines)]
