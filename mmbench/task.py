"""The contract of a task: rows to samples, samples to requests, responses to predictions."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from mmbench.dataset import Dataset
from mmbench.metric import Metric
from mmbench.model import Capabilities
from mmbench.schema import Prediction, Request, Response, Sample


class Task(Protocol):
    """A question that can be asked of any model, over any of its datasets.

    A task is a frozen dataclass: its fields are the options that ``--set`` changes, and all of them go into the
    manifest. ``datasets`` is its catalogue; the first entry is what the bare task name means.

    Attributes:
        name: unique among tasks.
        version: changes when prompts or parsing do; part of the manifest.
        datasets: name -> where rows come from and which columns they have.
        metrics: computed on every prediction, unless a dataset names its own.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102
    @property
    def datasets(self) -> Mapping[str, Dataset]: ...  # noqa: D102
    @property
    def metrics(self) -> Sequence[Metric]: ...  # noqa: D102

    def sample(self, row: Mapping[str, Any]) -> Sample:
        """Turn a row, its columns already renamed to this task's fields, into a sample.

        Raises:
            DataError: a field is missing or has the wrong type.
        """
        ...

    def requests(self, sample: Sample, capabilities: Capabilities) -> Sequence[Request]:
        """Say what to ask; ``capabilities`` lets a task prefer scored options where the model can score."""
        ...

    def parse(self, responses: Sequence[Response], sample: Sample) -> Prediction:
        """Read the responses to :meth:`requests`, in the same order; none of them is an error."""
        ...
