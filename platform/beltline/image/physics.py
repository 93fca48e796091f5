"""Beer-Lambert on 8-bit scans: optical depth, white level, fusion (One 3.1, eq. 1-4).

An X-ray pixel is I = I0 * exp(-depth), so two things lying over each other add their depths. `fuse_reference` is that, written
plainly. In the image domain it is a product: exp(-(a + b)) * 255 = A * B / 255. `fuse` computes this product, for the item's
rectangle only, and differs from the equations by at most one grey level in all 65,536 pairs (tests/image/test_physics.py).

    fused = fuse(normalise_white(bag), normalise_white(item), (120, 80))

The product is exact only where a channel is itself a transmission. Pseudo-colour is not: `image/energy.py` adds the depths of
each energy first and colours afterwards.
"""

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from beltline.pixels import Rgb

I0 = 255
"""Intensity of the unattenuated beam in an 8-bit scan: pure white."""
BRIGHT_AT = 200
"""A pixel whose channels all reach this may be background (the darkest background measured is 223, in SIXray)."""
MAX_TINT = 16
"""Largest difference between the channels of a background pixel (SIXray's tinted backgrounds differ by 3)."""
BORDER_PX = 4


def optical_depth(intensity: ArrayLike, i0: float = I0) -> NDArray[np.float64]:
    """-ln(I / I0) of eq. 2, any shape, 0 to infinity.

    Intensity 0 means that nothing came through: the depth is infinite. Intensities above `i0` are noise of the empty beam:
    their depth is 0, because no material adds light.
    """
    transmission = np.clip(np.asarray(intensity, np.float64) / i0, 0, 1)
    with np.errstate(divide="ignore"):
        return np.asarray(0.0 - np.log(transmission))


def fuse_reference(background: Rgb, foreground: Rgb) -> Rgb:
    """Eq. 2-4 as they stand: depths of two (H, W, 3) uint8 scans of one size added in float64, and back to 0..255.

    A pixel that is 0 in either scan stays 0: exp(-infinity) = 0.
    """
    depth = optical_depth(background) + optical_depth(foreground)
    return np.rint(I0 * np.exp(-depth)).astype(np.uint8)


def fuse(background: Rgb, item: Rgb, at_xy: tuple[int, int], *, out: Rgb | None = None) -> Rgb:
    """`background` (H, W, 3) with `item` (h, w, 3), on pure white, laid over it at `at_xy` (its top left corner).

    White multiplies by one, so only the item's rectangle is touched. `out` receives the result; `out=background` fuses in
    place, which saves the copy. No product of two bytes, divided by 255, comes nearer than 1/510 to a half, so
    rounding cannot depend on the processor.

    Raises:
        ValueError: the item's rectangle does not lie inside the background.
    """
    (height, width), (x, y) = item.shape[:2], at_xy
    if min(x, y) < 0 or y + height > background.shape[0] or x + width > background.shape[1]:
        size = f"{background.shape[1]}x{background.shape[0]}"
        raise ValueError(f"fuse: expected a {width}x{height} item inside {size}, found it at {at_xy}; move or scale it")
    result = background.copy() if out is None else out
    if out is not None and out is not background:
        np.copyto(out, background)
    if item.size:
        part = result[y : y + height, x : x + width]
        cv2.multiply(part, np.ascontiguousarray(item), dst=part, scale=1 / I0)
    return result


def white_level(rgb: Rgb) -> tuple[int, int, int]:
    """Level of the empty beam per channel, 200 to 255: the commonest value among bright, nearly grey pixels.

    Looked for on the border first, then, when a bag covers the border, in the whole scan. (255, 255, 255) when less than
    1 % of the scan could be background.
    """
    border = np.concatenate([part.reshape(-1, 3) for part in _border(rgb)])
    for pixels, share in ((border, 0.1), (rgb.reshape(-1, 3), 0.01)):
        empty = pixels[_maybe_empty(pixels)]
        if len(empty) > share * len(pixels):
            red, green, blue = (_mode(empty[:, channel]) for channel in range(3))
            return red, green, blue
    return I0, I0, I0


def normalise_white(rgb: Rgb, *, out: Rgb | None = None) -> Rgb:
    """`rgb` with its white level brought to 255 in every channel; all else in proportion (eq. 2's I / I0).

    A scan that is already white comes back as it is, not copied, unless `out` is given (`out=rgb` works in place).
    """
    level = white_level(rgb)
    if level == (I0, I0, I0) and (out is None or out is rgb):
        return rgb
    return cv2.LUT(rgb, scale_table(level), dst=out)


def scale_table(level: tuple[int, int, int]) -> Rgb:
    """Table (256, 1, 3) for cv2.LUT that maps `level` to 255 in each channel, rounded in integers, clipped at 255."""
    divisor = np.asarray(level, np.int64)
    values = (np.arange(256)[:, None] * I0 + divisor // 2) // divisor
    return np.minimum(values, I0).astype(np.uint8)[:, None, :]


def _border(rgb: Rgb) -> tuple[Rgb, Rgb, Rgb, Rgb]:
    return rgb[:BORDER_PX], rgb[-BORDER_PX:], rgb[:, :BORDER_PX], rgb[:, -BORDER_PX:]


def _maybe_empty(pixels: Rgb) -> NDArray[np.bool_]:
    red, green, blue = (pixels[:, channel] for channel in range(3))
    low, high = np.minimum(np.minimum(red, green), blue), np.maximum(np.maximum(red, green), blue)
    return (low >= BRIGHT_AT) & (high - low <= MAX_TINT)


def _mode(values: NDArray[np.uint8]) -> int:
    """Commonest value; the brightest of several."""
    return 255 - int(np.bincount(values, minlength=256)[::-1].argmax())
