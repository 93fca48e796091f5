"""What the tests on teaching share: bags that can be packed, and lessons about them."""

import shutil
from pathlib import Path

import pytest

from beltline.store import Store


@pytest.fixture(scope="session")
def made(ray_here: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with six bags, those that can be packed, and six lessons about each."""
    from jobs.__main__ import main

    store = tmp_path_factory.mktemp("lessons")
    where = ["--store", str(store), "--tracking", f"sqlite:///{store}.db", "--workers", "2"]
    assert main(["synthesize", "--recipe", "dual-nano", "--limit", "6", "--output", "bags", *where]) == 0
    assert main(["converse", "--recipe", "lessons", "--input", "bags", "--output", "lessons", *where]) == 0
    return store


@pytest.fixture
def lessons(made: Path, tmp_path: Path) -> Store:
    """The same, of the test's own, where `jobs` looks for it."""
    shutil.copytree(made, tmp_path / "store")
    return Store(str(tmp_path / "store"))
