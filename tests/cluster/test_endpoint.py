"""The caption job through the endpoint engine: 200 rows under fire, then again without a single request."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from beltline.cache import calls
from beltline.language import captions
from beltline.store import Store
from beltline.version import iter_rows, resolve, verify
from tests.fire import FAULTS, Fire
from tests.made import GUN, KNIFE, scan, version_of

pytestmark = pytest.mark.cluster
ROWS, IN_FLIGHT = 200, 16
"""In flight of the whole job: two actors with eight each."""
CAPTION = (
    f"caption --recipe endpoint --model tested@7 --input bags --workers 2 --in-flight {IN_FLIGHT} "
    "--deadline 3 --tries 12 --pause 0.02"
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


def bags(store: Store, count: int) -> set[int]:
    """A version of so many different scans; their ids."""
    guns = [replace(GUN, top_xyxy=(5 + k % 50, 30, 90 + k // 50, 70)) for k in range(count)]
    made = [scan(k, (gun, KNIFE)) for k, gun in enumerate(guns)]
    version_of(store, made, "bags")
    return {one.id for one in made}


def test_under_fire_and_again(jobs: Callable[..., int], store: Store) -> None:
    ids = bags(store, ROWS)
    with Fire(faults=FAULTS, seed=2, key="s3cret") as fire:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("OPENAI_API_KEY", "s3cret")
            assert jobs(f"{CAPTION} --endpoint {fire.url} --output words") == 0
        assert all(fire.failed[fault] for fault in FAULTS) and IN_FLIGHT // 2 < fire.most <= IN_FLIGHT
        asked = fire.requests
        assert jobs(f"{CAPTION} --endpoint {fire.url} --output words") == 0
        assert jobs(f"{CAPTION} --endpoint {fire.url} --output others") == 0
        assert fire.requests == asked, "another version of the same question is answered by the cache"
    words, others = resolve(store, "words"), resolve(store, "others")
    assert words.digest == others.digest and words.num_rows == ROWS and verify(store, words.ref, deep=True) == []
    assert calls(store, f"words/.runs/{words.run}/asked")[0] >= asked, "noted before it is made"
    rows = list(iter_rows(store, words))
    assert {row["id"] for row in rows} == ids and len(rows) == ROWS
    for row in rows:
        if row["status"] == "kept":
            assert captions.read(row["caption"]).items and row["raw"] is None and row["thinking"]
        else:
            assert row["reason"] in ("caption/not-json", "caption/schema") and row["raw"] and row["detail"]
    assert words.counts["kept"] > 0.9 * ROWS
    _no_secret(store, fire.url)


def _no_secret(store: Store, url: str) -> None:
    """Neither key nor address in anything that the job wrote."""
    for path in store.list("", recursive=True):
        data = store.read(path)
        assert b"s3cret" not in data and url.encode() not in data, path


def test_the_whole_belt_with_a_model(jobs: Callable[..., int], store: Store) -> None:
    with Fire() as fire:
        command = "regenerate --recipe everyday --limit 12 --captions endpoint --model tested@7 --output corpus"
        assert jobs(f"{command} --endpoint {fire.url} --workers 2") == 0
        assert 0 < fire.requests <= 12
    manifest = resolve(store, "corpus")
    assert manifest.recipe["caption"]["model"]["name"] == "tested" and len(manifest.recipe["prompt_sha"]) == 64
    described = [row for row in iter_rows(store, manifest) if row["caption"]]
    assert len(described) == fire.requests and all(row["describer"] == "tested@7" for row in described)
    assert all(json.loads(row["facts"])["views"] == ["top", "side"] for row in described)


def test_a_wrong_key_stops_the_job_with_a_word_on_the_key(
    jobs: Callable[..., int], store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    bags(store, 4)
    with Fire(key="s3cret") as fire:
        assert jobs(f"{CAPTION} --endpoint {fire.url} --output words") == 2
        assert "OPENAI_API_KEY" in capsys.readouterr().err.splitlines()[-1]


def test_nobody_says_where_the_server_is(
    jobs: Callable[..., int], store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    bags(store, 1)
    assert jobs(f"{CAPTION} --output words") == 2
    assert "BELTLINE_ENDPOINT" in capsys.readouterr().err
