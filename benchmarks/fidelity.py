"""How far each way to compose is from the truth: bags ray-traced with and without an item, and the item imaged elsewhere.

    python benchmarks/fidelity.py [--bags 200]

The item is imaged alone, once in its place and once 60 mm higher and 40 mm nearer, so that its magnification and the direction of its
rays differ; then its rows are brought back by the known geometry. It is composed into the bag without it, and compared with the bag
that holds it, on the pixels of the item. A tube
spectrum hardens the beam; `basis` assumes one that is 5 kV off. Prints one JSON object: mean absolute error in grey levels by
mode, view and the item's main material, and ratios to `paper` and `mixup`; `*-from-colour` starts from 8-bit pseudo-colour.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from beltline import pixels
from beltline.image.composition import add_basis, add_energy, add_mixup, add_paper, colour_depths
from beltline.image.energy import DVXRAY, read_depths
from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import make_bag
from beltline.image.phantom.model import moved
from beltline.image.phantom.render import trace_lengths
from beltline.image.phantom.rotations import Pose
from beltline.image.phantom.tunnel import Geometry
from beltline.image.spectrum import Spectrum, calibrated
from beltline.verdict import BadRow

TRUE, ASSUMED = Spectrum(kvp=140), Spectrum(kvp=135)
PALETTE = calibrated(DVXRAY, TRUE)


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bags", type=int, default=200)
    parser.add_argument("--recipe", default="everyday", choices=sorted(RECIPES))
    parser.add_argument("--picture", type=Path, help="draw one bag composed in every mode, and the errors, instead")
    parser.add_argument("--row", type=int, default=1, help="the bag of the picture")
    options = parser.parse_args()
    if options.picture:
        options.picture.write_bytes(pixels.encode_png(picture(options.recipe, options.row)))
        return
    errors: dict[str, list[float]] = defaultdict(list)
    for row in range(options.bags):
        try:
            measure(options.recipe, row, errors)
        except BadRow:
            continue
    table = {name: round(float(np.mean(values)), 3) for name, values in sorted(errors.items())}
    report: dict[str, object] = {"bags": options.bags}
    for place in ("same", "elsewhere"):
        overall = {
            name.split("/")[1]: table[name] for name in table if name.startswith(place) and name.endswith("/all")
        }
        ratios = {f"basis/{other}": round(overall["basis"] / overall[other], 4) for other in ("paper", "mixup")}
        report[place] = {"mean_absolute_error": overall, "ratios": ratios}
    print(json.dumps(report | {"by_view_and_material": table}))


def measure(recipe: str, row: int, errors: dict[str, list[float]]) -> None:
    """Adds one bag's errors."""
    bag, _ = make_bag(RECIPES[recipe], row)
    chosen, *others = bag.contents
    tunnel = RECIPES[recipe].tunnel
    for view, geometry in (("top", tunnel.top), ("side", tunnel.side)):
        parts = moved(chosen.model.parts, chosen.pose)
        rest = [
            *moved(bag.container.parts, bag.offset),
            *(one for other in others for one in moved(other.model.parts, other.pose)),
        ]
        window, item = trace_lengths(parts, geometry)
        _, around = trace_lengths(rest, geometry, window)
        everything = {name: item.get(name, 0.0) + around.get(name, 0.0) for name in {*item, *around}}
        without, truth = TRUE.depths(around), shown(TRUE.depths(everything))
        mask = sum(item.values()) > 0
        material = max(item, key=lambda name: float(np.sum(item[name])))
        for place, alone in (("same", TRUE.depths(item)), ("elsewhere", brought_back(chosen, geometry, window))):
            for mode, rgb in compose(without, alone).items():
                error = float(np.abs(rgb.astype(int) - truth.astype(int))[mask].mean())
                for group in ("all", view, material):
                    errors[f"{place}/{mode}/{group}"].append(error)


def compose(without: tuple[np.ndarray, np.ndarray], alone: tuple[np.ndarray, np.ndarray]) -> dict[str, np.ndarray]:
    """Every mode's image of the same two things."""
    scan, item = shown(without), shown(alone)
    seen = read_depths(scan, PALETTE), read_depths(item, PALETTE)
    return {
        "paper": add_paper(scan, item),
        "mixup": add_mixup(scan, item),
        "energy": shown(add_energy(without, alone)),
        "basis": shown(add_basis(without, alone, ASSUMED)),
        "energy-from-colour": shown(add_energy(*seen)),
        "basis-from-colour": shown(add_basis(*seen, ASSUMED)),
    }


def shown(depths: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Colours of two depths, with the palette set to the true tube."""
    return colour_depths(*depths, PALETTE)


def picture(recipe: str, row: int) -> np.ndarray:
    """Top: the truth and every mode; below: absolute errors, four times as bright, on black."""
    bag, _ = make_bag(RECIPES[recipe], row)
    chosen, *others = bag.contents
    geometry = RECIPES[recipe].tunnel.top
    rest = [
        *moved(bag.container.parts, bag.offset),
        *(one for other in others for one in moved(other.model.parts, other.pose)),
    ]
    (u0, v0, u1, v1), _ = trace_lengths(moved(chosen.model.parts, chosen.pose), geometry)
    window = max(0, u0 - 30), max(0, v0 - 30), min(640, u1 + 30), min(480, v1 + 30)
    _, item = trace_lengths(moved(chosen.model.parts, chosen.pose), geometry, window)
    _, around = trace_lengths(rest, geometry, window)
    everything = {name: item.get(name, 0.0) + around.get(name, 0.0) for name in {*item, *around}}
    truth = shown(TRUE.depths(everything))
    images = compose(TRUE.depths(around), TRUE.depths(item))
    columns = [truth, *(images[mode] for mode in ("paper", "mixup", "energy", "basis"))]
    errors = [np.clip(4 * np.abs(one.astype(int) - truth), 0, 255).astype(np.uint8) for one in columns]
    names = ("ray-traced", "paper", "mixup", "energy", "basis")
    for one, name in zip(columns, names, strict=True):
        cv2.putText(one, name, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1)
    return np.vstack([np.hstack(columns), np.hstack(errors)])


def brought_back(
    chosen: object, geometry: Geometry, window: tuple[int, int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Depths of the item imaged elsewhere, its rows brought to where the item lies in the bag."""
    x, y, z = chosen.pose.shift
    away = Pose(chosen.pose.rotation, (x, y - 40.0, z + 60.0))
    elsewhere, lengths = trace_lengths(moved(chosen.model.parts, away), geometry)
    low, high = TRUE.depths(lengths)
    u0, v0, u1, v1 = window
    rows = np.arange(v0, v1) + 0.5
    start, end = geometry.project(chosen.pose.shift)[1], geometry.project(away.shift)[1]
    axis, across = geometry.along, geometry.across
    near, far = (geometry.source_mm[1] - p[axis] for p in (chosen.pose.shift, away.shift))
    places = end + (rows - start) * (near / far) - elsewhere[1] - 0.5
    assert across != axis
    return tuple(resampled(depth, places, u1 - u0) for depth in (low, high))


def resampled(depth: np.ndarray, places: np.ndarray, width: int) -> np.ndarray:
    """Rows at fractional places, linear between neighbours, nothing outside."""
    padded = np.pad(depth, ((1, 2), (0, max(0, width - depth.shape[1]))))[:, :width]
    spot = np.clip(places + 1, 0, len(padded) - 1.001)
    first = spot.astype(int)
    share = (spot - first)[:, None]
    return padded[first] * (1 - share) + padded[first + 1] * share


if __name__ == "__main__":
    main()
