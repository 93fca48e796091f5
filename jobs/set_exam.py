"""set_exam: an exam from the scans of a version: candidates for every scan, a draw in balance, an audit, and a version of questions.

    python -m jobs set_exam --recipe dualxray --input scans=bags --output dualxray
    python -m jobs set_exam --recipe mmxray --input scans=bags --input lesson=dialogues --output mmxray
    python -m jobs set_exam --recipe dualxray --limit 20 --input scans=bags --output small      # at most 20 questions a task

Candidates are a version of their own, NAME-BUILDER-candidates of the first scans' NAME: made in parallel, kept when the job is
killed, shared by all recipes of a builder. The draw looks at all of them and takes moments. Tasks that the scans cannot fill are
short on screen, on the card and in MLflow (short/TASK), never silently.

Then blind answerers are asked, who see no picture: on a draw of 5,000 questions a task, where three points are no longer luck, and on the
exam itself. A task that one of them passes by more than 3 points over chance (upper bound, large draw) refuses the whole recipe: no
version, exit code 2, unless --despite-blind is given.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

import pyarrow as pa

from actors.examiner import VERSIONS, Examiner, basics, question_of
from beltline import card, verdict
from beltline.exam import second_view
from beltline.exam.circular import all_no
from beltline.exam.setting import EXAMS, LARGE, ExamRecipe, draw_task, shortages
from beltline.exam.tasks import SCHEMA, Question
from beltline.library import paths_of
from beltline.version import Manifest, find_run, read_columns, run_of
from jobs import audits, leakage, sources
from jobs.instant import finished, put
from jobs.job import execute, identity
from jobs.options import Options, add_common, read_common
from jobs.work import Stage, Work

HELP = "an exam from the scans of a version"
QUESTION_ROWS = pa.schema([*SCHEMA, *verdict.FIELDS])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", recipes=sorted(EXAMS))
    parser.add_argument("--despite-blind", action="store_true", help="write the exam though a blind answerer passes it")
    parser.add_argument("--scans", type=int, metavar="N", help="look at so many scans at most")
    parser.add_argument("--audit", type=int, default=LARGE, metavar="N", help="questions a task of the large draw")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the command asks for."""

    options: Options
    recipe: ExamRecipe
    scans: dict[str, Manifest]
    lesson: dict[str, Manifest]
    num_scans: int | None = None
    """At most so many scans are looked at, the first ones of the version; None looks at all."""


def run(args: argparse.Namespace) -> int:
    """0 when the exam is there.

    Raises:
        ValueError: the inputs are not those that an exam needs.
    """
    plan = replace(planned(read_common(args)), num_scans=args.scans)
    work = exam_work(plan)
    if finished(work, plan.options):
        return 0
    code = execute(candidates_work(plan), candidates_options(plan))
    if code or plan.options.dry_run:
        return code
    drawn, large = draws(plan, args.audit if plan.recipe.audited else 0)
    if not plan.recipe.audited:
        return write(plan, drawn, None)
    found = audits.held(plan.options.store, plan.lesson, drawn, large, plan.recipe.seed)
    audits.say(found)
    if found.refused and not args.despite_blind:
        raise ValueError("refused: " + "; ".join(found.refused) + "; --despite-blind writes it all the same")
    return write(plan, drawn, found)


def planned(options: Options) -> Plan:
    """The recipe and the inputs by what they are for.

    Raises:
        ValueError: a role is missing or not known.
    """
    recipe, found = EXAMS[options.recipe], options.manifests()
    counts = {task: min(num, options.limit or num) for task, num in recipe.counts.items()}
    recipe = replace(recipe, counts=counts, seed=recipe.seed if options.seed is None else options.seed)
    by_role = {
        wanted: {role: manifest for role, manifest in found.items() if role.split(".")[0] == wanted}
        for wanted in ("scans", "lesson")
    }
    if not by_role["scans"] or len(found) > sum(map(len, by_role.values())):
        raise ValueError(
            f"inputs: expected --input scans=NAME@VERSION and at most --input lesson=NAME@VERSION, found roles {sorted(found)}"
        )
    return Plan(options, recipe, by_role["scans"], by_role["lesson"])


def candidates_options(plan: Plan) -> Options:
    """Those of the candidates: neither counts nor the exam's name decide them."""
    first = next(iter(plan.scans.values()))
    return replace(
        plan.options, output=f"{first.name}-{plan.recipe.builder}-candidates", limit=plan.num_scans, seed=None
    )


