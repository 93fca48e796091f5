"""Things that hold liquids and gases: bottles of plastic, glass and metal, cans, lighters."""

from beltline.image.phantom.items.shapes import ALONG
from beltline.image.phantom.model import Draw, Model, Part, cable, part
from beltline.image.phantom.solids import Difference, Frustum, box, cylinder, ellipsoid, pillow, shell, tube

DRINKS = ("water", "ethanol")


def plastic_bottle(draw: Draw, kind: str = "plastic bottle liquid") -> Model:
    """Along x: a thin body, a shoulder, a threaded neck, a cap, ribs; filled to a level."""
    return _bottle(draw, kind, "acrylic", 0.7, draw.pick(DRINKS))


def glass_bottle(draw: Draw, kind: str = "glass bottle liquid") -> Model:
    """Walls and a thick bottom of glass, a long neck, a crown cap."""
    return _bottle(draw, kind, "glass", draw.between(2.8, 4.0), draw.pick(DRINKS))


def metal_bottle(draw: Draw, kind: str = "metal bottle liquid") -> Model:
    """A flask of two steel walls with a vacuum between, a plastic stopper, a steel cup."""
    width, long = draw.between(62, 78), draw.between(180, 245)
    skin = 0.5
    body = long * 0.84
    inner = body - 12
    level = draw.between(0.6, 0.97)
    at = (-long * 0.06, 0.0, 0.0)
    parts = [
        part(Difference(cylinder(width, body), cylinder(width - 2 * skin, body - 2 * skin)), "steel", at, ALONG),
        part(
            Difference(cylinder(width - 9, inner), cylinder(width - 9 - 2 * skin, inner - 2 * skin)), "steel", at, ALONG
        ),
        part(cylinder(width - 11, (inner - 3) * level), "water", (at[0] - inner * (1 - level) / 2, 0, 0), ALONG),
        part(cylinder(width * 0.5, 26), "plastic", (long * 0.33, 0, 0), ALONG),
        part(
            Difference(cylinder(width * 0.86, long * 0.14), cylinder(width * 0.86 - 2 * skin, long * 0.14 - 1)),
            "steel",
            (long * 0.43, 0, 0),
            ALONG,
        ),
    ]
    return Model(kind=kind, parts=tuple(parts), attributes={"material": "steel", "contents": "water"}, stands=True)


def can(draw: Draw, kind: str) -> Model:
    """A tinned or aluminium drink can, full."""
    width, long = draw.between(53, 67), draw.between(105, 160)
    metal, wall = draw.pick((("steel", 0.3), ("aluminium", 1.0)))
    parts = [
        part(Difference(cylinder(width, long), cylinder(width - 2 * wall, long - 2 * wall)), metal, (0, 0, 0), ALONG),
        part(cylinder(width - 2 * wall, long - 6), "water", (0, 0, 0), ALONG),
        *[part(tube(width + 1, 2.5, 1.4), metal, (side * long / 2, 0, 0), ALONG) for side in (-1, 1)],
        part(box(1.2, 16, 24), metal, (long / 2 + 1, 6, 0)),
    ]
    return Model(kind=kind, parts=tuple(parts), attributes={"material": metal, "contents": "water"}, stands=True)


def orange_liquid(draw: Draw) -> Model:
    """A flat flask or pouch of plastic: not round in any view."""
    return _flat(draw, "orange liquid", "acrylic", 1.0)


def green_liquid(draw: Draw) -> Model:
    """A square bottle of glass, as for perfume or spirits."""
    return _flat(draw, "green liquid", "glass", 3.6)


def blue_liquid(draw: Draw) -> Model:
    """A drink in metal: a flask or a can."""
    return metal_bottle(draw, "blue liquid") if draw.chance(0.6) else can(draw, "blue liquid")


def columnar_orange_liquid(draw: Draw) -> Model:
    """A round plastic bottle."""
    return plastic_bottle(draw, "columnar orange liquid")


def columnar_green_liquid(draw: Draw) -> Model:
    """A round glass bottle."""
    return glass_bottle(draw, "columnar green liquid")


