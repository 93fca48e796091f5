"""What the vLLM tests ask for and find: a job with a recipe of short answers, asked once; its answers, and what it was about to ask.

python -m tests.vllm.asking caption --recipe tiny ...      # as `python -m jobs`
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from beltline.cache import FOLDER
from beltline.language.captions import Bounds
from beltline.language.models import Model, Sampling
from beltline.store import Store
from beltline.version import Manifest, resolve
from jobs import recipes
from jobs.__main__ import main

ROOT = Path(__file__).parents[2]
NUM_BAGS = 8
SHORT = Bounds(scene_chars=40, text_chars=20, items=1)
TINY = replace(recipes.NANO, bounds=SHORT, sampling=Sampling(max_tokens=1024), attempts=1)


@dataclass(kw_only=True)
class Asked:
    """What one model said, in the cluster and as a server."""

    model: Model
    cluster: Store
    server: Store
    before: dict[str, Any] = field(default_factory=dict)
    """The answers that were stored when the first job was killed, by the name of their question; empty where none was."""
    noted: dict[str, list[str]] = field(default_factory=dict)
    """The questions that each of its processes was about to ask."""

    def words(self) -> Manifest:
        return resolve(self.cluster, "words")


def command(store: Store, folder: Path, *more: str) -> list[str]:
    """One sequence at a time, so that answers come one by one."""
    same = f"caption --recipe tiny --model {folder} --in-flight 1 --workers 1 --input bags --output words"
    return [*same.split(), "--store", store.uri, "--tracking", f"sqlite:///{store.path('mlflow.db')}", *more]


def start(words: list[str]) -> subprocess.Popen[bytes]:
    """The job as a process of its own, with a Ray of its own."""
    job = [sys.executable, "-m", "tests.vllm.asking", *words]
    return subprocess.Popen(job, cwd=ROOT, env={**os.environ, "RAY_ADDRESS": ""})


def run(words: list[str]) -> None:
    """The job in this process."""
    recipes.CAPTIONS["tiny"] = recipes.CaptionRecipe(name="tiny", model=TINY)
    try:
        assert main(words) == 0
    finally:
        del recipes.CAPTIONS["tiny"]


def answers(store: Store) -> dict[str, Any]:
    """Every stored answer by the name of its question."""
    folder = Path(store.path(FOLDER))
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))}


def noted(store: Store) -> dict[str, list[str]]:
    """The questions that each process was about to ask."""
    journals = Path(store.path("words/.runs")).glob("*/asked/*")
    return {path.name: path.read_text().split() for path in journals}


if __name__ == "__main__":
    run(sys.argv[1:])
