"""What holds a bag's contents: walls, zips, wheels. Inside sizes are given; the walls go around them.

A container's parts are placed so that its inside is the box (length, width, height) standing on z = `floor`.
"""

from dataclasses import dataclass

from beltline.image.phantom.items.shapes import ring
from beltline.image.phantom.model import Draw, Part, cable, part
from beltline.image.phantom.rotations import Vector, about_y, about_z, sin_cos
from beltline.image.phantom.solids import Difference, box, cylinder, pillow


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """`inside_mm` is the free length, width and height above `floor_mm`."""

    kind: str
    parts: tuple[Part, ...]
    inside_mm: Vector
    floor_mm: float


def suitcase(draw: Draw, inside: Vector) -> Container:
    """A hard case: a rounded shell, a lining, handle rods, a frame, wheels."""
    floor = 24.0 + inside[2] * 0.04
    parts, middle, (x, y, _) = _skin(inside, 1.33, draw.between(1.4, 2.2), "plastic", 0.7, floor)
    for side in (-1, 1):
        rod = ((x * -0.44, side * y * 0.2, floor - 3), (x * 0.47, side * y * 0.2, floor - 3))
        parts += cable(rod, 5, "aluminium")
        for end in (-1, 1):
            at = (end * (x / 2 - 40), side * (y / 2 - 36), 12.0)
            parts.append(part(cylinder(22, 12), "pvc", at, about_y(0.25), fill=0.8))
            parts.append(part(cylinder(6, 20), "steel", at, about_y(0.25)))
    parts += cable(
        [(x * 0.48, -60.0, middle), (x * 0.5, -40.0, middle), (x * 0.5, 40.0, middle), (x * 0.48, 60.0, middle)],
        9,
        "plastic",
    )
    parts += _zip(draw, x * 0.97, y * 0.97, middle, 3.0)
    return Container(kind="suitcase", parts=tuple(parts), inside_mm=inside, floor_mm=floor)


def backpack(draw: Draw, inside: Vector) -> Container:
    """Soft walls, a front pocket, padded straps, zips with sliders, buckles."""
    floor = 3.0 + inside[2] * 0.08
    parts, middle, (x, y, z) = _skin(inside, draw.between(1.2, 1.28), draw.between(1.2, 2.0), "nylon", 0.35, floor)
    top = middle + z / 2
    pocket = pillow(x * 0.5, y * 0.7, 26, 1.25)
    parts.append(
        part(Difference(pocket, pillow(x * 0.5 - 3, y * 0.7 - 3, 23, 1.25)), "nylon", (-x * 0.18, 0, top + 8), fill=0.5)
    )
    for side in (-1, 1):
        strap = [
            (x * (0.46 - 0.9 * k / 7), side * y * (0.16 + 0.05 * (k % 3)), top + draw.between(4, 16)) for k in range(8)
        ]
        parts += cable(strap, 11, "nylon", fill=0.16)
        parts.append(
            part(
                ring(26, 20, 3.2, 3),
                draw.pick(("steel", "plastic")),
                (-x * 0.3, side * y * 0.24, top + 16),
                about_z(draw.turns()),
            )
        )
        parts.append(part(box(22, 16, 5), "plastic", (-x * 0.36, side * y * 0.3, top + 14), about_z(draw.turns())))
    parts += _zip(draw, x * 0.94, y * 0.94, middle + z * 0.12, 2.2)
    parts += _zip(draw, x * 0.4, y * 0.6, top + 10, 2.0)
    return Container(kind="backpack", parts=tuple(parts), inside_mm=inside, floor_mm=floor)


def handbag(draw: Draw, inside: Vector) -> Container:
    """Soft leather, two handles, rings, studs, one zip."""
    floor = 4.0 + inside[2] * 0.07
    parts, middle, (x, y, z) = _skin(inside, draw.between(1.22, 1.32), draw.between(1.2, 1.8), "paper", 0.6, floor)
    for side in (-1, 1):
        bow = []
        for k in range(9):
            sine, cosine = sin_cos(k / 16)
            bow.append((x * 0.3 * cosine, side * (y / 2 - 6 + 55 * sine), middle + z * 0.35 + 8 * sine))
        parts += cable(bow, 8, "paper", fill=0.9)
        for end in (bow[0], bow[-1]):
            parts.append(part(ring(24, 24, 3, 3.4), "brass", end))
        for foot in (-1, 1):
            parts.append(part(cylinder(10, 5), "brass", (foot * x * 0.36, side * y * 0.3, 2.5), fill=0.6))
    parts += _zip(draw, x * 0.8, 8.0, middle + z / 2, 2.2)
    return Container(kind="handbag", parts=tuple(parts), inside_mm=inside, floor_mm=floor)


