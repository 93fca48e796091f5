"""Pixels in and out: limits before decoding, nothing believed because of its name."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from beltline import pixels
from beltline.verdict import BadRow


def png(array: np.ndarray, mode: str | None = None) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(array, mode).save(sink, "PNG")
    return sink.getvalue()


def scene(height: int = 40, width: int = 60, seed: int = 0) -> np.ndarray:
    rgb = np.full((height, width, 3), 255, np.uint8)
    rng = np.random.default_rng(seed)
    for _ in range(6):
        x, y = rng.integers(5, width - 20), rng.integers(5, height - 15)
        rgb[y : y + rng.integers(4, 12), x : x + rng.integers(4, 16)] = rng.integers(0, 200, 3)
    return rgb


def header_only(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing: a decompression bomb's first bytes."""
    ihdr = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + ihdr
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + b"\0\0\0\x09IDATxxxxxxxxx"
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "image/empty"),
        (b"not an image at all", "image/not-an-image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/not-an-image"),
        (png(scene())[:-40], "image/truncated"),
        (pixels.encode_jpeg(scene(200, 300))[:-600], "image/truncated"),
        (png(np.zeros((1, 1, 3), np.uint8)), "image/too-small"),
        (header_only(20_000, 100), "image/too-large"),
        (header_only(16_000, 16_000), "image/too-large"),
    ],
)
def test_bad_bytes_are_rejected_with_their_reason(data: bytes, reason: str) -> None:
    with pytest.raises(BadRow) as caught:
        pixels.open_view(data, "a.png")
    assert caught.value.verdict.reason == reason
    assert len(caught.value.verdict.detail) > 20


def test_rgb_png_keeps_its_bytes() -> None:
    data = png(scene())
    view, notes = pixels.open_view(data, "bag.png")
    assert (view.bytes, view.width, view.height, notes) == (data, 60, 40, [])
    assert view.sha256 == pixels.fingerprint(data) == pixels.pixel_sha256(scene())


def test_jpeg_named_png_is_believed_for_what_it_is() -> None:
    data = pixels.encode_jpeg(scene())
    view, notes = pixels.open_view(data, "xray.png")
    assert view.bytes == data and "is a JPEG" in notes[0]
    assert view.sha256 == pixels.fingerprint(data)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.full((4, 6), 128, np.uint8), 128),  # grey
        (np.full((4, 6), 0x8080, np.uint16), 128),  # 16 bit: the full range is 65535, not the image's maximum
        (np.dstack([np.full((4, 6, 3), 10, np.uint8), np.zeros((4, 6), np.uint8)]), 255),  # transparent is empty belt
    ],
)
def test_other_modes_become_rgb(array: np.ndarray, expected: int) -> None:
    view, notes = pixels.open_view(png(array), "a.png")
    assert np.array_equal(pixels.decode(view.bytes), np.full((4, 6, 3), expected, np.uint8))
    assert "converted to 8-bit RGB" in notes[0]


def test_channel_order_survives() -> None:
    rgb = np.zeros((8, 8, 3), np.uint8)
    rgb[..., 0] = 200
    assert np.array_equal(pixels.decode(pixels.encode_png(rgb)), rgb)
    assert np.asarray(Image.open(io.BytesIO(pixels.encode_png(rgb))))[0, 0].tolist() == [200, 0, 0]


def test_fingerprint_of_other_png_bytes_of_the_same_pixels_is_the_same() -> None:
    sink = io.BytesIO()
    Image.fromarray(scene()).save(sink, "PNG", compress_level=9)
    assert sink.getvalue() != png(scene())
    assert pixels.fingerprint(sink.getvalue()) == pixels.fingerprint(png(scene()))


def test_fingerprint_tells_shapes_apart() -> None:
    assert pixels.pixel_sha256(np.zeros((2, 8, 3), np.uint8)) != pixels.pixel_sha256(np.zeros((8, 2, 3), np.uint8))


def test_perceptual_hash_forgives_a_border_and_a_jpeg_but_not_another_bag() -> None:
    rgb = scene(200, 300, seed=1)
    padded = np.pad(rgb, ((30, 10), (50, 20), (0, 0)), constant_values=255)
    distance = lambda other: (pixels.perceptual_hash(rgb) ^ pixels.perceptual_hash(other)).bit_count()  # noqa: E731
    assert distance(padded) == 0
    assert distance(pixels.decode(pixels.encode_jpeg(rgb, 50))) <= 4
    assert distance(scene(200, 300, seed=2)) > 12


def test_perceptual_hash_of_white_and_of_tiny_images_exists() -> None:
    assert pixels.perceptual_hash(np.full((5, 3, 3), 255, np.uint8)) == 0
    assert 0 <= pixels.perceptual_hash(np.zeros((2, 2, 3), np.uint8)) < 2**63
