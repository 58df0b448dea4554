"""Tiny checkpoints that do not continue a prompt: speech-to-text, classifiers, similarity."""

from pathlib import Path
from typing import Any

import transformers
from tiny_models import llama_config, train_tokenizer, write


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


def audio_text_to_text(folder: Path) -> Path:
    """Write a Qwen2-Audio that hears up to one second at a place in its prompt."""
    special = ["<s>", "<|im_end|>", "<pad>", "<|im_start|>", "<|AUDIO|>", "<|audio_bos|>", "<|audio_eos|>"]
    names = {"bos_token": "<s>", "eos_token": "<|im_end|>", "pad_token": "<pad>"}
    tokenizer = train_tokenizer(special, bytes_level=True, **names)
    config = transformers.Qwen2AudioConfig(
        audio_config=transformers.Qwen2AudioEncoderConfig(
            num_mel_bins=20,
            d_model=48,
            encoder_layers=2,
            encoder_attention_heads=4,
            encoder_ffn_dim=96,
            max_source_positions=50,
            init_std=0.3,
        ),
        text_config=llama_config(len(tokenizer), bos_token_id=0, eos_token_id=1, pad_token_id=2),
        audio_token_id=tokenizer.convert_tokens_to_ids("<|AUDIO|>"),
        initializer_range=0.2,
    )
    sounds = transformers.WhisperFeatureExtractor(feature_size=20, chunk_length=1)
    processor = transformers.Qwen2AudioProcessor(sounds, tokenizer)
    return write(folder, lambda: transformers.Qwen2AudioForConditionalGeneration(config), processor)


ENCODER = {
    "hidden_size": 48,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.2,
}
TOWER = ENCODER | {"image_size": 32, "patch_size": 8}


def _pair_tokenizer(longest: int) -> Any:
    """Train a tokenizer that marks texts as BERT's does: [CLS] text [SEP] text [SEP]."""
    from tokenizers.processors import TemplateProcessing

    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    names = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    tokenizer = train_tokenizer(
        special, bytes_level=True, model_max_length=longest, model_input_names=inputs, **names
    )
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    return tokenizer


def text_classifier(folder: Path, labels: tuple[str, ...] = ("NEGATIVE", "POSITIVE")) -> Path:
    """Write a BERT that tells sentiments apart."""
    tokenizer = _pair_tokenizer(64)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=66,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
        pad_token_id=0,
        **ENCODER,
    )
    return write(folder, lambda: transformers.BertForSequenceClassification(config), tokenizer)


def extractive(folder: Path) -> Path:
    """Write a BERT that marks the start and the end of an answer; texts of up to 64 tokens."""
    tokenizer = _pair_tokenizer(64)
    config = transformers.BertConfig(
        vocab_size=len(tokenizer), max_position_embeddings=64, pad_token_id=0, **ENCODER
    )
    return write(folder, lambda: transformers.BertForQuestionAnswering(config), tokenizer)


def vilt(folder: Path) -> Path:
    """Write a ViLT that answers questions about a picture by one of five labels."""
    tokenizer = _pair_tokenizer(40)
    labels = ("yes", "no", "red", "2", "blue cube")
    config = transformers.ViltConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=40,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
        **TOWER,
    )
    pictures = transformers.ViltImageProcessor(size={"shortest_edge": 32}, size_divisor=8)
    processor = transformers.ViltProcessor(pictures, tokenizer)
    return write(folder, lambda: transformers.ViltForQuestionAnswering(config), processor)


def clip(folder: Path) -> Path:
    """Write a CLIP whose texts have up to 32 tokens."""
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokenizer = _ended_tokenizer(names)
    config = transformers.CLIPConfig(
        text_config=ENCODER
        | {
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 32,
            "eos_token_id": 1,
            "initializer_factor": 3.0,
        },
        vision_config=TOWER | {"initializer_factor": 3.0},
        projection_dim=32,
    )
    pictures = transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return write(folder, lambda: transformers.CLIPModel(config), transformers.CLIPProcessor(pictures, tokenizer))


def siglip(folder: Path) -> Path:
    """Write a SigLIP: texts filled up to 16 tokens and read by their last one."""
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokenizer = _ended_tokenizer(names)
    text = ENCODER | {"vocab_size": len(tokenizer), "max_position_embeddings": 16}
    config = transformers.SiglipConfig(text_config=text, vision_config=TOWER)
    pictures = transformers.SiglipImageProcessor(size={"height": 32, "width": 32})
    return write(
        folder, lambda: transformers.SiglipModel(config), transformers.SiglipProcessor(pictures, tokenizer)
    )


def _ended_tokenizer(names: dict[str, str]) -> Any:
    """Train a tokenizer that ends every text, as both read the last token."""
    from tokenizers.processors import TemplateProcessing

    tokenizer = train_tokenizer(["<s>", "</s>", "<pad>"], bytes_level=True, **names)
    ends = TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])
    tokenizer.backend_tokenizer.post_processor = ends
    return tokenizer
