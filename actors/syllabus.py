"""What a model is taught from: the conversations of some versions with the views of their scans, by number.

    syllabus = Syllabus(store, lessons, scans, recipe, processor)
    syllabus.lengths, syllabus.supervised        # tokens of each sample, before any image is opened
    syllabus(17)                                 # the sample as tensors
    syllabus.rejected                            # (id, why): too long, no such scan, another scan by now

Samples are in the order of their ids, so a plan over them is the same wherever it is made. Images, and samples once they are tensors, stay in
memory as long as there is room (a small corpus is opened once); beyond that they are read from the version's files again. Where a
frozen tower's features of a sample's views are kept, its pixels are not, and nobody opens its images.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from torch import Tensor

from beltline.learning.encode import Draft, Encoded, draft, encode, too_long
from beltline.learning.features import Features
from beltline.learning.recipe import Recipe
from beltline.learning.samples import Shown, sample_of
from beltline.library import Library
from beltline.scan import VIEWS, Row
from beltline.store import Store
from beltline.verdict import KEPT, Reject
from beltline.version import read_files

SIZES = [name for view in VIEWS for name in (f"{view}_width", f"{view}_height", f"{view}_sha256")]
MOST_BYTES = 4 << 30
Needed = dict[int, tuple[Shown, ...]]


class Syllabus:
    """Samples by number.

    Args:
        store: of the versions.
        lessons: row files of versions of conversations.
        scans: row files of the versions of their scans.
        limit: at most so many samples, the first by id.
    """

    def __init__(
        self,
        store: Store,
        lessons: Sequence[str],
        scans: Sequence[str],
        recipe: Recipe,
        processor: Any,
        limit: int | None = None,
    ):
        self._processor = processor
        self.rejected: list[tuple[int, Reject]] = []
        self._drafts: list[Draft] = []
        self._views: list[tuple[Shown, ...]] = []
        self._scans: list[int] = []
        self._made: dict[int, Encoded] = {}
        self._room = MOST_BYTES
        self._grids: dict[str, Tensor] = {}
        self.features: Features | None = None
        """An engine's: what it keeps of views, nobody opens again."""
        sizes = Library(store, scans, ["id", "content", *SIZES]) if scans else None
        for row in _rows(store, lessons, recipe, limit):
            self._add(row, sizes, recipe)
        self._pictures = Pictures(store, scans, set(self._scans))

    def __len__(self) -> int:
        return len(self._drafts)

    @property
    def lengths(self) -> list[int]:
        return [one.num_tokens for one in self._drafts]

    @property
    def supervised(self) -> list[int]:
        return [one.num_supervised for one in self._drafts]

    def texts(self) -> Iterator[str]:
        """What is said, for a tokenizer to learn its words from."""
        for one in self._drafts:
            yield one.asked
            yield self._processor.tokenizer.decode(one.ids)

    def __call__(self, index: int) -> Encoded:
        """Made once and kept as long as there is room, so that a later epoch opens no image."""
        if (known := self._made.get(index)) is not None:
            return known
        drafted, views = self._drafts[index], self._views[index]
        if self._seen(views):
            made = encode(drafted, views, self._processor, self._grids)
        else:
            filled = [self._pictures.filled(self._scans[index], view) for view in views]
            made = encode(drafted, filled, self._processor)
            if made.grids is not None:
                self._grids.update(zip(made.images, made.grids, strict=True))
        self._hold(index, made)
        return made

    def _seen(self, views: Sequence[Shown]) -> bool:
        shown = tuple(view.sha256 for view in views)
        known = bool(shown) and all(view in self._grids for view in shown)
        return known and self.features is not None and self.features.has(shown)

    def _hold(self, index: int, made: Encoded) -> None:
        size = sum(value.numel() * value.element_size() for value in made.views.values())
        if size > self._room or (size and self.features is not None and self.features.kept):
            return  # what a frozen tower sees is kept by its features
        self._made[index], self._room = made, self._room - size

    def _add(self, row: Row, sizes: Library | None, recipe: Recipe) -> None:
        scan = _sized(row, sizes)
        if isinstance(scan, Reject):
            self.rejected.append((row["id"], scan))
            return
        sample = sample_of(row, scan, recipe)
        drafted = draft(sample, self._processor, recipe)
        verdict = too_long(drafted.num_tokens, recipe)
        if isinstance(verdict, Reject):
            self.rejected.append((row["id"], verdict))
            return
        self._drafts.append(drafted)
        self._views.append(sample.views)
        self._scans.append(row["scan"])


class Pictures:
    """Encoded images of scans: in memory as far as they fit, from their files beyond that."""

    def __init__(self, store: Store, paths: Sequence[str], wanted: set[int], most_bytes: int = MOST_BYTES):
        self._library = Library(store, paths, ["id", *VIEWS])
        self._held: dict[tuple[int, str], bytes] = {}
        for key, view, data in _images(store, paths, wanted):
            most_bytes -= len(data)
            if most_bytes < 0:
                break
            self._held[key, view] = data

    def filled(self, scan: int, view: Shown) -> Shown:
        """The view with its bytes."""
        data = self._held.get((scan, view.name)) or self._library.row(scan)[view.name]["bytes"]
        return Shown(view.name, data, view.size_wh, view.sha256)


def _images(store: Store, paths: Sequence[str], wanted: set[int]) -> Iterator[tuple[int, str, bytes]]:
    for path in paths:
        for row in read_files(store, [path], ["id", *VIEWS]).to_pylist():
            if row["id"] in wanted:
                yield from ((row["id"], view, row[view]["bytes"]) for view in VIEWS if row[view])


def _rows(store: Store, lessons: Sequence[str], recipe: Recipe, limit: int | None) -> list[Row]:
    """The kept conversations that the recipe wants, by id."""
    columns = ["id", "scan", "scan_content", "kind", "views", "turns", "status"]
    found: Iterable[Row] = read_files(store, list(lessons), columns).to_pylist()
    chosen = (row for row in found if row["status"] == KEPT and (recipe.kinds is None or row["kind"] in recipe.kinds))
    return sorted(chosen, key=lambda row: row["id"])[:limit]


def _sized(row: Row, sizes: Library | None) -> Row | Reject | None:
    """The scan's row without its images; None for a conversation without views."""
    if not row["views"]:
        return None
    try:
        if sizes is None:
            raise KeyError(row["scan"])
        scan = sizes.row(row["scan"])
    except KeyError:
        return Reject(
            "learning/no-scan", f"expected scan {row['scan']} in the versions of scans, found none of this id"
        )
    if row["scan_content"] not in (None, scan["content"]):
        return Reject("learning/stale", f"scan {row['scan']} has changed since the conversation was made")
    return scan
