"""Load a checkpoint's model, tokenizer and processor; every failure is one line."""

import importlib.util
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import transformers
from safetensors import SafetensorError

from mmbench.backends.hf.checkpoint import Checkpoint, first_line
from mmbench.backends.hf.encoding import Limits
from mmbench.backends.hf.options import Options
from mmbench.errors import ModelError

_KEPT = (
    "bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "forced_bos_token_id",
    "repetition_penalty", "no_repeat_ngram_size", "bad_words_ids", "suppress_tokens", "begin_suppress_tokens",
    "sequence_bias",
)  # fmt: skip
"""What a checkpoint's generation config may say; sampling, beams and lengths are the request's."""
THINKING = "max_thinking_tokens"
"""Where in its config a checkpoint says how much it thinks."""
_UNLIMITED = 1_000_000
_TORCHVISION = " Processors that also read videos need torchvision: pip install torchvision."
_LOAD_ERRORS = (
    OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError, SafetensorError
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parts:
    """What an adapter is made of; ``processor`` is None for a model of text alone."""

    model: Any
    tokenizer: Any
    processor: Any
    options: Options

    @property
    def limits(self) -> Limits:
        """The longest sequence: the user's word, else what positions allow, else for a decoder its tokenizer's."""
        return Limits(self.options.max_length or self._positions(), self.options.truncate)

    @property
    def thinking(self) -> int:
        """Tokens that a thought may take: the user's word, else what the checkpoint says, else none."""
        given = self.options.thinking
        return int(getattr(self.model.config, THINKING, 0) if given is None else given)

    @property
    def accepted(self) -> frozenset[str]:
        """The names of the inputs that the model takes; processors may make more."""
        functions = [self.model.forward]
        if hasattr(self.model, "prepare_inputs_for_generation"):
            functions.append(self.model.prepare_inputs_for_generation)
        return frozenset(name for function in functions for name in inspect.signature(function).parameters)

    def _positions(self) -> int | None:
        config = self.model.config
        decoder = config.get_text_config(decoder=True)
        names = ("max_position_embeddings", "max_target_positions")
        positions = next((value for name in names if (value := getattr(decoder, name, None))), None)
        if not hasattr(self.model, "generate"):  # some encoders have positions that no text may use
            positions = min(positions or _UNLIMITED, self.tokenizer.model_max_length)
        elif positions is None and not config.is_encoder_decoder:
            positions = self.tokenizer.model_max_length
        return int(positions) if positions and positions < _UNLIMITED else None


def device_named(name: str) -> torch.device:
    """Find a device.

    Raises:
        ModelError: this machine has none of that name.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ModelError(f"there is no device '{name}': torch sees {torch.cuda.device_count()} CUDA devices.")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise ModelError("there is no device 'mps' on this machine.")
    return device


def load_weights(checkpoint: Checkpoint, auto_class: str, device: torch.device, options: Options) -> Any:
    """Load the model; a weight that is missing would be drawn at random, and the numbers would mean nothing.

    Raises:
        ModelError: files are broken, or a weight is missing.
    """
    model, report = _attempt(
        f"'{checkpoint.name}' ({checkpoint.model_type})",
        lambda: getattr(transformers, auto_class).from_pretrained(
            checkpoint.folder,
            dtype=options.dtype if options.dtype == "auto" else getattr(torch, options.dtype),
            device_map=options.device_map or (None if device.type == "cpu" else {"": device}),
            quantization_config=_quantization(options),
            trust_remote_code=options.trust_remote_code,
            use_safetensors=not checkpoint.pickled,
            local_files_only=True,
            output_loading_info=True,
        ),
    )
    if missing := sorted(report["missing_keys"]):
        shown = f"{len(missing)} of its weights ({missing[0]}, ...)"
        raise ModelError(f"'{checkpoint.name}' lacks {shown}. Write or fetch it again.")
    if checkpoint.adapter is not None:
        _put_on(model, checkpoint)
    model.eval()
    if options.compile:
        model.compile(dynamic=True)
    return model


def _quantization(options: Options) -> Any:
    if options.quantize is None:
        return None
    if importlib.util.find_spec("bitsandbytes") is None:
        raise ModelError(f"quantize={options.quantize} needs bitsandbytes: pip install bitsandbytes.")
    if options.quantize == "8bit":
        return transformers.BitsAndBytesConfig(load_in_8bit=True)
    compute = torch.bfloat16 if options.dtype == "auto" else getattr(torch, options.dtype)
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=compute
    )


def _put_on(model: Any, checkpoint: Checkpoint) -> None:
    """Put a PEFT adapter on a model, unmerged, so that it computes what it was trained to."""
    if importlib.util.find_spec("peft") is None:
        raise ModelError("an adapter needs peft: pip install peft.")
    report = _attempt(
        f"the adapter of '{checkpoint.name}'",
        lambda: model.load_adapter(str(checkpoint.adapter)),
    )
    if missing := sorted(report.missing_keys):
        raise ModelError(f"the adapter of '{checkpoint.name}' does not fit its base: it lacks {missing[0]}, ...")


def load_reader(checkpoint: Checkpoint, options: Options, *, processor: bool) -> tuple[Any, Any]:
    """Load the tokenizer and, if it is to be, the processor that holds it.

    Raises:
        ModelError: there is none, or it cannot be loaded.
    """
    what, auto_class = (
        ("processor", transformers.AutoProcessor) if processor else ("tokenizer", transformers.AutoTokenizer)
    )
    loaded = _attempt(
        f"the {what} of '{checkpoint.name}'",
        lambda: auto_class.from_pretrained(
            checkpoint.folder, trust_remote_code=options.trust_remote_code, local_files_only=True
        ),
        advice=_TORCHVISION if processor and importlib.util.find_spec("torchvision") is None else "",
    )
    tokenizer = getattr(loaded, "tokenizer", None) if processor else loaded
    if tokenizer is None:
        raise ModelError(f"'{checkpoint.name}' has a processor without a tokenizer, which hf: does not support.")
    if tokenizer.pad_token is None:  # padding is masked, so that any token will do
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    return tokenizer, loaded if processor else None


def _attempt(what: str, load: Callable[[], Any], advice: str = "") -> Any:
    try:
        return load()
    except _LOAD_ERRORS as error:
        raise ModelError(f"cannot load {what}: {first_line(error)}{advice}") from error


def generation_config(model: Any, tokenizer: Any) -> Any:
    """Return a greedy generation config that keeps what is the model's own."""
    given = model.generation_config
    kept = {name: value for name in _KEPT if (value := getattr(given, name, None)) is not None}
    kept.setdefault("eos_token_id", tokenizer.eos_token_id)
    return transformers.GenerationConfig(**kept, do_sample=False, num_beams=1, use_cache=True)
