"""One scan as a source lists it, before any image is opened; and what a reader of a format is.

A reader only finds: `Reader.find(root)` yields entries from file names and annotation files. `survey.survey` makes the list
complete and safe, `survey.load` opens the images of one entry. An entry is plain text (`json`, `of`), so that a list of
them can be a column of a table and each can be loaded on another machine that sees the same folder.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from beltline.scan import Item, canonical_json
from beltline.verdict import BadRow, Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A scan to be, or a file that is none (`reject` says why). Paths are posix, relative to the source's folder."""

    source_id: str
    group: str
    """The bag."""
    top: str
    """'' when there is no image."""
    side: str | None = None
    items: tuple[Item, ...] = ()
    box_scale: float | None = None
    """What the view's full width and height are in the boxes' numbers (1 in YOLO, 100 in STING-BEE); None: pixels."""
    mask: str | None = None
    """Label mask of the top view; `Reader.mask_categories` says what its values mean."""
    container: str | None = None
    notes: tuple[str, ...] = ()
    reject: Reject | None = None
    uses: tuple[str, ...] = ()
    """Further files that this entry was read from: its annotations."""

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that this entry accounts for."""
        return tuple(path for path in (self.top, self.side, self.mask, *self.uses) if path)

    def json(self) -> str:
        """Canonical JSON; `Entry.of` reads it back."""
        return canonical_json({name: value for name, value in asdict(self).items() if value not in (None, (), "")})

    @classmethod
    def of(cls, text: str) -> "Entry":
        """The entry of `json`."""
        row = {"group": "", "top": "", "source_id": "", **json.loads(text)}
        reject = Reject(**row.pop("reject")) if "reject" in row else None
        items = tuple(_item(item) for item in row.pop("items", ()))
        return cls(reject=reject, items=items, **{name: _tupled(value) for name, value in row.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How a public format is read."""

    name: str
    """The scans' `source`; also the key of `READERS` and of `labels.SETS`."""
    licence: str
    """As stated by the set's authors; goes into every row."""
    mm_per_px: float
    """Our assumption of the scale at native resolution: no public set states one (`dataclasses.replace` to override)."""
    find: Callable[[Path], Iterator[Entry]]
    where: str
    """Where a user gets the data, and the layout expected."""
    native_width_px: int | None = None
    """Width of the set's own images where all are alike: a smaller copy has proportionally larger pixels."""
    mask_categories: tuple[tuple[int, str], ...] = ()
    """(pixel value, category) of the label masks."""


@dataclass(frozen=True, slots=True)
class Finder:
    """A family's `find` for one set of it: `Finder(coco.find, "pidray")`. Unlike a partial it equals itself after a journey."""

    family: Callable[[Path, str], Iterator[Entry]]
    source: str

    def __call__(self, root: Path) -> Iterator[Entry]:
        return self.family(root, self.source)


def attempt(make: Callable[[], Entry], fallback: Entry) -> Entry:
    """`make()`, or `fallback` with the reason why that could not be made."""
    try:
        return make()
    except BadRow as error:
        return replace(fallback, reject=error.verdict)


def refused(path: str, reject: Reject) -> Entry:
    """The entry of a file that is no scan."""
    return Entry(source_id=path, group=path, top="", reject=reject, uses=(path,))


def _item(row: dict[str, Any]) -> Item:
    return Item(**{name: _tupled(value) for name, value in row.items()})


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
