"""Views as bytes until a tower looks: an eighth of what a processor gives, in memory and on the way to a card.

    shades = Shades.of(processor)                     # None for a family whose processor gives whole pictures
    given = processor(text=..., images=..., **RAW)    # cut into patches, neither scaled nor shifted
    small = shades.pack(given["pixel_values"])        # (P, C * p * p) uint8
    shades.unpack(small)                              # to the bit what the processor gives without RAW

Qwen's processors cut a view into patches, turn its bytes into float32 and repeat each patch for every frame of a film; a scan is no film.
"""

from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

RAW: Final[dict[str, Any]] = {"do_rescale": False, "do_normalize": False}
"""What a processor is told so that it gives bytes."""


@dataclass(frozen=True, slots=True)
class Shades:
    """How a processor makes numbers of bytes."""

    mean: tuple[float, ...]
    """Of each channel, in 0..1."""
    std: tuple[float, ...]
    frames: int
    """How often each patch is repeated."""
    patch_px: int

    @classmethod
    def of(cls, processor: Any) -> "Shades | None":
        """Those of a processor that cuts views into flat patches."""
        images = processor.image_processor
        frames = getattr(images, "temporal_patch_size", None)
        if frames is None or not (images.do_rescale and images.do_normalize) or images.rescale_factor != 1 / 255:
            return None
        return cls(tuple(images.image_mean), tuple(images.image_std), int(frames), int(images.patch_size))

    def pack(self, patches: Tensor) -> Tensor:
        """One frame of each patch.

        Args:
            patches: (P, C * frames * p * p) uint8, as the processor gives them under RAW.
        """
        return self._apart(patches, self.frames)[:, :, 0].flatten(1).contiguous()

    def unpack(self, small: Tensor) -> Tensor:
        """(P, C * frames * p * p) float32, on the device of `small`; the processor's own arithmetic."""
        apart = self._apart(small, 1).float()
        mean, std = (torch.tensor(value, device=small.device) * 255 for value in (self.mean, self.std))
        shifted = (apart - mean[:, None, None, None]) / std[:, None, None, None]
        return shifted.expand(-1, -1, self.frames, -1, -1).flatten(1)

    def _apart(self, patches: Tensor, frames: int) -> Tensor:
        return patches.view(len(patches), len(self.mean), frames, self.patch_px, self.patch_px)
