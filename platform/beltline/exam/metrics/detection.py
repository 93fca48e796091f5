"""Average precision of boxes from models that may have no confidence: AP25, AP50, mAP, and one operating point.

State where the scores come from. With equal scores COCO's AP depends on the order of the images; here predictions of equal score
are merged into one point of the curve, so no figure depends on any order (`ties="merge"`); `ties="legacy"` is pycocotools' order,
for comparison with papers. Precision, recall and F1 of all boxes at IoU 0.25 and 0.5 stand beside AP: for a model without
scores they say more.

    gold = Located.of(images, categories, xyxy)
    boxes = score(gold, Located.of(images, categories, xyxy), score_source="constant")
    boxes.ap50, boxes.signature
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from beltline import boxes
from beltline.exam.metrics import coco, intervals, precision
from beltline.exam.metrics.intervals import Floats, Interval, divide
from beltline.exam.metrics.matching import Ints, Located, Matches, match

ScoreSource = Literal["constant", "logprob", "self-reported", "area", "detector"]
Ties = Literal["merge", "legacy"]
NAMES = ("ap25", "ap50", "map")
BAR25, BAR50 = 0, 1
"""Places of IoU 0.25 and 0.5 in `precision.THRESHOLDS`."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """All boxes that were given, sure or not, against all gold boxes; categories without gold count as wrong."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, kw_only=True)
class Detection:
    """Figures 0 to 1; NaN where there is no gold box (precision: no prediction)."""

    ap25: float
    ap50: float
    map: float
    """Mean over IoU .50:.05:.95 and categories."""
    by_category: dict[str, tuple[float, float, float]]
    """Category -> AP25, AP50, mAP."""
    at25: Point
    at50: Point
    num_gold: int
    num_predicted: int
    num_foreign: int
    """Predictions of categories without gold: outside AP (as in COCO), inside the operating points."""
    score_source: ScoreSource
    ties: Ties
    tied: bool
    """Whether two predictions of one category had the same score."""
    signature: str


def score(gold: Located, predicted: Located, *, score_source: ScoreSource, ties: Ties = "merge") -> Detection:
    """Scores of predicted boxes.

    Args:
        gold: true boxes.
        predicted: boxes that were given, all of them; `constant` wants equal scores.
        score_source: where the scores come from.
        ties: `merge`, or `legacy` for pycocotools' order (images sorted, rows as given, 100 boxes an image and category).

    Raises:
        ValueError: scores that differ although the source is `constant`.
    """
    if score_source == "constant" and len(np.unique(predicted.score)) > 1:
        raise ValueError(
            f"score: expected equal scores from source 'constant', found {len(np.unique(predicted.score))} values; name their source"
        )
    images = np.union1d(gold.image, predicted.image)
    counted = np.isin(predicted.category, gold.category)
    tied = _tied(predicted)
    each, engine = _each(gold, predicted, images, ties, tied)
    mean = np.mean(list(each.values()), axis=0) if each else np.full(3, np.nan)
    flat = match(gold, _unsure(predicted), precision.THRESHOLDS[:2], images)
    return Detection(
        ap25=float(mean[0]),
        ap50=float(mean[1]),
        map=float(mean[2]),
        by_category={name: (float(row[0]), float(row[1]), float(row[2])) for name, row in each.items()},
        at25=point(flat, BAR25, len(gold), len(predicted)),
        at50=point(flat, BAR50, len(gold), len(predicted)),
        num_gold=len(gold),
        num_predicted=len(predicted),
        num_foreign=int((~counted).sum()),
        score_source=score_source,
        ties=ties,
        tied=tied,
        signature=f"ap|iou:.50:.05:.95|points:101|ties:{ties}|scores:{score_source}|max:{100 if ties == 'legacy' else 'all'}|{engine}",
    )


