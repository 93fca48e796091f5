"""train: a model is taught by the conversations of some versions; its weights become a version of their own.

    python -m jobs train --recipe gsr_nano --input lessons=drills --input scans=bags --output gsr-nano
    python -m jobs train --recipe gsr --input lessons=chains --input scans=pairs --output gsr --workers 16 --dry-run
    python -m jobs train --recipe gsr --input lessons=chains --input scans=pairs --output gsr --workers 16 --device cuda --address auto
    python -m jobs train --recipe onefocus_stage2 --input base=onefocus-1 --input lessons=dialogues --input scans=scans --output onefocus

One worker learns in this process and Ray is not started; more take the same steps together under Ray Train (train_on_ray.py). A base is the recipe's own,
--base FOLDER or HUB/NAME, or --input base=NAME, a model version; a `nano:` base is built here, its tokenizer from the words of the lessons.
With --exam NAME --exam-scans NAME what is learnt is put to an exam every --exam-every steps, in a process beside; the best state is kept beside the last.
What was learnt is written down every --keep steps: kill the job and give the same command again, and it goes on in the middle of the epoch,
to the same weights. Samples that are too long are left out before the first step and counted; no image is ever cut.
"""

import argparse
import logging
import shutil
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from beltline.language.showing import NAMED, TAGGED
from beltline.language.weights import digest
from beltline.learning.recipe import Recipe
from beltline.learning.recipes import RECIPES
from beltline.library import paths_of
from beltline.scan import Row
from beltline.version import Manifest, run_of
from jobs import checks, model_card, models, train_base, train_plan
from jobs.curve import Curve, begin, rows_of
from jobs.instant import finished, publish
from jobs.job import enter, held, identity, open_ledger, report
from jobs.ledger import Ledger
from jobs.options import Options, add_common, read_common
from jobs.work import Work

HELP = "a model is taught, and becomes a version"
log = logging.getLogger("beltline")
ROLES = {"lessons", "scans", "base"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="lessons", recipes=sorted(RECIPES))
    parser.set_defaults(workers=1)
    parser.add_argument("--base", metavar="FOLDER|NAME", help="the weights to start from, instead of the recipe's")
    parser.add_argument("--device", default="cpu", help="cpu or cuda; default cpu")
    parser.add_argument(
        "--placement", choices=("PACK", "SPREAD", "STRICT_SPREAD"), default="PACK", help="of workers on nodes"
    )
    checks.add_arguments(parser)
    parser.add_argument("--keep", type=int, default=100, metavar="N", help="steps between two states; default 100")


def run(args: argparse.Namespace) -> int:
    """0 when the model is there.

    Raises:
        ValueError: the inputs are not lessons with their scans, or no base can be had.
    """
    options = read_common(args)
    recipe, inputs, base = _read(options, args)
    work = train_work(recipe, inputs, base)
    if finished(work, options):
        return 0
    if options.dry_run:
        return _say(work, options, recipe, base)
    name = run_of(identity(work, options))
    folder = f"{options.output}/.runs/{name}"
    exams = checks.read(args, options.store, folder, (TAGGED if recipe.tags else NAMED).name)
    with held(options.store, folder):
        models.begun_by_others(options.store, folder, options.workers)  # refuses before anything is written
        ledger = open_ledger(work, options, name)
        try:
            manifest, figures = _taught(work, options, args, recipe, base, name, folder, ledger, exams)
        except BaseException:
            ledger.end("FAILED", patience_s=10)
            raise
        enter(ledger, manifest, figures, options.store)
        ledger.model(manifest, f"{options.store.uri}/{folder}/{models.WEIGHTS}")
        report(manifest, figures, ledger.end())
    return 0


def prepare(options: Options, args: argparse.Namespace) -> Work:
    """What would be taught; raises ValueError as `run` does."""
    return train_work(*_read(options, args))


def _read(options: Options, args: argparse.Namespace) -> tuple[Recipe, dict[str, Manifest], str]:
    """The recipe, the inputs by role, and where the weights come from."""
    recipe, inputs = _seeded(RECIPES[options.recipe], options.seed), _checked(options.manifests())
    if recipe.matrix_rate is not None and options.workers > 1:
        raise ValueError(
            f"--workers: expected 1 for {recipe.name}, found {options.workers}; its matrices are taught by Muon, which turns each as "
            "a whole, and workers hold shares"
        )
    return recipe, inputs, train_base.chosen(recipe, args, inputs, options.store)


