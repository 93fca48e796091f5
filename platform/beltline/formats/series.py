"""Which scans show the same bag, where file names say so: the unit of every split.

>>> gdxray("B0044_0050"), stcray("Hammer1_B4_L2_C1_Loc1_phi2_th1_2"), stcray("holiday")
('B0044', 'Hammer1_B4', 'holiday')
"""

import re


def gdxray(stem: str) -> str:
    """GDXray's series: one object turned before the detector."""
    found = re.fullmatch(r"(B\w?\d{3,4})_\d+", stem)
    return found[1] if found else stem


def stcray(stem: str) -> str:
    """STCray's protocol names item, bag, clutter, location and pose; the item in its bag is what must not be split."""
    found = re.match(r"([^_]+_B\d+)_", stem)
    return found[1] if found else stem
