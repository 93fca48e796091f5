"""Another processor makes the same version: numpy and OpenCV with their wide instructions switched off, the same digest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from beltline.store import Store
from beltline.version import resolve
from tests.killing import EVERYDAY

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).parents[2]
OLD = {
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3",
    "OPENCV_CPU_DISABLE": "AVX2,AVX512-SKX,FP16,FMA3",
}


def features(environment: dict[str, str]) -> set[str]:
    """What numpy says that it uses."""
    code = "import numpy as np; print(*np.__config__.show('dicts')['SIMD Extensions']['found'])"
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_digest_is_the_same_on_an_older_processor(everyday: Store, ledger: str, tmp_path: Path) -> None:
    old = {**os.environ, **OLD, "RAY_ADDRESS": ""}
    assert not features(old) & {"AVX2", "FMA3"}
    places = ["--store", str(tmp_path / "old"), "--tracking", ledger]
    subprocess.run([sys.executable, "-m", "jobs", *EVERYDAY.split(), *places], cwd=ROOT, env=old, check=True)
    assert resolve(Store(str(tmp_path / "old")), "corpus").digest == resolve(everyday, "corpus").digest
