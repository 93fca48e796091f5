"""The card of a version: what a person wants to know before using it, computed from its rows.

Holds the statistics of Dual 3.1.1 and Table 2: instances by category, scans with one and with several instances, mean
instances a scan, and scans whose boxes overlap with IoM above 0.3 in a view.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from beltline.boxes import iom
from beltline.scan import VIEWS, Row

OVERLAP_IOM = 0.3


@dataclass(slots=True)
class Statistics:
    """Counts over kept scans; `add` one row after the other."""

    instances: Counter[str] = field(default_factory=Counter)
    num_scans: int = 0
    empty: int = 0
    single: int = 0
    multiple: int = 0
    overlapping: int = 0
    two_views: int = 0
    backgrounds: Counter[str] = field(default_factory=Counter)
    """Composites by the bag that they were made of."""
    cutouts: Counter[str] = field(default_factory=Counter)
    """Placed items by the cut-out that they are."""

    def add(self, row: Row) -> None:
        """Count a kept row: needs `items` (category, boxes, attributes), `group`, and `side_width` (None without a side view)."""
        items = row["items"] or []
        self.num_scans += 1
        self.instances.update(item["category"] for item in items)
        self.empty += len(items) == 0
        self.single += len(items) == 1
        self.multiple += len(items) > 1
        self.overlapping += any(overlaps(items, view) for view in VIEWS)
        self.two_views += row["side_width"] is not None
        origins = [json.loads(item["attributes"] or "{}").get("origin") for item in items]
        self.cutouts.update(origin for origin in origins if origin)
        self.backgrounds.update([row["group"]] if any(origins) else [])

    @property
    def num_instances(self) -> int:
        return self.instances.total()

    def lines(self) -> list[str]:
        """Markdown lines."""
        mean = self.num_instances / self.num_scans if self.num_scans else 0.0
        rows: list[tuple[str, object]] = [
            ("scans", self.num_scans),
            ("with two views", self.two_views),
            ("without an item", self.empty),
            ("with one item", self.single),
            ("with several items", self.multiple),
            (f"with boxes that overlap (IoM > {OVERLAP_IOM})", self.overlapping),
            ("items", self.num_instances),
            ("items a scan", f"{mean:.2f}"),
        ]
        rows += [*_spread("background", self.backgrounds), *_spread("cut-out", self.cutouts)]
        return [*table(("statistic", "value"), rows), "", *table(("category", "items"), self.instances.most_common())]


def _spread(what: str, uses: Counter[str]) -> list[tuple[str, object]]:
    """How many different ones were used, and how often each: a corpus of one background is not a corpus."""
    if not uses:
        return []
    return [
        (f"{what}s used", len(uses)),
        (f"uses of a {what}, fewest to most", f"{min(uses.values())} to {max(uses.values())}"),
    ]


def overlaps(items: list[Row], view: str) -> bool:
    """Whether two of the items overlap in a view with IoM above 0.3 (Dual 3.1.1)."""
    boxes = [item[f"{view}_xyxy"] for item in items if item[f"{view}_xyxy"] is not None]
    return len(boxes) > 1 and bool(np.triu(iom(boxes, boxes) > OVERLAP_IOM, k=1).any())


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    """A markdown table; text from data cannot break out of its cell."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    return [f"| {' | '.join(line)} |" for line in [list(head), ["---"] * len(head), *cells]]


def _cell(value: object) -> str:
    """One line; a backslash is escaped as well, or the one before a bar would free the bar."""
    return " ".join(str(value).splitlines()).replace("\\", "\\\\").replace("|", "\\|")


def card(
    title: str,
    facts: Mapping[str, object],
    reasons: Mapping[str, int],
    licences: Mapping[str, int],
    statistics: Statistics,
    sections: Mapping[str, list[str]] | None = None,
) -> str:
    """The whole card as markdown; `sections` are further ones, title to lines."""
    parts = [
        f"# {title}",
        "",
        *table(("what", "value"), facts.items()),
        "",
        "## Contents (kept rows)",
        "",
        *(statistics.lines() if statistics.num_scans else ["Rows of text; the scans are in the input version."]),
        *(line for name, lines in (sections or {}).items() for line in ("", f"## {name}", "", *lines)),
        "",
        "## Rejected rows by reason",
        "",
        *(table(("reason", "rows"), Counter(reasons).most_common()) if reasons else ["None."]),
        "",
        "## Licences",
        "",
        *table(("licence", "kept rows"), sorted(licences.items())),
    ]
    return "\n".join(parts) + "\n"
