"""Pixels in and out: decode with limits, encode, fingerprint, perceptual hash.

Arrays are (H, W, 3) uint8 RGB everywhere; the channel order changes only here, where OpenCV is called. Foreign bytes go
through `open_view`, which looks at the header before it decodes and never trusts the file's name; bytes that Beltline wrote
itself go through the faster `decode`.
"""

import hashlib
import io
import warnings
from pathlib import PurePosixPath

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from beltline.scan import View
from beltline.verdict import BadRow

Rgb = NDArray[np.uint8]

MAX_SIDE_PX = 16_384
MAX_PIXELS = 64_000_000
MIN_SIDE_PX = 2
WHITE_AT = 245
"""A pixel with all channels at or above this is background when the border is trimmed (LDXray's white is 250)."""
HASH_WHITE_FROM = 200
"""The perceptual hash looks for the scan's white level from here on: the commonest value."""
HASH_NOISE = 10
"""Grey levels below white that the perceptual hash takes for noise."""
HASH_TRIM = 100
"""The perceptual hash leaves out one part in so many of the darkness on each side."""
_KINDS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
PNG_LEVEL = 1
JPEG_QUALITY = 95


def decode(data: bytes) -> Rgb:
    """(H, W, 3) uint8 RGB of trusted PNG or JPEG bytes."""
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise BadRow("image/unreadable", f"expected PNG or JPEG bytes, found {data[:8]!r}")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def encode_png(rgb: Rgb) -> bytes:
    """Lossless PNG at the fast level that the whole project uses."""
    return _encode(".png", rgb, [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL])


def encode_jpeg(rgb: Rgb, quality: int = JPEG_QUALITY) -> bytes:
    """JPEG, quality 0 to 100."""
    return _encode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])


def make_view(rgb: Rgb, path: str) -> View:
    """A view of pixels that we made: PNG, fingerprint and perceptual hash in one go."""
    height, width = rgb.shape[:2]
    return View(
        bytes=encode_png(rgb),
        path=path,
        width=width,
        height=height,
        sha256=pixel_sha256(rgb),
        phash=perceptual_hash(rgb),
    )


def open_view(data: bytes, path: str) -> tuple[View, list[str]]:
    """A view of foreign bytes, and notes on what was mended.

    8-bit RGB PNG and JPEG keep their bytes. Grey, 16-bit, palette, transparent, TIFF and BMP images become 8-bit RGB PNG.

    Raises:
        BadRow: empty, not an image, too large, too small, or cut off.
    """
    image = _header(data, path)
    notes = _name_notes(image, path)
    try:
        image.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise BadRow(
            "image/truncated", f"{path}: expected a whole {image.format} image, found it cut off: {error}"
        ) from error
    keep = image.format in ("PNG", "JPEG") and image.mode == "RGB"
    if not keep:
        notes.append(f"{path}: {image.format} of mode {image.mode} converted to 8-bit RGB PNG")
    rgb = _to_rgb(image)
    encoded = data if keep else encode_png(rgb)
    sha256 = hashlib.sha256(data).hexdigest() if keep and image.format == "JPEG" else pixel_sha256(rgb)
    width, height = image.size
    view = View(bytes=encoded, path=path, width=width, height=height, sha256=sha256, phash=perceptual_hash(rgb))
    return view, notes


def mime_of(data: bytes) -> str | None:
    """ "image/png" or "image/jpeg" by the first bytes, the only ones that a view may have; None for anything else."""
    return next((kind for mark, kind in _KINDS.items() if data.startswith(mark)), None)


def fingerprint(data: bytes) -> str:
    """What `View.sha256` must be for these bytes: pixels when lossless (PNG), the bytes themselves when lossy."""
    return hashlib.sha256(data).hexdigest() if data[:2] == b"\xff\xd8" else pixel_sha256(decode(data))


def pixel_sha256(rgb: Rgb) -> str:
    """sha256 over the shape and the pixels of an (H, W, 3) uint8 array."""
    hasher = hashlib.sha256(f"{rgb.shape[0]}x{rgb.shape[1]}\0".encode())
    hasher.update(np.ascontiguousarray(rgb).data)
    return hasher.hexdigest()


def foreground(rgb: Rgb, white_at: int = WHITE_AT) -> NDArray[np.bool_]:
    """(H, W) mask of the pixels that are not background white: any channel below `white_at`."""
    return rgb.min(axis=2) < white_at