def compressed_gas(draw: Draw) -> Model:
    """A spray can: thin metal, a dome, a valve, a dip tube, a cap, half full."""
    width, long = draw.between(45, 66), draw.between(140, 205)
    metal, wall = draw.pick((("steel", 0.35), ("aluminium", 0.9)))
    level = draw.between(0.25, 0.7)
    dome = Difference(Frustum(width / 2, width * 0.26, 16), Frustum(width / 2 - wall, width * 0.26 - wall, 16))
    parts: list[Part] = [
        part(Difference(cylinder(width, long), cylinder(width - 2 * wall, long - 2 * wall)), metal, (-12, 0, 0), ALONG),
        part(
            cylinder(width - 2 * wall, (long - 4) * level), "ethanol", (-12 - long * (1 - level) / 2 + 1, 0, 0), ALONG
        ),
        part(dome, metal, (long / 2 - 4, 0, 0), ALONG),
        part(tube(width + 0.8, 2.4, 1.2), metal, (-12 - long / 2 + 1, 0, 0), ALONG),
        part(tube(width + 0.8, 2.4, 1.2), metal, (-12 + long / 2, 0, 0), ALONG),
        part(cylinder(10, 20), "steel", (long / 2 + 2, 0, 0), ALONG, fill=0.5),
        part(tube(26, 4, 2.5), "steel", (long / 2 + 4, 0, 0), ALONG),
        part(
            Difference(cylinder(width * 0.9, 36), cylinder(width * 0.9 - 3, 33)),
            "polyethylene",
            (long / 2 + 10, 0, 0),
            ALONG,
        ),
        *cable(
            [(long / 2 - 8, 0.0, 0.0), (0.0, -width * 0.12, 0.0), (-12 - long * 0.44, -width * 0.34, 0.0)],
            4,
            "polyethylene",
        ),
        part(ellipsoid(7, 7, 7), "steel", (-12 - long * 0.4, width * 0.24, 0)),
    ]
    return Model(
        kind="compressed gas", parts=tuple(parts), attributes={"material": metal, "contents": "propellant"}, stands=True
    )


def plastic_lighter(draw: Draw, kind: str = "plastic lighter") -> Model:
    """A gas lighter: an oval tank, a metal hood with its wheel, a flint spring, a valve."""
    long = draw.between(72, 84)
    hood = draw.pick((0.45, 0.6))
    parts = [
        part(
            Difference(cylinder(25, long * 0.72, 14), cylinder(22.4, long * 0.66, 11.4)),
            "plastic",
            (-long * 0.14, 0, 0),
            ALONG,
        ),
        part(cylinder(22.4, long * 0.42, 11.4), "ethanol", (-long * 0.26, 0, 0), ALONG, fill=0.7),
        part(box(long * 0.6, 1.6, 11), "plastic", (-long * 0.14, 0, 0)),
        part(shell(16, 23, 13, hood), "steel", (long * 0.36, 0, 0)),
        part(cylinder(9, 7), "steel", (long * 0.4, 6, 0), fill=0.8),
        part(tube(5, 24, 0.8), "steel", (long * 0.18, 6.5, 0), ALONG),
        part(cylinder(4, 28), "brass", (long * 0.14, -5, 0), ALONG, fill=0.6),
        part(box(9, 10, 7), "aluminium", (long * 0.42, -6, 0), fill=0.8),
    ]
    return Model(kind=kind, parts=tuple(parts), attributes={"material": "plastic"})


def nonmetallic_lighter(draw: Draw) -> Model:
    """LDXray's name for the same thing."""
    return plastic_lighter(draw, "nonmetallic lighter")


