"""A local cluster in a process of its own, with token authentication: a head without processors, and worker nodes with labels.

    python tests/cluster/raylets.py '{"pools": ["synthesis", "caption"], "cpus": 4}'

Prints one line of JSON when it stands: {"dashboard": ..., "address": ..., "temp": ..., "nodes": [pid of each worker's raylet]}. Then a line of JSON for each
line that it reads: `kill 2` kills the third worker node with all that it started, `head` kills the GCS and starts it again, `node POOL` adds
a node. It ends when nobody holds its input. The token is the environment's (RAY_AUTH_TOKEN_PATH), Redis too (RAY_REDIS_ADDRESS).
"""

import json
import os
import socket
import sys
from typing import Any

import psutil
from short import short_folder  # run as a program, this file finds its neighbours and not the package


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def add(cluster: Any, pool: str, cpus: int) -> psutil.Process:
    """A worker node; its raylet. What travels it unpacks to a folder of its own, or one node would pull it from under another."""
    port = free_port()
    own = {"dashboard_agent_listen_port": port, "runtime_env_dir_name": f"code-{port}"}
    node = cluster.add_node(num_cpus=cpus, labels={"beltline/pool": pool}, object_store_memory=300_000_000, **own)
    return psutil.Process(node.all_processes["raylet"][0].process.pid)


def kill(raylet: psutil.Process) -> None:
    for process in (raylet, *raylet.children(recursive=True)):
        process.kill()


def restart(head: Any) -> None:
    """The GCS dies and comes back; the raylets wait for it."""
    head.kill_gcs_server()
    head.start_gcs_server()


def main() -> None:
    asked = json.loads(sys.argv[1])
    from ray.cluster_utils import Cluster

    ports = {"dashboard_port": 0, "dashboard_agent_listen_port": free_port()}
    head = {"num_cpus": 0, "include_dashboard": True, "object_store_memory": 100_000_000, **ports}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        nodes = [add(cluster, pool, asked["cpus"]) for pool in asked["pools"]]
        cluster.wait_for_nodes()
        told = {"dashboard": f"http://{cluster.head_node.webui_url}", "address": cluster.address}
        told |= {"temp": os.environ["RAY_TMPDIR"]}
        print(json.dumps({**told, "nodes": [node.pid for node in nodes]}), flush=True)
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            if word == "kill":
                kill(nodes[int(rest)])
            elif word == "head":
                restart(cluster.head_node)
            else:
                nodes.append(add(cluster, rest, asked["cpus"]))
            print(json.dumps({"done": word, "nodes": [node.pid for node in nodes]}), flush=True)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    # a busy machine may be slow to say that it lives; a node that was killed refuses at once
    patience = ("RAY_DASHBOARD_STARTUP_TIMEOUT_S", "RAY_DASHBOARD_SUBPROCESS_MODULE_WAIT_READY_TIMEOUT")
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_health_check_timeout_ms": "120000"} | dict.fromkeys(patience, "300")
    with short_folder() as short:
        os.environ["RAY_TMPDIR"] = short
        main()
