"""From finished rows to a version: every id once, counts, card, contact sheet, and the manifest last."""

import datetime
import importlib.metadata
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from beltline import card
from beltline.image import sheet
from beltline.language import captions, diversity
from beltline.language.facts import Facts
from beltline.store import Store
from beltline.verdict import KEPT, REJECTED
from beltline.version import (
    Diff,
    File,
    Manifest,
    diff,
    digest_of,
    file_entry,
    pairs_of,
    publish,
    read_columns,
    read_files,
    resolve,
    versions,
)
from jobs.work import ROWS, SPECS, Work

LIBRARIES = ("beltline", "numpy", "opencv-python-headless", "pillow", "pyarrow", "pydantic", "ray", "mlflow")
ITEM_COLUMNS = [f"items.list.element.{name}" for name in ("category", "attributes", "top_xyxy", "side_xyxy")]
SHEET_ROWS = 12


def close(work: Work, store: Store, name: str, run: str, folder: str, more: Sequence[str] = ()) -> Manifest:
    """Publish what the run has written as the next version of `name`.

    Args:
        more: paths of further files in the store that belong to the version, a model's weights for one.

    Raises:
        ValueError: a row of the spec table is missing, or there twice with different content.
    """
    paths = [path for path in store.list(f"{folder}/{ROWS}", recursive=True) if path.endswith(".parquet")]
    table = read_files(store, paths, ["id", "content", "status", "reason"])
    if len(table) > len(set(table["id"].to_pylist())):
        paths = once(store, paths)
        table = read_files(store, paths, ["id", "content", "status", "reason"])
    pairs = pairs_of(table)
    _check_complete(store, folder, pairs)
    parent, change = _since_parent(store, name, pairs)
    number = change.bump(parent.version) if parent else "1.0.0"
    kept = kept_summary(store, paths)
    facts = _facts(work, table, kept, pairs)
    place = f"{name}/{number}"
    files = [file_entry(store, path) for path in (*paths, *more)] + _for_people(store, place, paths, work, facts, kept)
    manifest = Manifest(
        name=name,
        version=number,
        run=run,
        parent=parent.ref if parent else None,
        change=change.counts(),
        files=sorted(files, key=lambda file: file.path),
        **facts,
    )
    publish(store, manifest)
    return manifest


def once(store: Store, paths: Sequence[str]) -> list[str]:
    """The files with every row in only one of them.

    A worker outlives its killed driver by the block that it has in hand, while the next driver has that block made again. Rows with one
    id and different content are all left: which is right, nobody here can know.
    """
    seen = set[tuple[int, str]]()
    left = []
    for path in paths:
        columns = read_files(store, [path], ["id", "content"]).to_pydict()
        pairs = list(zip(columns["id"], columns["content"], strict=True))
        new = [pair not in seen for pair in pairs]
        seen.update(pairs)
        if any(new):
            left.append(path if all(new) else _part(store, path, new))
        if not all(new):
            store.remove(path)
    return left


def _part(store: Store, path: str, chosen: list[bool]) -> str:
    """Some rows of a file as a file beside it, which comes before it by name."""
    with pq.ParquetFile(store.path(path), filesystem=store.filesystem) as file:
        table = file.read().filter(pa.array(chosen))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    place = f"{path.removesuffix('.parquet')}-once.parquet"
    store.write(place, sink.getvalue().to_pybytes())
    return place


def _check_complete(store: Store, folder: str, pairs: Mapping[int, str]) -> None:
    expected = read_files(store, [f"{folder}/{SPECS}"], ["id"])["id"].to_pylist()
    missing = set(expected) - pairs.keys()
    if missing or len(pairs) != len(expected):
        raise ValueError(
            f"{folder}: expected {len(expected)} rows, each once, found {len(pairs)}, {len(missing)} missing; "
            "run the same command again, and if it says so twice, delete this folder and run it a third time"
        )


def _since_parent(store: Store, name: str, pairs: Mapping[int, str]) -> tuple[Manifest | None, Diff]:
    known = versions(store, name)
    if not known:
        return None, diff({}, pairs)
    parent = resolve(store, f"{name}@{known[-1]}")
    return parent, diff(pairs_of(read_columns(store, parent, ["id", "content"])), pairs)


class Kept:
    """What the card says of kept rows, and which of them the sheet shows."""

    def __init__(self) -> None:
        self.statistics = card.Statistics()
        self.licences: Counter[str] = Counter()
        self.ids: list[int] = []


