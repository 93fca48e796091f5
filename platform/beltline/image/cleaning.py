"""Gates before any word is written: size, boxes against masks, diversity, twins, balance (One 3.2 OnePipe; Dual 3.1 stage 1).

Gates on one scan answer with a Verdict and never drop it:

    verdict = first_reject([big_enough, boxes_match_masks, diverse], scan)

Gates over a whole set look at ids and hashes only, so they fit on one machine for a million scans, and give ties to the lowest id:

    twins = near_duplicates(ids, [(top_phash, side_phash), ...])        # {id: lowest id that looks the same}
    kept = balance(ids, [("gun", "axe"), ("gun",), ...], quota=1000)

Two scans look the same when their perceptual hashes differ in few bits under some flip or quarter turn. Measured on 45 real views:
JPEG down to quality 50, noise of 2 levels, 3 % darker, half size: at most 5 bits; trimmed or padded borders, flips and turns: 0; two
different views: at least 15. Composites share their background's pixels and may be twins of it by this measure: look for twins among
the sources, before composing.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from beltline import boxes, masks, pixels
from beltline.scan import VIEWS, Item, Scan, View
from beltline.verdict import KEEP, Reject, Verdict

MIN_SIDE_PX = 200
"""One 3.2: scans with a side below 200 px are discarded."""
MIN_BOX_IOU = 0.8
"""How well a box must fit the rectangle around its mask. Ours: the paper asks for consistency and gives no number."""
MIN_LEVELS = 16
"""Fewest grey levels of a scan that shows something; each on at least one pixel in 10,000. Ours: Dual names no measure."""
MAX_HASH_DISTANCE = 5
"""Bits; see the measurements above. Random hashes this near: about 3 pairs in a million scans."""

Hashes = NDArray[np.int64]
NO_CATEGORY = ""


def big_enough(scan: Scan, min_px: int = MIN_SIDE_PX) -> Verdict:
    """Both sides of every view have at least `min_px` pixels (One 3.2)."""
    for name, view in _views(scan):
        if min(view.width, view.height) < min_px:
            size = f"{name} view is {view.width}x{view.height} px"
            return Reject("clean/too-small", f"{size}; both sides must be at least {min_px} px")
    return KEEP


def boxes_match_masks(scan: Scan, min_iou: float = MIN_BOX_IOU) -> Verdict:
    """In every view a mask for each box, a box for each mask, and each box on its mask's rectangle (One 3.2: keeps counting honest).

    A scan with boxes and no masks at all is rejected: leave this gate out for sources without masks.
    """
    for name, view in _views(scan):
        for item in scan.items:
            verdict = _box_on_mask(
                name, view, item, getattr(item, f"{name}_xyxy"), getattr(item, f"{name}_mask"), min_iou
            )
            if isinstance(verdict, Reject):
                return verdict
    return KEEP


def diverse(scan: Scan, min_levels: int = MIN_LEVELS) -> Verdict:
    """Every view shows at least `min_levels` grey levels: an empty belt, a blank or a saturated scan teaches nothing (Dual 3.1)."""
    for name, view in _views(scan):
        grey = pixels.channel_min(pixels.decode(view.bytes))
        counts = np.asarray(cv2.calcHist([grey], [0], None, [256], [0, 256]))
        levels = int((counts * 10_000 >= grey.size).sum())
        if levels < min_levels:
            found = f"{name} view has {levels} grey levels"
            return Reject("clean/low-diversity", f"{found}; expected at least {min_levels}")
    return KEEP


def dihedral_hashes(phash: int) -> tuple[int, ...]:
    """Hashes of the eight flips and quarter turns of a view, from its own hash: as it is first, the four transposed ones last.

    A mirror negates every coefficient that is odd along its axis, a transpose swaps the axes. Only coefficients of
    exactly 0, as in a perfectly symmetric drawing, keep their bit where this predicts a change.
    """
    return tuple(int(value) for value in _dihedral(np.array([phash], np.int64))[:, 0])


def hash_distance(a: int, b: int) -> int:
    """Fewest differing bits, 0 to 63, between `b` and any flip or quarter turn of `a`; symmetric."""
    return int(_distances(np.array([a], np.int64), np.array([b], np.int64))[0])


def near_duplicates(
    ids: Sequence[int], hashes: Sequence[tuple[int, int | None]], *, max_distance: int = MAX_HASH_DISTANCE
) -> dict[int, int]:
    """For every id that has a twin with a lower id: the lowest such id.

    `hashes` holds the (top, side) perceptual hashes of each id. Twins have top hashes within `max_distance` bits of each other
    under a flip or turn, and side hashes as well where both have one. Exact: every pair within the distance is found. About linear in
    the number of ids (a million random ones: under a minute on one core up to distance 5).

    Raises:
        ValueError: ids repeat, the lengths differ, or the distance is not 0 to 11.
    """
    if len(set(ids)) != len(ids) or len(ids) != len(hashes):
        raise ValueError(
            f"near_duplicates: expected one hash pair per distinct id, found {len(ids)} ids, {len(hashes)} pairs"
        )
    if not 0 <= max_distance <= 11:
        raise ValueError(
            f"near_duplicates: expected a distance of 0 to 11 bits, found {max_distance}; unlike scans begin at 15"
        )
    if not len(ids):
        return {}
    order = np.argsort(np.asarray(ids, np.int64))
    tops = np.array([top for top, _ in hashes], np.int64)[order]
    sides = np.array([_NO_SIDE if side is None else side for _, side in hashes], np.int64)[order]
    # Equal hashes first: a thousand copies of one scan would otherwise be half a million pairs.
    _, first, group = np.unique(np.stack([tops, sides]), axis=1, return_index=True, return_inverse=True)
    ranks = np.sort(first)
    best = ranks[_lowest_neighbours(tops[ranks], sides[ranks], max_distance)]
    twin = best[np.searchsorted(ranks, first[group.ravel()])]
    in_order = [int(ids[place]) for place in order]
    return {
        key: in_order[lowest]
        for rank, (key, lowest) in enumerate(zip(in_order, twin.tolist(), strict=True))
        if lowest < rank
    }


def balance(ids: Sequence[int], categories: Sequence[Sequence[str]], quota: int) -> set[int]:
    """The ids to keep so that no category takes more than it needs: going up the ids, a scan stays while one of its categories
    has been kept fewer than `quota` times (One 3.2: balanced classes). Scans without a category are a class of their own.

    Categories that travel with a rarer one may exceed the quota; a scan is never kept for full categories alone.

    Raises:
        ValueError: the quota is negative, or the lengths differ.
    """
    if quota < 0 or len(ids) != len(categories):
        raise ValueError(
            f"balance: expected a quota of 0 or more and categories for each id, found {quota}, {len(ids)} ids, {len(categories)} lists"
        )
    counts: dict[str, int] = {}
    kept = set()
    for key, names in sorted(zip(ids, categories, strict=True), key=lambda pair: pair[0]):
        distinct = set(names) or {NO_CATEGORY}
        if any(counts.get(name, 0) < quota for name in distinct):
            kept.add(key)
            counts.update({name: counts.get(name, 0) + 1 for name in distinct})
    return kept


_NO_SIDE = -1  # a hash has 63 bits and is never negative
_NUM_BANDS, _BAND_BITS = 3, 21
_MOST_PAIRS = 1 << 22
_ODD_U = sum(1 << (place - 1) for place in range(1, 64) if place % 2)
_ODD_V = sum(1 << (place - 1) for place in range(1, 64) if place // 8 % 2)


def _views(scan: Scan) -> Iterator[tuple[str, View]]:
    return ((name, view) for name in VIEWS if (view := getattr(scan, name)) is not None)


def _box_on_mask(
    name: str, view: View, item: Item, box: tuple[float, ...] | None, runs: tuple[int, ...] | None, min_iou: float
) -> Verdict:
    if box is None and runs is None:
        return KEEP
    what = f"item {item.item} ({item.category}), {name} view"
    if box is None or runs is None:
        return Reject("clean/box-count", f"{what}: expected a box and a mask, found only one of them")
    try:
        around = masks.bounds(masks.decode(runs, (view.width, view.height)))
    except ValueError as error:
        return Reject("clean/bad-mask", f"{what}: {error}")
    overlap = 0.0 if around is None else float(boxes.iou([box], [around])[0, 0])
    if overlap < min_iou:
        found = f"found {overlap:.2f} with {around}"
        return Reject(
            "clean/box-off-mask", f"{what}: expected its box to meet its mask's rectangle with IoU {min_iou}, {found}"
        )
    return KEEP


def _dihedral(hashes: Hashes) -> Hashes:
    """(8, n): unchanged, mirrored along x, along y, along both; the same four transposed."""
    turned = np.zeros_like(hashes)
    for place in range(1, 64):
        v, u = divmod(place, 8)
        turned |= ((hashes >> (place - 1)) & 1) << (8 * u + v - 1)
    return np.stack([base ^ flip for base in (hashes, turned) for flip in (0, _ODD_U, _ODD_V, _ODD_U ^ _ODD_V)])


def _distances(a: Hashes, b: Hashes) -> NDArray[np.uint8]:
    """hash_distance of (n,) and (n,), element by element."""
    return np.bitwise_count(_dihedral(a) ^ b).min(axis=0)


def _lowest_neighbours(tops: Hashes, sides: Hashes, max_distance: int) -> NDArray[np.int64]:
    """For each place the lowest place whose hashes are within the distance; itself when there is none.

    Hashes that differ in at most d bits differ in at most d // 3 bits in one of three bands (pigeonhole): every hash is filed
    under each of its bands, and looked up, in its eight orientations, under all bands that near.
    """
    best = np.arange(len(tops))
    variants = _dihedral(tops)
    low = (1 << _BAND_BITS) - 1
    near = [
        sum(1 << bit for bit in bits)
        for size in range(max_distance // _NUM_BANDS + 1)
        for bits in combinations(range(_BAND_BITS), size)
    ]
    for shift in range(0, _NUM_BANDS * _BAND_BITS, _BAND_BITS):
        filed = (tops >> shift) & low
        order = np.argsort(filed, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(filed, minlength=low + 1))])
        for variant in variants:
            keys = (variant >> shift) & low
            for change in near:
                for place, other in _pairs(keys ^ change, order, starts):
                    close = np.bitwise_count(variant[place] ^ tops[other]) <= max_distance
                    place, other = place[close], other[close]
                    same = _sides_match(sides[place], sides[other], max_distance)
                    np.minimum.at(best, place[same], other[same])
    return best


def _pairs(
    keys: Hashes, order: NDArray[np.int64], starts: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(place, other) for every other < place that is filed under the place's key, in chunks of about _MOST_PAIRS."""
    begin, counts = starts[keys], starts[keys + 1] - starts[keys]
    places = np.flatnonzero(counts)
    totals = np.cumsum(counts[places])
    cuts = np.searchsorted(totals, np.arange(_MOST_PAIRS, int(totals[-1]) if len(totals) else 0, _MOST_PAIRS))
    for chunk in np.split(places, np.unique(cuts)):
        number = counts[chunk]
        place = np.repeat(chunk, number)
        within = np.arange(len(place)) - np.repeat(np.cumsum(number) - number, number)
        other = order[np.repeat(begin[chunk], number) + within]
        lower = other < place
        yield place[lower], other[lower]


def _sides_match(a: Hashes, b: Hashes, max_distance: int) -> NDArray[np.bool_]:
    return (a == _NO_SIDE) | (b == _NO_SIDE) | (_distances(a, b) <= max_distance)
