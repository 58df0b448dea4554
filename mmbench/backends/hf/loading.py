"""From a model string to a loaded model: find, check, load, fingerprint."""

import inspect
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
import transformers
from safetensors import SafetensorError

from mmbench.backends.hf.checkpoint import Checkpoint, first_line, locate
from mmbench.backends.hf.encoding import Encoder, Limits
from mmbench.backends.hf.families import Family, family_of
from mmbench.backends.hf.fingerprint import file_digests, fingerprint
from mmbench.backends.hf.generative import Generative
from mmbench.backends.hf.model import HFModel
from mmbench.backends.hf.options import Options
from mmbench.backends.hf.prompts import Prompter
from mmbench.backends.hf.quiet import quiet
from mmbench.errors import ModelError

_KEPT = (
    "bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "forced_bos_token_id",
    "repetition_penalty", "no_repeat_ngram_size", "bad_words_ids", "suppress_tokens", "begin_suppress_tokens",
    "sequence_bias",
)  # fmt: skip
"""What a checkpoint's generation config may say; sampling, beams and lengths are the request's."""
_SMALL = 200_000_000
_UNLIMITED = 1_000_000
_LOAD_ERRORS = (
    OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError, SafetensorError
)  # fmt: skip


def load_model(spec: str, options: Options) -> HFModel:
    """Load the checkpoint that ``spec`` names.

    Raises:
        ModelError: there is none, it is of a kind that is not supported, or its files are broken or incomplete.
    """
    checkpoint = locate(spec, options)
    device = _device(options.device)
    with quiet(), ThreadPoolExecutor(max_workers=1) as pool:
        family, auto_class = family_of(checkpoint, trusted=options.trust_remote_code)
        tokenizer, processor = _text_side(checkpoint, family, options)
        hashing = pool.submit(file_digests, checkpoint.folder, pickled=checkpoint.pickled)
        model = _weights(checkpoint, auto_class, device, options)
        model.generation_config = _generation_config(model, tokenizer)
        settings = {
            "dtype": str(model.dtype),
            "max_length": options.max_length,
            "truncate": options.truncate,
            "trust_remote_code": options.trust_remote_code,
            "transformers": transformers.__version__,
            "pictures": type(getattr(processor, "image_processor", None)).__name__,
        }
        limits = Limits(options.max_length or _limit(model, tokenizer), options.truncate)
        prompter = Prompter(tokenizer, processor, continues=not model.config.is_encoder_decoder)
        encoder = Encoder(model, tokenizer, processor, limits, _accepted(model))
        batch_size = options.batch_size or (32 if model.num_parameters() < _SMALL else 8)
        adapter = Generative(model, prompter, encoder, batch_size)
        key = fingerprint(hashing.result(), settings)
        return HFModel(checkpoint.name, key, adapter, batch_size, commit=checkpoint.commit)


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ModelError(f"there is no device '{name}': torch sees {torch.cuda.device_count()} CUDA devices.")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise ModelError("there is no device 'mps' on this machine.")
    return device


def _weights(checkpoint: Checkpoint, auto_class: str, device: torch.device, options: Options) -> Any:
    """Load the weights; one that is missing would be drawn at random, and the numbers would mean nothing."""
    try:
        model, report = getattr(transformers, auto_class).from_pretrained(
            checkpoint.folder,
            dtype=options.dtype if options.dtype == "auto" else getattr(torch, options.dtype),
            device_map=None if device.type == "cpu" else {"": device},
            trust_remote_code=options.trust_remote_code,
            use_safetensors=not checkpoint.pickled,
            local_files_only=True,
            output_loading_info=True,
        )
    except _LOAD_ERRORS as error:
        reason = f"({checkpoint.model_type}): {first_line(error)}"
        raise ModelError(f"cannot load '{checkpoint.name}' {reason}") from error
    if missing := sorted(report["missing_keys"]):
        shown = f"{len(missing)} of its weights ({missing[0]}, ...)"
        raise ModelError(f"'{checkpoint.name}' lacks {shown}. Write or fetch it again.")
    return model.eval()


def _text_side(checkpoint: Checkpoint, family: Family, options: Options) -> tuple[Any, Any]:
    """Load the tokenizer, and the processor of a multimodal model."""
    auto_class = transformers.AutoProcessor if family is Family.MULTIMODAL else transformers.AutoTokenizer
    try:
        loaded = auto_class.from_pretrained(
            checkpoint.folder, trust_remote_code=options.trust_remote_code, local_files_only=True
        )
    except _LOAD_ERRORS as error:
        what = "processor" if family is Family.MULTIMODAL else "tokenizer"
        raise ModelError(f"cannot load the {what} of '{checkpoint.name}': {first_line(error)}") from error
    tokenizer = getattr(loaded, "tokenizer", None) if family is Family.MULTIMODAL else loaded
    if tokenizer is None:
        raise ModelError(f"'{checkpoint.name}' has a processor without a tokenizer, which hf: does not support.")
    if tokenizer.pad_token is None:  # padding is masked, so that any token will do
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    return tokenizer, loaded if family is Family.MULTIMODAL else None


def _generation_config(model: Any, tokenizer: Any) -> Any:
    given = model.generation_config
    kept = {name: value for name in _KEPT if (value := getattr(given, name, None)) is not None}
    kept.setdefault("eos_token_id", tokenizer.eos_token_id)
    return transformers.GenerationConfig(**kept, do_sample=False, num_beams=1, use_cache=True)


def _limit(model: Any, tokenizer: Any) -> int | None:
    """Return the longest sequence a model takes: its positions say, or for a decoder its tokenizer."""
    positions = getattr(model.config.get_text_config(decoder=True), "max_position_embeddings", None)
    if positions is None and not model.config.is_encoder_decoder:
        positions = tokenizer.model_max_length
    return int(positions) if positions and positions < _UNLIMITED else None


def _accepted(model: Any) -> frozenset[str]:
    """Return the names of the inputs that a model takes; processors may make more."""
    functions = (model.forward, model.prepare_inputs_for_generation)
    return frozenset(name for function in functions for name in inspect.signature(function).parameters)
