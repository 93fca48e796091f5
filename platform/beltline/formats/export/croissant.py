"""Croissant: the Parquet export with croissant.json beside it, which says in JSON-LD what lies where (mlcommons.org/croissant).

    mlcroissant.Dataset(jsonld="FOLDER/croissant.json").records("scans")

Every file is named with its sha256. The two views are fields of type ImageObject; the boxes of the items are repeated fields.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from beltline.formats.export.huggingface import parquet
from beltline.formats.export.places import write_json
from beltline.scan import VIEWS, Row, Scan

CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.1"
CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the standard prescribes."""
PLAIN = (
    ("id", "sc:Integer", "63-bit number of the scan"),
    ("group", "sc:Text", "the bag: the unit of every split"),
    ("source", "sc:Text", "the set or recipe that the scan comes from"),
    ("source_id", "sc:Text", "its name there"),
    ("licence", "sc:Text", "under which the source gives it"),
    ("mm_per_px", "sc:Float", "scale of the views in millimetres a pixel"),
    ("container", "sc:Text", "what holds the items"),
    ("density", "sc:Text", "how full the bag is"),
)


def croissant(root: Path, scans: Iterable[Scan], rows: Iterable[Row] = ()) -> None:
    """Write the Parquet export and croissant.json."""
    licences: dict[str, None] = {}

    def passing() -> Iterable[Scan]:
        for scan in scans:
            licences[scan.licence] = None
            yield scan

    parquet(root, passing())
    files = sorted((root / "data").glob("*.parquet"))
    write_json(root / "croissant.json", _document(root, files, sorted(licences)))


def _document(root: Path, files: list[Path], licences: list[str]) -> dict[str, Any]:
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    whole = hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": "beltline-scans",
        "description": "X-ray scans of baggage: a top and a side view of each bag, with boxes, masks and attributes of its items.",
        "license": licences or ["none stated"],
        "version": "1.0.0",
        "identifier": f"sha256:{whole}",
        "distribution": [_file(root, path, digests[path.name]) for path in files],
        "recordSet": [_records(path, number) for number, path in enumerate(files)],
    }


def _file(root: Path, path: Path, digest: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": path.stem,
        "name": path.stem,
        "contentUrl": path.relative_to(root).as_posix(),
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": digest,
    }


def _records(path: Path, number: int) -> dict[str, Any]:
    name = f"scans-{path.stem}"
    fields = [_field(name, path.stem, column, kind, says) for column, kind, says in PLAIN]
    images = [_image(name, path.stem, view) for view in VIEWS]
    description = f"The scans of {path.name}, one a record."
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "key": {"@id": f"{name}/id"},
        "field": [*fields, *images],
    }


def _field(records: str, file: str, column: str, kind: str, says: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{records}/{column}",
        "name": column,
        "description": says,
        "dataType": kind,
        "source": {"fileObject": {"@id": file}, "extract": {"column": column}},
    }


def _image(records: str, file: str, view: str) -> dict[str, Any]:
    field = _field(records, file, view, "sc:ImageObject", f"the {view} view")
    source = field["source"] | {"transform": {"jsonPath": "bytes"}}
    return field | {"source": source}
