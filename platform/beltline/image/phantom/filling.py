"""Filling a bag: what goes in, in which order, and near what; then a container around it.

How much hides what is the recipe's: clear bags give each item a place of its own; severe ones hold dense covers, over and under
which most labelled items lie, and items that lie on each other.

    bag = pack(recipe, draw, ("gun", "scissors"))
"""

from dataclasses import dataclass, replace
from typing import Literal

from beltline.image.phantom.items import CATALOGUE, CLUTTER, CONTAINERS, COVERS, Container
from beltline.image.phantom.model import Draw, Model, Unseen, extent
from beltline.image.phantom.packing import Pile
from beltline.image.phantom.recipes import BagRecipe
from beltline.image.phantom.rotations import Pose, Vector, about_z
from beltline.verdict import BadRow

Role = Literal["item", "clutter", "cover"]
Entry = tuple[Model, Role]
SOFT_WALLS = ("nylon", "paper")
"""Fabric and leather."""
ITEM_TRIES, NEAR_TRIES, LAST_TRIES = 40, 8, 80


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


def pack(recipe: BagRecipe, draw: Draw, categories: tuple[str, ...]) -> Bag:
    """Draws the models, lets them down on a floor that suits them, and puts a container around.

    Should a labelled item find no room, everything is packed once more with the labelled items first.

    Raises:
        BadRow: `phantom/unknown-category`, or `phantom/no-room` when a labelled item fits nowhere.
    """
    unknown = [name for name in categories if name not in CATALOGUE]
    if unknown:
        raise BadRow("phantom/unknown-category", f"expected categories of the catalogue, found {unknown}")
    sizes = Unseen(draw.rng) if recipe.unseen else draw
    wanted: list[Entry] = [(CATALOGUE[name](sizes), "item") for name in categories]
    clutter: list[Entry] = [
        (CLUTTER[draw.pick(recipe.clutter)](draw), "clutter") for _ in range(draw.count(*recipe.num_clutter))
    ]
    covers: list[Entry] = [
        (COVERS[draw.pick(recipe.covers)](draw), "cover") for _ in range(draw.count(*recipe.num_covers))
    ]
    floor = _floor(recipe, draw, [model for model, _ in wanted + clutter + covers])
    missing = ""
    for order in _orders(recipe, draw, wanted, clutter, covers):
        pile = Pile(floor)
        placed, missing = _drop_all(pile, order, recipe, draw)
        if not missing:
            return _close(recipe, draw, pile, placed)
    inside = " x ".join(f"{side:.0f}" for side in floor)
    raise BadRow("phantom/no-room", f"expected room for a {missing} among {len(categories)} items in {inside} mm")


def _orders(
    recipe: BagRecipe, draw: Draw, wanted: list[Entry], clutter: list[Entry], covers: list[Entry]
) -> list[list[Entry]]:
    """In which order things are dropped: large ones early, as people do; half of the covers below all and half on top."""
    mixed = sorted(wanted + clutter, key=lambda one: _area(one) * draw.between(0.4, 1.0), reverse=True)
    if recipe.apart:
        return [sorted(wanted, key=_area, reverse=True) + sorted(clutter, key=_area, reverse=True)]
    half = len(covers) // 2
    return [covers[half:] + mixed + covers[:half], wanted + covers + clutter]


def _drop_all(pile: Pile, order: list[Entry], recipe: BagRecipe, draw: Draw) -> tuple[list[Placed], str]:
    """Everything in its place, and the category of the first labelled item that found none; the rest may stay out."""
    placed: list[Placed] = []
    covers: list[Pose] = []
    for model, role in order:
        near = _near(recipe, draw, role, placed, covers)
        pose = pile.drop(model, draw, tries=NEAR_TRIES, near=near) if near else None
        if pose is None:
            tries = ITEM_TRIES if role == "item" else recipe.tries
            pose = pile.drop(model, draw, tries=tries, apart=recipe.apart)
        if pose is None and role == "item":
            pose = pile.drop(model, draw, tries=LAST_TRIES, steady=False)
        if pose is not None:
            placed.append(Placed(model, pose, role == "item"))
            covers += [pose] if role == "cover" else []
        elif role == "item":
            return placed, model.kind
    return placed, ""


def _near(
    recipe: BagRecipe, draw: Draw, role: Role, placed: list[Placed], covers: list[Pose]
) -> tuple[float, float] | None:
    """Over which point of the floor a thing is wanted: items at covers or at each other, covers at items."""
    items = [one.pose for one in placed if one.labelled]
    if role == "cover":
        goals = items
    elif role == "item" and covers and draw.chance(recipe.hiding):
        goals = covers
    elif role == "item" and items and draw.chance(recipe.stacking):
        goals = items
    else:
        goals = []
    if not goals:
        return None
    x, y, _ = draw.pick(goals).shift
    return x, y


def _close(recipe: BagRecipe, draw: Draw, pile: Pile, placed: list[Placed]) -> Bag:
    """A container as high as the pile, somewhere on the belt."""
    x, y, _ = pile.inside_mm
    z = max(50.0, float(pile.height.max()) * draw.between(1.02, 1.2))
    container = CONTAINERS[draw.pick(recipe.containers)](draw, (x, y, round(z, 2)))
    if recipe.fabrics:
        container = _made_of(container, *draw.pick(recipe.fabrics))
    reach = 0.42 * recipe.tunnel.mm_per_px
    free_x, free_y = max(0.0, reach * recipe.size_wh[0] - x * 0.6), max(0.0, reach * recipe.size_wh[1] - y * 0.7)
    offset = (draw.between(-1, 1) * free_x, draw.between(-1, 1) * free_y, 0.0)
    turn = about_z(draw.between(*recipe.yaw_turns) * draw.pick((-1, 1)))
    shift = Pose(turn, (offset[0], offset[1], container.floor_mm))
    labelled_first = sorted(placed, key=lambda one: not one.labelled)
    contents = tuple(Placed(one.model, shift.of(one.pose), one.labelled) for one in labelled_first)
    return Bag(container, Pose(turn, offset), contents)


def _made_of(container: Container, material: str, fill: float) -> Container:
    """The container with its walls, straps and pockets of another fabric, at this share of its density."""
    parts = tuple(
        replace(one, material=material, fill=fill if one.fill > 0.2 else one.fill)
        if one.material in SOFT_WALLS
        else one
        for one in container.parts
    )
    return replace(container, parts=parts)


def _floor(recipe: BagRecipe, draw: Draw, models: list[Model]) -> Vector:
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


def _area(one: Entry) -> float:
    """Of the floor that the item covers when it lies."""
    (x0, x1), (y0, y1), _ = extent(one[0])
    return (x1 - x0) * (y1 - y0)
