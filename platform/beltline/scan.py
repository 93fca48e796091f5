"""What travels: a Scan has one or two views, and items in them.

Rows are plain Arrow columns with encoded image bytes, never pickled objects or float tensors, so that Ray Data can project,
filter and write them, and so that any other tool can read a version. `Scan.row()` writes one, `Scan.of(row)` reads it back.

Units and conventions, everywhere in Beltline:
    boxes      `xyxy`, pixels of the stored view, x to the right, y down, the right and lower edge exclusive
    masks      COCO run lengths over the whole view (see masks.py)
    lengths    millimetres; `centre_mm` is (along the belt, across the belt, above the belt)
    belt       runs along image x in both views: an item has the same x-range in the top and the side view
    identity   `item` is the same number in both views; `group` is the bag, the unit of every split
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

Box = tuple[float, float, float, float]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One image of a bag, encoded as PNG or JPEG, RGB, 8 bit."""

    bytes: bytes
    path: str
    """Where it came from, relative to the source's folder; for made views a file name that fits."""
    width: int
    height: int
    sha256: str
    """Of the decoded pixels when lossless, of the encoded bytes when lossy (pixels.fingerprint)."""
    phash: int
    """63-bit perceptual hash of the content inside its white border (pixels.perceptual_hash)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing in the bag. What a view does not show, or a source does not say, is None."""

    item: int
    category: str
    """Canonical name of labels.py."""
    top_xyxy: Box | None = None
    side_xyxy: Box | None = None
    top_mask: tuple[int, ...] | None = None
    side_mask: tuple[int, ...] | None = None
    top_visible: float | None = None
    """Share of the mask's pixels in which removing the item changes the view visibly, 0 to 1."""
    side_visible: float | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    centre_mm: tuple[float, float, float] | None = None
    size_mm: tuple[float, float, float] | None = None
    pose: tuple[float, float, float, float] | None = None
    """Unit quaternion (w, x, y, z) from the item's own axes to the tunnel's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A bag's scan. `id` seeds everything random about it."""

    id: int
    group: str
    source: str
    source_id: str
    licence: str
    top: View
    side: View | None = None
    items: tuple[Item, ...] = ()
    mm_per_px: float | None = None
    """Scale of the views, as the source declares it; None when it does not."""
    container: str | None = None
    density: str | None = None
    """How full the bag is: sparse, medium or dense (image/cutouts.py); None when not measured."""
    notes: tuple[str, ...] = ()
    """What a reader mended, one sentence each (\"box clipped to the view\")."""

    def row(self) -> Row:
        """The scan as a row of `SCHEMA`, without status columns."""
        return {
            "id": self.id,
            "group": self.group,
            "source": self.source,
            "source_id": self.source_id,
            "licence": self.licence,
            "mm_per_px": self.mm_per_px,
            "container": self.container,
            "density": self.density,
            "notes": list(self.notes),
            "items": [_item_row(item) for item in self.items],
            **_view_columns("top", self.top),
            **_view_columns("side", self.side),
        }

    @classmethod
    def of(cls, row: Row) -> "Scan":
        """The scan of a row of `SCHEMA`; further columns are ignored.

        Raises:
            ValueError: the row has no top view (a rejected row may lack it).
        """
        top = _view_of("top", row)
        if top is None:
            raise ValueError(f"row {row.get('id')}: expected a top view, found none; is this a rejected row?")
        plain = {name: row[name] for name in _PLAIN}
        items = tuple(_item_of(item) for item in row["items"] or ())
        return cls(top=top, side=_view_of("side", row), items=items, notes=tuple(row["notes"] or ()), **plain)


VIEWS = ("top", "side")

_PLAIN = ("id", "group", "source", "source_id", "licence", "mm_per_px", "container", "density")
_doubles, _text = pa.list_(pa.float64()), pa.string()
ITEM_TYPE = pa.struct(
    [
        ("item", pa.int32()),
        ("category", _text),
        ("top_xyxy", _doubles),
        ("side_xyxy", _doubles),
        ("top_mask", pa.list_(pa.int32())),
        ("side_mask", pa.list_(pa.int32())),
        ("top_visible", pa.float64()),
        ("side_visible", pa.float64()),
        ("attributes", _text),  # canonical JSON object: parquet maps come back as lists of pairs
        ("centre_mm", _doubles),
        ("size_mm", _doubles),
        ("pose", _doubles),
    ]
)
IMAGE_TYPE = pa.struct([("bytes", pa.binary()), ("path", _text)])  # Hugging Face's Image feature


def _view_fields(view: str) -> list[pa.Field]:
    numbers = [pa.field(f"{view}_{name}", pa.int32()) for name in ("width", "height")]
    hashes = [pa.field(f"{view}_sha256", _text), pa.field(f"{view}_phash", pa.int64())]
    return [pa.field(view, IMAGE_TYPE), *numbers, *hashes]


SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), False),
        pa.field("group", _text),
        pa.field("source", _text),
        pa.field("source_id", _text),
        pa.field("licence", _text),
        pa.field("mm_per_px", pa.float64()),
        pa.field("container", _text),
        pa.field("density", _text),
        pa.field("notes", pa.list_(_text)),
        pa.field("items", pa.list_(ITEM_TYPE)),
        *_view_fields("top"),
        *_view_fields("side"),
    ]
)


def scan_id(source: str, source_id: str | int) -> int:
    """63 bits of sha256 over (source, source_id): adding a file to a source shifts no other scan's id."""
    digest = hashlib.sha256(f"{source}\0{source_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces, no NaN: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_hash(row: Row) -> str:
    """sha256 of a row's content: the views' fingerprints and the canonical JSON of the rest.

    Encoded bytes and paths stay out: the same pixels in another PNG, or under another name, are the same content.
    `row` and `content`, which place the row in a run, stay out as well.
    """
    rest = {name: value for name, value in row.items() if name not in (*VIEWS, "row", "content")}
    return hashlib.sha256(canonical_json(rest).encode()).hexdigest()


def _view_columns(view: str, value: View | None) -> Row:
    if value is None:
        return {name: None for name in (view, *(f"{view}_{part}" for part in ("width", "height", "sha256", "phash")))}
    numbers = {"width": value.width, "height": value.height, "sha256": value.sha256, "phash": value.phash}
    image = {"bytes": value.bytes, "path": value.path}
    return {view: image, **{f"{view}_{name}": number for name, number in numbers.items()}}


def _view_of(view: str, row: Row) -> View | None:
    image = row[view]
    if image is None or image["bytes"] is None:
        return None
    numbers = {name: row[f"{view}_{name}"] for name in ("width", "height", "sha256", "phash")}
    return View(bytes=image["bytes"], path=image["path"], **numbers)


_LISTS = ("top_xyxy", "side_xyxy", "top_mask", "side_mask", "centre_mm", "size_mm", "pose")


def _item_row(item: Item) -> Row:
    row = {name: getattr(item, name) for name in ITEM_TYPE.names}
    lists = {name: None if row[name] is None else list(row[name]) for name in _LISTS}
    return {**row, **lists, "attributes": canonical_json(item.attributes)}


def _item_of(row: Row) -> Item:
    lists = {name: None if row[name] is None else tuple(row[name]) for name in _LISTS}
    return Item(**{**row, **lists, "attributes": json.loads(row["attributes"] or "{}")})
