"""Small models from nothing: the architectures of the papers' models at sizes that two processors can teach.

    folder = build("nano:qwen3_vl", Path("data/models/base"), texts=corpus)       # transformers and vLLM load it like any other
    folder = build("small:qwen2_5_vl", ...)                                        # for one card

Weights are random, drawn by a seed; the tokenizer is a byte-level BPE of the texts that it is given, with Qwen's special tokens and chat
turns, its digits apart but for NUMBERS: what a drill measures is said in one choice and not in three of which each waits for the last. NAMES
are one token each as well. All else (patches, positions, deepstack, file
names) is as in the models that the papers start from.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from beltline.labels import DUAL
from beltline.language.lexicon import noun
from beltline.language.places import MARK_STEP

SPECIAL: Final = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>"),
    *("<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>"),
)
CHAT: Final = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for part in m['content'] %}"
    "{% if part['type'] == 'text' %}{{ part['text'] }}{% else %}<|vision_start|><|image_pad|><|vision_end|>{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_WORDS = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
"""Words with the space before them, digits one by one, signs together, line breaks."""
NUMBERS: Final = tuple(str(number) for number in range(MARK_STEP, 1001, MARK_STEP))
"""Tokens of their own where they stand alone: the thousandths that a drill's boxes are rounded to, and all that is measured of them."""

NAMES: Final = tuple(words for category in DUAL for words in (noun(category).one, noun(category).many))
"""What the paper's twelve categories are called, one and several: a name is one thing to look for, and not five words of which the fourth tells
a bottle of orange liquid from one of blue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a model is."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    inner: int
    tower: int
    """Width of the tower."""
    tower_layers: int
    tower_heads: int
    tower_inner: int
    vocabulary: int
    tied: bool = False
    """One table for words read and words said, as Qwen's 2B and 4B have it: a number read is a number said, and need not be learnt to be."""

    @property
    def head(self) -> int:
        return self.hidden // self.heads


SIZES: Final = {
    "tiny": Size(hidden=64, layers=2, heads=2, kv_heads=1, inner=128, tower=32, tower_layers=3, tower_heads=2, tower_inner=64, vocabulary=1024),
    "nano": Size(hidden=192, layers=4, heads=6, kv_heads=2, inner=512, tower=128, tower_layers=4, tower_heads=4, tower_inner=384, vocabulary=2048, tied=True),
    "mini": Size(hidden=384, layers=8, heads=6, kv_heads=2, inner=1152, tower=256, tower_layers=8, tower_heads=4, tower_inner=768, vocabulary=2048, tied=True),
    "small": Size(hidden=768, layers=12, heads=12, kv_heads=4, inner=2304, tower=512, tower_layers=12, tower_heads=8, tower_inner=1536, vocabulary=8192),
}  # fmt: skip
"""`tiny` for tests, `nano` for two processors, `mini` for a card within minutes, `small` for one within hours."""


def build(form: str, folder: Path, texts: Iterable[str], seed: int = 0, smallest_px: int = 65_536) -> Path:
    """A model folder: config, weights in float32, tokenizer, processor.

    Args:
        form: "SIZE:FAMILY", of SIZES and "qwen3_vl" or "qwen2_5_vl".
        texts: what the tokenizer learns its words from.
        seed: of the weights.
        smallest_px: smaller views are enlarged to it.

    Raises:
        ValueError: no such form.
    """
    size, family = form_of(form)
    words = tokenizer(texts, size.vocabulary)
    config, patch_px = _CONFIGS[family](size, _ids(words))
    torch.manual_seed(seed)
    model = getattr(transformers, config.architectures[0])(config).to(torch.float32)
    model.generation_config.eos_token_id = words.eos_token_id
    model.generation_config.pad_token_id = words.pad_token_id
    model.save_pretrained(folder)
    name_text_part(folder)
    _processor(family, words, patch_px, smallest_px).save_pretrained(folder)
    return folder


def form_of(form: str) -> tuple[Size, str]:
    """Size and family of a form's name.

    Raises:
        ValueError: no such form.
    """
    size, _, family = form.partition(":")
    if size not in SIZES or family not in _CONFIGS:
        raise ValueError(f"form: expected SIZE:FAMILY of {sorted(SIZES)} and {sorted(_CONFIGS)}, found {form!r}")
    return SIZES[size], family


def config_of(form: str) -> Any:
    """The config of a form, without its words: what its weights are counted by."""
    size, family = form_of(form)
    ids = {f"{name}_token_id": 0 for name in ("image", "video", "vision_start", "vision_end")}
    return _CONFIGS[family](size, ids | {"ends": {}})[0]


