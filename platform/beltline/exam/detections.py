"""What a detector says of the views of a version, and what it scores: COCO results in, AP with intervals out.

    found = read_results(results, annotations)        # file name -> boxes, of every image that the detector was shown
    row = view_row(scan.id, "top", "yolo", found["bag-7_top.png"])
    score(gold_rows, [row, ...]).ap50

The annotations are the COCO file that the detector was run on: they say which images it was shown (those without a result are part of
the exam too) and what its category numbers mean. Files are told apart by their names, as the scans have them.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa

from beltline.exam.metrics import detection
from beltline.exam.metrics.detection import Detection
from beltline.exam.metrics.intervals import Interval
from beltline.exam.metrics.matching import Located
from beltline.scan import VIEWS, Box, Row, canonical_json

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), False),  # of scan, view and model
        pa.field("scan", pa.int64()),
        pa.field("view", pa.string()),
        pa.field("model", pa.string()),
        pa.field("categories", pa.list_(pa.string())),
        pa.field("boxes", pa.list_(pa.list_(pa.float64()))),  # xyxy, pixels of the view
        pa.field("scores", pa.list_(pa.float64())),
    ]
)
"""One row a view that the detector was shown, with or without a box."""


@dataclass(frozen=True, slots=True)
class Found:
    """One box."""

    category: str
    xyxy: Box
    score: float


@dataclass(frozen=True, kw_only=True)
class DetectionScore:
    """AP, and how sure it is."""

    whole: Detection
    spans: Mapping[str, Interval]
    """ap25, ap50, map."""
    num_views: int


def read_results(results: str, annotations: str) -> dict[str, list[Found]]:
    """File name to the boxes that were found in it, of every image of the annotations.

    Raises:
        ValueError: no COCO results, no COCO annotations, or results of other images or categories.
    """
    truth = _parsed(annotations, dict, "annotations: expected a COCO object with images and categories")
    names = {one["id"]: PurePosixPath(one["file_name"]).name for one in _list(truth, "images")}
    kinds = {one["id"]: str(one["name"]) for one in _list(truth, "categories")}
    found: dict[str, list[Found]] = {name: [] for name in names.values()}
    if len(found) < len(names):
        raise ValueError(
            f"annotations: expected images of different file names, found {len(names) - len(found)} doubled"
        )
    for number, one in enumerate(_parsed(results, list, "results: expected a list of COCO results")):
        name, box = _result(one, number, names, kinds)
        found[name].append(box)
    return found


def view_row(scan: int, view: str, model: str, found: Iterable[Found]) -> Row:
    """A row of `SCHEMA`."""
    boxes = list(found)
    digest = hashlib.sha256(canonical_json(["detection", scan, view, model]).encode()).digest()
    return {
        **{"id": int.from_bytes(digest[:8], "big") >> 1, "scan": scan, "view": view, "model": model},
        "categories": [box.category for box in boxes],
        "boxes": [list(box.xyxy) for box in boxes],
        "scores": [box.score for box in boxes],
    }


def score(scans: Iterable[Row], said: Iterable[Row], *, rounds: int = 200) -> DetectionScore:
    """AP25, AP50 and mAP of rows of `SCHEMA` on the views that they name, bags drawn for the intervals.

    Args:
        scans: rows with id, group and items; others than the views' may be among them.
        said: what the detector found.
        rounds: draws of bags.

    Raises:
        ValueError: a view of a scan that is not there.
    """
    shown = {(row["scan"], row["view"]): row for row in said}
    held = {row["id"]: row for row in scans if any((row["id"], view) in shown for view in VIEWS)}
    missing = {scan for scan, _ in shown} - held.keys()
    if missing:
        raise ValueError(
            f"score: expected the scans of every view, found {len(missing)} missing, the first {min(missing)}"
        )
    gold = _located([(key, _golds(held[key[0]], key[1])) for key in shown])
    predicted = _located([(key, _founds(row)) for key, row in shown.items()])
    bags: dict[str | int, str] = {_image(*key): str(held[key[0]]["group"]) for key in shown}
    return DetectionScore(
        whole=detection.score(gold, predicted, score_source="detector"),
        spans=detection.bootstrap(gold, predicted, bags, rounds=rounds),
        num_views=len(shown),
    )


def _image(scan: int, view: str) -> str:
    return f"{scan}/{view}"


def _golds(row: Row, view: str) -> Iterator[Found]:
    for item in row["items"] or ():
        if item[f"{view}_xyxy"] is not None:
            yield Found(item["category"], tuple(item[f"{view}_xyxy"]), 1.0)


def _founds(row: Row) -> Iterator[Found]:
    for category, xyxy, sure in zip(row["categories"], row["boxes"], row["scores"], strict=True):
        yield Found(category, tuple(xyxy), sure)


def _located(views: Iterable[tuple[tuple[int, str], Iterable[Found]]]) -> Located:
    rows = [(_image(*key), box) for key, boxes in views for box in boxes]
    images, kinds = [image for image, _ in rows], [box.category for _, box in rows]
    text = "<U1" if not rows else None  # an empty column must be of strings as well
    return Located.of(
        np.array(images, text), np.array(kinds, text), [box.xyxy for _, box in rows], [box.score for _, box in rows]
    )


def _parsed(text: str, kind: type, expected: str) -> Any:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{expected}, found no JSON: {error}") from error
    if not isinstance(value, kind):
        raise ValueError(f"{expected}, found {str(value)[:80]}")
    return value


def _list(truth: dict[str, Any], name: str) -> list[dict[str, Any]]:
    needed = {"images": "file_name", "categories": "name"}[name]
    entries = truth.get(name)
    if not isinstance(entries, list) or not all(
        isinstance(one, dict) and {"id", needed} <= one.keys() for one in entries
    ):
        raise ValueError(f"annotations: expected {name} with id and {needed}, found {str(entries)[:80]}")
    return entries


def _result(one: Any, number: int, names: Mapping[Any, str], kinds: Mapping[Any, str]) -> tuple[str, Found]:
    try:
        image, kind, sure = one["image_id"], one["category_id"], float(one["score"])
        x, y, width, height = (float(edge) for edge in one["bbox"])
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(
            f"result {number}: expected image_id, category_id, bbox of 4 numbers and score, found {str(one)[:80]}"
        ) from error
    if image not in names or kind not in kinds:
        raise ValueError(
            f"result {number}: expected an image and a category of the annotations, found {image} and {kind}"
        )
    return names[image], Found(kinds[kind], (x, y, x + width, y + height), sure)
