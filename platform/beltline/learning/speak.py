"""A taught model answers, greedily and many at a time: what examines a small model without a server.

    speaker = Speaker("data/models/gsr-nano")
    speaker([([top, side], "<top>…the prompt in chat form…"), ...], max_tokens=200)

A large model is asked through vLLM; this is for models of a few million parameters, whose server would take longer to start than they
take to answer.
"""

import io
from collections.abc import Sequence

import torch
from PIL import Image

from beltline.language.showing import Form, parts

Asked = tuple[Sequence[tuple[str, bytes]], str]
"""(view, encoded image) in order, and the question as text."""


class Speaker:
    """A model that answers.

    Args:
        folder: of a Hugging Face model.
        form: how it was taught to be shown views.
    """

    def __init__(self, folder: str, form: Form, device: str = "cpu"):
        from transformers import AutoModelForImageTextToText, AutoProcessor

        self._processor = AutoProcessor.from_pretrained(folder)
        self._processor.tokenizer.padding_side = "left"
        self._model = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).to(device).eval()
        self._form, self._device = form, device

    def __call__(self, asked: Sequence[Asked], max_tokens: int) -> list[tuple[str, str]]:
        """(reply, finish reason) of each, greedy: "stop", or "length" where the reply did not end."""
        return [self._read(ids) for ids in self.tokens(asked, max_tokens)]

    def tokens(self, asked: Sequence[Asked], max_tokens: int) -> list[list[int]]:
        """Ids of each reply, its end among them where it has one."""
        texts = [self._prompt(one) for one in asked]
        images = [_opened(data) for views, _ in asked for _, data in views]
        given = self._processor(text=texts, images=images or None, padding=True, return_tensors="pt").to(self._device)
        with torch.inference_mode():
            ids = self._model.generate(**given, max_new_tokens=max_tokens, do_sample=False, use_cache=True)
        return [self._ended(row.tolist()) for row in ids[:, given["input_ids"].shape[1] :]]

    def _prompt(self, asked: Asked) -> str:
        views, text = asked
        said = [
            {"type": "text", "text": value} if kind == "text" else {"type": "image"}
            for kind, value in parts([view for view, _ in views], text, self._form)
        ]
        found: str = self._processor.apply_chat_template(
            [{"role": "user", "content": said}], add_generation_prompt=True, tokenize=False
        )
        return found

    def _ended(self, ids: list[int]) -> list[int]:
        """Without what fills a batch up after the end."""
        end = self._processor.tokenizer.eos_token_id
        return ids[: ids.index(end) + 1] if end in ids else ids

    def _read(self, ids: list[int]) -> tuple[str, str]:
        words = self._processor.tokenizer
        if ids and ids[-1] == words.eos_token_id:
            return words.decode(ids[:-1]), "stop"
        return words.decode(ids, skip_special_tokens=True), "length"


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")
