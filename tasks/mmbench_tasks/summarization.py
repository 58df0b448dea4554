"""Summarization of documents and dialogues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mmbench.dataset import Column, Dataset
from mmbench.metric import Metric
from mmbench.schema import Sample
from mmbench_tasks.base import PromptTask
from mmbench_tasks.fields import Row, facts, some_texts, text
from mmbench_tasks.scoring import SUMMARY
from mmbench_tasks.sets.summarization import DATASETS


@dataclass(frozen=True)
class Summarization(PromptTask):
    """A text to sum up.

    Row fields: ``id``, ``document``, ``references``; optional ``facts`` (kept for metrics), ``type``.
    """

    prompt: str = "{document}\n\nSum up the text above in {length}.\nSummary:"
    length: str = "one or two sentences"
    max_tokens: int = 128
    stop: tuple[str, ...] = ("\n\n",)

    name: ClassVar[str] = "summarization"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = DATASETS
    known_columns: ClassVar[Mapping[str, Column]] = {
        "document": Column(("article", "dialogue", "text")),
        "references": Column(("summary", "summaries", "highlights", "reference"), many=True),
    }
    metrics: ClassVar[Sequence[Metric]] = SUMMARY

    def sample(self, row: Row) -> Sample:
        """Build a sample; the first reference is the canonical answer."""
        references, document = some_texts(row, "references"), text(row, "document")
        return self.ask(
            row,
            {"document": document, "length": self.length},
            target=list(references),
            answer=references[0],
            info={"document": document, **facts(row, "facts")},
        )
