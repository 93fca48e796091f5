"""Tiny models of both families caption dual-view bags in the cluster, and answer the same questions as a server.

An engine takes up to a minute to start, so each model is started for all that is tested of it: once in the cluster and once as
a server; one of the two once more in the cluster, since its first job is killed between two answers.
"""

import shutil
from pathlib import Path

import pytest

from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import make_scan
from beltline.language.weights import from_folder
from beltline.store import Store
from jobs.shapes import Vllm
from tests import tiny
from tests.bare import bare
from tests.killing import kill_when
from tests.made import version_of
from tests.served import served  # noqa: F401  (a fixture)
from tests.vllm.asking import NUM_BAGS, TINY, Asked, answers, command, noted, run, start
from tests.web.conftest import browser, page  # noqa: F401  (fixtures)

KILLED, STORED = "qwen3-vl", 2


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
    engine = Vllm(source=str(folder), gpus=0, max_num_seqs=1)
    with bare(folder, folder.name, engine.arguments(TINY), engine.environment()) as url:
        in_cluster = command(stores[0], folder, "--gpus", "0")
        if request.param == KILLED:
            kill_when(start(in_cluster), lambda: len(answers(stores[0])) >= STORED)
            said.before, said.noted = answers(stores[0]), noted(stores[0])
        run(in_cluster)
        run(command(stores[1], folder, "--engine", "endpoint", "--endpoint", url()))
    return said
