"""mIoU of grounded boxes: do the boxes in a model's reasoning lie where the evidence lies?

Neither paper defines its mIoU. Here, per question: predicted boxes are matched one to one to evidence boxes of the same kind (view
and, where stated, category) so that the sum of IoU is greatest (Hungarian method); the score is that sum divided by the larger of
both counts. So a missing box costs, and so does a box too many: whoever covers the view with boxes gains nothing. The variant that
divides by the evidence alone (unmatched evidence 0, surplus free; arXiv 2606.04282) stands beside it. A question without evidence
boxes is not scored.

    one = overlap(evidence_xyxy, predicted_xyxy, evidence_kinds, predicted_kinds)
    mean = bootstrap(rows([one, ...]), bags)
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from beltline import boxes
from beltline.exam.metrics.intervals import divide


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """One question's evidence against the boxes that were given."""

    iou_sum: float
    """Of the matched pairs."""
    num_evidence: int
    num_predicted: int

    @property
    def iou(self) -> float:
        """The question's score: sum over the larger count, 0 to 1; NaN where there is no evidence."""
        return self.iou_sum / max(self.num_evidence, self.num_predicted) if self.num_evidence else float("nan")

    @property
    def iou_of_evidence(self) -> float:
        """The lenient variant: sum over the evidence boxes, 0 to 1; NaN where there is none."""
        return self.iou_sum / self.num_evidence if self.num_evidence else float("nan")


@dataclass(frozen=True, kw_only=True)
class Grounding:
    """All questions. Means are NaN where no question has evidence."""

    miou: float
    """Mean of the questions' scores (headline)."""
    miou_of_evidence: float
    """Mean of the lenient variant."""
    miou_of_boxes: float
    """All matched IoU over all evidence boxes: each box counts alike, not each question."""
    num_questions: int
    """That have evidence."""
    num_silent: int
    """Of these, answered without any box."""


def overlap(
    evidence_xyxy: ArrayLike,
    predicted_xyxy: ArrayLike,
    evidence_kinds: Sequence[Hashable] = (),
    predicted_kinds: Sequence[Hashable] = (),
) -> Overlap:
    """One question's boxes, shapes (N, 4) and (M, 4), in the same coordinates; any order.

    Args:
        evidence_xyxy: where the evidence lies.
        predicted_xyxy: where the model says it lies; a box turned inside out or not finite matches nothing, and still counts.
        evidence_kinds: what must be equal in a pair, such as `("top", "knife")`; none: any box may match any.
        predicted_kinds: the same of the predicted boxes.

    Raises:
        ValueError: kinds not one per box.
    """
    evidence, predicted = _boxes(evidence_xyxy), _boxes(predicted_xyxy)
    iou = boxes.iou(evidence, predicted)
    if evidence_kinds or predicted_kinds:
        iou = iou * _same(evidence_kinds, predicted_kinds, iou.shape)
    rows, columns = linear_sum_assignment(iou, maximize=True)
    return Overlap(iou_sum=float(iou[rows, columns].sum()), num_evidence=len(evidence), num_predicted=len(predicted))


def summary(questions: Sequence[Overlap]) -> Grounding:
    """Means over questions."""
    asked = [one for one in questions if one.num_evidence]
    num_boxes = sum(one.num_evidence for one in asked)
    return Grounding(
        miou=_mean([one.iou for one in asked]),
        miou_of_evidence=_mean([one.iou_of_evidence for one in asked]),
        miou_of_boxes=float(divide(sum(one.iou_sum for one in asked), num_boxes)),
        num_questions=len(asked),
        num_silent=sum(not one.num_predicted for one in asked),
    )


def rows(questions: Sequence[Overlap]) -> NDArray[np.float64]:
    """What `intervals.bootstrap` sums to the headline: score and 1, or 0 and 0 without evidence; shape (N, 2)."""
    return np.array([(one.iou, 1) if one.num_evidence else (0, 0) for one in questions], float).reshape(-1, 2)


def _boxes(xyxy: ArrayLike) -> NDArray[np.float64]:
    box = np.asarray(xyxy, float).reshape(-1, 4)
    return np.where(np.isfinite(box).all(1, keepdims=True), box, 0.0)


def _same(evidence: Sequence[Hashable], predicted: Sequence[Hashable], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    if (len(evidence), len(predicted)) != shape:
        raise ValueError(
            f"overlap: expected a kind for each of {shape[0]} and {shape[1]} boxes, found {len(evidence)} and {len(predicted)}"
        )
    return np.array([[a == b for b in predicted] for a in evidence], bool).reshape(shape)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
