"""Which kind of model a checkpoint is, told from config.json alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mmbench import plugins
from mmbench.backends.hf.checkpoint import Checkpoint
from mmbench.errors import ModelError


class Family(StrEnum):
    """The kinds of model that are supported."""

    MULTIMODAL = "image-text-to-text"
    SPEECH = "speech-to-text"
    SEQ2SEQ = "text encoder-decoder"
    CAUSAL = "causal language model"
    PICTURE_CLASSIFIER = "picture question classifier"
    TEXT_CLASSIFIER = "text classifier"
    EXTRACTIVE = "extractive question answering"
    SIMILARITY = "picture-text similarity"

    @property
    def has_processor(self) -> bool:
        """Whether it reads more than text."""
        return self in _WITH_PROCESSOR


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where Transformers lists a family's architectures, and the Auto classes that load it."""

    mapping: str
    auto_classes: tuple[str, ...]


# In order: the first family that lists the architecture wins, so that a model that also takes pictures keeps them.
_ENTRIES: Mapping[Family, _Entry] = {
    Family.MULTIMODAL: _Entry(
        "MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES", ("AutoModelForMultimodalLM", "AutoModelForImageTextToText")
    ),
    Family.SPEECH: _Entry("MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES", ("AutoModelForSpeechSeq2Seq",)),
    Family.SEQ2SEQ: _Entry("MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES", ("AutoModelForSeq2SeqLM",)),
    Family.CAUSAL: _Entry("MODEL_FOR_CAUSAL_LM_MAPPING_NAMES", ("AutoModelForCausalLM",)),
    Family.PICTURE_CLASSIFIER: _Entry(
        "MODEL_FOR_VISUAL_QUESTION_ANSWERING_MAPPING_NAMES", ("AutoModelForVisualQuestionAnswering",)
    ),
    Family.TEXT_CLASSIFIER: _Entry(
        "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES", ("AutoModelForSequenceClassification",)
    ),
    Family.EXTRACTIVE: _Entry("MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES", ("AutoModelForQuestionAnswering",)),
    Family.SIMILARITY: _Entry(
        "MODEL_FOR_ZERO_SHOT_IMAGE_CLASSIFICATION_MAPPING_NAMES", ("AutoModelForZeroShotImageClassification",)
    ),
}
_WITH_PROCESSOR = frozenset({Family.MULTIMODAL, Family.SPEECH, Family.PICTURE_CLASSIFIER, Family.SIMILARITY})
_PROCESSORS = ("processor_config.json", "preprocessor_config.json")


def family_of(checkpoint: Checkpoint, *, trusted: bool) -> tuple[Family, str]:
    """Return the family and the name of the Auto class that loads it.

    The architecture decides (``architectures``), else the ``model_type``; code that comes with the checkpoint and
    is ``trusted`` decides first (``auto_map``). A checkpoint without a processor is a model of text.

    Raises:
        ModelError: the checkpoint is of another kind, or needs code that is not trusted.
        BrokenPluginError: an installed package knows its architecture, but does not import.
    """
    if checkpoint.model_type in plugins.names("architectures"):
        plugins.load("architectures", checkpoint.model_type)
    sees = any((checkpoint.folder / name).is_file() for name in _PROCESSORS)
    candidates = {family: entry for family, entry in _ENTRIES.items() if sees or not family.has_processor}
    remote = checkpoint.config.get("auto_map") or {}
    own_code = [(family, name) for family, entry in candidates.items() for name in entry.auto_classes]
    own_code = [(family, name) for family, name in own_code if name in remote]
    if own_code and trusted:
        return own_code[0]
    for family in candidates:
        if _lists(family, checkpoint.config):
            return family, _ENTRIES[family].auto_classes[0]
    if own_code:
        advice = "Set trust_remote_code if you trust its source."
        raise ModelError(f"'{checkpoint.name}' comes with its own code. {advice}")
    architectures = ", ".join(checkpoint.config.get("architectures") or ["no architecture named"])
    raise ModelError(
        f"'{checkpoint.name}' is of type '{checkpoint.model_type}' ({architectures}), which hf: does not support. "
        f"Supported: {', '.join(_ENTRIES)}."
    )


def reads_by_processor(family: Family, checkpoint: Checkpoint) -> bool:
    """Whether a processor makes the inputs: always in some families; a model that marks may see, or not."""
    marks_and_sees = family is Family.EXTRACTIVE and (checkpoint.folder / _PROCESSORS[0]).is_file()
    return family.has_processor or marks_and_sees


def _lists(family: Family, config: Mapping[str, Any]) -> bool:
    import transformers
    from transformers.models.auto import modeling_auto

    known = getattr(modeling_auto, _ENTRIES[family].mapping)
    architectures = config.get("architectures")
    if not architectures:
        return config.get("model_type") in known
    names: set[str] = set()
    for value in known.values():
        names.update([value] if isinstance(value, str) else value)
    for name in _ENTRIES[family].auto_classes:  # other packages' classes, which they registered
        for added in getattr(transformers, name)._model_mapping._extra_content.values():
            names.update(one.__name__ for one in (added if isinstance(added, tuple) else (added,)))
    return architectures[0] in names
