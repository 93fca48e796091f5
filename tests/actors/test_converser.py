"""The converser reads scans and captions of versions; what cannot be said is rejected with whose it would have been."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from actors.captioner import Captioner
from actors.converser import COMPOSERS, Converser
from beltline import verdict
from beltline.language.conversations import KINDS, Conversation, conversation_id
from beltline.library import Library, paths_of
from beltline.store import Store
from beltline.version import Manifest
from jobs.caption import CAPTION_ROWS
from jobs.drills import KIND as DRILL
from jobs.recipes import CONVERSE
from tests.made import GUN, scan, version_of, version_of_rows


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def captioned(store: Store, scans: Manifest, keys: list[int], **changes: Any) -> Manifest:
    caption = Captioner(store.uri, "asked", "grammar", 3)
    library = Library(store, paths_of(scans))
    rows = []
    for key in keys:
        row = library.row(key)
        said = {"id": key, "scan_content": row["content"], **caption(row), **changes, **verdict.KEEP.columns()}
        rows.append({name: said.get(name) for name in CAPTION_ROWS.names})
    return version_of_rows(store, rows, CAPTION_ROWS, "words")


def spec(key: int, kind: str) -> dict[str, Any]:
    return {"id": conversation_id(key, kind), "spec": json.dumps({"scan": key, "kind": kind, "index": 0})}


def test_every_kind_is_made_with_captions_and_without(store: Store) -> None:
    bag = scan(0)
    scans = version_of(store, [bag], "bags")
    words = captioned(store, scans, [bag.id])
    said = Library(store, paths_of(words)).row(bag.id)
    bare = Converser(store.uri, paths_of(scans), None, 1)
    told = Converser(store.uri, paths_of(scans), paths_of(words), 1)
    assert {*COMPOSERS, DRILL} == set(KINDS)
    for kind in COMPOSERS:
        conversation = Conversation.of(bare(spec(bag.id, kind)))
        assert (conversation.id, conversation.group, conversation.kind) == (
            conversation_id(bag.id, kind),
            "bag 0",
            kind,
        )
        same = Conversation.of(told(spec(bag.id, kind)))
        if kind == "caption":
            assert same.describer == said["describer"]
            assert all(turn.content in said["caption"] for turn in same.turns[1::2] if len(same.turns) > 2)
        else:
            assert same == conversation


def test_what_cannot_be_said_keeps_whose_it_is_and_why(store: Store) -> None:
    single, gone = scan(1, sides=False), scan(2)
    scans = version_of(store, [single], "bags")
    converse = Converser(store.uri, paths_of(scans), None, 1)
    row = converse(spec(single.id, "gsxray"))
    assert (row["status"], row["reason"], row["group"]) == ("rejected", "conversation/one-view", "bag 1")
    assert (row["scan"], row["kind"]) == (single.id, "gsxray")
    assert converse(spec(gone.id, "dialogue"))["reason"] == "conversation/stale"


def test_a_scan_that_changed_since_its_caption_is_not_talked_about(store: Store) -> None:
    before = scan(3)
    old = version_of(store, [before], "bags", run="r1")
    words = captioned(store, old, [before.id])
    changed = version_of(store, [replace(before, items=(GUN,))], "bags", run="r2")
    converse = Converser(store.uri, paths_of(changed), paths_of(words), 1)
    assert converse(spec(before.id, "dialogue"))["reason"] == "conversation/stale"


def test_every_recipe_names_kinds_that_can_be_composed() -> None:
    for name, recipe in CONVERSE.items():
        assert recipe.name == name and all(
            (kind in COMPOSERS or kind == DRILL) and count > 0 for kind, count in recipe.kinds
        )


def test_rows_fit_the_schema_of_the_job(store: Store) -> None:
    from jobs.converse import CONVERSATION_ROWS

    bag = scan(4)
    converse = Converser(store.uri, paths_of(version_of(store, [bag], "bags")), None, 1)
    rows = [converse(spec(bag.id, kind)) | verdict.KEEP.columns() for kind in COMPOSERS]
    table = pa.Table.from_pylist(rows, schema=CONVERSATION_ROWS)
    assert [Conversation.of(row).kind for row in table.to_pylist()] == list(COMPOSERS)
    assert all(set(row) <= set(CONVERSATION_ROWS.names) for row in rows)
