"""Tiny models of every family that a recipe names: the architectures of the published models, a tokenizer and processor made here.

    folder = build("llava_next", tmp_path, texts)     # AutoModelForImageTextToText and AutoProcessor load it

The chat templates have the published ones' form, with what is awkward in them: LLaVA's answers have no end, LLaVA-OneVision asks with
another line than it renders an answer with, all images stand before all text.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from beltline.learning import nano

FAMILIES = ("qwen3_vl", "qwen2_5_vl", "internvl", "llava", "llava_next", "llava_onevision")
SIDE_PX, PATCH_PX = 56, 14
GRID = [[56, 112], [112, 56], [112, 112]]
_IMAGES = "{% for part in m['content'] if part['type'] == 'image' %}<image>SEP{% endfor %}"
_TEXT = "{% for part in m['content'] if part['type'] == 'text' %}{{ WORDS }}{% endfor %}"
VICUNA = (
    "{% for m in messages %}{{ m['role'].upper() + ': ' }}"
    + _IMAGES.replace("SEP", "\n")
    + _TEXT.replace("WORDS", "part['text'] + ' '")
    + "{% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)
ONEVISION = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + ' ' }}"
    + _IMAGES.replace("SEP", "")
    + _TEXT.replace("WORDS", "'\\n' + part['text']")
    + "<|im_end|>{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
INTERN = nano.CHAT.replace("<|vision_start|><|image_pad|><|vision_end|>", "<IMG_CONTEXT>\n")


def build(family: str, folder: Path, texts: Iterable[str], layers: int = 2) -> Path:
    """A model folder with random weights in float32."""
    import torch
    import transformers

    if family.startswith("qwen"):
        return nano.build(f"tiny:{family}", folder, texts, smallest_px=1024)
    words = _llama_words(texts) if family in ("llava", "llava_next") else _qwen_words(family, texts)
    config = config_of(family, words, layers)
    torch.manual_seed(0)
    model = getattr(transformers, config.architectures[0])(config).to(torch.float32)
    model.save_pretrained(folder)
    processor(family, words).save_pretrained(folder)
    return folder


def config_of(family: str, words: Any, layers: int = 2) -> Any:
    """The config of a tiny model."""
    import transformers

    text = {
        "vocab_size": 1024,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": layers,
        "num_attention_heads": 4,
        "tie_word_embeddings": False,
        "eos_token_id": words.eos_token_id,
        "bos_token_id": words.bos_token_id,
        "pad_token_id": words.pad_token_id,
    }
    vision = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "image_size": SIDE_PX,
        "patch_size": PATCH_PX,
    }
    image = words.convert_tokens_to_ids("<IMG_CONTEXT>" if family == "internvl" else "<image>")
    if family == "internvl":
        text |= {"model_type": "qwen3", "num_key_value_heads": 2, "head_dim": 16}
        vision |= {"attention_bias": True, "use_absolute_position_embeddings": True}
        config = transformers.InternVLConfig(
            text_config=text, vision_config=vision, image_token_id=image, image_seq_length=4, tie_word_embeddings=False
        )
        config.architectures = ["InternVLForConditionalGeneration"]
    elif family == "llava_onevision":
        text |= {"model_type": "qwen2", "num_key_value_heads": 2}
        vision |= {"model_type": "siglip_vision_model", "vision_use_head": False}
        config = transformers.LlavaOnevisionConfig(
            text_config=text, vision_config=vision, image_token_index=image, image_grid_pinpoints=GRID,
            video_token_index=words.convert_tokens_to_ids("<video>"),
        )  # fmt: skip
        config.architectures = ["LlavaOnevisionForConditionalGeneration"]
    else:
        text |= {"model_type": "llama", "num_key_value_heads": 4}
        vision |= {"model_type": "clip_vision_model", "projection_dim": 32}
        grid = {"image_grid_pinpoints": GRID} if family == "llava_next" else {}
        kind = "LlavaNext" if grid else "Llava"
        make = getattr(transformers, f"{kind}Config")
        config = make(text_config=text, vision_config=vision, image_token_index=image, image_seq_length=16, **grid)
        config.architectures = [f"{kind}ForConditionalGeneration"]
    return config


def processor(family: str, words: Any) -> Any:
    """Tokenizer and image processor as one."""
    import transformers

    side = {"height": SIDE_PX, "width": SIDE_PX}
    if family == "internvl":
        images = transformers.GotOcr2ImageProcessor(size=side, crop_to_patches=True, min_patches=1, max_patches=4)
        video = transformers.InternVLVideoProcessor(size=side)
        return transformers.InternVLProcessor(images, words, video, image_seq_length=4, chat_template=INTERN)
    if family == "llava_onevision":
        images = transformers.LlavaOnevisionImageProcessor(size=side, image_grid_pinpoints=GRID)
        video = transformers.LlavaOnevisionVideoProcessor(size=side)
        return transformers.LlavaOnevisionProcessor(
            images, words, video, num_image_tokens=16, vision_feature_select_strategy="full", chat_template=ONEVISION
        )
    same = {
        "patch_size": PATCH_PX,
        "vision_feature_select_strategy": "default",
        "num_additional_image_tokens": 1,
        "chat_template": VICUNA,
    }
    cut = {"size": {"shortest_edge": SIDE_PX}, "crop_size": side}
    if family == "llava":
        return transformers.LlavaProcessor(transformers.CLIPImageProcessor(**cut), words, **same)
    return transformers.LlavaNextProcessor(
        transformers.LlavaNextImageProcessor(**cut, image_grid_pinpoints=GRID), words, **same
    )


def _qwen_words(family: str, texts: Iterable[str]) -> Any:
    words = nano.tokenizer(texts, 1024 - 16)
    if family == "llava_onevision":
        words.add_tokens(["<image>", "<video>"], special_tokens=True)
        return words
    named = {"start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>", "video_token": "<video>"}  # fmt: skip
    words.add_tokens(list(named.values()), special_tokens=True)
    words._set_model_specific_special_tokens(special_tokens=named)
    return words


def _llama_words(texts: Iterable[str]) -> Any:
    """A tokenizer like Llama's: a space before every text, `<s>` at the beginning."""
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    bpe = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    bpe.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=True)
    bpe.decoder = decoders.Metaspace(prepend_scheme="first")
    special = ["<unk>", "<s>", "</s>", "<image>"]
    bytes_ = [f"<0x{value:02X}>" for value in range(256)]
    bpe.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=1000, special_tokens=special + bytes_, show_progress=False)
    )
    bpe.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<unk>"
    )
