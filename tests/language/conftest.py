"""Random facts and scans for the language tests: every shape of bag that a source may bring."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from beltline import pixels
from beltline.labels import CATEGORIES, COLOURS, CONTAINERS
from beltline.language.facts import Facts, ItemFacts, Seen
from beltline.language.places import area, place_of
from beltline.scan import Item, Scan

FRAME = (100, 100, 900, 900)
UNKNOWN = ("teddy bear", "glass", "chopsticks", "usb stick")


def _one_of(rng: np.random.Generator, options: tuple) -> object:
    return options[int(rng.integers(len(options)))]


def _seen(rng: np.random.Generator, left: int, right: int) -> Seen:
    top = int(rng.integers(100, 700))
    box = (left, top, right, top + int(rng.integers(20, 200)))
    sight = _one_of(rng, (None, "clear", "partly hidden", "heavily occluded"))
    return Seen(box=box, place=place_of(box, FRAME), size=_one_of(rng, ("small", "medium", "large")), sight=sight)


def _item(rng: np.random.Generator, number: int, category: str, two_views: bool) -> ItemFacts:
    left = int(rng.integers(100, 700))
    right = left + int(rng.integers(20, 200))
    hidden = int(rng.integers(12))
    top = None if two_views and hidden == 0 else _seen(rng, left, right)
    side = None if not two_views or hidden == 1 else _seen(rng, left, right)
    return ItemFacts(
        item=number,
        category=category,
        top=top,
        side=side,
        colour=_one_of(rng, (None, *COLOURS)),
        material=_one_of(rng, (None, "metal", "steel blade", "glass and aluminium")),
        pose=_one_of(rng, (None, "lying", "standing", "tilted")),
        profile=_one_of(rng, (None, "flat", "upright")) if top and side else None,
    )


def overlaps_of(items: tuple[ItemFacts, ...]) -> tuple[tuple[str, int, int], ...]:
    """An independent count of IoM > 0.3, by drawing the boxes."""
    found = []
    for view in ("top", "side"):
        boxes = [(item.item, item.seen(view).box) for item in items if item.seen(view)]
        for index, (a, one) in enumerate(boxes):
            for b, two in boxes[index + 1 :]:
                xs = len(set(range(one[0], one[2])) & set(range(two[0], two[2])))
                ys = len(set(range(one[1], one[3])) & set(range(two[1], two[3])))
                if xs * ys > 0.3 * min(area(one), area(two)):
                    found.append((view, a, b))
    return tuple(found)


def make_facts(seed: int, num_items: int | None = None) -> Facts:
    """Facts of a random bag: no items, one view, many of one category, unknown categories and containers."""
    rng = np.random.default_rng([20, seed])
    number = int(rng.integers(0, 8)) if num_items is None else num_items
    two_views = bool(rng.integers(4))
    names = (*CATEGORIES, *UNKNOWN)
    pool = tuple(str(name) for name in rng.choice(names, 2)) if rng.integers(2) else names
    items = tuple(_item(rng, k + 1, str(_one_of(rng, pool)), two_views) for k in range(number))
    return Facts(
        views=("top", "side") if two_views else ("top",),
        container=_one_of(rng, (None, *CONTAINERS)),
        density=_one_of(rng, (None, "sparse", "medium", "dense")),
        items=items,
        overlaps=overlaps_of(items),
        top_frame=FRAME,
        side_frame=FRAME,
    )


@pytest.fixture(scope="session")
def random_facts() -> Callable[..., Facts]:
    return make_facts


@pytest.fixture(scope="session")
def real_scans() -> Path:
    """The folder of real scans, from BELTLINE_SCANS or beside the repository; skips where there is none."""
    folder = Path(os.environ.get("BELTLINE_SCANS", Path(__file__).parents[3] / "shared" / "scans"))
    return folder if folder.is_dir() else pytest.skip(f"no real scans at {folder}: set BELTLINE_SCANS")


@pytest.fixture(scope="session")
def make_scan() -> Callable[..., Scan]:
    """A scan of (rgb top, rgb side or None, items)."""

    def make(top: np.ndarray, side: np.ndarray | None = None, items: tuple[Item, ...] = (), **more: object) -> Scan:
        views = {
            "top": pixels.make_view(top, "t.png"),
            "side": None if side is None else pixels.make_view(side, "s.png"),
        }
        return Scan(id=7, group="g", source="test", source_id="7", licence="none", items=items, **views, **more)

    return make
