"""Makers: the spec's rejection first, then the scan, then the gates in their order."""

import json
from pathlib import Path

import numpy as np
import pytest

from actors.synthesizer import BackgroundMaker, CutoutMaker, Fetcher
from beltline import masks
from beltline.library import paths_of
from beltline.scan import Item, Scan
from beltline.store import Store
from beltline.verdict import KEEP, Reject
from tests.made import GUN, KNIFE, scan, version_of

BARE = Item(item=2, category="axe")


def asked(key: int, **spec) -> dict:
    return {"id": key, "spec": json.dumps(spec)}


@pytest.fixture
def made(tmp_path: Path):
    """maker(class, scans, gates): a maker that reads a version of the scans."""
    store = Store(str(tmp_path))

    def maker(kind, scans, gates=()):
        return kind(store.uri, paths_of(version_of(store, scans)), gates)

    return maker


def plan_of(row: dict) -> dict:
    """The spec that a row keeps which could not be made."""
    (note,) = row["notes"]
    return json.loads(note.removeprefix("planned: "))


def never(subject: Scan):
    raise AssertionError("asked after a rejection")


def test_a_row_comes_as_it_is(made) -> None:
    row = made(Fetcher, [scan(0), scan(1)], [lambda subject: KEEP])(asked(scan(1).id, scan=scan(1).id))
    assert Scan.of(row) == scan(1) and "status" not in row


def test_a_spec_that_a_global_gate_rejected_is_not_made(made) -> None:
    maker = made(Fetcher, [scan(0)], [never])
    spec = {"scan": 404, "reject": ["clean/over-quota", "enough"]}
    row = maker(asked(1, **spec))
    assert row.items() >= Reject("clean/over-quota", "enough").columns().items()
    assert "top" not in row and plan_of(row) == spec and row["source_id"] == "1"


def test_the_first_gate_that_rejects_decides_and_the_scan_is_kept_apart_whole(made) -> None:
    seen = []

    def first(subject: Scan):
        seen.append(subject.id)
        return KEEP

    row = made(Fetcher, [scan(0)], [first, lambda subject: Reject("a/b", subject.source_id), never])(
        asked(scan(0).id, scan=scan(0).id)
    )
    assert (row["status"], row["reason"], row["detail"]) == ("rejected", "a/b", "0")
    assert Scan.of(row) == scan(0) and seen == [scan(0).id]


def test_a_scan_that_is_not_there_is_a_fault_of_ours(made) -> None:
    with pytest.raises(KeyError):
        made(Fetcher, [scan(0)])(asked(1, scan=404))


def test_a_scan_with_items_is_no_background(made) -> None:
    empty, full = scan(0, ()), scan(1)
    maker = made(BackgroundMaker, [empty, full])
    assert maker(asked(empty.id, scan=empty.id))["density"] in ("sparse", "medium", "dense")
    row = maker(asked(full.id, scan=full.id))
    assert row["status"] == "rejected" and row["reason"] == "background/has-items" and row["detail"]
    assert plan_of(row) == {"scan": full.id}


def test_an_item_alone_or_the_reason_why_not(made) -> None:
    mask = np.zeros((120, 160), bool)
    mask[30:70, 30:90] = True
    masked = Item(item=0, category="gun", top_xyxy=GUN.top_xyxy, top_mask=masks.encode(mask))
    subject = scan(0, (masked, KNIFE, BARE), sides=False)
    maker = made(CutoutMaker, [subject])
    row = maker(asked(5, scan=subject.id, item=0))
    assert [item["category"] for item in row["items"]] == ["gun"] and row["top_width"] < 160
    row = maker(asked(6, scan=subject.id, item=2))
    assert row["reason"] == "cutout/no-mask" and f"scan {subject.id}" in row["detail"]
    assert plan_of(row) == {"scan": subject.id, "item": 2} and row["source_id"] == "6"
