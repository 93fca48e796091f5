"""Bags drawn for the MMXray exam's tests, and an oracle that answers from a scan's row and the words of a question alone.

It shares no code with the builder but the names of things: slabs of known colour, from which it measures again what it is asked for.
"""

import colorsys
import json
import math
from collections import Counter
from functools import cache, lru_cache

import cv2
import numpy as np

from beltline import labels, masks, pixels
from beltline.exam.answers import LETTERS
from beltline.language.lexicon import noun
from beltline.scan import Item, Scan, View

WH = (640, 480)
BAG = (80, 40, 560, 440)
PAINT = {"orange": (230, 150, 60), "green": (60, 180, 60), "blue": (60, 90, 220), "black": (20, 20, 20)}
HANDLES = {"axe": ("wood", "steel"), "straight knife": ("wood", "plastic", "steel")}


@lru_cache(maxsize=1)
def scans() -> tuple[Scan, ...]:
    return tuple(scan_of(number) for number in range(100))


def scan_of(number: int) -> Scan:
    """A bag with one to four slabs that do not overlap, each of a random category, size, turn and colour."""
    rng = np.random.default_rng(number)
    rgb = np.full((WH[1], WH[0], 3), 255, np.uint8)
    rgb[BAG[1] : BAG[3], BAG[0] : BAG[2]] = (245, 215, 160)
    cells = rng.permutation(12)[: rng.integers(1, 5)]
    items = tuple(slab(rgb, n, int(cell), rng) for n, cell in enumerate(cells))
    view = View(bytes=pixels.encode_png(rgb), path="top.png", width=WH[0], height=WH[1], sha256="", phash=0)
    names = {"id": number + 1, "group": f"bag/{number}", "source": "mmxray", "source_id": str(number), "licence": "CC0"}
    return Scan(**names, top=view, items=items)


def slab(rgb: np.ndarray, number: int, cell: int, rng: np.random.Generator) -> Item:
    middle = (BAG[0] + 60 + 120 * (cell % 4), BAG[1] + 66 + 133 * (cell // 4))
    length, width = rng.integers(40, 110), rng.integers(14, 44)
    corners = cv2.boxPoints((middle, (float(length), float(width)), float(rng.integers(0, 12) * 15)))
    mask = np.zeros(rgb.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], 1)
    rgb[mask > 0] = PAINT[sorted(PAINT)[rng.integers(4)]]
    rows, columns = np.nonzero(mask)
    category = labels.MMXRAY[rng.integers(28)]
    attributes = {"pose": ("lying", "standing", "tilted")[rng.integers(3)]}
    if category in HANDLES:
        attributes["handle"] = HANDLES[category][rng.integers(len(HANDLES[category]))]
    return Item(
        item=number,
        category=category,
        top_xyxy=(float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)),
        top_mask=masks.encode(mask > 0),
        attributes=attributes,
    )


FORMS = {form.lower(): name for name in labels.MMXRAY for form in (noun(name).one, noun(name).many)}


