"""Where an item is: in coarse words, and among four boxes (One 3.3, App. D.1).

The paper's distractors are perturbed boxes, each at an IoU of 0.25 to 0.75 with the true one (Algorithm 1). Made one by one they give
the truth away: it is the one in the middle of the others. The balanced rule draws all four around one hidden box, so that any of them could
be the true one: every pair keeps to the band, all have the size of the truth (a size would tell a category), and the truth's rank by
likeness to the others, and by distance from the image's centre, is drawn beforehand.

    distractors((120, 300, 260, 420), rng, rank=2, depth=0)     # (3, 4) thousandths
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

Ints = NDArray[np.int64]
BAND: Final = (0.25, 0.75)
SMALLEST: Final = 12
"""Thousandths: an item that is less wide or tall has no room for boxes that differ."""
RANKS: Final = ("likest", "second", "third", "least like")
SERIES: Final = 6
"""Strata of box questions per category, so that turns among the strata give boxes half of the exam (One D.1: 50 %)."""
NUM_ABSENT: Final = {"balanced": 4, "paper": 1}
_SPREAD: Final = 0.42
"""How far the four may lie from the hidden box, in widths and heights."""


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
    rank = sight.number("rank", thing.item) % len(RANKS)
    rng = sight.rng("boxes", thing.item)
    if sight.rule == "paper":
        found = perturbed(thing.box, rng)
    else:
        found = distractors(thing.box, rng, rank=rank, depth=sight.number("depth", thing.item) % 4)
    if found is None:
        return
    options = [_text(box) for box in (thing.box, *found.tolist())]
    words = {"kind": "box", "category": thing.category, "series": sight.number("series", thing.item) % SERIES}
    details = {"role": RANKS[rank], "roles": list(RANKS)}
    say = named(thing.category)
    yield sight.put("location", words, LOCATION_BOX, options, options[0], say=say, things=[thing], details=details)


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


def distractors(box: Box1000, rng: np.random.Generator, *, rank: int, depth: int, tries: int = 24) -> Ints | None:
    """Three boxes that with the true one make four of a kind, shape (3, 4); None where there is no room for them.

    Args:
        box: the true one, thousandths.
        rank: how many of the four are to be more like the others (sum of IoU) than the true one.
        depth: how many are to lie nearer to the image's centre.
    """
    size = np.array([box[2] - box[0], box[3] - box[1]])
    if size.min() < SMALLEST:
        return None
    for _ in range(tries):
        four = _fours(box, size, rng)
        likeness = _likeness(four, size)
        fits = _rank(-likeness) == rank
        fits &= _rank(_from_centre(four)) == depth
        fits &= np.abs(likeness[:, 1:] - likeness[:, :1]).min(axis=1) > 1e-6  # a tie would be broken by the order
        if fits.any():
            return four[int(fits.argmax()), 1:]
    return None


def in_band(iou: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (iou >= BAND[0]) & (iou <= BAND[1])


def _fours(box: Box1000, size: Ints, rng: np.random.Generator) -> Ints:
    """(N, 4, 4) sets of boxes of one size, the true one first, within the view, every pair in the band."""
    away = rng.uniform(-_SPREAD, _SPREAD, (512, 4, 2)) * size
    offset = np.rint(away - away[:, :1]).astype(np.int64)
    four = np.array(box) + np.concatenate([offset, offset], axis=-1)
    inside = ((four >= 0) & (four <= 1000)).all(axis=(1, 2))
    common, union = _overlaps(four, size)
    pairs = ~np.eye(4, dtype=bool)
    kept = ((4 * common >= union) & (4 * common <= 3 * union))[:, pairs].all(axis=1)  # the band, in whole numbers
    return four[inside & kept]


def _overlaps(four: Ints, size: Ints) -> tuple[Ints, Ints]:
    """Common area and union of every pair, both (N, 4, 4)."""
    apart = np.abs(four[:, :, None, :2] - four[:, None, :, :2])
    common = np.clip(size - apart, 0, None).prod(axis=-1)
    return common, 2 * int(size.prod()) - common


def _likeness(four: Ints, size: Ints) -> NDArray[np.float64]:
    """Sum of the IoU with the three others, (N, 4)."""
    common, union = _overlaps(four, size)
    return (common / union).sum(axis=-1)


def _from_centre(four: Ints) -> Ints:
    """Squared distance from the image's centre, (N, 4)."""
    return ((four[..., :2] + four[..., 2:] - 1000) ** 2).sum(axis=-1)


def _rank(values: NDArray[np.float64] | Ints) -> Ints:
    """How many of the others have less than the first, (N,)."""
    return (values[:, 1:] < values[:, :1]).sum(axis=1)
