"""From the log to rows without a cluster: rulings, the gate, queues of a recipe, and words that are refused."""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actors.reviser import Reviser
from beltline.language.eventlog import EventLog
from beltline.language.review import Event
from beltline.scan import Row
from beltline.store import Store
from beltline.version import read_columns, resolve, verify
from jobs import review
from jobs.__main__ import main, parser
from jobs.desk_close import Reviewed, close_work, schema_of
from tests import made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Six bags, of which the log knows five decisions, one of them on what a bag was before."""
    store = Store(str(tmp_path)).absolute()
    bags = [made.scan(n, (replace(made.GUN, top_xyxy=(5 + n, 30, 90, 70)), made.KNIFE)) for n in range(6)]
    manifest = made.version_of(store, bags, "bags")
    contents = {row["id"]: row["content"] for row in read_columns(store, manifest, ["id", "content"]).to_pylist()}
    boxes = [{"item": 0, "category": "gun", "top": [1, 2, 30, 40], "side": None}]
    said: tuple[tuple[int, str, dict[str, Any]], ...] = (
        *((0, "accept", {}), (1, "accept", {}), (2, "edit", {"after": json.dumps({"boxes": boxes})})),
        *((3, "reject", {"reason": "loose box"}), (4, "accept", {"digest": "what it was"})),
    )
    log = EventLog(f"sqlite:///{store.path('review.db')}")
    for number, action, more in said:
        plain = {"id": str(number), "queue": "bags/scans", "item": bags[number].id, "digest": contents[bags[number].id]}
        log.append([Event(**{**plain, "round": 1, "reviewer": "ana", "action": action, "at": "t", **more})])
    log.close()
    return store


def words(store: Store, *more: str) -> argparse.Namespace:
    return parser().parse_args(["review", "--input", "bags", "--store", store.uri, *more])


def rows(store: Store, *more: str) -> dict[int, Row]:
    """What closing would write, row by row, by the number in the bag's source."""
    args = words(store, "--close", "--output", "checked", *more)
    log, content, work = review.queue(args, store)
    found = Reviewed(content.manifest, content.scans, work, log.read(work.name), content.boxes)
    log.close()
    done = close_work(found, store, args)
    (stage,) = done.stages("")
    revise = Reviser(**stage.kwargs)
    made_of = [revise({"id": key, "spec": json.dumps(spec)}) for key, spec in done.specs()]
    assert all(set(row) == {field.name for field in done.schema} for row in made_of)
    return {int(row["source_id"]): row for row in made_of}


def test_decisions_become_rows(store: Store) -> None:
    found = rows(store)
    statuses = [(found[n]["status"], found[n]["reason"]) for n in range(6)]
    open_ = ("rejected", "review/open")
    assert statuses == [("kept", None)] * 3 + [("rejected", "review/loose-box"), open_, open_]
    assert [(item["item"], item["top_xyxy"], item["side_xyxy"]) for item in found[2]["items"]] == [
        (0, [1, 2, 30, 40], None)
    ]
    schema = schema_of(store, resolve(store, "bags"))
    checked = made.version_of_rows(store, list(found.values()), schema, "checked")  # sealed as the belt seals it
    assert verify(store, checked.ref, deep=True) == [] and checked.counts == {"kept": 3, "rejected": 3}
    kept = rows(store, "--undecided", "keep")
    assert [kept[n]["status"] for n in range(6)] == ["kept"] * 3 + ["rejected"] + ["kept"] * 2


def test_a_gate_that_is_not_met_writes_nothing(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--close", "--output", "checked", "--gate", "open=0", "--gate", "rejected<=0.5"]
    assert main(["review", "--input", "bags", "--store", store.uri, *more]) == 2
    assert "open: expected = 0, found 2" in capsys.readouterr().err and not store.exists("checked")


def test_the_new_version_has_the_old_columns_and_one_more(store: Store) -> None:
    names = schema_of(store, resolve(store, "bags")).names
    assert set(names) == {*made.SCAN_ROWS.names, "review"}


def test_queues_of_recipes(store: Store) -> None:
    log, _, work = review.queue(words(store, "--recipe", "onepipe-annotate", "--limit", "4"), store)
    log.append(
        [
            Event(
                id="x",
                queue=work.name,
                item=work.entries[0].item,
                digest="d",
                round=1,
                reviewer="a",
                action="accept",
                at="t",
            )
        ]
    )
    log.close()
    log, _, later = review.queue(words(store, "--recipe", "onepipe-verify-1"), store)
    log.close()
    assert (len(work.entries), work.counts()["open"], work.name) == (4, 4, "bags/scans/onepipe-annotate")
    assert work.entries[0].item not in later.position and len(later.entries) == 5


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--input", "nothing"], "expected nothing"),
        (["--input", "bags", "--input", "bags"], "expected one --input"),
        ([], "expected one --input"),
        (["--input", "bags", "--host", "0.0.0.0"], "expected --users"),
        (["--input", "bags", "--users", "/nowhere/users.json"], "list of users"),
        (["--input", "bags", "--log", "mysql://host/db"], "sqlite:///FILE"),
        (["--input", "bags", "--close"], "expected --output"),
        (["--input", "bags", "--close", "--output", "x", "--gate", "trust>1"], "--gate"),
        (["--add-user", "ana"], "expected --users"),
    ],
)
def test_words_that_are_refused(store: Store, more: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--store", store.uri, *more]) == 2
    assert why in capsys.readouterr().err


def test_gold_is_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "gold.json"
    path.write_text('{"7": "reject"}')
    assert review.gold(path) == {7: "reject"} and review.gold(None) == {}
    for text in ('{"7": "maybe"}', "[]", '{"x": "accept"}', "{"):
        path.write_text(text)
        with pytest.raises(ValueError, match="--gold"):
            review.gold(path)
