"""onepipe: captions of a set in two rounds, each by a captioner that was taught on what came before (One 3.2).

python -m jobs onepipe --recipe onepipe_nano --input scans=bags --limit 2000 --output words
python -m jobs onepipe --recipe onepipe_nano --input scans=bags --limit 2000 --output words --base FOLDER --dry-run

Scans with a side below 200 px, or whose boxes are not the rectangles of their masks, are left out. A first part is described by the
grammar, which stands where the paper has a strong model, and teaches a captioner. That one describes a second part; what the screens
keep of it stays, and what they reject is described anew from the facts: the two stand where the paper has a person who checks and a
model that rewrites. Both parts teach a second time, and the rest is described by what came of it.

Every step is a verb of its own, said before it is done, and a version of its own, OUTPUT-STEP: the same command again finds what is
finished. OUTPUT holds all captions with the part that they belong to, and its card what the screens counted of each.
"""

import argparse
from collections.abc import Iterator
from dataclasses import asdict, replace
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from beltline import card, verdict
from beltline.language import screening
from beltline.language.tally import Tally, tally
from beltline.parts import parter
from beltline.scan import Row
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import iter_rows
from jobs import sources
from jobs.caption import ALL, CAPTION_FIELDS, KEYS
from jobs.instant import finished, put
from jobs.options import Options, add_common, read_common
from jobs.recipes import ONEPIPE, OnePipeRecipe, seeded
from jobs.scores import show
from jobs.steps import Do, doer, done, sayer
from jobs.synthesize import check_roles
from jobs.work import Stage, Work

