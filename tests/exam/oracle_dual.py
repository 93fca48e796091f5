"""Answers a question of DualXrayBench from a Scan row and the words alone, as a perfect reader of both views would.

It never sees a question's record (letter, words, evidence, details), knows no margins, and shares no code with the builder:
the text is read by the declared wordings, and everything else is worked out again from the row's boxes, masks, millimetres and pose.
"""

import re
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import minimize

from beltline.exam.dualxray import WORDINGS
from beltline.labels import CATEGORIES
from beltline.language.lexicon import noun

Row = dict[str, Any]
KINDS = {form: name for name in CATEGORIES for form in (noun(name).one, noun(name).many, f"the {noun(name).one}")}
AXIS = {"through space": None, "along the belt": 0, "across the belt": 1, "in height": 2}
SIDES = {"left": (0, -1), "right": (0, 1), "front": (1, -1), "behind": (1, 1), "below": (2, -1), "above": (2, 1)}
ROUND = re.compile(r"columnar (orange|green)|blue liquid|bottle liquid|compressed gas|umbrella|bullet|grenade|baton")


def reply(row: Row, text: str, options: tuple[str, ...]) -> str:
    """The right option."""
    task, form, said = _read(text)
    known = {name: KINDS[words] for name, words in said.items() if name in ("item", "other")}
    chosen: str = globals()[f"_{form.partition('+')[0] if '+' not in form else 'relation'}"](row, options, said, known)
    assert chosen in options, (task, text, options, chosen)
    return chosen


def _read(text: str) -> tuple[str, str, dict[str, str]]:
    """Task, form and what fills the blanks, by whichever declared wording fits the whole text."""
    for task, forms in WORDINGS.items():
        for form, ways in forms.items():
            for way in ways:
                parts = re.split(r"\{(\w+)\}", way)
                pattern = "".join(re.escape(p) if n % 2 == 0 else f"(?P<{p}>.+?)" for n, p in enumerate(parts))
                if (found := re.fullmatch(pattern, text)) is not None:
                    return task, form, found.groupdict()
    raise AssertionError(f"no declared wording: {text}")


def _only(row: Row, name: str) -> Row:
    (one,) = [item for item in row["items"] if item["category"] == name]
    return dict(one)


