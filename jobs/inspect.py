"""inspect: a model looks at every scan of a version, or of a folder of images; its typed findings become a version.

    python -m jobs inspect --input bags --endpoint http://host:8000/v1 --model gsr@1.0.0 --output bags-inspected
    python -m jobs inspect --root /scans/monday --endpoint http://host:8000/v1 --model gsr@1.0.0 --output monday

A row a scan, under the scan's id: items with boxes in pixels, reasoning, verdict, confidence, as `POST /v1/inspect` of a server answers
(docs/serving.md). Any OpenAI-compatible server will do; `serve` is one, and its key is taken from OPENAI_API_KEY. What cannot be read for
certain is a rejected row, `inspect/unreadable`, with the model's own words. A folder becomes the version OUTPUT-scans first: `<bag>_top.png`
and `<bag>_side.png` are one bag, every other image is a top view alone. A killed job goes on and asks nothing twice.
"""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from beltline import verdict
from beltline.language.inspected import INSPECTED, Inspecting
from beltline.language.showing import FORMS
from beltline.library import paths_of
from beltline.serving import Served
from beltline.store import Store
from beltline.version import Manifest
from jobs import asking, sources
from jobs.caption import ALL, EVERYTHING
from jobs.job import execute
from jobs.options import Options, add_common, read_common
from jobs.steps import doer, sayer
from jobs.synthesize import check_roles
from jobs.work import ASKED, Stage, Work

HELP = "a model inspects a version or a folder"
INSPECTION_ROWS = pa.schema([*INSPECTED, *verdict.FIELDS])
ENDPOINT = "endpoint"
USUAL = Served.model_fields


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="scans", recipes=[ENDPOINT], default=ENDPOINT)
    parser.add_argument("--root", type=Path, metavar="FOLDER", help="images, instead of --input")
    asking.add_server(parser)
    parser.add_argument("--model", required=True, metavar="NAME[@REVISION]", help="as the server knows it")
    parser.add_argument("--form", choices=sorted(FORMS), default="tagged", help="how views are shown; default tagged")
    parser.add_argument("--question", default=USUAL["question"].default, metavar="TEXT", help="what is asked")
    parser.add_argument("--max-tokens", type=int, default=1024, metavar="N", help="of an answer; default 1024")


def run(args: argparse.Namespace) -> int:
    """0 when every scan has its row.

    Raises:
        ValueError: neither a version nor a folder is named, or both are.
    """
    if bool(args.root) == bool(args.input):
        raise ValueError("expected --input NAME[@VERSION] or --root FOLDER, found both or neither")
    if args.root:
        words = f"ingest --recipe pictures --root {args.root.absolute()}"
        args.input = [(sayer(args.output) if args.dry_run else doer(args, args.output))("scans", words).ref]
        if args.dry_run:
            return 0
    options = read_common(args)
    return execute(prepare(options, args), options)


def prepare(options: Options, args: argparse.Namespace) -> Work:
    """Every kept scan, once.

    Raises:
        ValueError: the inputs are not scans.
    """
    inputs = options.manifests()
    check_roles(inputs, {"scans"}, repeated=True)
    scans, who = list(inputs.values()), inspecting(args)
    return Work(
        verb="inspect",
        recipe={"name": ENDPOINT, **asdict(who), "model": who.label},
        inputs=inputs,
        specs=lambda: specs(options.store, scans, options.limit),
        stages=lambda folder: [stage(who, options, args, folder, scans)],
        schema=INSPECTION_ROWS,
        says=(f"asks {who.label}: {who.question}",),
    )


def inspecting(args: argparse.Namespace) -> Inspecting:
    name, revision = asking.name_and_revision(args.model)
    return Inspecting(name=name, revision=revision, form=args.form, question=args.question, max_tokens=args.max_tokens)


def specs(store: Store, scans: list[Manifest], limit: int | None) -> Iterator[tuple[int, Any]]:
    return sources.scan_specs(store, scans, EVERYTHING, limit or ALL)


def stage(who: Inspecting, options: Options, args: argparse.Namespace, folder: str, scans: list[Manifest]) -> Stage:
    from actors.checker import Checker  # the HTTP client takes a moment to import

    kwargs = {
        **{"store": options.store.uri, "asked": f"{folder}/{ASKED}", "who": who},
        "paths": [path for manifest in scans for path in paths_of(manifest)],
    }
    return asking.server_stage("inspect", Checker, kwargs, options, args)
