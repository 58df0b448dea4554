"""Rows that a seeded generator makes."""

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from mmbench.dataset import Embedded
from mmbench.errors import DataError, UsageError


class EmbeddedReader:
    """Calls ``generator(split, **parameters)``; options that the generator takes by name are passed on."""

    folder: Path | None = None
    revision: str | None = None
    streamed = False

    def __init__(self, source: Embedded, name: str, options: Mapping[str, Any]) -> None:
        """Import the generator.

        Raises:
            DataError: there is no such generator.
            UsageError: an option's value has the wrong type.
        """
        self._generate, version = _load(source.generator, name)
        self._name = name
        self._split = options.get("split") or source.split
        self._rows = source.rows
        self._parameters = dict(source.parameters) | _taken(self._generate, options, name)
        arguments = "".join(f" {key}={value}" for key, value in sorted(self._parameters.items()))
        self.source = f"embedded:{source.generator}@{source.version or version} {self._split}{arguments}"

    def digests(self) -> dict[str, str]:
        """Return nothing: there are no files."""
        return {}

    def count(self, limit: int | None) -> int:
        """Return how many rows :meth:`read` yields."""
        return self._rows if limit is None else limit

    def read(self, limit: int | None) -> Iterator[dict[str, Any]]:
        """Yield ``limit`` rows; without a limit, as many as the dataset declares."""
        for row in islice(self._generate(self._split, **self._parameters), self.count(limit)):
            yield dict(row)


def _load(generator: str, name: str) -> tuple[Callable[..., Iterator[Mapping[str, Any]]], str]:
    """Return the generator and the version that its module states."""
    path, _, function = generator.partition(":")
    try:
        module = importlib.import_module(path)
        return getattr(module, function), str(getattr(module, "VERSION", "0"))
    except (ImportError, AttributeError) as error:
        raise DataError(f"dataset '{name}': cannot import its generator '{generator}': {error}.") from error


def _taken(generate: Callable[..., Any], options: Mapping[str, Any], name: str) -> dict[str, Any]:
    named = inspect.signature(generate).parameters
    kinds = get_type_hints(generate)
    taken: dict[str, Any] = {}
    for key, value in options.items():
        if key in named and key not in ("split", "start") and value not in ("", None):
            try:
                taken[key] = msgspec.convert(value, kinds.get(key, Any), strict=False)
            except msgspec.ValidationError as error:
                raise UsageError(f"dataset '{name}': option {key}={value}: {error}.") from error
    return taken


def generator_options(source: Embedded, name: str) -> set[str]:
    """Return the names of the options that a generator takes.

    Raises:
        DataError: there is no such generator.
    """
    return set(inspect.signature(_load(source.generator, name)[0]).parameters) - {"start"}
