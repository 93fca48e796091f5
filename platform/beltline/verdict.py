"""The one answer that every gate gives: keep, or reject with a reason.

A gate never drops a row. It answers `KEEP` or a `Reject`, and the row travels on with `status`, `reason` and `detail`, so that
counts by reason can be drawn up and nothing is lost.

    verdict = Reject("image/too-small", "side view is 180x342 px; both sides must be at least 200 px")
    row |= verdict.columns()
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import pyarrow as pa

T = TypeVar("T")

KEPT, REJECTED = "kept", "rejected"
FIELDS = [
    pa.field("status", pa.string(), False),
    pa.field("reason", pa.string()),
    pa.field("detail", pa.string()),
]


@dataclass(frozen=True, slots=True)
class Keep:
    """The row is good."""

    def columns(self) -> dict[str, str | None]:
        return {"status": KEPT, "reason": None, "detail": None}


@dataclass(frozen=True, slots=True)
class Reject:
    """The row is kept apart, and why."""

    reason: str
    """`room/what` in kebab case, from a small fixed set: rejected rows are counted by it."""
    detail: str
    """One sentence for a person: what was expected, what was found."""

    def columns(self) -> dict[str, str | None]:
        return {"status": REJECTED, "reason": self.reason, "detail": self.detail}


Verdict = Keep | Reject
KEEP = Keep()


def first_reject(gates: Iterable[Callable[[T], Verdict]], subject: T) -> Verdict:
    """The first `Reject` of `gates`, in their order; `KEEP` when every one keeps (also for no gates)."""
    for gate in gates:
        verdict = gate(subject)
        if isinstance(verdict, Reject):
            return verdict
    return KEEP


class BadRow(ValueError):
    """A row that cannot be made: raised deep inside, caught where the row is, turned into its `Reject`."""

    def __init__(self, reason: str, detail: str):
        super().__init__(f"{reason}: {detail}")
        self.verdict = Reject(reason, detail)

    def __reduce__(self) -> tuple[type["BadRow"], tuple[str, str]]:
        return BadRow, (self.verdict.reason, self.verdict.detail)
