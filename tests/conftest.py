"""What several rooms' tests share: the real scans, and jobs run in this process on one local Ray."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from beltline.store import Store
from tests.databases import log_url, postgres  # noqa: F401  (fixtures)
from tests.killing import EVERYDAY
from tests.s3 import s3_server, s3_writer  # noqa: F401  (fixtures)

settings.register_profile("beltline", deadline=None)  # no test of ours asserts on time, and CI's cores are shared
settings.load_profile("beltline")
ROOT = Path(__file__).parent.parent
TOGETHER = ("tests/vllm/", "tests/cluster/", "tests/jobs/")
"""Folders whose tests share engines, a Ray or an MLflow server. The longest first."""


def share_of(nodeid: str) -> str:
    """What one worker of `pytest -n` does alone: a folder of TOGETHER, or any other file, so that its fixtures are made once."""
    return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid.split("::")[0])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers begin with what takes long; whoever runs alone begins with what is quick."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (*TOGETHER, share_of(item.nodeid)).index(share_of(item.nodeid)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out the shares in their order."""
    from xdist.scheduler import LoadScopeScheduling

    class Shares(LoadScopeScheduling):
        _split_scope = staticmethod(share_of)

    config.option.loadscopereorder = False
    return Shares(config, log)


@pytest.fixture(scope="session")
def scans() -> Path:
    """Folder of the real scans: BELTLINE_SCANS, else ../shared/scans beside the checkout."""
    folder = Path(os.environ.get("BELTLINE_SCANS", ROOT.parent / "shared" / "scans"))
    if not folder.is_dir():
        pytest.skip(f"no real scans in {folder}; set BELTLINE_SCANS")
    return folder


@pytest.fixture(scope="session")
def ray_here() -> Iterator[None]:
    """One local Ray for all cluster tests: jobs find it and start none of their own."""
    import ray

    from jobs import cluster
    from jobs.options import Options

    cluster.connect(Options(recipe="", output="x", workers=4, store=Store("/tmp")), num_stages=3)
    yield
    ray.shutdown()


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's tables with nothing in them. A job makes its own where there are none, which takes two processor seconds."""
    import mlflow

    path = tmp_path_factory.mktemp("ledger") / "mlflow.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def ledger(empty_ledger: Path, tmp_path: Path) -> str:
    """The URI of a ledger of the test's own, tmp_path/mlflow.db."""
    return f"sqlite:///{shutil.copy(empty_ledger, tmp_path / 'mlflow.db')}"


@pytest.fixture(scope="session")
def everyday(ray_here: None, empty_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with the corpus of EVERYDAY by one worker in two blocks, undisturbed: others must come to the same digest."""
    from jobs.__main__ import main

    folder = tmp_path_factory.mktemp("everyday")
    places = ["--store", str(folder / "store"), "--tracking", f"sqlite:///{shutil.copy(empty_ledger, folder)}"]
    assert main([*EVERYDAY.split(), "--workers", "1", "--blocks", "2", *places]) == 0
    return Store(str(folder / "store"))


@pytest.fixture
def jobs(ray_here: None, ledger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """`jobs("regenerate --recipe everyday ...")` in this process, with store and ledger below tmp_path."""
    from jobs.__main__ import main

    monkeypatch.setenv("BELTLINE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", ledger)
    return lambda command, *more: main([*command.split(), *more])
