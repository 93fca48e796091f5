"""A folder with weights as a Model: named after the folder, its revision the hash of what is in it, its family by its config.

The same weights in another place are the same describer; changed weights in the same place are another one.

    model = from_folder(CAPTIONS["endpoint"].model, Path("/models/gsr-nano"))
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from beltline.language.families import QWEN3_VL, QWEN25_VL, Family
from beltline.language.models import Model

CONFIG = "config.json"
FAMILIES: dict[str, Family] = {"qwen3_vl": QWEN3_VL, "qwen3_vl_moe": QWEN3_VL, "qwen2_5_vl": QWEN25_VL}
"""By the `model_type` of a model's config."""


def from_folder(model: Model, folder: Path) -> Model:
    """`model`, asked of the weights in `folder`.

    Raises:
        ValueError: it holds no model of a family that we know.
    """
    try:
        kind = json.loads((folder / CONFIG).read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise ValueError(f"{folder}: expected a model folder with a {CONFIG}, found {error}") from error
    if kind not in FAMILIES:
        raise ValueError(f"{folder / CONFIG}: expected model_type to be one of {sorted(FAMILIES)}, found {kind!r}")
    return replace(model, name=folder.resolve().name, revision=f"sha256:{digest(folder)[:16]}", family=FAMILIES[kind])


def digest(folder: Path) -> str:
    """sha256 over the sorted (path, sha256) pairs of a folder's files; hidden ones are no part of the model."""
    paths = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    shown = [path for path in paths if not any(part.startswith(".") for part in path.parts)]
    lines = [f"{path.as_posix()} {_sha256(folder / path)}\n" for path in shown]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
