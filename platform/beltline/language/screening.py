"""Three screens between a caption and the corpus: does it say the facts, only the facts, and the same in both views?

The thresholds are Dual's (3.1, stage 4); the formulas, which Dual does not give, are ours:

    coverage        facts that the caption asserts / facts                           below 80 % is rejected
    alignment       entities that match an item of their class, and its place and
                    boxes where they state them / entities                           below 50 % is rejected
    contradiction   pairs of a top and a side statement that cannot both hold /
                    pairs that could be judged                                       above 50 % is rejected

Exactly 80, 50 and 50 is kept, compared in integers. Entities are the caption's item entries and the categories that its
sentences mention; a sentence that denies an item which is there counts as an entity without a match.

Nothing to judge is never taken for perfect. A screen that does not apply to the bag (contradiction for one view or for items
that only one view shows, alignment for a bag without items in a caption that names none) keeps; a screen that does apply but
finds nothing in the caption answers `screen/undefined`, which goes to review.

    screening = screen(facts, caption)
    row |= screening.columns() | screening.verdict().columns()
"""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from beltline.language import agreement, alignment, coverage
from beltline.language.captions import Caption
from beltline.language.facts import Facts
from beltline.language.judging import Judge
from beltline.language.reading import Reading, read
from beltline.scan import canonical_json
from beltline.verdict import KEEP, Reject, Verdict

RULES = "screening-2"
MIN_COVERAGE_PERCENT, MIN_ALIGNMENT_PERCENT, MAX_CONTRADICTION_PERCENT = 80, 50, 50
SCREENS = ("coverage", "alignment", "contradiction")

FIELDS = [
    pa.field("screen_rules", pa.string()),
    *(
        pa.field(f"{screen}_{part}", pa.int32())
        for screen, part in (
            ("coverage", "asserted"),
            ("coverage", "facts"),
            ("alignment", "matched"),
            ("alignment", "entities"),
            ("contradiction", "contradicting"),
            ("contradiction", "pairs"),
        )
    ),
    pa.field("screen_found", pa.string()),  # canonical JSON: what each screen found wrong, by its key
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One screen's result: a numerator, a denominator, and what spoke against the caption."""

    part: int
    whole: int
    applies: bool
    """Whether the bag gives this screen something to judge."""
    found: dict[str, str] = field(default_factory=dict)
    """Key of a fact, an entity or a pair -> what is wrong with it, for a person."""

    @property
    def percent(self) -> float | None:
        return 100 * self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What the three screens found."""

    coverage: Share
    alignment: Share
    contradiction: Share
    rules: str = RULES

    def verdict(self) -> Verdict:
        """Keep, or the first screen's objection."""
        for name in SCREENS:
            share: Share = getattr(self, name)
            if share.whole == 0 and share.applies:
                return Reject("screen/undefined", f"{name}: the caption gives nothing to judge; goes to review")
            if share.whole and _fails(name, share):
                return Reject(f"screen/{name}", _detail(name, share))
        return KEEP

    def columns(self) -> dict[str, Any]:
        """The row's columns, as in `FIELDS`."""
        found = {name: getattr(self, name).found for name in SCREENS}
        return {
            "screen_rules": self.rules,
            "coverage_asserted": self.coverage.part,
            "coverage_facts": self.coverage.whole,
            "alignment_matched": self.alignment.part,
            "alignment_entities": self.alignment.whole,
            "contradiction_contradicting": self.contradiction.part,
            "contradiction_pairs": self.contradiction.whole,
            "screen_found": canonical_json({name: value for name, value in found.items() if value}),
        }


def screen(facts: Facts, caption: Caption, judge: Judge | None = None) -> Screening:
    """Screens a caption against the facts of its scan; `judge` decides on pose and occlusion where the facts do not."""
    reading = read(facts, caption)
    return Screening(
        coverage=_coverage(reading), alignment=_alignment(reading), contradiction=_contradiction(reading, judge)
    )


def _coverage(reading: Reading) -> Share:
    missing = coverage.missing(reading)
    whole = len(reading.facts.keys())
    return Share(part=whole - len(missing), whole=whole, applies=True, found=missing)


def _alignment(reading: Reading) -> Share:
    entities, unmatched = alignment.judge(reading)
    return Share(part=entities - len(unmatched), whole=entities, applies=bool(reading.facts.items), found=unmatched)


def _contradiction(reading: Reading, judge: Judge | None) -> Share:
    pairs, contradicting = agreement.judge(reading, judge)
    return Share(part=len(contradicting), whole=pairs, applies=agreement.applies(reading.facts), found=contradicting)


def _fails(name: str, share: Share) -> bool:
    if name == "contradiction":
        return 100 * share.part > MAX_CONTRADICTION_PERCENT * share.whole
    least = MIN_COVERAGE_PERCENT if name == "coverage" else MIN_ALIGNMENT_PERCENT
    return 100 * share.part < least * share.whole


def _detail(name: str, share: Share) -> str:
    limits = {
        "coverage": f"expected at least {MIN_COVERAGE_PERCENT} % of the facts",
        "alignment": f"expected at least {MIN_ALIGNMENT_PERCENT} % of the entities to match",
        "contradiction": f"expected at most {MAX_CONTRADICTION_PERCENT} % of the pairs to contradict",
    }
    examples = "; ".join(f"{key}: {why}" for key, why in list(share.found.items())[:3])
    return f"{limits[name]}, found {share.part} of {share.whole} ({examples})"
