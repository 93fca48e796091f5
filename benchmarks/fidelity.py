"""How far each way to compose is from the truth: bags ray-traced with and without an item, and the item imaged elsewhere.

    python benchmarks/fidelity.py [--bags 200]

The item is imaged alone, once in its place ("same") and once 60 mm higher and 40 mm nearer, so that its magnification and the
direction of its rays differ. From there it is brought back in two ways: "scaled", its rows only scaled and shifted by the known
magnification, and "reprojected", by both views of it (image/reproject.py). It is composed into the bag without it, and compared with
the bag that holds it, on the pixels of the item. A tube spectrum hardens the beam; `basis` assumes one that is 5 kV off. Prints one
JSON object: mean absolute error in grey levels by mode, view and the item's main material, and ratios to `paper` and `mixup`, also to
those of the scaled item; `*-from-colour` starts from 8-bit pseudo-colour.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from beltline import pixels
from beltline.image.composition import Depths, add_basis, add_energy, add_mixup, add_paper, colour_depths
from beltline.image.energy import DVXRAY, read_depths
from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import Placed, make_bag
from beltline.image.phantom.model import moved
from beltline.image.phantom.render import trace_lengths
from beltline.image.phantom.rotations import Pose
from beltline.image.phantom.tunnel import Geometry, Tunnel
from beltline.image.reproject import Imaged, imaged, on_window, reproject
from beltline.image.spectrum import Spectrum, calibrated
from beltline.verdict import BadRow

TRUE, ASSUMED = Spectrum(kvp=140), Spectrum(kvp=135)
PALETTE = calibrated(DVXRAY, TRUE)
BACK_MM = (40.0, -60.0)
"""How far the item imaged elsewhere has to be brought: across the belt, and up."""


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
    for place in ("same", "scaled", "reprojected"):
        overall = {
            name.split("/")[1]: table[name] for name in table if name.startswith(place) and name.endswith("/all")
        }
        ratios = {f"basis/{other}": round(overall["basis"] / overall[other], 4) for other in ("paper", "mixup")}
        ratios |= {
            f"basis/scaled {other}": round(overall["basis"] / table[f"scaled/{other}/all"], 4)
            for other in ("paper", "mixup")
        }
        report[place] = {"mean_absolute_error": overall, "ratios": ratios}
    print(json.dumps(report | {"by_view_and_material": table}))


def measure(recipe: str, row: int, errors: dict[str, list[float]]) -> None:
    """Adds one bag's errors."""
    bag, _ = make_bag(RECIPES[recipe], row)
    chosen, *others = bag.contents
    tunnel = RECIPES[recipe].tunnel
    away = imaged_away(chosen, tunnel)
    coloured = [read_back(item) for item in away]
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
        here = TRUE.depths(item)
        scaled = brought_back(away[view == "side"], chosen, geometry, window)
        again, seen = (
            on_window(reproject(*items, tunnel, BACK_MM)[view == "side"], window) for items in (away, coloured)
        )
        ways = {"same": (here, None), "scaled": (scaled, None), "reprojected": (again, seen)}
        for place, (alone, from_colour) in ways.items():
            for mode, rgb in compose(without, alone, from_colour).items():
                error = float(np.abs(rgb.astype(int) - truth.astype(int))[mask].mean())
                for group in ("all", view, material):
                    errors[f"{place}/{mode}/{group}"].append(error)


def compose(without: Depths, alone: Depths, from_colour: Depths | None = None) -> dict[str, np.ndarray]:
    """Every mode's image of the same two things; `from_colour` are the item's depths if its colours were read before it was moved."""
    scan, item = shown(without), shown(alone)
    seen = read_depths(scan, PALETTE), from_colour or read_depths(item, PALETTE)
    return {
        "paper": add_paper(scan, item),
        "mixup": add_mixup(scan, item),
        "energy": shown(add_energy(without, alone)),
        "basis": shown(add_basis(without, alone, ASSUMED)),
        "energy-from-colour": shown(add_energy(*seen)),
        "basis-from-colour": shown(add_basis(*seen, ASSUMED)),
    }


def shown(depths: Depths) -> np.ndarray:
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


def imaged_away(chosen: Placed, tunnel: Tunnel) -> tuple[Imaged, Imaged]:
    """Both views of the item alone, elsewhere."""
    found = []
    for geometry in (tunnel.top, tunnel.side):
        window, lengths = trace_lengths(moved(chosen.model.parts, pose_away(chosen)), geometry)
        low, high = TRUE.depths(lengths)
        found.append(Imaged(window=window, low=low, high=high))
    return found[0], found[1]


def pose_away(chosen: Placed) -> Pose:
    """Where the item is imaged: 40 mm nearer to the source of the side view, 60 mm higher."""
    x, y, z = chosen.pose.shift
    return Pose(chosen.pose.rotation, (x, y - BACK_MM[0], z - BACK_MM[1]))


def read_back(item: Imaged) -> Imaged:
    """The item as its 8-bit pseudo-colours show it."""
    u0, v0, _, _ = item.window
    return imaged(shown((item.low, item.high)), (u0, v0), PALETTE)


def brought_back(away: Imaged, chosen: Placed, geometry: Geometry, window: tuple[int, int, int, int]) -> Depths:
    """Depths of the item imaged elsewhere, its rows scaled and shifted to where the item lies in the bag."""
    u0, v0, u1, v1 = window
    rows = np.arange(v0, v1) + 0.5
    here, there = chosen.pose.shift, pose_away(chosen).shift
    start, end = geometry.project(here)[1], geometry.project(there)[1]
    near, far = (geometry.source_mm[1] - place[geometry.along] for place in (here, there))
    places = end + (rows - start) * (near / far) - away.window[1] - 0.5
    return resampled(away.low, places, u1 - u0), resampled(away.high, places, u1 - u0)


def resampled(depth: np.ndarray, places: np.ndarray, width: int) -> np.ndarray:
    """Rows at fractional places, linear between neighbours, nothing outside."""
    padded = np.pad(depth, ((1, 2), (0, max(0, width - depth.shape[1]))))[:, :width]
    spot = np.clip(places + 1, 0, len(padded) - 1.001)
    first = spot.astype(int)
    share = (spot - first)[:, None]
    return padded[first] * (1 - share) + padded[first + 1] * share


if __name__ == "__main__":
    main()
