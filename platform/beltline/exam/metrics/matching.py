"""Which predicted boxes are right: matches that do not depend on the order of rows or images.

COCO matches greedily in order of score, and among equal scores in order of rows; a model that writes boxes without confidence has
nothing but equal scores. Here, predictions of one score in one image are matched together, so that as many as possible are right,
and among these ways the one with the greatest sum of IoU (Hungarian method). Where all scores differ this is COCO's greedy rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from beltline import boxes

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Located:
    """Boxes as columns: of N boxes the image, the category, the place and, for predictions, the score.

    Images are the unit that boxes are matched in: of a pair of views, give each view its own name.
    """

    image: NDArray[np.str_] | Ints
    """Shape (N,): strings or numbers, the same kind in gold and predictions."""
    category: NDArray[np.str_] | Ints
    """Shape (N,)."""
    xyxy: NDArray[np.float64]
    """Shape (N, 4), pixels or any other unit that gold and predictions share."""
    score: NDArray[np.float64]
    """Shape (N,), higher is surer; ones where there is none."""

    @classmethod
    def of(cls, image: ArrayLike, category: ArrayLike, xyxy: ArrayLike, score: ArrayLike | None = None) -> "Located":
        """Columns from sequences.

        Raises:
            ValueError: columns of different lengths, or a number that is not finite.
        """
        place = np.asarray(xyxy, float).reshape(-1, 4)
        sure = np.ones(len(place)) if score is None else np.asarray(score, float)
        found = cls(image=np.asarray(image), category=np.asarray(category), xyxy=place, score=sure)
        lengths = [len(found.image), len(found.category), len(place), len(sure)]
        if len(set(lengths)) > 1:
            raise ValueError(f"boxes: expected columns of one length, found image, category, xyxy, score of {lengths}")
        if not (np.isfinite(place).all() and np.isfinite(sure).all()):
            raise ValueError(
                "boxes: expected finite corners and scores; an unreadable box is given as 0, 0, 0, 0 and stays wrong"
            )
        return found

    def __len__(self) -> int:
        return len(self.image)


@dataclass(frozen=True, kw_only=True)
class Matches:
    """The predictions of one category, surest first, and at which thresholds each is right."""

    right: Bools
    """Shape (T, N)."""
    score: NDArray[np.float64]
    """Shape (N,), falling."""
    image: Ints
    """Shape (N,): number of the image."""
    gold_image: Ints
    """Shape (G,): number of the image of each gold box."""


def match(
    gold: Located, predicted: Located, thresholds: ArrayLike, images: NDArray[np.str_] | Ints
) -> dict[str, Matches]:
    """Category -> matches, for the categories of the gold boxes, sorted.

    Args:
        gold: true boxes.
        predicted: boxes that were given.
        thresholds: IoU from which a pair may match, shape (T,).
        images: sorted names of all images; `Matches.image` counts in it.
    """
    bars = np.minimum(np.asarray(thresholds, float), 1 - 1e-10)  # COCO's: an IoU of 1 may fall short of 1 by rounding
    found = {}
    for name in np.unique(gold.category):
        true, said = np.flatnonzero(gold.category == name), np.flatnonzero(predicted.category == name)
        true = true[
            np.lexsort(gold.xyxy[true].T)
        ]  # which of two gold boxes at equal IoU is taken must not hang on their rows
        said = said[_canonical(predicted, said)]
        true_image, said_image = (
            np.searchsorted(images, gold.image[true]),
            np.searchsorted(images, predicted.image[said]),
        )
        right = np.zeros((len(bars), len(said)), bool)
        for ours, theirs in _shared(said_image, true_image):
            iou = boxes.iou(predicted.xyxy[said[ours]], gold.xyxy[true[theirs]])
            right[:, ours] = [matched(iou, predicted.score[said[ours]], bar) for bar in bars]
        found[str(name)] = Matches(right=right, score=predicted.score[said], image=said_image, gold_image=true_image)
    return found


def matched(iou: NDArray[np.float64], score: NDArray[np.float64], bar: float) -> Bools:
    """Which of N predictions, surest first, match one of M gold boxes at IoU `bar`; iou (N, M), score (N,), answer (N,)."""
    right, free = np.zeros(len(score), bool), np.ones(iou.shape[1], bool)
    start = 0
    for end in [*(np.flatnonzero(np.diff(score)) + 1), len(score)]:
        # one more pair outweighs any sum of IoU, so that as many as can be right are right
        worth = np.where((iou[start:end] >= bar) & free, iou[start:end] + min(iou.shape) + 1, 0.0)
        if worth.any():
            rows, columns = linear_sum_assignment(worth, maximize=True)
            hit = worth[rows, columns] > 0
            right[start + rows[hit]] = True
            free[columns[hit]] = False
        start = end
    return right


def _canonical(given: Located, rows: Ints) -> Ints:
    """An order of `rows` that depends on the boxes alone: score falling, then image, then corners."""
    corners = given.xyxy[rows]
    return np.lexsort((*corners.T, given.image[rows], -given.score[rows]))


def _shared(said: Ints, true: Ints) -> Iterator[tuple[Ints, Ints]]:
    """For each image with both: where its predictions and its gold boxes stand, in their order."""
    ours, theirs = np.argsort(said, kind="stable"), np.argsort(true, kind="stable")
    for image in np.intersect1d(said, true):
        low, high = np.searchsorted(said[ours], (image, image + 1))
        first, last = np.searchsorted(true[theirs], (image, image + 1))
        yield ours[low:high], theirs[first:last]
