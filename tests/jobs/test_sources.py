"""Specs: global gates over ids and hashes, in the driver, and rejected rows keep their place."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from actors.synthesizer import BagMaker
from beltline import labels
from beltline.image import phantom
from beltline.scan import scan_id
from beltline.store import Store
from beltline.verdict import Reject
from beltline.version import read_columns
from jobs.options import Options
from jobs.recipes import REGENERATE, CleanRecipe
from jobs.regenerate import source
from jobs.sources import bag_specs, gates, kept, mixed_specs, mixed_stage, over_quota, scan_specs, twins
from tests.made import GUN, KNIFE, scan, version_of

ALL = CleanRecipe(name="all", max_hash_distance=None)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def hashed(key: int, top: int, side: int | None = None) -> dict:
    return {"id": key, "top_phash": top, "side_phash": side}


def test_nothing_has_no_twins_and_no_quota() -> None:
    assert twins([], 5) == over_quota({}, 3) == over_quota({1: ("gun",)}, None) == {}
    assert twins([hashed(1, 7), hashed(2, 7)], None) == {}


def test_twins_are_rejected_in_favour_of_the_lowest_id() -> None:
    far = 0x2AAA_0F0F_1234_5678
    found = twins([hashed(9, 7), hashed(3, 7), hashed(5, far), hashed(7, 7 | 8)], 1)
    assert {key: said["reject"][0] for key, said in found.items()} == dict.fromkeys((9, 7), "clean/near-duplicate")
    assert all("looks like scan 3" in said["reject"][1] for said in found.values())
    assert twins([hashed(1, 7, 7), hashed(2, 7, far)], 1) == {}, "both views must look the same"


def test_a_quota_keeps_the_lowest_ids_whatever_the_order() -> None:
    rows = {5: ("gun",), 1: ("gun", "gun"), 3: ("gun", "axe"), 4: ("gun",), 2: ("gun",), 8: (), 7: (), 6: ()}
    found = over_quota(rows, 2)
    assert found.keys() == {4, 5, 8}, "3 stays for its axe; two of the empty ones stay"
    assert {said["reject"][0] for said in found.values()} == {"clean/over-quota"}
    assert over_quota(rows, 0).keys() == rows.keys()


def test_bags_are_planned_without_being_made_and_all_keep_their_place() -> None:
    recipe = phantom.RECIPES["everyday"]
    assert list(bag_specs(recipe, ALL, 0)) == []
    free = list(bag_specs(recipe, ALL, 200))
    assert [key for key, _ in free] == [scan_id("everyday", index) for index in range(200)]
    assert all(tuple(spec["categories"]) == phantom.plan(recipe, key) and "reject" not in spec for key, spec in free)
    limited = dict(bag_specs(recipe, replace(ALL, quota=3), 200))
    rejected = {key for key, spec in limited.items() if "reject" in spec}
    assert limited.keys() == dict(free).keys() and 0 < len(rejected) < 200
    assert rejected == over_quota({key: tuple(spec["categories"]) for key, spec in free}, 3).keys()
    maker = BagMaker(recipe)
    spec = '{"categories": [], "reject": ["clean/over-quota", "enough"]}'
    row = maker({"id": min(rejected), "spec": spec})
    assert row.items() >= Reject("clean/over-quota", "enough").columns().items() and "top" not in row


def test_scans_of_lowest_id_are_taken_file_by_file_and_rejected_ones_are_not(store: Store) -> None:
    scans = [scan(number) for number in range(5)]
    manifest = version_of(store, [*scans, (scan(9), Reject("clean/too-small", "small"))], num_files=2)
    ids = sorted(made.id for made in scans)
    lie = [key for key in read_columns(store, manifest, ["id"])["id"].to_pylist() if key in ids]
    assert lie != ids, "the files lie in another order than the ids"
    assert list(scan_specs(store, [manifest], ALL, 100)) == [(key, {"scan": key}) for key in lie]
    assert [key for key, _ in scan_specs(store, [manifest], ALL, 3)] == [key for key in lie if key in ids[:3]]
    quota = dict(scan_specs(store, [manifest], replace(ALL, quota=1), 100))
    assert [key for key in ids if "reject" in quota[key]] == ids[1:]
    same = dict(scan_specs(store, [manifest], replace(ALL, max_hash_distance=5), 100))
    assert {key for key in ids if "reject" in same[key]} == set(ids[1:]), "drawn scans differ in their grey alone"


def test_the_same_scan_in_two_versions_is_refused(store: Store) -> None:
    one, other = (version_of(store, [scan(0), scan(n)], f"v{n}") for n in (1, 2))
    with pytest.raises(ValueError, match="found 1 of them in more than one"):
        kept(store, [one, other], [])
    assert len(kept(store, [one], [])) == 2 and kept(store, [], []) == []


@pytest.mark.parametrize(("masks_needed", "num_gates"), [(False, 1), (True, 2)])
def test_the_gates_of_a_recipe(masks_needed: bool, num_gates: int) -> None:
    made = gates(replace(ALL, min_side_px=121, masks_needed=masks_needed))
    assert len(made) == num_gates
    assert isinstance(made[0](scan(0, (GUN, KNIFE))), Reject)
    assert all(not isinstance(gate(scan(0, ())), Reject) for gate in gates(replace(ALL, min_side_px=120)))


def test_a_corpus_has_the_real_scans_with_their_licences_and_balanced_bags_beside_them(store: Store) -> None:
    one = version_of(store, [scan(n, licence="CC-BY-4.0", source="pidray") for n in range(2)], "pidray")
    other = version_of(store, [scan(2, source="sixray"), (scan(9), Reject("clean/too-small", "small"))], "sixray")
    bags, real = phantom.RECIPES["mmxray"], replace(ALL, min_side_px=100)
    specs = list(mixed_specs(store, [one, other], real, bags, ALL, 4))
    assert ["scan" in spec for _, spec in specs] == [True] * 3 + [False] * 4
    stage = mixed_stage(store, [one, other], real, bags, ALL)
    maker = stage.make(**stage.kwargs)
    rows = [maker({"id": key, "spec": json.dumps(spec)}) for key, spec in specs]
    assert [row["id"] for row in rows] == [key for key, _ in specs]
    assert sorted((row["source"], row["licence"]) for row in rows[:3]) == [
        ("pidray", "CC-BY-4.0"),
        ("pidray", "CC-BY-4.0"),
        ("sixray", "CC0-1.0"),
    ]
    assert {row["source"] for row in rows[3:] if row.get("top")} == {"phantom/mmxray"}
    assert all(row["items"] for row in rows[3:] if row.get("top"))
    small = mixed_stage(store, [one], replace(real, min_side_px=500), bags, ALL)
    refused = small.make(**small.kwargs)({"id": specs[0][0], "spec": json.dumps(specs[0][1])})
    assert refused["status"] == "rejected", "real scans have gates of their own"


def test_a_corpus_asks_for_each_of_the_28_categories_equally_often() -> None:
    recipe = REGENERATE["mmxray-corpus"]
    assert recipe.limit == 3000
    counts = Counter(name for _, spec in bag_specs(recipe.make, recipe.clean, 3000) for name in spec["categories"])
    assert set(counts) == set(labels.MMXRAY)
    assert max(counts.values()) < 1.5 * min(counts.values())


@pytest.mark.parametrize(
    ("words", "name_of_stage"),
    [((), "synthesize"), ((("scans", "a"),), "gather"), ((("scans", "a"), ("scans", "b")), "gather")],
)
def test_a_corpus_takes_any_number_of_inputs(store: Store, words: tuple, name_of_stage: str) -> None:
    for number, name in enumerate("ab"):
        version_of(store, [scan(number)], name)
    options = Options(recipe="mmxray-corpus", inputs=words, output="mmxray", store=store)
    stage, specs = source(REGENERATE["mmxray-corpus"], options, 2)
    assert stage.name == name_of_stage
    assert len(list(specs())) == 2 + len(words)


def test_a_corpus_takes_scans_and_nothing_else(store: Store) -> None:
    version_of(store, [scan(0)], "a")
    options = Options(recipe="mmxray-corpus", inputs=(("cutouts", "a"),), output="mmxray", store=store)
    with pytest.raises(ValueError, match="expects --input scans"):
        source(REGENERATE["mmxray-corpus"], options, 2)
