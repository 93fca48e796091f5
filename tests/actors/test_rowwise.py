"""Between blocks and rows: bad rows travel on, our own faults stop the job."""

import pyarrow as pa
import pytest

from actors.rowwise import RowWise
from beltline.verdict import BadRow

SCHEMA = pa.schema(
    [("row", pa.int64()), ("id", pa.int64()), *((name, pa.string()) for name in ("word", "status", "reason", "detail"))]
)


class Speaker:
    def __init__(self, prefix: str):
        self._prefix = prefix

    def __call__(self, row):
        if row["id"] == 13:
            raise BadRow("word/unlucky", "expected another id")
        if row["id"] == 0:
            raise ZeroDivisionError("no")
        return {"word": f"{self._prefix}{row['id']}", "unknown": 1}


def done(rows: list[dict]) -> list[dict]:
    known = pa.schema([field for field in SCHEMA if field.name != "word"])
    return RowWise(Speaker, {"prefix": "w"}, SCHEMA)(pa.Table.from_pylist(rows, schema=known)).to_pylist()


def test_an_empty_block_stays_empty_and_has_the_schema() -> None:
    table = RowWise(Speaker, {"prefix": "w"}, SCHEMA)(pa.table({"row": pa.array([], pa.int64())}))
    assert table.num_rows == 0 and table.schema == SCHEMA


def test_rows_keep_their_order_and_columns_nobody_fills_are_null() -> None:
    found = done([{"row": 2, "id": 5}, {"row": 1, "id": 4}])
    assert [(row["row"], row["word"], row["status"]) for row in found] == [(2, "w5", None), (1, "w4", None)]
    assert found[0].keys() == set(SCHEMA.names)


def test_a_bad_row_is_rejected_with_its_reason_and_the_others_go_on() -> None:
    bad, good = done([{"row": 0, "id": 13}, {"row": 1, "id": 4}])
    assert (bad["status"], bad["reason"], bad["detail"]) == ("rejected", "word/unlucky", "expected another id")
    assert bad["word"] is None and good["word"] == "w4"


def test_a_rejected_row_passes_untouched() -> None:
    row = {"row": 0, "id": 0, "status": "rejected", "reason": "a/b", "detail": "c"}
    assert done([row]) == [row | {"word": None}]


def test_a_fault_of_ours_stops_and_names_the_row() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        done([{"row": 3, "id": 4}, {"row": 4, "id": 0}])
    assert caught.value.__notes__ == ["while working on row 4, id 0"]
