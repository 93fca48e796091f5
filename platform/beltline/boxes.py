"""Geometry of boxes: overlap, thousandths, perturbation.

Boxes are `xyxy` arrays of shape (..., 4), x to the right, y down, right and lower edge exclusive.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Boxes = NDArray[np.float64]


def area(xyxy: ArrayLike) -> NDArray[np.float64]:
    """Areas, shape (...). A box turned inside out has area 0."""
    box = np.asarray(xyxy, float)
    return np.clip(box[..., 2] - box[..., 0], 0, None) * np.clip(box[..., 3] - box[..., 1], 0, None)


def intersection(a_xyxy: ArrayLike, b_xyxy: ArrayLike) -> NDArray[np.float64]:
    """Areas common to (N, 4) and (M, 4), shape (N, M)."""
    a, b = _pairwise(a_xyxy, b_xyxy)
    corners = np.concatenate([np.maximum(a[..., :2], b[..., :2]), np.minimum(a[..., 2:], b[..., 2:])], axis=-1)
    return area(corners)


def iou(a_xyxy: ArrayLike, b_xyxy: ArrayLike) -> NDArray[np.float64]:
    """Intersection over union of (N, 4) and (M, 4), shape (N, M), 0 to 1; 0 where both are empty."""
    common = intersection(a_xyxy, b_xyxy)
    a, b = _pairwise(a_xyxy, b_xyxy)
    return _ratio(common, area(a) + area(b) - common)


def iom(a_xyxy: ArrayLike, b_xyxy: ArrayLike) -> NDArray[np.float64]:
    """Intersection over the smaller area (Dual 3.1.1 counts pairs above 0.3), shape (N, M), 0 to 1."""
    a, b = _pairwise(a_xyxy, b_xyxy)
    return _ratio(intersection(a_xyxy, b_xyxy), np.minimum(area(a), area(b)))


def to_thousandths(xyxy: ArrayLike, size_wh: tuple[int, int]) -> NDArray[np.int64]:
    """Pixels to integers on [0, 1000] of the view (Dual 3.1, stage 1), shape (..., 4)."""
    scale = 1000 / np.array([*size_wh, *size_wh], float)
    return np.clip(np.rint(np.asarray(xyxy, float) * scale), 0, 1000).astype(np.int64)


def from_thousandths(thousandths: ArrayLike, size_wh: tuple[int, int]) -> Boxes:
    """[0, 1000] of the view back to pixels, shape (..., 4)."""
    return np.asarray(thousandths, float) * np.array([*size_wh, *size_wh], float) / 1000


def clip(xyxy: ArrayLike, size_wh: tuple[int, int]) -> Boxes:
    """The part of each box that lies inside the view, shape (..., 4); may be empty."""
    width, height = size_wh
    return np.clip(np.asarray(xyxy, float), 0, [width, height, width, height])


def perturb(
    xyxy: ArrayLike,
    size_wh: tuple[int, int],
    rng: np.random.Generator,
    iou_band: tuple[float, float] = (0.25, 0.75),
) -> Boxes:
    """One box inside the view whose IoU with `xyxy` lies in `iou_band` (One App. D.1, Algorithm 1), shape (4,).

    Raises:
        ValueError: no such box was found in 1,000 draws; the band or the box is degenerate.
    """
    box = np.asarray(xyxy, float)
    size = np.tile(box[2:] - box[:2], 2)
    for _ in range(1000):
        candidate = clip(box + rng.uniform(-0.6, 0.6, 4) * size, size_wh)
        if iou_band[0] <= iou(candidate[None], box[None])[0, 0] <= iou_band[1]:
            return candidate
    raise ValueError(f"perturb: expected a box with IoU in {iou_band} of {box.tolist()}, found none in 1,000 draws")


def _pairwise(a_xyxy: ArrayLike, b_xyxy: ArrayLike) -> tuple[Boxes, Boxes]:
    a, b = np.asarray(a_xyxy, float).reshape(-1, 4), np.asarray(b_xyxy, float).reshape(-1, 4)
    return a[:, None].repeat(len(b), 1), b[None].repeat(len(a), 0)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
