"""Cuts items out with a promptable model: boxes in, masks out, for scans where white is no help (One 3.1, MobileSAMv2).

A plain class: the constructor loads a SAM-type folder (sam, sam_hq, sam2) from disk, the call answers. It is a
`beltline.image.cutouts.Segmenter`, so it goes wherever `segment_on_white` goes:

    segmenter = PromptableSegmenter("/models/sam-vit-base")
    items = cutouts_of(scan, segmenter)

Nothing is downloaded. Masks depend on the weights, the device and the build of torch in a few edge pixels: they are fixed by the
version that they are stored in, not by asking again.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoConfig, AutoModelForMaskGeneration

from beltline.boxes import Boxes
from beltline.image.resample import resize
from beltline.pixels import Rgb

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Channel statistics that SAM's encoders are trained with."""
PADDED, STRETCHED = ("sam", "sam_hq"), ("sam2",)
"""How a model family wants a scan of another shape: shrunk to fit and padded, or stretched to a square."""
BOXES_AT_ONCE = 32


class PromptableSegmenter:
    """Masks of boxes by a SAM-type model.

    Args:
        weights: folder with config.json and weights, as `save_pretrained` writes it.
        device: a torch device, "cpu" or "cuda:0".

    Raises:
        ValueError: the folder is missing, or holds another kind of model.
    """

    def __init__(self, weights: str, device: str = "cpu"):
        self._kind = _kind_of(weights)
        model = AutoModelForMaskGeneration.from_pretrained(weights, local_files_only=True)
        self._model, self._device = model.to(device).eval(), device
        config = model.config
        part = config.vision_config if self._kind in PADDED else config.prompt_encoder_config
        self._side = int(np.max(part.image_size))

    def __call__(self, rgb: Rgb, boxes_xyxy: Boxes) -> NDArray[np.bool_]:
        """(N, H, W) masks for a scan (H, W, 3) and (N, 4) boxes in its pixels. A mask never leaves its box."""
        boxes = np.asarray(boxes_xyxy, np.float64).reshape(-1, 4)
        found = np.zeros((len(boxes), *rgb.shape[:2]), bool)
        if not len(boxes):
            return found
        with torch.inference_mode():
            seen = self._model.get_image_embeddings(self._pixels(rgb))
            for begin in range(0, len(boxes), BOXES_AT_ONCE):
                part = boxes[begin : begin + BOXES_AT_ONCE]
                found[begin : begin + BOXES_AT_ONCE] = self._masks(seen, part, rgb.shape[:2])
        return found & _inside(boxes, rgb.shape[:2])

    def _masks(self, seen: Any, boxes: Boxes, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """(n, H, W): the model's one answer for each box, brought back to the scan's pixels."""
        height, width = self._fitted(shape)
        scaled = boxes * np.tile([width / shape[1], height / shape[0]], 2)
        prompt = torch.tensor(scaled[None], dtype=torch.float32, device=self._device)
        logits = self._model(image_embeddings=seen, input_boxes=prompt, multimask_output=False).pred_masks[0]
        whole = torch.nn.functional.interpolate(logits.float(), (self._side, self._side), mode="bilinear")
        in_scan = torch.nn.functional.interpolate(whole[..., :height, :width], tuple(shape), mode="bilinear")
        return np.asarray((in_scan[:, 0] > 0).cpu().numpy(), bool)

    def _pixels(self, rgb: Rgb) -> torch.Tensor:
        """(1, 3, side, side) float32; padding is 0 after normalisation, as in training."""
        height, width = self._fitted(rgb.shape[:2])
        square = np.zeros((self._side, self._side, 3), np.float32)
        square[:height, :width] = (resize(rgb, (width, height)) / 255.0 - MEAN) / STD
        return torch.from_numpy(square.transpose(2, 0, 1)[None].copy()).to(self._device)

    def _fitted(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Height and width that the scan takes up in the model's square."""
        if self._kind in STRETCHED:
            return self._side, self._side
        height, width = (max(1, int(side * self._side / max(shape) + 0.5)) for side in shape)
        return height, width


def _kind_of(weights: str) -> str:
    if not (Path(weights) / "config.json").is_file():
        remedy = "save the model there first; nothing is downloaded"
        raise ValueError(
            f"segmenter: expected a folder with config.json and weights, found none at {weights}; {remedy}"
        )
    kind = str(AutoConfig.from_pretrained(weights, local_files_only=True).model_type)
    if kind not in PADDED + STRETCHED:
        expected = ", ".join(PADDED + STRETCHED)
        raise ValueError(f"segmenter: expected a model of type {expected} at {weights}, found {kind}")
    return kind


def _inside(boxes: Boxes, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(N, H, W): pixels that each box touches."""
    rows, columns = np.arange(shape[0]), np.arange(shape[1])
    x0, y0, x1, y1 = (boxes[:, edge, None] for edge in range(4))
    across, down = (columns + 1 > x0) & (columns < x1), (rows + 1 > y0) & (rows < y1)
    return down[:, :, None] & across[:, None, :]
