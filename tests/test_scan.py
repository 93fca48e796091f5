"""A scan survives the journey through Arrow and parquet, and its content hash means its content."""

import io
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beltline import pixels
from beltline.scan import SCHEMA, Item, Scan, content_hash, scan_id


def a_scan(**changes: object) -> Scan:
    rgb = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    item = Item(
        item=0,
        category="gun",
        top_xyxy=(0, 1, 3, 4),
        top_mask=(3, 2, 19),
        top_visible=0.5,
        attributes={"material": "steel", "été": "ja"},
        centre_mm=(1, 2, 3.25),
        pose=(1, 0, 0, 0),
    )
    fields: dict[str, object] = {
        "id": 7,
        "group": "g",
        "source": "s",
        "source_id": "1",
        "licence": "l",
        "top": pixels.make_view(rgb, "a.png"),
        "items": (item, Item(item=1, category="knife")),
        "mm_per_px": 1,
        "notes": ("a note",),
    }
    return Scan(**(fields | changes))  # type: ignore[arg-type]


def through_parquet(scan: Scan) -> dict[str, object]:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([scan.row()], schema=SCHEMA), sink)
    return pq.read_table(io.BytesIO(sink.getvalue())).to_pylist()[0]


@pytest.mark.parametrize(
    "changes", [{}, {"items": ()}, {"side": pixels.make_view(np.zeros((3, 3, 3), np.uint8), "b.png")}]
)
def test_scan_comes_back_from_parquet(changes: dict[str, object]) -> None:
    scan = a_scan(**changes)
    assert Scan.of(through_parquet(scan)) == scan


def test_a_rejected_row_is_no_scan() -> None:
    with pytest.raises(ValueError, match="expected a top view"):
        Scan.of(a_scan().row() | {"top": None})


def test_content_hash_survives_parquet() -> None:
    once = through_parquet(a_scan())
    assert content_hash(once) == content_hash(pa.Table.from_pylist([once], schema=SCHEMA).to_pylist()[0])


def test_content_hash_ignores_paths_encoding_and_place_in_the_run() -> None:
    scan = a_scan()
    other = replace(scan, top=replace(scan.top, path="elsewhere.png", bytes=b"other bytes of the same pixels"))
    assert content_hash(scan.row()) == content_hash(other.row() | {"row": 3, "content": "x"})


@pytest.mark.parametrize(
    "changes",
    [
        {"licence": "other"},
        {"items": ()},
        {"mm_per_px": 2},
        {"top": pixels.make_view(np.ones((4, 6, 3), np.uint8), "a.png")},
    ],
)
def test_content_hash_sees_every_change(changes: dict[str, object]) -> None:
    assert content_hash(a_scan(**changes).row()) != content_hash(a_scan().row())


@given(st.text(), st.text(), st.text(), st.text())
def test_ids_fit_and_tell_sources_apart(a: str, b: str, c: str, d: str) -> None:
    one, two = scan_id(a.replace("\0", ""), b), scan_id(c.replace("\0", ""), d)
    assert 0 <= one < 2**63
    assert (one == two) == ((a.replace("\0", ""), b) == (c.replace("\0", ""), d))
