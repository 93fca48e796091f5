"""The last layer feeds forward the tokens that are read after it, and no others.

    read_last(model)                   # once (packing.prepare)
    model.model(..., read=at)          # then (1, N, D): the hidden states of the tokens `at` alone; without `read` all, as ever

What a layer makes of a token reaches others by the attention of the layers above it. Above the last one there is the head alone, and of teaching
it asks where a label is: losses and gradients are the same to rounding, and of a model with few layers a good part of its work is left out.
"""

from typing import Any

from torch import Tensor


def read_last(model: Any) -> None:
    """Teach the last layer of a Hugging Face model what `read` is, if nothing is added to its output: Qwen3-VL adds to its first layers'."""
    text = model.model.language_model
    added = len(getattr(model.config.vision_config, "deepstack_visual_indexes", ()))
    if added < len(text.layers):
        last, kind = text.layers[-1], type(text.layers[-1])
        last.__class__ = type(kind.__name__, (_Reads, kind), {})  # transformers makes activations again class by class


class _Reads:
    """A layer that norms before it attends and before it feeds forward, as those of Llama, Mistral and Qwen all do."""

    def forward(self: Any, hidden_states: Tensor, read: Tensor | None = None, **more: Any) -> Tensor:
        if read is None:
            found: Tensor = super().forward(hidden_states, **more)  # type: ignore[misc]  # the layer it is mixed into
            return found
        attended, _ = self.self_attn(hidden_states=self.input_layernorm(hidden_states), **more)
        hidden = hidden_states[:, read] + attended[:, read]
        found = hidden + self.mlp(self.post_attention_layernorm(hidden))
        return found
