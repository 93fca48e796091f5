"""Real scans in, composites out: the commands of docs/order.md, and every item inside its bag by another mask than the placer's."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from beltline import masks, pixels
from beltline.image.bagmask import bag_mask_by_flood
from beltline.library import Library, paths_of
from beltline.store import Store
from beltline.version import iter_rows, resolve, verify
from jobs.sources import kept

pytestmark = [pytest.mark.cluster, pytest.mark.scans]
ROWS = 40


def documented(title: str) -> list[str]:
    """The commands that docs/order.md gives below a title."""
    text = (Path(__file__).parents[2] / "docs" / "order.md").read_text(encoding="utf-8")
    block = text.split(f"## {title}")[1].split("\n## ")[0].replace("\\\n", " ")
    return [
        line.strip().removeprefix("python -m jobs ") for line in block.splitlines() if line.startswith("    python")
    ]


def test_the_documented_commands_make_composites_that_keep_inside_their_bags(
    jobs: Callable[..., int], scans: Path, tmp_path: Path
) -> None:
    commands = documented("From real scans: 500 composites (One 3.1)")
    assert len(commands) == 6 and "--limit 500" in commands[-1]
    for command in commands:
        assert jobs(command.replace("$SCANS", str(scans)).replace("--limit 500", f"--limit {ROWS}")) == 0
    store = Store(str(tmp_path / "store"))
    composites, backgrounds = resolve(store, "composites"), resolve(store, "backgrounds")
    assert verify(store, composites.ref, deep=True) == []
    library = Library(store, paths_of(backgrounds))
    bags = {library.row(row["id"])["group"]: library.row(row["id"]) for row in kept(store, [backgrounds], [])}
    used: Counter[str] = Counter()
    for row in iter_rows(store, composites):
        assert row["status"] == "kept" or (row["reason"] and row["detail"])
        if row["status"] == "kept":
            used[row["group"]] += 1
            check_containment(row, bag_mask_by_flood(pixels.decode(bags[row["group"]]["top"]["bytes"])))
    assert len(used) >= 10 and used.total() >= ROWS * 3 // 4


def check_containment(row: dict[str, object], bag: object) -> None:
    assert row["items"]
    for item in row["items"]:  # type: ignore[attr-defined]
        mask = masks.decode(tuple(item["top_mask"]), (row["top_width"], row["top_height"]))  # type: ignore[arg-type]
        assert mask.any() and not (mask & ~bag).any()  # type: ignore[operator]
        assert json.loads(item["attributes"])["origin"]
