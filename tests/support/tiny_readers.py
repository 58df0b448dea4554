"""Tiny checkpoints that do not continue a prompt: speech-to-text, classifiers, similarity."""

from pathlib import Path
from typing import Any

import transformers
from tiny_models import train_tokenizer, write


def whisper(folder: Path, *, multilingual: bool = True) -> Path:
    """Write a Whisper that hears one second, in English, or in English and German."""
    special = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>"]
    tokenizer = train_tokenizer(
        [*special, "<|notimestamps|>"],
        bytes_level=True,
        bos_token="<|endoftext|>",
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
    )
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in [*special, "<|notimestamps|>"]}
    config = transformers.WhisperConfig(
        vocab_size=len(tokenizer),
        num_mel_bins=20,
        d_model=48,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=96,
        decoder_ffn_dim=96,
        max_source_positions=50,
        max_target_positions=64,
        init_std=0.3,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
        decoder_start_token_id=1,
    )

    def build() -> Any:
        model = transformers.WhisperForConditionalGeneration(config)
        facts: dict[str, Any] = {
            "_from_model_config": False,
            "decoder_start_token_id": 1,
            "no_timestamps_token_id": ids["<|notimestamps|>"],
            "is_multilingual": multilingual,
            "suppress_tokens": [10, 11],
            "begin_suppress_tokens": [0],
        }
        if multilingual:
            facts["lang_to_id"] = {token: ids[token] for token in ("<|en|>", "<|de|>")}
            facts["task_to_id"] = {name: ids[f"<|{name}|>"] for name in ("translate", "transcribe")}
        else:
            facts["forced_decoder_ids"] = [[1, ids["<|notimestamps|>"]]]
        for name, value in facts.items():
            setattr(model.generation_config, name, value)
        return model

    sounds = transformers.WhisperFeatureExtractor(feature_size=20, chunk_length=1)
    return write(folder, build, transformers.WhisperProcessor(sounds, tokenizer))


def speech_to_text(folder: Path) -> Path:
    """Write a Speech2Text: sounds of any length, padded and masked."""
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokenizer = train_tokenizer(["<s>", "</s>", "<pad>"], bytes_level=True, **names)
    config = transformers.Speech2TextConfig(
        vocab_size=len(tokenizer),
        input_feat_per_channel=20,
        d_model=48,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=96,
        decoder_ffn_dim=96,
        conv_channels=32,
        max_source_positions=400,
        max_target_positions=64,
        init_std=0.3,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
        decoder_start_token_id=1,
    )
    sounds = transformers.Speech2TextFeatureExtractor(feature_size=20, num_mel_bins=20)
    processor = transformers.Speech2TextProcessor(sounds, tokenizer)
    return write(folder, lambda: transformers.Speech2TextForConditionalGeneration(config), processor)
