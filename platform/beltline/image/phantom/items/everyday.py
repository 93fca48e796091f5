"""Innocent things: clothes, books, shoes, cables, keys, coins, umbrellas."""

from itertools import pairwise

from beltline.image.phantom.items.shapes import loop
from beltline.image.phantom.model import Draw, Model, Part, cable, part
from beltline.image.phantom.rotations import about_x, about_y, about_z, sin_cos, unit
from beltline.image.phantom.solids import Difference, Frustum, Prism, Soft, box, cylinder, ellipsoid, pillow, tube


def clothes(draw: Draw) -> Model:
    """Folded textiles: soft lumps and thin folds in a loose stack, seams, sometimes a zip or buttons."""
    length, width = draw.between(130, 270), draw.between(100, 210)
    layers, parts = draw.count(2, 4), []
    for i in range(layers):
        for _ in range(draw.count(1, 2)):
            half = (length * draw.between(0.25, 0.5), width * draw.between(0.25, 0.5), draw.between(10, 17))
            at = (length * draw.between(-0.2, 0.2), width * draw.between(-0.2, 0.2), 11.0 * i)
            parts.append(part(Soft(half), "cotton", at, about_z(draw.turns()), fill=draw.between(0.12, 0.34)))
        fold = pillow(length * draw.between(0.7, 1), width * draw.between(0.6, 1), draw.between(4, 9), 1.3)
        parts.append(
            part(fold, "cotton", (0, 0, 11.0 * i), about_z(draw.between(-0.03, 0.03)), fill=draw.between(0.12, 0.3))
        )
    for _ in range(draw.count(1, 3)):
        y = width * draw.between(-0.4, 0.4)
        bend = [(length * (k / 4 - 0.5) * 0.8, y + draw.between(-9, 9), 11.0 * layers * 0.5) for k in range(5)]
        parts += cable(bend, 5, "cotton", fill=0.5)
    if draw.chance(0.4):
        for k in range(5):
            parts.append(
                part(
                    cylinder(11, 3),
                    draw.pick(("plastic", "brass")),
                    (length * (k / 5 - 0.4), 0, 11.0 * layers),
                    fill=0.8,
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
    for i in range(loops * 24 + 1):
        sine, cosine = sin_cos(i / 24)
        reach = radius * (1 - 0.06 * i / 24)
        points.append((reach * cosine, reach * sine * squeeze, 4.4 * i / 24))
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
    parts = loop(12, 2.0, "steel", (0, 0, 0))
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


def belt(draw: Draw) -> Model:
    """A rolled leather belt with its buckle."""
    radius, points = draw.between(34, 48), []
    for i in range(61):
        sine, cosine = sin_cos(i / 27.5)
        reach = radius * (0.55 + 0.45 * i / 60)
        points.append((reach * cosine, reach * sine, 0.0))
    band: list[Part] = []
    for a, b in pairwise(points):
        step = (b[0] - a[0], b[1] - a[1], 0.0)
        size = (step[0] * step[0] + step[1] * step[1]) ** 0.5
        along = unit(step)
        turn = ((along[0], -along[1], 0.0), (along[1], along[0], 0.0), (0.0, 0.0, 1.0))
        band.append(part(box(size, 3.4, 34), "paper", ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, 0), turn, fill=1.1))
    frame = Difference(box(5, 46, 42), box(9, 36, 32))
    end = points[-1]
    return Model(
        kind="belt",
        parts=(
            *band,
            part(frame, "steel", (end[0], end[1] + 20, 0)),
            part(cylinder(4, 40), "steel", (end[0], end[1] + 4, 0)),
        ),
    )


def glasses(draw: Draw) -> Model:
    """Two lenses in a wire frame, temples folded."""
    gap, parts = draw.between(62, 70), []
    for side in (-1, 1):
        parts += loop(24, 2.6, draw.pick(("titanium", "plastic")), (side * gap / 2, 0, 0), squeeze=0.8)
        parts.append(part(cylinder(46, 2.2, 37), "glass", (side * gap / 2, 0, 0), fill=0.6))
        parts += cable(
            [
                (side * (gap / 2 + 24), 4.0, 0.0),
                (side * (gap / 2 + 20), 6.0, 8.0),
                (-side * 50.0, 6.0 + 4 * side, 12.0),
            ],
            3.2,
            "titanium",
            fill=0.8,
        )
    parts.append(part(cylinder(3, 22), "titanium", (0, 6, 0), about_y(0.25)))
    return Model(kind="glasses", parts=tuple(parts))


def pens(draw: Draw) -> Model:
    """Pens in a pouch, with springs and tips."""
    parts: list[Part] = [part(pillow(draw.between(185, 215), 75, 24, 1.3), "nylon", fill=0.04)]
    for i in range(draw.count(3, 6)):
        y, long = (i - 2.5) * 11, draw.between(120, 150)
        parts.append(part(tube(9, long, 1.3), "plastic", (0, y, 0), about_y(0.25)))
        parts.append(part(cylinder(3, long * 0.8), "plastic", (0, y, 0), about_y(0.25)))
        parts.append(part(Frustum(3.6, 0.8, 14), draw.pick(("brass", "steel")), (long / 2 + 7, y, 0), about_y(0.25)))
        parts.append(part(box(38, 2, 1.2), "steel", (-long * 0.35, y, 5)))
    return Model(kind="pens", parts=tuple(parts))


def fruit(draw: Draw) -> Model:
    """An apple or an orange."""
    width = draw.between(62, 85)
    core = ellipsoid(18, 18, 26)
    return Model(
        kind="fruit",
        parts=(
            part(Difference(ellipsoid(width, width, width * 0.9), core), "water", fill=0.86),
            part(core, "water", fill=0.6),
        ),
    )


def wallet(draw: Draw) -> Model:
    """Leather, cards, some coins."""
    parts = [part(pillow(draw.between(104, 120), 92, 20, 1.34), "paper", fill=0.5)]
    for i in range(draw.count(2, 5)):
        parts.append(part(box(85.6, 54, 0.8), "pvc", (draw.between(-8, 8), draw.between(-12, 12), 1.6 * i - 3)))
    for _ in range(draw.count(0, 5)):
        parts.append(
            part(
                cylinder(draw.between(17, 26), 1.9),
                draw.pick(("brass", "copper", "steel")),
                (draw.between(-36, 36), draw.between(-26, 26), draw.between(-6, 6)),
            )
        )
    return Model(kind="wallet", parts=tuple(parts))


def headphones(draw: Draw) -> Model:
    """A bow with two cups, each with a magnet."""
    reach = draw.between(68, 84)
    bow = [(reach * sin_cos(i / 48)[1], reach * sin_cos(i / 48)[0], 0.0) for i in range(25)]
    parts = cable(bow, 9, "plastic") + cable(bow, 3, "steel")
    for side in (-1, 1):
        parts.append(
            part(Difference(cylinder(70, 30), cylinder(62, 24)), "plastic", (side * (reach - 8), -12, 0), about_y(0.25))
        )
        parts.append(part(cylinder(34, 9), "steel", (side * (reach - 8), -12, 0), about_y(0.25), fill=0.7))
        parts.append(part(Soft((38, 38, 16)), "cotton", (side * (reach - 23), -12, 0), about_y(0.25), fill=0.3))
    return Model(kind="headphones", parts=tuple(parts))


def tin(draw: Draw) -> Model:
    """Food in a tin."""
    width, tall = draw.between(66, 86), draw.between(38, 110)
    parts = (
        part(Difference(cylinder(width, tall), cylinder(width - 0.5, tall - 0.5)), "steel"),
        part(cylinder(width - 1, tall - 6), "water", fill=1.05),
        *[part(tube(width + 1, 3, 1.0), "steel", (0, 0, side * tall / 2)) for side in (-1, 1)],
    )
    return Model(kind="tin", parts=parts, stands=True)


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
