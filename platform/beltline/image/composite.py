"""AnyContraSyn (One 3.1): cut-outs laid into a bag, with boxes, masks and visibility that are true by construction.

    chosen = plan(recipe, row_id, background_ids, cutout_ids_by_category)
    scan = compose(recipe, row_id, backgrounds[chosen.background], [cutouts[i] for i in chosen.cutouts])

Both are functions of the recipe's seed and the row id alone: any worker makes any row, in any order, with the same pixels. The steps
of a row: white to 255, items to the bag's scale, turned, placed wholly inside the bag (placement.py), fused (physics.py).
Pseudo-colour is composed per channel, as in the paper; see physics.py for what that costs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from beltline import masks, pixels
from beltline.image.bagmask import bag_mask
from beltline.image.cutouts import Decode, decode_view
from beltline.image.physics import I0, fuse, normalise_white
from beltline.image.placement import sample_offset, valid_offsets, without
from beltline.image.resample import resize
from beltline.masks import Mask
from beltline.pixels import Rgb
from beltline.scan import Item, Scan
from beltline.verdict import BadRow

NUM_SPARES = 3
VISIBLE_LEVELS = 5
"""A mask pixel shows its item when removing the item changes a channel by at least this many grey levels."""
NO_SIDE = "no side view: the items are one-view cut-outs, whose side projections are unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeRecipe:
    """How composites are made. Frozen values: they are the identity of what comes out."""

    name: str
    seed: int
    num_items: tuple[int, int] = (1, 3)
    """Fewest and most items in a bag, both included."""
    rotate: bool = True
    """Quarter turns and mirror images, all eight equally likely; other angles would resample, and smear, the item."""
    may_overlap: bool = True
    """Whether items may lie over each other (One wants occlusion)."""
    scale_range: tuple[float, float] = (0.25, 4.0)
    """Resize factors from a cut-out's scale to the bag's that are believed; outside, a declared scale must be wrong."""
    mode: Literal["paper"] = "paper"
    """'paper': optical depths added per colour channel (One eq. 2-4)."""

    def __post_init__(self) -> None:
        low, high = self.num_items
        if not 1 <= low <= high:
            raise ValueError(
                f"recipe {self.name}: expected num_items (low, high) with 1 <= low <= high, found {self.num_items}"
            )
        if not 0 < self.scale_range[0] <= 1 <= self.scale_range[1]:
            raise ValueError(f"recipe {self.name}: expected a scale_range around 1, found {self.scale_range}")
        if self.seed < 0 or self.mode != "paper":
            raise ValueError(
                f"recipe {self.name}: expected a seed of 0 or more and mode 'paper', found {self.seed}, {self.mode!r}"
            )


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes into one composite, by scan id."""

    background: int
    cutouts: tuple[int, ...]
    spares: tuple[tuple[int, ...], ...] = ()
    """For each cut-out others of its category, tried in order when it fits nowhere in the bag: so large items cost no rows."""


Stage = tuple[Rgb, Mask]
_Part = tuple[Scan, Rgb, Mask, float]
"""An item at the bag's scale: cut-out, pixels, mask, resize factor."""


class _Piece(NamedTuple):
    """One item as it lies in the bag."""

    scan: Scan
    rgb: Rgb
    mask: Mask
    at_xy: tuple[int, int]
    scale: float


def plan(
    recipe: CompositeRecipe, row_id: int, backgrounds: Sequence[int], cutouts: Mapping[str, Sequence[int]]
) -> Plan:
    """Background and items of a row: categories equally likely, then the cut-outs of a category (balanced classes, One 3).

    `backgrounds` and every list of `cutouts` are sorted ids; categories without cut-outs are left out. A cut-out comes
    twice into a bag only when its category has no other left.

    Raises:
        ValueError: there is no background or no cut-out to choose from.
    """
    categories = sorted(category for category, ids in cutouts.items() if ids)
    if not backgrounds or not categories:
        found = f"{len(backgrounds)} backgrounds and {len(categories)} categories"
        raise ValueError(f"recipe {recipe.name}: expected backgrounds and cut-outs, found {found}; check the inputs")
    rng = np.random.default_rng([recipe.seed, row_id])
    background = backgrounds[int(rng.integers(len(backgrounds)))]
    number = int(rng.integers(recipe.num_items[0], recipe.num_items[1] + 1))
    chosen: list[int] = []
    spares: list[tuple[int, ...]] = []
    for _ in range(number):
        ids = cutouts[categories[int(rng.integers(len(categories)))]]
        chosen.append(_fresh(rng, ids, chosen))
        spares.append(tuple(_spares(rng, ids, chosen[-1])))
    return Plan(background, tuple(chosen), tuple(spares))


