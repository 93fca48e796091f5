"""Hugging Face: Parquet with two Image columns, `top` and `side`, and a card whose YAML says what the columns are.

    datasets.load_dataset("parquet", data_files={"train": "FOLDER/data/train-*.parquet"})     # or load_dataset("FOLDER")

Rows are a scan's own, as in scan.py: items with boxes in pixels, masks as run lengths, millimetres where they are known. The
features stand in the files' own metadata too, so that a file alone is read rightly.
"""

import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from beltline.formats.export.places import is_val, write_text
from beltline.scan import SCHEMA, VIEWS, Row, Scan

ROWS_PER_FILE, ROWS_PER_GROUP = 1000, 100
SPLITS = ("train", "validation")
_DTYPES = {pa.int64(): "int64", pa.int32(): "int32", pa.float64(): "float64", pa.string(): "string"}


def parquet(root: Path, scans: Iterable[Scan], rows: Iterable[Row] = ()) -> None:
    """Write data/{train,validation}-NNNNN.parquet and README.md, the card."""
    schema = _schema()
    sinks = {split: _Sink(root / "data", split, schema) for split in SPLITS}
    licences: dict[str, None] = {}
    each = iter(scans)
    while chunk := list(islice(each, ROWS_PER_GROUP)):
        for split in SPLITS:
            chosen = [scan.row() for scan in chunk if is_val(scan.group) == (split == "validation")]
            sinks[split].write(chosen)
        licences |= dict.fromkeys(scan.licence for scan in chunk)
    for sink in sinks.values():
        sink.close()
    write_text(root / "README.md", _card(sinks, sorted(licences)))


def features() -> dict[str, Any]:
    """The columns as `datasets` describes them."""
    return {field.name: {"_type": "Image"} if field.name in VIEWS else _feature(field.type) for field in SCHEMA}


class _Sink:
    """Rows of a split into files of so many."""

    def __init__(self, folder: Path, split: str, schema: pa.Schema):
        self._folder, self._split, self._schema = folder, split, schema
        self._writer: pq.ParquetWriter | None = None
        self._files = self._in_file = self.num_rows = self.num_bytes = 0

    def write(self, rows: list[Row]) -> None:
        if not rows and (self._files or self._split != SPLITS[0]):
            return
        if self._writer is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{self._split}-{self._files:05}.parquet"
            self._writer, self._in_file = pq.ParquetWriter(path, self._schema), 0
            self._files += 1
        table = pa.Table.from_pylist(rows, schema=self._schema)
        self._writer.write_table(table)
        self.num_rows += len(rows)
        self.num_bytes += table.nbytes
        self._in_file += len(rows)
        if self._in_file >= ROWS_PER_FILE:
            self._end()

    def close(self) -> None:
        """End the last file; a split without a row has no file, but the first has one even if it is empty."""
        self.write([])
        self._end()

    def _end(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _schema() -> pa.Schema:
    told = json.dumps({"info": {"features": features()}})
    return SCHEMA.with_metadata({"huggingface": told})


def _feature(kind: pa.DataType) -> Any:
    """A column's type in the words of `datasets`."""
    if pa.types.is_list(kind):
        return {"_type": "List", "feature": _feature(kind.value_type)}
    if pa.types.is_struct(kind):
        return {inner.name: _feature(inner.type) for inner in kind}
    return {"_type": "Value", "dtype": _DTYPES[kind]}


def _card(sinks: dict[str, _Sink], licences: list[str]) -> str:
    """README.md: YAML that JSON is a part of, then words."""
    present = {split: sink for split, sink in sinks.items() if sink.num_rows or split == SPLITS[0]}
    files = "".join(f"  - split: {split}\n    path: data/{split}-*.parquet\n" for split in present)
    splits = "".join(
        f"  - name: {split}\n    num_bytes: {sink.num_bytes}\n    num_examples: {sink.num_rows}\n"
        for split, sink in present.items()
    )
    total = sum(sink.num_rows for sink in sinks.values())
    return (
        "---\n"
        "license: other\n"
        f"license_name: {json.dumps('; '.join(licences) or 'none stated')}\n"
        "pretty_name: Beltline scans\n"
        "task_categories:\n- object-detection\n- visual-question-answering\n"
        f"size_categories:\n- {_size(total)}\n"
        f"configs:\n- config_name: default\n  data_files:\n{files}"
        f"dataset_info:\n  features:\n{_yaml_features()}  splits:\n{splits}"
        "---\n"
        "# X-ray scans of baggage\n\n"
        f"{total} scans. `top` and `side` are the two views of one bag (`side` is null for a set of one view); the belt runs "
        "along x in both. Boxes are left, top, right, bottom in pixels, right and lower edge exclusive; masks are COCO run "
        "lengths over the whole view; `attributes` is a JSON object; lengths are millimetres.\n\n"
        "Split by bag (`group`), so that no bag lies in two parts.\n"
    )


def _size(total: int) -> str:
    bounds = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
    return next((name for bound, name in bounds if total < bound), "n>1M")


def _yaml_features() -> str:
    """`features` as the card has them: a list of name and dtype."""
    return "".join(_yaml_feature(name, feature, 2) for name, feature in features().items())


def _yaml_feature(name: str, feature: Any, depth: int) -> str:
    pad = "  " * depth
    head = f"{pad}- name: {name}\n"
    return head + _yaml_kind(feature, f"{pad}  ", depth)


def _yaml_kind(feature: Any, pad: str, depth: int) -> str:
    if feature.get("_type") == "Image":
        return f"{pad}dtype: image\n"
    if feature.get("_type") == "Value":
        return f"{pad}dtype: {feature['dtype']}\n"
    if feature.get("_type") == "List":
        inner = feature["feature"]
        if inner.get("_type") == "Value":
            return f"{pad}list: {inner['dtype']}\n"
        return f"{pad}list:\n" + "".join(_yaml_feature(name, one, depth + 1) for name, one in inner.items())
    return f"{pad}struct:\n" + "".join(_yaml_feature(name, one, depth + 1) for name, one in feature.items())