def train_work(recipe: Recipe, inputs: dict[str, Manifest], base: str) -> Work:
    """What decides the weights: the recipe, what is read, and where it starts. Not how many workers share the steps."""
    start = (
        base if base.startswith(train_base.BUILT) or not Path(base).is_dir() else f"sha256:{digest(Path(base))[:16]}"
    )
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
    exams: checks.Plan | None,
) -> tuple[Manifest, dict[str, float]]:
    """Learn what is left to learn, and publish it."""
    from actors.student import Lesson  # torch and transformers are imported where there is work

    scratch = models.scratch(options.store, folder, "train")
    scratch.mkdir(parents=True, exist_ok=True)
    lesson = Lesson(
        recipe=recipe,
        base=str(train_base.built(base, scratch, work, options.store)),
        store=options.store.uri,
        lessons=tuple(_paths(work.inputs, "lessons")),
        scans=tuple(_paths(work.inputs, "scans")),
        limit=options.limit,
        device=args.device,
        blank=base.startswith(train_base.BUILT),
    )
    looks = checks.Checks(exams, scratch, ledger)
    if options.workers == 1:
        told, steps = _alone(lesson, args.keep, scratch, ledger, looks)
        if not options.store.is_local:
            for part in (one for one in (models.WEIGHTS, checks.BEST) if (scratch / one).exists()):
                models.upload(options.store, scratch / part, f"{folder}/{part}")
    else:
        from jobs import train_on_ray  # ray is imported where there are workers
        from jobs.train_worker import Errand

        where = train_base.travelling(lesson.base, work, options.store, folder)
        errand = Errand(lesson=lesson, run=run, folder=folder, keep=args.keep, base=where)
        told, steps = train_on_ray.learn(errand, options, ledger, args.placement)
    text = model_card.model_card(recipe, work.recipe["base"], work.inputs, told, steps)
    options.store.write(f"{folder}/{models.WEIGHTS}/{model_card.FILE}", text.encode())
    files = [
        path
        for part in (models.WEIGHTS, checks.BEST)
        for path in options.store.list(f"{folder}/{part}", recursive=True)
    ]
    manifest = publish(work, options, run, folder, rows_of(steps), files)
    from beltline.learning.drawn import drawn  # matplotlib takes a moment to import

    ledger.artifact("curve.png", drawn(steps, looks.found))
    shutil.rmtree(scratch / models.STATE, ignore_errors=True)
    options.store.delete(f"{folder}/{models.CHECKPOINTS}")
    left_out: Counter[str] = Counter(told["left_out"])
    figures = {f"left_out/{reason}": float(count) for reason, count in left_out.items()}
    figures |= {name: float(told[name]) for name in ("begun_again", "steps_again") if name in told}
    return manifest, figures | {f"parameters/{name}": float(num) for name, num in told["parameters"].items()}


def _alone(lesson: Any, every: int, scratch: Path, ledger: Ledger, exams: checks.Checks) -> tuple[Row, list[Row]]:
    """Learn in this process: what was told of the beginning, and the steps. The weights lie in scratch then."""
    from actors.student import Student

    student = Student(lesson)
    curve = Curve(scratch / "curve.jsonl", ledger, student.plan.num_steps)
    if (scratch / models.STATE).exists():
        student.restore(scratch / models.STATE)
        curve.back_to(student.step)
    else:
        student.look()
        student.save_state(scratch / models.STATE)
    begin(told := student.told())

    def keep(step: int) -> None:
        if step % every == 0:
            curve.flush()
            student.save_state(scratch / models.STATE)
        exams.after(step, student.graduate)

    student.learn(curve, keep)
    curve.flush()
    student.graduate(scratch / models.WEIGHTS)
    ledger.metrics(exams.end())
    return told, curve.steps()


def _checked(inputs: dict[str, Manifest]) -> dict[str, Manifest]:
    roles = {role.split(".")[0] for role in inputs}
    if not {"lessons"} <= roles <= ROLES:
        raise ValueError(
            "inputs: expected --input lessons=NAME@VERSION, --input scans=NAME@VERSION and at most --input base=NAME@VERSION, "
            f"found roles {sorted(inputs) or 'none'}"
        )
    return inputs


def _paths(inputs: dict[str, Manifest], role: str) -> list[str]:
    return [path for name, manifest in inputs.items() if name.split(".")[0] == role for path in paths_of(manifest)]


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
