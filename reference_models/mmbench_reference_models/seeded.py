"""Builds ``reference:seeded``: a small image-text-to-text model whose weights are drawn, not trained.

It answers nonsense. It exists so that the whole path from a row to a number runs on any machine, offline, with a
real checkpoint, and so that a harness can be checked against a model which must score at or under chance.

    python -m mmbench_reference_models.seeded
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from mmbench_reference_models import WEIGHTS
from mmbench_tasks.worlds.phrases import translation_rows
from mmbench_tasks.worlds.reviews import sentiment_rows
from mmbench_tasks.worlds.stories import qa_rows

SEED = 20
SPECIAL = ["<s>", "</s>", "<pad>", "<image>", "<|user|>", "<|assistant|>", "<|system|>"]
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}{% endfor %}"
    "{% if message['role'] == 'assistant' %}</s>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def corpus(rows: int = 1000) -> Iterator[str]:
    """Yield training text of the worlds, for the tokenizer."""
    for row in islice(translation_rows("train"), rows):
        yield from (row["source"], *row["references"])
    for row in islice(sentiment_rows("train"), rows):
        yield row["text"]
    for row in islice(qa_rows("train"), rows):
        yield from (row["context"], row["question"])


def build_tokenizer() -> Any:
    """Train a byte-level BPE of 2,000 tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=SPECIAL, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(corpus(), trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        extra_special_tokens={"image_token": "<image>"},
    )


def build_model(vocabulary: int) -> Any:
    """Draw a LLaVA-like model: a CLIP tower over 64 x 64 pixels and a Llama decoder, about 0.4 M parameters."""
    vision = transformers.CLIPVisionConfig(
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=64,
        patch_size=16,
        initializer_range=0.2,
        initializer_factor=4.0,
    )
    text = transformers.LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
        initializer_range=0.2,  # wide, so that answers depend on the prompt
    )
    config = transformers.LlavaConfig(
        vision_config=vision, text_config=text, image_token_id=SPECIAL.index("<image>"), initializer_range=0.2
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return transformers.LlavaForConditionalGeneration(config).eval()


def main(folder: Path = WEIGHTS / "seeded") -> None:
    """Write the checkpoint."""
    tokenizer = build_tokenizer()
    pictures = transformers.CLIPImageProcessor(
        size={"height": 64, "width": 64}, crop_size={"height": 64, "width": 64}
    )
    processor = transformers.LlavaProcessor(
        pictures,
        tokenizer,
        patch_size=16,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )
    build_model(len(tokenizer)).save_pretrained(folder)
    processor.save_pretrained(folder)


if __name__ == "__main__":
    main()
