"""Tiny Qwen3-VL and Qwen2.5-VL models, built here: random weights in float32, our own tokenizer, in ordinary model folders.

    folder = build("qwen3-vl", tmp_path / "model")     # transformers and vLLM load it as they load the real ones

What they say is nonsense, but said in the form of the real ones: the same architectures, tokens, chat turns and image sizes.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from beltline.language import captions, grammar
from beltline.language.facts import facts_of
from beltline.language.prompts import PROMPTS, render
from tests.made import scan

VOCABULARY = 1024
SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>"),
    *("<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>"),
)
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for part in m['content'] %}"
    "{% if part['type'] == 'text' %}{{ part['text'] }}{% else %}<|vision_start|><|image_pad|><|vision_end|>{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TEXT = {
    "vocab_size": VOCABULARY,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 32768,
}
VISION = {"hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 64, "spatial_merge_size": 2}


def build(kind: str, folder: Path, seed: int = 0) -> Path:
    """A model folder of `kind`, "qwen3-vl" or "qwen2.5-vl"; the seed draws its weights."""
    words = tokenizer()
    ids = {name: words.convert_tokens_to_ids(name) for name in SPECIAL}
    config, patch_px, limits = {"qwen3-vl": _qwen3, "qwen2.5-vl": _qwen25}[kind](ids)
    torch.manual_seed(seed)
    model = getattr(transformers, config.architectures[0])(config).to(torch.float32)
    model.generation_config.eos_token_id = ids["<|im_end|>"]
    model.save_pretrained(folder)
    _name_text_part(folder / "config.json", kind)
    processor(kind, words, patch_px, limits).save_pretrained(folder)
    return folder


def tokenizer() -> Any:
    """Byte-level BPE over the captions of the grammar and the prompts, with Qwen's special tokens and chat turns."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=list(SPECIAL), initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator(lesson(), trainer)
    words = transformers.Qwen2TokenizerFast(
        tokenizer_object=bpe, eos_token="<|im_end|>", pad_token="<|endoftext|>", unk_token=None, bos_token=None
    )
    words.chat_template = CHAT
    return words


def lesson() -> Iterator[str]:
    """What the tokenizer learns from."""
    facts = facts_of(scan(0))
    yield from (captions.write(grammar.describe(facts, (1, number))) for number in range(100))
    yield from (message["content"] for prompt in PROMPTS.values() for message in render(prompt, facts))


def processor(kind: str, words: Any, patch_px: int, limits: dict[str, int]) -> Any:
    """Tokenizer, image and video processor as one."""
    name = "Qwen3VL" if kind == "qwen3-vl" else "Qwen2_5_VL"
    video = transformers.Qwen3VLVideoProcessor if kind == "qwen3-vl" else transformers.Qwen2VLVideoProcessor
    images = transformers.Qwen2VLImageProcessor(patch_size=patch_px, merge_size=2, temporal_patch_size=2, **limits)
    make: Callable[..., Any] = getattr(transformers, f"{name}Processor")
    return make(image_processor=images, tokenizer=words, video_processor=video(patch_size=patch_px), chat_template=CHAT)


def _qwen3(ids: dict[str, int]) -> tuple[Any, int, dict[str, int]]:
    rope = {"rope_type": "default", "mrope_section": [6, 5, 5], "mrope_interleaved": True, "rope_theta": 5e6}
    vision = {
        **VISION,
        "depth": 3,
        "patch_size": 16,
        "num_position_embeddings": 196,
        "deepstack_visual_indexes": [0, 1],
    }
    config = transformers.Qwen3VLConfig(
        text_config={**TEXT, "head_dim": 32, "rope_parameters": rope, **_ends(ids)}, vision_config=vision, **_marks(ids)
    )
    config.architectures = ["Qwen3VLForConditionalGeneration"]
    return config, 16, {"min_pixels": 65_536, "max_pixels": 16_777_216}


def _qwen25(ids: dict[str, int]) -> tuple[Any, int, dict[str, int]]:
    rope = {"rope_type": "default", "mrope_section": [4, 6, 6], "rope_theta": 1e6}
    vision = {**VISION, "depth": 2, "patch_size": 14, "window_size": 112, "fullatt_block_indexes": [1]}
    config = transformers.Qwen2_5_VLConfig(
        text_config={**TEXT, "rope_parameters": rope, **_ends(ids)}, vision_config=vision, **_marks(ids)
    )
    config.architectures = ["Qwen2_5_VLForConditionalGeneration"]
    return config, 14, {"min_pixels": 3_136, "max_pixels": 12_845_056}


def _ends(ids: dict[str, int]) -> dict[str, int]:
    return {"eos_token_id": ids["<|im_end|>"], "bos_token_id": ids["<|endoftext|>"]}


def _marks(ids: dict[str, int]) -> dict[str, int]:
    return {
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
    }


def _name_text_part(path: Path, kind: str) -> None:
    """vLLM on the CPU asks the text part of a Qwen3-VL for its architecture, and falls over when it has none."""
    config = json.loads(path.read_text())
    if kind == "qwen3-vl":
        config["text_config"]["architectures"] = ["Qwen3ForCausalLM"]
        path.write_text(json.dumps(config, indent=2))