def compose(
    recipe: CompositeRecipe,
    row_id: int,
    background: Scan,
    cutouts: Sequence[Scan],
    spares: Sequence[Sequence[Scan]] = (),
    *,
    decode: Decode = decode_view,
    stage: Callable[[Scan], Stage] | None = None,
) -> Scan:
    """The composite scan of a row. `spares` holds, for each cut-out, others to try when it fits nowhere.

    `decode` and `stage` may be cached forms of decode_view and stage_of; their arrays are not written to.

    Raises:
        BadRow: a scale is missing or absurd, a cut-out has no mask, there is no bag, or an item fits nowhere in it.
    """
    rng = np.random.default_rng([recipe.seed, row_id, 1])  # a stream of its own: plan() draws from [seed, row_id]
    empty, bag = stage(background) if stage else stage_of(background, decode)
    if not bag.any():
        raise BadRow("placement/no-bag", f"background {background.id}: expected a bag, found only white")
    slots = [[cutout, *others] for cutout, others in zip(cutouts, spares or [()] * len(cutouts), strict=True)]
    scaled = ([(scan, *_to_scale(recipe, background, scan, decode)) for scan in slot] for slot in slots)
    pieces = _place(recipe, rng, bag, scaled)
    fused = empty.copy()
    for piece in pieces:
        fuse(fused, piece.rgb, piece.at_xy, out=fused)
    size_wh = (fused.shape[1], fused.shape[0])
    items = tuple(_item(number, piece, _visible(empty, pieces, number), size_wh) for number, piece in enumerate(pieces))
    return replace(
        background,
        id=row_id,
        source=recipe.name,
        source_id=str(row_id),
        licence=joint_licence([background.licence, *(piece.scan.licence for piece in pieces)]),
        top=pixels.make_view(fused, f"{row_id}.png"),
        side=None,
        items=items,
        notes=(NO_SIDE,),
    )


def stage_of(background: Scan, decode: Decode = decode_view) -> Stage:
    """What items are laid into: the background with white at 255, and the mask of its bag."""
    empty = normalise_white(decode(background.top))
    return empty, bag_mask(empty)


def joint_licence(licences: Iterable[str]) -> str:
    """The licence of something made of several: all of them bind, so all are named, joined by SPDX's AND."""
    return " AND ".join(sorted({part for licence in licences for part in licence.split(" AND ")}))


def _fresh(rng: np.random.Generator, ids: Sequence[int], used: Sequence[int]) -> int:
    """One of `ids` that is not among `used`, all equally likely; any of them when all are. Draws again rather than copy a long list."""
    exhausted = len(ids) <= len(used) and set(ids) <= set(used)
    while (drawn := ids[int(rng.integers(len(ids)))]) in used and not exhausted:
        pass
    return drawn


def _spares(rng: np.random.Generator, ids: Sequence[int], chosen: int) -> list[int]:
    """Up to NUM_SPARES others of `ids`, in drawn order."""
    drawn = [ids[index] for index in rng.choice(len(ids), size=min(NUM_SPARES + 1, len(ids)), replace=False)]
    return [key for key in drawn if key != chosen][:NUM_SPARES]


def _to_scale(recipe: CompositeRecipe, background: Scan, cutout: Scan, decode: Decode) -> tuple[Rgb, Mask, float]:
    """The item's pixels and mask, tight, at the background's scale."""
    for scan in (background, cutout):
        if scan.mm_per_px is None or scan.mm_per_px <= 0:
            remedy = "declare mm_per_px when the source is ingested"
            raise BadRow(
                "placement/no-scale",
                f"scan {scan.id} of {scan.source}: expected millimetres per pixel, found {scan.mm_per_px}; {remedy}",
            )
    scale = float(cutout.mm_per_px or 0) / float(background.mm_per_px or 1)
    if not recipe.scale_range[0] <= scale <= recipe.scale_range[1]:
        raise BadRow(
            "placement/scale",
            f"cut-out {cutout.id}: expected a resize factor in {recipe.scale_range}, found {scale:.4g}",
        )
    rgb, mask = _tight(cutout, normalise_white(decode(cutout.top)))
    size_wh = (max(round(rgb.shape[1] * scale), 1), max(round(rgb.shape[0] * scale), 1))
    if size_wh == (rgb.shape[1], rgb.shape[0]):
        return rgb, mask, scale
    covered = resize(mask.astype(np.uint8) * 255, size_wh) >= 128
    return np.where(covered[:, :, None], resize(rgb, size_wh), np.uint8(I0)), covered, scale


