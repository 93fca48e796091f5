"""Survey and load, whatever the format: nothing found, order, ids, scale, label masks, entries as text."""

import os
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from beltline import masks
from beltline.formats import READERS, Entry, load, survey
from beltline.formats.boxing import place
from beltline.formats.labelmask import items_of_mask
from beltline.labels import SETS
from beltline.scan import Item, Scan, scan_id
from beltline.verdict import BadRow, Reject
from tests.formats.broken import NEGATIVE, POSITIVE, encoded, picture
from tests.formats.folders import IMAGE, put, read, reasons

BAG = {"P00001_OL.png": IMAGE, "P00001_SD.png": IMAGE, "P00001.json": POSITIVE}


@pytest.mark.parametrize("name", READERS)
def test_an_empty_folder_is_refused_with_where_to_get_the_set(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:
        survey(READERS[name], tmp_path)
    assert READERS[name].where in str(caught.value)
    with pytest.raises(ValueError, match="expected a folder, found nothing"):
        survey(READERS[name], tmp_path / "missing")
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="expected a folder, found a file"):
        survey(READERS[name], tmp_path / "file")


@pytest.mark.parametrize("name", READERS)
def test_readers_can_be_sent_to_other_machines_and_changed(name: str) -> None:
    reader = READERS[name]
    assert pickle.loads(pickle.dumps(reader)) == reader
    assert replace(reader, mm_per_px=2.0).mm_per_px == 2.0
    assert reader.name == name and reader.licence and 0.2 < reader.mm_per_px < 3


def test_every_public_set_with_files_has_a_reader() -> None:
    assert set(SETS) - set(READERS) == {"mmxray", "dual", "eds"}  # not published, or without a layout that is known


def test_a_scan_of_each_part(tmp_path: Path) -> None:
    scan = read("dvxray", put(tmp_path, BAG))["P00001"]
    assert (scan.id, scan.group, scan.source) == (scan_id("dvxray", "P00001"), "P00001", "dvxray")
    assert (scan.top.path, scan.side and scan.side.path) == ("P00001_OL.png", "P00001_SD.png")
    assert scan.top.bytes == (tmp_path / "P00001_OL.png").read_bytes()
    assert scan.mm_per_px == READERS["dvxray"].mm_per_px * 800 / 80
    assert Scan.of(scan.row()) == scan


def test_the_order_in_which_a_disk_lists_files_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = {
        f"{place}/{path.replace('1', number)}": data for place, number in ("a2", "b3") for path, data in BAG.items()
    }
    put(tmp_path, {**BAG, **more, "c/notes.txt": "x"})
    before = survey(READERS["dvxray"], tmp_path)
    walk = os.walk

    def backwards(*args: Any, **options: Any) -> Iterator[Any]:
        for base, folders, names in list(walk(*args, **options))[::-1]:
            yield base, sorted(folders)[::-1], sorted(names)[::-1]

    monkeypatch.setattr(os, "walk", backwards)
    assert survey(READERS["dvxray"], tmp_path) == before
    assert [entry.source_id for entry in before] == ["P00001", "P00002", "P00003", "c/notes.txt"]


def test_of_equal_ids_the_good_one_stays_and_further_ones_are_numbered(tmp_path: Path) -> None:
    copies = {f"{place}/{path}": data for place in "abc" for path, data in BAG.items()}
    copies["a/P00001.json"] = "broken"
    found = {entry.source_id: entry for entry in survey(READERS["dvxray"], put(tmp_path, copies))}
    assert found["P00001"].top == "b/P00001_OL.png" and found["P00001"].reject is None
    assert {name: entry.reject.reason for name, entry in found.items() if entry.reject} == {
        "P00001#2": "ingest/duplicate-id",
        "P00001#3": "ingest/bad-annotation",
    }


def test_a_file_over_the_bound_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, BAG)
    for path, reason in (("P00001.json", "ingest/bad-annotation"), ("P00001_OL.png", "image/too-large")):
        saved = (tmp_path / path).read_bytes()
        os.truncate(tmp_path / path, 600 * 2**20)  # a hole: takes no space on disk
        entry = survey(READERS["dvxray"], tmp_path)[0]
        with pytest.raises(BadRow, match=reason):
            load(READERS["dvxray"], tmp_path, entry)
        (tmp_path / path).write_bytes(saved)


def test_a_file_that_goes_after_the_survey_is_a_bad_row(tmp_path: Path) -> None:
    entry = survey(READERS["dvxray"], put(tmp_path, BAG))[0]
    (tmp_path / "P00001_SD.png").unlink()
    with pytest.raises(BadRow, match="missing-file"):
        load(READERS["dvxray"], tmp_path, entry)


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_boxes = st.none() | st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 4)
_masks = st.none() | st.lists(st.integers(0, 9), max_size=4).map(tuple)
_items = st.builds(
    Item, item=st.integers(0, 9), category=_texts, top_xyxy=_boxes, side_xyxy=_boxes, top_mask=_masks, side_mask=st.none(),
    attributes=st.dictionaries(_texts, _texts, max_size=2), top_visible=st.none(), side_visible=st.none(),
    centre_mm=st.none(), size_mm=st.none(), pose=st.none(),
)  # fmt: skip


