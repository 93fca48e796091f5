"""The cluster of docs/cluster.md, 2a: `ray start` with deploy/cluster.local.yaml, whose nodes Ray's autoscaler starts. A port of its own is all that is changed.

with launched(tmp_path) as raylets:
    raylets.ask("list")
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psutil
import yaml
from ray.util import get_node_ip_address

from tests.cluster.conftest import ROOT, Raylets, let_in
from tests.cluster.short import short_folder
from tests.ledgers import free_port

START_S = 300.0
POOLS = ["caption", "synthesis", "synthesis", "train"]
"""Of the file."""
LABELS = """
import json, sys
from ray._raylet import GcsClient
found = GcsClient(address=sys.argv[1]).get_all_node_info(timeout=30)
print(json.dumps([dict(one.labels).get("beltline/pool") for one in found.values() if one.state == 0]))
"""


@contextmanager
def launched(folder: Path, **more: str) -> Iterator[Raylets]:
    """It, for as long as the block runs."""
    exported, said = page()
    address, dashboard = f"{get_node_ip_address()}:{free_port()}", f"127.0.0.1:{free_port()}"
    said = [*said[:-1], f"--autoscaling-config={at(address, folder)}", f"--port={address.rsplit(':', 1)[1]}"]
    said += [f"--dashboard-port={dashboard.rsplit(':', 1)[1]}", f"--dashboard-agent-listen-port={free_port()}"]
    log = folder / "ray.log"
    with short_folder() as short, log.open("w") as out:
        environment = {**os.environ, **let_in(folder), **exported, "HOME": str(folder), "RAY_TMPDIR": short, **more}
        ray = str(Path(sys.executable).with_name("ray"))
        process = subprocess.Popen([ray, *said, "--block"], cwd=ROOT, env=environment, stdout=out, stderr=out)
        try:
            wait(process, address, environment, log)
            told = {"dashboard": f"http://{dashboard}", "address": address, "nodes": [], "temp": short}
            yield Raylets(told, environment)
        finally:
            process.terminate()
            process.wait()
            end_nodes(short)


def end_nodes(short: str) -> None:
    """Nodes that the autoscaler has started do not end with it."""
    left = [one for one in psutil.process_iter(["cmdline"]) if any(short in word for word in one.info["cmdline"] or [])]
    for one in left:
        one.kill()
    psutil.wait_procs(left)


def page() -> tuple[dict[str, str], list[str]]:
    """What docs/cluster.md exports, and what it starts, without the command's own name."""
    text = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    exported = re.search(r"export (RAY_FAKE_CLUSTER=.*)", text)[1].split()
    started = re.search(r"ray (start .*--autoscaling-config=\S+)", text)[1].split()
    return dict(one.split("=") for one in exported), started


def at(address: str, folder: Path) -> Path:
    """The file, for a head that does not listen at 6379."""
    config = yaml.safe_load((ROOT / "deploy" / "cluster.local.yaml").read_text(encoding="utf-8"))
    config["provider"]["gcs_address"] = address
    (folder / "cluster.yaml").write_text(yaml.safe_dump(config))
    return folder / "cluster.yaml"


def wait(process: subprocess.Popen[bytes], address: str, environment: dict[str, str], log: Path) -> None:
    """Until every node of the file is there."""
    look, until = Event(), time.monotonic() + START_S
    while (found := pools(address, environment)) != POOLS:
        assert process.poll() is None and time.monotonic() < until, (found, log.read_text()[-3000:])
        look.wait(2)


def pools(address: str, environment: dict[str, str]) -> Sequence[str]:
    """Of the nodes that live, the head left out."""
    asked = [sys.executable, "-c", LABELS, address]
    done = subprocess.run(asked, env=environment, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else []
    return sorted(one for one in found if one not in ("head", None))
