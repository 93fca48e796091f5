"""Where the bag is in a scan: the support in which an item may be placed (One 3.1, M_b of eq. 5-8), found in two ways.

`bag_mask` is the placer's and errs to the inside; `bag_mask_by_flood` works otherwise and checks it. On every real view held
the first lies wholly inside the second (tests/image/test_cutouts.py).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from beltline.image.physics import I0, normalise_white
from beltline.masks import Mask
from beltline.pixels import Rgb, channel_min

WHITE_AT = 245
"""A pixel of a normalised scan with all channels at or above this is empty beam."""
CLOSE_PX = 4
"""Gaps in a bag's outline up to twice this are closed. Wider ones are where a flood would run in: such a bag shrinks to its contents."""
INSET_PX = 3
"""The bag mask is shrunk by this, so that an item inside it is inside the bag for any other reasonable mask as well."""


def bag_mask(rgb: Rgb) -> Mask:
    """(H, W) mask of the bag: what is not white, gaps closed, holes filled, straps and specks dropped, shrunk by INSET_PX.

    Made of thresholds and min/max filters alone, so every processor finds the same mask. Empty when the scan shows only belt.
    """
    strap = max(rgb.shape[:2]) // 50 + 1  # half the width of what hangs out of a bag: about 10 px of 500
    room = strap + CLOSE_PX
    material = cv2.bitwise_not(cv2.inRange(normalise_white(rgb), (WHITE_AT,) * 3, (I0,) * 3))
    material = cv2.copyMakeBorder(material, room, room, room, room, cv2.BORDER_CONSTANT, value=0)
    whole = filled(cv2.morphologyEx(material, cv2.MORPH_CLOSE, square(CLOSE_PX)))
    body = cv2.morphologyEx(whole, cv2.MORPH_OPEN, square(strap))
    shrunk = cv2.erode(body, square(INSET_PX))
    return shrunk[room:-room, room:-room] > 0


def bag_mask_by_flood(rgb: Rgb) -> Mask:
    """(H, W) mask of the bag found another way, to check `bag_mask` with: what a flood from outside does not reach.

    The flood runs over ground whose mean darkness in a 9x9 window stays below 1.5 grey levels: it sees faint walls that no
    single pixel shows, and crosses no gap narrower than the window. What it leaves is the bag, with all its holes and straps.
    """
    darkness = cv2.bitwise_not(channel_min(normalise_white(rgb)))
    sums = cv2.boxFilter(darkness, cv2.CV_32S, (9, 9), normalize=False, borderType=cv2.BORDER_REPLICATE)
    ground = cv2.copyMakeBorder((2 * sums < 3 * 81).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(ground, None, (0, 0), 2)
    outside = cv2.dilate((ground == 2).astype(np.uint8), square(3))  # the window meets a wall 4 px ahead
    return outside[1:-1, 1:-1] == 0


def filled(binary: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The components at least a fifth as large as the largest, holes filled."""
    contours, _ = cv2.findContours(binary, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = [cv2.contourArea(contour) for contour in contours]
    large = [contour for contour, size in zip(contours, areas, strict=True) if 5 * size >= max(areas)]
    return np.asarray(cv2.drawContours(np.zeros_like(binary), large, -1, 255, cv2.FILLED), np.uint8)


def square(radius: int) -> NDArray[np.uint8]:
    """Structuring element with `radius` pixels on each side of the middle one."""
    return np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)
