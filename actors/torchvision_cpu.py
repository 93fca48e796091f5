"""Makes torchvision importable beside a torch without CUDA; `make .venv` copies it into site-packages, where a .pth calls it.

The published torchvision is built for CUDA: beside CPU torch its compiled operators do not load, and its import fails where
it describes them. Once the two schemas that it describes are defined, all that is written in Python (the transforms that
image processors use) works. This happens when torchvision is first imported, so that no other start of Python pays for it.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

OPERATORS = ("nms", "qnms")
SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


class BeforeTorchvision:
    """Finds nothing; defines the schemas when it is asked for torchvision, and is gone."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "torchvision":
            sys.meta_path.remove(self)
            define()
        return None


def define() -> None:
    """Define the schemas, once, unless torch has CUDA and torchvision's own operators will load."""
    import torch

    if _KEPT or torch.version.cuda is not None:
        return
    library = torch.library.Library("torchvision", "DEF")
    for name in OPERATORS:
        library.define(name + SCHEMA)
    _KEPT.append(library)


_KEPT: list[object] = []
"""A library that is collected takes its schemas with it."""


def prepare() -> None:
    """Called by the .pth file at every start of Python, where a folder is listed twice also twice."""
    if not any(isinstance(finder, BeforeTorchvision) for finder in sys.meta_path):
        sys.meta_path.insert(0, BeforeTorchvision())
