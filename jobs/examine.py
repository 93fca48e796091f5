"""examine: a model answers an exam; its replies become a version, and are scored.

    python -m jobs examine --recipe endpoint --input exam=dualxray --input scans=bags --endpoint URL --model NAME@REV --output dualxray-by-name
    python -m jobs examine --input model=gsr-nano --form tagged --input exam=dualxray --input scans=bags --output dualxray-by-nano
    python -m jobs examine --answerer "longest option" --input exam=dualxray --output dualxray-blind
    python -m jobs examine --predictions replies.jsonl --model NAME@REV --input exam=dualxray --output dualxray-by-name
    python -m jobs examine --predictions coco.json --annotations gt.json --input scans=bags --output bags-by-yolo
    python -m jobs examine --score dualxray-by-name@1.0.0

A model version of `train` is asked in this process, greedily and once a question: right for small ones, and no server is needed. --form says
how it was taught to be shown views. With --circular a question is asked once for each turn of its options, and right in all of them or not; with --views top, side or none a
model shows what it makes of one view, or of the words alone. Every question is asked once a seed (0, 1 and 42 at temperature 0.1, as One 5.2), through the answer cache: a killed job, another version
and another exam with the same question ask nothing again. Replies and scores are apart: --score reads them anew, in moments, and
puts a run into MLflow's experiment "exams"; --sheet FILE.png is a page of right and wrong answers on their views. A file of predictions holds a JSON object a line: {"question_id": 7, "reply": "B"}, and
optionally "seed", "thinking", "finish_reason".
"""

import argparse
import hashlib
import sys
from collections.abc import Iterable
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa

from beltline import verdict
from beltline.exam.asking import ANSWERS, Examinee, reply_id, reply_row
from beltline.exam.predictions import read_replies
from beltline.exam.tasks import Question
from beltline.language.asking import Reply
from beltline.language.showing import FORMS, NAMED
from beltline.library import paths_of
from beltline.scan import Row
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import Manifest, find_run, iter_rows, read_columns, resolve, run_of
from jobs import asking, detectors, pupils
from jobs.instant import finished, put
from jobs.job import execute, identity
from jobs.options import Options, add_common, read_common
from jobs.scores import score_version
from jobs.synthesize import check_roles
from jobs.work import ASKED, Stage, Work

HELP = "a model answers an exam, and is scored"
REPLY_ROWS = pa.schema([*ANSWERS, *verdict.FIELDS])
SEEDS = (0, 1, 42)
ENDPOINT = "endpoint"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="exam", writes=False)
    asking.add_asking(parser)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), metavar="N", help="default 0 1 42")
    parser.add_argument("--temperature", type=float, default=0.1, help="default 0.1")
    parser.add_argument("--max-tokens", type=int, default=4096, metavar="N", help="of thinking and answer together")
    parser.add_argument("--reasoned", action="store_true", help="ask for reasoning and a marked answer")
    parser.add_argument("--form", choices=sorted(FORMS), default=NAMED.name, help="how views are shown; default named")
    parser.add_argument("--device", default="cpu", help="of a model version: cpu or cuda; default cpu")
    seen = "show these views alone; none: the text alone"
    parser.add_argument("--views", choices=("top", "side", "none"), help=seen)
    parser.add_argument("--circular", action="store_true", help="ask each question once for each turn of its options")
    parser.add_argument("--answerer", metavar="NAME", help="a blind answerer of the audit, instead of a model")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="a JSONL file of replies, instead of a model")
    detectors.add_arguments(parser)
    parser.add_argument("--score", metavar="NAME[@VERSION]", help="score this version of replies, and ask nobody")
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE.png", help="a page of right and wrong answers with their views"
    )
    parser.add_argument("--no-score", action="store_true", help="leave the score for later")


def run(args: argparse.Namespace) -> int:
    """0 when the replies are there and scored.

    Raises:
        ValueError: the words do not say who answers what.
    """
    if args.score:
        args.output = args.score.partition("@")[0]
        options = read_common(args)
        return _scored(options, resolve(options.store, args.score), args.sheet)
    options = read_common(_checked(args))
    code, manifest = _answered(options, args)
    if code or manifest is None or args.no_score:
        return code
    return _scored(options, manifest, args.sheet)


def _scored(options: Options, manifest: Manifest, sheet: Path | None) -> int:
    if "boxes" in manifest.columns:
        if sheet:
            raise ValueError("--sheet: expected replies to an exam, found a detector's boxes; leave it out")
        return detectors.score_detector(options, manifest)
    return score_version(options, manifest, sheet)


def _checked(args: argparse.Namespace) -> argparse.Namespace:
    if args.recipe not in ("", ENDPOINT):
        raise ValueError(
            f"--recipe: expected {ENDPOINT}, or --answerer or --predictions instead, found {args.recipe!r}"
        )
    if not args.output:
        raise ValueError("--output: expected the name of the version to write, found none")
    if args.limit:  # what nobody asked would count as no response
        raise ValueError("--limit: an exam is put whole; for a smaller one, give --limit to set_exam")
    return args


def _answered(options: Options, args: argparse.Namespace) -> tuple[int, Manifest | None]:
    """The exit code, and the version of replies where there is one."""
    if args.predictions and args.annotations:
        return 0, detectors.imported(options, args)
    if args.answerer or args.predictions:
        return 0, _in_hand(options, args)
    if any(role == pupils.ROLE for role, _ in options.inputs):
        return 0, pupils.examined(options, args, REPLY_ROWS)
    work = endpoint_work(options, args)
    code = execute(work, options)
    done = None if code or options.dry_run else find_run(options.store, options.output, run_of(identity(work, options)))
    return code, done


