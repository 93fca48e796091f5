"""Captioners: asked once a scan, asked again for a new describer, and never screened against another scan."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from actors import captioner
from actors.captioner import Captioner, Screener, VersionScreener
from beltline import verdict
from beltline.cache import calls
from beltline.language import captions, grammar
from beltline.language.facts import Facts, facts_of
from beltline.library import paths_of
from beltline.scan import SCHEMA
from beltline.store import Store
from beltline.verdict import BadRow
from tests.made import described, scan, version_of


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def worker(store: Store, seed: int = 1) -> Captioner:
    return Captioner(store.uri, "asked", "grammar", seed)


def as_stored(made) -> dict:
    """The row after parquet."""
    return pa.Table.from_pylist([made.row()], schema=SCHEMA).to_pylist()[0]


def test_a_scan_is_described_and_passes_the_screens(store: Store) -> None:
    row = worker(store)(as_stored(scan(0)))
    assert Facts.of(row["facts"]) == facts_of(scan(0))
    assert len(captions.read(row["caption"]).items) == 2
    assert row["describer"] == f"grammar@{grammar.VERSION}"
    assert Screener()(row)["status"] == "kept"


def test_a_bag_without_items_is_described_too(store: Store) -> None:
    row = worker(store)(as_stored(scan(0, ())))
    assert captions.read(row["caption"]).items == () and Screener()(row)["status"] == "kept"


def test_the_same_scan_is_asked_once_and_a_new_seed_version_or_content_again(store, monkeypatch) -> None:
    first = worker(store)(as_stored(scan(0)))
    assert worker(store)(as_stored(scan(0))) == first and calls(store, "asked") == (1, 0)
    worker(store, seed=2)(as_stored(scan(0)))
    assert calls(store, "asked") == (2, 0)
    worker(store)(as_stored(scan(0, ())))
    assert calls(store, "asked") == (3, 0)
    monkeypatch.setitem(captioner.DESCRIBERS, "grammar", ("grammar-next", grammar.describe))
    assert worker(store)(as_stored(scan(0)))["describer"] == "grammar@grammar-next"
    assert calls(store, "asked") == (4, 0)


@pytest.mark.parametrize("number", [0, 1])
def test_a_failed_answer_is_remembered(store: Store, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def fail(facts: Facts, seed: tuple[int, int]) -> captions.Caption:
        raise BadRow("caption/not-json", "expected one JSON object, found none")

    monkeypatch.setitem(captioner.DESCRIBERS, "grammar", ("broken", fail))
    for _ in range(2):
        with pytest.raises(BadRow, match="caption/not-json"):
            worker(store)(as_stored(scan(number)))
    assert calls(store, "asked") == (1, 0)


def test_captions_of_unchanged_scans_are_screened(store: Store) -> None:
    source, words = described(store, [scan(0), scan(1)])
    screener = VersionScreener(store.uri, paths_of(words), paths_of(source))
    for made in (scan(0), scan(1)):
        row = screener({"id": made.id})
        assert row["status"] == "kept" and row["coverage_asserted"] == row["coverage_facts"] > 0
        assert captions.read(row["caption"]).items


@pytest.mark.parametrize(
    ("now", "message"),
    [
        ([scan(0, ())], "has changed"),
        ([replace(scan(0), top=scan(1).top)], "has changed"),
        ([(scan(0), verdict.Reject("clean/too-small", "small"))], "has changed"),
        ([scan(1)], "is not in the version"),
        ([], "is not in the version"),
    ],
)
def test_a_caption_of_a_scan_that_changed_or_went_is_stale(store: Store, now, message: str) -> None:
    _, words = described(store, [scan(0)])
    screener = VersionScreener(store.uri, paths_of(words), paths_of(version_of(store, now, "now")))
    with pytest.raises(BadRow, match=message) as caught:
        screener({"id": scan(0).id})
    assert caught.value.verdict.reason == "screen/stale"
