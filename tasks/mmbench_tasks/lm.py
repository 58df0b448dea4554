"""Language modelling: how surprised a model is by a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mmbench.dataset import Dataset
from mmbench.metric import Metric
from mmbench.metrics.perplexity import BitsPerByte
from mmbench.metrics.perplexity import Perplexity as PerplexityBy
from mmbench.model import Capabilities
from mmbench.schema import Perplexity, Prediction, Request, Response, Sample
from mmbench_tasks.fields import Row, facts, identifier, label, text
from mmbench_tasks.sets.lm import DATASETS


@dataclass(frozen=True)
class LanguageModeling:
    """A text whose every token is scored once, without a prompt.

    Row fields: ``id``, ``text``; optional ``bits`` (the text's true information content), ``words``, ``type``.

    Attributes:
        split: in place of the dataset's own split.
    """

    split: str = ""

    name: ClassVar[str] = "lm"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = DATASETS
    metrics: ClassVar[Sequence[Metric]] = (
        PerplexityBy("word"),
        PerplexityBy("token"),
        PerplexityBy("byte"),
        BitsPerByte(),
    )

    def sample(self, row: Row) -> Sample:
        """Build a sample: no messages, the text is the target."""
        words = text(row, "text")
        kind = label(row, "type")
        return Sample(
            id=identifier(row),
            messages=(),
            target=words,
            answer=words,
            slices={"type": kind} if kind else {},
            info=facts(row, "bits", "words"),
        )

    def requests(self, sample: Sample, capabilities: Capabilities) -> Sequence[Request]:  # noqa: ARG002
        """Score the whole text."""
        return (Perplexity(sample.answer),)

    def parse(self, responses: Sequence[Response], sample: Sample) -> Prediction:  # noqa: ARG002
        """Sum the log-probabilities of all tokens."""
        (response,) = responses
        return Prediction(logprob=sum(response.logprobs), tokens=sum(response.tokens))
