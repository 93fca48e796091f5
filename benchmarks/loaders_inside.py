"""What LLaMA-Factory or ms-swift makes of an export, by its own loader and template; `loaders.py` runs this in the tool's own Python.

    PYTHON -P benchmarks/loaders_inside.py llamafactory|swift EXPORT MODEL_FOLDER qwen3-vl|qwen2.5-vl OUT.json

Beltline is not imported. OUT holds the tool's `version`, its `warnings`, and per setting the examples in their order: the `whole`
text, decoded from the tokens, and the stretches that are `learned`.
"""

import json
import logging
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

IGNORED = -100
LONGEST = 8192
"""Tokens; LLaMA-Factory cuts off what is longer without a word."""


class Heard(logging.Handler):
    """Keeps what is said at warning level or above."""

    def __init__(self, logger: str):
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        logging.getLogger(logger).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def llamafactory(export: str, model: str, kind: str) -> dict[str, Any]:
    """With the arguments of a training file, and its own default otherwise."""
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import get_train_args
    from llamafactory.model import load_tokenizer

    data = {"dataset_dir": export, "media_dir": export, "dataset": "beltline", "overwrite_cache": True}
    trained = {"stage": "sft", "do_train": True, "use_cpu": True, "report_to": "none", "output_dir": f"{model}-out"}
    template = {"qwen3-vl": "qwen3_vl_nothink", "qwen2.5-vl": "qwen2_vl"}[kind]
    settings = {"model_name_or_path": model, "template": template, "cutoff_len": LONGEST, **data, **trained}
    model_args, data_args, training_args, _, _ = get_train_args(settings)
    words, heard = load_tokenizer(model_args), Heard("llamafactory")
    chat = get_template_and_fix_tokenizer(words["tokenizer"], data_args)
    rows = get_dataset(chat, model_args, data_args, training_args, stage="sft", **words)["train_dataset"]
    return {
        "version": version("llamafactory"),
        "plain": examples(rows, words["tokenizer"]),
        "warnings": heard.said,
    }


def swift(export: str, model: str, kind: str) -> dict[str, Any]:
    """Boxes as the model counts them, which is its default; and thousandths in brackets for either model."""
    from swift import get_processor, get_template, load_dataset

    name = {"qwen3-vl": "qwen3_vl", "qwen2.5-vl": "qwen2_5_vl"}[kind]
    words = get_processor(model, model_type=name)
    heard = Heard("swift")
    rows, _ = load_dataset(f"{export}/conversations.jsonl", load_from_cache_file=False)
    found: dict[str, Any] = {"version": version("ms-swift"), "warnings": heard.said}
    for setting, scale, form in (("plain", None, "legacy"), ("thousandths", "norm1000", "new")):
        chat = get_template(words, template_type=name, max_length=LONGEST, norm_bbox=scale)
        chat.set_mode("train")
        chat.bbox_format = form  # in the environment, QWENVL_BBOX_FORMAT
        _take_image_token(chat, words.tokenizer)
        found[setting] = examples((chat.encode(dict(row)) for row in rows), words.tokenizer)
    return found


def _take_image_token(chat: Any, tokenizer: Any) -> None:
    """ms-swift takes the number that real models give the token; a tiny vocabulary has it elsewhere."""
    chat.image_token_id = tokenizer.convert_tokens_to_ids("<|image_pad|>")


def examples(rows: Iterable[Mapping[str, Any]], tokenizer: Any) -> list[dict[str, Any]]:
    """Each example's text, and what of it is learned."""
    told = []
    for row in rows:
        runs = [list(run) for kept, run in groupby(row["labels"], lambda label: label != IGNORED) if kept]
        told.append({"whole": tokenizer.decode(row["input_ids"]), "learned": [tokenizer.decode(run) for run in runs]})
    return told


def main(tool: str, export: str, model: str, kind: str, out: str) -> None:
    Path(out).write_text(json.dumps({"llamafactory": llamafactory, "swift": swift}[tool](export, model, kind)))


if __name__ == "__main__":
    main(*sys.argv[1:])
