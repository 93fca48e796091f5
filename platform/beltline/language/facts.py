"""What the metadata says of a scan: the one list of facts that describers are told and screens check against.

A fact has a stable key, so that what a caption leaves out can be named: "item/2/category", "item/2/top/place", "count/gun",
"overlap/top/1-2". A fact that is not certain is not a fact: a place is asserted only away from the borders between places,
a colour only where most of the item's pixels agree.

    facts = facts_of(scan)
    facts.keys()                    # ("view/top", "container", "count/gun", "item/1/category", ...)
    Facts.of(facts.json()) == facts
"""

from collections import Counter
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from beltline import masks, pixels
from beltline.language import colours
from beltline.language.places import Box1000, Place, area, frames_of, place_of, thousandths
from beltline.scan import VIEWS, Box, Item, Scan, View, canonical_json

Sight = Literal["clear", "partly hidden", "heavily occluded"]
Size = Literal["small", "medium", "large"]
Profile = Literal["flat", "upright"]
OVERLAP_IOM = 0.3
CLEAR_FROM, PARTLY_FROM = 0.85, 0.5
SMALL_BELOW, LARGE_FROM = 0.02, 0.12
"""Shares of the frame's area."""
FLAT_BELOW, UPRIGHT_FROM = 0.4, 1.5
"""Height in the side view by the longer edge in the top view, both in pixels of one scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How one view shows an item."""

    box: Box1000
    """[0, 1000] of the view."""
    place: Place | None = None
    """Where in the frame (what holds the items); None when it is not clear-cut."""
    size: Size = "medium"
    sight: Sight | None = None
    """How much of it is visible; None when the source does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """What is known of one item."""

    item: int
    category: str
    top: Seen | None = None
    side: Seen | None = None
    colour: str | None = None
    """One of labels.COLOURS, measured; None when the pixels do not agree on one."""
    material: str | None = None
    pose: str | None = None
    profile: Profile | None = None
    """What only the two boxes together show: lies flat, or stands upright."""

    def seen(self, view: str) -> Seen | None:
        return self.top if view == "top" else self.side


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the metadata says of a scan."""

    views: tuple[str, ...]
    container: str | None = None
    density: str | None = None
    items: tuple[ItemFacts, ...] = ()
    overlaps: tuple[tuple[str, int, int], ...] = ()
    """(view, item, item) with an intersection over the smaller box above 0.3 (Dual 3.1.1)."""
    top_frame: Box1000 = (0, 0, 1000, 1000)
    side_frame: Box1000 = (0, 0, 1000, 1000)
    """The part of the view that the bag fills: places are told relative to it."""

    def json(self) -> str:
        """Canonical JSON; `Facts.of` reads it back."""
        return canonical_json(asdict(self))

    @classmethod
    def of(cls, text: str) -> "Facts":
        """The facts of `json()`.

        Raises:
            ValueError: the text is not such JSON (pydantic names the field).
        """
        return _adapter().validate_json(text)

    def counts(self, view: str | None = None) -> dict[str, int]:
        """Items per category, of the bag or of those that a view shows."""
        return dict(Counter(i.category for i in self.items if view is None or i.seen(view) is not None))

    def frame(self, view: str) -> Box1000:
        return self.top_frame if view == "top" else self.side_frame

    def keys(self) -> tuple[str, ...]:
        """Every fact's key, the denominator of a caption's coverage. Size and profile are readings of boxes that are
        counted already, so they have none."""
        bag = [f"view/{view}" for view in self.views]
        bag += [name for name in ("container", "density") if getattr(self, name) is not None]
        bag += [f"count/{category}" for category in self.counts()] or ["items/none"]
        each = [key for item in self.items for key in _item_keys(item)]
        return (*bag, *each, *(f"overlap/{view}/{a}-{b}" for view, a, b in self.overlaps))


def facts_of(scan: Scan, *, colour_lead_percent: int = 0) -> Facts:
    """The facts of a scan. Decodes the views, to see where the bag lies and what colour its items have.

    Args:
        colour_lead_percent: by how many of an item's pixels its commonest colour must lead, or it has none (colours.measure).

    Raises:
        BadRow: a view's bytes are no image, or an item's box lies outside its view.
    """
    shown: dict[str, View] = {view: getattr(scan, view) for view in VIEWS if getattr(scan, view) is not None}
    rgbs = {view: pixels.decode(value.bytes) for view, value in shown.items()}
    frames = frames_of(rgbs)
    items = tuple(_item_facts(item, rgbs, frames, colour_lead_percent) for item in scan.items)
    return Facts(
        views=tuple(shown),
        container=scan.container,
        density=scan.density,
        items=items,
        overlaps=overlaps_of(items),
        top_frame=frames["top"],
        side_frame=frames.get("side", (0, 0, 1000, 1000)),
    )


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Facts]:
    return TypeAdapter(Facts)


