"""One of several workers of test_zero.py: learns with ZeRO and writes down what its steps were.

    RANK=0 WORLD_SIZE=2 MASTER_ADDR=127.0.0.1 MASTER_PORT=... python tests/learning/zero_worker.py job.pickle

The job, a pickle beside the tests' own temporary files: recipe, base, drafts' corpus, and where to write, save and begin.
"""

import json
import os
import pickle
import sys
from pathlib import Path


def main() -> None:
    import torch

    from beltline.learning.loop import teach
    from beltline.learning.zero import Zero, begin
    from tests.learning.conftest import Pupil

    job = pickle.loads(Path(sys.argv[1]).read_bytes())
    begin("gloo")
    found = Pupil(job["base"], job["corpus"], job["recipe"])
    world = int(os.environ["WORLD_SIZE"])
    plan = found.plan(world=world)
    engine = Zero(found.taught, found.recipe, plan.num_steps)
    start = engine.load(job["begin"]) if job.get("begin") else 0
    told: list[dict[str, float]] = []
    teach(
        engine,
        plan,
        found.supervised,
        found.encoded.__getitem__,
        lambda one: told.append({"loss": one.loss, "norm": one.norm}),
        start=start,
        stop=job.get("stop"),
    )
    if job.get("save"):
        engine.save(job["save"], start + len(told))
    weights = engine.weights()
    if engine.rank == 0:
        largest = {name: float(value.float().abs().sum()) for name, value in weights.items()}
        Path(job["out"]).write_text(json.dumps({"steps": told, "weights": largest}))
    torch.distributed.destroy_process_group()  # or gloo's threads may still run when the process ends, which then aborts


if __name__ == "__main__":
    main()
