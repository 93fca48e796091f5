"""compare: several models on one exam, beside each other and beside what others have published; or any versions and runs: what differs.

    python -m jobs compare --input dualxray-by-ours --input dualxray-by-base --published dual/4 --out figure
    python -m jobs compare --input mmxray-by-ours --published one/6 --rows "OneFocus-7B" "STING-BEE-7B"
    python -m jobs compare --input dualxray-by-ours --shifted dualxray-shifted-by-ours
    python -m jobs compare --input corpus@1.0.0 --input corpus@2.0.0 --input 0123456789abcdef0123456789abcdef    # versions, a run of MLflow
    python -m jobs compare --input dualxray-by-ours --alone ours-seeing-top ours-seeing-side      # examine --views top, side

Differences are to the first input, question by question, on the questions that both were asked: with an interval, the p of a
permutation within bags, McNemar's, and the least difference that would have been found with a power of 80 %. Published rows have no
answers to pair with; their intervals are Wilson's, from the number of questions. With --shifted, each input stands beside its replies
on the shifted exam (other palette, sizes and packing), and the table shows the drop. With --alone, the first input stands beside the
same model's replies to one view alone: who needed the second. Yes/no questions have a table of their own: how often no was said. Where an input is no version of replies
but any other, or a run, the tables show what is not the same in all: recipe, data, outcome, code, and rows of versions by id. Written:
compare.md, .html, .json, .png and .svg in --out, and a run in MLflow's experiment "exams".
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from beltline import card
from beltline.differing import of_manifest
from beltline.exam import tables
from beltline.exam.circular import SEEN, views_needed
from beltline.exam.comparing import Standing, against, beside, chances, common, drop, published, standing
from beltline.exam.metrics.paired import Comparison
from beltline.exam.scoring import Graded
from beltline.page import html
from beltline.store import Store
from beltline.version import resolve
from jobs import differing
from jobs.options import Options, absolute_sqlite, add_address, add_store, add_tracking
from jobs.scores import EXPERIMENT, Answered, answered, first_seed, open_run, polar, show

HELP = "models on one exam, and what others have published: table, test, plot"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--input", action="append", required=True, metavar="NAME[@VERSION]", help="replies to compare")
    parser.add_argument(
        "--shifted",
        action="append",
        default=[],
        metavar="NAME[@VERSION]",
        help="an input's replies to the shifted exam",
    )
    parser.add_argument(
        "--alone",
        nargs=2,
        default=[],
        metavar=("TOP", "SIDE"),
        help="the first input's model, shown the top view alone and the side view alone",
    )
    parser.add_argument("--published", metavar="PAPER/TABLE", help="dual/4 or one/6: rows to stand beside")
    parser.add_argument("--rows", nargs="+", metavar="NAME", help="these rows of it; default: the best five overall")
    parser.add_argument("--names", nargs="+", metavar="NAME", help="what the inputs are called, in their order")
    parser.add_argument("--out", default="compare", metavar="FOLDER", help="where the files go; default ./compare")
    parser.add_argument("--title", default="", help="over the plot")
    add_store(parser)
    add_address(parser)
    add_tracking(parser)


def run(args: argparse.Namespace) -> int:
    """0 when the comparison is written.

    Raises:
        ValueError: an input is no version of replies, or the inputs have no question in common.
    """
    store = Store(args.store).absolute()
    store.check(writes=False)
    options = Options(recipe="", output="compare", store=store, tracking=absolute_sqlite(args.tracking))
    if not differing.all_replies(options, args.input):
        return differing.compare(options, args.input, args.names, Path(args.out), args.title)
    found = [answered(options, resolve(store, ref.partition("=")[2] or ref)) for ref in args.input]
    names = _names(found, args.names)
    asked, graded = common([one.graded for one in found])
    standings = [standing(name, one) for name, one in zip(names, graded, strict=True)]
    pairs = [None, *(against(one, graded[0]) for one in graded[1:])]
    others = beside(published(args.published, args.rows), standings[0]) if args.published else []
    told = say(standings, pairs, others, asked, max(len(one.graded) // _seeds(one) for one in found))
    drops = _drops(args.shifted, options, [_seeing(*pair) for pair in zip(standings, found, strict=True)])
    told += "".join(_say_drop(usual, shifted) for usual, shifted in drops)
    told += "".join(_say_noes(name, one) for name, one in zip(names, graded, strict=True))
    told += _say_views(options, names[0], graded[0], args.alone) if args.alone else ""
    told += differing.told([of_manifest(name, one.manifest) for name, one in zip(names, found, strict=True)])
    _write(Path(args.out), told, standings + others, args.title, chances(graded[0]))
    return _enter(options, Path(args.out), found, standings, pairs, drops)


def _drops(refs: list[str], options: Options, standings: list[Standing]) -> list[tuple[Standing, Standing]]:
    """Each model on the usual and on the shifted exam.

    Raises:
        ValueError: not one version of replies an input.
    """
    if refs and len(refs) != len(standings):
        raise ValueError(
            f"--shifted: expected {len(standings)} versions, one an input in their order, found {len(refs)}"
        )
    found = [answered(options, resolve(options.store, ref)) for ref in refs]
    return [
        (usual, _seeing(standing(usual.name, one.graded), one)) for usual, one in zip(standings, found, strict=False)
    ]


def _seeing(stands: Standing, one: Answered) -> Standing:
    """With where its boxes lie, if it has said any: what is lost of seeing shows there first."""
    return replace(stands, tasks={**stands.tasks, "mIoU": one.grounding.interval}) if one.grounding else stands


def _say_drop(usual: Standing, shifted: Standing) -> str:
    lines = tables.shifted(usual.tasks, shifted.tasks, drop(usual, shifted))
    return _told(f"{usual.name} on the shifted exam", tables.SHIFTED, lines)


def _say_noes(name: str, graded: Sequence[Graded]) -> str:
    lines = tables.polar_rows(polar(graded))
    return _told(f"{name}, where the answer is yes or no", tables.POLAR, lines) if lines else ""


def _say_views(options: Options, name: str, graded: Sequence[Graded], refs: Sequence[str]) -> str:
    """What the model knows of one view and of both."""
    alone = [answered(options, resolve(options.store, ref)).graded for ref in refs]
    seen = {view: first_seed(one) for view, one in zip(SEEN, (*alone, graded), strict=True)}
    letters = {view: {one.key: one.letter for one in some} for view, some in seen.items()}
    shown = [one.question for one in seen["both"] if len(one.question.views) > 1]
    return _told(f"{name}, by what it saw", tables.VIEWS, tables.views_rows(views_needed(shown, letters)))


def _told(title: str, head: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    show(title, head, lines)
    return f"\n## {title}\n\n" + "\n".join(card.table(head, lines)) + "\n"


def _seeds(one: Answered) -> int:
    return len({each.seed for each in one.graded})


def _names(found: list[Answered], given: list[str] | None) -> list[str]:
    """What the inputs are called: as told, else their model, else their version where one model is there twice.

    Raises:
        ValueError: not one name an input.
    """
    if given is not None and len(given) != len(found):
        raise ValueError(f"--names: expected {len(found)} names, one an input, found {len(given)}")
    models = [one.model for one in found]
    return given or [
        model if models.count(model) == 1 else f"{model} ({one.manifest.ref})"
        for model, one in zip(models, found, strict=True)
    ]


def say(
    standings: list[Standing],
    pairs: list[dict[str, Comparison] | None],
    others: list[Standing],
    asked: int,
    whole: int,
) -> str:
    """Everything on screen; the same as markdown."""
    parts = [f"{asked} questions that every input was asked" + (f", of {whole}" if asked < whole else "")]
    for one, pair in zip(standings, pairs, strict=True):
        title = one.name if pair is None else f"{one.name}, difference to {standings[0].name}"
        lines = tables.compared(one.tasks, pair)
        show(title, tables.COMPARED, lines)
        parts += [f"## {title}", "\n".join(card.table(tables.COMPARED, lines))]
    if others:
        head = ("row", *standings[0].tasks)
        lines = [
            (one.name, *(tables.percent(one.tasks[task].estimate) if task in one.tasks else "" for task in head[1:]))
            for one in others
        ]
        show("published, on the papers' own questions", head, lines)
        parts += ["## Published, as printed (the papers' own questions)", "\n".join(card.table(head, lines))]
    return "\n\n".join(parts) + "\n"


def _write(out: Path, told: str, standings: list[Standing], title: str, chance: dict[str, float]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "compare.md").write_text(f"# {title or 'Models compared'}\n\n{told}", encoding="utf-8")
    (out / "compare.html").write_text(html(title or "Models compared", told), encoding="utf-8")
    try:
        from beltline.exam.bars import draw
    except ImportError as error:
        print(f"no plot: {error}; pip install matplotlib", file=sys.stderr)
        return
    draw(standings, chance, title, [out / "compare.png", out / "compare.svg"])
    text = html(title or "Models compared", told, (out / "compare.png").read_bytes())
    (out / "compare.html").write_text(text, encoding="utf-8")


def _enter(
    options: Options,
    out: Path,
    found: list[Answered],
    standings: list[Standing],
    pairs: list[dict[str, Comparison] | None],
    drops: list[tuple[Standing, Standing]],
) -> int:
    figures = {
        f"{number}/{task}/accuracy": 100 * interval.estimate
        for number, one in enumerate(standings, 1)
        for task, interval in one.tasks.items()
    }
    for number, pair in enumerate(pairs, 1):
        for task, gap in (pair or {}).items():
            figures[f"{number}/{task}/difference"] = 100 * gap.difference.estimate
            figures[f"{number}/{task}/p"] = gap.permutation_p
    for number, (usual, shifted) in enumerate(drops, 1):
        figures |= {f"{number}/{task}/drop": 100 * gap.estimate for task, gap in drop(usual, shifted).items()}
    (out / "compare.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    ledger = open_run(options, f"compare on {found[0].exam.name}", {"beltline.verb": "compare"})
    ledger.params({str(number): one.name for number, one in enumerate(standings, 1)})
    for one in found:
        manifest = one.manifest
        ledger.dataset(manifest, f"{options.store.uri}/{manifest.name}/{manifest.version}", "input")
    ledger.metrics(figures)
    for path in sorted(out.glob("compare.*")):
        ledger.artifact(path.name, path.read_bytes())
    print(ledger.end() or f"written to {out}, and to MLflow's experiment {EXPERIMENT!r} of {options.tracking}")
    return 0
