"""What plain Transformers computes, one request at a time: no batch, no padding, no cache, no generate()."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import PIL.Image
import torch

from mmbench.schema import Audio, Image, Message, Text

CHAT = ("causal-lm-chat", "image-text-chat")


def sound(seed: int, seconds: float, rate: int = 16_000) -> Audio:
    """Make noise of some length."""
    import soundfile

    wave = np.random.default_rng(seed).normal(0, 0.1, int(seconds * rate)).astype(np.float32)
    stream = io.BytesIO()
    soundfile.write(stream, wave, rate, format="WAV", subtype="FLOAT")
    return Audio(stream.getvalue(), name=f"noise {seed}")


def picture(seed: int, width: int = 40, height: int = 32) -> Image:
    """Draw a picture of noise as PNG bytes."""
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    stream = io.BytesIO()
    PIL.Image.fromarray(pixels).save(stream, "PNG")
    return Image(stream.getvalue(), name=f"noise {seed}")


def inputs(name: str, reader: Any, messages: Sequence[Message], plain: str) -> dict[str, torch.Tensor]:
    """Encode a conversation as the library documents it; ``plain`` is its text where there is no template."""
    pictures = [part.open() for turn in messages for part in turn.content if isinstance(part, Image)]
    vision = hasattr(reader, "image_processor")
    if name in CHAT:
        content = [(turn, [_part(part) for part in turn.content]) for turn in messages]
        turns = [{"role": turn.role, "content": parts if vision else turn.text} for turn, parts in content]
        encoded = reader.apply_chat_template(
            turns, tokenize=True, add_generation_prompt=True, return_dict=True, return_tensors="pt"
        )
    elif vision:
        encoded = reader(text=plain, images=pictures or None, return_tensors="pt")
    else:
        encoded = reader(plain, return_tensors="pt")
    return {key: value for key, value in encoded.items() if key != "token_type_ids"}


def forced(model: Any, encoded: dict[str, torch.Tensor], ids: Sequence[int]) -> torch.Tensor:
    """Return log-probabilities of the token after the prompt and after each of ``ids``: (1 + len, vocabulary)."""
    more = torch.tensor([list(ids)], dtype=torch.long)
    if model.config.is_encoder_decoder:
        start = torch.tensor([[model.generation_config.decoder_start_token_id]])
        arguments = encoded | {"decoder_input_ids": torch.cat([start, more], 1)}
    else:
        tokens = torch.cat([encoded["input_ids"], more], 1)
        arguments = encoded | {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)}
    with torch.no_grad():
        logits = model(**arguments, use_cache=False).logits[0, -1 - len(ids) :]
    return logits.log_softmax(-1)


def loglikelihood(model: Any, encoded: dict[str, torch.Tensor], ids: Sequence[int]) -> list[float]:
    """Return the log-probability of each token of a reply."""
    scores = forced(model, encoded, ids)
    return [scores[position, token].item() for position, token in enumerate(ids)]


def greedy(model: Any, encoded: dict[str, torch.Tensor], most: int) -> tuple[list[int], list[float]]:
    """Take the best token until EOS or ``most`` tokens; return tokens and log-probabilities without EOS."""
    tokens: list[int] = []
    logprobs: list[float] = []
    while len(tokens) < most:
        best = forced(model, encoded, tokens)[-1].max(-1)
        if best.indices.item() == model.generation_config.eos_token_id:
            break
        tokens.append(int(best.indices))
        logprobs.append(float(best.values))
    return tokens, logprobs


def _part(part: Any) -> dict[str, Any]:
    return (
        {"type": "text", "text": part.text} if isinstance(part, Text) else {"type": "image", "image": part.open()}
    )
