"""Sentiment of a text, or of a text with a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from mmbench.dataset import Column, Dataset
from mmbench.metric import Metric
from mmbench.schema import Image, Sample
from mmbench_tasks.base import ChoiceTask
from mmbench_tasks.fields import Row, media, some_texts, text
from mmbench_tasks.scoring import CLOSED
from mmbench_tasks.sets.sentiment import DATASETS


@dataclass(frozen=True)
class Sentiment(ChoiceTask):
    """A text whose sentiment is one of a few labels.

    Row fields: ``id``, ``text``, ``label``, ``choices`` (all labels); optional ``image``, ``type``.
    """

    prompt: str = "{text}\n\nIs the sentiment of this text {choices}? Answer with one word.\nSentiment:"
    closed_prompt: str = field(default="", init=False)
    lettered_prompt: str = (
        "{text}\n\nWhat is the sentiment of this text?\n{options}\n"
        "Answer with the letter of the right one.\nAnswer:"
    )
    max_tokens: int = 8

    name: ClassVar[str] = "sentiment"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = DATASETS
    known_columns: ClassVar[Mapping[str, Column]] = {
        "text": Column(("sentence", "review", "tweet")),
        "label": Column(("sentiment",)),
        "choices": Column(("labels",), many=True, values_of="label"),
    }
    metrics: ClassVar[Sequence[Metric]] = CLOSED

    def sample(self, row: Row) -> Sample:
        """Build a sample; the label is target and answer."""
        return self.ask_closed(
            row,
            {"text": text(row, "text").strip()},
            target=text(row, "label"),
            choices=some_texts(row, "choices"),
            template=self.prompt,
            media=[media(row, "image", Image)] if row.get("image") else [],
        )
