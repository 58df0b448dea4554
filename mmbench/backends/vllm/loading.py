"""From a model string to a running engine."""

from dataclasses import asdict
from typing import Any

import transformers
import vllm

from mmbench.backends.hf.checkpoint import first_line, locate
from mmbench.backends.hf.fingerprint import file_digests, fingerprint
from mmbench.backends.hf.options import Options as Files
from mmbench.backends.hf.prompts import Prompter
from mmbench.backends.vllm.model import VLLMModel
from mmbench.backends.vllm.options import Options
from mmbench.backends.vllm.tokens import Tokens
from mmbench.errors import ModelError

ADAPTER_VERSION = 1
"""Raise this whenever a change to this package may change an answer: stored answers are then asked again."""
_NO_ANSWER = ("batch_size", "gpu_memory", "revision", "gpus")
"""Options that change no answer, or that the fingerprint holds in another form."""


def load_model(spec: str, options: Options) -> VLLMModel:
    """Start the engine on the checkpoint that ``spec`` names, with prefix caching on.

    Raises:
        ModelError: there is no checkpoint, or the engine does not take it.
    """
    files = Files(revision=options.revision, trust_remote_code=options.trust_remote_code)
    checkpoint = locate(spec, files)
    if checkpoint.config.get("is_encoder_decoder"):
        raise ModelError(f"'{checkpoint.name}' is an encoder-decoder; vllm: takes decoders. Use hf:{spec}.")
    if checkpoint.adapter:
        raise ModelError(f"vllm: takes no adapter; merge it into '{checkpoint.name}', or use hf:{spec}.")
    folder = str(checkpoint.folder)
    tokenizer, processor = _readers(folder, options)
    arguments = {
        "model": folder,
        "dtype": options.dtype,
        "max_model_len": options.max_length,
        "tensor_parallel_size": options.gpus,
        "gpu_memory_utilization": options.gpu_memory,
        "quantization": options.quantization or None,
        "trust_remote_code": options.trust_remote_code,
        "seed": options.seed,
        "enable_prefix_caching": True,
    }
    try:
        engine = vllm.LLM(**(arguments | dict(options.engine)))
    except (ValueError, RuntimeError, OSError, TypeError) as error:
        raise ModelError(f"vLLM does not take '{checkpoint.name}': {first_line(error)}") from error
    settings = {name: value for name, value in asdict(options).items() if name not in _NO_ANSWER}
    settings |= {
        "vllm": vllm.__version__,
        "vllm adapter": ADAPTER_VERSION,
        "precision": str(engine.llm_engine.model_config.dtype),
    }
    key = fingerprint(file_digests(checkpoint.folder, pickled=False), settings)
    prompter = Prompter(tokenizer, processor)
    tokens = Tokens(tokenizer, int(engine.llm_engine.model_config.max_model_len))
    return VLLMModel(checkpoint.name, key, engine, prompter, tokens, processor, options.batch_size)


def _readers(folder: str, options: Options) -> tuple[Any, Any]:
    """Load the tokenizer, and the processor if the checkpoint has one."""
    trusted = options.trust_remote_code
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=trusted)
        processor = transformers.AutoProcessor.from_pretrained(folder, trust_remote_code=trusted)
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot load the tokenizer of '{folder}': {first_line(error)}") from error
    return tokenizer, processor if hasattr(processor, "tokenizer") else None
