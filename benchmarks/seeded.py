"""Seeded, untrained checkpoints and texts that the benchmarks of models share; nothing is downloaded.

The sizes are those of small real models, so that the share of the harness is not lost in a giant's time.
"""

import io
import json
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

VOCABULARY = 4096
_SOUNDS = tuple(head + tail for head in "bdfgklmnprstvz" for tail in ("a", "e", "i", "o", "u", "an", "el"))


@lru_cache(maxsize=1)
def lexicon() -> list[str]:
    """Return the words of a language, the short ones first."""
    draw = random.Random(5)
    return sorted({"".join(draw.choices(_SOUNDS, k=draw.randint(1, 3))) for _ in range(8000)}, key=len)


def words(count: int, seed: int) -> list[str]:
    """Return ``count`` words, the short ones more often."""
    known, draw = lexicon(), random.Random(seed)
    return [known[min(int(draw.expovariate(4 / len(known))), len(known) - 1)] for _ in range(count)]


def text(count: int, seed: int) -> str:
    """Return a text of ``count`` words."""
    return " ".join(words(count, seed))


def tokenizer(special: Sequence[str], **names: Any) -> Any:
    """Train a byte-level BPE on the language of :func:`words`."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False
    )
    corpus = [text(500, seed) for seed in range(40)] + ["Question: which?\nAnswer: the first."] * 40
    bpe.train_from_iterator(corpus, trainer)
    return transformers.PreTrainedTokenizerFast(tokenizer_object=bpe, **names)


def llama_config(hidden: int, layers: int) -> Any:
    """Return the shape of a decoder: grouped-query attention, 1024 positions."""
    return transformers.LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=hidden,
        intermediate_size=hidden * 8 // 3,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 64,
        num_key_value_heads=hidden // 64,
        max_position_embeddings=1024,
        initializer_range=0.05,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
    )


def causal(folder: Path, hidden: int = 512, layers: int = 12) -> Path:
    """Write a Llama-like decoder (42 million parameters as it stands)."""
    reader = tokenizer(["<s>", "</s>", "<pad>"], bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    reader.model_max_length = 1024
    return _write(folder, lambda: transformers.LlamaForCausalLM(llama_config(hidden, layers)), reader)


def image_text(folder: Path, hidden: int = 384, layers: int = 6) -> Path:
    """Write a LLaVA-like model: a CLIP tower of 196 patches before a decoder (22 million parameters)."""
    reader = tokenizer(
        ["<s>", "</s>", "<pad>", "<image>"],
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        extra_special_tokens={"image_token": "<image>"},
    )
    vision = transformers.CLIPVisionConfig(
        hidden_size=256,
        intermediate_size=1024,
        num_hidden_layers=6,
        num_attention_heads=4,
        image_size=224,
        patch_size=16,
    )
    config = transformers.LlavaConfig(
        vision_config=vision, text_config=llama_config(hidden, layers), image_token_id=3
    )
    processor = transformers.LlavaProcessor(
        transformers.CLIPImageProcessor(),
        reader,
        patch_size=16,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    )
    return _write(folder, lambda: transformers.LlavaForConditionalGeneration(config), processor)


def picture(seed: int, width: int = 640, height: int = 480) -> bytes:
    """Draw a JPEG of coloured blocks, as large as a photograph of a benchmark."""
    blocks = np.random.default_rng(seed).integers(0, 255, (height // 16, width // 16, 3), dtype=np.uint8)
    stream = io.BytesIO()
    PIL.Image.fromarray(blocks).resize((width, height), PIL.Image.Resampling.BICUBIC).save(stream, "JPEG")
    return stream.getvalue()


def choice_items(count: int, seed: int = 3) -> list[dict[str, Any]]:
    """Return questions of 40 to 120 words with four options of one to five."""
    draw = random.Random(seed)
    items = []
    for number in range(count):
        options: dict[str, None] = {}
        while len(options) < 4:
            options[text(draw.randint(1, 5), draw.randrange(10**9))] = None
        choices = list(options)
        question = text(draw.randint(40, 120), draw.randrange(10**9))
        items.append(
            {"id": str(number), "question": question, "choices": choices, "answers": [draw.choice(choices)]}
        )
    return items


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write rows as jsonl."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def _write(folder: Path, build: Callable[[], Any], *parts: Any) -> Path:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        model = build().eval()
    for part in (model, *parts):
        part.save_pretrained(folder)
    return folder
