"""From a model string to a loaded model: find, tell its kind, load, fingerprint."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import transformers

from mmbench.backends.hf.batch_size import auto_batch_size
from mmbench.backends.hf.checkpoint import locate
from mmbench.backends.hf.classifiers import TextClassifier, picture_classifier
from mmbench.backends.hf.encoding import Encoder
from mmbench.backends.hf.extractive import Extractive
from mmbench.backends.hf.families import Family, family_of, reads_by_processor
from mmbench.backends.hf.fingerprint import checkpoint_digests, fingerprint
from mmbench.backends.hf.generative import Generative
from mmbench.backends.hf.model import Adapter, HFModel, OneByOne
from mmbench.backends.hf.options import Options
from mmbench.backends.hf.parts import Parts, device_named, generation_config, load_reader, load_weights
from mmbench.backends.hf.prompts import Prompter
from mmbench.backends.hf.quiet import quiet
from mmbench.backends.hf.similarity import Similarity
from mmbench.backends.hf.speech import speech

_NO_ANSWER = ("device", "device_map", "dtype", "batch_size", "revision", "allow_pickle")
"""Options that change no answer, or that the fingerprint holds in another form."""


def load_model(spec: str, options: Options) -> HFModel:
    """Load the checkpoint that ``spec`` names.

    Raises:
        ModelError: there is none, it is of a kind that is not supported, or its files are broken or incomplete.
    """
    checkpoint = locate(spec, options)
    device = device_named(options.device)
    with quiet(), ThreadPoolExecutor(max_workers=1) as pool:
        family, auto_class = family_of(checkpoint, trusted=options.trust_remote_code)
        tokenizer, processor = load_reader(checkpoint, options, processor=reads_by_processor(family, checkpoint))
        hashing = pool.submit(checkpoint_digests, checkpoint)
        model = load_weights(checkpoint, auto_class, device, options)
        batch_size = options.batch_size or auto_batch_size(model)
        adapter = _ADAPTERS[family](Parts(model, tokenizer, processor, options), batch_size)
        key = fingerprint(hashing.result(), _settings(model, processor, options))
        precision = str(model.dtype).removeprefix("torch.")
        return HFModel(checkpoint.name, key, adapter, batch_size, checkpoint.commit, precision)


def _settings(model: Any, processor: Any, options: Options) -> dict[str, object]:
    chosen = {name: value for name, value in asdict(options).items() if name not in _NO_ANSWER}
    return chosen | {
        "precision": str(model.dtype),
        "transformers": transformers.__version__,
        "pictures": type(getattr(processor, "image_processor", None)).__name__,
    }


def _generative(parts: Parts, batch_size: int) -> Adapter:
    parts.model.generation_config = generation_config(parts.model, parts.tokenizer)
    continues = not parts.model.config.is_encoder_decoder
    prompter = Prompter(parts.tokenizer, parts.processor, continues=continues, chat=parts.options.chat_template)
    encoder = Encoder(parts.model, parts.tokenizer, parts.processor, parts.limits, parts.accepted)
    return Generative(parts.model, prompter, encoder, batch_size, thinking=parts.thinking)


def _speech(parts: Parts, batch_size: int) -> Adapter:
    adapter = Generative(parts.model, *speech(parts), batch_size)
    # Whisper's sounds are filled up to one length; the convolutions of the others see what is padded.
    return adapter if parts.model.config.model_type == "whisper" else OneByOne(adapter)


_ADAPTERS: Mapping[Family, Callable[[Parts, int], Adapter]] = {
    Family.MULTIMODAL: _generative,
    Family.SPEECH: _speech,
    Family.SEQ2SEQ: _generative,
    Family.CAUSAL: _generative,
    Family.PICTURE_CLASSIFIER: lambda parts, _: picture_classifier(parts),
    Family.TEXT_CLASSIFIER: lambda parts, _: TextClassifier(parts),
    Family.EXTRACTIVE: Extractive,
    Family.SIMILARITY: lambda parts, _: Similarity(parts),
}