def _alone(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    kinds = {KINDS[words] for words in re.split(r", | and ", said["many"])}
    number = sum(item["category"] in kinds for item in row["items"])
    return ("one", "two", "three")[number - 1] if number < 4 else "four or more"


_together = _alone


def _present(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    there = {item["category"] for item in row["items"]}
    (found,) = [option for option in options if KINDS[option] in there]
    return found


def _absent(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    there = {item["category"] for item in row["items"]}
    (found,) = [option for option in options if KINDS[option] not in there]
    return found


def _relation(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    item, other = _only(row, known["item"]), _only(row, known["other"])
    offset = _middle(row, item) - _middle(row, other)
    (found,) = [
        option
        for option in options
        if all(offset[SIDES[word][0]] * SIDES[word][1] > 0 for word in re.findall(r"\w+", option) if word != "and")
    ]
    return found


def _middle(row: Row, item: Row) -> Any:
    """Along the belt, across it, upwards: millimetres where the row has them, else pixels of the boxes."""
    if item["centre_mm"] is not None:
        return np.array(item["centre_mm"])
    top, side = item["top_xyxy"], item["side_xyxy"]
    return np.array([top[0] + top[2], top[1] + top[3], 2 * row["side_height"] - side[1] - side[3]]) / 2


def _axis(words: str) -> int | None:
    (found,) = [axis for said, axis in AXIS.items() if said in words]
    return found


def _length(row: Row, a: str, b: str, axis: int | None) -> float:
    offset = _middle(row, _only(row, a)) - _middle(row, _only(row, b))
    return float(np.linalg.norm(offset) if axis is None else abs(offset[axis]))


def _nearest(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    axis = _axis(said["axis"])
    return min(options, key=lambda option: _length(row, known["item"], KINDS[option], axis))


def _apart(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    return _bin(_length(row, known["item"], known["other"], _axis(said["axis"])), options)


def _bin(length: float, options: tuple[str, ...]) -> str:
    """The option whose words hold a length: 'less than 40 mm', '40 to 80 mm', 'more than 80 mm'."""
    for option in options:
        numbers = [float(number) for number in re.findall(r"\d+", option)]
        low, high = numbers if len(numbers) == 2 else (0, numbers[0]) if "less" in option else (numbers[0], 1e9)
        if low <= length < high:
            return option
    raise AssertionError(f"{length} is in none of {options}")


def _mask(row: Row, item: Row, view: str) -> Any:
    width, height = row[f"{view}_width"], row[f"{view}_height"]
    if item[f"{view}_mask"] is None:
        x0, y0, x1, y1 = (round(edge) for edge in item[f"{view}_xyxy"])
        filled = np.zeros((height, width), bool)
        filled[y0:y1, x0:x1] = True
        return filled
    ends = np.cumsum(item[f"{view}_mask"])
    flat = np.zeros(width * height, bool)
    for start, end in list(pairwise([0, *ends]))[1::2]:
        flat[start:end] = True
    return flat.reshape(width, height).T


def _both(row: Row, known: dict[str, str], view: str) -> tuple[Any, Any]:
    return _mask(row, _only(row, known["item"]), view), _mask(row, _only(row, known["other"]), view)


def _overlaps(row: Row, known: dict[str, str], view: str) -> bool:
    a, b = _both(row, known, view)
    return bool((a & b).any())


def _views(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    found = (_overlaps(row, known, "top"), _overlaps(row, known, "side"))
    words = {(1, 0): "top view only", (0, 1): "side view only", (1, 1): "both", (0, 0): "neither"}[found]
    return next(option for option in options if words in option)


def _part(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    a, b = _both(row, known, said["view"])
    rows, columns = np.nonzero(a)
    common = np.nonzero(a & b)
    v = (common[0].mean() + 0.5 - rows.min()) / (rows.max() + 1 - rows.min()) - 0.5
    u = (common[1].mean() + 0.5 - columns.min()) / (columns.max() + 1 - columns.min()) - 0.5
    word = ("left", "right")[int(u > 0)] if abs(u) > abs(v) else ("upper", "lower")[int(v > 0)]
    return next(option for option in options if word in option)


def _contact(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    if _gap(_only(row, known["item"]), _only(row, known["other"])) < 5:
        return "they touch"
    apart = not any(_overlaps(row, known, view) for view in ("top", "side"))
    return next(option for option in options if option.startswith("they neither" if apart else "they do not"))


def _gap(a: Row, b: Row) -> float:
    """Between the oriented boxes of the row, by a general optimiser."""

    def corner(item: Row, where: Any) -> Any:
        return np.array(item["centre_mm"]) + _axes(item) @ (where * np.array(item["size_mm"]) / 2)

    def squared(x: Any) -> float:
        return float(((corner(a, x[:3]) - corner(b, x[3:])) ** 2).sum())

    starts = (np.zeros(6), np.tile([0.5, -0.5], 3))
    return float(min(minimize(squared, x, bounds=[(-1, 1)] * 6, method="L-BFGS-B").fun for x in starts) ** 0.5)


def _axes(item: Row) -> Any:
    """Own axes as columns, by turning each unit vector with the quaternion."""
    w, *v = item["pose"]
    axis = np.array(v)
    return np.stack([e + 2 * np.cross(axis, np.cross(axis, e) + w * e) for e in np.eye(3)], axis=1)


def _upward(row: Row, known: dict[str, str]) -> Any:
    """How steep the item's shortest, middle and longest own axes are, as cosines."""
    item = _only(row, known["item"])
    return np.abs(_axes(item)[2])[np.argsort(item["size_mm"], kind="stable")]


def _pose(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    short, middle, long = _upward(row, known)
    if long > 0.7:
        return next(option for option in options if "end" in option)
    words = "side" if any("side" in option for option in options) else "edge" if middle > short else "face"
    return next(option for option in options if words in option)


def _tilt(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    steep = _upward(row, known)
    if ROUND.search(known["item"]):
        angle = min(np.degrees(np.arcsin(min(1, steep[2]))), np.degrees(np.arccos(min(1, steep[2]))))
    else:
        angle = np.degrees(np.arccos(min(1, steep.max())))
    return next(option for option in options if ("tilted" in option) == (angle > 5))


def _octant(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    x, y, z = _middle(row, _only(row, known["item"]))
    border = float(re.findall(r"(\d+) mm", options[0])[0])
    words = ("right" if x > 0 else "left", "lower" if y > 0 else "upper", "above" if z > border else "below")
    return next(option for option in options if all(word in option for word in words))


def _quarter(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    item = _only(row, known["item"])
    x = sum(item["top_xyxy"][::2]) / row["top_width"]
    y = sum(item["side_xyxy"][1::2]) / row["side_height"]
    words = ("right" if x > 1 else "left", "lower" if y > 1 else "upper")
    return next(option for option in options if all(word in option for word in words))


def _height(row: Row, options: tuple[str, ...], said: dict[str, str], known: dict[str, str]) -> str:
    return _bin(float(_only(row, known["item"])["centre_mm"][2]), options)