def tokenizer(texts: Iterable[str], vocabulary: int) -> Any:
    """Byte-level BPE with Qwen's special tokens, NUMBERS, NAMES and chat turns; 32 of the vocabulary stay free for tokens that are added."""
    bpe = Tokenizer(models.BPE())
    words = pre_tokenizers.Split(Regex(_WORDS), behavior="isolated")
    bytes_ = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bpe.pre_tokenizer = pre_tokenizers.Sequence([words, bytes_])
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - 32 - len(NUMBERS) - len(NAMES),
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    ends = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "unk_token": None, "bos_token": None}
    found = transformers.Qwen2TokenizerFast(tokenizer_object=bpe, **ends)
    found.add_tokens([AddedToken(words, single_word=True, normalized=False) for words in (*NUMBERS, *NAMES)])
    found.chat_template = CHAT
    return found


def name_text_part(folder: Path) -> None:
    """vLLM on a processor asks the text part of a Qwen3-VL for its architecture, and falls over when it has none."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    if config.get("model_type") == "qwen3_vl":
        config["text_config"]["architectures"] = ["Qwen3ForCausalLM"]
        path.write_text(json.dumps(config, indent=2))


def _ids(words: Any) -> dict[str, Any]:
    """The special tokens that a config names."""
    of = words.convert_tokens_to_ids
    marks = {"image": "<|image_pad|>", "video": "<|video_pad|>", "vision_start": "<|vision_start|>"}
    named = {f"{name}_token_id": of(token) for name, token in (marks | {"vision_end": "<|vision_end|>"}).items()}
    return named | {"ends": {"eos_token_id": words.eos_token_id, "bos_token_id": words.pad_token_id}}


def _text(size: Size, ids: dict[str, Any], theta: float, more: dict[str, Any]) -> dict[str, Any]:
    half = size.head // 2
    section = [half - 2 * (half * 3 // 8), half * 3 // 8, half * 3 // 8]  # time, height, width
    rope = {"rope_type": "default", "mrope_section": section, "rope_theta": theta, **more}
    return {
        "vocab_size": size.vocabulary,
        "hidden_size": size.hidden,
        "intermediate_size": size.inner,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "num_key_value_heads": size.kv_heads,
        "max_position_embeddings": 32_768,
        "tie_word_embeddings": size.tied,
        "rope_parameters": rope,
        **ids["ends"],
    }


def _tower(size: Size, patch_px: int) -> dict[str, Any]:
    return {
        "depth": size.tower_layers,
        "hidden_size": size.tower,
        "intermediate_size": size.tower_inner,
        "num_heads": size.tower_heads,
        "out_hidden_size": size.hidden,
        "patch_size": patch_px,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
    }


def _qwen3(size: Size, ids: dict[str, Any]) -> tuple[Any, int]:
    text = _text(size, ids, 5e6, {"mrope_interleaved": True}) | {"head_dim": size.head}
    levels = [size.tower_layers // 3, 2 * size.tower_layers // 3]
    vision = {**_tower(size, 16), "num_position_embeddings": 576, "deepstack_visual_indexes": levels}
    config = transformers.Qwen3VLConfig(text_config=text, vision_config=vision, **_marks(ids, size.tied))
    config.architectures = ["Qwen3VLForConditionalGeneration"]
    return config, 16


def _qwen25(size: Size, ids: dict[str, Any]) -> tuple[Any, int]:
    vision = {**_tower(size, 14), "window_size": 112, "fullatt_block_indexes": [size.tower_layers - 1]}
    config = transformers.Qwen2_5_VLConfig(
        text_config=_text(size, ids, 1e6, {}), vision_config=vision, **_marks(ids, size.tied)
    )
    config.architectures = ["Qwen2_5_VLForConditionalGeneration"]
    return config, 14


_CONFIGS = {"qwen3_vl": _qwen3, "qwen2_5_vl": _qwen25}


def _marks(ids: dict[str, Any], tied: bool) -> dict[str, Any]:
    return {name: value for name, value in ids.items() if name != "ends"} | {"tie_word_embeddings": tied}


def _processor(family: str, words: Any, patch_px: int, smallest_px: int) -> Any:
    """Tokenizer, image and video processor as one."""
    three = family == "qwen3_vl"
    video = transformers.Qwen3VLVideoProcessor if three else transformers.Qwen2VLVideoProcessor
    limits = {"min_pixels": smallest_px, "max_pixels": 16_777_216}
    images = transformers.Qwen2VLImageProcessor(patch_size=patch_px, merge_size=2, temporal_patch_size=2, **limits)
    make = transformers.Qwen3VLProcessor if three else transformers.Qwen2_5_VLProcessor
    return make(image_processor=images, tokenizer=words, video_processor=video(patch_size=patch_px), chat_template=CHAT)


def describe(form: str) -> dict[str, Any]:
    """The size of a form, for a card."""
    return asdict(form_of(form)[0])
