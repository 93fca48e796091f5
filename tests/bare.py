"""vLLM alone: what `vllm serve` runs, with nothing of ours before it. What is ours is compared with it.

with bare(folder, "by-heart", {"max_num_seqs": 8}, {"OMP_NUM_THREADS": "1"}) as url:
    url()                       # waits until it answers: http://127.0.0.1:PORT/v1
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_S = 1500.0


@contextmanager
def bare(
    folder: Path, name: str, arguments: Mapping[str, Any], environment: Mapping[str, str]
) -> Iterator[Callable[[], str]]:
    """A server of the model in a folder under a name, with vLLM's engine arguments; its log is FOLDER.log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *flags(arguments)]
    words += ["--host", "127.0.0.1", "--port", str(port), "--model", str(folder), "--served-model-name", name]
    log = folder.with_suffix(".log").open("w+")
    around = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    server = subprocess.Popen(words, env=around, stdout=log, stderr=subprocess.STDOUT)
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


def flags(arguments: Mapping[str, Any]) -> list[str]:
    """Engine arguments as words of a command line; what is False is left out."""
    words = []
    for name, value in arguments.items():
        flag = f"--{name.replace('_', '-')}"
        if value is not False:
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
