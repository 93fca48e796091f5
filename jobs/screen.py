"""screen: coverage, alignment and contradiction of captions, kept or rejected with all numbers stored.

python -m jobs screen --input scans=bags --input captions=bags-captions --output bags-screened
python -m jobs screen --judge NAME@REVISION --endpoint http://host:8000/v1 --input scans=bags --input captions=words --output screened

Facts decide first; `--judge` names a model on an OpenAI-compatible server that rules on pose and occlusion where they do not
(Dual 3.1, stage 4). Each ruling is asked for once for ever.
"""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from actors.captioner import VersionScreener
from beltline import verdict
from beltline.language import screening
from beltline.language.prompts import PROMPTS
from beltline.library import paths_of
from beltline.scan import Row
from jobs import asking, sources
from jobs.caption import ALL, CAPTION_FIELDS, KEYS
from jobs.options import Options, add_common
from jobs.synthesize import check_roles
from jobs.work import ASKED, Stage, Work

if TYPE_CHECKING:
    from actors.judge import JudgeModel

HELP = "coverage, alignment and contradiction of captions"
SCREENED_ROWS = pa.schema([*KEYS, *CAPTION_FIELDS, *screening.FIELDS, *verdict.FIELDS])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="captions")
    parser.add_argument("--judge", metavar="NAME[@REVISION]", help="who rules on pose and occlusion; default: nobody")
    asking.add_server(parser)


def prepare(options: Options, args: argparse.Namespace) -> Work:
    inputs, store = options.manifests(), options.store
    check_roles(inputs, {"scans", "captions"})
    kwargs = {"store": store.uri, "paths": paths_of(inputs["captions"]), "contents": paths_of(inputs["scans"])}
    judge = _judge(args.judge)
    judged = {"judge": asdict(judge), "prompt_sha": PROMPTS["judge"].sha} if judge else {}
    return Work(
        verb="screen",
        recipe={"name": "screen", "rules": screening.RULES, **judged},
        inputs=inputs,
        specs=lambda: ((row["id"], {}) for row in _kept(options)),
        stages=lambda folder: [_stage(kwargs, judge, folder, options, args)],
        schema=SCREENED_ROWS,
        says=(f"judged by {judge.name}@{judge.revision}",) if judge else (),
    )


def _judge(word: str | None) -> "JudgeModel | None":
    from actors.judge import JudgeModel  # brings the HTTP client, for which --help has no use

    if not word:
        return None
    name, revision = asking.name_and_revision(word)
    return JudgeModel(name=name, revision=revision)


def _stage(
    kwargs: dict[str, Any], judge: "JudgeModel | None", folder: str, options: Options, args: argparse.Namespace
) -> Stage:
    if judge is None:
        return Stage(name="screen", make=VersionScreener, kwargs=kwargs)
    from actors.judge import JudgedScreener

    more = {"asked": f"{folder}/{ASKED}", "model": judge}
    return asking.server_stage("screen", JudgedScreener, {**kwargs, **more}, options, args)


def _kept(options: Options) -> list[Row]:
    """In the order of the captions' files."""
    rows = sources.kept(options.store, [options.manifests()["captions"]], [])
    chosen = set(sorted(row["id"] for row in rows)[: options.limit or ALL])
    return [row for row in rows if row["id"] in chosen]
