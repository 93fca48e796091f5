"""What an exam shares with the lesson that a model was taught: bags, origins of composites, images, near images, wordings.

    found = scan_leaks(exam_table, lesson_table)              # columns of `COLUMNS`; image bytes are never read
    found += text_leaks(questions, captions)
    counts(found)                                             # {"group": 3, "origin": 0, ...}

Hashes do not see the other view of a bag, or the bag turned about: the group comes first, images second. Composites carry the bags
that their pieces were cut from (`origin_group` of an item), which must not stand on both sides either.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from beltline.exam.blind import words_of
from beltline.exam.tasks import Question
from beltline.image.cleaning import MAX_HASH_DISTANCE, dihedral_hashes
from beltline.scan import VIEWS

COLUMNS: Final = (
    "id",
    "group",
    "items.list.element.attributes",
    *(f"{view}_{kind}" for view in VIEWS for kind in ("sha256", "phash")),
)
"""What to read of a version of scans, as Parquet names it."""
KINDS: Final = ("group", "origin", "image", "near image", "text")
WORDS = 8
MIN_SHARE = 0.8
"""A question of whose word eight-grams so many stand in the lesson is a leak of text."""
_PAIRS = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One scan or question of the exam, one way in which the lesson holds it too."""

    kind: str
    """One of `KINDS`."""
    exam: int
    """Id of the exam's scan, or of its question for a leak of text."""
    lesson: int | None
    """Lowest id of the lesson's scans that share it; None for text."""
    what: str
    """What is shared."""
    num: int = 1
    """Scans of the lesson that share it."""


def scan_leaks(exam: pa.Table, lesson: pa.Table, *, max_distance: int = MAX_HASH_DISTANCE) -> list[Leak]:
    """Every scan of the exam that the lesson holds too, by each kind; sorted by kind and id.

    Args:
        exam: scans, with the columns of `COLUMNS` (`items` may hold more).
        lesson: the same of the lesson.
        max_distance: bits of 63 by which the hashes of near images may differ, under any flip or turn.

    Raises:
        ValueError: a column is missing.
    """
    for name, table in (("exam", exam), ("lesson", lesson)):
        missing = {"id", "group", "items", *COLUMNS[3:]} - set(table.column_names)
        if missing:
            raise ValueError(
                f"scan_leaks: expected the columns {COLUMNS} of the {name}, found none of {sorted(missing)}"
            )
    found = [*_bags(exam, lesson), *_images(exam, lesson), *_near(exam, lesson, max_distance)]
    return sorted(found, key=lambda leak: (KINDS.index(leak.kind), leak.exam, leak.what))


def text_leaks(
    exam: Iterable[Question], lesson: Iterable[str], *, words: int = WORDS, min_share: float = MIN_SHARE
) -> list[Leak]:
    """Questions whose wording stands in the lesson's texts; of the options those count that are as long as a gram."""
    asked = list(exam)
    found = zip(asked, _seen([_wording(question, words) for question in asked], lesson), strict=True)
    leaks = [
        Leak(kind="text", exam=question.id, lesson=None, what=f"{share:.0%} of its words: {question.question[:80]}")
        for question, share in found
        if share >= min_share
    ]
    return sorted(leaks, key=lambda leak: leak.exam)


def shares(texts: Sequence[str], lesson: Iterable[str], *, words: int = WORDS) -> list[float]:
    """Of each text the share of its word n-grams that stand in any text of the lesson, 0 to 1.

    Case and punctuation do not count. A text of fewer words is one gram by itself, found as a run of words; an empty one has 0.
    """
    return _seen([_grams(words_of(text), words) for text in texts], lesson)


def counts(leaks: Iterable[Leak]) -> dict[str, int]:
    """Scans or questions of the exam by kind of leak; every kind is there."""
    found = Counter(kind for kind, _ in {(leak.kind, leak.exam) for leak in leaks})
    return {kind: found[kind] for kind in KINDS}


def _seen(grams: Sequence[set[tuple[str, ...]]], lesson: Iterable[str]) -> list[float]:
    """Share of each set of grams that stands in the lesson, which is read once."""
    wanted = {gram for own in grams for gram in own}
    seen: set[tuple[str, ...]] = set()
    lengths = {len(gram) for gram in wanted}
    for text in set(lesson):
        said = words_of(text)
        for length in lengths:
            seen.update(gram for gram in _grams(said, length) if gram in wanted)
    return [sum(gram in seen for gram in own) / max(1, len(own)) for own in grams]


