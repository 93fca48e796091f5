"""The table of exports: what each format is for, what it takes, and who writes it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from beltline.formats.export import coco, croissant, exams, huggingface, shards, talk, voc, yolo
from beltline.scan import Row, Scan

Write = Callable[[Path, Iterable[Scan], Iterable[Row]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One format."""

    name: str
    takes: Literal["scans", "conversations", "questions"]
    """Which rows it writes; the scans that these are about are given to every writer."""
    write: Write
    """(folder, scans, rows): goes through the scans once, then through the rows once."""
    opened_by: str
    """The tool that it is for."""


EXPORTS: Final[dict[str, Export]] = {
    export.name: export
    for export in (
        Export(name="sharegpt", takes="conversations", write=talk.sharegpt, opened_by="LLaMA-Factory"),
        Export(name="swift", takes="conversations", write=talk.swift, opened_by="ms-swift"),
        Export(name="llava", takes="conversations", write=talk.llava, opened_by="LLaVA"),
        Export(name="coco", takes="scans", write=coco.coco, opened_by="pycocotools, detectors"),
        Export(name="yolo", takes="scans", write=yolo.yolo, opened_by="Ultralytics, YOLO"),
        Export(name="voc", takes="scans", write=voc.voc, opened_by="torchvision, VOC devkits"),
        Export(name="parquet", takes="scans", write=huggingface.parquet, opened_by="datasets"),
        Export(name="webdataset", takes="scans", write=shards.webdataset, opened_by="webdataset"),
        Export(name="croissant", takes="scans", write=croissant.croissant, opened_by="mlcroissant"),
        Export(name="vlmevalkit", takes="questions", write=exams.vlmevalkit, opened_by="VLMEvalKit"),
        Export(name="lmms", takes="questions", write=exams.lmms, opened_by="lmms-eval"),
    )
}
