"""WebDataset: tar shards that stream, one sample a scan: `<id>.top.png`, `<id>.side.png`, `<id>.json`.

    webdataset.WebDataset("FOLDER/scans-{000000..000004}.tar").decode("pil")

The JSON is the scan's row without its images; given conversations about the scan stand in it as a list. Shards hold so many
scans, and their bytes depend on nothing but these.
"""

import io
import json
import tarfile
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from beltline.formats.export.places import suffix, views
from beltline.scan import VIEWS, Row, Scan, canonical_json

SCANS_PER_SHARD = 500


def webdataset(root: Path, scans: Iterable[Scan], rows: Iterable[Row] = ()) -> None:
    """Write scans-NNNNNN.tar; one empty shard where there is no scan."""
    root.mkdir(parents=True, exist_ok=True)
    said = defaultdict(list)
    for row in rows:
        said[row["scan"]].append(_plain(row))
    each, number = iter(scans), 0
    while (chunk := list(islice(each, SCANS_PER_SHARD))) or number == 0:
        with tarfile.open(root / f"scans-{number:06}.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
            for scan in chunk:
                _add(tar, scan, said.get(scan.id, []))
        number += 1


def _add(tar: tarfile.TarFile, scan: Scan, said: list[Row]) -> None:
    for placed in views(scan):
        _put(tar, f"{scan.id}.{placed.view}{suffix(placed.image)}", placed.image.bytes)
    row = {name: value for name, value in scan.row().items() if name not in VIEWS}
    row["items"] = [item | {"attributes": json.loads(item["attributes"])} for item in row["items"]]
    told: dict[str, Any] = row | ({"conversations": said} if said else {})
    _put(tar, f"{scan.id}.json", canonical_json(told).encode())


def _put(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)  # no owner and no time: the same scans give the same bytes
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def _plain(row: Row) -> Row:
    return {name: row[name] for name in ("id", "kind", "views", "turns", "boxes")}