def _item_keys(item: ItemFacts) -> list[str]:
    keys = ["category", *(name for name in ("colour", "material", "pose") if getattr(item, name) is not None)]
    for view in VIEWS:
        if (seen := item.seen(view)) is not None:
            keys += [
                f"{view}/box",
                *(f"{view}/{name}" for name in ("place", "sight") if getattr(seen, name) is not None),
            ]
    return [f"item/{item.item}/{key}" for key in keys]


def _item_facts(item: Item, rgbs: dict[str, pixels.Rgb], frames: dict[str, Box1000], lead_percent: int) -> ItemFacts:
    seen = {view: _seen(item, view, rgb, frames[view]) for view, rgb in rgbs.items()}
    measured = (
        colours.measure(rgb, patch, lead_percent)
        for view, rgb in rgbs.items()
        if (patch := _patch(item, view, rgb)) is not None
    )
    return ItemFacts(
        item=item.item,
        category=item.category,
        top=seen.get("top"),
        side=seen.get("side"),
        colour=next((colour for colour in measured if colour is not None), None),
        material=item.attributes.get("material"),
        pose=item.attributes.get("pose"),
        profile=_profile(item),
    )


def _seen(item: Item, view: str, rgb: pixels.Rgb, frame: Box1000) -> Seen | None:
    xyxy: Box | None = getattr(item, f"{view}_xyxy")
    if xyxy is None:
        return None
    return seen_at(thousandths(xyxy, rgb), frame, _sight(getattr(item, f"{view}_visible")))


def seen_at(box: Box1000, frame: Box1000, sight: Sight | None) -> Seen:
    """A box of a view, with the place and the size that follow from it."""
    return Seen(box=box, place=place_of(box, frame), size=_size(box, frame), sight=sight)


def _patch(item: Item, view: str, rgb: pixels.Rgb) -> tuple[slice, slice, NDArray[np.bool_] | None] | None:
    """Rows, columns and mask of the item's pixels; without a mask the inner half of the box, where it is most itself."""
    xyxy: Box | None = getattr(item, f"{view}_xyxy")
    if xyxy is None:
        return None
    x0, y0, x1, y1 = (round(edge) for edge in xyxy)
    counts = getattr(item, f"{view}_mask")
    if counts is not None:
        rows, columns = slice(max(y0, 0), max(y1, 0)), slice(max(x0, 0), max(x1, 0))
        return rows, columns, masks.decode(counts, (rgb.shape[1], rgb.shape[0]))[rows, columns]
    across, down = (x1 - x0) // 4, (y1 - y0) // 4
    return slice(max(y0 + down, 0), max(y1 - down, 0)), slice(max(x0 + across, 0), max(x1 - across, 0)), None


def _size(box: Box1000, frame: Box1000) -> Size:
    share = area(box) / max(area(frame), 1)
    return "small" if share < SMALL_BELOW else "large" if share >= LARGE_FROM else "medium"


def _sight(visible: float | None) -> Sight | None:
    if visible is None:
        return None
    return "clear" if visible >= CLEAR_FROM else "partly hidden" if visible >= PARTLY_FROM else "heavily occluded"


def _profile(item: Item) -> Profile | None:
    if item.top_xyxy is None or item.side_xyxy is None:
        return None
    length = max(item.top_xyxy[2] - item.top_xyxy[0], item.top_xyxy[3] - item.top_xyxy[1])
    height = item.side_xyxy[3] - item.side_xyxy[1]
    return "flat" if height <= FLAT_BELOW * length else "upright" if height >= UPRIGHT_FROM * length else None


def overlaps_of(items: tuple[ItemFacts, ...]) -> tuple[tuple[str, int, int], ...]:
    """Pairs of items that cover each other in a view, as `Facts.overlaps` has them."""
    return tuple(
        (view, a.item, b.item)
        for view in VIEWS
        for a, b in combinations(items, 2)
        if (one := a.seen(view)) and (two := b.seen(view)) and _iom(one.box, two.box) > OVERLAP_IOM
    )


def _iom(a: Box1000, b: Box1000) -> float:
    common = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    smaller = min(area(a), area(b))
    return common / smaller if smaller > 0 else 0.0
