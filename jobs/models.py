"""Models as versions: the rows are the steps that taught it, the weights are files of the version.

    STORE/<name>/.runs/<run>/weights/           an ordinary Hugging Face folder
    STORE/<name>/.runs/<run>/rows/              one row a step: loss, rate, tokens, seconds
    STORE/<name>/.runs/<run>/state/             while one process learns: where it goes on
    STORE/<name>/.runs/<run>/checkpoints/       while many workers learn: their shares
    STORE/<name>/<version>/manifest.json        recipe, inputs with digests, every file's sha256; written last

So a model has a number, a digest and a card like any other version, `verify` finds a flipped bit in its weights, and its manifest names
what it was taught from.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from beltline import verdict
from beltline.store import Store
from beltline.version import Manifest

WEIGHTS, STATE, CHECKPOINTS = "weights", "state", "checkpoints"
SNAPSHOT = "checkpoint_manager_snapshot.json"
"""Ray Train's, beside the checkpoints of a run."""
STEPS = pa.schema(
    [
        pa.field("id", pa.int64(), False),  # the step, from 0
        pa.field("epoch", pa.float64()),
        pa.field("loss", pa.float64()),  # mean over the step's supervised tokens, in nats
        pa.field("norm", pa.float64()),
        pa.field("rate", pa.float64()),
        pa.field("samples", pa.int64()),
        pa.field("tokens", pa.int64()),
        pa.field("supervised", pa.int64()),
        *verdict.FIELDS,
    ]
)
"""What is worth keeping of a step and the same in every run; how long it took goes to the ledger."""


def is_model(manifest: Manifest) -> bool:
    return any(f"/{WEIGHTS}/" in file.path for file in manifest.files)


def upload(store: Store, folder: Path, place: str) -> list[str]:
    """A local folder's files below a place of the store; their paths there."""
    paths = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        path = f"{place}/{file.relative_to(folder).as_posix()}"
        with store.filesystem.open_output_stream(_made(store, path)) as out, file.open("rb") as data:
            shutil.copyfileobj(data, out, 16 << 20)
        paths.append(path)
    return paths


def local(store: Store, manifest: Manifest) -> Path:
    """The weights of a model version as a folder on this machine: the store's own where it is one, else a copy.

    Raises:
        ValueError: the version is no model.
    """
    return fetched(store, *place(manifest))


def place(manifest: Manifest) -> tuple[str, tuple[str, ...]]:
    """Where in the store the weights of a model version lie, and the files there.

    Raises:
        ValueError: the version is no model.
    """
    if not is_model(manifest):
        raise ValueError(f"{manifest.ref}: expected a version with {WEIGHTS}/, found rows alone")
    files = tuple(file.path for file in manifest.files if f"/{WEIGHTS}/" in file.path)
    return files[0].split(f"/{WEIGHTS}/")[0] + f"/{WEIGHTS}", files


def fetched(store: Store, place: str, files: Sequence[str]) -> Path:
    """Files below a place as a local folder; copied once a machine where the store is not on it."""
    folder = scratch(store, place, "models")
    if store.is_local:
        return folder
    for path in files:
        target = folder / path.removeprefix(f"{place}/")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f"{target.name}.part")
            with store.filesystem.open_input_stream(store.path(path)) as data, part.open("wb") as out:
                shutil.copyfileobj(data, out, 16 << 20)
            part.replace(target)
    return folder


def scratch(store: Store, place: str, purpose: str) -> Path:
    """A folder of this machine for a place of the store: the store's own where it is one, else one of this store's and this purpose's alone.

    Two stores may hold runs of one name, whose weights differ where the code that taught them did; and what a killed teacher has half
    written is no copy of a version.
    """
    if store.is_local:
        return Path(store.path(place))
    whose = hashlib.sha256(store.uri.encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / "beltline" / purpose / whose / place


def _made(store: Store, path: str) -> str:
    """The path in the store's filesystem, its folder made where folders are needed."""
    whole = store.path(path)
    if store.is_local:
        Path(whole).parent.mkdir(parents=True, exist_ok=True)
    return whole


def begun_by_others(store: Store, folder: str, workers: int) -> str | None:
    """The last checkpoint of a run that another number of workers has kept; None where none has, or where these have kept one themselves.

    Raises:
        ValueError: one process began it and many are to go on, or the other way round: what to do.
    """
    together = [
        path for path in store.list(f"{folder}/{CHECKPOINTS}") if any("/step-" in one for one in store.list(path))
    ]
    begun = {1: f"{folder}/{STATE}"} if store.exists(f"{folder}/{STATE}") else {}
    begun |= {_workers(path): path for path in together}
    if workers in begun:
        return None
    if 1 in (workers, *begun) and begun:
        number, path = next(iter(begun.items()))
        raise ValueError(
            f"--workers: expected {number}, who began this run and whose states lie in {store.uri}/{path}, found {workers}; one process "
            f"and many cannot go on with each other's: give --workers {number if number == 1 else '2 or more'}, or remove that folder to start anew"
        )
    kept = [last for path in begun.values() if (last := _last(store, path))]
    return max(kept, key=lambda path: path.rsplit("-", 1)[1], default=None)


def _last(store: Store, path: str) -> str | None:
    """The last whole checkpoint in a folder of Ray Train's, which says so itself: others may be half written."""
    told = json.loads(store.read(f"{path}/{SNAPSHOT}")) if store.exists(f"{path}/{SNAPSHOT}") else {}
    last = told.get("latest_checkpoint_result")
    return f"{path}/{last['checkpoint_dir_name']}" if last else None


def _workers(path: str) -> int:
    return int(path.rsplit("-", 1)[1].removesuffix("w"))
