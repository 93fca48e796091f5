"""Virtual bags with their truth, made once for all tests of DualXrayBench."""

from collections.abc import Iterable
from functools import cache

from beltline.image.phantom import RECIPES
from beltline.image.phantom.bags import make_scan
from beltline.image.phantom.truth import Truth, truth
from beltline.scan import Scan
from beltline.verdict import BadRow


def made(recipe: str, rows: Iterable[int]) -> dict[int, tuple[Scan, Truth]]:
    """Row number to scan and truth, without the rows that found no room."""
    found = {row: _one(recipe, row) for row in rows}
    return {row: one for row, one in found.items() if one is not None}


@cache
def _one(recipe: str, row: int) -> tuple[Scan, Truth] | None:
    try:
        return make_scan(RECIPES[recipe], row), truth(RECIPES[recipe], row)
    except BadRow:
        return None