def candidates_work(plan: Plan) -> Work:
    """One row a kept scan; a column a task, which holds the task's candidates as JSON."""
    recipe, store, scans = plan.recipe, plan.options.store, list(plan.scans.values())
    same = {"builder": recipe.builder, "rule": recipe.rule, "seed": recipe.seed}
    kwargs = {"store": store.uri, "paths": [path for manifest in scans for path in paths_of(manifest)], **same}
    tasks = [pa.field(task, pa.list_(pa.string())) for task in recipe.counts]
    keys = [pa.field("id", pa.int64(), False), pa.field("scan_content", pa.string())]
    return Work(
        verb="set_exam",
        recipe={"name": f"{recipe.builder} candidates", **same, **version(recipe)},
        inputs=plan.scans,
        # in the order in which they lie, so that each file of scans is read once
        specs=lambda: islice(((row["id"], {}) for row in sources.kept(store, scans, [])), plan.num_scans),
        stages=lambda folder: [Stage(name="candidates", make=Examiner, kwargs=kwargs)],
        schema=pa.schema([*keys, *tasks, *verdict.FIELDS]),
        says=(f"draws at most {sum(recipe.counts.values())} questions into {plan.options.output}",),
    )


def version(recipe: ExamRecipe) -> dict[str, int]:
    """The builder's version, from the second on."""
    number = VERSIONS[recipe.builder]
    return {"version": number} if number > 1 else {}


def candidates(plan: Plan, task: str) -> Iterable[Question]:
    """All candidates of a task; questions of knowledge come from the builder itself."""
    options = candidates_options(plan)
    manifest = find_run(options.store, options.output, run_of(identity(candidates_work(plan), options)))
    assert manifest is not None, "the candidates are made before they are read"
    for texts in read_columns(options.store, manifest, [task])[task].to_pylist():
        yield from map(question_of, texts or ())
    yield from (one for one in basics(plan.recipe.builder, plan.recipe.seed) if one.task == task)


def draws(plan: Plan, least: int) -> tuple[audits.Drawn, audits.Drawn]:
    """The exam, and a draw of at least so many questions a task by the same recipe; one task's candidates in memory at a time."""
    exam: audits.Drawn = {}
    large: audits.Drawn = {}
    for task, num in plan.recipe.counts.items():
        held = list(candidates(plan, task))
        exam[task] = draw_task(plan.recipe, held, num)
        large[task] = exam[task] if num >= least else draw_task(plan.recipe, held, least)
    return exam, large


def exam_work(plan: Plan, sections: Mapping[str, list[str]] | None = None) -> Work:
    return Work(
        verb="set_exam",
        recipe=_values(plan.recipe) | ({"scans": plan.num_scans} if plan.num_scans else {}) | version(plan.recipe),
        inputs={**plan.scans, **plan.lesson},
        specs=lambda: (),
        stages=lambda folder: [],
        schema=QUESTION_ROWS,
        sections=sections or {},
    )


def _values(recipe: ExamRecipe) -> dict[str, Any]:
    """What decides the questions: whether they are audited does not."""
    return {name: value for name, value in asdict(recipe).items() if name != "audited"}


def write(plan: Plan, drawn: audits.Drawn, found: audits.Audits | None) -> int:
    """The version of questions, its card and its figures."""
    short, questions = shortages(plan.recipe, drawn), [one for task in drawn.values() for one in task]
    shared = leakage.report(plan.options.store, plan.scans.values(), questions, plan.lesson)
    sections = {"Questions": contents(plan.recipe, drawn), "Shortages": told(short), "Leaks": shared.lines()}
    sections |= (found.sections() if found else {}) | second(questions) | noes(questions)
    figures = {f"num/{task}": float(len(found)) for task, found in drawn.items()}
    figures |= {f"short/{task}": float(plan.recipe.counts[task] - len(drawn[task])) for task in short}
    put(
        exam_work(plan, sections),
        plan.options,
        [one.row() for one in questions],
        figures | (found.figures() if found else {}) | shared.figures(),
    )
    for task, says in short.items():
        print(f"{task}: {says}")
    return 0


def second(questions: Iterable[Question]) -> dict[str, list[str]]:
    """What one view leaves open, where the exam shows two."""
    lines = [
        (task, num, *(f"{100 * share:.1f}" for share in shares)) for task, num, *shares in second_view.needs(questions)
    ]
    return {"Who needs the second view": card.table(second_view.HEAD, lines)} if lines else {}


def noes(questions: Sequence[Question]) -> dict[str, list[str]]:
    """What "No" to everything earns, where the answer is yes or no."""
    lines = [(one.task, one.num, f"{100 * one.gold_no:.1f}") for one in all_no(questions, {})]
    return {"Yes or no": card.table(("task", "questions", "No to all would score"), lines)} if lines else {}


def contents(recipe: ExamRecipe, drawn: Mapping[str, list[Question]]) -> list[str]:
    """A markdown table: what each task holds."""
    head = ("task", "questions", "asked for", "bags", "strata", "letters of right answers")
    return card.table(head, (_line(task, found, recipe.counts[task]) for task, found in drawn.items()))


def _line(task: str, found: list[Question], num: int) -> tuple[Any, ...]:
    letters = ", ".join(f"{letter} {count}" for letter, count in sorted(Counter(one.answer for one in found).items()))
    bags, strata = ({getattr(one, name) for one in found} for name in ("group", "stratum"))
    return task, len(found), num, len(bags), len(strata), letters


def told(short: Mapping[str, str]) -> list[str]:
    return [f"- {task}: {says}" for task, says in short.items()] or ["None."]