@settings(deadline=None)
@given(
    st.builds(
        Entry, source_id=_texts, group=_texts, top=_texts, side=st.none() | _texts.filter(bool),
        items=st.lists(_items, max_size=2).map(tuple), box_scale=st.sampled_from([None, 1.0, 100.0]),
        mask=st.none() | _texts.filter(bool), container=st.none() | _texts.filter(bool),
        notes=st.lists(_texts, max_size=2).map(tuple), uses=st.lists(_texts, max_size=2).map(tuple),
        reject=st.none() | st.builds(Reject, _texts, _texts),
    )
)  # fmt: skip
def test_entries_come_back_from_their_text(entry: Entry) -> None:
    assert Entry.of(entry.json()) == entry


def test_boxes_on_the_edge_are_kept_as_they_are() -> None:
    sizes = {"top": (80, 60), "side": None}
    edge = Item(item=0, category="gun", top_xyxy=(0, 0, 80, 60))
    assert place(edge, sizes) == (edge, [])
    assert place(replace(edge, top_xyxy=None), sizes) == (replace(edge, top_xyxy=None), [])
    with pytest.raises(BadRow, match="missing-view"):
        place(replace(edge, side_xyxy=(0, 0, 1, 1)), sizes)
    with pytest.raises(BadRow, match="box-outside"):
        place(replace(edge, top_xyxy=(80, 0, 90, 10)), sizes)


def _mask(values: np.ndarray) -> bytes:
    return encoded(Image.fromarray(values.astype(np.uint8)))


def _two_guns_and_a_knife() -> np.ndarray:
    values = np.zeros((60, 80), np.uint8)
    values[5:15, 5:25], values[40:50, 40:50], values[20:25, 60:79] = 1, 1, 2
    return values


CLASSES = {1: "gun", 2: "knife"}


def test_each_piece_of_a_label_mask_is_an_item() -> None:
    values = _two_guns_and_a_knife()
    items, notes = items_of_mask(_mask(values), "m.png", CLASSES, (80, 60))
    assert [(item.category, item.top_xyxy) for item in items] == [
        ("gun", (5, 5, 25, 15)),
        ("gun", (40, 40, 50, 50)),
        ("knife", (60, 20, 79, 25)),
    ]
    assert notes == []
    together = sum(masks.decode(item.top_mask or (), (80, 60)).astype(int) for item in items)
    np.testing.assert_array_equal(together, values > 0)


def test_specks_are_dropped_and_noted() -> None:
    values = _two_guns_and_a_knife()
    values[55:57, 2:5] = 1
    items, notes = items_of_mask(_mask(values), "m.png", CLASSES, (80, 60))
    assert len(items) == 3 and notes == ["m.png: 6 px of specks dropped"]


def test_a_mask_of_another_size_is_ignored_only_when_it_is_empty() -> None:
    assert items_of_mask(_mask(np.zeros((60, 80))), "m.png", CLASSES, (80, 60)) == ((), [])
    items, notes = items_of_mask(_mask(np.zeros((50, 80))), "m.png", CLASSES, (80, 60))
    assert items == () and "ignored" in notes[0]
    with pytest.raises(BadRow, match="mask-size"):
        items_of_mask(_mask(_two_guns_and_a_knife()), "m.png", CLASSES, (80, 50))


def test_masks_that_are_no_masks_are_refused() -> None:
    for data in (_mask(np.full((60, 80), 3)), encoded(picture(1))):
        with pytest.raises(BadRow, match="bad-mask"):
            items_of_mask(data, "m.png", CLASSES, (80, 60))
    with pytest.raises(BadRow, match="not-an-image"):
        items_of_mask(b"mask", "m.png", CLASSES, (80, 60))


def test_a_folder_of_label_masks(tmp_path: Path) -> None:
    values = _two_guns_and_a_knife()
    files = {f"img/{name}.png": IMAGE for name in ("P1", "P2", "N1")}
    put(tmp_path, {**files, "annotations/P1.png": _mask(values), "annotations/N1.png": _mask(np.zeros((9, 9)))})
    put(tmp_path, {"annotations/P3.png": _mask(values)})
    scans = read("sixray-masks", tmp_path)
    assert {name: len(scan.items) for name, scan in scans.items()} == {"P1": 3, "N1": 0}
    assert reasons("sixray-masks", tmp_path) == {
        "P2": "ingest/missing-annotation",
        "annotations/P3.png": "ingest/unused-image",
    }


def test_a_negative_bag_has_no_items(tmp_path: Path) -> None:
    put(tmp_path, {"N00001_OL.png": IMAGE, "N00001_SD.png": IMAGE, "N00001.json": NEGATIVE})
    assert read("dvxray", tmp_path)["N00001"].items == ()
