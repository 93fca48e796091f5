"""A dataset version: rows that never change, a manifest written last, a digest that means the content.

    STORE/<name>/.runs/<run>/rows/status=kept/*.parquet      what a job writes, and a re-run of the job continues
    STORE/<name>/<version>/card.md, sheet.png                for people
    STORE/<name>/<version>/manifest.json, manifest.sha256    last: they exist, so the version is complete

The digest is sha256 over the sorted (id, content hash) pairs: it does not depend on workers, file layout, order, or on how
often the job was killed. Version numbers follow Croissant's rule (rows changed or removed: major; only added: minor; the
same rows repackaged: patch), and the difference decides, not the author.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from beltline.pixels import fingerprint
from beltline.scan import VIEWS, Row, canonical_json, content_hash
from beltline.store import Store

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
NUMBER = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
PIECE = 16 << 20
MANIFEST, SEAL = "manifest.json", "manifest.sha256"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_Strict):
    """One file of a version."""

    path: str
    """Relative to the store."""
    bytes: int
    sha256: str


class Manifest(_Strict):
    """All that a version says of itself. Times and hosts are here at most, never in the digest."""

    name: str
    version: str
    digest: str
    run: str
    verb: str
    recipe: dict[str, Any]
    inputs: dict[str, str]
    """Role to `name@version`."""
    input_digests: dict[str, str]
    num_rows: int
    counts: dict[str, int]
    """Rows by status."""
    reasons: dict[str, int]
    """Rejected rows by reason."""
    licences: dict[str, int]
    """Kept rows by licence."""
    columns: dict[str, str]
    parent: str | None
    change: dict[str, int]
    """Rows added, removed, changed since the parent."""
    commit: str
    libraries: dict[str, str]
    created: str
    files: list[File]

    @property
    def ref(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def rows(self) -> list[File]:
        """The parquet files, in order of path."""
        return sorted((file for file in self.files if file.path.endswith(".parquet")), key=lambda file: file.path)


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs between two versions, by id, and the number that follows the first."""

    added: list[int]
    removed: list[int]
    changed: list[int]

    def bump(self, number: str) -> str:
        """The version number after `number`: major, minor or patch by Croissant's rule."""
        major, minor, patch = map(int, number.split("."))
        if self.removed or self.changed:
            return f"{major + 1}.0.0"
        return f"{major}.{minor + 1}.0" if self.added else f"{major}.{minor}.{patch + 1}"

    def counts(self) -> dict[str, int]:
        return {"added": len(self.added), "removed": len(self.removed), "changed": len(self.changed)}


def digest_of(pairs: Iterable[tuple[int, str]]) -> str:
    """sha256 over the (id, content hash) pairs, sorted: `id:hash` a line."""
    hasher = hashlib.sha256()
    for key, content in sorted(pairs):
        hasher.update(f"{key}:{content}\n".encode())
    return hasher.hexdigest()


def run_of(identity: Mapping[str, Any]) -> str:
    """Name of a run: 16 hex digits over the canonical JSON of what decides its rows."""
    return hashlib.sha256(canonical_json(identity).encode()).hexdigest()[:16]


def versions(store: Store, name: str) -> list[str]:
    """Numbers of the complete versions of `name`, oldest first."""
    folders = (path.rsplit("/", 1)[-1] for path in store.list(name))
    numbers = [number for number in folders if NUMBER.fullmatch(number) and store.exists(f"{name}/{number}/{MANIFEST}")]
    return sorted(numbers, key=lambda number: tuple(map(int, number.split("."))))


