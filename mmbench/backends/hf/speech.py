"""Speech-to-text models: an encoder of sound, a decoder of text (Whisper and its like).

The decoder is asked as any encoder-decoder's is; only the encoder's input and the decoder's first tokens differ.
Instructions in the prompt are not read: such a model knows one task.
"""

import copy
from collections.abc import Sequence
from dataclasses import replace
from types import MethodType
from typing import Any

import transformers

from mmbench.backends.hf.checkpoint import first_line
from mmbench.backends.hf.encoding import Batch, Encoder
from mmbench.backends.hf.media import Hearing
from mmbench.backends.hf.parts import Parts, generation_config
from mmbench.backends.hf.prompts import Prompt
from mmbench.errors import ModelError
from mmbench.schema import Message, Modality, media_of


class SpeechPrompter:
    """Takes the sound out of a conversation."""

    def __init__(self, tokenizer: Any) -> None:
        bare, spaced = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in ("a", " a"))
        self._joint = " " if bare != spaced else ""  # byte-level transcripts begin with a space

    def render(self, messages: Sequence[Message]) -> Prompt:
        """Return the sound of a conversation, without its words."""
        return Prompt("", media_of(tuple(messages)), joint=self._joint)


class SpeechEncoder(Encoder):
    """Turns sounds into an encoder's input."""

    required = frozenset({"audio"})

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.model, parts.tokenizer, None, parts.limits, parts.accepted)
        self._extractor = parts.processor.feature_extractor

    @property
    def modalities(self) -> frozenset[Modality]:
        """Sounds, and words that are not read."""
        return frozenset({"text", "audio"})

    def encode(self, prompts: Sequence[Prompt], room: Sequence[int]) -> Batch:  # noqa: ARG002
        """Encode prompts that hold one sound each."""
        sounds, failures = Hearing.of(self._extractor).read(prompts)
        failures |= {
            row: f"the model takes exactly one sound, not {len(waves)}."
            for row, waves in sounds.items()
            if len(waves) != 1
        }
        rows = [row for row in sounds if row not in failures]
        if not rows:
            return Batch({}, [], [], failures)
        features = self._features([sounds[row][0] for row in rows])
        length = next(value.shape[-1] for name, value in features.items() if name != "attention_mask")
        return Batch(features, rows, [length] * len(rows), failures)

    def _features(self, waves: Sequence[Any]) -> dict[str, Any]:
        hearing = Hearing.of(self._extractor)
        padded = {} if hearing.seconds is not None else {"padding": True}  # Whisper's are always filled up
        extracted = self._extractor(list(waves), sampling_rate=hearing.rate, return_tensors="pt", **padded)
        return {name: value for name, value in extracted.items() if name in self._accepts}


class WhisperEncoder(SpeechEncoder):
    """Begins Whisper's decoder with language, task and "no timestamps".

    The sound is encoded once, for finding the language and for writing.
    """

    start = 4

    def __init__(self, parts: Parts, config: Any) -> None:
        """``config``: the checkpoint's generation config, which knows languages and tasks.

        Raises:
            ModelError: the checkpoint does not know the language that the user set.
        """
        super().__init__(parts)
        self._model = parts.model
        self._config = copy.deepcopy(config)
        self._config.return_timestamps = False
        if getattr(config, "is_multilingual", False) and hasattr(config, "task_to_id"):
            self._config.task = "transcribe"
        if parts.options.language is not None:
            self._config.language = parts.options.language
            self._check_language(parts.options.language)

    def ready(self, batch: Batch) -> Batch:
        """Encode the sounds, and begin the decoder."""
        sound = super().ready(batch).inputs["input_features"]
        encoded = self._model.get_encoder()(sound, return_dict=True)
        start = self._model._retrieve_init_tokens(
            None, len(sound), self._config, self._model.config, sound.shape[-1], {"encoder_outputs": encoded}
        )
        return replace(batch, inputs={"encoder_outputs": encoded, "decoder_input_ids": start})

    def _check_language(self, language: str) -> None:
        try:
            self._model._retrieve_init_tokens(None, 1, self._config, self._model.config, 0, {})
        except (ValueError, AttributeError) as error:
            raise ModelError(f"the model knows no language '{language}': {first_line(error)}") from error


def speech(parts: Parts) -> tuple[SpeechPrompter, SpeechEncoder]:
    """Build what a speech-to-text model's requests go through.

    Whisper's own ``generate`` cuts long recordings into pieces; ours refuses them, and uses the common one.
    """
    model, given = parts.model, parts.model.generation_config
    model.generation_config = generation_config(model, parts.tokenizer)
    model.generate = MethodType(transformers.GenerationMixin.generate, model)
    encoder = WhisperEncoder(parts, given) if model.config.model_type == "whisper" else SpeechEncoder(parts)
    return SpeechPrompter(parts.tokenizer), encoder