def parcel(draw: Draw, inside: Vector) -> Container:
    """A carton of corrugated paper with tape."""
    x, y, z = inside
    wall, floor = draw.between(2.5, 4.5), 5.0
    parts = [
        part(
            Difference(box(x + 2 * wall, y + 2 * wall, z + 2 * wall), box(x, y, z)),
            "paper",
            (0, 0, floor + z / 2),
            fill=0.3,
        ),
        part(box(x + 2 * wall, y * 0.24, wall), "paper", (0, 0, floor + z + wall / 2), fill=0.3),
        part(box(x + 2 * wall, 50, 0.3), "polyethylene", (0, 0, floor + z + wall + 0.2)),
    ]
    for k in range(draw.count(3, 6)):
        at = (draw.pick((-1, 1)) * x * 0.46, y * (k / 6 - 0.4), floor + z + wall)
        parts.append(part(box(12, 2, 0.8), "steel", at))
    return Container(kind="parcel", parts=tuple(parts), inside_mm=inside, floor_mm=floor)


def metal_basket(draw: Draw, inside: Vector) -> Container:
    """An open basket of wire."""
    x, y, z = inside
    floor, rim = 5.0, min(z, draw.between(60, 90))
    parts = []
    for level in (2.0, rim * 0.5, rim):
        corners = [
            (-x / 2 - 3, -y / 2 - 3, level),
            (x / 2 + 3, -y / 2 - 3, level),
            (x / 2 + 3, y / 2 + 3, level),
            (-x / 2 - 3, y / 2 + 3, level),
        ]
        parts += cable(corners, 3.6, "steel", closed=True)
    wires = int(x // 45)
    for k in range(wires + 1):
        at = (k / wires - 0.5) * x
        parts += cable(
            [(at, -y / 2 - 3, rim), (at, -y / 2 - 3, 2.0), (at, y / 2 + 3, 2.0), (at, y / 2 + 3, rim)], 2.4, "steel"
        )
    return Container(kind="metal basket", parts=tuple(parts), inside_mm=inside, floor_mm=floor)


def plastic_box(draw: Draw, inside: Vector) -> Container:
    """An open tray."""
    x, y, z = inside
    wall, floor = draw.between(2.2, 3.2), 3.0
    rim = min(z, draw.between(60, 100))
    outer = box(x + 2 * wall, y + 2 * wall, rim + floor)
    hole = box(x, y, rim + floor)
    parts = [
        part(Difference(outer, hole), "polyethylene", (0, 0, (rim + floor) / 2)),
        part(box(x, y, floor), "polyethylene", (0, 0, floor / 2)),
    ]
    return Container(kind="plastic box", parts=tuple(parts), inside_mm=inside, floor_mm=floor)


def _skin(
    inside: Vector, roundness: float, wall: float, material: str, fill: float, floor: float
) -> tuple[list[Part], float, Vector]:
    """A rounded shell that holds the whole inside box: its parts, the height of its middle, its outer sizes."""
    grow = 1.4143 / roundness
    x, y, z = (side * grow + 1 for side in inside)
    outer = pillow(x + 2 * wall, y + 2 * wall, z + 2 * wall, roundness)
    middle = floor + inside[2] / 2
    return [part(Difference(outer, pillow(x, y, z, roundness)), material, (0, 0, middle), fill=fill)], middle, (x, y, z)


def _zip(draw: Draw, x: float, y: float, z: float, diameter: float) -> list[Part]:
    corners = [(-x / 2, -y / 2, z), (x / 2, -y / 2, z), (x / 2, y / 2, z), (-x / 2, y / 2, z)]
    if y < 20:
        corners = [(-x / 2, 0.0, z), (x / 2, 0.0, z)]
    parts = cable(corners, diameter, "brass", fill=0.05, closed=len(corners) > 2)
    for _ in range(draw.count(1, 3)):
        at = (draw.between(-0.4, 0.4) * x, draw.pick((-1, 1)) * y / 2, z)
        turn = about_z(draw.turns())
        parts.append(part(box(9, 7, 4), "brass", at, turn, fill=0.8))
        parts.append(
            part(box(24, 5, 1.6), "brass", (at[0] + 12 * turn[0][0], at[1] + 12 * turn[1][0], z), turn, fill=0.8)
        )
    return parts


CONTAINERS = {
    "suitcase": suitcase,
    "backpack": backpack,
    "handbag": handbag,
    "parcel": parcel,
    "plastic box": plastic_box,
    "metal basket": metal_basket,
}