def resolve(store: Store, ref: str) -> Manifest:
    """The manifest of `name@version`, or of the newest version for a bare `name`.

    Raises:
        ValueError: the reference is not well formed, or no such version is complete in this store.
    """
    name, _, number = ref.partition("@")
    if not NAME.fullmatch(name) or (number and not NUMBER.fullmatch(number)):
        raise ValueError(f"version: expected NAME@MAJOR.MINOR.PATCH or NAME, found {ref!r}")
    known = versions(store, name)
    number = number or (known[-1] if known else "")
    if number not in known:
        raise ValueError(
            f"version: expected {ref} in {store.uri}, found {', '.join(known) or 'no version'} of {name!r}"
        )
    return read_manifest(store, name, number)


def read_manifest(store: Store, name: str, number: str) -> Manifest:
    return Manifest.model_validate_json(store.read(f"{name}/{number}/{MANIFEST}"))


def find_run(store: Store, name: str, run: str) -> Manifest | None:
    """The newest complete version that this run has made, if any."""
    manifests = (read_manifest(store, name, number) for number in reversed(versions(store, name)))
    return next((manifest for manifest in manifests if manifest.run == run), None)


def read_columns(store: Store, manifest: Manifest, columns: list[str]) -> pa.Table:
    """Some columns of all rows, in order of file and row."""
    return read_files(store, [file.path for file in manifest.rows], columns)


def read_files(store: Store, paths: list[str], columns: list[str] | None = None) -> pa.Table:
    """Some columns of parquet files of the store; `status` is read from the path like any other column."""
    tables = []
    for path in paths:
        wanted = None if columns is None else [name for name in columns if name != "status"]
        with pq.ParquetFile(store.path(path), filesystem=store.filesystem) as file:  # knows nested columns by path
            table = file.read(columns=wanted)
        if columns is None or "status" in columns:
            status = path.split("status=")[1].split("/")[0]
            table = table.append_column("status", pa.array([status] * table.num_rows, pa.string()))
        tables.append(table)
    if not tables:
        return pa.table({name: [] for name in columns or []})
    return pa.concat_tables(tables, promote_options="permissive")


def iter_rows(store: Store, manifest: Manifest) -> Iterator[Row]:
    """Every row, as written, one file in memory at a time."""
    for file in manifest.rows:
        yield from read_files(store, [file.path]).to_pylist()


def pairs_of(table: pa.Table) -> dict[int, str]:
    """id to content hash.

    Raises:
        ValueError: an id is there more than once.
    """
    ids = table["id"].to_pylist()
    doubled = [key for key, count in Counter(ids).items() if count > 1]
    if doubled:
        raise ValueError(f"rows: expected every id once, found {len(doubled)} doubled, the first {doubled[0]}")
    return dict(zip(ids, table["content"].to_pylist(), strict=True))


def diff(before: Mapping[int, str], after: Mapping[int, str]) -> Diff:
    """Ids added, removed and changed from one set of (id, content hash) pairs to another, each sorted."""
    common = before.keys() & after.keys()
    changed = sorted(key for key in common if before[key] != after[key])
    return Diff(sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys()), changed)


def diff_versions(store: Store, before: Manifest, after: Manifest) -> Diff:
    return diff(*(pairs_of(read_columns(store, manifest, ["id", "content"])) for manifest in (before, after)))


def file_entry(store: Store, path: str) -> File:
    """Read piece by piece: a model's weights do not fit in memory."""
    hasher, size = hashlib.sha256(), 0
    with store.filesystem.open_input_stream(store.path(path)) as stream:
        while piece := stream.read(PIECE):
            hasher.update(piece)
            size += len(piece)
    return File(path=path, bytes=size, sha256=hasher.hexdigest())


