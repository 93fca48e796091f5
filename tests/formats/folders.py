"""Small folders in the layout of a public set, and what a reader makes of them."""

import json
from pathlib import Path
from typing import Any

from beltline.formats import READERS, Entry, load, survey
from beltline.scan import Scan
from tests.formats.broken import encoded, picture

IMAGE = object()
"""Stands for a picture of 80x60 px; every path gets another one."""


def put(root: Path, files: dict[str, Any]) -> Path:
    """Writes files: `IMAGE`, bytes, text, or anything else as JSON."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(_bytes(path, content))
    return root


def read(name: str, root: Path) -> dict[str, Scan]:
    """The scans of a folder's good entries, by source id."""
    reader = READERS[name]
    return {entry.source_id: load(reader, root, entry) for entry in survey(reader, root) if entry.reject is None}


def reasons(name: str, root: Path) -> dict[str, str]:
    """The reasons of a folder's rejected entries, by source id."""
    return {entry.source_id: entry.reject.reason for entry in survey(READERS[name], root) if entry.reject}


def entries(name: str, root: Path) -> dict[str, Entry]:
    return {entry.source_id: entry for entry in survey(READERS[name], root)}


def items(scan: Scan) -> list[tuple[Any, ...]]:
    """(category, top box, side box) of each item."""
    return [(item.category, item.top_xyxy, item.side_xyxy) for item in scan.items]


def _bytes(path: str, content: Any) -> bytes:
    if content is IMAGE:
        seed = sum(path.encode())
        return encoded(picture(seed), "JPEG" if path.lower().endswith((".jpg", ".jpeg")) else "PNG")
    if isinstance(content, bytes):
        return content
    return content.encode() if isinstance(content, str) else json.dumps(content, ensure_ascii=False).encode()