def _wording(question: Question, words: int) -> set[tuple[str, ...]]:
    said = [words_of(text) for text in (question.question, *question.options)]
    long = (_grams(option, words) for option in said[1:] if len(option) >= words)
    return _grams(said[0], words).union(*long)


def _grams(words: Sequence[str], num: int) -> set[tuple[str, ...]]:
    if len(words) < num:
        return {tuple(words)} - {()}
    return {tuple(words[start : start + num]) for start in range(len(words) - num + 1)}


def _bags(exam: pa.Table, lesson: pa.Table) -> Iterator[Leak]:
    """By the bag itself, and by a bag that either side's composites took a piece from."""
    own, origins = _holders(_groups(lesson)), _holders(_origins(lesson))
    for key, group in _groups(exam):
        yield from _shared("group", key, group, own)
        yield from _shared("origin", key, group, origins)
    for key, group in set(_origins(exam)):
        merged = {group: sorted({*own.get(group, ()), *origins.get(group, ())})}
        yield from _shared("origin", key, group, merged)


def _shared(kind: str, key: int, value: str, holders: dict[str, list[int]]) -> Iterator[Leak]:
    if found := holders.get(value):
        yield Leak(kind=kind, exam=key, lesson=found[0], what=value, num=len(found))


def _groups(table: pa.Table) -> list[tuple[int, str]]:
    return list(zip(table["id"].to_pylist(), table["group"].to_pylist(), strict=True))


def _origins(table: pa.Table) -> list[tuple[int, str]]:
    """(scan, bag) of every piece whose origin is another bag than the scan's own."""
    found = []
    rows = zip(table["id"].to_pylist(), table["group"].to_pylist(), table["items"].to_pylist(), strict=True)
    for key, group, items in rows:
        named = {json.loads(item["attributes"] or "{}").get("origin_group") for item in items or ()}
        found += [(key, origin) for origin in sorted(named - {None, group})]
    return found


def _holders(pairs: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    """Value -> sorted ids of the scans that have it."""
    found: dict[str, set[int]] = defaultdict(set)
    for key, value in pairs:
        found[value].add(key)
    return {value: sorted(keys) for value, keys in found.items()}


def _views(table: pa.Table, kind: str) -> list[tuple[int, str, str | int]]:
    """(scan, view, fingerprint) of every view that there is."""
    return [
        (key, view, value)
        for view in VIEWS
        for key, value in zip(table["id"].to_pylist(), table[f"{view}_{kind}"].to_pylist(), strict=True)
        if value is not None
    ]


def _images(exam: pa.Table, lesson: pa.Table) -> Iterator[Leak]:
    holders = _holders((key, str(value)) for key, _, value in _views(lesson, "sha256"))
    for key, view, value in _views(exam, "sha256"):
        for leak in _shared("image", key, str(value), holders):
            yield Leak(kind="image", exam=key, lesson=leak.lesson, what=f"{view} view {str(value)[:12]}", num=leak.num)


def _near(exam: pa.Table, lesson: pa.Table, max_distance: int) -> Iterator[Leak]:
    """Views of either kind against views of either kind; a blank view (hash 0) is near to nothing."""
    asked = [view for view in _views(exam, "phash") if view[2]]
    taught = [view for view in _views(lesson, "phash") if view[2]]
    ids, hashes = (np.array([view[place] for view in taught], np.int64) for place in (0, 2))
    for (key, view, _), near, distance in zip(asked, *_nearest(asked, hashes, max_distance), strict=True):
        if len(near):
            holders = np.unique(ids[near])
            what = f"{view} view, {distance} bits apart"
            yield Leak(kind="near image", exam=key, lesson=int(holders[0]), what=what, num=len(holders))


def _nearest(
    asked: Sequence[tuple[int, str, str | int]], hashes: NDArray[np.int64], most: int
) -> tuple[list[NDArray[np.int64]], list[int]]:
    """Per view asked: places of the hashes within `most` bits under any flip or turn, and the fewest bits."""
    near, bits = [], []
    step = max(1, _PAIRS // (8 * max(1, len(hashes))))
    for start in range(0, len(asked), step):
        turned = np.array([dihedral_hashes(int(value)) for _, _, value in asked[start : start + step]], np.int64)
        distances = np.bitwise_count(turned[:, :, None] ^ hashes).min(axis=1)
        near += [np.flatnonzero(row <= most) for row in distances]
        bits += [int(row.min(initial=64)) for row in distances]
    return near, bits
