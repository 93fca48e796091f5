"""LoRA adapters for the tiny model of tests/served.py: drawn at random, strong enough to be heard, on S3 where a server loads them from.

uri = stored(server, folder, ("red", "blue"))       # s3://BUCKET/adapters-..., each subfolder an adapter
"""

import uuid
from collections.abc import Sequence
from pathlib import Path

from beltline.store import Store
from tests.s3 import Server

RANK, LOUD = 4, 0.4
PARTS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""Of the language model; the tower calls its own otherwise."""


def draw(model: Path, folder: Path, seed: int) -> Path:
    """An adapter of a model, as PEFT saves it."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForImageTextToText

    torch.manual_seed(seed)
    base = AutoModelForImageTextToText.from_pretrained(model, dtype=torch.float32)
    given = get_peft_model(base, LoraConfig(r=RANK, lora_alpha=RANK, target_modules=list(PARTS)))
    with torch.no_grad():
        for name, weights in given.named_parameters():
            if "lora_" in name:
                weights.normal_(std=LOUD)
    given.save_pretrained(folder)
    return folder


def stored(server: Server, model: Path, names: Sequence[str], place: Path) -> str:
    """The folder on S3 that has the adapters; this process must be a user of the server that may write."""
    from jobs.models import upload

    uri = f"s3://{server.bucket}/adapters-{uuid.uuid4().hex[:8]}"
    for seed, name in enumerate(names, 1):
        upload(Store(uri), draw(model, place / name, seed), name)
    return uri
