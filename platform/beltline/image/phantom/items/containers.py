"""What holds a bag's contents: walls, zips, wheels. Inside sizes are given; the walls go around them.

A container's parts are placed so that its inside is the box (length, width, height) standing on z = `floor`.
"""

from dataclasses import dataclass

from beltline.image.phantom.model import Draw, Part, cable, part
from beltline.image.phantom.rotations import Vector, about_y
from beltline.image.phantom.solids import Difference, Prism, box, cylinder, tube


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """`inside_mm` is the free length, width and height above `floor_mm`."""

    kind: str
    parts: tuple[Part, ...]
    inside_mm: Vector
    floor_mm: float


def suitcase(draw: Draw, inside: Vector) -> Container:
    """A hard case: shell of plastic, frame, handle rods, wheels."""
    x, y, z = inside
    wall, floor = draw.between(1.6, 2.4), 22.0
    outer = _rounded(x + 2 * wall, y + 2 * wall, 34)
    middle = floor + z / 2
    parts = [part(Difference(Prism(outer, z / 2 + wall), box(x, y, z)), "plastic", (0, 0, middle))]
    for side in (-1, 1):
        rod = ((x * -0.46, side * y * 0.28, floor + z - 3), (x * 0.46, side * y * 0.28, floor + z - 3))
        parts += cable(rod, 7, "aluminium", fill=0.6)
        for end in (-1, 1):
            at = (end * (x / 2 - 26), side * (y / 2 - 26), 11.0)
            parts.append(part(cylinder(21, 12), "pvc", at, about_y(0.25), fill=0.8))
            parts.append(part(cylinder(6, 20), "steel", at, about_y(0.25)))
    parts += _zip(x + 5, y + 5, middle, 3.0)
    return Container(kind="suitcase", parts=tuple(parts), inside_mm=inside, floor_mm=floor)


def backpack(draw: Draw, inside: Vector) -> Container:
    """Fabric walls, padded straps, zips with sliders, plastic and metal buckles."""
    x, y, z = inside
    wall, floor = draw.between(1.4, 2.2), 2.5
    outer = _rounded(x + 2 * wall, y + 2 * wall, 60)
    middle = floor + z / 2
    parts = [part(Difference(Prism(outer, z / 2 + wall), box(x, y, z)), "nylon", (0, 0, middle), fill=0.6)]
    for side in (-1, 1):
        strap = [(x * (i / 6 - 0.5), side * y * (0.2 + 0.06 * (i % 2)), floor + z + 5 + 3 * (i % 3)) for i in range(7)]
        parts += cable(strap, 9, "nylon", fill=0.3)
        parts.append(part(tube(18, 3, 3), "steel", (x * 0.38, side * y * 0.24, floor + z + 8)))
    parts += _zip(x * 0.96, y * 0.96, middle, 2.4)
    return Container(kind="backpack", parts=tuple(parts), inside_mm=inside, floor_mm=floor)


def plastic_box(draw: Draw, inside: Vector) -> Container:
    """An open tray."""
    x, y, z = inside
    wall, floor = draw.between(2.2, 3.2), 3.0
    rim = min(z, draw.between(60, 100))
    outer = box(x + 2 * wall, y + 2 * wall, rim + floor)
    hole = box(x, y, rim + floor)
    shifted = Difference(outer, hole)
    parts = [
        part(shifted, "polyethylene", (0, 0, (rim + floor) / 2)),
        part(box(x, y, floor), "polyethylene", (0, 0, floor / 2)),
    ]
    return Container(kind="plastic box", parts=tuple(parts), inside_mm=inside, floor_mm=floor)


def _rounded(x: float, y: float, radius: float) -> tuple[tuple[float, float], ...]:
    """A rectangle with its corners cut twice."""
    a, b, near, far = x / 2, y / 2, radius * 0.3, radius
    quarter = ((a, b - far), (a - near, b - near), (a - far, b))
    points = []
    for sx, sy, order in ((1, 1, 1), (-1, 1, -1), (-1, -1, 1), (1, -1, -1)):
        points += [(sx * px, sy * py) for px, py in quarter[::order]]
    return tuple(points)


def _zip(x: float, y: float, z: float, diameter: float) -> list[Part]:
    corners = [(-x / 2, -y / 2, z), (x / 2, -y / 2, z), (x / 2, y / 2, z), (-x / 2, y / 2, z)]
    parts = cable(corners, diameter, "brass", fill=0.12, closed=True)
    parts.append(part(box(14, 8, 5), "brass", (x * 0.2, y / 2, z), fill=0.8))
    return parts


CONTAINERS = {"suitcase": suitcase, "backpack": backpack, "plastic box": plastic_box}
