"""train: a model is taught by the conversations of some versions; its weights become a version of their own.

    python -m jobs train --recipe gsr_nano --input lessons=drills --input scans=bags --output gsr-nano
    python -m jobs train --recipe gsr --input lessons=chains --input scans=pairs --output gsr --workers 16 --dry-run
    python -m jobs train --recipe onefocus_stage2 --input base=onefocus-1 --input lessons=dialogues --input scans=scans --output onefocus

The loop runs in this process and Ray is not started; more than one worker can so far only be planned (--dry-run). A base is the recipe's own,
--base FOLDER or HUB/NAME, or --input base=NAME, a model version; a `nano:` base is built here, its tokenizer from the words of the lessons.
What was learnt is written down every --keep steps: kill the job and give the same command again, and it goes on in the middle of the epoch,
to the same weights. Samples that are too long are left out before the first step and counted; no image is ever cut.
"""

import argparse
import json
import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from beltline.language.weights import digest
from beltline.learning.recipes import RECIPES, Recipe
from beltline.library import paths_of
from beltline.scan import Row
from beltline.store import Store
from beltline.version import Manifest, iter_rows, run_of
from jobs import models, train_plan
from jobs.instant import finished, publish
from jobs.job import enter, held, identity, open_ledger, report
from jobs.ledger import Ledger
from jobs.options import Options, add_common, read_common
from jobs.work import Work

