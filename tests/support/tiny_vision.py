"""More tiny image-text-to-text checkpoints, one for each way in which architectures take pictures in.

``python tests/support/tiny_models.py DIR`` writes the common ones; these are for the tests of the backend.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from tiny_models import CHAT, llama_config, train_tokenizer, write

_VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
}
_GEMMA = {
    "hidden_size": 48,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 12,
    "max_position_embeddings": 512,
    "initializer_range": 0.2,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 2,
}
_SPECIAL = ["<s>", "</s>", "<pad>", "<image>", "<start_of_image>", "<end_of_image>", "<|start|>", "<|end|>"]


def _tokenizer(*more: str, **extra: str) -> Any:
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokens = {"image_token": "<image>"} | extra
    return train_tokenizer([*_SPECIAL, *more], bytes_level=True, **names, extra_special_tokens=tokens)


def _varied(model: Any) -> Any:
    """Quieten tied embeddings, which outweigh the layers and make an untrained Gemma repeat itself."""
    text = model.model.language_model
    with torch.no_grad():
        text.embed_tokens.weight.mul_(0.1)
        text.norm.weight.fill_(15)
    return model


def _clip_pictures() -> Any:
    return transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})


def _text(tokenizer: Any) -> Any:
    return llama_config(len(tokenizer), bos_token_id=0, eos_token_id=1, pad_token_id=2)


def llava_next(folder: Path) -> Path:
    """Write a model that sees a picture whole and in tiles, padded to the most tiles of a batch."""
    tokenizer = _tokenizer()
    config = transformers.LlavaNextConfig(
        vision_config=transformers.CLIPVisionConfig(**_VISION, initializer_range=0.2),
        text_config=_text(tokenizer),
        image_token_id=3,
        image_grid_pinpoints=[[32, 64], [64, 32], [64, 64]],
        initializer_range=0.2,
    )
    processor = transformers.LlavaNextProcessor(
        transformers.LlavaNextImageProcessor(
            size={"shortest_edge": 32},
            crop_size={"height": 32, "width": 32},
            image_grid_pinpoints=[[32, 64], [64, 32], [64, 64]],
        ),
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    )
    return write(folder, lambda: transformers.LlavaNextForConditionalGeneration(config), processor)


def qwen2_vl(folder: Path) -> Path:
    """Write a Qwen2-VL: patches of all pictures in one row, rotary positions along three axes.

    Its own processor needs torchvision for videos; the one saved here makes the same inputs of pictures.
    """
    tokenizer = _tokenizer("<|vision_start|>", "<|vision_end|>", "<video>")
    tokenizer.chat_template = CHAT.replace("<image>", "<|vision_start|><image><|vision_end|>")
    ids = {name: tokenizer.convert_tokens_to_ids(f"<|{name}|>") for name in ("vision_start", "vision_end")}
    text = _GEMMA | {
        "vocab_size": len(tokenizer),
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 2, 2]},
    }
    config = transformers.Qwen2VLConfig(
        text_config=text,
        vision_config={
            "depth": 2,
            "embed_dim": 32,
            "hidden_size": 48,
            "num_heads": 2,
            "mlp_ratio": 2,
            "patch_size": 8,
            "initializer_range": 0.2,
        },
        image_token_id=3,
        video_token_id=tokenizer.convert_tokens_to_ids("<video>"),
        vision_start_token_id=ids["vision_start"],
        vision_end_token_id=ids["vision_end"],
        initializer_range=0.2,
    )
    pictures = transformers.Qwen2VLImageProcessor(
        patch_size=8, size={"shortest_edge": 16 * 16, "longest_edge": 64 * 64}
    )
    processor = transformers.PaddleOCRVLProcessor(pictures, tokenizer, chat_template=tokenizer.chat_template)
    return write(folder, lambda: transformers.Qwen2VLForConditionalGeneration(config), processor)


def paligemma(folder: Path) -> Path:
    """Write a PaliGemma: the prompt is read in both directions, and the processor ends it with a line break."""
    tokenizer = _tokenizer()
    pictures = transformers.SiglipImageProcessor(size={"height": 32, "width": 32}, image_seq_length=16)
    processor = transformers.PaliGemmaProcessor(pictures, tokenizer)
    config = transformers.PaliGemmaConfig(
        vision_config=transformers.SiglipVisionConfig(**_VISION, vision_use_head=False),
        text_config=transformers.GemmaConfig(vocab_size=len(tokenizer), **_GEMMA),
        image_token_id=3,
        projection_dim=48,
        initializer_range=0.2,
    )
    return write(folder, lambda: _varied(transformers.PaliGemmaForConditionalGeneration(config)), processor)


def gemma3(folder: Path) -> Path:
    """Write a Gemma 3: pictures are read in both directions, text by sliding windows and whole in turn."""
    marks = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>"}
    tokenizer = _tokenizer(**marks)
    text = _GEMMA | {"num_hidden_layers": 3, "sliding_window": 16, "query_pre_attn_scalar": 12}
    kinds = ["sliding_attention", "full_attention", "sliding_attention"]
    config = transformers.Gemma3Config(
        vision_config=transformers.SiglipVisionConfig(**_VISION, vision_use_head=False),
        text_config=transformers.Gemma3TextConfig(vocab_size=len(tokenizer), layer_types=kinds, **text),
        mm_tokens_per_image=4,
        image_token_id=3,
        boi_token_index=4,
        eoi_token_index=5,
        initializer_range=0.2,
    )
    pictures = transformers.Gemma3ImageProcessor(size={"height": 32, "width": 32})
    processor = transformers.Gemma3Processor(
        pictures, tokenizer, chat_template=CHAT.replace("<image>", "<start_of_image>"), image_seq_length=4
    )
    return write(folder, lambda: _varied(transformers.Gemma3ForConditionalGeneration(config)), processor)


def internvl(folder: Path) -> Path:
    """Write an InternVL whose pictures are one tile each; its own processor needs torchvision for videos."""
    tokenizer = _tokenizer()
    config = transformers.InternVLConfig(
        vision_config=transformers.InternVLVisionConfig(
            **(_VISION | {"image_size": [32, 32], "patch_size": [8, 8]}), initializer_range=0.2
        ),
        text_config=_text(tokenizer),
        image_token_id=3,
        image_seq_length=4,
        initializer_range=0.2,
    )
    processor = transformers.LlavaProcessor(_clip_pictures(), tokenizer, patch_size=16)
    return write(folder, lambda: transformers.InternVLForConditionalGeneration(config), processor)


def blip2(folder: Path) -> Path:
    """Write a BLIP-2: query tokens between tower and decoder, picture tokens put in front by the processor."""
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokenizer = train_tokenizer(_SPECIAL, bytes_level=True, **names)
    config = transformers.Blip2Config(
        vision_config=transformers.Blip2VisionConfig(**_VISION, initializer_range=0.2),
        qformer_config=transformers.Blip2QFormerConfig(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            encoder_hidden_size=32,
            vocab_size=16,
            initializer_range=0.2,
        ),
        text_config=transformers.OPTConfig(
            vocab_size=len(tokenizer),
            hidden_size=48,
            word_embed_proj_dim=48,
            ffn_dim=96,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=512,
            init_std=0.2,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=2,
        ),
        num_query_tokens=4,
        image_token_index=3,
        initializer_range=0.2,
    )
    pictures = transformers.BlipImageProcessor(size={"height": 32, "width": 32})
    processor = transformers.Blip2Processor(pictures, tokenizer, num_query_tokens=4)
    return write(folder, lambda: transformers.Blip2ForConditionalGeneration(config), processor)


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "llava-next": llava_next,
    "qwen2-vl": qwen2_vl,
    "paligemma": paligemma,
    "gemma3": gemma3,
    "internvl": internvl,
    "blip2": blip2,
}
