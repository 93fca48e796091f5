"""Things that hold liquids and gases: bottles, lighters."""

from beltline.image.phantom.model import Draw, Model, Part, part
from beltline.image.phantom.rotations import about_y
from beltline.image.phantom.solids import Difference, box, cylinder, shell, tube


def plastic_bottle(draw: Draw) -> Model:
    """Lies along x: body, shoulder, neck, cap; water or another drink inside."""
    return _bottle(draw, "plastic bottle liquid", "acrylic", 0.6, draw.pick(("water", "ethanol")))


def glass_bottle(draw: Draw) -> Model:
    """As the plastic one, with walls of glass."""
    return _bottle(draw, "glass bottle liquid", "glass", 3.2, draw.pick(("water", "ethanol")))


def metal_bottle(draw: Draw) -> Model:
    """A thermos: two steel walls."""
    return _bottle(draw, "metal bottle liquid", "steel", 0.6, "water")


def plastic_lighter(draw: Draw) -> Model:
    """A gas lighter: a small tank, a metal hood and wheel, a flint spring."""
    length = draw.between(72, 82)
    parts = [
        part(
            Difference(cylinder(24, length * 0.72, 13), cylinder(21.6, length * 0.66, 10.6)),
            "plastic",
            (-length * 0.14, 0, 0),
            about_y(0.25),
        ),
        part(cylinder(21.5, length * 0.4, 10.5), "ethanol", (-length * 0.28, 0, 0), about_y(0.25), fill=0.7),
        part(shell(15, 22, 12, 0.5), "steel", (length * 0.36, 0, 0)),
        part(cylinder(8, 6), "steel", (length * 0.36, 5, 0), fill=0.8),
        part(tube(4, 22, 0.7), "steel", (length * 0.14, 6, 0), about_y(0.25)),
        part(cylinder(3, 26), "brass", (length * 0.1, -5, 0), about_y(0.25), fill=0.6),
    ]
    return Model(kind="plastic lighter", parts=tuple(parts), attributes={"material": "plastic"})


def _bottle(draw: Draw, kind: str, wall_of: str, wall: float, inside: str) -> Model:
    diameter, length = draw.between(58, 76), draw.between(170, 235)
    body, neck = length * 0.74, draw.between(22, 28)
    level = draw.between(0.55, 0.98)
    along = about_y(0.25)
    parts: list[Part] = [
        part(
            Difference(cylinder(diameter, body), cylinder(diameter - 2 * wall, body - 2 * wall)),
            wall_of,
            (-length * 0.13, 0, 0),
            along,
        ),
        part(
            cylinder(diameter - 2 * wall, (body - 2 * wall) * level),
            inside,
            (-length * 0.13 - body * (1 - level) / 2, 0, 0),
            along,
        ),
        part(tube(diameter * 0.7, length * 0.08, wall * 1.2), wall_of, (length * 0.28, 0, 0), along),
        part(tube(neck, length * 0.16, wall * 1.5), wall_of, (length * 0.4, 0, 0), along),
        part(tube(neck + 5, 16, 2.2), "polyethylene" if wall_of != "steel" else "steel", (length * 0.47, 0, 0), along),
        part(cylinder(neck + 5, 2.0), "polyethylene", (length * 0.47 + 8, 0, 0), along),
    ]
    if wall_of == "steel":
        inner = Difference(cylinder(diameter - 9, body - 9), cylinder(diameter - 10, body - 10))
        parts[1] = part(
            cylinder(diameter - 11, (body - 11) * level), inside, (-length * 0.13 - body * (1 - level) / 2, 0, 0), along
        )
        parts.append(part(inner, wall_of, (-length * 0.13, 0, 0), along))
    return Model(kind=kind, parts=tuple(parts), attributes={"material": wall_of, "contents": inside}, stands=True)


def carton(draw: Draw) -> Model:
    """A drink carton or cosmetics box: clutter."""
    x, y, z = draw.between(50, 120), draw.between(40, 70), draw.between(30, 50)
    parts = [
        part(shell(x, y, z, 0.6), "paper"),
        part(box(x - 8, y - 6, (z - 4) * draw.between(0.4, 0.95)), "water", fill=0.8),
    ]
    return Model(kind="carton", parts=tuple(parts), stands=True)
