"""Innocent things: clothes, books, shoes, cables, keys, coins, umbrellas."""

from beltline.image.phantom.model import Draw, Model, Part, cable, part
from beltline.image.phantom.rotations import about_x, about_y, about_z, sin_cos
from beltline.image.phantom.solids import Difference, Prism, Soft, box, cylinder, ellipsoid, tube


def clothes(draw: Draw) -> Model:
    """Folded textiles: soft lumps in a loose stack."""
    length, width = draw.between(130, 260), draw.between(100, 200)
    layers = draw.count(2, 5)
    parts = []
    for i in range(layers):
        for _ in range(draw.count(1, 3)):
            size = (length * draw.between(0.5, 1.0), width * draw.between(0.5, 1.0), draw.between(22, 36))
            at = (length * draw.between(-0.2, 0.2), width * draw.between(-0.2, 0.2), 14.0 * i)
            parts.append(
                part(
                    Soft((size[0] / 2, size[1] / 2, size[2] / 2)),
                    "cotton",
                    at,
                    about_z(draw.turns()),
                    fill=draw.between(0.15, 0.4),
                )
            )
    return Model(kind="clothes", parts=tuple(parts))


def book(draw: Draw) -> Model:
    """Pages between two boards."""
    x, y, z = draw.between(150, 240), draw.between(105, 170), draw.between(10, 35)
    boards = [part(box(x, y, 2), "paper", (0, 0, s * (z / 2 - 1)), fill=1.2) for s in (-1, 1)]
    return Model(kind="book", parts=(part(box(x - 5, y - 5, z - 4), "paper", fill=0.95), *boards))


def shoe(draw: Draw) -> Model:
    """A sole with a heel, a soft upper, eyelets, sometimes a steel shank."""
    length, width = draw.between(235, 295), draw.between(82, 100)
    outline = (
        (-0.5, -0.2),
        (-0.42, -0.34),
        (-0.1, -0.28),
        (0.2, -0.45),
        (0.42, -0.36),
        (0.5, 0.0),
        (0.42, 0.36),
        (0.2, 0.48),
        (-0.1, 0.3),
        (-0.42, 0.36),
        (-0.5, 0.2),
    )
    sole = tuple((x * length, y * width) for x, y in outline)
    heel = tuple((-0.5 * length + (x + 0.5) * length * 0.3, y * width) for x, y in outline)
    parts = [
        part(Prism(sole, 6), "pvc", (0, 0, 6), fill=0.55),
        part(Prism(heel, 6), "pvc", (0, 0, -6), fill=0.55),
        part(
            Difference(ellipsoid(length * 0.98, width * 0.92, 110), box(length, width, 24)),
            "cotton",
            (0, 0, 12),
            fill=0.22,
        ),
    ]
    if draw.chance(0.5):
        parts.append(part(box(100, 14, 1.4), "steel", (-length * 0.1, 0, 8)))
    for i in range(8):
        parts.append(
            part(
                tube(6, 1.2, 1.4),
                "brass",
                (length * (0.04 + 0.06 * (i // 2)), 14 * (1 if i % 2 else -1), 62 - 4 * (i // 2)),
            )
        )
    return Model(kind="shoe", parts=tuple(parts))


def cables(draw: Draw) -> Model:
    """A coiled lead with plugs."""
    radius, loops, points = draw.between(32, 60), draw.count(2, 3), []
    squeeze = draw.between(0.5, 1.0)
    for i in range(loops * 10 + 1):
        sine, cosine = sin_cos(i / 10)
        reach = radius * (1 - 0.06 * i / 10)
        points.append((reach * cosine, reach * sine * squeeze, 1.1 * i * 0.4))
    parts = cable(points, draw.between(3.2, 5), "copper", fill=draw.between(0.16, 0.3))
    for end in (points[0], points[-1]):
        parts.append(part(box(12, 8, 6), "steel", (end[0] + 4, end[1], end[2]), fill=0.4))
    return Model(kind="cable", parts=tuple(parts))


def coins(draw: Draw) -> Model:
    """Some coins, lying apart."""
    parts = []
    for i in range(draw.count(3, 7)):
        at = (draw.between(-30, 30), draw.between(-25, 25), 2.2 * i)
        parts.append(
            part(cylinder(draw.between(16, 27), draw.between(1.5, 2.2)), draw.pick(("brass", "copper", "steel")), at)
        )
    return Model(kind="coins", parts=tuple(parts))


def keys(draw: Draw) -> Model:
    """Keys on a ring."""
    ring = [(12 * sin_cos(i / 10)[1], 12 * sin_cos(i / 10)[0], 0.0) for i in range(10)]
    parts = cable(ring, 2.0, "steel", closed=True)
    for i in range(draw.count(2, 4)):
        angle = draw.between(-0.15, 0.15) + i * 0.07
        turn = about_z(angle)
        for reach, solid in ((22, cylinder(22, 2.2)), (48, box(38, 8, 2.2))):
            parts.append(
                part(
                    solid, draw.pick(("brass", "steel")), (turn[0][0] * reach, turn[1][0] * reach, 2.6 * (i - 1)), turn
                )
            )
    return Model(kind="keys", parts=tuple(parts))


def umbrella(draw: Draw) -> Model:
    """Folded: a shaft, eight ribs around it, cloth, a handle."""
    length, radius = draw.between(230, 300), draw.between(13, 18)
    along = about_y(0.25)
    handle = draw.between(50, 70)
    parts: list[Part] = [
        part(tube(9, length, 0.8), "steel", (0, 0, 0), along),
        part(cylinder(2 * radius + 10, length - 40), "nylon", (10, 0, 0), along, fill=0.35),
        part(cylinder(30, handle), "plastic", (-length / 2 - handle / 2, 0, 0), along, fill=0.8),
        part(cylinder(14, 22), "steel", (length / 2 - 10, 0, 0), along, fill=0.5),
        part(tube(16, 26, 1.2), "steel", (-length * 0.3, 0, 0), along),
    ]
    for i in range(8):
        sine, cosine = sin_cos(i / 8)
        ends = ((-length * 0.38, radius * cosine, radius * sine), (length * 0.47, 6 * cosine, 6 * sine))
        parts += cable(ends, 2.6, "steel", fill=0.8)
    return Model(kind="umbrella", parts=tuple(parts), attributes={"material": "metal and fabric"})


def toothbrush_case(draw: Draw) -> Model:
    """A plastic tube with little in it."""
    length = draw.between(150, 200)
    return Model(
        kind="toiletry",
        parts=(
            part(tube(draw.between(28, 42), length, 1.5), "polyethylene", (0, 0, 0), about_y(0.25)),
            part(cylinder(18, length * 0.7), "water", (0, 0, 0), about_y(0.25), fill=0.9),
            part(box(length * 0.5, 6, 5), "plastic", (0, 0, 0), about_x(0.1)),
        ),
    )
