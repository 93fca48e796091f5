"""Electronics: phones, tablets, laptops, chargers with and without visible cells."""

from beltline.image.phantom.items.shapes import ALONG
from beltline.image.phantom.model import Draw, Model, Part, cable, part
from beltline.image.phantom.rotations import about_x, about_y
from beltline.image.phantom.solids import Difference, box, cylinder, shell, tube


def mobile_phone(draw: Draw) -> Model:
    """A slab: glass, frame, battery, board, camera."""
    length, width, height = draw.between(138, 164), draw.between(66, 78), draw.between(7.2, 9)
    frame = draw.pick(("aluminium", "steel", "plastic"))
    parts = _slab(draw, length, width, height, frame)
    for i in range(draw.count(1, 3)):
        at = (length / 2 - 12 - 13 * (i % 2), width / 2 - 12 - 13 * (i // 2), height / 4)
        parts.append(part(cylinder(9, height / 2), "copper", at, fill=0.6))
    parts.append(part(box(9, 14, 3), "copper", (-length / 2 + 8, 0, 0), fill=0.5))
    return Model(kind="mobile phone", parts=tuple(parts), attributes={"material": "glass and metal"}, stands=True)


def tablet(draw: Draw) -> Model:
    """A phone's larger sister: two batteries, a narrow board."""
    length, width, height = draw.between(220, 262), draw.between(150, 182), draw.between(6.2, 8)
    parts = _slab(draw, length, width, height, "aluminium", batteries=2)
    return Model(kind="tablet", parts=tuple(parts), attributes={"material": "glass and aluminium"})


def laptop(draw: Draw) -> Model:
    """Closed: screen lid above a base with battery cells, board, fan, drive and keyboard."""
    length, width, base = draw.between(300, 365), draw.between(205, 248), draw.between(13, 18)
    case = draw.pick(("aluminium", "plastic"))
    parts = [
        part(shell(length, width, base, 1.2), case),
        part(shell(length, width, 5.0, 0.9), case, (0, 0, base / 2 + 3)),
        part(box(length - 16, width - 20, 1.2), "glass", (0, 0, base / 2 + 3)),
        part(box(length - 50, width * 0.38, 1.0), "aluminium", (0, width * 0.16, base / 2 - 2.4)),
    ]
    cells = draw.count(3, 4)
    step = (length - 50) / cells
    for i in range(cells):
        at = (-length / 2 + 25 + step * (i + 0.5), -width / 2 + width * 0.2, -base / 2 + 5.2)
        parts.append(part(box(step - 4, width * 0.26, 6.5), "li-ion cell", at))
    parts.append(part(box(length * 0.62, width * 0.34, 1.6), "circuit board", (0, width * 0.2, -base / 2 + 3.5)))
    for _ in range(draw.count(6, 10)):
        at = (draw.between(-0.28, 0.28) * length, draw.between(0.06, 0.34) * width, -base / 2 + 5.5)
        parts.append(part(box(draw.between(8, 20), draw.between(8, 18), 2), "circuit board", at))
    fan_x = draw.pick((-1, 1)) * length * 0.36
    parts.append(part(cylinder(46, 6), "plastic", (fan_x, width * 0.28, -base / 2 + 5)))
    parts.append(part(cylinder(18, 5), "copper", (fan_x, width * 0.28, -base / 2 + 5), fill=0.5))
    heat = (
        (fan_x, width * 0.3, -base / 2 + 6),
        (fan_x / 2, width * 0.26, -base / 2 + 6),
        (0.0, width * 0.2, -base / 2 + 6),
    )
    parts += cable(heat, 5, "copper", fill=0.5)
    for side in (-1, 1):
        hinge = (side * length * 0.36, width / 2 - 4, base / 2)
        parts.append(part(cylinder(6, 28), "steel", hinge, about_y(0.25), fill=0.7))
    return Model(kind="laptop", parts=tuple(parts), attributes={"material": case})


def power_bank(draw: Draw) -> Model:
    """A case, a board, and cells: a flat pouch or 18650 cylinders side by side."""
    return _cell_bank(draw, "power bank") if draw.chance(0.5) else _pouch_bank(draw, "power bank")


def charger_without_cells(draw: Draw) -> Model:
    """A slim power bank: its pouch shows no cells of its own (LDXray's portable charger 1)."""
    return _pouch_bank(draw, "portable charger 1")


def charger_with_cells(draw: Draw) -> Model:
    """A thick power bank in which round cells can be counted (LDXray's portable charger 2)."""
    return _cell_bank(draw, "portable charger 2")


def block_battery(draw: Draw) -> Model:
    """Round cells wrapped to a block, joined by strips, with two leads."""
    diameter, tall = draw.pick(((18.4, 65.0), (26.0, 50.0), (33.0, 61.0)))
    across, rows = draw.count(2, 4), draw.count(1, 2)
    parts: list[Part] = []
    for i in range(across):
        for j in range(rows):
            parts += _cell(
                diameter, tall, ((j - (rows - 1) / 2) * (tall + 5), (i - (across - 1) / 2) * (diameter + 0.6), 0.0)
            )
    y = (across - 1) * (diameter + 0.6) / 2
    for side in (-1, 1):
        parts.append(part(box(0.6, max(8.0, 2 * y + 8), 7), "nickel", (side * (rows * (tall + 5) / 2 + 1), 0, 0)))
    if draw.chance(0.7):
        lead = [
            (rows * (tall + 5) / 2 + 1, y, 4.0),
            (rows * (tall + 5) / 2 + 14, y + 4, 2.0),
            (rows * (tall + 5) / 2 + 30, y - 6, 1.0),
        ]
        parts += cable(lead, 3.2, "copper", fill=0.5)
    return Model(kind="columnar block battery", parts=tuple(parts), attributes={"material": "battery cells"})


def _pouch_bank(draw: Draw, kind: str) -> Model:
    board = draw.between(11, 15)
    length, width, height = draw.between(118, 150), draw.between(62, 76), draw.between(11, 16)
    parts = [
        part(box(length - board - 12, width - 8, height - 5), "li-ion cell", (-board / 2, 0, 0), fill=0.9),
        part(box(length - board - 22, 2, height - 5), "aluminium", (-board / 2, 0, 0)),
    ]
    parts += _bank_case(draw, length, width, height, board)
    return Model(
        kind=kind, parts=tuple(parts), attributes={"material": "plastic case", "inside": "a flat cell"}, stands=True
    )


def _cell_bank(draw: Draw, kind: str) -> Model:
    board, cells = draw.between(11, 15), draw.count(2, 5)
    length, width = 68 + board + 10, cells * 19 + 6.0
    parts: list[Part] = []
    for i in range(cells):
        parts += _cell(18.0, 65.0, (-board / 2, (i - (cells - 1) / 2) * 19, 0.0))
    parts += _bank_case(draw, length, width, 23.5, board)
    attributes = {"material": "plastic case", "inside": f"{cells} round cells"}
    return Model(kind=kind, parts=tuple(parts), attributes=attributes, stands=True)


def _bank_case(draw: Draw, length: float, width: float, height: float, board: float) -> list[Part]:
    parts = [
        part(shell(length, width, height, 1.6), draw.pick(("plastic", "plastic", "aluminium"))),
        part(box(board - 2, width - 6, 1.6), "circuit board", (length / 2 - board / 2 - 2, 0, 0)),
        part(box(8, 8, 5), "copper", (length / 2 - board / 2 - 2, width * 0.3, 3), fill=0.6),
    ]
    for i in range(2):
        parts.append(part(shell(12, 13, 6, 0.5), "steel", (length / 2 - 7, (i - 0.5) * width / 2, 3)))
    return parts


def _cell(diameter: float, tall: float, at: tuple[float, float, float]) -> list[Part]:
    """A round cell along x: can, winding, hollow core, caps."""
    x, y, z = at
    winding = Difference(cylinder(diameter - 1.2, tall - 5), cylinder(3.4, tall))
    return [
        part(winding, "li-ion cell", at, ALONG),
        part(tube(diameter, tall, 0.35), "steel", at, ALONG),
        part(cylinder(diameter, 0.8), "steel", (x - tall / 2, y, z), ALONG),
        part(cylinder(diameter * 0.8, 1.6), "steel", (x + tall / 2 - 1, y, z), ALONG, fill=0.6),
        part(cylinder(diameter * 0.34, 2.0), "steel", (x + tall / 2 + 0.6, y, z), ALONG),
    ]


def _slab(draw: Draw, length: float, width: float, height: float, frame: str, batteries: int = 1) -> list[Part]:
    parts = [
        part(shell(length, width, height, 1.4), frame, fill=0.8 if frame != "steel" else 0.35),
        part(box(length - 5, width - 4, 1.1), "glass", (0, 0, height / 2 - 1)),
        part(box(length * 0.9, width * 0.88, 0.5), "aluminium", (0, 0, 0)),
    ]
    span = length * 0.62 / batteries
    for i in range(batteries):
        at = (-length * 0.08 + (i - (batteries - 1) / 2) * (span + 4), -width * 0.12, -height * 0.12)
        parts.append(part(box(span, width * 0.6, height * 0.5), "li-ion cell", at))
    parts.append(part(box(length * 0.26, width * 0.8, 1.5), "circuit board", (length * 0.34, 0, -0.5)))
    parts.append(part(box(length * 0.6, width * 0.18, 1.3), "circuit board", (-length * 0.05, width * 0.34, -0.5)))
    for _ in range(draw.count(3, 6)):
        at = (length * draw.between(0.24, 0.42), width * draw.between(-0.32, 0.32), 0.0)
        parts.append(part(box(draw.between(6, 14), draw.between(6, 14), 1.2), "copper", at, fill=0.5))
    return parts


def charger(draw: Draw) -> Model:
    """A mains adapter with its transformer and a coiled cable: clutter."""
    length, width, height = draw.between(50, 90), draw.between(35, 50), draw.between(26, 32)
    parts = [
        part(shell(length, width, height, 2.0), "plastic"),
        part(box(20, 20, 18), "steel", (-length * 0.15, 0, 0), fill=0.55),
        part(cylinder(22, 16), "copper", (-length * 0.15, 0, 0), fill=0.45),
        part(box(length - 8, width - 8, 1.6), "circuit board", (0, 0, -height / 3)),
        part(cylinder(12, 20), "aluminium", (length * 0.28, width * 0.2, 0), about_x(0.25)),
    ]
    for side in (-1, 1):
        parts.append(part(cylinder(4.6, 19), "brass", (length / 2 + 9, side * 9.5, 0), about_y(0.25)))
    return Model(kind="charger", parts=tuple(parts))
