"""Which part of a set a bag belongs to, for whoever does not treat all of it alike (One 3.2).

    part_of("bag 17", (("seed", 20), ("second", 10), ("rest", 22)), seed=1)        # "rest"

A bag is drawn by itself, so that adding bags moves none from one part to another, and all scans of a bag go the same way.
"""

import hashlib
from collections.abc import Callable, Sequence
from itertools import accumulate

from beltline.scan import Row

Shares = Sequence[tuple[str, int]]
"""(name, share) of each part; the shares need not add up to anything."""


def part_of(group: str, shares: Shares, seed: int) -> str:
    """The part of a bag; each is as likely as its share says.

    Raises:
        ValueError: a share is below 0, or all are 0.
    """
    ends = list(accumulate(share for _, share in shares))
    if min(share for _, share in shares) < 0 or not ends[-1]:
        raise ValueError(f"parts: expected shares from 0 on, and one above it, found {dict(shares)}")
    drawn = int.from_bytes(hashlib.sha256(f"part\0{seed}\0{group}".encode()).digest()[:8], "big") * ends[-1] >> 64
    return next(name for (name, _), end in zip(shares, ends, strict=True) if drawn < end)


def parter(shares: Shares, seed: int) -> Callable[[Row], Row]:
    """Row work: which part the row's bag is in."""
    return lambda row: {"part": part_of(row["group"], shares, seed)}
