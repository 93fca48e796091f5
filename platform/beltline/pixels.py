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
    """63 signs of the lowest 8x8 cosine coefficients of the trimmed grey image, as a non-negative integer.

    Signs rather than comparisons with the median: flipping or transposing the image then only flips or moves bits, so the
    eight dihedral variants follow from the hash alone (image/cleaning.py). Bit 8*v+u-1 is coefficient (v, u); DC is left out.
    """
    grey = rgb.min(axis=2)
    box = cv2.boundingRect((grey < WHITE_AT).astype(np.uint8))
    if box[2] and box[3]:
        grey = grey[box[1] : box[1] + box[3], box[0] : box[0] + box[2]]
    coefficients = _COSINES @ _block_sums(grey, 32) @ _COSINES.T
    bits = (coefficients.ravel()[1:] > 0).astype(np.int64)
    return int((bits << np.arange(63)).sum())


# Integer cosines: the last bit of a float must not decide a hash.
_COSINES = np.rint(4096 * np.cos(np.pi * np.outer(np.arange(8), 2 * np.arange(32) + 1) / 64)).astype(np.int64)


def _block_sums(grey: NDArray[np.uint8], side: int) -> NDArray[np.int64]:
    """Block means times 256 over a side x side grid, in integers: the same on every processor."""
    height, width = grey.shape
    rows, columns = np.arange(side) * height // side, np.arange(side) * width // side
    sums = np.add.reduceat(np.add.reduceat(grey.astype(np.int64), rows, axis=0), columns, axis=1)
    counts = np.outer(np.maximum(np.diff(rows, append=height), 1), np.maximum(np.diff(columns, append=width), 1))
    return np.asarray(256 * sums // counts, np.int64)


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
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
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
