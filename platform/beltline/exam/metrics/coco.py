"""COCO's average precision by faster-coco-eval: the same numbers as pycocotools, several times faster.

Used where all scores differ, and for the legacy mode: with equal scores COCO keeps the order of images and rows, so that the
same boxes give AP50 0.33 or 0.57 by the order of the images (200 images, all scores 1). Papers print such numbers; compare with them,
but rank by the merged ones.
"""

import logging
from typing import Any

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster
from numpy.typing import NDArray

from beltline.exam.metrics.matching import Bools, Ints, Located
from beltline.exam.metrics.precision import THRESHOLDS

Entry = dict[str, Any]
"""A box as COCO writes it."""
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
    numbers: dict[object, int] = {name: number for number, name in enumerate(images.tolist(), 1)}
    return {
        str(name): _of_category(
            annotations(gold, gold.category == name, numbers),
            annotations(predicted, predicted.category == name, numbers),
            max_boxes,
        )
        for name in np.unique(gold.category)
    }


def _of_category(truth: list[Entry], said: list[Entry], max_boxes: int | None) -> NDArray[np.float64]:
    """Average precision at each threshold, shape (T,).

    One category at a time and only the images that have boxes of it: the library walks every pair of image and category, and with
    28 categories nearly all are empty.
    """
    if not said:
        return np.zeros(len(THRESHOLDS))
    images = sorted({entry["image_id"] for entry in (*truth, *said)})
    gold = COCO({"images": [{"id": number} for number in images], "categories": [{"id": 1}], "annotations": truth})
    evaluation = COCOeval_faster(gold, gold.loadRes(said), "bbox", print_function=QUIET)
    evaluation.params.iouThrs = THRESHOLDS
    evaluation.params.maxDets = [len(said) if max_boxes is None else max_boxes]
    evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
    evaluation.evaluate()
    evaluation.accumulate()
    return evaluation.eval["precision"][:, :, 0, 0, 0].mean(1)  # thresholds, recalls


def annotations(boxes: Located, chosen: Bools, numbers: dict[object, int]) -> list[Entry]:
    """COCO's entries of the chosen boxes, all of category 1, in order of rows."""
    corner, size = boxes.xyxy[chosen, :2], boxes.xyxy[chosen, 2:] - boxes.xyxy[chosen, :2]
    rows = zip(
        boxes.image[chosen].tolist(),
        np.concatenate([corner, size], 1).tolist(),
        size.prod(1).tolist(),
        boxes.score[chosen].tolist(),
        strict=True,
    )
    return [
        {
            "id": id_,
            "image_id": numbers[image],
            "category_id": 1,
            "bbox": xywh,
            "area": area,
            "score": score,
            "iscrowd": 0,
        }
        for id_, (image, xywh, area, score) in enumerate(rows, 1)
    ]
