"""COCO's average precision by faster-coco-eval: the same numbers as pycocotools, several times faster.

Used where all scores differ, and for the legacy mode: with equal scores COCO keeps the order of images and rows, so that the
same boxes give AP50 0.33 or 0.57 by the order of the images (200 images, all scores 1). Papers print such numbers; compare with them,
but rank by the merged ones.
"""

import logging

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster
from numpy.typing import NDArray

from beltline.exam.metrics.matching import Ints, Located
from beltline.exam.metrics.precision import THRESHOLDS

QUIET = logging.getLogger("beltline.exam.metrics.coco").debug


def average_precisions(
    gold: Located, predicted: Located, images: NDArray[np.str_] | Ints, max_boxes: int | None = None
) -> dict[str, NDArray[np.float64]]:
    """Category -> average precision at each of `THRESHOLDS`, for the categories of the gold boxes.

    Args:
        gold: true boxes.
        predicted: boxes that were given; of categories without gold they do not enter COCO's AP.
        images: names of all images in the order that COCO shall take them in.
        max_boxes: best boxes kept per image and category; COCO keeps 100. None keeps all.
    """
    names = np.unique(gold.category)
    if not len(predicted) or not len(gold):
        return {str(name): np.zeros(len(THRESHOLDS)) for name in names}
    numbers = {name: number for number, name in enumerate(images.tolist(), 1)}
    kinds = {name: number for number, name in enumerate(names.tolist(), 1)}
    truth = COCO(
        {
            "images": [{"id": number} for number in numbers.values()],
            "categories": [{"id": number, "name": str(name)} for name, number in kinds.items()],
            "annotations": annotations(gold, numbers, kinds),
        }
    )
    evaluation = COCOeval_faster(
        truth, truth.loadRes(annotations(predicted, numbers, kinds)), "bbox", print_function=QUIET
    )
    evaluation.params.iouThrs = THRESHOLDS
    evaluation.params.maxDets = [len(predicted) if max_boxes is None else max_boxes]
    evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
    evaluation.evaluate()
    evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, :, 0, 0]  # thresholds, recalls, categories
    return {str(name): precision[:, :, number].mean(1) for number, name in enumerate(names)}


def annotations(boxes: Located, numbers: dict[object, int], kinds: dict[object, int]) -> list[dict[str, object]]:
    """COCO's entries of the boxes whose category is known, in order of rows."""
    corner, size = boxes.xyxy[:, :2], boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]
    rows = zip(
        boxes.image.tolist(),
        boxes.category.tolist(),
        np.concatenate([corner, size], 1).tolist(),
        size.prod(1).tolist(),
        boxes.score.tolist(),
        strict=True,
    )
    return [
        {
            "id": id_,
            "image_id": numbers[image],
            "category_id": kinds[kind],
            "bbox": xywh,
            "area": area,
            "score": score,
            "iscrowd": 0,
        }
        for id_, (image, kind, xywh, area, score) in enumerate(rows, 1)
        if kind in kinds
    ]
