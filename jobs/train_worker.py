"""What each of many workers does under Ray Train (train_on_ray.py): begins or goes on, learns, brings its share into the store, reports.

    TorchTrainer(work, train_loop_config={"errand": Errand(lesson=lesson, run=run, folder=folder, keep=100)}, ...)

torch and DeepSpeed are imported by the workers alone.
"""

import shutil
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import ray.train

from beltline.scan import Row
from beltline.store import Store
from jobs import models
from jobs.curve import TELL_EVERY, steps_of, text_of
from jobs.lease import holds

CURVE = "curve.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What every worker is sent with."""

    lesson: Any
    """A Lesson; its base is a folder that every worker sees, unless `base` says where in the store it lies."""
    run: str
    folder: str
    """Of the run, in the store."""
    keep: int
    """Steps between two checkpoints."""
    driver: str = ""
    """Who holds the run (lease.me)."""
    base: tuple[str, tuple[str, ...]] | None = None
    """A place in the store and the files there."""
    others: tuple[str, tuple[str, ...]] | None = None
    """The same of a checkpoint that another number of workers has kept, to go on with."""


def work(config: dict[str, Errand]) -> Row:
    """What each worker does, from the last checkpoint or from the base; what the first one returns is returned."""
    from beltline.learning.zero import begin

    errand = config["errand"]
    begin("gloo" if errand.lesson.device == "cpu" else "nccl")
    student = _student(errand)
    diary = Diary(student, errand)
    diary.begin()
    student.learn(diary, diary.keep)
    weights = student.engine.weights()
    if student.engine.rank == 0:
        store = diary.store()
        with tempfile.TemporaryDirectory(prefix="beltline-") as scratch:
            student.graduate(Path(scratch), weights)
            models.upload(store, Path(scratch), f"{errand.folder}/{models.WEIGHTS}")
    return {"told": student.told(), "steps": diary.steps}


class Diary:
    """What a worker keeps of its steps, and reports; every worker reports as often as every other."""

    def __init__(self, student: Any, errand: Errand):
        self._student, self._errand, self._store = student, errand, Store(errand.lesson.store)
        self.steps: list[Row] = []
        self._fresh: list[Row] = []

    def __call__(self, done: Any) -> None:
        self._fresh.append(asdict(done))

    def begin(self) -> None:
        """From the last checkpoint, if there is one; from others' where these workers have kept none."""
        from beltline.learning.zero import agree

        student, others, found = self._student, self._errand.others, ray.train.get_checkpoint()
        if found:
            with found.as_directory() as folder:
                self._go_on(Path(folder))
        elif others:
            self._go_on(folder := _at_hand(self._store, others))
            if not self._store.is_local:  # the node's copy: all of the node have read it
                shutil.rmtree(folder, ignore_errors=True)
        elif student.look():
            agree(student.taught)  # processors of another make may round otherwise
            self._share(0)
        ray.train.report({"began": student.told()})

    def _go_on(self, folder: Path) -> None:
        self._student.step = self._student.engine.load(folder)
        self.steps = steps_of((folder / CURVE).read_text(encoding="utf-8"))

    def keep(self, step: int) -> None:
        """After each step, with the number of the next."""
        if step % self._errand.keep == 0 or step == self._student.plan.num_steps:
            self._share(step)
        elif len(self._fresh) == TELL_EVERY:
            ray.train.report(self._report())

    def store(self) -> Store:
        """Where this run is kept, for writing.

        Raises:
            ValueError: another driver holds the run by now. The Ray of a killed driver outlives it, and would overwrite what the next one writes.
        """
        errand = self._errand
        if not holds(errand.driver, self._store, errand.folder):
            raise ValueError(
                f"{errand.folder}: expected {errand.driver} to hold this run, found another; these workers end, and the other's go on"
            )
        return self._store

    def _share(self, step: int) -> None:
        """This worker's share into the store; the next step does not wait for it."""
        if self._student.engine.rank == 0:
            self.store()
        report, folder = self._report(), Path(tempfile.mkdtemp(prefix="beltline-share-"))
        self._student.engine.save(folder, step)
        if self._student.engine.rank == 0:
            (folder / CURVE).write_text(text_of(self.steps), encoding="utf-8")
        ray.train.report(
            report,
            checkpoint=ray.train.Checkpoint.from_directory(folder),
            checkpoint_dir_name=f"step-{step:08d}",
            checkpoint_upload_mode=ray.train.CheckpointUploadMode.ASYNC,
        )

    def _report(self) -> Row:
        fresh, self._fresh = self._fresh, []
        self.steps += fresh
        return {"steps": fresh}


def _student(errand: Errand) -> Any:
    from actors.student import Student
    from beltline.learning.zero import Zero

    context, lesson = ray.train.get_context(), errand.lesson
    if lesson.device != "cpu":
        lesson = replace(lesson, device=f"{lesson.device}:{context.get_local_rank()}")
    if errand.base:
        lesson = replace(lesson, base=str(_at_hand(Store(lesson.store), errand.base)))
    return Student(lesson, context.get_world_rank(), context.get_world_size(), Zero)


def _at_hand(store: Store, place: tuple[str, tuple[str, ...]]) -> Path:
    """Files of the store as a local folder, fetched once a node."""
    from beltline.learning.zero import wait

    if ray.train.get_context().get_local_rank() == 0:
        models.fetched(store, *place)
    wait()
    return models.fetched(store, *place)
