"""A sheet of every category, each in both views, to look at: a person should recognise them.

python -m beltline.image.phantom.catalogue catalogue.png [--seed 3] [--unlabelled]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from beltline import pixels
from beltline.image.energy import DVXRAY, Palette, Rgb
from beltline.image.phantom import render
from beltline.image.phantom.items import CATALOGUE, CLUTTER, COVERS
from beltline.image.phantom.model import Draw, Model, moved
from beltline.image.phantom.rotations import Pose, about_z
from beltline.image.phantom.tunnel import Tunnel

CELL_WH = (240, 200)
FINE = Tunnel(size_wh=(1920, 1440), mm_per_px=0.5)


def main() -> None:
    """Writes the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--unlabelled", action="store_true", help="numbers instead of names, for a blind reading")
    options = parser.parse_args()
    names = [*CATALOGUE, *CLUTTER, *COVERS]
    options.file.write_bytes(pixels.encode_png(sheet(names, options.seed, labelled=not options.unlabelled)))


def sheet(names: Sequence[str], seed: int, labelled: bool = True, columns: int = 5, palette: Palette = DVXRAY) -> Rgb:
    """(H, W, 3) cells of the named categories, pieces of clutter or covers, top view left, side view right."""
    cells = []
    for number, name in enumerate(names):
        model = {**CATALOGUE, **CLUTTER, **COVERS}[name](Draw(np.random.default_rng([seed, number])))
        views = np.hstack([_cell(picture(model, view, palette)) for view in ("top", "side")])
        cells.append(_captioned(views, f"{number} {name}" if labelled else str(number)))
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)])


def picture(model: Model, view: str, palette: Palette = DVXRAY) -> Rgb:
    """One model alone, turned a little, without noise, at half a millimetre a pixel."""
    geometry = FINE.top if view == "top" else FINE.side
    depths = render.trace(moved(model.parts, Pose(about_z(0.06), (0.0, 0.0, 60.0))), geometry)
    planes = np.pad(depths.planes, ((0, 0), (2 * render.HALO,) * 2, (2 * render.HALO,) * 2))
    quiet = np.full((2, *planes.shape[1:]), 128, np.uint8)
    return render.develop(render.Depths((0, 0, *planes.shape[:0:-1]), planes), quiet, render.Detector(palette=palette))


def _cell(rgb: Rgb) -> Rgb:
    width, height = CELL_WH
    scale = min((width - 10) / rgb.shape[1], (height - 10) / rgb.shape[0], 1.2)
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    cell = np.full((height, width, 3), 255, np.uint8)
    y, x = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    cell[y : y + small.shape[0], x : x + small.shape[1]] = small
    return cell


def _captioned(views: Rgb, text: str) -> Rgb:
    cell = np.vstack([views, np.full((20, views.shape[1], 3), 255, np.uint8)])
    cv2.putText(cell, text, (4, cell.shape[0] - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1)
    cv2.rectangle(cell, (0, 0), (cell.shape[1] - 1, cell.shape[0] - 1), (200, 200, 200), 1)
    return cell


if __name__ == "__main__":
    main()
