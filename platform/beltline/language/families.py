"""Model families: how each of them counts coordinates, and how large an image must be so that it counts in ours.

A family's convention is declared here and applied once on the way out (the facts that a prompt shows) and once on the way
back (the boxes of an answer). It is never guessed from the numbers: 412 can be a pixel and a thousandth.

    size_wh = fitted((768, 576), QWEN25_VL, max_px=1_003_520)      # what the model sees, to the pixel
    QWEN25_VL.told((500, 250, 750, 500), size_wh)                  # our thousandths, as the model counts them
    QWEN25_VL.heard((378, 147, 567, 294), size_wh)                 # and back
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Literal

from beltline.language.places import Box1000
from beltline.verdict import BadRow

SizeWh = tuple[int, int]
MAX_RATIO = 200
"""A longer image is refused by the models' own processors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What must be known of a family to speak with it of places."""

    name: str
    boxes: Literal["pixels", "thousandths"]
    """Pixels of the image that the model sees, or thousandths of its sides."""
    multiple_px: int
    """Sides are a multiple of this: patch size times merged patches. The model's processor then leaves the image as it is,
    and its pixels are ours."""
    min_px: int
    """Fewer pixels than these and its processor would enlarge the image."""

    def told(self, box: Box1000, size_wh: SizeWh) -> tuple[int, int, int, int]:
        """A box on [0, 1000] of the view as the family counts it."""
        if self.boxes == "thousandths":
            return box
        return _scaled(box, 1000, size_wh)

    def heard(self, box: Sequence[int], size_wh: SizeWh) -> Box1000:
        """A box as the family counts it on [0, 1000] of the view.

        Raises:
            BadRow: `caption/box`: it does not lie in the view.
        """
        width, height = size_wh if self.boxes == "pixels" else (1000, 1000)
        if any(not 0 <= edge <= end for edge, end in zip(box, (width, height) * 2, strict=True)):
            raise BadRow("caption/box", f"expected a box inside {width}x{height} {self.boxes}, found {list(box)}")
        left, top, right, bottom = (
            (2000 * edge + end) // (2 * end) for edge, end in zip(box, (width, height) * 2, strict=True)
        )
        return left, top, right, bottom

    def rule(self) -> str:
        """How a prompt says it."""
        return (
            "from 0 to 1000 of the view" if self.boxes == "thousandths" else "pixels of the view's image as you see it"
        )


QWEN25_VL = Family(name="qwen2.5-vl", boxes="pixels", multiple_px=28, min_px=4 * 28 * 28)
"""Qwen2.5-VL: absolute pixels of the resized image; patches of 14, merged two by two."""
QWEN3_VL = Family(name="qwen3-vl", boxes="thousandths", multiple_px=32, min_px=64 * 32 * 32)
"""Qwen3-VL: 0 to 1000; patches of 16, merged two by two."""
FAMILIES = {family.name: family for family in (QWEN25_VL, QWEN3_VL)}


def fitted(size_wh: SizeWh, family: Family, max_px: int) -> SizeWh:
    """The size at which a view is shown: sides rounded to the family's multiple, of at most `max_px` pixels, near its shape.

    Whole numbers only, so that every machine shows the same pixels. A fitted size is left as it is.

    Raises:
        BadRow: `caption/too-long`: one side is more than MAX_RATIO times the other.
        ValueError: there is no such size between the family's smallest and `max_px`.
    """
    unit, (width, height) = family.multiple_px, size_wh
    if max_px < family.min_px:
        raise ValueError(f"{family.name}: expected max_px of at least {family.min_px}, found {max_px}")
    if max(size_wh) > MAX_RATIO * min(size_wh):
        raise BadRow("caption/too-long", f"expected sides within 1:{MAX_RATIO}, found {width}x{height} px")
    across, down = (max(1, (2 * side + unit) // (2 * unit)) for side in size_wh)
    if across * down * unit * unit > max_px:  # both sides by the root of the pixels' ratio, rounded down
        across, down = (max(1, isqrt(a * max_px // (b * unit * unit))) for a, b in (size_wh, size_wh[::-1]))
    elif across * down * unit * unit < family.min_px:  # the same, rounded up
        across, down = (isqrt(-(-a * family.min_px // (b * unit * unit)) - 1) + 1 for a, b in (size_wh, size_wh[::-1]))
    return across * unit, down * unit


def _scaled(box: Sequence[int], unit: int, size_wh: SizeWh) -> tuple[int, int, int, int]:
    """Edges times the sides over `unit`, to the nearest whole, halves up."""
    left, top, right, bottom = (
        (2 * edge * side + unit) // (2 * unit) for edge, side in zip(box, size_wh * 2, strict=True)
    )
    return left, top, right, bottom
