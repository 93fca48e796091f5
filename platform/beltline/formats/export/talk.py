"""Conversations for trainers: LLaMA-Factory (ShareGPT), ms-swift (JSONL with objects) and LLaVA (JSON).

All three mark images in the text with `<image>`, one for each, before the first question. LLaMA-Factory and LLaVA leave boxes
as they stand, thousandths in `<box>` tags; ms-swift is given `<bbox>` and the numbers apart, with the image that each belongs to,
and writes them as the model that it trains counts them.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from beltline.formats.export.places import paths_for, place_all, write_json, write_text
from beltline.scan import Row, Scan

NAME = "beltline"
FILE = "conversations.json"
BOX = re.compile(r"<box>\[\d+,\d+,\d+,\d+\]</box>")
SPEAKERS = {"user": "human", "assistant": "gpt"}


def sharegpt(root: Path, scans: Iterable[Scan], rows: Iterable[Row]) -> None:
    """LLaMA-Factory: conversations.json and the dataset_info.json that names its columns and tags.

    Train with `dataset_dir: FOLDER`, `media_dir: FOLDER`, `dataset: beltline`.
    """
    where = place_all(root, scans)
    write_json(root / FILE, [_shared(row, paths_for(row, where)) for row in rows])
    info = {
        "file_name": FILE,
        "formatting": "sharegpt",
        "columns": {"messages": "conversations", "images": "images"},
        "tags": {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"},
    }
    write_json(root / "dataset_info.json", {NAME: info})


def llava(root: Path, scans: Iterable[Scan], rows: Iterable[Row]) -> None:
    """LLaVA: one JSON list; `image` is a path, or a list of two where a conversation is about both views."""
    where = place_all(root, scans)
    told = []
    for row in rows:
        shared = _shared(row, images := paths_for(row, where))
        image = {"image": images[0] if len(images) == 1 else images} if images else {}
        told.append({"id": str(row["id"]), **image, "conversations": shared["conversations"]})
    write_json(root / "llava.json", told)


def swift(root: Path, scans: Iterable[Scan], rows: Iterable[Row]) -> None:
    """ms-swift: one conversation a line; paths are absolute, as it does not resolve them against the file.

    `bbox_type` is norm1: shares of the image that `image_id` (from 0) points to. ms-swift then writes numbers in the model's own
    form, without `<box>` tags; train chains of reasoning that will be graded by their boxes from the ShareGPT export. For Qwen2.5-VL
    that form is pixels, while numbers in our sentences stay thousandths: `--norm_bbox norm1000` makes the boxes thousandths too.
    """
    where = place_all(root, scans)
    lines = [json.dumps(_swift(row, paths_for(row, where), root), ensure_ascii=False) for row in rows]
    write_text(root / "conversations.jsonl", "".join(f"{line}\n" for line in lines))


def _marked(row: Row, images: list[str]) -> list[str]:
    """The turns' texts, images marked before the first question."""
    texts = [turn["content"] for turn in row["turns"]]
    return ["<image>" * len(images) + ("\n" if images else "") + texts[0], *texts[1:]]


def _shared(row: Row, images: list[str]) -> Row:
    texts = _marked(row, images)
    said = [{"from": SPEAKERS[turn["role"]], "value": text} for turn, text in zip(row["turns"], texts, strict=True)]
    return {"id": str(row["id"]), "conversations": said, "images": images}


def _swift(row: Row, images: list[str], root: Path) -> Row:
    texts = [BOX.sub("<bbox>", text) for text in _marked(row, images)]
    messages = [{"role": turn["role"], "content": text} for turn, text in zip(row["turns"], texts, strict=True)]
    marks = sum(text.count("<bbox>") for text in texts)
    if marks != len(row["boxes"]):
        raise ValueError(f"row {row['id']}: expected a record of each of {marks} boxes, found {len(row['boxes'])}")
    found: Row = {"messages": messages, "images": [str((root / path).absolute()) for path in images]}
    return found | ({"objects": _objects(row)} if marks else {})


def _objects(row: Row) -> dict[str, Any]:
    order = list(row["views"])
    return {
        "ref": [],
        "bbox": [[edge / 1000 for edge in box["xyxy"]] for box in row["boxes"]],
        "bbox_type": "norm1",
        "image_id": [order.index(box["view"]) for box in row["boxes"]],
    }
