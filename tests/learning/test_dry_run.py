"""`train --dry-run` of both papers' recipes on 8 and on 16 cards, from the command line: nothing is started, nothing is written."""

import os
import re
from pathlib import Path

import pyarrow as pa
import pytest

from beltline import verdict
from beltline.language.conversations import SCHEMA, Conversation, Turn
from beltline.learning.recipes import RECIPES
from beltline.store import Store
from beltline.verdict import KEEP
from jobs.train_plan import EFA
from tests.made import scan, version_of, version_of_rows

pytestmark = pytest.mark.learning
NUM = {"gsxray": 600, "caption": 130}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """One bag, 600 chains and 130 captions of it."""
    made, bag = Store(str(tmp_path / "store")), scan()
    version_of(made, [bag], "bags")
    rows = [talk(bag.id, kind, index) | KEEP.columns() for kind, num in NUM.items() for index in range(num)]
    version_of_rows(made, rows, pa.schema([*SCHEMA, *verdict.FIELDS]), "lessons")
    return made


def talk(bag: int, kind: str, index: int) -> dict:
    turns = (Turn(role="user", content="What is it?"), Turn(role="assistant", content="A bag."))
    said = Conversation(
        **{"scan": bag, "scan_content": None, "group": "bag", "kind": kind, "index": index},
        views=("top", "side"),
        turns=turns,
        describer="by hand",
    )
    return said.row()


@pytest.mark.parametrize("workers", [8, 16])
@pytest.mark.parametrize(
    ("name", "samples", "steps"),
    [("gsr", 600, 5), ("onefocus_stage1", 130, 3), ("onefocus_stage2", 730, 12)],  # batch 256, 64, 128; epochs 2, 1, 2
)
def test_what_it_would_take(
    store: Store, capsys: pytest.CaptureFixture[str], name: str, samples: int, steps: int, workers: int
) -> None:
    from jobs.__main__ import main

    recipe, before = RECIPES[name], everything(store)
    words = (
        f"train --recipe {name} --input lessons=lessons --input scans=bags --output model --workers {workers} --dry-run"
    )
    assert main([*words.split(), "--store", store.uri, "--tracking", f"sqlite:///{store.uri}/mlflow.db"]) == 0
    said = capsys.readouterr().out
    assert f"recipe {name} from {recipe.base}" in said and "reads lessons: lessons@1.0.0, 730 kept rows" in said
    assert f"{samples} samples" in said and f"{steps} steps of {recipe.batch}" in said
    nodes = "1 node of 8" if workers == 8 else "2 nodes of 8"
    assert f"{workers} workers with a GPU each on {nodes}, label beltline/pool=train, placement PACK" in said
    assert f"ZeRO stage {recipe.zero_stage}" in said
    assert ("goes on from the result of onefocus_stage1" in said) == (name == "onefocus_stage2")
    travels = dict(re.findall(r"^    (\w+)=(.*)$", said, re.MULTILINE))
    assert travels == ({} if workers == 8 else EFA)
    check_table(said, recipe.zero_stage)
    assert everything(store) == before


def check_table(said: str, chosen: int) -> None:
    """A row for each stage, each the sum of its parts, none larger than the one before; the recipe's own is marked and fits."""
    rows = re.findall(r"^ +(\* )?([0-3]) +([\d. ]+?) +(fits|too large) +(fits|too large)$", said, re.MULTILINE)
    assert [int(stage) for _, stage, *_ in rows] == [0, 1, 2, 3]
    assert [int(stage) for mark, stage, *_ in rows if mark] == [chosen]
    totals = []
    for _, _, figures, on_80, on_141 in rows:
        *parts, total = map(float, figures.split())
        assert len(parts) == 5 and total == pytest.approx(sum(parts), abs=0.04)
        assert [on_80, on_141] == ["fits" if total <= room else "too large" for room in (80, 141)]
        totals.append(total - parts[4])  # buffers apart: stage 3 gathers, the others do not
    assert totals == sorted(totals, reverse=True)
    assert rows[chosen][3:] == ("fits", "fits")


def everything(store: Store) -> list[str]:
    return sorted(os.path.join(place, name) for place, _, names in os.walk(store.uri) for name in names)
