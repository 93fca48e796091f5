"""The main job on a local Ray: what it writes, and that neither workers, blocks nor a second run change it."""

from collections.abc import Callable
from pathlib import Path

import mlflow
import pytest

from beltline import pixels
from beltline.store import Store
from beltline.version import iter_rows, resolve, verify
from tests.killing import EVERYDAY, ROWS
from tests.made import scan, version_of, view

pytestmark = pytest.mark.cluster


def digest(store: Path, name: str = "corpus") -> str:
    return resolve(Store(str(store)), name).digest


def test_a_version_comes_out_whole_and_a_second_run_does_nothing(
    jobs: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert jobs(EVERYDAY) == 0
    store = Store(str(tmp_path / "store"))
    manifest = resolve(store, "corpus")
    rows = list(iter_rows(store, manifest))
    assert verify(store, manifest.ref, deep=True) == []
    assert sum(manifest.counts.values()) == len(rows) == ROWS == len({row["id"] for row in rows})
    kept = [row for row in rows if row["status"] == "kept"]
    assert kept and all(row["caption"] and row["side"] and row["items"] for row in kept)
    assert all(row["reason"] and row["detail"] for row in rows if row["status"] == "rejected")
    sheet, _ = pixels.open_view(store.read("corpus/1.0.0/sheet.png"), "sheet.png")
    assert sheet.width > 1000
    assert not store.exists(f"corpus/.runs/{manifest.run}/checkpoint")
    check_ledger(tmp_path, manifest.digest)
    capsys.readouterr()
    assert jobs(EVERYDAY) == 0
    assert "complete already" in capsys.readouterr().out
    assert [path for path in store.list("corpus") if "1.0.0" not in path] == ["corpus/.runs"]


def check_ledger(tmp_path: Path, digest: str) -> None:
    """One finished run, with counts, our digest as dataset, card, sheet and manifest."""
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    runs = client.search_runs([client.get_experiment_by_name("beltline").experiment_id])
    assert [run.info.status for run in runs] == ["FINISHED"]
    assert runs[0].data.metrics["rows"] == ROWS
    assert runs[0].data.metrics["kept"] + runs[0].data.metrics["rejected"] == ROWS
    dataset = runs[0].inputs.dataset_inputs[0].dataset
    assert (dataset.name, dataset.digest) == ("corpus", digest[:36])
    assert {file.path for file in client.list_artifacts(runs[0].info.run_id)} == {
        "card.md",
        "manifest.json",
        "sheet.png",
    }


def test_workers_and_blocks_do_not_change_the_digest_but_the_seed_does(
    jobs: Callable[..., int], everyday: Store, tmp_path: Path
) -> None:
    """The corpus that all compare with is made by one worker in two blocks."""
    digests = {}
    for words in ("--workers 4 --blocks 9", "--workers 2 --seed 7"):
        store = tmp_path / words.replace(" ", "")
        assert jobs(f"{EVERYDAY} --store {store} {words}") == 0
        digests[words] = digest(store)
    four, seed = digests.values()
    assert resolve(everyday, "corpus").digest == four != seed


def test_verbs_one_by_one_say_what_the_main_job_says(jobs: Callable[..., int], everyday: Store, tmp_path: Path) -> None:
    """synthesize, caption, screen: the same scans, words and numbers as regenerate."""
    for command in (
        f"synthesize --recipe everyday --limit {ROWS} --output bags",
        "caption --recipe grammar --input bags --output words",
        "screen --input scans=bags --input captions=words --output screened",
    ):
        assert jobs(command) == 0
    store = Store(str(tmp_path / "store"))
    corpus, bags, screened = (
        {row["id"]: row for row in iter_rows(place, resolve(place, name))}
        for place, name in ((everyday, "corpus"), (store, "bags"), (store, "screened"))
    )
    assert corpus.keys() == bags.keys() == screened.keys()
    for key, row in corpus.items():
        assert row["top_sha256"] == bags[key]["top_sha256"]
        names = ("caption", "coverage_asserted", "coverage_facts", "alignment_matched", "contradiction_pairs", "status")
        assert [row[name] for name in names] == [screened[key][name] for name in names]


def test_a_caption_of_a_scan_that_changed_is_stale(jobs: Callable[..., int], tmp_path: Path) -> None:
    for command in (
        "synthesize --recipe clear --limit 4 --output bags",
        "caption --recipe grammar --input bags@1.0.0 --output words",
        "synthesize --recipe clear --limit 4 --seed 99 --output bags",
        "screen --input scans=bags@2.0.0 --input captions=words --output screened",
    ):
        assert jobs(command) == 0
    store = Store(str(tmp_path / "store"))
    assert resolve(store, "screened").reasons == {"screen/stale": 4}


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("regenerate --recipe scans --output corpus", "expects --input scans=NAME@VERSION"),
        ("regenerate --recipe scans --input nothing --output corpus", "no version of 'nothing'"),
        ("regenerate --recipe everyday --output Corpus!", "expected a name of a-z"),
        ("regenerate --recipe everyday --output corpus --address auto --store data", "expected an absolute path"),
    ],
)
def test_wrong_commands_stop_before_any_work(
    jobs: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, message: str
) -> None:
    assert jobs(command) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "store" / "corpus").exists()


def test_dry_run_says_what_would_be_done_and_writes_nothing(
    jobs: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert jobs(f"{EVERYDAY} --dry-run") == 0
    assert f"at most {ROWS} scans" in capsys.readouterr().out
    assert not (tmp_path / "store").exists()


def test_a_corpus_of_real_scans_and_virtual_bags(jobs: Callable[..., int], tmp_path: Path) -> None:
    """Real rows keep source and licence, twins among them go, and every row is described by the same belt."""
    store = Store(str(tmp_path / "store"))
    big = [
        scan(n, source="pidray", licence="CC-BY-4.0", top=view(n, (320, 240)), side=view(n + 9, (320, 240)))
        for n in range(2)
    ]
    version_of(store, big, "pidray")
    assert jobs("regenerate --recipe mmxray-corpus --input scans=pidray --limit 4 --output mmxray") == 0
    rows = list(iter_rows(store, resolve(store, "mmxray")))
    assert [row["source"] for row in rows if row["licence"] == "CC-BY-4.0"] == ["pidray"]
    assert [row["reason"] for row in rows if row["id"] in {one.id for one in big} and row["status"] == "rejected"] == [
        "clean/near-duplicate"
    ]
    assert len(rows) == 6 and sum(row["source"] == "phantom/mmxray" for row in rows) >= 3
    assert all(row["caption"] for row in rows if row["status"] == "kept")
