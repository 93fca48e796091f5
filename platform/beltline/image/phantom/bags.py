"""From a recipe and a row number to a Scan: draw, pack, trace, develop, and state the truth.

Only the recipe's categories are items of the scan. Clutter and the container are in the picture and in the physics, but are
never labelled: that is what a detector must not be distracted by. Truth comes from the geometry: a mask is where an item's
own depth is above zero, a box is the rectangle around it, and an item is visible where taking its depth away changes the pixels.
"""

from dataclasses import dataclass, replace

import numpy as np

from beltline import pixels
from beltline.image.energy import Rgb
from beltline.image.phantom import gaps
from beltline.image.phantom.items import CATALOGUE, CLUTTER, CONTAINERS, Container
from beltline.image.phantom.model import Draw, Model, extent, moved
from beltline.image.phantom.packing import Pile
from beltline.image.phantom.recipes import BagRecipe, draw_categories, generator
from beltline.image.phantom.rotations import Pose, about_z, quaternion
from beltline.image.phantom.shots import Shot
from beltline.image.phantom.solids import Soft
from beltline.scan import VIEWS, Item, Scan
from beltline.verdict import BadRow

LICENCE = "Apache-2.0"
GUARD_MM, MOST_MM = 0.3, 8.0
"""Air that is left when an item is let down the rest of the way, and how far that may be."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A model at its place in the tunnel."""

    model: Model
    pose: Pose
    labelled: bool


@dataclass(frozen=True, slots=True)
class Bag:
    """What is in the tunnel: labelled items first."""

    container: Container
    offset: Pose
    contents: tuple[Placed, ...]


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


def pack(recipe: BagRecipe, draw: Draw, categories: tuple[str, ...]) -> Bag:
    """Draws the models, lets them down on a floor that suits them, and puts a container around.

    Should a labelled item find no room, everything is packed once more with the labelled items first.
    """
    unknown = [name for name in categories if name not in CATALOGUE]
    if unknown:
        raise BadRow("phantom/unknown-category", f"expected categories of the catalogue, found {unknown}")
    wanted = [(CATALOGUE[name](draw), True) for name in categories]
    clutter = [(CLUTTER[draw.pick(recipe.clutter)](draw), False) for _ in range(draw.count(*recipe.num_clutter))]
    floor = _floor(recipe, draw, [model for model, _ in wanted + clutter])
    mixed = sorted(wanted + clutter, key=lambda one: _area(one[0]) * draw.between(0.4, 1.0), reverse=True)
    orders = (
        [sorted(wanted, key=_by_size, reverse=True) + sorted(clutter, key=_by_size, reverse=True)]
        if recipe.apart
        else [mixed, wanted + clutter]
    )
    missing = ""
    for order in orders:
        pile = Pile(floor)
        placed, missing = _drop_all(pile, order, recipe, draw)
        if not missing:
            placed = _lowered(placed)
            return _close(recipe, draw, pile, placed)
    inside = " x ".join(f"{side:.0f}" for side in floor)
    raise BadRow("phantom/no-room", f"expected room for a {missing} among {len(categories)} items in {inside} mm")


def _drop_all(pile: Pile, order: list[tuple[Model, bool]], recipe: BagRecipe, draw: Draw) -> tuple[list[Placed], str]:
    """Everything in its place, and the category of the first labelled item that found none; clutter may stay out."""
    placed = []
    for model, labelled in order:
        pose = pile.drop(model, draw, tries=40 if labelled else recipe.tries, apart=recipe.apart)
        if pose is None and labelled:
            pose = pile.drop(model, draw, tries=60)
        if pose is not None:
            placed.append(Placed(model, pose, labelled))
        elif labelled:
            return placed, model.kind
    return placed, ""


