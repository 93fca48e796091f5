"""What several rooms' tests share: the real scans, and jobs run in this process on one local Ray."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.s3 import s3_server, s3_writer  # noqa: F401  (fixtures)

settings.register_profile("beltline", deadline=None)  # no test of ours asserts on time, and CI's cores are shared
settings.load_profile("beltline")
ROOT = Path(__file__).parent.parent


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

    from beltline.store import Store
    from jobs import cluster
    from jobs.options import Options

    cluster.connect(Options(recipe="", output="x", workers=4, store=Store("/tmp")), num_stages=3)
    yield
    ray.shutdown()


@pytest.fixture
def jobs(ray_here: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """`jobs("regenerate --recipe everyday ...")` in this process, with store and ledger below tmp_path."""
    from jobs.__main__ import main

    monkeypatch.setenv("BELTLINE_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return lambda command, *more: main([*command.split(), *more])