def _tight(cutout: Scan, rgb: Rgb) -> tuple[Rgb, Mask]:
    if len(cutout.items) != 1 or cutout.items[0].top_mask is None:
        raise BadRow(
            "placement/no-mask", f"cut-out {cutout.id}: expected one item with a mask, found {len(cutout.items)} items"
        )
    mask = masks.decode(cutout.items[0].top_mask, (rgb.shape[1], rgb.shape[0]))
    box = masks.bounds(mask)
    if box is None:
        raise BadRow("placement/no-mask", f"cut-out {cutout.id}: expected a mask with pixels, found an empty one")
    x0, y0, x1, y1 = (int(edge) for edge in box)
    mask = mask[y0:y1, x0:x1]
    return np.where(mask[:, :, None], rgb[y0:y1, x0:x1], np.uint8(I0)), mask


def _place(
    recipe: CompositeRecipe, rng: np.random.Generator, bag: Mask, slots: Iterable[Sequence[_Part]]
) -> list[_Piece]:
    """Every slot's item turned and placed, in order; an orientation, then an item, that fits nowhere gives way to the next."""
    free, pieces = bag, []
    for slot in slots:
        found = next(filter(None, (_try(recipe, rng, free, part) for part in slot)), None)
        if found is None:
            sizes = ", ".join(f"{part[2].shape[1]}x{part[2].shape[0]}" for part in slot)
            detail = f"cut-out {slot[0][0].id} and its spares: of {sizes} px none fits anywhere in the bag"
            raise BadRow("placement/no-valid-position", detail)
        pieces.append(found)
        if not recipe.may_overlap:
            free = without(free, found.mask, found.at_xy)
    return pieces


def _try(recipe: CompositeRecipe, rng: np.random.Generator, free: Mask, part: _Part) -> _Piece | None:
    scan, rgb, mask, scale = part
    for turn in rng.permutation(8).tolist() if recipe.rotate else [0]:
        turned = _turn(mask, turn)
        at_xy = sample_offset(valid_offsets(free, turned), rng)
        if at_xy is not None:
            return _Piece(scan, _turn(rgb, turn), turned, at_xy, scale)
    return None


def _turn(array: NDArray, turn: int) -> NDArray:  # type: ignore[type-arg]
    """One of the eight dihedral images of an (H, W, ...) array: a mirror for turn >= 4, then turn % 4 quarter turns."""
    return np.ascontiguousarray(np.rot90(array[:, ::-1] if turn >= 4 else array, turn % 4))


def _visible(empty: Rgb, pieces: Sequence[_Piece], number: int) -> float:
    """Share of an item's mask pixels in which the composite differs from the composite without it."""
    piece = pieces[number]
    x, y = piece.at_xy
    height, width = piece.mask.shape
    under = empty[y : y + height, x : x + width].copy()
    for other in (*pieces[:number], *pieces[number + 1 :]):
        _fuse_part(under, other, (x, y))
    over = fuse(under, piece.rgb, (0, 0))
    darker = cv2.subtract(under, over)  # fusing only darkens
    hidden = cv2.inRange(darker, (0,) * 3, (VISIBLE_LEVELS - 1,) * 3)
    return 1 - np.count_nonzero(hidden[piece.mask]) / np.count_nonzero(piece.mask)


def _fuse_part(part: Rgb, piece: _Piece, corner_xy: tuple[int, int]) -> None:
    """Fuses a piece into `part`, the rectangle of the bag whose top left corner is `corner_xy`; only what overlaps."""
    x, y = piece.at_xy[0] - corner_xy[0], piece.at_xy[1] - corner_xy[1]
    shown = piece.rgb[max(-y, 0) : max(part.shape[0] - y, 0), max(-x, 0) : max(part.shape[1] - x, 0)]
    if shown.size:
        fuse(part, shown, (max(x, 0), max(y, 0)), out=part)


def _item(number: int, piece: _Piece, visible: float, size_wh: tuple[int, int]) -> Item:
    (x, y), (height, width) = piece.at_xy, piece.mask.shape
    cut = piece.scan.items[0]
    origin = {"origin": str(piece.scan.id), "origin_group": piece.scan.group, "scale": f"{piece.scale:.4f}"}
    return Item(
        item=number,
        category=cut.category,
        top_xyxy=(float(x), float(y), float(x + width), float(y + height)),
        top_mask=masks.encode_at(piece.mask, piece.at_xy, size_wh),
        top_visible=visible,
        attributes={**cut.attributes, **origin},
    )
