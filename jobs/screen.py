"""screen: coverage, alignment and contradiction of captions, kept or rejected with all numbers stored.

python -m jobs screen --input scans=bags --input captions=bags-captions --output bags-screened
"""

import argparse

import pyarrow as pa

from actors.captioner import VersionScreener
from beltline import verdict
from beltline.language import screening
from beltline.library import paths_of
from beltline.scan import Row
from jobs import sources
from jobs.caption import ALL, CAPTION_FIELDS, KEYS
from jobs.options import Options, add_common
from jobs.synthesize import check_roles
from jobs.work import Stage, Work

HELP = "coverage, alignment and contradiction of captions"
SCREENED_ROWS = pa.schema([*KEYS, *CAPTION_FIELDS, *screening.FIELDS, *verdict.FIELDS])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_common(parser, role="captions")


def prepare(options: Options, args: argparse.Namespace) -> Work:
    inputs, store = options.manifests(), options.store
    check_roles(inputs, {"scans", "captions"})
    kwargs = {"store": store.uri, "paths": paths_of(inputs["captions"]), "contents": paths_of(inputs["scans"])}
    return Work(
        verb="screen",
        recipe={"name": "screen", "rules": screening.RULES},
        inputs=inputs,
        specs=lambda: ((row["id"], {}) for row in _kept(options)),
        stages=lambda folder: [Stage(name="screen", make=VersionScreener, kwargs=kwargs)],
        schema=SCREENED_ROWS,
    )


def _kept(options: Options) -> list[Row]:
    rows = sources.kept(options.store, [options.manifests()["captions"]], [])
    return sorted(rows, key=lambda row: row["id"])[: options.limit or ALL]
