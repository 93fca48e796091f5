"""`review --close` on one local Ray: what two rounds and a lead said becomes a version, with the log and the boxes beside it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from beltline.language import captions
from beltline.language.eventlog import EventLog
from beltline.language.review import Event, from_json
from beltline.scan import Row
from beltline.store import Store
from beltline.version import Manifest, iter_rows, read_columns, resolve, verify
from tests import made

pytestmark = pytest.mark.cluster
Said = tuple[tuple[str, str], ...]
"""(who, what) round after round: accept, edit, or why it is rejected."""
BOX = {"item": 0, "category": "gun", "top": [12.0, 20.0, 60.0, 50.0], "side": [12.0, 10.0, 60.0, 30.0]}
BAGS: tuple[Said, ...] = (
    (("ana", "accept"), ("ben", "accept")),
    (("ana", "loose box"), ("ben", "missing box")),
    (("ben", "edit"), ("ana", "edit")),
    (("ana", "accept"), ("ben", "loose box"), ("cem", "views swapped")),
    (("ana", "accept"), ("ben", "duplicate")),
    (("ben", "accept"),),
)
CLOSE = "review --input bags --recipe twice --close --output checked --workers 2"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store")).absolute()


def say(store: Store, queue: str, manifest: Manifest, said: dict[int, Said], after: Row) -> None:
    """Put decisions into the log; every edit comes to `after`."""
    known = {row["id"]: row["content"] for row in read_columns(store, manifest, ["id", "content"]).to_pylist()}
    log = EventLog(f"sqlite:///{store.path('review.db')}")
    for item, decisions in said.items():
        for number, (who, what) in enumerate(decisions, 1):
            more = {"accept": {}, "edit": {"after": json.dumps(after)}}.get(what, {"reason": what})
            action = what if what in ("accept", "edit") else "reject"
            seen = {"queue": queue, "item": item, "digest": known[item], "round": number}
            log.append([Event(id=f"{item}/{number}", reviewer=who, action=action, at="t", **seen, **more)])
    log.close()


def bags(store: Store) -> None:
    """bags@1.0.0, and what two rounds and a lead said of it."""
    scans = [made.scan(n, (replace(made.GUN, top_xyxy=(5 + n, 30, 90, 70)), made.KNIFE)) for n in range(len(BAGS))]
    said = {scan.id: BAGS[number] for number, scan in enumerate(scans)}
    say(store, "bags/scans", made.version_of(store, scans, "bags"), said, {"boxes": [BOX]})


def test_two_rounds_become_a_version_with_its_log_and_boxes(
    jobs: Callable[..., int], store: Store, tmp_path: Path
) -> None:
    bags(store)
    assert jobs(f"{CLOSE} --gate rejected<=0.4 --boxes coco --to {tmp_path}/coco") == 0
    before, after = (
        {int(row["source_id"]): row for row in iter_rows(store, resolve(store, name))} for name in ("bags", "checked")
    )
    reasons = [None, "review/missing-box", None, "review/views-swapped", "review/disputed", "review/open"]
    assert [after[number]["reason"] for number in range(len(BAGS))] == reasons
    assert json.loads(after[3]["review"]) == {"outcome": "rejected", "reviews": 3}
    assert after[0]["items"] == before[0]["items"] and after[0]["top"] == before[0]["top"]
    assert [(one["category"], one["top_xyxy"], one["side_xyxy"]) for one in after[2]["items"]] == [
        ("gun", BOX["top"], BOX["side"])
    ]
    assert verify(store, "checked@1.0.0", deep=True) == []
    events = store.read("checked/.reviews/1.0.0/reviews.jsonl").decode().splitlines()
    assert [from_json(line).id.split("/")[1] for line in events] == [
        str(number) for one in BAGS for number in range(1, len(one) + 1)
    ]
    assert (
        coco(tmp_path / "coco") == yolo(jobs, tmp_path / "yolo") == 2 * 2 + 2
    )  # bag 0's two items, bag 2's one, twice


def coco(folder: Path) -> int:
    """Boxes in COCO's files; an edited one as it was edited."""
    found = [
        one for name in ("train", "val") for one in json.loads((folder / f"{name}.json").read_text())["annotations"]
    ]
    assert [12, 20, 48, 30] in [one["bbox"] for one in found]
    return len(found)


def yolo(jobs: Callable[..., int], folder: Path) -> int:
    """Boxes in YOLO's files: the version is there already, and its boxes are written all the same."""
    assert jobs(f"{CLOSE} --gate rejected<=0.4 --boxes yolo --to {folder}") == 0
    return sum(len(path.read_text().splitlines()) for path in folder.rglob("labels/**/*.txt"))


def test_a_gate_that_is_not_met_says_what_is_missing(
    jobs: Callable[..., int], store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    bags(store)
    assert jobs(f"{CLOSE} --gate reviews>=2 --gate kappa>=0.7 --gate open=0 --gate rejected<=0.5") == 2
    said = capsys.readouterr().err
    for missing in (
        "reviews: expected >= 2, found 1",
        "kappa: expected >= 0.7, found 0.2857",
        "open: expected = 0, found 1",
    ):
        assert missing in said
    assert "rejected:" not in said and not store.exists("checked")


def test_an_edited_caption_replaces_the_old_one(jobs: Callable[..., int], store: Store, tmp_path: Path) -> None:
    """What nobody has looked at is kept where that is wished; boxes of captions are refused before any work is done."""
    _, words = made.described(store, [made.scan(number) for number in range(3)])
    first, second, _ = (row["id"] for row in iter_rows(store, words))
    after = {"boxes": [{**BOX, "colour": "blue"}], "caption": {"top": "A gun.", "side": "A gun.", "whole": "A gun."}}
    said: dict[int, Said] = {first: (("ana", "edit"),), second: (("ana", "language"),)}
    say(store, "words/captions", words, said, after)
    close = "review --input words --input scans=words-scans --close --output told --undecided keep --workers 2"
    assert jobs(f"{close} --boxes coco --to {tmp_path}/coco") == 2 and not store.exists("told")
    assert jobs(close) == 0
    told = {row["id"]: row for row in iter_rows(store, resolve(store, "told"))}
    assert sorted(str(row["reason"]) for row in told.values()) == ["None", "None", "review/language"]
    made_of = captions.read(told[first]["caption"])
    assert (made_of.whole, made_of.items[0].colour, made_of.items[0].top_box) == ("A gun.", "blue", (75, 167, 375, 417))
