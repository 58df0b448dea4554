"""Prompts, pictures and sounds to a model's inputs."""

import re
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer, BatchFeature, PreTrainedTokenizerFast, ProcessorMixin

from mmbench_reference_models.configuration import ReferenceConfig, sound_tokens
from mmbench_reference_models.features import ReferenceFeatureExtractor, ReferenceImageProcessor, flat
from mmbench_reference_models.vocabulary import AUDIO, CHAT_TEMPLATE, IMAGE

_PARTS: dict[str, Any] = {
    "image_processor": ReferenceImageProcessor,
    "feature_extractor": ReferenceFeatureExtractor,
}


class ReferenceProcessor(ProcessorMixin):
    """A tokenizer, with an image processor for a model that sees and a feature extractor for one that hears.

    Each ``<image>`` and ``<audio>`` of a text stands for one medium; where the model's fusion is ``concat`` it is
    repeated once for each feature of the medium (``image_tokens``, ``expand_audio``).
    """

    def __init__(
        self,
        image_processor: Any = None,
        tokenizer: Any = None,
        feature_extractor: Any = None,
        chat_template: str | None = None,
        image_tokens: int = 1,
        expand_audio: bool = False,
    ) -> None:
        """``tokenizer``: from ``train_tokenizer``; parts that the model has no encoder for are None."""
        self.tokenizer, self.chat_template = tokenizer, chat_template or CHAT_TEMPLATE
        self.image_processor, self.feature_extractor = image_processor, feature_extractor
        self.image_tokens, self.expand_audio = image_tokens, expand_audio
        if image_processor is not None:
            self.image_token, self.image_token_id = IMAGE, tokenizer.convert_tokens_to_ids(IMAGE)
        if feature_extractor is not None:
            self.audio_token, self.audio_token_id = AUDIO, tokenizer.convert_tokens_to_ids(AUDIO)

    @classmethod
    def for_config(cls, config: ReferenceConfig, tokenizer: PreTrainedTokenizerFast) -> "ReferenceProcessor":
        """Return the processor that a model of this config needs."""
        sees, hears, joins = config.vision_layers, config.audio_layers, config.fusion == "concat"
        return cls(
            ReferenceImageProcessor(config.image_size) if sees else None,
            tokenizer,
            ReferenceFeatureExtractor(config.n_mels, config.sample_rate, config.hop_length) if hears else None,
            image_tokens=config.picture_tokens if sees and joins else 1,
            expand_audio=bool(joins),
        )

    def __call__(
        self,
        images: Any = None,
        text: str | list[str] | None = None,
        videos: Any = None,
        audio: Any = None,
        sampling_rate: int | None = None,
        return_tensors: str | None = None,
        **options: Any,
    ) -> BatchFeature:
        """Return ``input_ids`` and ``attention_mask``, (prompts, tokens), and what media the prompts have.

        Args:
            images: pictures, in the order of their placeholders: flat, or a list for each prompt.
            text: a prompt, or a list of them.
            videos: none can be read.
            audio: sounds, likewise.
            sampling_rate: theirs.
            return_tensors: "pt" for torch's.
            options: the tokenizer's (``padding``, ``padding_side``, ``add_special_tokens``, ...).

        Raises:
            ValueError: placeholders and media are not as many, or the model does not read such media.
        """
        pictures, sounds = flat(images), flat(audio)
        if videos is not None or (pictures and self.image_processor is None):
            raise ValueError(f"this model sees no {'pictures' if videos is None else 'videos'}.")
        if sounds and self.feature_extractor is None:
            raise ValueError("this model hears no sounds.")
        data: dict[str, Any] = {}
        pieces: dict[str, list[int]] = {IMAGE: [self.image_tokens] * len(pictures), AUDIO: []}
        if pictures:
            data |= self.image_processor(pictures, return_tensors=return_tensors)
        if sounds:
            heard = self.feature_extractor(sounds, sampling_rate=sampling_rate, return_tensors=return_tensors)
            frames = [int(row.sum()) for row in heard["input_features_mask"]]
            pieces[AUDIO] = [sound_tokens(n) if self.expand_audio else 1 for n in frames]
            data |= heard
        texts = [text] if isinstance(text, str) else list(text or ())
        encoded = self.tokenizer(_expand(texts, pieces), return_tensors=return_tensors, **options)
        return BatchFeature({**encoded, **data})

    def save_pretrained(self, save_directory: Any, push_to_hub: bool = False, **kwargs: Any) -> list[str]:
        """Write the tokenizer's files, processor_config.json and chat_template.jinja; return their paths."""
        folder = Path(save_directory)
        written = list(self.tokenizer.save_pretrained(folder))
        (folder / "chat_template.jinja").write_text(self.chat_template, encoding="utf-8")
        self.to_json_file(folder / "processor_config.json")
        if push_to_hub:
            self.push_to_hub(kwargs.pop("repo_id", folder.name), **kwargs)
        return [*written, *(str(folder / name) for name in ("chat_template.jinja", "processor_config.json"))]

    @classmethod
    def _get_arguments_from_pretrained(
        cls, folder: Any, processor_dict: dict[str, Any] | None = None, **options: Any
    ) -> list[Any]:
        """Return the tokenizer, and the other parts that a checkpoint has; Transformers takes all for given."""
        settings = processor_dict or {}
        built = {name: part(**settings[name]) for name, part in _PARTS.items() if settings.get(name)}
        tokenizer = AutoTokenizer.from_pretrained(folder, **options)
        return [built.get("image_processor"), tokenizer, built.get("feature_extractor")]


def _expand(texts: list[str], pieces: dict[str, list[int]]) -> list[str]:
    """Repeat each placeholder as often as its medium needs; ``pieces`` are in the order of the placeholders."""
    left = {mark: iter(counts) for mark, counts in pieces.items()}

    def repeat(match: re.Match[str]) -> str:
        count = next(left[match[0]], None)
        if count is None:
            raise ValueError(f"the prompts have more {match[0]} than media are given.")
        return match[0] * count

    expanded = [re.sub("|".join(map(re.escape, pieces)), repeat, text) for text in texts]
    for mark, rest in left.items():
        if next(rest, None) is not None:
            raise ValueError(f"the prompts have fewer {mark} than media are given.")
    return expanded
