"""OnePipe end to end: a tiny model is taught twice, stopped in between, and the report says what the screens counted.

What the tiny model would say is nonsense, so after each question that it is asked, the test answers in its place: in the first round
some notes that nobody can read, some with every item mistaken, some true ones; in the second round more true ones.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import mlflow
import pytest

from beltline.language import notes
from beltline.language.facts import Facts, facts_of
from beltline.language.tally import COUNTED
from beltline.learning.recipes import RECIPES
from beltline.learning.speak import Asked, Speaker
from beltline.parts import part_of
from beltline.scan import Row, Scan
from beltline.store import Store
from beltline.verdict import KEPT
from beltline.version import iter_rows, resolve, verify, versions
from jobs import steps
from jobs.recipes import ONEPIPE

pytestmark = [pytest.mark.cluster, pytest.mark.learning]
ONE = "onepipe --recipe onepipe_nano --base tiny:qwen3_vl --input scans=bags --output words"
UNREADABLE, MISTAKEN, TRUE = range(3)


@pytest.fixture(scope="module")
def bags(ray_here: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from jobs.__main__ import main

    store = tmp_path_factory.mktemp("onepipe")
    where = ["--store", str(store), "--tracking", f"sqlite:///{store}.db", "--workers", "2"]
    assert main(["synthesize", "--recipe", "dual-nano", "--limit", "24", "--output", "bags", *where]) == 0
    return store


@pytest.fixture
def store(jobs: Callable[..., int], bags: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The bags, recipes of few steps, and somebody who answers in the model's place."""
    shutil.copytree(bags, tmp_path / "store")
    found = Store(str(tmp_path / "store"))
    for recipe in ONEPIPE["onepipe_nano"].rounds:
        short = replace(RECIPES[recipe], epochs=1, sight_steps=min(2, RECIPES[recipe].sight_steps), sight_batch=2)
        monkeypatch.setitem(RECIPES, recipe, short)
    monkeypatch.setitem(ONEPIPE, "onepipe_nano", replace(ONEPIPE["onepipe_nano"], clean=NO_TWINS))
    known = {scan.top.bytes: facts_of(scan) for scan in map(Scan.of, kept(found, "bags"))}

    class Prompted(Speaker):
        def __call__(self, asked: Sequence[Asked], max_tokens: int) -> list[tuple[str, str]]:
            assert len(super().__call__(asked[:1], 2)) == 1  # the taught weights do load and speak
            right = 2 if "words-round1" in self._model.name_or_path else 5
            return [(said(known[views[0][1]], right), "stop") for views, _ in asked]

    monkeypatch.setattr("actors.voice.Speaker", Prompted)
    return found


NO_TWINS = replace(ONEPIPE["onepipe_nano"].clean, max_hash_distance=None)


def how(facts: Facts, right: int) -> int:
    """What is said of a bag; `right` of six bags are told as they are."""
    drawn = sum(map(sum, (facts.top_frame, facts.side_frame))) % 6
    return TRUE if drawn < right else UNREADABLE if drawn == 5 else MISTAKEN


def said(facts: Facts, right: int) -> str:
    mistaken = replace(facts, items=tuple(replace(item, category="hammer") for item in facts.items))
    return {UNREADABLE: "a bag", MISTAKEN: notes.say(mistaken), TRUE: notes.say(facts)}[how(facts, right)]


def kept(store: Store, name: str) -> list[Row]:
    return [row for row in iter_rows(store, resolve(store, name)) if row["status"] == KEPT]


