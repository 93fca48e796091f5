"""Knives: fixed, folding, unfolded, with handles of plastic or metal, cleavers, cutters, multi-tools."""

from beltline.image.phantom.items.shapes import (
    ALONG,
    BLADE,
    CLEAVER,
    DAGGER,
    KITCHEN,
    blade,
    coil,
    outline,
    plate,
    rivets,
)
from beltline.image.phantom.model import Draw, Model, Part, moved, part
from beltline.image.phantom.rotations import Pose, about_z
from beltline.image.phantom.solids import Capsule, Difference, Prism, box, cylinder

_HANDLE = ((-0.5, -0.3), (-0.42, -0.5), (0.42, -0.42), (0.5, -0.2), (0.5, 0.25), (0.38, 0.45), (0.0, 0.36), (-0.4, 0.5), (-0.5, 0.3))  # fmt: skip


def straight_knife(draw: Draw) -> Model:
    """A dagger: a symmetrical blade, a cross guard, a tang, a pommel."""
    long, handle, width = draw.between(120, 190), draw.between(95, 120), draw.between(24, 34)
    grip = draw.pick(("wood", "pvc"))
    parts = [
        *blade(DAGGER, long, width, draw.between(3, 4.2)),
        part(box(long * 0.7, 4, 5), "steel", (long * 0.35, 0, 0)),
        part(box(7, width + draw.between(20, 34), 13), "steel"),
        part(cylinder(21, handle, 17), grip, (-handle / 2, 0, 0), ALONG, fill=0.9 if grip == "wood" else 0.6),
        part(box(handle, 9, 3.2), "steel", (-handle / 2, 0, 0)),
        part(cylinder(24, 12), "steel", (-handle - 5, 0, 0), ALONG),
    ]
    return Model(kind="straight knife", parts=tuple(parts), attributes={"material": "steel blade", "handle": grip})


def folding_knife(draw: Draw) -> Model:
    """Folded: the blade lies between two liners inside the handle, its edge a little proud."""
    long, width, gap = draw.between(95, 122), draw.between(22, 29), draw.between(3.2, 4.2)
    scale = draw.pick(("wood", "plastic", "aluminium"))
    parts = _folder(draw, long, width, gap, scale)
    parts += _turned(blade(BLADE, long * 0.84, width * 0.62, gap - 1), (long * 0.42, width * 0.2, 0), 0.5)
    return Model(
        kind="folding knife",
        parts=tuple(parts),
        attributes={"material": "steel blade", "state": "folded", "handle": scale},
    )


def unfolding_knife(draw: Draw) -> Model:
    """The same knife with its blade out, a little short of straight."""
    long, width, gap = draw.between(98, 125), draw.between(22, 29), draw.between(3.2, 4.2)
    scale = draw.pick(("wood", "plastic", "aluminium"))
    parts = _folder(draw, long, width, gap, scale)
    parts += _turned(blade(BLADE, long * 0.84, width * 0.66, gap - 1), (long * 0.42, 0, 0), draw.between(-0.14, 0.0))
    return Model(
        kind="unfolding knife",
        parts=tuple(parts),
        attributes={"material": "steel blade", "state": "open", "handle": scale},
    )


def plastic_handle_knife(draw: Draw) -> Model:
    """A kitchen knife whose half tang ends inside a moulded handle."""
    long, handle, width = draw.between(110, 210), draw.between(105, 125), draw.between(24, 42)
    parts = [
        *blade(KITCHEN, long, width, draw.between(1.4, 2.2)),
        part(Capsule(12, handle - 24), draw.pick(("plastic", "polyethylene")), (-handle / 2, 2, 0), ALONG),
        part(box(handle * 0.5, 12, 1.8), "steel", (-handle * 0.25, 2, 0)),
    ]
    return Model(
        kind="plastic handle knife", parts=tuple(parts), attributes={"material": "steel blade", "handle": "plastic"}
    )


def metal_handle_knife(draw: Draw) -> Model:
    """A kitchen knife of one piece: a hollow steel handle with dimples."""
    long, handle, width = draw.between(110, 210), draw.between(105, 125), draw.between(24, 42)
    skin = Difference(Capsule(11.5, handle - 23), Capsule(10.5, handle - 23))
    parts = [
        *blade(KITCHEN, long, width, draw.between(1.6, 2.4)),
        part(skin, "steel", (-handle / 2, 2, 0), ALONG),
        part(box(16, width * 0.8, 11), "steel", (0, 1, 0), fill=0.8),
    ]
    for i in range(5):
        parts.append(part(cylinder(4, 20), "steel", (-handle * (0.2 + 0.14 * i), 2, 0), fill=0.25))
    return Model(kind="metal handle knife", parts=tuple(parts), attributes={"material": "steel", "handle": "metal"})


def plastic_handle_cleaver(draw: Draw) -> Model:
    """A broad blade and a handle of plastic with a tang and rivets."""
    long, width, handle = draw.between(165, 205), draw.between(75, 98), draw.between(100, 122)
    offset = width * 0.28
    parts = [
        *_cleaver_blade(long, width, draw.between(1.8, 2.8)),
        part(cylinder(30, handle, 21), "plastic", (-handle / 2, offset, 0), ALONG),
        part(box(handle * 0.9, 13, 2.2), "steel", (-handle * 0.45, offset, 0)),
    ]
    parts += _turned(rivets(draw, (-handle * 0.25, -handle * 0.5, -handle * 0.75), 22), (0, offset, 0), 0.0)
    return Model(
        kind="plastic handle cleaver", parts=tuple(parts), attributes={"material": "steel blade", "handle": "plastic"}
    )


