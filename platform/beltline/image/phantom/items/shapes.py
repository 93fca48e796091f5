"""Shapes that several items share: blades, rings, handles, chains."""

from beltline.image.phantom.model import Draw, Part, cable, part
from beltline.image.phantom.rotations import Vector, about_y, sin_cos
from beltline.image.phantom.solids import Difference, Prism, Torus, cylinder

Polygon = tuple[tuple[float, float], ...]
ALONG = about_y(0.25)
"""Turns a solid's own z axis into the item's x axis."""


def outline(shares: Polygon, length: float, width: float) -> Polygon:
    """Shares of the length and width to millimetres."""
    return tuple((x * length, y * width) for x, y in shares)


def plate(shares: Polygon, length: float, width: float, thick: float) -> Prism:
    """A flat piece of the outline, `thick` mm."""
    return Prism(outline(shares, length, width), thick / 2)


BLADE: Polygon = ((-0.5, -0.5), (0.15, -0.5), (0.38, -0.3), (0.5, 0.3), (0.44, 0.5), (-0.5, 0.5))
DAGGER: Polygon = ((-0.5, -0.5), (0.2, -0.45), (0.5, 0.0), (0.2, 0.45), (-0.5, 0.5))
KITCHEN: Polygon = ((-0.5, -0.5), (-0.48, -0.62), (0.0, -0.6), (0.3, -0.35), (0.5, 0.38), (0.5, 0.42), (-0.5, 0.42))
CLEAVER: Polygon = ((-0.5, -0.5), (0.46, -0.5), (0.5, -0.44), (0.5, 0.5), (-0.5, 0.5))


def blade(shape: Polygon, length: float, width: float, thick: float) -> list[Part]:
    """A blade that starts at the origin and points along +x, with a thinner strip along its edge."""
    parts = [part(plate(shape, length, width, thick), "steel", (length / 2, 0, 0))]
    ridge = plate(((-0.5, 0.12), (0.36, 0.12), (0.42, 0.4), (-0.5, 0.4)), length, width, thick * 0.5)
    return [*parts, part(ridge, "steel", (length / 2, 0, 0), fill=0.8)]


def ring(length: float, width: float, wall: float, height: float) -> Difference:
    """An oval band in the x-y plane."""
    return Difference(cylinder(length, height, width), cylinder(length - 2 * wall, height + 2, width - 2 * wall))


def loop(radius: float, diameter: float, material: str, at: Vector, squeeze: float = 1.0) -> list[Part]:
    """A wire ring in the x-y plane."""
    return [part(Torus(radius, diameter / 2, squeeze), material, at)]


def coil(
    radius: float,
    pitch: float,
    turns: float,
    diameter: float,
    material: str,
    at: Vector,
    per_turn: int = 14,
    fill: float = 1.0,
) -> list[Part]:
    """A wire helix along x, starting at `at`."""
    points = []
    for i in range(int(turns * per_turn) + 1):
        sine, cosine = sin_cos(i / per_turn)
        points.append((at[0] + pitch * i / per_turn, at[1] + radius * cosine, at[2] + radius * sine))
    return cable(points, diameter, material, fill=fill)


def rivets(draw: Draw, xs: tuple[float, ...], thick: float) -> list[Part]:
    """Pins through a handle."""
    material = draw.pick(("brass", "steel"))
    return [part(cylinder(draw.between(4, 6), thick), material, (x, 0, 0)) for x in xs]
