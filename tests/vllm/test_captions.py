"""Real vLLM on the CPU: tiny models of both families caption dual-view bags in the cluster, and say the same when they serve.

An engine takes up to a minute to start, so each model is started twice, once in the cluster and once as a server, for all
that is tested of it.
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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from beltline.cache import FOLDER, calls
from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import make_scan
from beltline.language.captions import Bounds
from beltline.language.models import Model, Sampling
from beltline.language.weights import from_folder
from beltline.store import Store
from beltline.version import Manifest, resolve
from jobs import recipes
from jobs.__main__ import main
from jobs.shapes import Vllm
from tests import tiny
from tests.made import version_of

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1800)]

NUM_BAGS = 4
SHORT = Bounds(scene_chars=40, text_chars=20, items=1)
TINY = replace(recipes.NANO, bounds=SHORT, sampling=Sampling(max_tokens=1024), attempts=1)
START_S = 900.0


@dataclass(frozen=True)
class Asked:
    """What one model said, in the cluster and as a server."""

    model: Model
    cluster: Store
    server: Store

    def words(self) -> Manifest:
        return resolve(self.cluster, "words")


@pytest.fixture(scope="module", params=["qwen3-vl", "qwen2.5-vl"])
def asked(request: pytest.FixtureRequest, ray_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """One job through each engine, one sequence at a time, on stores of their own."""
    place = tmp_path_factory.mktemp(request.param)
    folder = tiny.build(request.param, place / f"tiny-{request.param}")
    stores = Store(str(place / "cluster")), Store(str(place / "server"))
    version_of(stores[0], [make_scan(RECIPES["everyday"], number) for number in range(NUM_BAGS)], "bags")
    shutil.copytree(stores[0].path(""), stores[1].path(""))
    engine = Vllm(source=str(folder), gpus=0, max_num_seqs=1)
    with pytest.MonkeyPatch.context() as patch, serving(engine) as url:
        patch.setitem(recipes.CAPTIONS, "tiny", recipes.CaptionRecipe(name="tiny", model=TINY))
        run(stores[0], folder, "--gpus", "0")
        run(stores[1], folder, "--engine", "endpoint", "--endpoint", url())
    yield Asked(from_folder(TINY, folder), *stores)


def run(store: Store, folder: Path, *more: str) -> None:
    same = f"caption --recipe tiny --model {folder} --in-flight 1 --workers 1 --input bags --output words"
    places = ("--store", store.uri, "--tracking", f"sqlite:///{store.path('mlflow.db')}")
    assert main([*same.split(), *places, *more]) == 0


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


def answers(store: Store) -> dict[str, Any]:
    """Every stored answer by the name of its question."""
    folder = Path(store.path(FOLDER))
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))}


def test_every_answer_obeys_the_schema_and_ends_by_itself(asked: Asked) -> None:
    said = answers(asked.cluster)
    assert len(said) == NUM_BAGS
    for answer in said.values():
        jsonschema.validate(json.loads(answer["text"]), asked.model.schema())
        assert answer["finish_reason"] == "stop" and answer["completion_tokens"] < TINY.sampling.max_tokens


def test_answers_become_captions_of_their_bags(asked: Asked) -> None:
    words = asked.words()
    assert words.num_rows == NUM_BAGS
    assert set(words.reasons) <= {"caption/box"}  # nonsense may lie beside the image; it may not be misread
    assert calls(asked.cluster, f"words/.runs/{words.run}/asked") == (NUM_BAGS, 0)


def test_a_server_of_the_same_model_says_the_same_token_for_token(asked: Asked) -> None:
    here, there = answers(asked.cluster), answers(asked.server)
    assert here == there and len({answer["text"] for answer in here.values()}) > 1
    assert asked.words().digest == resolve(asked.server, "words").digest
