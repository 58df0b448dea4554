"""A model in a worker process of a Ray cluster: what runs there. Never imports Ray itself."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmbench.backends import load_model
from mmbench.engine.efficiency import peak_device_bytes, peak_host_bytes
from mmbench.engine.executors import timed_run
from mmbench.errors import UsageError
from mmbench.model import Baseline, Capabilities
from mmbench.schema import Request, Response


@dataclass(frozen=True, slots=True)
class Description:
    """What the driver must know of the model."""

    name: str
    fingerprint: str
    capabilities: Capabilities
    batch_size: int


class Replica:
    """One copy of a model."""

    def __init__(self, folder: str, paths: Sequence[str]) -> None:
        """``folder`` and ``paths``: the driver's working directory and module paths, as far as they are there."""
        if Path(folder).is_dir():
            os.chdir(folder)
        sys.path += [path for path in paths if path not in sys.path]

    def load(self, spec: str, options: Mapping[str, Any]) -> Description:
        """Load the model.

        Raises:
            UsageError: it is a baseline, or there is no such model or option.
            ModelError: it cannot be loaded.
        """
        model = load_model(spec, **options)
        if isinstance(model, Baseline):
            raise UsageError(f"{model.name} is a baseline, which has no use of workers: leave out --engine ray.")
        self._model = model
        return Description(model.name, model.fingerprint, model.capabilities, model.batch_size)

    def sizes(self, requests: Sequence[Request]) -> list[int]:
        """Estimate the length of each request in tokens."""
        return [self._model.size(request) for request in requests]

    def run(self, batch: Sequence[Request]) -> list[Response]:
        """Answer a batch."""
        return timed_run(self._model, batch)

    def usage(self) -> tuple[int | None, int | None]:
        """Return the most memory used so far, of the machine and of a GPU, in bytes."""
        return peak_host_bytes(), peak_device_bytes()

    def close(self) -> None:
        """Free what the model holds."""
        self._model.close()
