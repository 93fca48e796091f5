"""Weapons and blades."""

from beltline.image.phantom.model import Draw, Model, Part, part
from beltline.image.phantom.rotations import about_x, about_y, about_z
from beltline.image.phantom.solids import Difference, Prism, box, cylinder, tube

Polygon = tuple[tuple[float, float], ...]


def gun(draw: Draw) -> Model:
    """A pistol on its side: slide, barrel, frame, grip with magazine and rounds, trigger guard."""
    length, slide_height, thick = draw.between(160, 210), draw.between(24, 29), draw.between(22, 28)
    grip, lean = draw.between(72, 92), draw.between(8, 20)
    frame = draw.pick(("steel", "aluminium", "plastic"))
    upright = about_x(0.25)  # a tube's z axis becomes the item's y
    parts = [
        part(Difference(box(length, slide_height, thick), box(length - 22, slide_height - 7, thick - 7)), "steel"),
        part(tube(13, length - 14, 2.6), "steel", (3, 1, 0), about_y(0.25)),
        part(
            _plate([(-0.5, -0.5), (0.36, -0.5), (0.36, -0.95), (-0.42, -0.95)], length, slide_height, thick - 4), frame
        ),
        part(_grip(length, slide_height, grip, lean, thick - 2), frame, fill=0.6),
        part(_grip(length, slide_height, grip - 4, lean, thick - 12, inset=7), "steel", fill=0.3),
    ]
    guard_x = -length * 0.12
    parts.append(part(tube(34, 7, 3), "steel", (guard_x, -slide_height * 0.95 - 13, 0)))
    parts.append(part(box(4, 18, 6), "steel", (guard_x - 3, -slide_height * 0.95 - 10, 0), about_z(0.03)))
    parts += _magazine(draw, length, slide_height, grip, lean, upright)
    return Model(kind="gun", parts=tuple(parts), attributes={"material": "metal", "frame": frame})


def straight_knife(draw: Draw) -> Model:
    """A fixed blade with a tang through its handle."""
    blade, handle, width = draw.between(105, 190), draw.between(95, 125), draw.between(22, 34)
    wood = draw.pick(("wood", "plastic"))
    parts = [
        part(_blade(blade, width, draw.between(2.2, 3.4)), "steel", (blade / 2, 0, 0)),
        part(box(handle - 6, width * 0.45, 2.4), "steel", (-handle / 2, 0, 0)),
        part(cylinder(width * 0.9, handle, 17), wood, (-handle / 2, 0, 0), about_y(0.25)),
        part(box(6, width + 8, 14), "steel", (0, 0, 0)),
    ]
    for share in (0.25, 0.75):
        parts.append(part(cylinder(5, 17), "brass", (-handle * share, 0, 0)))
    return Model(kind="straight knife", parts=tuple(parts), attributes={"material": "steel blade", "handle": wood})


def folding_knife(draw: Draw) -> Model:
    """Folded: the blade lies between two liners inside the handle, edge slightly proud."""
    length, width, gap = draw.between(95, 120), draw.between(21, 28), draw.between(3.2, 4.2)
    scale = draw.pick(("wood", "plastic", "steel"))
    parts = []
    outline = (
        (-0.5, -0.3),
        (-0.42, -0.5),
        (0.42, -0.42),
        (0.5, -0.2),
        (0.5, 0.25),
        (0.38, 0.45),
        (0.0, 0.36),
        (-0.4, 0.5),
        (-0.5, 0.3),
    )
    shape = tuple((x * length, y * width) for x, y in outline)
    for side in (-1, 1):
        parts.append(part(Prism(shape, 0.7), "steel", (0, 0, side * (gap / 2 + 0.7))))
        parts.append(
            part(Prism(shape, 2.0), scale, (0, 0, side * (gap / 2 + 3.4)), fill=0.35 if scale == "steel" else 1.0)
        )
    parts.append(
        part(_blade(length * 0.86, width * 0.62, gap - 0.8), "steel", (-length * 0.02, width * 0.24, 0), about_z(0.5))
    )
    parts.append(part(cylinder(8, gap + 12), "steel", (length * 0.42, 0, 0)))
    parts.append(part(box(length * 0.7, 3.5, gap), "steel", (-0.08 * length, -width * 0.38, 0)))
    return Model(kind="folding knife", parts=tuple(parts), attributes={"material": "steel blade", "state": "folded"})