HELP = "a model is taught, and becomes a version"
log = logging.getLogger("beltline")
ROLES = {"lessons", "scans", "base"}
BUILT = ("tiny:", "nano:", "small:")
TELL_EVERY = 20
"""Steps between two lines of progress, and two entries in the ledger."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="lessons", recipes=sorted(RECIPES))
    parser.set_defaults(workers=1)
    parser.add_argument("--base", metavar="FOLDER|NAME", help="the weights to start from, instead of the recipe's")
    parser.add_argument("--device", default="cpu", help="cpu or cuda; default cpu")
    parser.add_argument("--keep", type=int, default=100, metavar="N", help="steps between two states; default 100")


def run(args: argparse.Namespace) -> int:
    """0 when the model is there.

    Raises:
        ValueError: the inputs are not lessons with their scans, or no base can be had.
    """
    options = read_common(args)
    recipe = _seeded(RECIPES[options.recipe], options.seed)
    work = prepare(options, args)
    base = _base(recipe, args, work.inputs, options.store)
    if finished(work, options):
        return 0
    if options.workers > 1 and not options.dry_run:
        raise ValueError(
            f"--workers: expected 1, found {options.workers}; many workers can only be planned so far (--dry-run)"
        )
    if options.dry_run:
        return _say(work, options, recipe, base)
    name = run_of(identity(work, options))
    folder = f"{options.output}/.runs/{name}"
    with held(options.store, folder):
        ledger = open_ledger(work, options, name)
        try:
            manifest, figures = _taught(work, options, args, recipe, base, name, folder, ledger)
        except BaseException:
            ledger.end("FAILED", patience_s=10)
            raise
        enter(ledger, manifest, figures, options.store)
        report(manifest, figures, ledger.end())
    return 0


def prepare(options: Options, args: argparse.Namespace) -> Work:
    """What would be taught; raises ValueError as `run` does."""
    recipe, inputs = _seeded(RECIPES[options.recipe], options.seed), _checked(options.manifests())
    return train_work(recipe, inputs, _base(recipe, args, inputs, options.store))


def train_work(recipe: Recipe, inputs: dict[str, Manifest], base: str) -> Work:
    """What decides the weights: the recipe, what is read, and where it starts. Not how many workers share the steps."""
    start = base if base.startswith(BUILT) or not Path(base).is_dir() else f"sha256:{digest(Path(base))[:16]}"
    return Work(
        verb="train",
        recipe=_plain(asdict(recipe)) | {"base": start},
        inputs=inputs,
        specs=lambda: (),
        stages=lambda folder: [],
        schema=models.STEPS,
    )


def _taught(
    work: Work,
    options: Options,
    args: argparse.Namespace,
    recipe: Recipe,
    base: str,
    run: str,
    folder: str,
    ledger: Ledger,
) -> tuple[Manifest, dict[str, float]]:
    """Learn what is left to learn, and publish it."""
    from actors.student import Lesson, Student  # torch and transformers are imported where there is work

    scratch = Path(options.store.path(folder)) if options.store.is_local else _scratch(run)
    scratch.mkdir(parents=True, exist_ok=True)
    lesson = Lesson(
        recipe=recipe,
        base=str(_built(base, scratch, work, options.store)),
        store=options.store.uri,
        lessons=tuple(_paths(work.inputs, "lessons")),
        scans=tuple(_paths(work.inputs, "scans")),
        limit=options.limit,
        device=args.device,
    )
    student = Student(lesson)
    left_out = Counter(verdict.reason for _, verdict in student.syllabus.rejected)
    _tell(student, left_out)
    curve = Curve(scratch / "curve.jsonl", ledger, student.plan.num_steps)
    if (scratch / "state").exists():
        student.restore(scratch / "state")
        curve.back_to(student.step)
        log.info("train: goes on at step %d", student.step)
    else:
        if base.startswith(BUILT):
            student.look()
        student.save_state(scratch / "state")

    def keep(step: int) -> None:
        if step % args.keep == 0:
            curve.flush()
            student.save_state(scratch / "state")

    student.learn(curve, keep)
    curve.flush()
    student.graduate(scratch / models.WEIGHTS)
    files = _stored(options.store, scratch / models.WEIGHTS, f"{folder}/{models.WEIGHTS}")
    manifest = publish(work, options, run, folder, curve.rows(), files)
    shutil.rmtree(scratch / "state", ignore_errors=True)
    figures = {f"left_out/{reason}": float(count) for reason, count in left_out.items()}
    return manifest, figures | {f"parameters/{name}": float(num) for name, num in student.parameters.items()}


class Curve:
    """What the steps were: on screen, in the ledger, and line by line in a file that a restart goes on with."""

    def __init__(self, path: Path, ledger: Ledger, num_steps: int):
        self._path, self._ledger, self._total = path, ledger, num_steps
        self._new: list[Any] = []
        self._recent: list[Any] = []

    def __call__(self, done: Any) -> None:
        self._new.append(done)
        self._recent.append(done)
        if len(self._recent) == TELL_EVERY or done.step + 1 == self._total:
            from actors.student import figures

            shown = figures(self._recent)
            self._ledger.metrics(shown, step=done.step + 1)
            log.info(
                "train: step %d of %d, loss %.4f, %.0f tokens/s",
                *(done.step + 1, self._total, shown["loss"], shown["tokens_per_second"]),
            )
            self._recent.clear()

    def flush(self) -> None:
        """Write what is new; before a state is written, so that no state is ahead of its curve."""
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(one)) + "\n" for one in self._new)
        self._new.clear()

    def back_to(self, step: int) -> None:
        """Forget steps from `step` on: they are done again."""
        kept = [line for line in self._lines() if json.loads(line)["step"] < step]
        self._path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")

    def rows(self) -> list[Row]:
        """The steps as rows of models.STEPS."""
        names = set(models.STEPS.names)
        found = ({**json.loads(line)} for line in self._lines())
        return [
            {name: value for name, value in one.items() if name in names} | {"id": one["step"], "status": None}
            for one in found
        ]

    def _lines(self) -> list[str]:
        return self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []


def _checked(inputs: dict[str, Manifest]) -> dict[str, Manifest]:
    roles = {role.split(".")[0] for role in inputs}
    if not {"lessons"} <= roles <= ROLES:
        raise ValueError(
            "inputs: expected --input lessons=NAME@VERSION, --input scans=NAME@VERSION and at most --input base=NAME@VERSION, "
            f"found roles {sorted(inputs) or 'none'}"
        )
    return inputs


def _base(recipe: Recipe, args: argparse.Namespace, inputs: dict[str, Manifest], store: Store) -> str:
    """Where the weights come from: a folder, a name on a hub, or a form that is built.

    Raises:
        ValueError: the recipe goes on from another one's result, and none is given.
    """
    if "base" in inputs:
        return str(models.local(store, inputs["base"]))
    if args.base:
        return str(args.base)
    if recipe.starts_from and not args.dry_run:
        raise ValueError(
            f"{recipe.name}: expected the result of {recipe.starts_from} as --input base=NAME@VERSION, found none"
        )
    return recipe.base


def _built(base: str, scratch: Path, work: Work, store: Store) -> Path | str:
    """The base as transformers takes it; a form is built once, its words from the lessons."""
    if not base.startswith(BUILT):
        return base
    folder = scratch / "base"
    if not (folder / "config.json").exists():
        from beltline.learning import nano

        part = scratch / "base.part"
        nano.build(base, part, _texts(work, store))
        part.replace(folder)
    return folder


def _texts(work: Work, store: Store) -> Iterator[str]:
    lessons = (manifest for role, manifest in work.inputs.items() if role.split(".")[0] == "lessons")
    for manifest in lessons:
        for row in iter_rows(store, manifest):
            yield from (turn["content"] for turn in row["turns"] or ())


def _paths(inputs: dict[str, Manifest], role: str) -> list[str]:
    return [path for name, manifest in inputs.items() if name.split(".")[0] == role for path in paths_of(manifest)]


def _stored(store: Store, folder: Path, place: str) -> list[str]:
    """Paths of the weights in the store; they lie there already where it is a folder."""
    if not store.is_local:
        return models.upload(store, folder, place)
    return [f"{place}/{path.relative_to(folder).as_posix()}" for path in sorted(folder.rglob("*")) if path.is_file()]


def _scratch(run: str) -> Path:
    return Path(tempfile.gettempdir()) / "beltline-train" / run


def _tell(student: Any, left_out: Counter[str]) -> None:
    plan, parameters = student.plan, student.parameters
    log.info(
        "train: %d samples, %d steps of %d, %.2f M of %.2f M parameters taught",
        *(len(student.syllabus), plan.num_steps, plan.batch, parameters["taught"] / 1e6, parameters["all"] / 1e6),
    )
    for reason, count in sorted(left_out.items()):
        log.info("train: %d samples left out: %s", count, reason)


def _say(work: Work, options: Options, recipe: Recipe, base: str) -> int:
    print(
        f"would train into {options.store.uri}/{options.output}, recipe {work.recipe['name']} from {work.recipe['base']}"
    )
    for role, manifest in work.inputs.items():
        print(f"  reads {role}: {manifest.ref}, {manifest.counts['kept']} kept rows, digest {manifest.digest[:12]}")
    num = train_plan.num_samples(recipe, _paths(work.inputs, "lessons"), options.store, options.limit)
    print("\n".join(train_plan.lines(recipe, base, num, options.workers)))
    return 0


def _seeded(recipe: Recipe, seed: int | None) -> Recipe:
    return recipe if seed is None else replace(recipe, seed=seed)


def _plain(values: Any) -> Any:
    """Tuples as lists, as JSON has them."""
    if isinstance(values, dict):
        return {name: _plain(value) for name, value in values.items()}
    return [_plain(value) for value in values] if isinstance(values, (list, tuple)) else values
