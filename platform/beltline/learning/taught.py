"""The model while it is taught: a pack in, the sum of the losses of its supervised tokens out.

    model = Taught(prepare(load(folder, recipe)))
    loss = model(packed) / num_supervised_in_the_whole_step

Logits are made for tokens that carry a loss and for no others. The tower's features can be handed in instead of pixels, so that a frozen
tower looks at a view once.
"""

from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from beltline.learning.encode import IGNORED
from beltline.learning.packing import Pack


class Taught(nn.Module):  # type: ignore[misc]  # torch is not followed
    """A vision-language model of transformers, behind one call.

    Args:
        model: a `...ForConditionalGeneration`, or the same inside PEFT's wrapper.
    """

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    @property
    def inner(self) -> Any:
        """The model without PEFT's wrapper; its layers are the adapted ones."""
        unwrap = getattr(self.model, "get_base_model", None)
        return unwrap() if unwrap else self.model

    def forward(self, pack: Pack, features: Any = None) -> Tensor:
        """The summed cross entropy, in nats, of the pack's supervised tokens; 0 with a gradient for a pack without any.

        Args:
            features: what the tower and the aligner made of the pack's views (`look`), instead of looking.
        """
        seen = features if features is not None or not pack.views else self.look(pack.pixels)
        at = (pack.labels[0, 1:] != IGNORED).nonzero()[:, 0]
        if not len(at):  # a worker with nothing to teach still takes part in every collective call
            return self.inner.lm_head(self._read(pack, seen, at.new_zeros(1))).sum() * 0.0
        logits = self.inner.lm_head(self._read(pack, seen, at)).float()
        return F.cross_entropy(logits, pack.labels[0, at + 1], reduction="sum")

    def look(self, pixels: dict[str, Tensor]) -> Any:
        """Features of views, as the language part takes them."""
        return self.inner.model.get_image_features(**pixels, return_dict=True)

    def _read(self, pack: Pack, features: Any, at: Tensor) -> Tensor:
        """(N, D): the last hidden states of the tokens `at`, never all of the pack's."""
        more = {"mm_token_type_ids": pack.types} if pack.positions.dim() == 3 else {}
        outputs = self.inner.model(
            input_ids=pack.ids,
            position_ids=pack.positions,
            attention_mask=None,
            mm_encoder_outputs=None if features is None else {"image": features},
            cu_seq_lens_q=pack.bounds,
            use_cache=False,
            read=at,
            **more,
        )
        hidden: Tensor = outputs[0][0]
        return hidden if len(hidden) == len(at) else hidden[at]  # of a model whose last layer reads all (last.py)
