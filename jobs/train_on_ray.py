"""Many workers teach one model: Ray Train starts them and starts them again, DeepSpeed shares weights and steps among them.

    told, steps = learn(Errand(lesson=lesson, run=run, folder=folder, keep=100), options, ledger)
    # told["parameters"], the whole curve; the weights lie in <folder>/weights by then

This is the driver's side; what each worker does is in train_worker.py.

What was learnt goes into STORE every `keep` steps, each worker's share from its own disk while the next steps are taken:

    STORE/<name>/.runs/<run>/checkpoints/<run>-<N>w/step-00000100/     shares of N workers, and curve.jsonl; the last two are kept

A worker or a node that is lost: Ray Train begins anew from the last of them, on nodes that are there. A driver that is lost: the same command finds
them by name. Another number of workers puts the last shares together and goes on; theirs are kept under their own number.
The first sight of a model that starts from nothing is had by every worker alike, before DeepSpeed takes the weights apart; the first worker's is then
everybody's. No worker knows MLflow: what they report goes through Ray Train's controller to the driver, and only it writes.
"""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from typing import Any

import ray
import ray.train
from ray.train.torch import TorchConfig, TorchTrainer
from ray.util.queue import Queue
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from beltline.learning.loop import Report
from beltline.scan import Row
from jobs import cluster, models, train_plan
from jobs.curve import Teller, begin
from jobs.lease import me
from jobs.ledger import Ledger
from jobs.options import Options
from jobs.train_worker import Errand, work

log = logging.getLogger("beltline")
MOST_FAILURES = 8
"""Of workers, over a whole run. Nodes that are taken away with notice are not counted."""
START_TIMEOUT_S = "600"
"""Ray Train gives workers a minute; a node that takes a lost one's place needs longer."""


def learn(errand: Errand, options: Options, ledger: Ledger, strategy: str = "PACK") -> tuple[Row, list[Row]]:
    """Teach with `options.workers` workers until the weights are in the store: what was told of the beginning, and all steps.

    Args:
        strategy: of the placement group: PACK, SPREAD or STRICT_SPREAD.

    Raises:
        ValueError: what a worker has found wrong and no other try would mend.
    """
    cluster.connect(options, 1)
    os.environ.setdefault("RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S", START_TIMEOUT_S)
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    errand = replace(errand, driver=me(), others=_others(errand, options))
    queue = Queue(actor_options={"num_cpus": 0, "scheduling_strategy": here})
    with _reading(queue, ledger) as heard, _plainly():
        found = _trainer(errand, options, strategy, queue).fit().return_value
    return found["told"] | {"begun_again": heard.times - 1, "steps_again": heard.again}, found["steps"]


def _others(errand: Errand, options: Options) -> tuple[str, tuple[str, ...]] | None:
    """What another number of workers has kept last, if they began; they keep no more once this driver holds the run."""
    place = models.begun_by_others(options.store, errand.folder, options.workers)
    if place is None:
        return None
    log.info("train: %d workers go on with what others kept in %s; sums come in another order", options.workers, place)
    return place, tuple(options.store.list(place, recursive=True))


def _trainer(errand: Errand, options: Options, strategy: str, queue: Queue) -> TorchTrainer:
    cards, workers = errand.lesson.device != "cpu", options.workers
    return TorchTrainer(
        work,
        train_loop_config={"errand": errand},
        torch_config=TorchConfig(backend="nccl" if cards else "gloo"),
        scaling_config=ray.train.ScalingConfig(
            num_workers=workers,
            use_gpu=cards,
            resources_per_worker={"CPU": 1} | (train_plan.placement(workers).resources if cards else {}),
            placement_strategy=strategy,
            label_selector=_pool(workers),
        ),
        run_config=ray.train.RunConfig(
            name=_name(errand.run, workers),
            storage_path=options.store.path(errand.folder, models.CHECKPOINTS),
            storage_filesystem=options.store.filesystem,
            failure_config=ray.train.FailureConfig(max_failures=MOST_FAILURES),
            checkpoint_config=ray.train.CheckpointConfig(num_to_keep=2),
            callbacks=[_Messenger(queue)],
            worker_runtime_env={"env_vars": _environment(cards, workers)},
        ),
    )


def _name(run: str, workers: int) -> str:
    return f"{run}-{workers}w"


def _pool(workers: int) -> dict[str, str] | None:
    """The label of nodes for teaching, where the cluster has such nodes."""
    label = train_plan.placement(workers).label
    labels = [node.get("Labels", {}) for node in ray.nodes() if node["Alive"]]
    return label if any(label.items() <= one.items() for one in labels) else None


def _environment(cards: bool, workers: int) -> dict[str, str]:
    if cards:
        return train_plan.cluster_env(train_plan.placement(workers).nodes)
    return {"DS_ACCELERATOR": "cpu", "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}


class _Messenger(ray.train.UserCallback):  # type: ignore[misc]  # ray is not followed
    """In Ray Train's controller: hands on what the first worker reports."""

    def __init__(self, queue: Queue):
        self._queue = queue

    def after_report(self, run_context: Any, metrics: list[Row], checkpoint: Any) -> None:
        self._queue.put(metrics[0])

    def after_exception(self, run_context: Any, worker_exceptions: dict[int, Exception]) -> None:
        """A ValueError is ours, and comes back with every other try: what is raised here ends the run."""
        for error in worker_exceptions.values():
            found = getattr(error, "_base_exc", error)
            if isinstance(found, ValueError):
                raise found


class Heard:
    """What the driver hears of the workers: told on, and what was done more than once is counted."""

    def __init__(self, ledger: Ledger):
        self._ledger, self._tell = ledger, Teller(ledger, 0)
        self.times = self.again = self._next = 0

    def __call__(self, report: Row) -> None:
        if "began" in report:
            begin(report["began"])
            self._tell = Teller(self._ledger, report["began"]["steps"])
            self.times += 1
            self.again += max(0, self._next - (report["began"].get("step") or 0))
        for one in report.get("steps", ()):
            self._tell(step := Report(**one))
            self._next = step.step + 1


@contextmanager
def _reading(queue: Queue, ledger: Ledger) -> Iterator[Heard]:
    """Tell what comes out of the queue while the block runs, to the last report."""
    heard = Heard(ledger)

    def read() -> None:
        while (report := queue.get()) is not None:
            heard(report)

    reader = Thread(target=read, daemon=True)
    reader.start()
    try:
        yield heard
    finally:
        queue.put(None)
        reader.join()
        queue.shutdown()


@contextmanager
def _plainly() -> Iterator[None]:
    """Faults as elsewhere. Ctrl-C Ray Train takes for itself, keeps it, and would end the process as if all were well."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit as error:
        raise KeyboardInterrupt from error
    except ray.train.ControllerError as error:
        if isinstance(error.controller_failure, ValueError):
            raise ValueError(str(error.controller_failure)) from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)