def _lowered(placed: list[Placed]) -> list[Placed]:
    """Packing keeps a few millimetres to be safe; labelled items come down by them, so that what rests on something touches it."""
    done = list(placed)
    parts = [moved(one.model.parts, one.pose) for one in done]
    boxes = [gaps.bounds_mm(own) for own in parts]
    for number, one in enumerate(done):
        free = boxes[number][2][0]  # above the floor
        if not one.labelled or free <= GUARD_MM:
            continue
        under = [
            part
            for other, box in enumerate(boxes)
            if other != number and _reaches(box, boxes[number])
            for part in parts[other]
            if not isinstance(part.solid, Soft) and _reaches(gaps.bounds_mm((part,)), boxes[number])
        ]
        own = [gaps.lines(part, 2) for part in parts[number]]
        below = [gaps.lines(part, 2) for part in under]
        free = min([free, *(gaps.along(a, b)[1] for a in own for b in below)])
        fall = round(min(max(0.0, free - GUARD_MM), MOST_MM), 3)
        x, y, z = one.pose.shift
        done[number] = replace(one, pose=Pose(one.pose.rotation, (x, y, z - fall)))
        parts[number] = moved(one.model.parts, done[number].pose)
        boxes[number] = gaps.bounds_mm(parts[number])
    return done


def _reaches(box: gaps.Bounds, above: gaps.Bounds) -> bool:
    """Whether a box shares some of the floor with another and could be hit by its fall."""
    beside = gaps.free_mm(box[0], above[0]) or gaps.free_mm(box[1], above[1])
    return not beside and box[2][0] < above[2][1] and box[2][1] > above[2][0] - MOST_MM


def _close(recipe: BagRecipe, draw: Draw, pile: Pile, placed: list[Placed]) -> Bag:
    """A container as high as the pile, somewhere on the belt."""
    x, y, _ = pile.inside_mm
    z = max(50.0, float(pile.height.max()) * draw.between(1.02, 1.2))
    container = CONTAINERS[draw.pick(recipe.containers)](draw, (x, y, round(z, 2)))
    reach = 0.42 * recipe.tunnel.mm_per_px
    free_x, free_y = max(0.0, reach * recipe.size_wh[0] - x * 0.6), max(0.0, reach * recipe.size_wh[1] - y * 0.7)
    offset = (draw.between(-1, 1) * free_x, draw.between(-1, 1) * free_y, 0.0)
    turn = about_z(draw.between(*recipe.yaw_turns) * draw.pick((-1, 1)))
    shift = Pose(turn, (offset[0], offset[1], container.floor_mm))
    labelled_first = sorted(placed, key=lambda one: not one.labelled)
    contents = tuple(Placed(one.model, shift.of(one.pose), one.labelled) for one in labelled_first)
    return Bag(container, Pose(turn, offset), contents)


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


def _floor(recipe: BagRecipe, draw: Draw, models: list[Model]) -> tuple[float, float, float]:
    """A floor that the contents would cover to the recipe's share, and that the longest of them fits; and a ceiling."""
    sizes = [sorted(high - low for low, high in extent(model)) for model in models]
    covered = sum(size[1] * size[2] for size in sizes)
    longest = max((size[2] for size in sizes), default=100.0)
    widest = max((size[1] for size in sizes), default=100.0)
    fullness, shape = draw.between(*recipe.fullness), draw.between(1.15, 1.6)
    width = (covered / fullness / shape) ** 0.5
    x = min(520.0, max(180.0, width * shape, longest * 1.08 + 12))
    y = min(360.0, max(120.0, width, widest * 1.25 + 12))
    return round(x, 2), round(y, 2), recipe.ceiling_mm


def _area(model: Model) -> float:
    """Of the floor that the item covers when it lies."""
    (x0, x1), (y0, y1), _ = extent(model)
    return (x1 - x0) * (y1 - y0)


def _by_size(one: tuple[Model, bool]) -> float:
    return _area(one[0])


def _rounded(values: tuple[float, float, float, float], digits: int) -> tuple[float, float, float, float]:
    w, x, y, z = (round(value, digits) for value in values)
    return w, x, y, z