def metal_handle_cleaver(draw: Draw) -> Model:
    """A broad blade that runs over into a hollow steel handle."""
    long, width, handle = draw.between(165, 205), draw.between(75, 98), draw.between(100, 122)
    skin = Difference(Capsule(14, handle - 28), Capsule(12.8, handle - 28))
    parts = [
        *_cleaver_blade(long, width, draw.between(2.0, 3.0)),
        part(skin, "steel", (-handle / 2, width * 0.28, 0), ALONG),
        part(box(14, 34, 16), "steel", (0, width * 0.28, 0), fill=0.9),
    ]
    return Model(kind="metal handle cleaver", parts=tuple(parts), attributes={"material": "steel", "handle": "metal"})


def utility_knife(draw: Draw) -> Model:
    """A cutter: a slim sleeve, a scored blade that looks out, a slider."""
    long, width, out = draw.between(125, 160), draw.between(17, 24), draw.between(8, 40)
    sleeve, strip = draw.pick(("plastic", "aluminium")), width * 0.5
    hollow = Difference(box(long, width, 12), box(long + 2, width * 0.6, 5))
    slanted = ((-0.5, -0.5), (0.5, -0.5), (0.46, 0.5), (-0.5, 0.5))
    parts = [
        part(hollow, sleeve, fill=0.8 if sleeve == "aluminium" else 1.0),
        part(plate(slanted, 100, strip, 0.8), "steel", (long / 2 + out - 50, 0, 0)),
        part(box(long * 0.8, width * 0.7, 0.8), "steel", (0, 0, 3.2)),
        part(box(22, width * 0.5, 7), "plastic", (long * 0.12 + out / 2, 0, 7)),
        part(cylinder(6, 10), "steel", (-long * 0.42, 0, 0)),
    ]
    for i in range(7):
        parts.append(part(box(0.9, strip, 1.4), "steel", (long / 2 + out - 10 - 12 * i, 0, 0), about_z(0.06)))
    return Model(kind="utility knife", parts=tuple(parts), attributes={"material": "steel blade", "handle": sleeve})


def multi_tool_knife(draw: Draw) -> Model:
    """A pocket knife of many layers, some of its tools swung out, with a corkscrew."""
    long, width, layers = draw.between(84, 98), draw.between(23, 27), draw.count(3, 5)
    body = outline(
        ((-0.5, -0.2), (-0.42, -0.5), (0.42, -0.5), (0.5, -0.2), (0.5, 0.2), (0.42, 0.5), (-0.42, 0.5), (-0.5, 0.2)),
        long,
        width,
    )
    depth = layers * 3.4
    parts = [part(Prism(body, 1.8), "plastic", (0, 0, side * (depth / 2 + 1.8))) for side in (-1, 1)]
    for i in range(layers + 1):
        parts.append(part(Prism(body, 0.35), "aluminium", (0, 0, (i - layers / 2) * 3.4)))
    for i in range(layers):
        z, end = (i - (layers - 1) / 2) * 3.4, draw.pick((-1, 1))
        opened = draw.pick((0.0, 0.0, 0.12, 0.25, 0.34)) if i else draw.pick((0.2, 0.3, 0.42))
        lever = _turned(blade(BLADE, long * 0.8, width * 0.5, 2.0), (-long * 0.42, 0, z), -opened)
        parts += lever if end < 0 else moved(lever, Pose(about_z(0.5)))
    parts += coil(4, 8, 4, 2.4, "steel", (-long * 0.1, -width * 0.8, 0))
    parts += [part(cylinder(5, depth + 5), "brass", (side * long * 0.42, 0, 0)) for side in (-1, 1)]
    return Model(
        kind="multi-tool knife", parts=tuple(parts), attributes={"material": "steel tools", "handle": "plastic"}
    )


def _folder(draw: Draw, long: float, width: float, gap: float, scale: str) -> list[Part]:
    shape = outline(_HANDLE, long, width)
    parts = []
    for side in (-1, 1):
        parts.append(part(Prism(shape, 0.6), "steel", (0, 0, side * (gap / 2 + 0.6))))
        parts.append(part(Prism(shape, 1.9), scale, (0, 0, side * (gap / 2 + 3.1))))
    parts.append(part(cylinder(8, gap + 10), "steel", (long * 0.42, 0, 0)))
    parts.append(part(box(long * 0.7, 3.5, gap), "steel", (-0.08 * long, -width * 0.36, 0)))
    parts += rivets(draw, (-long * 0.4, -long * 0.05), gap + 9)
    return parts


def _cleaver_blade(long: float, width: float, thick: float) -> list[Part]:
    whole = Difference(plate(CLEAVER, long, width, thick), cylinder(12, 50, at=(long / 2 - 16, width / 2 - 16)))
    return [
        part(whole, "steel", (long / 2, 0, 0)),
        part(box(long, width * 0.3, thick * 0.6), "steel", (long / 2, width * 0.3, 0)),
    ]


def _turned(parts: list[Part], at: tuple[float, float, float], turns: float) -> list[Part]:
    return list(moved(parts, Pose(about_z(turns), at)))
