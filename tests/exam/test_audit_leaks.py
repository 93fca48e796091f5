"""A leak of each kind between exam and lesson is found, and none where there is none."""

import json
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beltline import pixels
from beltline.exam import leaks
from beltline.exam.leaks import COLUMNS, KINDS, counts, scan_leaks, shares, text_leaks
from beltline.exam.tasks import Question
from beltline.image.cleaning import dihedral_hashes, hash_distance

ITEMS = pa.list_(pa.struct([("attributes", pa.string())]))
NONE = dict.fromkeys(KINDS, 0)


def scan(key: int, origins: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """A scan that shares nothing with another of another number."""
    rng = Random(key)
    views = {f"{view}_{kind}": value for view in ("top", "side") for kind, value in (("sha256", f"{view}{key}"), ("phash", rng.getrandbits(63)))}  # fmt: skip
    items = [{"attributes": json.dumps({"origin_group": origin, "pose": "flat"})} for origin in origins] + [
        {"attributes": None}
    ]
    return {"id": key, "group": f"bag/{key}", "items": items, **views, **more}


def table(*scans: dict[str, Any]) -> pa.Table:
    plain = {"id": pa.int64(), "group": pa.string(), "items": ITEMS}
    views = {
        f"{view}_{kind}": pa.string() if kind == "sha256" else pa.int64()
        for view in ("top", "side")
        for kind in ("sha256", "phash")
    }
    return pa.Table.from_pylist(list(scans), pa.schema(plain | views))


def test_nothing_leaks_nothing() -> None:
    assert (
        scan_leaks(table(), table()) == scan_leaks(table(scan(1)), table()) == scan_leaks(table(), table(scan(1))) == []
    )
    assert text_leaks([], []) == [] and shares([], ["a"]) == [] and counts([]) == NONE


def test_no_leak_is_invented() -> None:
    """Three hundred bags on either side, composites among them, and blank side views."""
    exam = [scan(n, (f"cut/{n}",), side_phash=0 if n % 3 else None) for n in range(300)]
    lesson = [scan(n, (f"cut/{n}", f"bag/{n}"), side_phash=0) for n in range(300, 600)]
    assert scan_leaks(table(*exam), table(*lesson)) == []


SHARED = {
    "group": (scan(1), scan(7, group="bag/1")),
    "origin": (scan(1), scan(7, ("bag/1",))),
    "origin of the exam's": (scan(1, ("bag/7",)), scan(7)),
    "origin of both": (scan(1, ("cut/5",)), scan(7, ("cut/5",))),
    "image": (scan(1), scan(7, top_sha256="top1")),
    "image in the other view": (scan(1), scan(7, top_sha256="side1")),
    "near image": (scan(1), scan(7, top_phash=Random(1).getrandbits(63) ^ 0b11111)),
}


@pytest.mark.parametrize("name", SHARED)
def test_a_leak_of_each_kind_is_found_alone(name: str) -> None:
    one, other = SHARED[name]
    kind = "near image" if name.startswith("near") else name.split()[0]
    exam, lesson = table(scan(2), one, scan(3)), table(*(scan(n) for n in range(50, 60)), other)
    (leak,) = scan_leaks(exam, lesson)
    assert (leak.kind, leak.exam, leak.lesson, leak.num) == (kind, 1, 7, 1)
    assert counts([leak]) == NONE | {kind: 1}


def test_a_leak_names_the_lowest_scan_and_counts_the_others() -> None:
    (leak,) = scan_leaks(table(scan(1)), table(*(scan(n, group="bag/1") for n in (9, 4, 6))))
    assert (leak.lesson, leak.num, leak.what) == (4, 3, "bag/1")


@pytest.mark.parametrize("turn", range(8))
def test_a_flipped_or_turned_image_is_near(turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks, "_PAIRS", 64)
    base = Random(1).getrandbits(63)
    exam, lesson = [scan(1), scan(2)], [scan(n) for n in range(40, 60)]
    lesson.append(scan(7, top_phash=dihedral_hashes(base)[turn] ^ (0b111 << 20)))
    found = scan_leaks(table(*exam), table(*lesson))
    assert [(leak.kind, leak.exam, leak.lesson) for leak in found] == [("near image", 1, 7)]
    assert "3 bits apart" in found[0].what and scan_leaks(table(*exam), table(*lesson), max_distance=2) == []


def test_distances_are_those_of_cleaning() -> None:
    rng = Random(5)
    exam = [scan(n, side_phash=None, top_phash=rng.getrandbits(63)) for n in range(30)]
    lesson = [scan(100 + n, side_phash=None, top_phash=rng.getrandbits(63)) for n in range(40)]
    found = {leak.exam: (leak.num, leak.lesson) for leak in scan_leaks(table(*exam), table(*lesson), max_distance=20)}
    for one in exam:
        near = [other["id"] for other in lesson if hash_distance(one["top_phash"], other["top_phash"]) <= 20]
        assert found.get(one["id"]) == ((len(near), min(near)) if near else None)
    assert found


def test_real_columns_of_a_version(tmp_path: Any) -> None:
    """Through Parquet, by the names in `COLUMNS`; the images are drawn, one of them again at half the size."""
    rng = np.random.default_rng(1)
    drawn = [
        pixels.make_view(np.kron(rng.integers(0, 255, (9, 11, 3)), np.ones((40, 40, 1))).astype(np.uint8), "v")
        for _ in range(4)
    ]
    half = pixels.make_view(np.ascontiguousarray(pixels.decode(drawn[0].bytes)[::2, ::2]), "v")
    sides = {"side_sha256": None, "side_phash": None}
    rows = [scan(n, top_sha256=view.sha256, top_phash=view.phash, **sides) for n, view in enumerate([*drawn, half])]
    pq.write_table(table(*rows), tmp_path / "scans.parquet")
    read = pq.ParquetFile(tmp_path / "scans.parquet").read(columns=list(COLUMNS))
    assert [(leak.kind, leak.exam, leak.lesson) for leak in scan_leaks(read.slice(4), read.slice(0, 4))] == [
        ("near image", 4, 0)
    ]


def test_a_column_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match=r"of the lesson, found none of \['group'\]"):
        scan_leaks(table(scan(1)), table(scan(2)).drop_columns("group"))


def question(asks: str, *options: str) -> Question:
    return Question(exam="made", task="basic", group=asks, question=asks, options=options, answer="A")


def test_texts_that_stand_in_the_lesson() -> None:
    told = question(
        "What does a dense orange blob beside a laptop in the top view mean?", "an organic bulk", "a steel plate"
    )
    new = question("What does a thin green line under the handle of a trolley case mean?", "a cable", "a steel wire")
    lesson = [
        "Q: what does a DENSE orange blob, beside a laptop in the top view, mean? A. an organic bulk; B. a steel plate.",
        "The trolley case has a handle.",
    ]
    (leak,) = text_leaks([new, told], lesson)
    assert (leak.kind, leak.exam, leak.lesson) == ("text", told.id, None) and "100%" in leak.what
    assert counts([leak]) == NONE | {"text": 1}
    assert text_leaks([new], lesson) == []


def test_shares_of_grams() -> None:
    text = "one two three four five six seven eight nine ten"
    assert shares([text, "", "one two", "two one", "Nine, ten!"], ["x " + text[:-4]]) == [
        pytest.approx(2 / 3),
        0,
        1,
        0,
        0,
    ]
    assert shares([text], ["three four five", "nine ten"], words=2) == [pytest.approx(3 / 9)]
    assert shares([text], ["one two three four", "five six seven eight nine ten"]) == [0]
