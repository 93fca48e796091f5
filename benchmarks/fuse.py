"""Claim: fusing an item over its rectangle is far cheaper than the equations over the whole frame, and differs by at most one level.

Workload: a 768x576 background and items of 5, 10 and 20 % of the frame, uniform random levels 0 to 255, one process, one thread. Ours is
`fuse` as compose() calls it on its own copy (`in_place`) and as a caller who keeps the background calls it (`with_copy`); the
reference is eq. 2-4 in float64 over the full frame, the item already on its white canvas (eq. 9 is not timed).
Five interleaved runs, medians. Target at 10 %: 150 times, difference at most 1.

    python benchmarks/fuse.py
"""

import json
import platform
import time
from collections.abc import Callable
from statistics import median

import cv2
import numpy as np

from beltline.image.physics import fuse
from beltline.pixels import Rgb

SIZE_WH, SHARES, NUM_RUNS, MIN_SECONDS = (768, 576), (0.05, 0.10, 0.20), 5, 0.2


def equations(background: Rgb, canvas: Rgb) -> Rgb:
    """Eq. 2-4 written plainly; level 0 is infinite depth."""
    with np.errstate(divide="ignore"):
        depth = -np.log(background / 255.0) - np.log(canvas / 255.0)
    return np.rint(255.0 * np.exp(-depth)).astype(np.uint8)


def seconds(call: Callable[[], object]) -> float:
    """Mean seconds a call, over at least MIN_SECONDS."""
    count, begin = 0, time.perf_counter()
    while (spent := time.perf_counter() - begin) < MIN_SECONDS or count == 0:
        call()
        count += 1
    return spent / count


def measure(share: float) -> dict[str, float]:
    """Times in milliseconds, ratios and the largest difference for an item of that share of the frame."""
    rng, (width, height) = np.random.default_rng([576, round(100 * share)]), SIZE_WH
    item_height, item_width = round(height * share**0.5), round(width * share**0.5)
    background = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    item = rng.integers(0, 256, (item_height, item_width, 3), dtype=np.uint8)
    x, y = (width - item_width) // 2, (height - item_height) // 3
    canvas, scratch = np.full_like(background, 255), background.copy()
    canvas[y : y + item_height, x : x + item_width] = item
    calls: dict[str, Callable[[], object]] = {
        "reference": lambda: equations(background, canvas),
        "with_copy": lambda: fuse(background, item, (x, y)),
        "in_place": lambda: fuse(scratch, item, (x, y), out=scratch),
    }
    runs = [{name: seconds(call) for name, call in calls.items()} for _ in range(NUM_RUNS)]
    medians = {name: median(run[name] for run in runs) for name in calls}
    difference = np.abs(equations(background, canvas).astype(int) - fuse(background, item, (x, y)).astype(int)).max()
    times = {f"{name}_ms": round(1000 * value, 4) for name, value in medians.items()}
    ratios = {f"ratio_{name}": round(medians["reference"] / medians[name], 1) for name in ("with_copy", "in_place")}
    return {"share": share, **times, **ratios, "max_difference": int(difference)}


def main() -> None:
    """Prints one JSON object."""
    cv2.setNumThreads(1)
    result = {
        "benchmark": "fuse",
        "size_wh": SIZE_WH,
        "runs": NUM_RUNS,
        "machine": platform.processor() or platform.machine(),
    }
    print(json.dumps(result | {"items": [measure(share) for share in SHARES]}))


if __name__ == "__main__":
    main()