class Oracle:
    """Answers from a scan's row and the words of a question."""

    def __init__(self, scan: Scan):
        self.scan = scan
        self.rgb = pixels.decode(scan.top.bytes)
        self.shapes: dict[int, tuple[dict[str, bool], str]] = {}

    def answer(self, question: str, options: tuple[str, ...]) -> str:
        text = question.lower()
        if options[0].startswith("["):
            true = [edge * 1000 / size for edge, size in zip(self.one(text).top_xyxy or (), WH * 2, strict=True)]
            right = next(o for o in options if np.abs(np.subtract(json.loads(o), true)).max() <= 0.5 + 1e-9)
        elif set(options) == {"Yes", "No"}:
            right = "Yes" if self.holds(text) else "No"
        elif any("edge" in option for option in options):
            right = self.placed(text, options)
        elif any(option.startswith("More than") for option in options):
            number = self.count(text)
            right = str(number) if str(number) in options else next(o for o in options if o.startswith("More"))
        else:
            return self.kind(text, options)
        return LETTERS[options.index(right)]

    def category(self, text: str) -> str:
        """The category whose noun the text has, the longest."""
        found = [(len(form), name) for form, name in FORMS.items() if form in text]
        return max(found)[1]

    def one(self, text: str) -> Item:
        (found,) = [item for item in self.scan.items if item.category == self.category(text)]
        return found

    def bag(self) -> tuple[int, int, int, int]:
        """What lies between the first and the last row and column of which a fortieth is no background."""
        dark = self.rgb.min(2) < 240
        across, down = np.flatnonzero(dark.mean(0) >= 1 / 40), np.flatnonzero(dark.mean(1) >= 1 / 40)
        return int(across[0]), int(down[0]), int(across[-1]) + 1, int(down[-1]) + 1

    def place(self, item: Item) -> str:
        """The nearest of the five, in the bag's own measure."""
        left, top, right, bottom = self.bag()
        x0, y0, x1, y1 = item.top_xyxy or BAG
        across = (x0 + x1 - left - right) / 2 / (right - left)
        down = (y0 + y1 - top - bottom) / 2 / (bottom - top)
        if max(abs(across), abs(down)) < 0.15:
            return "middle"
        if abs(across) > abs(down):
            return "left" if across < 0 else "right"
        return "upper" if down < 0 else "lower"

    def placed(self, text: str, options: tuple[str, ...]) -> str:
        if all(item.category != self.category(text) for item in self.scan.items):
            return next(option for option in options if "no " in option)
        word = self.place(self.one(text))
        return next(option for option in options if word in option)

    def count(self, text: str) -> int:
        knife = {name for name in labels.MMXRAY if "knife" in name or "cleaver" in name}
        bottles = {name for name in labels.MMXRAY if "bottle" in name} | {"compressed gas"}
        tools = {"hammer", "pliers", "axe", "scissors"}
        arms = {"gun", "bullet", "grenade", "baton", "handcuffs", "fireworks"}
        devices = {"mobile phone", "laptop", "power bank", "columnar block battery"}
        groups = {
            "not counted": set(labels.MMXRAY) - devices,
            "listed articles": set(labels.MMXRAY),
            "knives and cleavers of every": knife,
            "filled bottles": bottles,
            "phones, tablets": devices,
            "hammers, pliers": tools,
            "guns, bullets": arms,
            "knives, cleavers, axes": knife | {"axe", "scissors"},
        }
        kinds = next((kinds for words, kinds in groups.items() if words in text), None) or {self.category(text)}
        return sum(item.category in kinds for item in self.scan.items)

    def kind(self, text: str, options: tuple[str, ...]) -> str:
        names = {option.split(" ", 1)[1].lower(): letter for letter, option in zip(LETTERS, options, strict=False)}
        place = next((word for word in ("upper", "lower", "left", "right", "middle of") if word in text), None)
        if "several of the kinds" not in text and "look " not in text and "that lies" not in text:
            place = None
        found = {
            names[noun(item.category).one.lower()]
            for item in self.scan.items
            if noun(item.category).one.lower() in names and (place is None or place.split()[0] == self.place(item))
        }
        (letter,) = found
        return letter

    def holds(self, text: str) -> bool:
        """Whether the claim of a text is true."""
        if "the number of" in text:
            said = next(
                n for n, word in enumerate(("zero", "one", "two", "three", "four", "five")) if f"is {word}" in text
            )
            return self.count(text) == said
        if "there is a" in text:
            return any(item.category == self.category(text) for item in self.scan.items)
        item = self.one(text)
        if " lies " in text and "as it lies" not in text:
            word = next(word for word in ("upper", "lower", "left", "right", "middle") if f"the {word}" in text)
            return self.place(item) == word
        return self.featured(item, text)

    def featured(self, item: Item, text: str) -> bool:
        said, colour = self.shape(item)
        if "mostly" in text:
            return colour == text.split("mostly ")[1].split("?")[0].split(".")[0].split(",")[0].strip()
        if "made of" in text:
            part = "handle" if "handle of the" in text or "its handle" in text else "material"
            return item.attributes[part] == text.split("made of ")[1].strip("?. ").split(".")[0].split(",")[0]
        return next(truth for words, truth in said.items() if words in text)

    def shape(self, item: Item) -> tuple[dict[str, bool], str]:
        """What may be said of an item's shape, and whether it is true; its colour."""
        if item.item not in self.shapes:
            self.shapes[item.item] = self.measured(item)
        return self.shapes[item.item]

    def measured(self, item: Item) -> tuple[dict[str, bool], str]:
        x0, y0, x1, y1 = (round(edge) for edge in item.top_xyxy or ())
        places = np.argwhere(masks.decode(item.top_mask or (), WH))
        spread = np.linalg.eigh(np.cov(places.T.astype(float)))
        ratio = math.sqrt(spread[0][1] / max(spread[0][0], 1e-9))
        along = math.degrees(math.atan2(abs(spread[1][0, 1]), abs(spread[1][1, 1])))
        colour = named(self.rgb[masks.decode(item.top_mask or (), WH)])
        said = {
            "wider than tall": x1 - x0 > y1 - y0,
            "taller than wide": y1 - y0 > x1 - x0,
            "long and narrow": ratio > 3,
            "compact": ratio < 3,
            "horizontally": along < 22.5,
            "vertically": along > 67.5,
            "diagonally": 22.5 < along < 67.5,
            "fills most": len(places) > 0.5 * (x1 - x0) * (y1 - y0),
            "leaves most": len(places) < 0.5 * (x1 - x0) * (y1 - y0),
            "lying flat": item.attributes["pose"] == "lying",
            "standing on end": item.attributes["pose"] == "standing",
        }
        return said, colour


def named(rgb: np.ndarray) -> str:
    """The commonest colour name of pixels (N, 3), by hue as One App. B's words are understood here; background says nothing."""
    return Counter(filter(None, (_name(*(int(c) for c in one)) for one in rgb))).most_common(1)[0][0]


@cache
def _name(red: int, green: int, blue: int) -> str | None:
    hue, saturation, value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    if min(red, green, blue) >= 236:
        return None
    if value < 64 / 255:
        return "black"
    if saturation < 1 / 6:
        return "grey"
    degrees = 360 * hue
    limits = (
        (14, "red"),
        (44, "orange"),
        (72, "yellow"),
        (168, "green"),
        (200, "cyan"),
        (262, "blue"),
        (361, "violet"),
    )
    word = next(word for limit, word in limits if degrees < limit)
    if word in ("green", "blue") and value < 140 / 255:
        return f"dark {word}"
    pale = word in ("green", "yellow") and min(red, green, blue) >= 150
    return f"light {word}" if pale else word
