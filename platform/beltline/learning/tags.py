"""The tokens that type the views and the question (Dual 4.2, eq. 3): `<top>`, `<side>`, `<conclusion>` and their ends.

    ids = add_tags(model, tokenizer)

They are ordinary added tokens, not special ones: a special token would vanish from every decoded answer, and the reasoning's sections
with it. Qwen's checkpoints have spare rows in their embeddings, so nothing grows there; rows that were never taught are made the mean
of all that were, on the way in and on the way out.
"""

from collections.abc import Sequence
from typing import Any, Final

import torch

TAGS: Final = ("<top>", "</top>", "<side>", "</side>", "<conclusion>", "</conclusion>")
OPENING: Final = {"top": "<top>", "side": "<side>", "question": "<conclusion>"}
"""What stands before a view's visual tokens and before the question."""


def add_tags(model: Any, tokenizer: Any, tags: Sequence[str] = TAGS) -> list[int]:
    """The ids of the tags, which both know from now on. Rows of a matrix without room for them are added; none is ever removed.

    Calling it again changes nothing.
    """
    taught = len(tokenizer)
    new = [tag for tag in tags if tokenizer.convert_tokens_to_ids(tag) in (None, tokenizer.unk_token_id)]
    tokenizer.add_tokens(new)
    ids = [int(tokenizer.convert_tokens_to_ids(tag)) for tag in tags]
    rows = model.get_input_embeddings().weight.shape[0]
    if max(ids) >= rows:
        model.resize_token_embeddings(-(-len(tokenizer) // 64) * 64, mean_resizing=False)
    fresh = [tokenizer.convert_tokens_to_ids(tag) for tag in new]
    for matrix in _matrices(model):
        _begin(matrix, fresh, taught)
    return ids


def _matrices(model: Any) -> list[Any]:
    """Embeddings in and out; one matrix where they are tied."""
    found = [model.get_input_embeddings().weight, model.get_output_embeddings().weight]
    return found[:1] if found[0] is found[1] else found


def _begin(matrix: Any, ids: list[int], taught: int) -> None:
    if ids:
        with torch.no_grad():
            matrix[ids] = matrix[:taught].float().mean(dim=0).to(matrix.dtype)
