"""The options of ``vllm:``."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from mmbench.backends import checks

_DTYPES = ("auto", "float32", "bfloat16", "float16")
_WHOLE = {"batch_size": 1, "max_length": 4, "gpus": 1, "seed": 0}


@dataclass(frozen=True, slots=True)
class Options:
    """How to start the engine.

    Attributes:
        dtype: "auto" keeps the precision in which the weights were saved, as vLLM does.
        batch_size: requests that are given to the engine at a time; it forms its own batches from them.
        max_length: the longest sequence in tokens; None takes the model's own limit.
        gpus: over how many GPUs each layer is split.
        gpu_memory: the share of each GPU's memory that the engine takes.
        quantization: vLLM's name of a way to quantise weights while loading ("" for none).
        revision: branch, tag or commit of a Hub id.
        trust_remote_code: run Python code that comes with the checkpoint.
        engine: further arguments of ``vllm.LLM``, such as ``{"limit_mm_per_prompt": {"image": 4}}``.
        seed: of the engine; sampled requests carry their own.
    """

    dtype: str = "auto"
    batch_size: int = 256
    max_length: int | None = None
    gpus: int = 1
    gpu_memory: float = 0.9
    quantization: str = ""
    revision: str | None = None
    trust_remote_code: bool = False
    engine: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> "Options":
        """Check names and values.

        Raises:
            UsageError: there is no such option, or it has no such value.
        """
        checks.known("vllm", given, [field.name for field in fields(cls)])
        for name, value in given.items():
            if value is not None or name not in ("max_length", "revision"):
                _check(name, value)
        return cls(**given)


def _check(name: str, value: Any) -> None:
    if name in _WHOLE:
        checks.whole(name, value, _WHOLE[name])
    elif name == "dtype":
        checks.word(name, value, _DTYPES)
    elif name == "gpu_memory":
        checks.real(name, value, 0.01)
    elif name == "trust_remote_code":
        checks.switch(name, value)
    elif name == "engine":
        checks.table(name, value, '{"enforce_eager": true}')
    else:
        checks.text(name, value)
