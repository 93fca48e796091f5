"""What the screens counted over many captions: how one describer stands beside another.

found = tally(rows)                 # rows of captions with the screens' columns; those that are no captions have none
found.supported, found.missing      # 71.3 (percent of entities), 12.4 (facts a caption)
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from beltline.language.screening import FIELDS
from beltline.scan import Row
from beltline.verdict import KEPT

COUNTED = tuple(field.name for field in FIELDS if pa.types.is_integer(field.type))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Sums of the screens' columns, over the captions that they could read."""

    scans: int
    captions: int
    kept: int
    coverage_asserted: int = 0
    coverage_facts: int = 0
    alignment_matched: int = 0
    alignment_entities: int = 0
    contradiction_contradicting: int = 0
    contradiction_pairs: int = 0

    @property
    def kept_share(self) -> float:
        """Percent of the scans; what is no caption is not kept."""
        return _percent(self.kept, self.scans)

    @property
    def asserted(self) -> float:
        """Percent of the facts."""
        return _percent(self.coverage_asserted, self.coverage_facts)

    @property
    def supported(self) -> float:
        """Percent of the entities."""
        return _percent(self.alignment_matched, self.alignment_entities)

    @property
    def contradicting(self) -> float:
        """Percent of the pairs of statements."""
        return _percent(self.contradiction_contradicting, self.contradiction_pairs)

    @property
    def missing(self) -> float:
        """Facts a caption that it leaves out."""
        return (self.coverage_facts - self.coverage_asserted) / max(1, self.captions)

    @property
    def unsupported(self) -> float:
        """Entities a caption that are not there, or not so."""
        return (self.alignment_entities - self.alignment_matched) / max(1, self.captions)

    def figures(self) -> dict[str, float]:
        """For a table and a ledger."""
        names = ("scans", "captions", "kept_share", "asserted", "missing", "supported", "unsupported", "contradicting")
        return {name: float(getattr(self, name)) for name in names}


def tally(rows: Iterable[Row]) -> Tally:
    """The sums over rows with a `status`, and the screens' columns where there was a caption to screen."""
    known = list(rows)
    screened = [row for row in known if row.get("screen_rules")]
    sums = {name: sum(row[name] for row in screened) for name in COUNTED}
    kept = sum(row["status"] == KEPT for row in screened)
    return Tally(scans=len(known), captions=len(screened), kept=kept, **sums)


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
