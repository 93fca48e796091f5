"""Firearms, ammunition, and things that explode."""

from beltline.image.phantom.items.shapes import ALONG, loop
from beltline.image.phantom.model import Draw, Model, Part, cable, part
from beltline.image.phantom.rotations import about_y, about_z
from beltline.image.phantom.solids import Capsule, Difference, Frustum, Prism, box, cylinder, ellipsoid, tube


def gun(draw: Draw) -> Model:
    """A pistol on its side: slide, barrel, frame, grip with magazine and rounds, trigger in its guard."""
    long, slide, thick = draw.between(165, 215), draw.between(24, 29), draw.between(22, 27)
    grip, lean = draw.between(76, 96), draw.between(10, 22)
    frame = draw.pick(("steel", "aluminium", "plastic"))
    left, under = -long / 2, -slide / 2
    rail = ((left + 3, under), (long * 0.36, under), (long * 0.36, under - 11), (left + 8, under - 11))
    guard_x = left + 66.0
    bow = [
        (guard_x - 18, under - 11, 0.0),
        (guard_x - 14, under - 32, 0.0),
        (guard_x + 8, under - 35, 0.0),
        (guard_x + 24, under - 26, 0.0),
        (guard_x + 27, under - 11, 0.0),
    ]
    parts = [
        part(Difference(box(long, slide, thick), box(long - 18, slide - 9, thick - 9)), "steel", fill=0.5),
        part(tube(13, long - 12, 2.4), "steel", (4, 1, 0), ALONG),
        part(tube(7, long * 0.5, 1.4), "steel", (long * 0.2, under - 3, 0), ALONG),
        part(Prism(rail, thick / 2 - 3), frame, fill=0.6 if frame == "steel" else 1.0),
        part(Difference(_grip(left, under, grip, lean, thick), box(long * 3, grip * 3, thick * 0.5)), frame),
        part(box(26, 7, 7), "steel", (left + 18, under + 3, 0)),
        part(cylinder(11, thick), "steel", (left + 10, under - 4, 0)),
        *cable(bow, 5, frame if frame != "plastic" else "aluminium"),
        *cable(
            [(guard_x + 4, under - 10, 0.0), (guard_x + 2, under - 20, 0.0), (guard_x + 7, under - 27, 0.0)], 4, "steel"
        ),
    ]
    parts += _magazine(draw, left, under, grip, lean)
    return Model(kind="gun", parts=tuple(parts), attributes={"material": "metal", "frame": frame})


def bullet(draw: Draw) -> Model:
    """One rifle or pistol cartridge: a brass case, primer, powder, a lead core in a copper jacket."""
    rifle = draw.chance(0.6)
    case, width = (
        (draw.between(38, 52), draw.between(9.5, 12)) if rifle else (draw.between(19, 26), draw.between(9.6, 11.5))
    )
    head, neck = draw.between(16, 26) if rifle else draw.between(10, 14), width * (0.64 if rifle else 0.94)
    parts = [
        part(
            Difference(Frustum(width / 2, width * 0.47, case), Frustum(width / 2 - 1, width * 0.47 - 0.8, case)),
            "brass",
            (0, 0, 0),
            ALONG,
        ),
        part(cylinder(width + 0.8, 2.2), "brass", (-case / 2 - 1, 0, 0), ALONG),
        part(cylinder(width - 2.4, case * 0.7), "explosive", (-case * 0.1, 0, 0), ALONG, fill=0.5),
        part(Frustum(neck / 2, neck * 0.42, head * 0.55), "lead", (case / 2 + head * 0.27, 0, 0), ALONG),
        part(Frustum(neck * 0.42, neck * 0.1, head * 0.45), "copper", (case / 2 + head * 0.77, 0, 0), ALONG),
    ]
    word = "rifle" if rifle else "pistol"
    return Model(
        kind="bullet", parts=tuple(parts), attributes={"material": "brass and lead", "kind": word}, stands=True
    )


