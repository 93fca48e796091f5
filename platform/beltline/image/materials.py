"""What things are made of: linear attenuation per millimetre at two energies.

Mass attenuation coefficients are total, in cm2/g, at the energies of `ENERGIES_KEV`; they were computed with xraydb 4.5.8
(Elam tables, mixtures by mass). Tungsten and lead have their K edge at 69.5 and 88 keV, between the columns, so their ratio
looks organic: as in reality they must be told by how dark they are. Textiles, foams and other porous things are one of
these materials at a `fill` below 1.

    mu_low, mu_high = per_mm("steel")
"""

from dataclasses import dataclass

ENERGIES_KEV = (40, 50, 60, 70, 80, 100, 120, 140, 160)
LOW_KEV, HIGH_KEV = 60, 120
"""Effective energies of the two detector rows of a 140 kV hand-baggage unit."""


@dataclass(frozen=True, slots=True)
class Material:
    """Density in g/cm3, mass attenuation in cm2/g at ENERGIES_KEV, and the word that a caption would use."""

    density: float
    mass_attenuation: tuple[float, ...]
    word: str


MATERIALS = {
    "water": Material(1.0, (0.2683, 0.2269, 0.2059, 0.1929, 0.1837, 0.1707, 0.1614, 0.1538, 0.1475), "liquid"),
    "polyethylene": Material(0.94, (0.2275, 0.2084, 0.1970, 0.1888, 0.1823, 0.1719, 0.1636, 0.1566, 0.1505), "plastic"),
    "acrylic": Material(1.18, (0.2350, 0.2074, 0.1924, 0.1825, 0.1751, 0.1641, 0.1557, 0.1487, 0.1427), "plastic"),
    "plastic": Material(1.05, (0.2202, 0.1998, 0.1880, 0.1797, 0.1732, 0.1631, 0.1550, 0.1483, 0.1425), "plastic"),
    "nylon": Material(1.14, (0.2310, 0.2067, 0.1931, 0.1839, 0.1768, 0.1661, 0.1578, 0.1508, 0.1448), "fabric"),
    "paper": Material(0.8, (0.2413, 0.2092, 0.1923, 0.1815, 0.1736, 0.1621, 0.1536, 0.1466, 0.1406), "paper"),
    "cotton": Material(0.8, (0.2413, 0.2092, 0.1923, 0.1815, 0.1736, 0.1621, 0.1536, 0.1466, 0.1406), "fabric"),
    "wood": Material(0.65, (0.2413, 0.2092, 0.1923, 0.1815, 0.1736, 0.1621, 0.1536, 0.1466, 0.1406), "wood"),
    "ethanol": Material(0.789, (0.2434, 0.2157, 0.2005, 0.1904, 0.1828, 0.1714, 0.1627, 0.1555, 0.1493), "liquid"),
    "pvc": Material(1.38, (0.7299, 0.4559, 0.3324, 0.2677, 0.2298, 0.1887, 0.1672, 0.1537, 0.1441), "plastic"),
    "glass": Material(2.23, (0.4653, 0.3185, 0.2515, 0.2154, 0.1935, 0.1684, 0.1540, 0.1441, 0.1367), "glass"),
    "aluminium": Material(2.7, (0.5684, 0.3682, 0.2778, 0.2301, 0.2018, 0.1704, 0.1533, 0.1422, 0.1340), "aluminium"),
    "graphite": Material(2.2, (0.2076, 0.1871, 0.1753, 0.1672, 0.1610, 0.1514, 0.1438, 0.1375, 0.1320), "graphite"),
    "silicon": Material(2.33, (0.7010, 0.4385, 0.3206, 0.2590, 0.2228, 0.1835, 0.1629, 0.1498, 0.1405), "silicon"),
    "salt": Material(2.16, (0.8334, 0.5036, 0.3558, 0.2789, 0.2342, 0.1867, 0.1625, 0.1478, 0.1377), "salt"),
    "titanium": Material(4.51, (2.2126, 1.2135, 0.7660, 0.5361, 0.4053, 0.2721, 0.2102, 0.1764, 0.1556), "titanium"),
    "steel": Material(7.87, (3.6289, 1.9574, 1.2049, 0.8164, 0.5952, 0.3717, 0.2693, 0.2146, 0.1820), "steel"),
    "nickel": Material(8.9, (4.5996, 2.4746, 1.5111, 1.0138, 0.7306, 0.4439, 0.3131, 0.2437, 0.2027), "nickel"),
    "copper": Material(8.96, (4.8612, 2.6130, 1.5926, 1.0642, 0.7630, 0.4585, 0.3195, 0.2460, 0.2026), "copper"),
    "brass": Material(8.5, (5.0443, 2.7110, 1.6514, 1.1020, 0.7888, 0.4721, 0.3276, 0.2512, 0.2063), "brass"),
    "tungsten": Material(19.3, (10.6679, 5.9505, 3.7126, 11.0351, 7.8092, 4.4366, 2.7870, 1.8816, 1.3462), "tungsten"),
    "lead": Material(11.35, (14.3583, 8.0420, 5.0197, 3.3844, 2.4195, 5.5488, 3.5078, 2.3901, 1.7177), "lead"),
    "explosive": Material(1.82, (0.2414, 0.2066, 0.1885, 0.1772, 0.1691, 0.1575, 0.1490, 0.1421, 0.1363), "powder"),
    "li-ion cell": Material(2.5, (1.7640, 0.9962, 0.6472, 0.4657, 0.3613, 0.2537, 0.2026, 0.1740, 0.1560), "battery cell"),
    "circuit board": Material(2.2, (1.0294, 0.6163, 0.4276, 0.3285, 0.2707, 0.2094, 0.1788, 0.1607, 0.1484), "electronics"),
}  # fmt: skip


def per_mm(name: str, kev: tuple[int, ...] = (LOW_KEV, HIGH_KEV)) -> tuple[float, ...]:
    """Linear attenuation in 1/mm of a material at tabulated energies.

    Raises:
        ValueError: unknown material, or an energy that is not tabulated.
    """
    if name not in MATERIALS:
        raise ValueError(f"material: expected one of {', '.join(MATERIALS)}, found {name!r}")
    material = MATERIALS[name]
    try:
        columns = [ENERGIES_KEV.index(energy) for energy in kev]
    except ValueError:
        raise ValueError(f"energy: expected some of {ENERGIES_KEV} keV, found {kev}") from None
    return tuple(material.mass_attenuation[column] * material.density / 10 for column in columns)
