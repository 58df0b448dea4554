"""The options of ``hf:``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from mmbench.errors import UsageError, did_you_mean

DTYPES = ("auto", "float32", "bfloat16", "float16")
TRUNCATIONS = ("no", "left", "middle", "right")
QUANTIZATIONS = (None, "8bit", "4bit")
DEVICE_MAPS = (None, "auto", "balanced", "balanced_low_0", "sequential")


@dataclass(frozen=True, slots=True)
class Options:
    """How to load a checkpoint.

    Attributes:
        device: "auto" (a CUDA device if there is one), "cpu", "cuda", "cuda:1", "mps".
        dtype: "auto" keeps the precision in which the weights were saved.
        device_map: how to spread a model that no single device holds ("auto", "balanced"); in place of ``device``.
        quantize: "8bit" or "4bit" weights (bitsandbytes).
        compile: compile the model with ``torch.compile``; pays off in long runs.
        batch_size: requests at a time; None chooses by the memory that the weights leave free.
        max_length: the longest sequence in tokens; None takes the model's own limit.
        truncate: what to do with a prompt of text that does not fit: "no" makes it an error row, "left", "middle"
            and "right" say where tokens are cut. A prompt with media is never cut.
        chat_template: whether to use the checkpoint's chat template, if it has one; base models may be better
            asked in plain text.
        revision: branch, tag or commit of a Hub id.
        trust_remote_code: run Python code that comes with the checkpoint.
        language: for multilingual speech-to-text, the language that is spoken ("de", "german"); None detects it.
        labels: for classifiers, the names of the classes in the model's order, where its config has none that
            mean anything; a list, or names with commas between them.
        template: for picture-text similarity, the text that is made of an ``{option}`` and the prompt's first
            line, the ``{question}``; None is "{question} {option}".
        thinking: the most tokens of a ``<think>`` block before an answer, beside the task's limit, which counts
            the answer alone; None takes ``max_thinking_tokens`` of the checkpoint's config, else 0.
        no_answer: for extractive question answering, let the answer be empty if the model prefers that.
        allow_pickle: load pickled weights (``*.bin``) where there are no safetensors; a pickle can run any code.
    """

    device: str = "auto"
    dtype: str = "auto"
    device_map: str | None = None
    quantize: str | None = None
    compile: bool = False
    batch_size: int | None = None
    max_length: int | None = None
    truncate: str = "no"
    chat_template: bool = True
    revision: str | None = None
    language: str | None = None
    labels: tuple[str, ...] = ()
    template: str | None = None
    thinking: int | None = None
    no_answer: bool = False
    trust_remote_code: bool = False
    allow_pickle: bool = False

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> "Options":
        """Check names and values.

        ``seed`` is let through unread: every sampled request carries its own.

        Raises:
            UsageError: there is no such option, or it has no such value.
        """
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known and name != "seed":
                raise UsageError(f"model 'hf' has no option '{name}'.{did_you_mean(name, known)}")
        values = {name: value for name, value in given.items() if name in known}
        if "labels" in values:
            values["labels"] = _names(values["labels"])
        options = cls(**values)
        options._check()
        return options

    def _check(self) -> None:
        _one_of("dtype", self.dtype, DTYPES)
        _one_of("truncate", self.truncate, TRUNCATIONS)
        _one_of("quantize", self.quantize, QUANTIZATIONS)
        _one_of("device_map", self.device_map, DEVICE_MAPS)
        if not isinstance(self.device, str) or not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", self.device):
            raise UsageError(f"device {self.device!r} should be auto, cpu, cuda, cuda:N or mps.")
        for name, smallest in (("batch_size", 1), ("max_length", 2), ("thinking", 0)):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < smallest):
                raise UsageError(f"{name} should be a whole number of at least {smallest}, not {value!r}.")
        for name in ("trust_remote_code", "allow_pickle", "no_answer", "compile", "chat_template"):
            if not isinstance(getattr(self, name), bool):
                raise UsageError(f"{name} should be true or false, not {getattr(self, name)!r}.")
        for name in ("revision", "language", "template"):
            if not isinstance(getattr(self, name), str | None):
                raise UsageError(f"{name} should be a text, not {getattr(self, name)!r}.")


def _names(value: Any) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"labels should be names with commas between them, not {value!r}.")
    return tuple(name.strip() for name in names)


def _one_of(name: str, value: object, known: tuple[str | None, ...]) -> None:
    if value not in known:
        names = [word for word in known if word is not None]
        raise UsageError(f"{name} has no value {value!r}.{did_you_mean(str(value), names)}")