def bootstrap(
    gold: Located,
    predicted: Located,
    bags: Mapping[str | int, str],
    *,
    rounds: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, Interval]:
    """AP25, AP50 and mAP with bounds, ties merged; bags are drawn, with all their images. Boxes are matched once.

    An envelope rises with noise, and a draw with repeated images is noisier than the exam, so the bounds lean upwards; where the
    figure lies near the lower one, more bags are needed. Compare models by the same draws rather than by overlapping bounds.

    Args:
        gold: true boxes.
        predicted: boxes that were given.
        bags: image -> bag, of every image that was asked about, those without any box too.
        rounds: draws.
        level: of confidence.
        seed: of the draws.

    Raises:
        ValueError: an image without a bag.
    """
    images = np.array(sorted(bags))
    if missing := sorted(set(np.union1d(gold.image, predicted.image).tolist()) - set(bags)):
        raise ValueError(
            f"bootstrap: expected the bag of every image, found none of {missing[:3]} ({len(missing)} in all)"
        )
    found = match(gold, predicted, precision.THRESHOLDS, images)
    names, place = np.unique([bags[image] for image in images.tolist()], return_inverse=True)
    drawn = intervals.resampled(
        np.eye(len(names)), lambda times: precision.figures(found, times[:, place]), rounds, seed
    )
    whole = precision.figures(found, np.ones((1, len(images))))[0]
    return {
        name: intervals.percentile(whole[i], drawn.reshape(-1, 3)[:, i], level, len(names))
        for i, name in enumerate(NAMES)
    }


def point(found: dict[str, Matches], bar: int, num_gold: int, num_predicted: int) -> Point:
    """Precision, recall and F1 of matches made without regard to scores."""
    right = sum(int(one.right[bar].sum()) for one in found.values())
    return Point(
        precision=float(divide(right, num_predicted)),
        recall=float(divide(right, num_gold)),
        f1=float(divide(2 * right, num_gold + num_predicted)),
    )


def area_scores(xyxy: ArrayLike, size_wh: ArrayLike) -> Floats:
    """Share of its image that each box covers, 0 to 1, shape (N,): the score of those who have none (source `area`).

    Args:
        xyxy: shape (N, 4), pixels.
        size_wh: of each box's image, shape (N, 2) or (2,).
    """
    return boxes.area(xyxy) / np.prod(np.asarray(size_wh, float), axis=-1)


def _each(
    gold: Located, predicted: Located, images: NDArray[np.str_] | Ints, ties: Ties, tied: bool
) -> tuple[dict[str, Floats], str]:
    """Category -> (AP25, AP50, mAP), and who computed them."""
    if ties == "merge" and tied:
        found, ones = match(gold, predicted, precision.THRESHOLDS, images), np.ones((1, len(images)))
        aps = {name: precision.average(one, ones)[0] for name, one in found.items()}
        engine = "beltline"
    else:
        truth = gold if ties == "legacy" else _ordered(gold)
        aps = coco.average_precisions(truth, predicted, images, 100 if ties == "legacy" else None)
        engine = f"faster-coco-eval:{version('faster-coco-eval')}"
    return {name: np.array([row[BAR25], row[BAR50], row[1:].mean()]) for name, row in aps.items()}, engine


def _tied(predicted: Located) -> bool:
    """Whether any two predictions of one category have the same score."""
    order = np.lexsort((predicted.score, predicted.category))
    same = predicted.category[order][1:] == predicted.category[order][:-1]
    return bool((same & (np.diff(predicted.score[order]) == 0)).any())


def _ordered(gold: Located) -> Located:
    """Gold boxes in an order of their own: of two at equal IoU COCO takes the later row."""
    order = np.lexsort(gold.xyxy.T)
    return Located(
        image=gold.image[order], category=gold.category[order], xyxy=gold.xyxy[order], score=gold.score[order]
    )


def _unsure(predicted: Located) -> Located:
    return Located(
        image=predicted.image, category=predicted.category, xyxy=predicted.xyxy, score=np.ones(len(predicted))
    )
