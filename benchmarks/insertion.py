"""Items put into both views of real bags, and looked for in the difference image by someone who knows no geometry.

    python -m benchmarks.insertion [--scans $SCANS] [--each 20] [--sheet insertions.png]

Each of DvXray's real pairs gets `--each` items, one at a time, category after category; what is too large for the bag gives way
to the next category. Prints one JSON object: how many went in (and how many as first choice), how far the item's x-ranges lie
apart between the views, how many lie wholly inside the bag by a mask made another way than the placer's. The sheet shows
before and after, to look at.
"""

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from beltline import labels
from beltline.image.bagmask import bag_mask_by_flood
from beltline.image.insertion import Inserted, insert
from beltline.image.phantom.items import CATALOGUE
from beltline.image.phantom.model import Draw
from beltline.verdict import BadRow
from benchmarks.realism import Pair, Rgb, real_pairs

SEEN_LEVELS = 12
"""A change of this many grey levels shows an item; less may be the rim of its blur."""


class Case(NamedTuple):
    """One item in one pair; `refused` are the categories that had no room before it."""

    pair: int
    category: str
    refused: tuple[str, ...]
    done: Inserted


def main() -> None:
    """Runs, prints, and draws the sheet when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scans", type=Path, default=Path(os.environ.get("BELTLINE_SCANS", "../shared/scans")))
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    pairs = list(real_pairs(options.scans))
    cases = [case for number, pair in enumerate(pairs) for case in put(number, pair, options.each)]
    print(json.dumps(report(pairs, cases, options.each)))
    if options.sheet and cases:
        cv2.imwrite(str(options.sheet), sheet(pairs, cases)[..., ::-1])


def put(number: int, pair: Pair, each: int) -> Iterator[Case]:
    """`each` items for one pair, seeded by its number; fewer only where no category at all has room."""
    for index in range(each):
        refused: list[str] = []
        for step in range(len(labels.MMXRAY)):
            category = labels.MMXRAY[(number * each + index + step) % len(labels.MMXRAY)]
            rng = np.random.default_rng([number, index, step])
            try:
                done = insert(*pair, CATALOGUE[category](Draw(rng)), rng)
            except BadRow:
                refused.append(category)
                continue
            yield Case(number, category, tuple(refused), done)
            break


def changed(before: Rgb, after: Rgb) -> NDArray[np.bool_]:
    """(H, W): where the pictures differ enough to be seen."""
    return np.abs(before.astype(np.int16) - after).max(axis=2) >= SEEN_LEVELS


def apart_px(pair: Pair, done: Inserted) -> int:
    """How far the left, or the right, ends of what changed lie apart between the views: the larger of the two."""
    columns = [
        np.flatnonzero(changed(before, after).any(axis=0))
        for before, after in zip(pair, (done.top, done.side), strict=True)
    ]
    if not all(found.size for found in columns):
        return 999
    return max(abs(int(columns[0][end]) - int(columns[1][end])) for end in (0, -1))


def inside(pair: Pair, done: Inserted) -> bool:
    """Whether all that changed lies in the bag, in both views, by the mask that a flood from outside leaves."""
    return all(
        bool(bag_mask_by_flood(before)[changed(before, after)].all())
        for before, after in zip(pair, (done.top, done.side), strict=True)
    )


def report(pairs: list[Pair], cases: list[Case], each: int) -> dict[str, object]:
    """The figures."""
    apart = np.array([apart_px(pairs[case.pair], case.done) for case in cases], int)
    contained = [inside(pairs[case.pair], case.done) for case in cases]
    return {
        "pairs": len(pairs),
        "asked": len(pairs) * each,
        "inserted": len(cases),
        "first_choice": sum(not case.refused for case in cases),
        "refused": dict(Counter(name for case in cases for name in case.refused).most_common()),
        "x_apart_px": {str(value): int(count) for value, count in sorted(Counter(apart.tolist()).items())},
        "within_2_px": int((apart <= 2).sum()),
        "inside_both": sum(contained),
        "visible": {
            view: round(float(np.median([getattr(case.done, f"{view}_visible") for case in cases] or [0])), 3)
            for view in ("top", "side")
        },
    }


def sheet(pairs: list[Pair], cases: list[Case], columns: int = 2) -> Rgb:
    """Before and after of the first items of each pair: top, top with, side, side with."""
    chosen = [case for pair in range(len(pairs)) for case in [c for c in cases if c.pair == pair][:columns]]
    cells = []
    for case in chosen:
        (top, side), done = pairs[case.pair], case.done
        cell = np.hstack([np.hstack([_cut(a), _cut(b)]) for a, b in ((top, done.top), (side, done.side))])
        cv2.putText(cell, case.category, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1)
        cells.append(cell)
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)])


def _cut(rgb: Rgb) -> Rgb:
    """The middle of a view, where DvXray's bags are."""
    return np.ascontiguousarray(rgb[:, rgb.shape[1] // 5 : -rgb.shape[1] // 5])


if __name__ == "__main__":
    main()
