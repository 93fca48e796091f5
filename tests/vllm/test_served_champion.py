"""Another version becomes champion while clients ask: the new one comes up beside the old one, the name moves, and nobody is turned away."""

import json
import shutil
import time
from pathlib import Path

import pyarrow as pa
import pytest

from beltline.store import Store
from beltline.verdict import KEEP
from beltline.version import Manifest
from jobs import models
from jobs.__main__ import main
from jobs.closing import close
from jobs.ledger import Ledger
from tests.made import work, write_run
from tests.served import configuration, serving, teach
from tests.vllm.test_served_adapters import TAKEN_OVER_S, Heard, ask, clients, until, words

pytestmark = [pytest.mark.vllm, pytest.mark.learning, pytest.mark.exhaustive, pytest.mark.timeout(1800)]
CLIENTS = 4


def other(folder: Path, place: Path) -> Path:
    """The same model with its last norm turned round: it says something else."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, place)
    weights = load_file(place / "model.safetensors")
    name = next(one for one in weights if one.endswith("language_model.norm.weight"))
    weights[name] = -weights[name]
    save_file(weights, place / "model.safetensors", metadata={"format": "pt"})
    return place


def version(store: Store, folder: Path, number: int, tracking: str) -> Manifest:
    """A model version with these weights, as `train` publishes it and tells MLflow of it."""
    made, run = work(schema=pa.schema(models.STEPS)), f"belt/.runs/r{number}"
    write_run(store, run, [{"id": step, "loss": 1.0, **KEEP.columns()} for step in range(number)], made)
    files = models.upload(store, folder, f"{run}/{models.WEIGHTS}")
    manifest = close(made, store, "belt", f"r{number}", run, files)
    ledger = Ledger(Path(store.path("outbox")), tracking, f"train {manifest.ref}", {"beltline.verb": "train"})
    ledger.model(manifest, f"{store.uri}/{run}/{models.WEIGHTS}")
    assert ledger.end() is None
    return manifest


def another(heard: Heard, before: str) -> str:
    """What is said in another way for the first time."""
    started = time.monotonic()
    while not (new := [said for _, status, said in heard.answers if status == 200 and said != before]):
        assert time.monotonic() - started < TAKEN_OVER_S, heard.answers[-3:]
        time.sleep(0.05)  # the champion is looked at now and then; there is no event to wait for
    return new[0]


def test_promotion_and_the_way_back_lose_no_request(tmp_path: Path, ledger: str) -> None:
    store, folder = Store(str(tmp_path / "store")), teach(tmp_path)
    first = version(store, folder, 1, ledger)
    second = version(store, other(folder, tmp_path / "other"), 2, ledger)
    places = ["--store", store.uri, "--tracking", ledger]
    assert main(["promote", first.ref, *places]) == 0
    config, key = configuration(tmp_path, folder)
    said = {name: value for name, value in json.loads(config.read_text()).items() if name not in ("models", "aliases")}
    config.write_text(json.dumps(said))
    with serving(tmp_path, config, key) as served, clients(served, "belt") as heard:
        before = words(ask(served, first.ref))
        until(heard, before, CLIENTS)
        assert main(["promote", second.ref, *places]) == 0
        after = another(heard, before)
        assert main(["promote", first.ref, *places]) == 0
        until(heard, before, sum(one[2] == before for one in heard.answers) + 2 * CLIENTS)
    assert [one for one in heard.answers if one[1] != 200] == [], [one[2] == before for one in heard.answers]
    assert {(status, text) for _, status, text in heard.answers} == {(200, before), (200, after)}
    assert second.ref != first.ref and before != after
