"""From a recipe and a row number to a Scan: draw, pack, trace, develop, and state the truth.

Only the recipe's categories are items of the scan. Clutter and the container are in the picture and in the physics, but are
never labelled: that is what a detector must not be distracted by. Truth comes from the geometry: a mask is where an item's
own depth is above zero, a box is the rectangle around it, and an item is visible where taking its depth away changes the pixels.
"""

import numpy as np

from beltline import pixels
from beltline.image.energy import Rgb
from beltline.image.phantom.filling import Bag, Placed, pack
from beltline.image.phantom.model import Draw, extent, moved
from beltline.image.phantom.recipes import BagRecipe, draw_categories, generator
from beltline.image.phantom.rotations import quaternion
from beltline.image.phantom.shots import Shot
from beltline.scan import VIEWS, Item, Scan
from beltline.verdict import BadRow

LICENCE = "Apache-2.0"


def make_scan(recipe: BagRecipe, row_id: int, categories: tuple[str, ...] | None = None) -> Scan:
    """The bag of a row, in both views, with its truth.

    Args:
        categories: what to pack instead of `plan(recipe, row_id)`.

    Raises:
        BadRow: `phantom/unknown-category`, or `phantom/no-room` when a labelled item fits nowhere.
    """
    top, side, items, container = render_bag(recipe, row_id, categories)
    stem = f"{recipe.name}-{row_id}"
    return Scan(
        id=row_id,
        group=f"phantom/{recipe.name}/{row_id}",
        source=f"phantom/{recipe.name}",
        source_id=str(row_id),
        licence=LICENCE,
        top=pixels.make_view(top, f"{stem}_top.png"),
        side=pixels.make_view(side, f"{stem}_side.png"),
        items=items,
        mm_per_px=round(recipe.tunnel.mm_per_px, 6),
        container=container,
    )


def render_bag(
    recipe: BagRecipe, row_id: int, categories: tuple[str, ...] | None = None
) -> tuple[Rgb, Rgb, tuple[Item, ...], str]:
    """Top and side pixels, the items with their truth, and the kind of container; nothing is encoded yet."""
    bag, rng = make_bag(recipe, row_id, categories)
    tunnel = recipe.tunnel
    labelled = [one for one in bag.contents if one.labelled]
    rest = [moved(one.model.parts, one.pose) for one in bag.contents if not one.labelled]
    rest.append(moved(bag.container.parts, bag.offset))
    things = [moved(one.model.parts, one.pose) for one in labelled]
    shots = {view: Shot(things, rest, getattr(tunnel, view), recipe.detector, rng) for view in VIEWS}
    items = tuple(_item(number, one, shots) for number, one in enumerate(labelled))
    return shots["top"].rgb, shots["side"].rgb, items, bag.container.kind


def make_bag(
    recipe: BagRecipe, row_id: int, categories: tuple[str, ...] | None = None
) -> tuple[Bag, np.random.Generator]:
    """The packed bag of a row, and the generator as packing leaves it (the detector's noise comes next)."""
    rng = generator(recipe, row_id)
    draw = Draw(rng)
    planned = draw_categories(recipe, draw)
    return pack(recipe, draw, planned if categories is None else categories), rng


def _item(number: int, one: Placed, shots: dict[str, Shot]) -> Item:
    top, side = (shots[view].truth(number) for view in VIEWS)
    if top.xyxy is None or side.xyxy is None:
        raise BadRow(
            "phantom/outside-view", f"expected the {one.model.kind} inside both views, found no pixel of it in one"
        )
    centre, size = _extent(one)
    return Item(
        item=number,
        category=one.model.kind,
        top_xyxy=top.xyxy,
        side_xyxy=side.xyxy,
        top_mask=top.mask,
        side_mask=side.mask,
        top_visible=top.visible,
        side_visible=side.visible,
        attributes={**one.model.attributes, "pose": pose_word(one)},
        centre_mm=centre,
        size_mm=size,
        pose=_rounded(quaternion(one.pose.rotation), 6),
    )


def pose_word(one: Placed) -> str:
    """Lying, standing or tilted, from the direction of the item's thinnest and longest own axes."""
    sizes = [high - low for low, high in extent(one.model)]
    upward = one.pose.rotation[2]
    steepest = max(range(3), key=lambda axis: abs(upward[axis]))
    if abs(upward[steepest]) < 0.97:
        return "tilted"
    return "standing" if sizes[steepest] == max(sizes) else "lying"


def _extent(one: Placed) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Centre in the tunnel and sizes along the item's own axes, mm."""
    (x0, x1), (y0, y1), (z0, z1) = extent(one.model)
    centre = one.pose.apply(((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2))
    return (
        (round(centre[0], 3), round(centre[1], 3), round(centre[2], 3)),
        (round(x1 - x0, 3), round(y1 - y0, 3), round(z1 - z0, 3)),
    )


def _rounded(values: tuple[float, float, float, float], digits: int) -> tuple[float, float, float, float]:
    w, x, y, z = (round(value, digits) for value in values)
    return w, x, y, z