def _bottle(draw: Draw, kind: str, wall_of: str, wall: float, inside: str) -> Model:
    glass = wall_of == "glass"
    width, long = draw.between(54, 70) if glass else draw.between(58, 76), draw.between(175, 240)
    body, neck = long * (0.62 if glass else 0.74), draw.between(22, 28)
    shoulder, level = long * 0.14, draw.between(0.6, 0.97)
    start = -long / 2
    room = body - 3 * wall
    cap = "steel" if glass else "polyethylene"
    cone = Difference(Frustum(width / 2, neck / 2, shoulder), Frustum(width / 2 - wall, neck / 2 - wall, shoulder))
    top = long - body - shoulder
    parts: list[Part] = [
        part(
            Difference(cylinder(width, body), cylinder(width - 2 * wall, body + 2)),
            wall_of,
            (start + body / 2, 0, 0),
            ALONG,
        ),
        part(cylinder(width - 2 * wall, 2.4 * wall), wall_of, (start + 1.2 * wall, 0, 0), ALONG),
        part(cylinder(width - 2 * wall, room * level), inside, (start + 2.4 * wall + room * level / 2, 0, 0), ALONG),
        part(cone, wall_of, (start + body + shoulder / 2, 0, 0), ALONG),
        part(tube(neck, top, wall * (1.0 if glass else 2.2)), wall_of, (long / 2 - top / 2, 0, 0), ALONG),
        part(tube(neck + 3, 4, 2.4), wall_of, (long / 2 - 20, 0, 0), ALONG),
        part(tube(neck + 5, 14, 0.4 if glass else 2.2), cap, (long / 2 - 6, 0, 0), ALONG),
        part(cylinder(neck + 5, 0.4 if glass else 2.0), cap, (long / 2 + 1, 0, 0), ALONG),
    ]
    if not glass:
        for i in range(4):
            parts.append(part(tube(width + 0.6, 3, 1.5), wall_of, (start + body * (0.25 + 0.17 * i), 0, 0), ALONG))
    attributes = {"material": "glass" if glass else "plastic", "contents": inside}
    return Model(kind=kind, parts=tuple(parts), attributes=attributes, stands=True)


def _flat(draw: Draw, kind: str, wall_of: str, wall: float) -> Model:
    long, width, thick = draw.between(95, 150), draw.between(60, 90), draw.between(30, 46)
    level, inside = draw.between(0.6, 0.98), draw.pick(DRINKS)
    fluid = (long - 2 * wall - 2) * level
    neck = draw.between(16, 26)
    parts = [
        part(
            Difference(pillow(long, width, thick, 1.36), box(long - 2 * wall, width - 2 * wall, thick - 2 * wall)),
            wall_of,
        ),
        part(box(fluid, width - 2 * wall, thick - 2 * wall), inside, (-(long - 2 * wall - fluid) / 2, 0, 0)),
        part(tube(neck, 16, wall), wall_of, (long / 2 + 7, 0, 0), ALONG),
        part(Difference(cylinder(neck + 5, 18), cylinder(neck, 16)), "plastic", (long / 2 + 14, 0, 0), ALONG),
    ]
    attributes = {"material": "glass" if wall_of == "glass" else "plastic", "contents": inside}
    return Model(kind=kind, parts=tuple(parts), attributes=attributes, stands=True)


def carton(draw: Draw) -> Model:
    """A drink carton: clutter."""
    x, y, z = draw.between(60, 120), draw.between(40, 70), draw.between(30, 50)
    parts = (
        part(shell(x, y, z, 0.7), "paper"),
        part(box(x - 8, y - 6, z - 4), "water", (-2, 0, 0), fill=draw.between(0.2, 0.9)),
    )
    return Model(kind="carton", parts=parts, stands=True)


def cosmetics(draw: Draw) -> Model:
    """A jar of cream or a tube with a cap: clutter."""
    width, tall = draw.between(38, 62), draw.between(28, 55)
    parts = (
        part(Difference(cylinder(width, tall), cylinder(width - 5, tall - 5)), draw.pick(("acrylic", "glass"))),
        part(cylinder(width - 6, tall - 8), "water", fill=0.95),
        part(tube(width + 3, 13, 2), "polyethylene", (0, 0, tall / 2)),
    )
    return Model(kind="cosmetics", parts=parts, stands=True)
