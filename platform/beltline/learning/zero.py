"""Teaching over many devices with DeepSpeed: weights, gradients and optimizer states in shares (ZeRO), the same steps as on one.

    begin(backend="gloo")                          # once a process, before anything of DeepSpeed's is made
    engine = Zero(Taught(model), recipe, num_steps=344)

An engine of loop.py like plain.Plain. The loss is summed over the packs of all workers and divided by the step's supervised tokens, which every
worker knows beforehand; DeepSpeed takes the mean of the workers' gradients, so each worker's share counts `world` times. A step has as many packs on
every worker: the last one is the boundary at which gradients are put together, clipped and used.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import torch
import torch.distributed as dist

from beltline.learning import memory
from beltline.learning.encode import Encoded
from beltline.learning.features import Features
from beltline.learning.packing import Pack, pack
from beltline.learning.plain import groups, schedule
from beltline.learning.recipe import Recipe
from beltline.learning.taught import Taught

TAG: Final = "state"


def begin(backend: str) -> None:
    """Join the process group that RANK, LOCAL_RANK, WORLD_SIZE and MASTER_ADDR describe; one that is there already is taken as it is.

    On processors DeepSpeed would compile an operator for shared memory, and wait for ever at the lock of a compilation that was killed: gloo
    alone does the same work.
    """
    import deepspeed
    from deepspeed.ops import __compatible_ops__

    if backend == "gloo":
        os.environ.setdefault("DS_ACCELERATOR", "cpu")
        __compatible_ops__["deepspeed_shm_comm"] = False
    deepspeed.init_distributed(dist_backend=backend)


def wait() -> None:
    """Until every worker has come here."""
    dist.barrier()


def agree(taught: Taught) -> None:
    """The first worker's weights are everybody's from now on; before an engine takes them apart."""
    for parameter in taught.parameters():
        dist.broadcast(parameter.data, 0)


def zero_config(recipe: Recipe, world: int) -> dict[str, Any]:
    """DeepSpeed's configuration. How many packs a step has, the engine says itself."""
    low = recipe.precision == "bfloat16"
    return {
        "train_batch_size": world,
        "train_micro_batch_size_per_gpu": 1,
        "gradient_accumulation_steps": 1,
        "gradient_clipping": recipe.clip,
        "bf16": {"enabled": low},
        "data_types": {"grad_accum_dtype": "fp32"},  # a step's packs are added up: in bfloat16 small ones would be lost
        "zero_allow_untested_optimizer": True,
        "zero_force_ds_cpu_optimizer": False,
        "zero_optimization": {
            "stage": recipe.zero_stage,
            "overlap_comm": False,
            "contiguous_gradients": True,
            "reduce_bucket_size": memory.BUCKET if low else 5_000_000,
            "allgather_bucket_size": memory.BUCKET if low else 5_000_000,
            "stage3_param_persistence_threshold": memory.PERSISTENT if low else 10_000,
            "stage3_gather_16bit_weights_on_model_save": True,
        },
    }


@contextmanager
def joined(folder: Path) -> Iterator[Path]:
    """Shares that workers have saved as a folder that any number of them reads; the first worker of a node (LOCAL_RANK) makes it, for all of
    that node, and removes it.

    Raises:
        RuntimeError: DeepSpeed could not; what it said.
    """
    whole = Path(tempfile.gettempdir()) / f"beltline-joined-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"
    first = os.environ.get("LOCAL_RANK", "0") == "0"
    if first:
        shutil.rmtree(whole, ignore_errors=True)
        words = [sys.executable, "-m", "deepspeed.checkpoint.ds_to_universal", "--inject_missing_state"]
        words += ["--input_folder", str(folder / TAG), "--output_folder", str(whole / TAG)]
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{folder}: expected shares that DeepSpeed puts together, found {done.stderr[-2000:]}")
    wait()
    yield whole
    wait()
    if first:
        shutil.rmtree(whole, ignore_errors=True)


class Zero:
    """An engine of loop.py, one on every worker."""

    def __init__(self, taught: Taught, recipe: Recipe, num_steps: int, device: str = "cpu"):
        import deepspeed

        self.taught, self.recipe, self.device = taught, recipe, device
        self.rank, self.world = dist.get_rank(), dist.get_world_size()
        # Under stage 3 every worker must gather the tower's weights as often: one that remembers what it saw would leave the others waiting.
        self.features = Features(taught, kept=False) if recipe.zero_stage == 3 else Features.of(taught, recipe)
        if recipe.checkpointing:
            taught.inner.gradient_checkpointing_enable({"use_reentrant": False})
        optimizer = torch.optim.AdamW(
            groups(taught, recipe), lr=recipe.rate, betas=recipe.betas, weight_decay=recipe.weight_decay
        )
        self._engine, self.optimizer, _, self._schedule = deepspeed.initialize(
            model=taught,
            optimizer=optimizer,
            lr_scheduler=lambda inner: schedule(inner, recipe, num_steps),
            config=zero_config(recipe, self.world),
        )
        self._engine.train()

    @property
    def rate(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    def pack(self, samples: Sequence[Encoded]) -> Pack:
        return pack(samples, self.taught.inner)

    def step(self, packs: Sequence[Pack], supervised: int) -> tuple[float, float]:
        total = torch.zeros((), device=self.device)
        for number, one in enumerate(packs, start=1):
            self._engine.set_gradient_accumulation_boundary(number == len(packs))
            moved = one.to(self.device)
            loss = self._engine(moved, self.features.of_pack(moved))
            total += loss.detach()
            self._engine.backward(loss * (self.world / supervised))
            self._engine.step()
        dist.all_reduce(total)
        return float(total) / supervised, float(self._engine.get_global_grad_norm() or 0.0)

    def save(self, folder: Path, step: int) -> None:
        """This worker's share, of weights that are taught and of the optimizer; every worker saves into a folder of its own or the same."""
        self._engine.save_checkpoint(
            str(folder), tag=TAG, client_state={"step": step}, exclude_frozen_parameters=self.recipe.lora is not None
        )

    def load(self, folder: Path) -> int:
        """Go on from what workers have saved, as many or more or fewer of them; the number of the next step.

        Shares of another number are put together and cut anew by DeepSpeed (its universal checkpoint), weights and moments alike.

        Raises:
            ValueError: there is nothing.
        """
        saved = len(list((folder / TAG).glob("*zero_pp_rank_*_optim_states.pt")))
        if not saved:
            raise ValueError(
                f"{folder}: expected the shares of workers in {TAG}/, found none; give the command again: what was last kept is looked up anew"
            )
        if saved == self.world:
            return self._load(folder)
        self._engine._config.load_universal_checkpoint = True  # nobody knew when the engine was made
        try:
            with joined(folder) as whole:
                return self._load(whole)
        finally:
            self._engine._config.load_universal_checkpoint = False

    def _load(self, folder: Path) -> int:
        _, told = self._engine.load_checkpoint(str(folder), tag=TAG, load_module_strict=self.recipe.lora is None)
        return int(told["step"])

    def weights(self) -> dict[str, Any]:
        """All weights whole, by the model's own names, on the first worker; empty on the others."""
        if self.recipe.zero_stage == 3:
            found = self._engine._zero3_consolidated_16bit_state_dict() or {}
        else:
            found = self.taught.state_dict() if self.rank == 0 else {}
        return {name.removeprefix("model."): value for name, value in found.items()}
