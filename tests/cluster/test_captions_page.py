"""docs/captions.md is true: its commands run in their order, on a few scans, with a server of the tests in place of the engines."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from beltline import pixels
from beltline.store import Store
from beltline.version import resolve
from tests.fire import Fire

pytestmark = pytest.mark.cluster
PAGE = Path(__file__).parents[2] / "docs" / "captions.md"
BAGS = 6
ENGINES = re.compile(r"--engine vllm --engines \d+ --gpus \d+")


def commands() -> list[str]:
    """The page's commands, in order."""
    text = PAGE.read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(r"^    python -m jobs (.*)$", text, re.MULTILINE)


def dvxray(folder: Path) -> None:
    """Bags with a gun each, in DvXray's layout; no two look alike."""
    folder.mkdir()
    truth = {"objects": [{"label": "Gun", "ol_bb": [40, 40, 150, 100], "sd_bb": [40, 60, 150, 110]}]}
    for number in range(BAGS):
        coarse = np.random.default_rng(number).integers(60, 255, (2, 6, 8, 3), dtype=np.uint8)
        for name, view in zip(("OL", "SD"), coarse, strict=True):
            png = pixels.encode_png(np.kron(view, np.ones((40, 40, 1), np.uint8)))
            (folder / f"P{number:05}_{name}.png").write_bytes(png)
        (folder / f"P{number:05}.json").write_text(json.dumps(truth))


def test_from_scans_to_a_version_and_its_successor(
    jobs: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    dvxray(tmp_path / "dvxray")
    asked = {}
    with Fire() as fire:
        monkeypatch.setenv("BELTLINE_ENDPOINT", fire.url)
        for number, command in enumerate(commands()):
            here = ENGINES.sub("", command).replace(" --address auto", "").replace("/data", str(tmp_path))
            assert jobs(here.split("#")[0]) == 0, command
            asked[number] = fire.requests
            if "--dry-run" in command:
                assert f"asks about {BAGS} of {BAGS} rows" in capsys.readouterr().out
    ingest, dry, pilot, _, _, corpus, _, again, other, _ = asked.values()
    assert (ingest, dry, pilot, corpus, again, other) == (0, 0, BAGS, BAGS, BAGS, 2 * BAGS)
    store = Store(str(tmp_path / "store"))
    assert resolve(store, "corpus@1.0.0").num_rows == resolve(store, "corpus@2.0.0").num_rows == BAGS
