"""A DvXray folder in which almost everything is broken, for the tests of the readers and of the ingest job.

    expected = build_broken_folder(tmp_path / "broken")
    expected["P00003"]  # 'kept', or the reason for which it must be rejected

Keys are `source_id`s: a bag's id, or the path of a file that is no bag's. Every regular file, link and misnamed folder of the
result belongs to exactly one of them.
"""

import io
import json
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

KEPT = "kept"
SIZE_WH = (80, 60)
GUN = {"label": "Gun", "ol_bb": [10, 10, 40, 30], "sd_bb": [10, 20, 40, 50]}
Put = Callable[..., None]


def picture(seed: int, size_wh: tuple[int, int] = SIZE_WH, mode: str = "RGB") -> Image.Image:
    """A white image with two rectangles whose place and colour follow from the seed."""
    width, height = size_wh
    rng = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 255, np.uint8)
    for _ in range(2):
        left, top = int(rng.integers(0, width // 2 + 1)), int(rng.integers(0, height // 2 + 1))
        pixels[top : top + height // 3, left : left + width // 3] = rng.integers(20, 200, 3)
    return Image.fromarray(pixels).convert(mode)


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    """The image as a file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def objects(*items: dict[str, Any] | object) -> str:
    """A DvXray annotation."""
    return json.dumps({"objects": list(items)})


def gun(**changes: object) -> str:
    """An annotation of one gun, with some values changed."""
    return objects({**GUN, **changes})


NEGATIVE = json.dumps({"objects": "None"})
POSITIVE = objects(GUN)


def build_broken_folder(root: Path) -> dict[str, str]:
    """Fills `root` with good bags, mendable bags and broken ones; gives what must become of each."""
    root.mkdir(parents=True)
    expected: dict[str, str] = {}
    _good(root, expected)
    _annotations(root, expected)
    _boxes(root, expected)
    _images(root, expected)
    _missing(root, expected)
    _links(root, expected)
    _strangers(root, expected)
    return expected


def _bag(root: Path, bag: str, text: str | bytes | None = POSITIVE, **views: bytes | None) -> None:
    """Writes `<bag>_OL.png`, `<bag>_SD.png` and `<bag>.json`; a part given as None is left out."""
    seed = int(bag[1:])
    parts = {"OL": encoded(picture(2 * seed)), "SD": encoded(picture(2 * seed + 1)), **views}
    for part, data in parts.items():
        if data is not None:
            (root / f"{bag}_{part}.png").write_bytes(data)
    if text is not None:
        (root / f"{bag}.json").write_bytes(text if isinstance(text, bytes) else text.encode())


def _good(root: Path, expected: dict[str, str]) -> None:
    _bag(root, "P00000", objects(GUN, {**GUN, "label": "Saw_blade"}))
    _bag(root, "N00001", NEGATIVE)
    _bag(root, "N00002", json.dumps({"objects": None}))
    _bag(root, "N00003", objects())
    expected |= dict.fromkeys(("P00000", "N00001", "N00002", "N00003"), KEPT)


def _annotations(root: Path, expected: dict[str, str]) -> None:
    deep = "[" * 5_000 + "]" * 5_000
    cases: list[str | bytes] = [
        b"",
        b"not json",
        b'{"objects": [',
        b"\xff\xfe\x00\x01",
        "[" * (5 * 2**20),  # five megabytes of brackets
        f'{{"objects": {deep}}}',
        '{"objects": [{"label": "Gun", "ol_bb": [' + "9" * 100_000 + ", 1, 2, 3]}]}",
        b"[]",
        b"{}",
        b'{"objects": 7}',
        b'{"objects": ["Gun"]}',
        b'{"objects": [null]}',
    ]
    for number, text in enumerate(cases, start=100):
        _bag(root, f"P{number:05}", text)
        expected[f"P{number:05}"] = "ingest/bad-annotation"
    for number, label in enumerate(["Submarine", "", None, 7, "Gun\0"], start=120):
        _bag(root, f"P{number:05}", gun(label=label))
        expected[f"P{number:05}"] = "labels/unknown"
    expected["P00124"] = KEPT  # signs do not matter in a label: it is still a gun
    _bag(root, "P00130", NEGATIVE)  # a positive bag without objects
    expected["P00130"] = "ingest/unlabelled"


def _boxes(root: Path, expected: dict[str, str]) -> None:
    bad = [
        ["10", "ten", "40", "30"],
        [10, 10, float("nan"), 30],
        [10, 10, float("inf"), 30],
        [10, 10, 40],
        [10, 10, 10, 30],
        [40, 30, 10, 10],
        [[10, 10, 40, 30], [50, 10, 60, 30]],
        "somewhere",
        [10, 10, 10**400, 30],
        [True, False, True, True],
        [{}, {}, {}, {}],
    ]
    outside = [[90, 10, 120, 30], [-50, -50, -10, -10], [10, 100, 40, 130], [1e300, 0, 1.5e300, 10]]
    mended = [
        None,
        "difficult",
        [],
        [[]],
        [[10, 10, 40, 30]],
        [10, 10, 40, 30, 0.9],
        [-5, -5, 40, 30],
        [10, 10, 400, 300],
    ]
    for start, boxes, verdict in (
        (200, bad, "ingest/bad-box"),
        (230, outside, "ingest/box-outside"),
        (260, mended, KEPT),
    ):
        for number, box in enumerate(boxes, start=start):
            _bag(root, f"P{number:05}", gun(ol_bb=box))
            expected[f"P{number:05}"] = verdict


def _images(root: Path, expected: dict[str, str]) -> None:
    whole = encoded(picture(7))
    wide = np.linspace(0, 65535, 80 * 60).reshape(60, 80).astype(np.uint16)
    broken: list[tuple[bytes, str]] = [
        (b"", "image/empty"),
        (whole[: len(whole) // 2], "image/truncated"),
        (b"this is no image", "image/not-an-image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='80' height='60'/>", "image/not-an-image"),
        (encoded(picture(8, mode="P"), "GIF"), "image/not-an-image"),
        (encoded(picture(9, (1, 1))), "image/too-small"),
        (encoded(Image.new("RGB", (20_000, 2), "white")), "image/too-large"),
        (_png_header(50_000, 50_000), "image/too-large"),
        (b"\x89PNG\r\n\x1a\n", "image/not-an-image"),
        (b"GIF89a" + whole, "image/not-an-image"),
    ]
    good = [
        encoded(picture(10), "JPEG"),  # named .png
        encoded(picture(11, mode="CMYK"), "JPEG"),
        encoded(picture(12, mode="L")),
        encoded(picture(13, mode="P")),
        encoded(picture(14, mode="RGBA")),
        encoded(picture(15, mode="1")),
        encoded(Image.fromarray(wide)),
        encoded(picture(16), "TIFF"),
        encoded(picture(17), "BMP"),
        whole + b"PK\x03\x04 a polyglot: an archive behind the image",
    ]
    for number, (data, reason) in enumerate(broken, start=300):
        _bag(root, f"P{number:05}", **{"SD" if number % 2 else "OL": data})
        expected[f"P{number:05}"] = reason
    for number, data in enumerate(good, start=330):
        _bag(root, f"P{number:05}", OL=data)
        expected[f"P{number:05}"] = KEPT


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing: a decompression bomb's head."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    data = b"IDAT" + zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunks + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


def _missing(root: Path, expected: dict[str, str]) -> None:
    _bag(root, "P00400", SD=None)
    _bag(root, "P00401", OL=None)
    _bag(root, "P00402", text=None)
    _bag(root, "P00403", OL=None, SD=None)
    expected |= {"P00400": "ingest/missing-view", "P00401": "ingest/missing-view"}
    expected |= {"P00402": "ingest/missing-annotation", "P00403": "ingest/missing-view"}
    again = root / "again"
    again.mkdir()
    _bag(again, "P00000")  # an id that the folder above has already
    _bag(again, "N00001", b"broken")
    expected |= {"P00000#2": "ingest/duplicate-id", "N00001#2": "ingest/bad-annotation"}
    (root / "empty").mkdir()
    (root / "P00404_OL.png").mkdir()  # a folder named like an image
    _bag(root, "P00404", OL=None)
    expected |= {"P00404": "ingest/missing-view", "P00404_OL.png": "ingest/not-a-file"}


def _links(root: Path, expected: dict[str, str]) -> None:
    outside = root.parent / f"{root.name}-outside"
    outside.mkdir()
    (outside / "secret.png").write_bytes(encoded(picture(99)))
    (outside / "secret.json").write_text(POSITIVE)
    _bag(root, "P00500", SD=None)
    (root / "P00500_SD.png").symlink_to(outside / "secret.png")
    _bag(root, "P00501", text=None)
    (root / "P00501.json").symlink_to(Path("..") / outside.name / "secret.json")
    _bag(root, "P00502", OL=None)
    (root / "P00502_OL.png").symlink_to("P00502_OL.png")  # a link to itself
    _bag(root, "P00503", OL=None)
    (root / "P00503_OL.png").symlink_to("nowhere.png")
    _bag(root, "P00504", OL=None)
    (root / "P00504_OL.png").symlink_to("P00000_OL.png")  # inside: allowed
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "away").symlink_to(outside, target_is_directory=True)
    os.mkfifo(root / "P00505_OL.png")  # opening it would wait for ever
    _bag(root, "P00505", OL=None)
    expected |= {"P00500": "ingest/missing-view", "P00500_SD.png": "ingest/outside-folder"}
    expected |= {"P00501": "ingest/missing-annotation", "P00501.json": "ingest/outside-folder"}
    expected |= {"P00502": "ingest/missing-view", "P00502_OL.png": "ingest/broken-link"}
    expected |= {"P00503": "ingest/missing-view", "P00503_OL.png": "ingest/broken-link"}
    expected |= {"P00504": KEPT, "loop": "ingest/linked-folder", "away": "ingest/outside-folder"}
    expected |= {"P00505": "ingest/missing-view", "P00505_OL.png": "ingest/not-a-file"}


def _strangers(root: Path, expected: dict[str, str]) -> None:
    (root / "README.md").write_text("a set of scans")
    (root / "train_list.txt").write_text("P00000_OL.png P00000_SD.png 0,1")
    (root / "holiday.jpg").write_bytes(encoded(picture(98), "JPEG"))
    (root / "mosaic.gif").write_bytes(encoded(picture(97, mode="P"), "GIF"))
    (root / "summary.json").write_text("{}")
    (root / "._P00000_OL.png").write_bytes(b"\0\5\x16\7")
    (root / "._P00000.json").write_bytes(b"\0\5\x16\7")
    (root / "__MACOSX").mkdir()
    (root / "__MACOSX" / "P00600_OL.png").write_bytes(encoded(picture(96)))
    (root / "P00000_OL.jpg").write_bytes(encoded(picture(95), "JPEG"))  # a second top view
    with open(os.fsencode(root) + b"/caf\xe9.png", "wb") as file:  # a name that is not UTF-8
        file.write(encoded(picture(94)))
    expected |= {"README.md": "ingest/not-a-scan", "train_list.txt": "ingest/not-a-scan"}
    expected |= {"holiday.jpg": "ingest/unused-image", "mosaic.gif": "ingest/unused-image"}
    expected |= {"summary.json": "ingest/unused-annotation", "P00000_OL.jpg": "ingest/unused-image"}
    expected |= {"._P00000_OL.png": "ingest/resource-fork", "._P00000.json": "ingest/resource-fork"}
    expected |= {"__MACOSX/P00600_OL.png": "ingest/resource-fork", "caf\\udce9.png": "ingest/bad-name"}