HELP = "captions in two rounds, each by a captioner taught on what came before"
PART = pa.field("part", pa.string())
PART_ROWS = pa.schema([pa.field("id", pa.int64(), False), pa.field("group", pa.string()), PART, *verdict.FIELDS])
ROWS = pa.schema([*KEYS, PART, *CAPTION_FIELDS, *screening.FIELDS, *verdict.FIELDS])
HEAD = (
    "part",
    "scans",
    "captions",
    "kept %",
    "facts said %",
    "missing",
    "supported %",
    "unsupported",
    "contradicting %",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", recipes=sorted(ONEPIPE))
    parser.add_argument("--base", metavar="FOLDER|NAME", help="the weights that the first round starts from")
    parser.add_argument("--device", default="cpu", help="of teaching and captioning: cpu or cuda; default cpu")


def run(args: argparse.Namespace) -> int:
    """0 when both rounds are done and reported.

    Raises:
        ValueError: the inputs are not one version of scans, or a step came to nothing.
    """
    options = read_common(args)
    check_roles(options.manifests(), {"scans"})
    recipe: OnePipeRecipe = seeded(ONEPIPE[options.recipe], options.seed)
    made = rounds(_doer(args, options, recipe), recipe, options.manifests()["scans"].ref, args)
    return 0 if options.dry_run else _report(recipe, options, made)


def rounds(do: Do, recipe: OnePipeRecipe, scans: str, args: argparse.Namespace) -> dict[str, Any]:
    """The versions of the whole loop, step by step."""
    made: dict[str, Any] = {"parts": do("parts", "")}
    told, device = f"--input scans={scans}", f"--device {args.device}"

    def caption(step: str, words: str, part: str) -> None:
        chosen = f"--input only={made['parts'].ref} --where part={part}"
        made[step] = do(step, f"caption {words} {told} {chosen}")
        if made[step].counts[KEPT]:
            made[f"{step}-screened"] = do(f"{step}-screened", f"screen {told} --input captions={made[step].ref}")

    def teach(step: str, words: str, *described: str) -> None:
        taught = [f"{name}-screened" for name in described if _kept(made, f"{name}-screened")]
        notes = [
            do(f"{name}-notes", f"converse --recipe notes {told} --input captions={made[name].ref}") for name in taught
        ]
        lessons = " ".join(f"--input lessons={one.ref}" for one in notes)
        made[step] = do(step, f"train {words} {told} {lessons} {device}")

    def pupil(model: str) -> str:
        return f"--recipe pupil --input model={made[model].ref} {device}"

    caption("seed", f"--recipe {recipe.strong}", "seed")
    teach("round1", f"--recipe {recipe.rounds[0]}" + (f" --base {args.base}" if args.base else ""), "seed")
    caption("second", pupil("round1"), "second")
    if _kept(made, "second-screened") < made["second"].num_rows:
        but = f"--input but={made['second-screened'].ref}" if "second-screened" in made else ""
        caption("mended", f"--recipe {recipe.strong} --seed {recipe.seed} {but}", "second")
    teach("round2", f"--recipe {recipe.rounds[1]} --input base={made['round1'].ref}", "seed", "second", "mended")
    caption("rest", pupil("round2"), "rest")
    return made


def _kept(made: dict[str, Any], step: str) -> int:
    return int(made[step].counts[KEPT]) if step in made else 0


def _doer(args: argparse.Namespace, options: Options, recipe: OnePipeRecipe) -> Do:
    """Steps as a person would give them; the parts are no verb's."""
    by_verb = sayer(options.output) if options.dry_run else doer(args, options.output)

    def do(step: str, words: str) -> Any:
        name = f"{options.output}-{step}"
        if words:
            return by_verb(step, words)
        if options.dry_run:
            print(f"  {name}: the scans that are clean, in parts")
            return SimpleNamespace(ref=name, num_rows=2, counts={KEPT: 1})
        return done(_parts(recipe, options), replace(options, output=name))

    return do


def _parts(recipe: OnePipeRecipe, options: Options) -> Work:
    """The scans that pass the gates, each with its part."""
    scans, store = options.manifests()["scans"], options.store
    drawn = {"shares": recipe.shares, "seed": recipe.seed}
    return Work(
        verb="onepipe",
        recipe={"name": recipe.name, "clean": asdict(recipe.clean), "shares": [list(one) for one in recipe.shares]}
        | {"seed": recipe.seed},
        inputs={"scans": scans},
        specs=lambda: sources.scan_specs(store, [scans], recipe.clean, options.limit or ALL),
        stages=lambda folder: [
            sources.scan_stage(store, scans, recipe.clean),
            Stage(name="part", make=parter, kwargs=drawn),
        ],
        schema=PART_ROWS,
    )


def _report(recipe: OnePipeRecipe, options: Options, made: dict[str, Any]) -> int:
    """All captions as one version, with what the screens counted of each part; 0."""
    told = {
        part: list(_screened(options.store, made, part))
        for part in ("seed", "second", "mended", "rest")
        if part in made
    }
    found = {part: tally(rows) for part, rows in told.items()}
    lines = [_line(part, one) for part, one in found.items()]
    work = Work(
        verb="onepipe",
        recipe={"name": recipe.name, "rounds": list(recipe.rounds)},
        inputs=options.manifests() | made,
        specs=lambda: (),
        stages=lambda folder: [],
        schema=ROWS,
        sections={"Rounds": card.table(HEAD, lines)},
    )
    show(f"{options.output}: what the screens counted", HEAD, lines)
    if not finished(work, options):
        mended = {row["id"] for row in told.get("mended", [])}
        rows = [
            row | {"part": part}
            for part, some in told.items()
            for row in some
            if part != "second" or row["id"] not in mended
        ]
        put(
            work,
            options,
            rows,
            {f"{part}/{name}": value for part, one in found.items() for name, value in one.figures().items()},
        )
    return 0


def _screened(store: Store, made: dict[str, Any], part: str) -> Iterator[Row]:
    """A part's rows as the screens left them, and those that were no caption to screen."""
    screened = made.get(f"{part}-screened")
    judged = {row["id"]: row for row in iter_rows(store, screened)} if screened else {}
    return (judged.get(row["id"], row) for row in iter_rows(store, made[part]))


def _line(part: str, found: Tally) -> tuple[str, ...]:
    shares = (found.kept_share, found.asserted, found.missing, found.supported, found.unsupported, found.contradicting)
    return (part, str(found.scans), str(found.captions), *(f"{value:.1f}" for value in shares))
