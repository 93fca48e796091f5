"""converse on the cluster: conversations of every kept scan, the rest kept apart with the reason, and the same as without a cluster."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from beltline.language.conversations import Conversation
from beltline.language.facts import facts_of
from beltline.language.gsxray import compose
from beltline.language.lessons import About
from beltline.library import Library, paths_of
from beltline.store import Store
from beltline.version import read_columns, read_files, resolve
from jobs.recipes import CONVERSE
from tests.made import GUN, KNIFE, scan, version_of

pytestmark = pytest.mark.cluster


def test_scans_become_conversations(jobs: Callable[..., int], tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store"))
    made = [scan(n, (replace(GUN, top_xyxy=(5 + n, 30, 90, 70)), KNIFE)) for n in range(6)]
    version_of(store, [*made, scan(9, sides=False), scan(10, ())], "bags")
    assert jobs("converse --recipe gsxray --input bags --output lessons --workers 2") == 0
    manifest = resolve(store, "lessons")
    assert (manifest.counts, manifest.reasons) == ({"kept": 7, "rejected": 1}, {"conversation/one-view": 1})
    rows = read_files(store, paths_of(manifest)).to_pylist()
    contents = {
        row["id"]: row["content"] for row in read_columns(store, resolve(store, "bags"), ["id", "content"]).to_pylist()
    }
    library = Library(store, paths_of(resolve(store, "bags")))
    for row in rows:
        if row["status"] == "kept":
            bag = library.scan(row["scan"])
            about = About(scan=bag.id, scan_content=contents[bag.id], group=bag.group)
            assert Conversation.of(row) == compose(facts_of(bag), CONVERSE["gsxray"].seed, about)
    assert jobs("converse --recipe gsxray --input bags --output lessons --workers 1") == 0, "it is done already"
    assert resolve(store, "lessons").digest == manifest.digest
    there = tmp_path / "lessons"
    assert jobs(f"export --input lessons --format sharegpt --to {there}") == 0
    told = json.loads((there / "conversations.json").read_text())
    assert len(told) == 7 and all((there / path).is_file() for one in told for path in one["images"])