def perceptual_hash(rgb: Rgb) -> int:
    """63 signs of the lowest 8x8 cosine coefficients of what is darker than the scan's own white, as a non-negative integer.

    The window ends where HASH_TRIM of the darkness is left on a side: a white border, a speck of dust or a changed white level moves
    it little. Signs rather than comparisons with the median: flipping or transposing the image then only flips or moves bits,
    so the eight dihedral variants follow from the hash alone (image/cleaning.py). Bit 8*v+u-1 is coefficient (v, u); DC is left out.
    A blank image has hash 0. Integers throughout: the last bit of a float must not decide a hash.
    """
    grey = channel_min(rgb)
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel()[HASH_WHITE_FROM:]
    white = HASH_WHITE_FROM + int(counts.argmax()) if counts.any() else 255
    darkness = cv2.subtract(np.full_like(grey, white - HASH_NOISE), grey)
    top, bottom = _heavy(cv2.reduce(darkness, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel())
    left, right = _heavy(cv2.reduce(darkness, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel())
    coefficients = _COSINES @ _cell_means(darkness[top:bottom, left:right], 32) @ _COSINES.T
    bits = (coefficients.ravel()[1:] > 0).astype(np.int64)
    return int((bits << np.arange(63)).sum())


def channel_min(rgb: Rgb) -> NDArray[np.uint8]:
    """(H, W) darkest channel of each pixel: how much material shows, whatever its colour."""
    red, green, blue = cv2.split(rgb)
    return np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)


_COSINES = np.rint(4096 * np.cos(np.pi * np.outer(np.arange(8), 2 * np.arange(32) + 1) / 64)).astype(np.int64)


def _heavy(weights: NDArray[np.int32]) -> tuple[int, int]:
    """Begin and end of the indices that hold all but HASH_TRIM of the weight on either side; the whole range when all are 0."""
    limit = int(weights.sum(dtype=np.int64)) // HASH_TRIM
    ends = [int((np.cumsum(side, dtype=np.int64) > limit).argmax()) for side in (weights, weights[::-1])]
    return ends[0], len(weights) - ends[1]


def _cell_means(values: NDArray[np.uint8], side: int) -> NDArray[np.int64]:
    """Means times 256 of side x side equal cells, pixels on an edge shared out exactly: flips and transposes move cells only."""
    height, width = values.shape
    totals = cv2.integral(values, sdepth=cv2.CV_64F).astype(np.int64)  # whole numbers far below 2**53
    rows = _between(totals, side)
    cells = np.diff(np.diff(_between(rows.T, side).T, axis=0), axis=1)
    return np.asarray(256 * cells // (height * width), np.int64)


def _between(totals: NDArray[np.int64], side: int) -> NDArray[np.int64]:
    """Running totals (n + 1, ...) read at i * n / side for i = 0 .. side, times side."""
    whole, part = np.divmod(np.arange(side + 1, dtype=np.int64) * (len(totals) - 1), side)
    following = totals[np.minimum(whole + 1, len(totals) - 1)]
    return totals[whole] * (side - part[:, None]) + following * part[:, None]


def _encode(suffix: str, rgb: Rgb, options: list[int]) -> bytes:
    done, data = cv2.imencode(suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)
    assert done, f"OpenCV could not encode {rgb.shape} {rgb.dtype} as {suffix}"
    return bytes(data)


def _header(data: bytes, path: str) -> Image.Image:
    if not data:
        raise BadRow("image/empty", f"{path}: expected an image, found a file of zero bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound, below, is the stricter one
            image = Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "TIFF", "BMP"])
    except UnidentifiedImageError as error:
        raise BadRow("image/not-an-image", f"{path}: expected PNG, JPEG, TIFF or BMP, found {data[:8]!r}") from error
    except Image.DecompressionBombError as error:
        raise BadRow("image/too-large", f"{path}: expected at most {MAX_PIXELS:,} pixels; {error}") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise BadRow("image/unreadable", f"{path}: {error}") from error
    width, height = image.size
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        limit = f"at most {MAX_SIDE_PX} px a side and {MAX_PIXELS:,} pixels"
        raise BadRow("image/too-large", f"{path}: expected {limit}, found {width}x{height}")
    if min(width, height) < MIN_SIDE_PX:
        raise BadRow("image/too-small", f"{path}: expected at least {MIN_SIDE_PX} px a side, found {width}x{height}")
    return image


def _name_notes(image: Image.Image, path: str) -> list[str]:
    """A wrong extension is common (PIDray's hidden set names JPEGs .png): noted, and the content believed."""
    suffixes = {"PNG": (".png",), "JPEG": (".jpg", ".jpeg"), "TIFF": (".tif", ".tiff"), "BMP": (".bmp",)}
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in suffixes[str(image.format)]:
        return []
    return [f"{path}: named {suffix or 'without extension'}, is a {image.format}"]


def _to_rgb(image: Image.Image) -> Rgb:
    if image.mode in (
        "I;16",
        "I;16B",
        "I;16L",
        "I",
        "F",
    ):  # 16-bit scans: the full range is 0..65535, not the image's maximum
        wide = np.asarray(image, np.float64)
        grey = np.clip(np.rint(wide / 257), 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:  # transparent means empty belt: white
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return np.array(image.convert("RGB"), np.uint8)