def test_two_rounds_stopped_in_between_and_told_as_the_screens_counted(
    jobs: Callable[..., int],
    store: Store,
    ledger: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = steps.done
    with monkeypatch.context() as patched:

        def stopped(work, options, args=None):
            if options.output == "words-second-screened":
                raise KeyboardInterrupt
            return done(work, options, args)

        patched.setattr(steps, "done", stopped)
        with pytest.raises(KeyboardInterrupt):
            jobs(ONE)
    before = manifests(store)
    assert {"words-parts", "words-seed", "words-round1", "words-second"} <= before.keys()
    assert jobs(ONE) == 0
    after = manifests(store)
    assert {name: after[name] for name in before} == before  # nothing redone
    assert {"words-round2", "words-rest-screened", "words"} <= after.keys()
    assert all(len(versions(store, name)) == 1 for name in after)
    parts_hold_every_bag_once(store)
    lessons_are_what_was_kept_and_what_was_corrected(store)
    the_report_is_what_the_screens_counted(store, ledger)
    capsys.readouterr()
    assert jobs(ONE) == 0 and manifests(store) == after
    assert capsys.readouterr().out.count("nothing to do") >= len(after) - 1  # all but the bags
    assert verify(store, "words@1.0.0", deep=True) == []


def parts_hold_every_bag_once(store: Store) -> None:
    recipe, rows = ONEPIPE["onepipe_nano"], list(iter_rows(store, resolve(store, "words")))
    groups = {row["id"]: row["group"] for row in kept(store, "bags")}
    assert sorted(row["id"] for row in rows) == sorted(groups)
    for row in rows:
        part = "second" if row["part"] == "mended" else row["part"]
        assert part == part_of(groups[row["id"]], recipe.shares, recipe.seed)
    assert {row["part"] for row in rows} == {"seed", "second", "mended", "rest"}  # the draw of these bags has all


def lessons_are_what_was_kept_and_what_was_corrected(store: Store) -> None:
    """The first round learns from the grammar alone; the second from that, from true notes as they were taken, and from corrected ones."""
    taught = resolve(store, "words-round2").inputs
    lessons = [row for role, ref in taught.items() if role.startswith("lessons") for row in kept(store, ref)]
    told = {row["scan"]: row["turns"][1]["content"] for row in lessons}
    truth = {row["id"]: facts_of(Scan.of(row)) for row in kept(store, "bags")}
    parts = {row["id"]: row["part"] for row in iter_rows(store, resolve(store, "words"))}
    assert told == {key: notes.say(truth[key]) for key, part in parts.items() if part != "rest"}
    assert len(lessons) == len(told)
    first = resolve(store, "words-round1").inputs
    assert [role for role in first if role.startswith("lessons")] == ["lessons"]
    assert {row["scan"] for row in kept(store, first["lessons"])} == {k for k, part in parts.items() if part == "seed"}
    for row in iter_rows(store, resolve(store, "words-second")):
        kind = how(truth[row["id"]], 2)
        assert (row["reason"] == "caption/notes") == (kind == UNREADABLE) and row["describer"].startswith(
            "words-round1@"
        )
        assert (parts[row["id"]] == "second") == (kind == TRUE)


def the_report_is_what_the_screens_counted(store: Store, ledger: str) -> None:
    client = mlflow.MlflowClient(ledger)
    experiment = client.get_experiment_by_name("beltline")
    (run,) = client.search_runs([experiment.experiment_id], "attributes.run_name = 'onepipe words'")
    card = store.read("words/1.0.0/card.md").decode()
    for part in ("seed", "second", "mended", "rest"):
        scans, screened = (
            resolve(store, f"words-{part}"),
            list(iter_rows(store, resolve(store, f"words-{part}-screened"))),
        )
        sums = {name: sum(row[name] for row in screened) for name in COUNTED}
        expected = {
            "scans": scans.num_rows,
            "captions": len(screened),
            "kept_share": 100 * sum(row["status"] == KEPT for row in screened) / scans.num_rows,
            "asserted": 100 * sums["coverage_asserted"] / sums["coverage_facts"],
            "supported": 100 * sums["alignment_matched"] / sums["alignment_entities"],
            "missing": sum(len(json.loads(r["screen_found"]).get("coverage", {})) for r in screened) / len(screened),
            "unsupported": sum(len(json.loads(r["screen_found"]).get("alignment", {})) for r in screened)
            / len(screened),
        }
        found = {name: run.data.metrics[f"{part}/{name}"] for name in expected}
        assert found == pytest.approx(expected)
        assert f"| {part} | {scans.num_rows} | {len(screened)} | {expected['kept_share']:.1f} |" in card
    assert run.data.metrics["rest/kept_share"] > run.data.metrics["second/kept_share"]


def manifests(store: Store) -> dict[str, bytes]:
    """Name to manifest, of every complete version."""
    names = [path.rsplit("/", 1)[-1] for path in store.list("")]
    return {
        name: store.read(f"{name}/{number}/manifest.json") for name in names for number in versions(store, name)[-1:]
    }


def test_a_dry_run_says_the_verbs_and_does_none(
    jobs: Callable[..., int], store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    before = manifests(store)
    assert jobs(f"{ONE} --dry-run") == 0 and manifests(store) == before
    said = capsys.readouterr().out
    assert said.count("python -m jobs train") == 2 and "--input base=words-round1" in said
