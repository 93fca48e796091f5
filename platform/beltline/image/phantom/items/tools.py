"""Tools and restraints: scissors, hammer, axe, pliers, baton, handcuffs."""

from beltline.image.phantom.items.shapes import ALONG, BLADE, loop, outline, plate, ring
from beltline.image.phantom.model import Draw, Model, Part, cable, moved, part
from beltline.image.phantom.rotations import Pose, about_x, about_z
from beltline.image.phantom.solids import Capsule, Difference, Frustum, Prism, box, cylinder, tube


def scissors(draw: Draw) -> Model:
    """Two levers crossing at a pivot: blades on one side, rings on the other."""
    long, handle, opening = draw.between(75, 125), draw.between(70, 95), draw.between(0.01, 0.05)
    grip = draw.pick(("plastic", "steel"))
    parts: list[Part] = [part(cylinder(9, 7), "steel")]
    for side in (-1, 1):
        lever = [
            part(plate(tuple((x, side * y) for x, y in BLADE), long, 13, 2.2), "steel", (long / 2 - 4, 0, 0)),
            part(box(handle * 0.55, 8, 2.4), "steel", (-handle * 0.24, -side * 2, 0), about_z(side * 0.015)),
            part(
                ring(handle * 0.66, 38, 6, 9 if grip == "plastic" else 5),
                grip,
                (-handle * 0.78, -side * 15, 0),
                about_z(side * 0.03),
            ),
        ]
        parts += moved(lever, Pose(about_z(side * opening), (0, 0, side * 1.3)))
    return Model(kind="scissors", parts=tuple(parts), attributes={"material": "steel", "handle": grip})


def hammer(draw: Draw) -> Model:
    """A claw hammer: a steel head across a handle."""
    handle, head = draw.between(240, 310), draw.between(95, 125)
    grip = draw.pick(("wood", "steel"))
    claw = ((0.0, -11.0), (-0.5 * head, -2.0), (-0.56 * head, -12.0), (-0.5 * head, 3.0), (0.0, 11.0))
    parts = [
        part(cylinder(28, 24), "steel", (handle / 2, head * 0.36, 0), about_x(0.25)),
        part(cylinder(19, 34), "steel", (handle / 2, head * 0.14, 0), about_x(0.25)),
        part(box(26, 30, 25), "steel", (handle / 2, -6, 0)),
        part(Prism(claw, 9.0), "steel", (handle / 2, -14, 0), about_z(0.25)),
    ]
    parts += _handle(draw, handle, grip)
    return Model(kind="hammer", parts=tuple(parts), attributes={"material": "steel head", "handle": grip})


def axe(draw: Draw) -> Model:
    """A flared steel bit on one side of a long handle."""
    handle, head = draw.between(280, 370), draw.between(115, 150)
    grip = draw.pick(("wood", "steel"))
    flare = ((-0.2, -0.16), (0.22, -0.2), (0.62, -0.5), (0.7, 0.0), (0.62, 0.5), (0.2, 0.2), (-0.2, 0.16))
    thin = ((0.22, -0.2), (0.62, -0.5), (0.7, 0.0), (0.62, 0.5), (0.2, 0.2))
    turn = about_z(0.25)
    parts = [
        part(plate(flare, head, 100, 9), "steel", (handle / 2 - 30, 0, 0), turn),
        part(
            Difference(plate(flare, head * 0.45, 80, 24), cylinder(25, 60, 17)), "steel", (handle / 2 - 30, 0, 0), turn
        ),
        part(plate(thin, head, 92, 3), "steel", (handle / 2 - 30, 0, 6), turn),
    ]
    parts += _handle(draw, handle, grip)
    return Model(kind="axe", parts=tuple(parts), attributes={"material": "steel head", "handle": grip})