def grenade(draw: Draw) -> Model:
    """An egg of steel with a filling, a fuse head, a safety lever and a ring."""
    width, tall = draw.between(54, 64), draw.between(66, 82)
    wall = draw.between(3.5, 6)
    top = tall / 2
    lever = [
        (top + 24, 6.0, 0.0),
        (top + 18, 16.0, 0.0),
        (top - 6, width * 0.5, 0.0),
        (0.0, width * 0.56, 0.0),
        (-tall * 0.22, width * 0.52, 0.0),
    ]
    parts = [
        part(
            Difference(ellipsoid(tall, width, width), ellipsoid(tall - 2 * wall, width - 2 * wall, width - 2 * wall)),
            "steel",
            fill=0.45,
        ),
        part(ellipsoid(tall - 2 * wall - 1, width - 2 * wall - 1, width - 2 * wall - 1), "explosive"),
        part(tube(20, 18, 3), "steel", (top + 4, 0, 0), ALONG),
        part(box(18, 22, 16), "aluminium", (top + 18, 2, 0)),
        part(tube(9, tall * 0.6, 1.5), "aluminium", (top - tall * 0.25, 0, 0), ALONG),
        part(cylinder(6, tall * 0.3), "copper", (0, 0, 0), ALONG),
        *cable(lever, 7, "steel", fill=0.6),
        *loop(13, 2.6, "steel", (top + 18, -20, 5)),
    ]
    for i in range(3):
        parts.append(
            part(tube(width * (0.99, 0.86, 0.86)[i], 3, 2.4), "steel", ((0, 0.26, -0.26)[i] * tall, 0, 0), ALONG)
        )
    return Model(kind="grenade", parts=tuple(parts), attributes={"material": "steel shell"}, stands=True)


def fireworks(draw: Draw) -> Model:
    """A cake of paper tubes with charges, or rockets on sticks."""
    return _cake(draw) if draw.chance(0.6) else _rockets(draw)


def _cake(draw: Draw) -> Model:
    across, rows, width, tall = draw.count(3, 5), draw.count(3, 5), draw.between(19, 26), draw.between(70, 110)
    parts: list[Part] = []
    for i in range(across):
        for j in range(rows):
            at = ((i - (across - 1) / 2) * width, (j - (rows - 1) / 2) * width, 0.0)
            parts.append(part(tube(width, tall, 2.4), "paper", at, fill=1.1))
            parts.append(part(cylinder(width - 5, tall * 0.34), "salt", (at[0], at[1], -tall * 0.22), fill=0.55))
            parts.append(part(cylinder(width - 5, 8), "silicon", (at[0], at[1], -tall / 2 + 4), fill=0.5))
    parts.append(part(box(across * width, rows * width, 3), "paper", (0, 0, -tall / 2 - 1.5)))
    return Model(kind="fireworks", parts=tuple(parts), attributes={"material": "paper and powder"})


def _rockets(draw: Draw) -> Model:
    parts: list[Part] = []
    for i in range(draw.count(2, 4)):
        y, width, long = (i - 1.5) * 31.0, draw.between(21, 27), draw.between(75, 105)
        parts.append(part(tube(width, long, 2.2), "paper", (0, y, 0), ALONG, fill=1.1))
        parts.append(part(cylinder(width - 5, long * 0.4), "salt", (long * 0.2, y, 0), ALONG, fill=0.6))
        parts.append(part(cylinder(width - 6, long * 0.3), "silicon", (-long * 0.25, y, 0), ALONG, fill=0.4))
        parts.append(part(Frustum(width / 2, 1, 28), "paper", (long / 2 + 14, y, 0), ALONG, fill=0.8))
        parts.append(part(box(230, 4, 4), "wood", (-long / 2 - 60, y + width / 2 + 2, 0)))
    return Model(kind="fireworks", parts=tuple(parts), attributes={"material": "paper and powder"})


def _magazine(draw: Draw, left: float, under: float, grip: float, lean: float) -> list[Part]:
    """Rounds one above the other, along the leaning grip, on a spring plate."""
    parts: list[Part] = []
    for i in range(draw.count(0, 8)):
        share = 0.18 + 0.09 * i
        parts.append(
            part(
                Capsule(4.6, 18), "brass", (left + 26 - lean * share, under - grip * share, 0), about_y(0.25), fill=0.55
            )
        )
    spring = [(left + 26 - lean * 0.2, under - grip * 0.2, 0.0), (left + 26 - lean, under - grip * 0.98, 0.0)]
    parts += cable(spring, 6, "steel", fill=0.35)
    parts.append(part(box(36, 5, 20), "steel", (left + 27 - lean, under - grip, 0), about_z(0.01), fill=0.6))
    return parts


def _grip(left: float, under: float, grip: float, lean: float, thick: float) -> Prism:
    right = left + 47
    return Prism(
        ((left + 4, under), (right, under), (right - lean, under - grip), (left + 4 - lean, under - grip)), thick / 2
    )
