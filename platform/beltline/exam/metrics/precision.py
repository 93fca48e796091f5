"""Average precision from matches: COCO's 101 points, ties merged, images weighted for the bootstrap.

Predictions of equal score are one point of the curve, not a path through the order they happen to lie in. With distinct scores the
result is COCO's to the last digit, since precision, envelope and recall points are formed as there.
"""

import numpy as np
from numpy.typing import NDArray

from beltline.exam.metrics.intervals import Floats
from beltline.exam.metrics.matching import Matches

RECALLS = np.linspace(0.0, 1.0, 101)
THRESHOLDS = np.array([0.25, *np.linspace(0.5, 0.95, 10)])
"""IoU of AP25 (first), AP50 (second) and mAP (all but the first)."""


def average(found: Matches, weights: Floats) -> Floats:
    """Average precision of one category, shape (R, T); NaN in rounds where it has no gold box.

    Args:
        found: its matches.
        weights: how often each image was drawn, shape (R, images); ones for the figure itself.
    """
    asked = weights[:, found.gold_image].sum(1)
    ends = (
        np.append(np.flatnonzero(np.diff(found.score)), len(found.score) - 1) if len(found.score) else np.zeros(0, int)
    )
    given = weights[:, found.image]
    told = np.cumsum(given, 1)[:, ends]
    curves = [_areas(np.cumsum(given * right, 1)[:, ends], told, asked) for right in found.right]
    return np.where(asked[:, None] > 0, np.stack(curves, 1), np.nan)


def figures(found: dict[str, Matches], weights: Floats) -> NDArray[np.float64]:
    """AP25, AP50, mAP over the categories that have gold boxes, shape (R, 3); NaN where none has."""
    if not found:
        return np.full((len(weights), 3), np.nan)
    each = np.stack([average(one, weights) for one in found.values()], 1)  # rounds, categories, thresholds
    known = ~np.isnan(each[:, :, 0])
    mean = np.nan_to_num(each).sum(1) / np.maximum(known.sum(1), 1)[:, None]
    mean[~known.any(1)] = np.nan
    return np.stack([mean[:, 0], mean[:, 1], mean[:, 1:].mean(1)], 1)


def _areas(right: Floats, told: Floats, asked: Floats) -> Floats:
    """Area under each round's curve, shape (R,), from right and told up to each distinct score, shape (R, G)."""
    if not right.shape[1]:
        return np.zeros(len(right))
    precision = right / (told + np.spacing(1.0))
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    recall = right / np.maximum(asked, 1)[:, None]
    padded = np.concatenate([envelope, np.zeros((len(right), 1))], 1)
    return np.array(
        [line[np.searchsorted(reached, RECALLS)].mean() for line, reached in zip(padded, recall, strict=True)]
    )
