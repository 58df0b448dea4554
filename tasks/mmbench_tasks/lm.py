"""Language modelling: how surprised a model is by a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mmbench.dataset import Column, Dataset
from mmbench.errors import DataError
from mmbench.metric import Metric
from mmbench.metrics.perplexity import BitsPerByte
from mmbench.metrics.perplexity import Perplexity as PerplexityBy
from mmbench.model import Capabilities
from mmbench.schema import (
    Generate,
    Image,
    LogLikelihood,
    Perplexity,
    Prediction,
    Request,
    Response,
    Sample,
    assistant,
    user,
)
from mmbench_tasks.base import SLICES
from mmbench_tasks.fields import Row, facts, identifier, label, media, text
from mmbench_tasks.sets.lm import DATASETS

_ENDING_TOKENS = 8


@dataclass(frozen=True)
class LanguageModeling:
    """A text whose every token is scored once, without a prompt.

    Row fields: ``id``, ``text``; optional ``bits`` (the text's true information content), ``words``, ``type``,
    ``ending`` (the word that follows the text: only this is scored, and the model is let write it), ``image``
    (with an ``ending``: the text is a question about the picture, the ending its answer or caption).

    What a picture is worth to a model, in bits, is the difference to a run with ``--blind``.

    Attributes:
        split: in place of the dataset's own split.
    """

    split: str = ""

    name: ClassVar[str] = "lm"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = DATASETS
    known_columns: ClassVar[Mapping[str, Column]] = {
        "text": Column(("content", "document")),
    }
    metrics: ClassVar[Sequence[Metric]] = (
        PerplexityBy("word"),
        PerplexityBy("token"),
        PerplexityBy("byte"),
        BitsPerByte(),
    )

    def sample(self, row: Row) -> Sample:
        """Build a sample: no messages, the text is the target."""
        words = text(row, "text")
        ending = text(row, "ending") if "ending" in row else ""
        shown = [media(row, "image", Image)] if row.get("image") else []
        if shown and not ending:
            raise DataError("a row with an image needs an ending, the text about it that is scored.")
        return Sample(
            id=identifier(row),
            messages=(user(*shown, words) if shown else assistant(words),) if ending else (),
            target=ending or words,
            answer=ending or words,
            slices={name: value for name in SLICES if (value := label(row, name))},
            info=facts(row, "bits", "words"),
        )

    def requests(self, sample: Sample, capabilities: Capabilities) -> Sequence[Request]:  # noqa: ARG002
        """Score the whole text, or its ending alone, which is asked for too."""
        if not sample.messages:
            return (Perplexity(sample.answer),)
        if sample.messages[-1].role == "user":
            return (LogLikelihood(sample.messages, sample.answer),)
        return (
            LogLikelihood(sample.messages, f" {sample.answer}"),
            Generate(sample.messages, max_tokens=_ENDING_TOKENS, stop=("\n",)),
        )

    def parse(self, responses: Sequence[Response], sample: Sample) -> Prediction:  # noqa: ARG002
        """Sum the log-probabilities of all tokens; the answer in words is the first that was written."""
        scored, *written = responses
        words = written[0].text.split() if written else []
        return Prediction(text=words[0] if words else "", logprob=sum(scored.logprobs), tokens=sum(scored.tokens))
