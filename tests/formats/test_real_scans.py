"""The readers on real scans, as their sets publish them: `BELTLINE_SCANS`, else `../shared/scans`, else skipped."""

import os
from pathlib import Path

import numpy as np
import pytest

from beltline import masks, pixels
from beltline.formats import READERS, load, survey
from beltline.formats.boxing import pseudo_side
from beltline.scan import Scan
from tests.formats.folders import read, reasons

pytestmark = pytest.mark.scans


@pytest.fixture(scope="module")
def scans() -> Path:
    folder = Path(os.environ.get("BELTLINE_SCANS") or Path(__file__).parents[3] / "shared" / "scans")
    if not folder.is_dir():
        pytest.skip(f"no real scans at {folder}; set BELTLINE_SCANS")
    return folder


def test_dvxray(scans: Path) -> None:
    found = read("dvxray", scans / "dvxray")
    assert len(found) == 14 and reasons("dvxray", scans / "dvxray") == {}
    for name, scan in found.items():
        assert name.startswith("N") and scan.items == () and scan.notes == ()
        assert scan.side is not None and (scan.top.width, scan.top.height, scan.side.width) == (456, 342, 456)
        assert scan.mm_per_px == pytest.approx(800 / 456)


def test_the_ids_are_those_of_every_other_day(scans: Path) -> None:
    """An id seeds everything random about a scan: it must never change."""
    root = scans / "dvxray" / "DvXray_Negative_Samples"
    deeper = {name: scan.id for name, scan in read("dvxray", scans / "dvxray").items()}
    assert {name: scan.id for name, scan in read("dvxray", root).items()} == deeper
    assert deeper["N00000"] == 3904138408708843734


def test_sixrays_masks(scans: Path) -> None:
    found = read("sixray-masks", scans / "sixray_masks")
    counts = {name: sorted(item.category for item in scan.items) for name, scan in found.items()}
    assert counts == {
        "P00117": ["gun", "gun", "knife", "knife"],
        "P01814": ["gun", "gun"],
        "P02006": ["gun", "gun"],
        "N0293168": [],
        "N0293195": [],
    }
    for name in ("N0293168", "N0293195"):  # their masks are of another size, and empty
        assert "768x576; empty, ignored" in " ".join(found[name].notes)
    _shadows_are_darker_than_the_belt(found["P02006"])


def _shadows_are_darker_than_the_belt(scan: Scan) -> None:
    grey = pixels.decode(scan.top.bytes).mean(axis=2)
    for item in scan.items:
        inside = masks.decode(item.top_mask or (), (scan.top.width, scan.top.height))
        assert np.median(grey[inside]) < np.median(grey) - 50


def test_gdxray(scans: Path) -> None:
    scan = read("gdxray", scans / "gdxray")["B0044_0050"]
    assert [(item.category, item.top_xyxy) for item in scan.items] == [("gun", (334, 188, 653, 460))]
    assert scan.group == "B0044"
    assert reasons("gdxray", scans / "gdxray") == {"LICENSE": "ingest/not-a-scan"}


def test_pidrays_jpeg_with_a_png_name(scans: Path, tmp_path: Path) -> None:
    sheet = (
        '{"images": [{"id": 1, "file_name": "xray_hidden00091.png", "width": 600, "height": 448}], "categories": '
        '[{"id": 1, "name": "HandCuffs"}], "annotations": [{"image_id": 1, "category_id": 1, "bbox": [9, 9, 90, 90]}]}'
    )
    (tmp_path / "xray_test_hidden.json").write_text(sheet)
    (tmp_path / "hidden").mkdir()
    data = (scans / "stingbee" / "images" / "xray_hidden00091.png").read_bytes()
    (tmp_path / "hidden" / "xray_hidden00091.png").write_bytes(data)
    scan = read("pidray", tmp_path)["xray_hidden00091"]
    assert scan.top.bytes == data and "is a JPEG" in scan.notes[0]


def test_a_side_box_covers_the_bag_and_not_the_light_belt(scans: Path) -> None:
    """LDXray's white is about 250; its own threshold of 240 must still find the item."""
    for path in sorted((scans / "ldxray_side").glob("*.png")):
        rgb = pixels.decode(path.read_bytes())
        box = pseudo_side((100, 0, 180, 10), rgb.shape[1], rgb)
        assert box is not None and (box[0], box[2]) == (88, 192)
        outside = np.delete(rgb[:, 88:192], np.s_[int(box[1]) : int(box[3])], axis=0)
        assert (outside.max(axis=2) >= 240).all()


def test_the_whole_collection_read_as_dvxray_is_accounted_for(scans: Path) -> None:
    found = survey(READERS["dvxray"], scans)
    files = {path.relative_to(scans).as_posix() for path in scans.rglob("*") if path.is_file()}
    assert sorted(path for entry in found for path in entry.files) == sorted(files)
    good = [entry for entry in found if entry.reject is None]
    assert len(good) == 14 and all(load(READERS["dvxray"], scans, entry).top for entry in good)