def scissors(draw: Draw) -> Model:
    """Two blades crossing at a pivot, two rings."""
    blade, handle, opening = draw.between(75, 120), draw.between(65, 90), draw.between(0.01, 0.06)
    ring_material = draw.pick(("plastic", "steel"))
    parts: list[Part] = [part(cylinder(9, 7), "steel")]
    for side in (-1, 1):
        turn = about_z(side * opening)
        at = turn[0][0] * blade / 2, turn[1][0] * blade / 2, side * 1.3
        parts.append(part(_blade(blade, draw.between(11, 14), 2.0, mirrored=side < 0), "steel", at, turn))
        back = about_z(side * (opening + 0.02))
        for share, solid, material in ((0.25, box(handle * 0.5, 8, 2.4), "steel"), (0.72, None, ring_material)):
            place = (-back[0][0] * handle * share, -back[1][0] * handle * share, side * 1.3)
            if solid is not None:
                parts.append(part(solid, material, place, back))
            else:
                outside = place[0], place[1] - side * 11, place[2]
                parts.append(part(_ring(handle * 0.62, 36, 6.5), material, outside, back))
    return Model(kind="scissors", parts=tuple(parts), attributes={"material": "steel", "handle": ring_material})


def hammer(draw: Draw) -> Model:
    """A claw hammer: steel head across a handle."""
    handle, head = draw.between(240, 310), draw.between(95, 125)
    grip = draw.pick(("wood", "steel"))
    claw = ((0.0, -11.0), (-0.5 * head, -2.0), (-0.56 * head, -12.0), (-0.5 * head, 3.0), (0.0, 11.0))
    parts = [
        part(cylinder(27, 24), "steel", (handle / 2, head * 0.34, 0), about_x(0.25)),
        part(cylinder(19, 34), "steel", (handle / 2, head * 0.14, 0), about_x(0.25)),
        part(box(26, 30, 25), "steel", (handle / 2, -6, 0)),
        part(Prism(claw, 9.0), "steel", (handle / 2, -14, 0), about_z(0.25)),
    ]
    if grip == "wood":
        parts.append(part(cylinder(30, handle, 22), "wood", (0, 0, 0), about_y(0.25)))
    else:
        parts.append(part(tube(17, handle, 2.5), "steel", (0, 0, 0), about_y(0.25)))
        parts.append(part(cylinder(30, handle * 0.42, 26), "pvc", (-handle * 0.28, 0, 0), about_y(0.25), fill=0.6))
    return Model(kind="hammer", parts=tuple(parts), attributes={"material": "steel head", "handle": grip})


def _magazine(draw: Draw, length: float, slide: float, grip: float, lean: float, upright: object) -> list[Part]:
    parts = []
    rounds = draw.count(0, 10)
    for i in range(rounds):
        share = 0.15 + 0.075 * i
        at = (-length / 2 + 24 - lean * share, -slide / 2 - grip * share, 0.0)
        parts.append(part(cylinder(9.5, 26), "brass", at, about_y(0.27), fill=0.6))
    return parts


def _grip(length: float, slide: float, grip: float, lean: float, thick: float, inset: float = 0.0) -> Prism:
    left, right, top = -length / 2 + 4 + inset, -length / 2 + 46 - inset, -slide / 2
    return Prism(((left, top), (right, top), (right - lean, top - grip), (left - lean, top - grip)), thick / 2)


def _plate(shares: list[tuple[float, float]], length: float, height: float, thick: float) -> Prism:
    return Prism(tuple((x * length, y * height) for x, y in shares), thick / 2)


def _blade(length: float, width: float, thick: float, mirrored: bool = False) -> Prism:
    sign = -1.0 if mirrored else 1.0
    outline = ((-0.5, -0.5), (0.2, -0.5), (0.4, -0.32), (0.5, 0.3), (0.44, 0.5), (-0.5, 0.5))
    return Prism(tuple((x * length, sign * y * width) for x, y in outline), thick / 2)


def _ring(length: float, width: float, wall: float) -> Difference:
    outer = cylinder(length, 7.0, width)
    return Difference(outer, cylinder(length - 2 * wall, 9.0, width - 2 * wall))