def publish(store: Store, manifest: Manifest) -> None:
    """Write the seal and then, last of all, the manifest: from now on the version exists.

    Raises:
        ValueError: another job published this number first.
    """
    text = (json.dumps(manifest.model_dump(), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
    folder = f"{manifest.name}/{manifest.version}"
    store.write(f"{folder}/{SEAL}", f"{hashlib.sha256(text).hexdigest()}\n".encode())
    if store.write_once(f"{folder}/{MANIFEST}", text) != text:
        raise ValueError(f"{folder}: expected to publish it, found it published by another job; run the command again")


def verify(store: Store, ref: str, *, deep: bool = False) -> list[str]:
    """What is wrong with a version, one sentence each; [] when all is as it was written.

    Checks the manifest against its seal, every file against its size and sha256, that no file is there which the manifest
    does not list, the digest against the rows' content column, and with `deep` also every row against its content hash and
    every image against its fingerprint. Never raises for what it finds.
    """
    name, _, number = ref.partition("@")
    folder = f"{name}/{number}"
    try:
        if not store.exists(f"{folder}/{MANIFEST}"):
            return [f"{folder}/{MANIFEST}: expected a manifest, found none; the version is not complete"]
        text = store.read(f"{folder}/{MANIFEST}")
        seal = store.read(f"{folder}/{SEAL}") if store.exists(f"{folder}/{SEAL}") else b""
        if seal != f"{hashlib.sha256(text).hexdigest()}\n".encode():
            return [f"{folder}/{MANIFEST}: its sha256 is not the one in {SEAL}; one of the two was changed"]
        manifest = Manifest.model_validate_json(text)
    except (OSError, ValueError) as error:  # sealed, and yet no manifest
        return [f"{folder}/{MANIFEST}: expected a manifest, found {_brief(error)}"]
    if manifest.ref != ref:
        return [f"{folder}/{MANIFEST}: expected the manifest of {ref}, found that of {manifest.ref}"]
    problems = [problem for file in manifest.files for problem in _check_file(store, file)]
    problems += [f"{path}: the manifest does not list this file" for path in _unlisted(store, folder, manifest)]
    return problems or _check_rows(store, manifest, deep)


def _check_file(store: Store, file: File) -> list[str]:
    try:
        if not store.exists(file.path):
            return [f"{file.path}: expected {file.bytes} bytes, found no file"]
        found = file_entry(store, file.path)
    except (OSError, ValueError) as error:  # a folder of that name, a name that no file can have
        return [f"{file.path}: expected {file.bytes} bytes, found {_brief(error)}"]
    if found != file:
        return [
            f"{file.path}: expected {file.bytes} bytes of sha256 {file.sha256[:12]}…, found {found.bytes} of {found.sha256[:12]}…"
        ]
    return []


def _unlisted(store: Store, folder: str, manifest: Manifest) -> list[str]:
    """Files in the version's folder and among its rows that the manifest does not know."""
    places = {
        folder,
        *(path.split("/status=")[0] for path in (file.path for file in manifest.rows) if "/status=" in path),
    }
    known = {file.path for file in manifest.files} | {f"{folder}/{MANIFEST}", f"{folder}/{SEAL}"}
    return sorted({path for place in places for path in store.list(place, recursive=True)} - known)


def _check_rows(store: Store, manifest: Manifest, deep: bool) -> list[str]:
    try:
        found = digest_of(pairs_of(read_columns(store, manifest, ["id", "content"])).items())
        problems = (
            [] if found == manifest.digest else [f"{manifest.ref}: expected digest {manifest.digest}, found {found}"]
        )
        if deep:
            problems += [problem for row in iter_rows(store, manifest) for problem in check_row(row)]
        return problems
    except Exception as error:  # whatever parquet and pixels raise on bytes that are not theirs: it is the finding
        return [f"{manifest.ref}: expected readable rows, found {_brief(error)}"]


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def check_row(row: Row) -> list[str]:
    """What is wrong inside one row: its content hash, or an image that is not the one it was."""
    problems = (
        [] if content_hash(row) == row["content"] else [f"row {row['id']}: its content is not what its hash says"]
    )
    for view in VIEWS:
        image = row.get(view)
        if image and image["bytes"] is not None and fingerprint(image["bytes"]) != row[f"{view}_sha256"]:
            problems.append(f"row {row['id']}: the {view} view's pixels are not what {view}_sha256 says")
    return problems
