"""Where a model says that its evidence lies, against where it lies: mIoU of the boxes in its reasoning (Dual Tables 4 to 6).

    sizes = {(scan, "top"): (640, 480), ...}
    found = grounded(questions, replies, sizes)          # None where no reply was to reason
    found.miou, found.interval                           # 0 to 1, bags drawn with replacement

Boxes are read from the <top> and <side> sections of a reply, in thousandths of the view that the section is about, and matched to the question's
evidence of that view (metrics/grounding.py says how). A reply without boxes has found nothing: it scores 0 and is counted as silent.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from beltline import boxes
from beltline.exam.metrics.grounding import Grounding, Overlap, overlap, rows, summary
from beltline.exam.metrics.intervals import Interval, bootstrap
from beltline.exam.tasks import Question
from beltline.language.places import Box1000
from beltline.language.reasoning import boxes_in
from beltline.scan import VIEWS, Row

_SECTION: Final = {view: re.compile(rf"<{view}>(.*?)(?:</{view}>|<(?:top|side|conclusion|answer)>|\Z)", re.DOTALL) for view in VIEWS}  # fmt: skip
Sizes = Mapping[tuple[int, str], tuple[int, int]]
"""(scan, view) to width and height in pixels."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One reply to a question that has evidence."""

    question: Question
    value: float
    """IoU, 0 to 1 (metrics.grounding.Overlap.iou)."""

    @property
    def key(self) -> int:
        return self.question.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounded:
    """All questions that have evidence."""

    each: Sequence[Placed]
    means: Grounding
    interval: Interval
    """Of the headline, `means.miou`."""

    def figures(self) -> dict[str, float]:
        """As they go into MLflow; percent, except for counts."""
        spread = {"": self.interval.estimate, "_low": self.interval.low, "_high": self.interval.high}
        found = {f"overall/mIoU{end}": 100 * value for end, value in spread.items()}
        return found | {
            "overall/mIoU_of_evidence": 100 * self.means.miou_of_evidence,
            "grounded/n": float(self.means.num_questions),
            "grounded/silent": float(self.means.num_silent),
        }


def grounded(questions: Iterable[Question], replies: Iterable[Row], sizes: Sizes) -> Grounded | None:
    """How well replies are grounded, over questions and seeds; None where no reply has a box.

    Args:
        replies: rows of `tasks.REPLIES`; those to turned options count like any other.
        sizes: of the views of the questions' scans; a question whose scan is not there is left out.
    """
    asked = {one.id: one for one in questions}
    said = [(asked[row["question_id"]], row["reply"] or "") for row in replies if row["question_id"] in asked]
    if not any(boxes_in(text) for _, text in said):
        return None
    found = [(one, _overlap(one, text, sizes)) for one, text in said if _sized(one, sizes)]
    placed = [Placed(one, overlaps.iou) for one, overlaps in found if overlaps.num_evidence]
    if not placed:
        return None
    each = [overlaps for _, overlaps in found]
    return Grounded(each=placed, means=summary(each), interval=bootstrap(rows(each), [one.group for one, _ in found]))


def said_boxes(text: str) -> list[tuple[str, Box1000]]:
    """View and box of every box in a reply's sections, closed or cut off."""
    return [(view, box) for view, section in _SECTION.items() for part in section.findall(text) for box in boxes_in(part)]  # fmt: skip


def _overlap(question: Question, text: str, sizes: Sizes) -> Overlap:
    true = [
        (one.view, boxes.to_thousandths(one.xyxy, sizes[question.scan or 0, one.view])) for one in question.evidence
    ]
    given = said_boxes(text)
    return overlap(
        [box for _, box in true], [box for _, box in given], [view for view, _ in true], [view for view, _ in given]
    )


def _sized(question: Question, sizes: Sizes) -> bool:
    return all((question.scan or 0, one.view) in sizes for one in question.evidence)
