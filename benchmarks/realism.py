"""Are virtual bags like real ones? Eight statistics of DvXray's real pairs beside those of the `dvxray` recipe.

    python benchmarks/realism.py [--scans $SCANS] [--bags 60] [--sheet realism.png]

Prints one JSON object: for each statistic the range over the real pairs, the median of the virtual bags, and whether it lies
inside, and how far it is from the real median, in real interquartile ranges (`gap`, largest first in `widest_gaps`); without
real scans only the virtual side. The sheet puts real and virtual pairs side by side.
"""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from beltline import pixels
from beltline.image.phantom import RECIPES, make_scan
from beltline.verdict import BadRow

Rgb = NDArray[np.uint8]
Pair = tuple[Rgb, Rgb]
WHITE_AT = 225


def main() -> None:
    """Measures, prints, and draws the sheet when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scans", type=Path, default=Path(os.environ.get("BELTLINE_SCANS", "../shared/scans")))
    parser.add_argument("--bags", type=int, default=60)
    parser.add_argument("--recipe", default="dvxray", choices=sorted(RECIPES))
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    real, virtual = list(real_pairs(options.scans)), list(virtual_pairs(options.recipe, options.bags))
    if options.sheet:
        cv2.imwrite(str(options.sheet), sheet(real, virtual)[..., ::-1])
    print(json.dumps(compare([statistics(*pair) for pair in real], [statistics(*pair) for pair in virtual])))


def real_pairs(scans: Path) -> Iterator[Pair]:
    """Top and side of DvXray's pairs under a folder; none when it is not there."""
    for top in sorted(scans.glob("dvxray/*/*_OL.png")):
        side = top.with_name(top.name.replace("_OL", "_SD"))
        yield pixels.decode(top.read_bytes()), pixels.decode(side.read_bytes())


def virtual_pairs(recipe: str, count: int) -> Iterator[Pair]:
    """Rows of a recipe, at the size of the real crops."""
    for row in range(count):
        try:
            scan = make_scan(RECIPES[recipe], row)
        except BadRow:
            continue
        assert scan.side is not None
        shrink = [
            cv2.resize(pixels.decode(view.bytes), (456, 342), interpolation=cv2.INTER_AREA)
            for view in (scan.top, scan.side)
        ]
        yield shrink[0], shrink[1]


def statistics(top: Rgb, side: Rgb) -> dict[str, float]:
    """The eight statistics of one pair."""
    both = [(rgb, rgb.min(axis=2) < WHITE_AT) for rgb in (top, side)]
    seen = np.concatenate([rgb[mask] for rgb, mask in both])
    hue = cv2.cvtColor(seen[None], cv2.COLOR_RGB2HSV)[0, :, 0].astype(int) * 2
    x = [np.flatnonzero(mask.any(axis=0)) for _, mask in both]
    overlap = max(0, min(x[0].max(), x[1].max()) - max(x[0].min(), x[1].min()) + 1)
    union = max(x[0].max(), x[1].max()) - min(x[0].min(), x[1].min()) + 1
    darkness = [(255 - rgb.min(axis=2).astype(float)).sum(axis=0) for rgb in (top, side)]
    rows = np.flatnonzero(both[1][1].sum(axis=1) >= 3)
    return {
        "foreground": float(np.mean([mask.mean() for _, mask in both])),
        "orange": float((hue < 60).mean()),
        "green": float(((hue >= 60) & (hue < 180)).mean()),
        "blue": float((hue >= 180).mean()),
        "dark": float((seen.max(axis=1) <= 40).mean()),
        "column correlation": float(np.corrcoef(*darkness)[0, 1]),
        "x-extent IoU": overlap / union,
        "belt row": float(rows.max() + 1) / side.shape[0],
    }


def compare(real: list[dict[str, float]], virtual: list[dict[str, float]]) -> dict[str, object]:
    """Range of the real pairs, quartiles of the virtual ones, and whether the virtual median lies inside."""
    table: dict[str, dict[str, Any]] = {}
    inside = 0
    for name in virtual[0]:
        low, middle, high = np.percentile([one[name] for one in virtual], (25, 50, 75))
        row: dict[str, Any] = {"virtual": [round(float(v), 4) for v in (low, middle, high)]}
        if real:
            ends = min(one[name] for one in real), max(one[name] for one in real)
            fits = bool(ends[0] <= middle <= ends[1])
            row |= {
                "real": [round(e, 4) for e in ends],
                "real_median": round(float(np.median([one[name] for one in real])), 4),
                "inside": fits,
                "gap": _gap(middle, [one[name] for one in real]),
            }
            inside += fits
        table[name] = row
    return {
        "real_pairs": len(real),
        "virtual_pairs": len(virtual),
        "inside": inside,
        "of": len(table),
        "widest_gaps": sorted((name for name in table if real), key=lambda name: -abs(table[name]["gap"]))[:3],
        "statistics": table,
    }


def _gap(middle: float, real: list[float]) -> float:
    """Signed distance of a virtual median from the real one, in interquartile ranges of the real pairs."""
    low, centre, high = np.percentile(real, (25, 50, 75))
    return round(float((middle - centre) / max(high - low, 1e-6)), 2)


def sheet(real: list[Pair], virtual: list[Pair], count: int = 6) -> Rgb:
    """Real pairs in the left half, virtual ones in the right."""
    columns = [np.vstack([np.hstack(pair) for pair in pairs[:count]]) for pairs in (real, virtual) if pairs]
    height = min(column.shape[0] for column in columns)
    bar = np.zeros((height, 6, 3), np.uint8)
    return np.hstack([part for column in columns for part in (column[:height], bar)])


if __name__ == "__main__":
    main()
