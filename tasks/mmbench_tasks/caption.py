"""Image captioning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mmbench.dataset import Column, Dataset
from mmbench.metric import Metric
from mmbench.schema import Image, Sample
from mmbench_tasks.base import PromptTask
from mmbench_tasks.fields import Row, facts, media, some_texts
from mmbench_tasks.scoring import CAPTION
from mmbench_tasks.sets.caption import DATASETS


@dataclass(frozen=True)
class Caption(PromptTask):
    """A picture to describe in a sentence.

    Row fields: ``id``, ``image``, ``references``; optional ``facts`` (kept for metrics), ``type``, ``cluster``.
    """

    prompt: str = "Describe this picture in one sentence.\nDescription:"
    max_tokens: int = 64

    name: ClassVar[str] = "caption"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = DATASETS
    known_columns: ClassVar[Mapping[str, Column]] = {
        "image": Column(("image_path", "img", "picture", "photo", "file_name")),
        "references": Column(("captions", "caption", "reference"), many=True),
    }
    metrics: ClassVar[Sequence[Metric]] = CAPTION

    def sample(self, row: Row) -> Sample:
        """Build a sample; the first reference is the canonical answer."""
        references = some_texts(row, "references")
        return self.ask(
            row,
            {},
            media=[media(row, "image", Image)],
            target=list(references),
            answer=references[0],
            info=facts(row, "facts"),
        )
