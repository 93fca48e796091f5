"""Images of strangers: looked at from outside before they are decoded, and passed on without what does not belong to the picture.

    image = admitted(data, limits, "top")          # PNG or JPEG bytes, width, height, sha256 of what came

PNG and JPEG alone, one frame, by their first bytes and never by a name; size and pixels are bounded from the header before anything
is decoded; bytes after the end of an image are another file in disguise and are refused. What goes on to a model is the picture
alone: 8-bit RGB, no text, no profile, no position.
"""

import base64
import binascii
import hashlib
import io
import re
import struct
import warnings
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from beltline.pixels import decode, encode_png
from beltline.serving import Limits, Refusal

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_DATA_URL = re.compile(r"data:image/(?:png|jpe?g);base64,", re.IGNORECASE)
_PICTURE = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"pHYs", b"gAMA", b"sRGB", b"cHRM"}
"""Chunks of a PNG that may pass."""
_MARK = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])", re.DOTALL)
"""Of a JPEG: neither a stuffed byte nor a restart."""
MAX_PARTS = 20_000
"""Chunks or segments; an image of the largest size has a tenth of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An image that may go to a model."""

    bytes: bytes
    mime: str
    width: int
    height: int
    sha256: str
    """Of the bytes that came."""

    def shown(self, most_px: int) -> str:
        """A data URL of it with at most so many pixels; places in thousandths stay what they are."""
        data, mime = self.bytes, self.mime
        if self.width * self.height > most_px:
            scale = (most_px / (self.width * self.height)) ** 0.5
            smaller = (max(1, int(self.width * scale)), max(1, int(self.height * scale)))
            data, mime = (
                encode_png(np.asarray(cv2.resize(decode(data), smaller, interpolation=cv2.INTER_AREA), np.uint8)),
                "image/png",
            )
        return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def admitted(data: bytes, limits: Limits, name: str) -> Upload:
    """The image in the bytes.

    Raises:
        Refusal: it is no PNG or JPEG, too large or too small, cut off, animated, or more than an image.
    """
    if len(data) > limits.image_bytes:
        raise Refusal(
            413,
            "image_too_large",
            f"{name}: expected at most {limits.image_bytes:,} bytes, found {len(data):,}; make it smaller",
        )
    if not data.startswith((PNG, JPEG)):
        raise Refusal(
            415,
            "image_type",
            f"{name}: expected a PNG or JPEG image, found {'something else' if data else 'nothing'}; convert it",
        )
    plain = _plain_png(data, name) if data.startswith(PNG) else _whole_jpeg(data, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bounds are stricter
        try:
            return _decoded(data, limits, name, plain)
        except Refusal:
            raise
        except Image.DecompressionBombError:
            raise Refusal(
                413,
                "image_too_large",
                f"{name}: expected at most {limits.image_px:,} pixels, found far more; make it smaller",
            ) from None
        except (OSError, SyntaxError, ValueError, EOFError, struct.error, MemoryError):
            raise Refusal(
                422, "image_unreadable", f"{name}: expected a whole image, found one that is cut off or broken"
            ) from None


def _decoded(data: bytes, limits: Limits, name: str, plain: bool) -> Upload:
    image = Image.open(io.BytesIO(data), formats=["PNG", "JPEG"])
    width, height = image.size
    if width * height > limits.image_px or max(width, height) > limits.side_px:
        most = f"at most {limits.image_px:,} pixels and {limits.side_px:,} a side"
        raise Refusal(413, "image_too_large", f"{name}: expected {most}, found {width} x {height}; make it smaller")
    if min(width, height) < limits.min_side_px or max(width, height) > 100 * min(width, height):
        least = f"at least {limits.min_side_px} pixels a side, and no side of a hundred times the other"
        raise Refusal(422, "image_shape", f"{name}: expected {least}, found {width} x {height}")
    if getattr(image, "n_frames", 1) > 1:
        raise Refusal(422, "image_animated", f"{name}: expected one picture, found several frames")
    image.load()
    kept = plain and image.mode == "RGB"
    out = data if kept else encode_png(_rgb(image))
    mime = f"image/{str(image.format).lower()}" if kept else "image/png"
    return Upload(bytes=out, mime=mime, width=width, height=height, sha256=hashlib.sha256(data).hexdigest())


def _rgb(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """8 bits a channel; wide grey over its full range; transparent means empty belt, which is white."""
    if image.mode.startswith("I") or image.mode == "F":
        grey = np.clip(np.rint(np.asarray(image, np.float64) / 257), 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return np.array(image.convert("RGB"), np.uint8)


def _plain_png(data: bytes, name: str) -> bool:
    """Whether a PNG is nothing but its picture.

    Raises:
        Refusal: it has no end, or goes on after it.
    """
    at, kinds = len(PNG), set[bytes]()
    for _ in range(MAX_PARTS):
        if at + 12 > len(data):
            break
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        kinds.add(kind)
        at += size + 12
        if kind == b"IEND":
            if at != len(data):
                raise Refusal(
                    422,
                    "image_polyglot",
                    f"{name}: expected an image and nothing else, found {len(data) - at:,} bytes after its end",
                )
            return kinds <= _PICTURE
    raise Refusal(422, "image_unreadable", f"{name}: expected a whole image, found one that is cut off or broken")


def _whole_jpeg(data: bytes, name: str) -> bool:
    """Whether a JPEG is nothing but its picture: no application data beside JFIF's, no comment.

    Raises:
        Refusal: it has no end, or goes on after it.
    """
    at, plain = 2, True
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == 0xDA:
            break
        plain = plain and marker not in (*range(0xE1, 0xF0), 0xFE)
        at += 2 + size
    end = data.rfind(b"\xff\xd9", at)
    if end < 0:
        raise Refusal(422, "image_unreadable", f"{name}: expected a whole image, found one that is cut off or broken")
    first = _scan_end(data, at)
    if first is None or data[first:].strip(b"\0"):
        raise Refusal(422, "image_polyglot", f"{name}: expected an image and nothing else, found bytes after its end")
    return plain


def _scan_end(data: bytes, at: int) -> int | None:
    """Where the image ends: after the first end mark that stands where a mark may stand, outside of other segments."""
    for _ in range(MAX_PARTS):
        mark = _MARK.search(data, at)
        if mark is None or mark[1] == b"\xd9":
            return mark and mark.end()
        at = mark.end() + int.from_bytes(data[mark.end() : mark.end() + 2], "big")
    return None


def from_url(url: str, limits: Limits, name: str) -> Upload:
    """The image in a data URL. Nothing is fetched for anybody: an address could be one of ours.

    Raises:
        Refusal: it is no data URL of PNG or JPEG, or as for `admitted`.
    """
    head = _DATA_URL.match(url)
    if head is None:
        raise Refusal(
            400,
            "image_url",
            f"{name}: expected data:image/png;base64,... or data:image/jpeg;base64,..., found another address; send the image itself",
        )
    if (len(url) - head.end()) * 3 // 4 > limits.image_bytes + 3:
        raise Refusal(
            413,
            "image_too_large",
            f"{name}: expected at most {limits.image_bytes:,} bytes, found more; make it smaller",
        )
    try:
        data = base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(400, "image_url", f"{name}: expected base64 after the comma, found something else") from None
    return admitted(data, limits, name)
