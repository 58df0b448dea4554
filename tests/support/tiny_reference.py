"""Tiny reference models, untrained, and inputs for them."""

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import torch

from mmbench_reference_models import (
    ReferenceConfig,
    ReferenceForConditionalGeneration,
    ReferenceForQuestionAnswering,
    ReferenceLSTM,
    ReferenceProcessor,
    train_tokenizer,
)

CLASSES: dict[str, Any] = {
    "decoder": ReferenceForConditionalGeneration,
    "encoder-decoder": ReferenceForConditionalGeneration,
    "span": ReferenceForQuestionAnswering,
    "lstm": ReferenceLSTM,
}
TEXTS = [
    "What colour is the ball? Answer with one word. The ball is red, the cube is blue.",
    "Write down what is said in this recording. Transcript: three one four one five",
    "Is the sentiment of this text negative or positive? A fine film, and a long one.",
]


def tiny_config(**changes: Any) -> ReferenceConfig:
    """Return a config whose weights are wide enough that everything matters."""
    small: dict[str, Any] = {
        "vocab_size": 48,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 24,
        "max_position_embeddings": 96,
        "image_size": 8,
        "patch_size": 4,
        "vision_layers": 1,
        "audio_layers": 1,
        "n_mels": 4,
        "max_images": 3,
        "initializer_range": 0.4,
    }
    return ReferenceConfig(**small | changes)


def tiny_model(seed: int = 0, **changes: Any) -> Any:
    """Return a model in evaluation mode, its weights drawn from ``seed``."""
    config = tiny_config(**changes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return CLASSES[config.backbone](config).eval()


def media_prompt(
    config: ReferenceConfig, pictures: int, frames: tuple[int, ...], words: tuple[int, ...]
) -> list[int]:
    """Return the tokens of a prompt with some pictures and sounds, as the processor expands them."""
    joins = config.fusion == "concat"
    ids = [1, words[0]]
    ids += [config.image_token_id] * (config.picture_tokens if joins else 1) * pictures
    for number in frames:
        ids += [config.audio_token_id] * (-(-number // 4) if joins else 1)
    return [*ids, *words[1:]]


def sounds(config: ReferenceConfig, frames: tuple[int, ...], seed: int = 1) -> dict[str, torch.Tensor]:
    """Return the features of some sounds, padded with numbers that must not matter."""
    generator = torch.Generator().manual_seed(seed)
    features = torch.full((len(frames), config.n_mels, max(frames)), 7.0)
    mask = torch.zeros(len(frames), max(frames), dtype=torch.long)
    for row, number in enumerate(frames):
        features[row, :, :number] = torch.randn(config.n_mels, number, generator=generator)
        mask[row, :number] = 1
    return {"input_features": features, "input_features_mask": mask}


def pixels(config: ReferenceConfig, number: int, seed: int = 2) -> torch.Tensor:
    """Return some pictures."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(number, 3, config.image_size, config.image_size, generator=generator)


def padded(rows: list[list[int]], *, left: bool) -> dict[str, torch.Tensor]:
    """Return rows of tokens as tensors."""
    longest = max(map(len, rows))
    gaps = [[0] * (longest - len(row)) for row in rows]
    ids = [gap + row if left else row + gap for gap, row in zip(gaps, rows, strict=True)]
    ones = [[0] * len(gap) + [1] * len(row) for gap, row in zip(gaps, rows, strict=True)]
    mask = ones if left else [row[::-1] for row in ones]
    return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}


def write_checkpoint(folder: Path, **changes: Any) -> Path:
    """Write a whole checkpoint: a tiny model, its processor and tokenizer."""
    tokenizer = train_tokenizer(TEXTS * 4, "bpe", 400)
    sizes = {"image_size": 16, "n_mels": 16, "max_position_embeddings": 512}
    model = tiny_model(vocab_size=len(tokenizer), **sizes | changes)
    model.save_pretrained(folder)
    ReferenceProcessor.for_config(model.config, tokenizer).save_pretrained(folder)
    return folder


def picture(seed: int = 0) -> PIL.Image.Image:
    """Return a picture of noise."""
    values = np.random.default_rng(seed).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    return PIL.Image.fromarray(values)


def wave(seconds: float = 0.3, seed: int = 0) -> np.ndarray[Any, Any]:
    """Return a sound of noise, at 8 kHz."""
    return np.random.default_rng(seed).normal(size=int(8000 * seconds)).astype(np.float32)