def endpoint_work(options: Options, args: argparse.Namespace) -> Work:
    """Every question of the exam, once a seed.

    Raises:
        ValueError: no model is named, or the inputs are not an exam and its scans.
    """
    inputs, store = options.manifests(), options.store
    check_roles(inputs, {"exam", "scans"}, repeated=True)
    scans = [manifest for role, manifest in inputs.items() if role != "exam"]
    who = examinee(args)
    return Work(
        verb="examine",
        recipe=asdict(who) | {"name": ENDPOINT, "model": who.label, "seeds": args.seeds, "circular": args.circular},
        inputs=inputs,
        specs=lambda: specs(store, inputs["exam"], scans, who, args),
        stages=lambda folder: [endpoint_stage(who, options, args, folder, inputs["exam"], scans)],
        schema=REPLY_ROWS,
        says=(f"asks {who.label} every question with seeds {', '.join(map(str, args.seeds))}",),
    )


def examinee(args: argparse.Namespace) -> Examinee:
    """Who is asked.

    Raises:
        ValueError: --model does not say.
    """
    if not args.model:
        raise ValueError("--model: expected NAME[@REVISION] of the model that answers, found none")
    name, mark, revision = args.model.rpartition("@")
    named = (name, revision) if mark and name else (args.model, "main")
    views = None if args.views is None else () if args.views == "none" else (args.views,)
    same = {
        "form": args.form,
        "views": views,
        "temperature": args.temperature,
        "max_tokens": args.max_tokens,
        "reasoned": args.reasoned,
    }
    return Examinee(name=named[0], revision=named[1], **same)


def specs(
    store: Store, exam: Manifest, scans: list[Manifest], who: Examinee, args: argparse.Namespace
) -> Iterable[tuple[int, Any]]:
    """A spec a question and seed (with --circular, a turn of its options), in the order in which the scans lie, so that each file of scans is read once."""
    ids = [key for manifest in scans for key in read_columns(store, manifest, ["id"])["id"].to_pylist()]
    place = {key: number for number, key in enumerate(ids)}
    rows = [
        row
        for row in read_columns(store, exam, ["id", "scan", "options", "status"]).to_pylist()
        if row["status"] == KEPT
    ]
    rows.sort(key=lambda row: (place.get(row["scan"], -1), row["id"]))
    for row in rows:
        turns = range(len(row["options"]) if args.circular else 1)
        for seed, turn in product(args.seeds, turns):
            yield reply_id(row["id"], who.label, seed, turn), {"question": row["id"], "seed": seed, "turn": turn}


def endpoint_stage(
    who: Examinee, options: Options, args: argparse.Namespace, folder: str, exam: Manifest, scans: list[Manifest]
) -> Stage:
    from actors.examinee import EndpointExaminee  # the HTTP client takes a moment to import

    actors = max(1, min(options.workers, args.in_flight // asking.LEAST_IN_FLIGHT))
    door = asking.access(args, actors)
    kwargs = {
        **{"store": options.store.uri, "asked": f"{folder}/{ASKED}", "examinee": who, "access": door},
        "exam": paths_of(exam),
        "scans": [path for manifest in scans for path in paths_of(manifest)],
    }
    at_once = 2 * door.in_flight
    return Stage(name="examine", make=EndpointExaminee, kwargs=kwargs, on="actors", actors=actors, rows_at_once=at_once)


def _in_hand(options: Options, args: argparse.Namespace) -> Manifest | None:
    """Replies that need no server: a blind answerer's, or a file's."""
    inputs = {role: manifest for role, manifest in options.manifests().items() if role == "exam"}
    check_roles(inputs, {"exam"})
    name, recipe = _named(args)
    work = Work(
        verb="examine", recipe=recipe, inputs=inputs, specs=lambda: (), stages=lambda folder: [], schema=REPLY_ROWS
    )
    done = finished(work, options)
    if done or options.dry_run:
        return done
    asked = [row for row in iter_rows(options.store, inputs["exam"]) if row["status"] == KEPT]
    rows = _from_file(asked, name, args.predictions) if args.predictions else _from_answerer(asked, name, args.answerer)
    return put(work, options, rows)


def _named(args: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """The label of who answered, and what decides the rows."""
    if args.answerer:
        return f"blind: {args.answerer}", {"name": "answerer", "model": f"blind: {args.answerer}"}
    label = args.model or args.predictions.stem
    digest = hashlib.sha256(args.predictions.read_bytes()).hexdigest()
    return label, {"name": "predictions", "model": label, "sha256": digest}


def _from_answerer(asked: list[Row], label: str, name: str) -> list[Row]:
    from beltline.exam.blind import RULES

    if name not in RULES:
        raise ValueError(f"--answerer: expected one of {', '.join(sorted(RULES))}, found {name!r}")
    questions = [Question.of(row) for row in asked]
    letters = RULES[name](questions)
    return [
        reply_row(question, row["content"], label, 0, Reply(text=letter))
        for question, row, letter in zip(questions, asked, letters, strict=True)
    ]


def _from_file(asked: list[Row], label: str, path: Path) -> list[Row]:
    """One row a reply of the file; questions that it does not answer are said, and count as no response."""
    known = {row["id"]: row for row in asked}
    found = read_replies(path.read_text(encoding="utf-8"), known.keys())
    silent = len(known) - len({one.question for one in found})
    if silent:
        print(f"{path}: {silent} of {len(known)} questions have no reply; they count as no response", file=sys.stderr)
    return [
        reply_row(Question.of(known[one.question]), known[one.question]["content"], label, one.seed, one.reply)
        for one in found
    ]
