"""Where an item is: in coarse words, and among four boxes (One 3.3, App. D.1).

The paper's distractors are perturbed boxes, each at an IoU of 0.25 to 0.75 with the true one (Algorithm 1). Made one by one they give
the truth away: it is the one in the middle of the others. The balanced rule makes four of a kind and lets any of them be the true one:
all have its size (a size would tell a category), every pair keeps to the band, and the pattern that they form is drawn before it is
known which of them is true. Only where all four lie within the bag, where items are about equally likely anywhere, are they asked for.

    four_alike((120.0, 300.0, 260.0, 420.0), rng)     # (4, 4) pixels, the true one first, and its rank by likeness to the others
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beltline import boxes
from beltline.exam.mm_sight import Sight, Thing, named
from beltline.exam.mm_wording import ABSENT, LOCATION_BOX, LOCATION_PLACE, PLACE_OPTIONS
from beltline.exam.tasks import Question
from beltline.labels import PLACES
from beltline.language.places import Box1000
from beltline.scan import Box

Ints = NDArray[np.int64]
BAND: Final = (0.25, 0.75)
SMALLEST: Final = 12
"""Thousandths: an item that is less wide or tall has no room for boxes that differ."""
RANKS: Final = ("likest", "second", "third", "least like")
SERIES: Final = 6
"""Strata of box questions per category, so that turns among the strata give boxes half of the exam (One D.1: 50 %)."""
NUM_ABSENT: Final = {"balanced": 4, "paper": 1}
_SPREAD: Final = 0.42
"""How far the four may lie from a common middle, in widths and heights."""
_DRAWS: Final = 512
_WALL: Final = 1 / 40
"""Of the bag's width and height, at each side: there nothing lies, and who knows it would know which box is none."""


def locations(sight: Sight) -> Iterator[Question]:
    """Both kinds, for every category of which there is just one, and words also for a few that are absent."""
    for category in sight.counts:
        thing = sight.alone(category)
        if thing is None:
            continue
        if thing.place is not None:
            yield _worded(sight, category, thing)
        yield from _boxed(sight, thing)
    for category in sight.absent()[: NUM_ABSENT[sight.rule]]:
        yield _worded(sight, category, None)


def _worded(sight: Sight, category: str, thing: Thing | None) -> Question:
    """Four places and none. Which place is left out is drawn by hash from those that are not the answer's."""
    others = [place for place in PLACES if thing is None or place != thing.place]
    left_out = sight.shuffled(others, "place", category)[0]
    places = [place for place in PLACES if place != left_out]
    none = ABSENT.format(**named(category))
    right = none if thing is None else PLACE_OPTIONS[str(thing.place)]
    options = [*(PLACE_OPTIONS[place] for place in places), none]
    words = {"kind": "place", "category": category}
    things = [] if thing is None else [thing]
    return sight.put("location", words, LOCATION_PLACE, options, right, say=named(category), things=things)


def _boxed(sight: Sight, thing: Thing) -> Iterator[Question]:
    rng = sight.rng("boxes", thing.item)
    if sight.rule == "paper":
        others = perturbed(thing.box, rng)
        found = None if others is None else ([thing.box, *others.tolist()], 0)
    else:
        found = _balanced(sight, thing, rng)
    if found is None:
        return
    options = [_text(box) for box in found[0]]
    words = {"kind": "box", "category": thing.category, "series": sight.number("series", thing.item) % SERIES}
    details = {"role": RANKS[found[1]], "roles": list(RANKS)}
    say = named(thing.category)
    yield sight.put("location", words, LOCATION_BOX, options, options[0], say=say, things=[thing], details=details)


def _balanced(sight: Sight, thing: Thing, rng: np.random.Generator) -> tuple[list[list[int]], int] | None:
    """Four boxes in thousandths, and the true one's rank; None where they do not all fit.

    One pattern is drawn, and none in its stead: who drew again until all fit would have the truth at the bag's rim more often than not.
    """
    drawn = four_alike(thing.xyxy, rng)
    if drawn is None:
        return None
    # shifted by whole pixels and rounded as the true one is, or its edges alone would be multiples of a pixel
    four = boxes.to_thousandths(drawn[0], (sight.scan.top.width, sight.scan.top.height))
    sizes, pairs = four[:, 2:] - four[:, :2], ~np.eye(4, dtype=bool)
    fits = sizes.min() >= SMALLEST and in_band(boxes.iou(four, four)[pairs]).all() and _within(four, sight.frame)
    return (four.tolist(), drawn[1]) if fits else None


def _within(four: Ints, frame: Box1000) -> bool:
    """Whether all lie in the part of the bag that has room for items."""
    corners = np.array(frame).reshape(2, 2)
    wall = (corners[1] - corners[0]) * _WALL
    return bool((four[:, :2] >= corners[0] + wall).all() and (four[:, 2:] <= corners[1] - wall).all())


def _text(box: Box1000 | list[int]) -> str:
    return f"[{', '.join(str(edge) for edge in box)}]"


def perturbed(box: Box1000, rng: np.random.Generator) -> Ints | None:
    """Three boxes, each perturbed on its own (One, Algorithm 1), shape (3, 4); None for a box too small for it."""
    found: list[list[int]] = []
    for _ in range(60):
        if min(box[2] - box[0], box[3] - box[1]) < SMALLEST or len(found) == 3:
            break
        one = np.rint(boxes.perturb(box, (1000, 1000), rng, BAND)).astype(np.int64)
        if in_band(boxes.iou(one[None], np.array(box)[None])).all() and one.tolist() not in found:
            found.append(one.tolist())
    return np.array(found) if len(found) == 3 else None


def four_alike(xyxy: Box, rng: np.random.Generator) -> tuple[NDArray[np.float64], int] | None:
    """Four boxes of one size of which any could be the true one, shape (4, 4), the true one first, shifted by whole pixels; and how many
    are more like the others (sum of IoU) than it is. None for a box too small to be shifted by so little.

    The four places are drawn alike, and the true one is one of them: so it has every rank equally often, by any measure.
    """
    size = np.rint(np.subtract(xyxy[2:], xyxy[:2])).astype(np.int64)
    places = np.rint(rng.uniform(-_SPREAD, _SPREAD, (_DRAWS, 4, 2)) * size).astype(np.int64)
    common, union = _overlaps(places, size)
    pairs = ~np.eye(4, dtype=bool)
    kept = ((4 * common >= union) & (4 * common <= 3 * union))[:, pairs].all(axis=1)  # the band, in whole numbers
    likeness = (common / np.maximum(union, 1)).sum(axis=-1)
    kept &= np.diff(np.sort(likeness), axis=1).min(axis=1) > 1e-6  # a tie would leave the rank to the order
    if not kept.any():
        return None
    first = int(kept.argmax())
    moved = np.tile(places[first] - places[first, 0], 2)
    return np.array(xyxy) + moved, int((likeness[first, 1:] > likeness[first, 0]).sum())


def in_band(iou: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (iou >= BAND[0]) & (iou <= BAND[1])


def _overlaps(places: Ints, size: Ints) -> tuple[Ints, Ints]:
    """Common area and union of every pair of boxes of a size, both (N, 4, 4), from their corners, (N, 4, 2)."""
    apart = np.abs(places[:, :, None] - places[:, None])
    common = np.clip(size - apart, 0, None).prod(axis=-1)
    return common, 2 * int(size.prod()) - common