def kept_summary(store: Store, paths: list[str]) -> Kept:
    """Read kept rows without their images, one file at a time."""
    kept = Kept()
    for path in paths:
        if f"status={KEPT}" not in path:
            continue
        for row in read_files(store, [path], ["id", "licence", "group", "side_width", *ITEM_COLUMNS]).to_pylist():
            kept.ids.append(row["id"])
            if "licence" in row:
                kept.licences[row["licence"]] += 1
                kept.statistics.add(row)
    return kept


def _facts(work: Work, table: pa.Table, kept: Kept, pairs: Mapping[int, str]) -> dict[str, Any]:
    """The fields of the manifest that do not depend on where it will lie."""
    statuses, reasons = Counter(table["status"].to_pylist()), Counter(table["reason"].to_pylist())
    return {
        "digest": digest_of(pairs.items()),
        "verb": work.verb,
        "recipe": work.recipe,
        "inputs": {role: manifest.ref for role, manifest in work.inputs.items()},
        "input_digests": {role: manifest.digest for role, manifest in work.inputs.items()},
        "num_rows": len(pairs),
        "counts": {status: statuses.get(status, 0) for status in (KEPT, REJECTED)},
        "reasons": {reason: count for reason, count in sorted(reasons.items(), key=str) if reason},
        "licences": dict(sorted(kept.licences.items())),
        "columns": {field.name: str(field.type) for field in work.schema},
        "commit": commit(),
        "libraries": libraries(),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def _for_people(
    store: Store, place: str, paths: list[str], work: Work, facts: dict[str, Any], kept: Kept
) -> list[File]:
    """Write card.md and, for rows with images, sheet.png."""
    title = place.replace("/", " ")
    shown = {name: facts[name] for name in ("digest", "verb", "num_rows", "created", "commit")}
    shown |= (
        {"recipe": work.recipe.get("name", "")}
        | {f"input {role}": ref for role, ref in facts["inputs"].items()}
        | facts["counts"]
    )
    told = {"caption", "facts"} <= set(work.schema.names) and kept.ids
    sections = ({"Words": words_of(store, paths, kept.ids)} if told else {}) | dict(work.sections)
    text = card.card(title, shown, facts["reasons"], facts["licences"], kept.statistics, sections)
    store.write(f"{place}/card.md", text.encode())
    written = [f"{place}/card.md"]
    if "top" in work.schema.names and kept.ids:
        rows = sample(store, paths, kept.ids)
        store.write(f"{place}/sheet.png", sheet.contact_sheet(rows, title))
        written.append(f"{place}/sheet.png")
    return [file_entry(store, path) for path in written]


def words_of(store: Store, paths: list[str], ids: list[int]) -> list[str]:
    """How varied a sample of the kept captions is, beside the fixed template of the same scans (diversity.py)."""
    wanted = set(diversity.sample(ids, diversity.MAX_CAPTIONS))
    said: dict[int, str] = {}
    fixed: dict[int, str] = {}
    for path in (path for path in paths if f"status={KEPT}" in path):
        table = read_files(store, [path], ["id", "caption", "facts"])
        chosen = table.filter(pc.is_in(table["id"], pa.array(sorted(wanted), table["id"].type)))
        for row in chosen.to_pylist():
            said[row["id"]] = captions.read(row["caption"]).text()
            fixed[row["id"]] = diversity.template(Facts.of(row["facts"]))
    rows = diversity.lines(diversity.measure(said), diversity.measure(fixed))
    return card.table(("what", "captions", "fixed template"), rows)


def sample(store: Store, paths: list[str], ids: list[int]) -> list[dict[str, Any]]:
    """Whole rows for the sheet: spread evenly over the sorted ids, so that any run shows the same ones."""
    ids = sorted(ids)
    wanted = {ids[index] for index in np.linspace(0, len(ids) - 1, min(SHEET_ROWS, len(ids))).astype(int)}
    rows: list[dict[str, Any]] = []
    for path in paths:
        if f"status={KEPT}" in path and wanted & set(read_files(store, [path], ["id"])["id"].to_pylist()):
            rows += [row for row in read_files(store, [path]).to_pylist() if row["id"] in wanted]
    return sorted(rows, key=lambda row: row["id"])


def commit() -> str:
    """The code's commit, with + when there are uncommitted changes; \"unknown\" outside a checkout."""
    here = Path(__file__).parent
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=False)
    if found.returncode:
        return "unknown"
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=here, capture_output=True, text=True, check=False)
    return found.stdout.strip() + ("+" if changed.stdout.strip() else "")


def libraries() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
