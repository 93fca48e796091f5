"""Innocent things that hide others: heavy metal and lead, through which a scanner sees little or nothing."""

from beltline.image.phantom.items.shapes import ring
from beltline.image.phantom.model import Draw, Model, Part, part
from beltline.image.phantom.rotations import about_x, about_y, about_z
from beltline.image.phantom.solids import Difference, box, cylinder, pillow, shell, tube


def pan(draw: Draw) -> Model:
    """A frying pan of cast iron: a bottom, a rim, a handle."""
    width, thick, rim = draw.between(180, 250), draw.between(4.5, 7), draw.between(32, 44)
    handle = draw.between(120, 160)
    return Model(
        kind="pan",
        parts=(
            part(cylinder(width - 8, thick), "steel", (0, 0, thick / 2 - rim / 2)),
            part(tube(width, rim, 4), "steel"),
            part(box(handle, 26, 11), "steel", (width / 2 + handle / 2 - 2, 0, rim / 2 - 8), fill=0.9),
        ),
    )


def weight_plate(draw: Draw) -> Model:
    """A disc of a dumbbell: iron with a hole and a raised rim."""
    width, thick = draw.between(150, 215), draw.between(16, 26)
    return Model(
        kind="weight plate",
        parts=(
            part(Difference(cylinder(width, thick), cylinder(28, thick + 2)), "steel", fill=0.95),
            *[part(ring(width - 2, 9, 3, 4), "steel", (0, 0, side * (thick / 2 + 1.6))) for side in (-1, 1)],
        ),
    )


def transformer(draw: Draw) -> Model:
    """A mains transformer: an iron core, two windings, feet."""
    x, y, z = draw.between(90, 130), draw.between(74, 105), draw.between(50, 78)
    legs = [part(box(x * 0.18, y, z), "steel", (side * x * 0.41, 0, 0), fill=0.97) for side in (-1, 0, 1)]
    yokes = [part(box(x * 0.23, y * 0.17, z), "steel", (sx * x * 0.205, sy * y * 0.415, 0), fill=0.97) for sx in (-1, 1) for sy in (-1, 1)]  # fmt: skip
    coils = [part(box(x * 0.2, y * 0.6, z * 1.2), "copper", (side * x * 0.205, 0, 0), fill=0.6) for side in (-1, 1)]
    feet = [part(box(x * 1.15, 14, 2.5), "steel", (0, side * y * 0.4, -z * 0.6 - 1.3)) for side in (-1, 1)]
    return Model(kind="transformer", parts=(*legs, *yokes, *coils, *feet))


def film_bag(draw: Draw) -> Model:
    """A pouch that keeps X-rays from films: lead foil in plastic, some film cans inside."""
    x, y, z, foil = draw.between(190, 280), draw.between(140, 210), draw.between(34, 44), draw.between(0.5, 1.0)
    parts = [part(pillow(x, y, z, 1.36), "polyethylene", fill=0.03)]
    for side in (-1, 1):
        parts.append(part(box(x - 14, y - 14, foil), "lead", (0, 0, side * (z / 2 - 5))))
    for i in range(draw.count(2, 5)):
        at = (x * (0.16 * i - 0.32), y * draw.between(-0.2, 0.2), 0.0)
        parts.append(part(tube(25, 46, 0.6), "steel", at, about_x(0.25)))
        parts.append(part(cylinder(21, 42), "plastic", at, about_x(0.25), fill=0.7))
    return Model(kind="film bag", parts=tuple(parts))


def tool_box(draw: Draw) -> Model:
    """A flat case of sheet steel with sockets and drills in rows."""
    x, y, z = draw.between(210, 300), draw.between(130, 190), draw.between(42, 56)
    parts: list[Part] = [part(shell(x, y, z, draw.between(0.8, 1.3)), "steel")]
    rows = draw.count(3, 5)
    for row in range(rows):
        at_y = y * ((row + 0.5) / rows - 0.5) * 0.86
        if row % 2:
            for k in range(4):
                at = (x * (k / 4 - 0.36), at_y, 0.0)
                parts.append(part(tube(draw.between(17, 26), x * 0.2, 3.5), "steel", at, about_y(0.25)))
        else:
            parts.append(part(cylinder(draw.between(9, 15), x * 0.8), "steel", (0.0, at_y, 0.0), about_y(0.25)))
    return Model(kind="tool box", parts=tuple(parts))


def steel_plates(draw: Draw) -> Model:
    """A few sheets of steel, roughly on each other."""
    x, y = draw.between(170, 290), draw.between(110, 190)
    parts, z = [], 0.0
    for _ in range(draw.count(2, 4)):
        thick = draw.between(2.0, 5.0)
        turn = about_z(draw.between(-0.02, 0.02))
        at = (draw.between(-12, 12), draw.between(-9, 9), z + thick / 2)
        parts.append(part(box(x, y, thick), "steel", at, turn))
        z += thick
    return Model(kind="steel plates", parts=tuple(parts))


def drill_battery(draw: Draw) -> Model:
    """A power tool's pack: cells in nickel cans, in layers, in a case."""
    columns, rows, layers = draw.count(4, 6), draw.count(2, 3), draw.count(1, 2)
    x, y, z = columns * 19.5 + 8, rows * 67.0 + 6, layers * 19.5 + 8
    parts = [part(shell(x, y, z, 2.2), "plastic")]
    for i in range(columns):
        for j in range(rows):
            for k in range(layers):
                at = ((i - (columns - 1) / 2) * 19.5, (j - (rows - 1) / 2) * 67.0, (k - (layers - 1) / 2) * 19.5)
                parts.append(part(cylinder(18, 65), "li-ion cell", at, about_x(0.25)))
                parts.append(part(tube(18.6, 65, 0.3), "nickel", at, about_x(0.25)))
    return Model(kind="drill battery", parts=tuple(parts))