def pliers(draw: Draw) -> Model:
    """Two levers through a pivot: short toothed jaws, long sleeved handles that spread."""
    long, opening = draw.between(100, 130), draw.between(0.012, 0.045)
    jaw = ((0.0, -7.0), (20.0, -11.0), (52.0, -6.0), (52.0, -0.5), (18.0, -0.5), (0.0, 6.0))
    parts: list[Part] = [part(cylinder(26, 9), "steel"), part(cylinder(10, 12), "steel")]
    for side in (-1, 1):
        bend = [
            (-4.0, side * 6.0, 0.0),
            (-long * 0.35, side * 17.0, 0.0),
            (-long * 0.7, side * 19.0, 0.0),
            (-long, side * 15.0, 0.0),
        ]
        lever = [
            part(Prism(tuple((x, side * y) for x, y in jaw), 4.5), "steel"),
            *cable(bend, 8, "steel"),
            *cable(bend[1:], 13, "pvc", fill=0.6),
        ]
        parts += moved(lever, Pose(about_z(-side * opening), (0, 0, 0)))
    return Model(kind="pliers", parts=tuple(parts), attributes={"material": "steel", "handle": "plastic sleeves"})


def baton(draw: Draw) -> Model:
    """A telescopic baton: three steel tubes in a rubber grip, closed or drawn out."""
    step, extended = draw.between(150, 190), draw.chance(0.5)
    parts: list[Part] = [
        part(tube(25, step, 2.0), "steel", (0, 0, 0), ALONG),
        part(Difference(cylinder(32, step * 0.85), cylinder(25, step)), "pvc", (-step * 0.06, 0, 0), ALONG, fill=0.7),
        part(cylinder(31, 14), "steel", (-step / 2 - 6, 0, 0), ALONG),
    ]
    reach = 0.0
    for diameter in (19.0, 13.0):
        reach += step * 0.9 if extended else 0.0
        parts.append(part(tube(diameter, step, 1.8), "steel", (reach, 0, 0), ALONG))
    parts.append(part(Capsule(7, 6), "steel", (reach + step / 2 + 6, 0, 0), ALONG))
    state = "extended" if extended else "closed"
    return Model(kind="baton", parts=tuple(parts), attributes={"material": "steel", "state": state})


def handcuffs(draw: Draw) -> Model:
    """Two bows with lock cases, joined by a short chain."""
    bow, reach = draw.between(62, 74), draw.between(10, 22)
    parts: list[Part] = []
    for side in (-1, 1):
        cuff = [
            part(ring(bow, bow * draw.between(0.8, 0.95), 4.5, 7), "steel", (bow / 2 + 14, 0, 0)),
            part(
                Prism(outline(((-0.5, -0.5), (0.5, -0.3), (0.5, 0.3), (-0.5, 0.5)), 26, 46), 6),
                "steel",
                (20, 0, 0),
                fill=0.7,
            ),
            part(ring(bow * 0.97, bow * 0.78, 3, 3), "steel", (bow / 2 + 14, 0, 0), fill=0.8),
        ]
        turn = about_z((0.5 if side < 0 else 0.0) + draw.between(-0.06, 0.06))
        parts += moved(cuff, Pose(turn, (side * reach, draw.between(-6, 6), 0)))
    for i in range(3):
        parts += loop(9, 3.4, "steel", ((i - 1) * 13.0, 0, 1.5 * (i % 2)), squeeze=0.6)
    return Model(kind="handcuffs", parts=tuple(parts), attributes={"material": "steel"})


def _handle(draw: Draw, long: float, grip: str) -> list[Part]:
    """A wooden shaft, or a steel tube in a sleeve."""
    if grip == "wood":
        return [
            part(cylinder(30, long, 22), "wood", (0, 0, 0), ALONG, fill=1.1),
            part(Frustum(14, 10, 20), "wood", (long / 2, 0, 0), ALONG),
        ]
    sleeve = Difference(cylinder(30, long * 0.42, 26), cylinder(17, long))
    return [
        part(tube(17, long, 2.5), "steel", (0, 0, 0), ALONG),
        part(sleeve, "pvc", (-long * 0.28, 0, 0), ALONG, fill=0.6),
    ]
