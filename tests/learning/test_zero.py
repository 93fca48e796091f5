"""Two workers under ZeRO take the same steps as one process, whatever the packs hold, and go on where they stopped."""

import json
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beltline.learning.recipe import Recipe
from tests.learning.conftest import Corpus
from tests.learning.test_teaching import LORA, RECIPE, learn, of, plain

pytestmark = pytest.mark.learning
ROOT = Path(__file__).parents[2]
SAME = 2e-4
"""Relative: AdamW divides by the root of a square, so that the last bits of a sum in another order grow with the steps."""
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def workers(tiny_base: Callable[[str], Path], corpus: Corpus, tmp_path: Path) -> Run:
    """`workers(recipe, world, ...)`: what the first of them wrote."""

    def run(recipe: Recipe, world: int = 2, **job: Any) -> dict[str, Any]:
        out, told = tmp_path / "out.json", tmp_path / "job.pickle"
        told.write_bytes(
            pickle.dumps({"recipe": recipe, "base": tiny_base(recipe.family), "corpus": corpus, "out": out, **job})
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        group = {"WORLD_SIZE": str(world), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "DS_ACCELERATOR": "cpu"}
        path = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
        env = os.environ | group | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "TORCH_EXTENSIONS_DIR": str(tmp_path)}
        words = [sys.executable, str(ROOT / "tests/learning/zero_worker.py"), str(told)]
        started = [
            subprocess.Popen(
                words, env=env | {"RANK": str(rank), "LOCAL_RANK": str(rank)}, stderr=subprocess.PIPE, text=True
            )
            for rank in range(world)
        ]
        faults = [one.communicate(timeout=300)[1] for one in started]
        assert [one.returncode for one in started] == [0] * world, faults[0][-3000:]
        return dict(json.loads(out.read_text()))

    return run


def named(value: Any) -> str:
    return value.name if isinstance(value, Recipe) else str(value)


def exhaustively(*cells: Any) -> Any:
    return pytest.param(*cells, marks=pytest.mark.exhaustive)


@pytest.mark.parametrize(
    ("family", "stage", "base"),
    [
        ("qwen3_vl", 2, RECIPE),
        exhaustively("qwen3_vl", 3, RECIPE),
        exhaustively("qwen2_5_vl", 2, RECIPE),
        exhaustively("qwen2_5_vl", 3, RECIPE),
        exhaustively("qwen3_vl", 2, LORA),
        ("qwen2_5_vl", 3, LORA),
    ],
    ids=named,
)
def test_two_workers_take_the_steps_of_one(
    pupil: Callable[..., Any], workers: Run, family: str, stage: int, base: Recipe
) -> None:
    """Text alone beside pictures, batches that no two workers can halve, four steps and more."""
    recipe = replace(of(family, base), zero_stage=stage, batch=3)
    alone = pupil(recipe)
    expected = learn(alone, plain(alone))
    found = workers(recipe)
    assert len(found["steps"]) == len(expected) > 3
    assert [one["loss"] for one in found["steps"]] == pytest.approx([one.loss for one in expected], rel=SAME)
    assert [one["norm"] for one in found["steps"]] == pytest.approx([one.norm for one in expected], rel=50 * SAME)
    whole = {name: float(value.detach().abs().sum()) for name, value in alone.taught.model.state_dict().items()}
    assert found["weights"].keys() == whole.keys()
    assert all(found["weights"][name] == pytest.approx(total, rel=1e-2, abs=1e-3) for name, total in whole.items())


@pytest.mark.parametrize(
    ("family", "stage", "base"),
    [
        ("qwen3_vl", 2, RECIPE),
        exhaustively("qwen3_vl", 3, RECIPE),
        exhaustively("qwen3_vl", 2, LORA),
        exhaustively("qwen2_5_vl", 3, LORA),
    ],
    ids=named,
)
def test_two_workers_go_on_where_they_stopped_and_three_do(
    workers: Run, tmp_path: Path, family: str, stage: int, base: Recipe
) -> None:
    """Two to the last bit; three with the same moments in other sums: AdamW that begins anew would take other steps."""
    recipe = replace(of(family, base), zero_stage=stage)
    undisturbed = workers(recipe)["steps"]
    first = workers(recipe, stop=3, save=tmp_path / "saved")["steps"]
    assert first + workers(recipe, begin=tmp_path / "saved")["steps"] == undisturbed
    three = workers(recipe, world=3, begin=tmp_path / "saved")["steps"]
    assert len(three) == len(undisturbed) - 3 > 1
    for key, apart in (("loss", SAME), ("norm", 50 * SAME)):
        assert [one[key] for one in three] == pytest.approx([one[key] for one in undisturbed[3:]], rel=apart)


def test_shares_that_are_not_there_are_missed(tmp_path: Path) -> None:
    from beltline.learning.zero import Zero

    engine = object.__new__(Zero)  # it looks for them before it needs anything of DeepSpeed's
    engine.world = 2
    with pytest.raises(ValueError, match="expected the shares of workers in state/, found none"):
        engine.load(tmp_path)
