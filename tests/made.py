"""Small scans, and versions of them, written as a job writes them but without a cluster."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from actors.captioner import VersionCaptioner
from beltline import pixels, verdict
from beltline.language import captions
from beltline.language.captions import Caption
from beltline.library import paths_of
from beltline.scan import SCHEMA, Item, Row, Scan, scan_id
from beltline.store import Store
from beltline.verdict import KEEP, Verdict
from beltline.version import MANIFEST, SEAL, Manifest, read_manifest
from jobs.belt import seal
from jobs.closing import close
from jobs.work import PLACE, ROWS, SPECS, Work, write_specs

SCAN_ROWS = pa.schema([*SCHEMA, *verdict.FIELDS])
_KEYS = [pa.field("id", pa.int64()), pa.field("scan_content", pa.string()), pa.field("facts", pa.string())]
WORDS = pa.schema([*_KEYS, *captions.FIELDS, *verdict.FIELDS])
GUN = Item(item=0, category="gun", top_xyxy=(30, 30, 90, 70), side_xyxy=(30, 20, 90, 50))
KNIFE = Item(item=1, category="straight knife", top_xyxy=(60, 90, 140, 100), side_xyxy=(60, 70, 140, 76))


def view(seed: int, size_wh: tuple[int, int] = (160, 120)) -> Any:
    """White, with a grey patch in the middle; the patch's level follows from the seed."""
    rgb = np.full((size_wh[1], size_wh[0], 3), 255, np.uint8)
    rgb[15:-10, 20:-15] = (80 + seed % 100, 120, 60 + seed % 50)
    return pixels.make_view(rgb, f"{seed}.png")


def scan(number: int = 0, items: tuple[Item, ...] = (GUN, KNIFE), *, sides: bool = True, **changes: Any) -> Scan:
    key = scan_id("drawn", number)
    made = Scan(
        id=key,
        group=f"bag {number}",
        source="drawn",
        source_id=str(number),
        licence="CC0-1.0",
        top=view(2 * number),
        side=view(2 * number + 1) if sides else None,
        items=items,
    )
    return replace(made, **changes)


def work(
    specs: Iterable[tuple[int, Any]] = (), schema: pa.Schema = SCAN_ROWS, inputs: Mapping[str, Manifest] | None = None
) -> Work:
    recipe = {"name": "drawn", "seed": 1}
    return Work(
        verb="draw", recipe=recipe, inputs=dict(inputs or {}), specs=lambda: specs, stages=lambda _: [], schema=schema
    )


def rows_of(scans: Iterable[Scan | tuple[Scan, Verdict]]) -> list[Row]:
    """Rows of scans that are kept, or of (scan, verdict)."""
    pairs = [one if isinstance(one, tuple) else (one, KEEP) for one in scans]
    return [one.row() | said.columns() for one, said in pairs]


def write_run(store: Store, folder: str, rows: list[Row], done: Work, num_files: int = 1) -> None:
    """The spec table and the sealed rows, partitioned by status, of a finished run."""
    write_specs(store, f"{folder}/{SPECS}", [(row["id"], {}) for row in rows], workers=1, blocks=None)
    schema = pa.schema([*PLACE, *done.schema])
    placed = [{"row": number, "content": None, **row} for number, row in enumerate(rows)]
    for part in range(num_files):
        table = seal(pa.Table.from_pylist(placed[part::num_files], schema=schema), schema)
        for status in (verdict.KEPT, verdict.REJECTED):
            chosen = table.filter(pa.compute.equal(table["status"], status)).drop_columns(["status"])
            if chosen.num_rows:
                put_parquet(store, f"{folder}/{ROWS}/status={status}/part-{part}.parquet", chosen)


def put_parquet(store: Store, path: str, table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    store.write(path, sink.getvalue().to_pybytes())


def version_of(
    store: Store,
    scans: Iterable[Scan | tuple[Scan, Verdict]],
    name: str = "corpus",
    run: str = "r1",
    num_files: int = 1,
) -> Manifest:
    """A published version of these scans."""
    return version_of_rows(store, rows_of(scans), SCAN_ROWS, name, run, num_files)


def version_of_rows(
    store: Store,
    rows: list[Row],
    schema: pa.Schema,
    name: str,
    run: str = "r1",
    num_files: int = 1,
    inputs: Mapping[str, Manifest] | None = None,
) -> Manifest:
    done, folder = work(schema=schema, inputs=inputs), f"{name}/.runs/{run}"
    write_run(store, folder, rows, done, num_files)
    return close(done, store, name, run, folder)


def described(
    store: Store, scans: list[Scan], name: str = "words", edited: Callable[[Caption], Caption] = lambda said: said
) -> tuple[Manifest, Manifest]:
    """A version of scans, and one of the grammar's captions of them, each as `edited` leaves it."""
    source = version_of(store, scans, f"{name}-scans")
    kwargs = {"store": store.uri, "asked": "asked-grammar", "describer": "grammar", "seed": 1}
    caption = VersionCaptioner(store.uri, paths_of(source), kwargs)
    rows = [
        {"prompt": None, "thinking": None, **KEEP.columns(), "id": made.id, **caption({"id": made.id})}
        for made in scans
    ]
    told = [row | {"caption": captions.write(edited(captions.read(row["caption"])))} for row in rows]
    return source, version_of_rows(store, told, WORDS, name)


def reseal(store: Store, name: str, number: str, text: bytes) -> None:
    """Another manifest text, under a seal that fits."""
    store.write(f"{name}/{number}/{MANIFEST}", text)
    store.write(f"{name}/{number}/{SEAL}", f"{hashlib.sha256(text).hexdigest()}\n".encode())


def republish(store: Store, manifest: Manifest, **changes: Any) -> Manifest:
    """The manifest with other values, published over the old one as a forger would."""
    forged = manifest.model_copy(update=changes)
    reseal(store, manifest.name, manifest.version, json.dumps(forged.model_dump()).encode())
    return read_manifest(store, manifest.name, manifest.version)
