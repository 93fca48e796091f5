"""agree: an exam without the questions that all answerers get right, or all get wrong (Dual 3.2, stage III).

    python -m jobs agree --input exam=dualxray --input replies=by-ours --input replies=by-base --output dualxray-agreed
    python -m jobs agree --trivial 0.9 --hard 0.1 --rebalance --input exam=dualxray --input replies=by-ours --input replies=by-base --output dualxray-agreed
    python -m jobs agree --dry-run --keep-hard --input exam=dualxray --input replies=by-ours --input replies=by-base --output dualxray-agreed

Two versions of replies at least, each of another answerer. Every question of the exam is a row of the new version, with the answerers'
shares in the column `consensus`; those that go are rejected rows: exam/trivial, exam/hard (for a person to look at: the answer may be
wrong), exam/unbalanced. --dry-run shows the table and writes nothing, to find thresholds by. Blind answerers count like any other, and
are named: what they know is in the words. Ranking the same models on the new version flatters nobody only if it is said.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import pyarrow as pa

from beltline import card
from beltline.exam.consensus import HEAD, Agreed, Answerer, Rule, agree, fellows, rows
from beltline.exam.tasks import Question
from beltline.scan import Row
from beltline.verdict import KEPT
from beltline.version import Manifest, iter_rows
from jobs.instant import finished, put
from jobs.options import Options, add_common, read_common
from jobs.scores import answered, show
from jobs.set_exam import QUESTION_ROWS
from jobs.work import Work

HELP = "an exam without its trivial and its overly hard questions"
CONSENSUS = "consensus"
AGREED_ROWS = pa.schema([*QUESTION_ROWS, pa.field(CONSENSUS, pa.string())])
WHO = ("answerer", "saw", "accuracy", "with the others")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="replies")
    parser.add_argument("--trivial", type=float, default=1.0, metavar="SHARE", help="right so often: goes; default 1.0")
    parser.add_argument("--hard", type=float, default=0.0, metavar="SHARE", help="right so rarely: goes; default 0.0")
    parser.add_argument("--keep-hard", action="store_true", help="hard questions stay, marked in their column")
    parser.add_argument("--rebalance", action="store_true", help="drop more, until answers are in balance again")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the command names."""

    exam: Manifest
    replies: dict[str, Manifest]


def run(args: argparse.Namespace) -> int:
    """0 when the version is there, or said with --dry-run.

    Raises:
        ValueError: the inputs are not one exam and at least two answerers of it, or the thresholds cross.
    """
    options = read_common(args)
    if options.limit:
        raise ValueError("--limit: an exam is filtered whole; for a smaller one, give --limit to set_exam")
    found = _inputs(options)
    same = {name: getattr(args, name) for name in ("trivial", "hard", "keep_hard", "rebalance")}
    rule = Rule(**same, seed=options.seed or 0)
    if rule.rebalance and found.exam.recipe.get("balanced") is False:
        raise ValueError(f"--rebalance: expected an exam that was drawn in balance, {found.exam.ref} was not")
    work = agree_work(found, rule)
    if finished(work, options):
        return 0
    return _filter(options, found, rule, work)


def _inputs(options: Options) -> Inputs:
    given = options.manifests()
    replies = {role: manifest for role, manifest in given.items() if role.split(".")[0] == "replies"}
    if set(given) - set(replies) != {"exam"}:
        raise ValueError(
            f"inputs: expected one --input exam=NAME and --input replies=NAME twice or more, found roles {sorted(given)}"
        )
    return Inputs(given["exam"], replies)


def agree_work(found: Inputs, rule: Rule, sections: Mapping[str, list[str]] | None = None) -> Work:
    return Work(
        verb="agree",
        recipe={"name": CONSENSUS, **asdict(rule)},
        inputs={"exam": found.exam, **found.replies},
        specs=lambda: (),
        stages=lambda folder: [],
        schema=AGREED_ROWS,
        sections=sections or {},
    )


def _filter(options: Options, found: Inputs, rule: Rule, work: Work) -> int:
    """Grade, agree, tell, write."""
    exam = list(iter_rows(options.store, found.exam))
    answerers = [_answerer(options, found.exam, manifest) for manifest in found.replies.values()]
    agreed = agree([Question.of(row) for row in exam if row["status"] == KEPT], answerers, rule)
    lines, who = rows(agreed), _who(agreed, answerers)
    show("what goes and what stays", HEAD, lines)
    show("who answered", WHO, who)
    if options.dry_run:
        print(f"would write {len(exam)} rows into {options.store.uri}/{options.output}")
        return 0
    sections = {"Consensus": card.table(HEAD, lines), "Answerers": card.table(WHO, who)}
    put(replace(work, sections=sections), options, judged(exam, agreed), _figures(lines))
    return 0


def _answerer(options: Options, exam: Manifest, manifest: Manifest) -> Answerer:
    found = answered(options, manifest)
    if found.exam.digest != exam.digest:
        raise ValueError(f"{manifest.ref}: expected replies to {exam.ref}, found replies to {found.exam.ref}")
    recipe = manifest.recipe
    return Answerer(
        name=found.model, graded=found.graded, blind=recipe.get("name") == "answerer" or recipe.get("views") in ([], ())
    )


def judged(exam: Sequence[Row], agreed: Sequence[Agreed]) -> list[Row]:
    """The exam's rows in their order with verdict and consensus; what was rejected before stays as it was."""
    by_id = {one.question.id: one for one in agreed}
    return [
        row | by_id[row["id"]].verdict.columns() | {CONSENSUS: by_id[row["id"]].column()} if row["id"] in by_id else row
        for row in exam
    ]


def _who(agreed: Sequence[Agreed], answerers: Sequence[Answerer]) -> list[tuple[str, ...]]:
    """A line an answerer: its accuracy in percent, and how its right answers go with the mean of the others'."""
    others, num = fellows(agreed), max(1, len(agreed))
    return [
        (
            *(one.name, "no picture" if one.blind else "as asked"),
            f"{100 * float(sum(each.by[one.name] for each in agreed)) / num:.1f}",
            "" if others.get(one.name) is None else f"{others[one.name]:+.2f}",
        )
        for one in answerers
    ]


def _figures(lines: Sequence[tuple[str, ...]]) -> dict[str, float]:
    """For MLflow."""
    names = [name.replace(" ", "_") for name in (*HEAD[1:-1], "imbalance after")]
    return {f"{line[0]}/{name}": float(cell) for line in lines for name, cell in zip(names, line[1:], strict=True)}
