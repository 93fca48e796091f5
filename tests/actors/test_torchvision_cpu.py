"""torchvision beside a torch without CUDA: it imports, resizes, and nobody pays for it who does not use it."""

import subprocess
import sys

import pytest

from actors import torchvision_cpu

pytestmark = pytest.mark.learning

WITHOUT = "import sys; sys.meta_path[:] = [m for m in sys.meta_path if type(m).__name__ != 'BeforeTorchvision']"


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_torchvision_imports_and_resizes() -> None:
    code = """
import torch
from torchvision.transforms.v2 import functional
print(functional.resize(torch.full((3, 8, 8), 7.0), [4, 2]).tolist() == torch.full((3, 4, 2), 7.0).tolist())
"""
    run = python(code)
    assert run.stdout.strip() == "True", run.stderr


def test_it_is_the_finder_that_makes_it_importable() -> None:
    torch = pytest.importorskip("torch")
    if torch.version.cuda is not None:
        pytest.skip("torchvision's own operators load here")
    assert "torchvision::nms does not exist" in python(f"{WITHOUT}\nimport torchvision").stderr


def test_a_start_of_python_that_needs_no_torchvision_imports_no_torch() -> None:
    assert python("import sys, json; print('torch' in sys.modules)").stdout.strip() == "False"


def test_preparing_twice_looks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [])
    torchvision_cpu.prepare()
    torchvision_cpu.prepare()
    (finder,) = sys.meta_path
    assert finder.find_spec("json", None) is None and sys.meta_path == [finder]
