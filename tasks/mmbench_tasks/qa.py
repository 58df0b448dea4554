"""Question answering on a text, with questions that it may not answer."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from mmbench.dataset import Column, Dataset
from mmbench.metric import Metric
from mmbench.metrics.extraction import tidy
from mmbench.schema import Prediction, Response, Sample
from mmbench_tasks.base import ChoiceTask
from mmbench_tasks.fields import Row, some_texts, text, texts
from mmbench_tasks.scoring import OPEN, SPAN_OR_NONE, UNANSWERABLE
from mmbench_tasks.sets.qa import DATASETS


@dataclass(frozen=True)
class QA(ChoiceTask):
    """A question about a text, or about the world.

    Row fields: ``id``, ``question``, ``answers`` (references; empty for an unanswerable question); optional
    ``context``, ``choices``, ``type``, ``cluster`` (the text, where not given).

    Attributes:
        unanswerable: questions may have no answer; the prompt says so, and an empty list of answers is allowed.
        hint: what the prompt says about it.
        language: which language of a multilingual dataset.
    """

    prompt: str = (
        "{context}\n\nQuestion: {question}\nAnswer with words from the text, as few as possible.{hint}\nAnswer:"
    )
    hint: str = f" If the text does not answer the question, say {UNANSWERABLE}."
    unanswerable: bool = False
    language: str = "en"

    name: ClassVar[str] = "qa"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = DATASETS
    known_columns: ClassVar[Mapping[str, Column]] = {
        "question": Column(("query",)),
        "answers": Column(("answer", "label", "target"), many=True),
        "context": Column(("passage", "paragraph", "article"), required=False),
        "choices": Column(("options",), required=False, many=True),
    }

    @property
    def metrics(self) -> Sequence[Metric]:
        """SQuAD 2.0's scores where questions may have no answer, else SQuAD 1.1's."""
        return SPAN_OR_NONE if self.unanswerable else OPEN

    def sample(self, row: Row) -> Sample:
        """Build a sample; the first reference is the canonical answer."""
        answers = texts(row, "answers") if self.unanswerable else some_texts(row, "answers")
        context = text(row, "context") if row.get("context") else ""
        hint = self.hint if self.unanswerable else ""
        question = text(row, "question")
        if context and row.get("choices") and "{context}" not in self._closed_template():
            question = f"{context}\n\n{question}"
        fields = {"context": context, "question": question, "hint": hint}
        cluster = hashlib.sha256(context.encode()).hexdigest()[:16] if context else ""
        if row.get("choices"):
            return self.ask_closed(row, fields, target=answers[0], choices=texts(row, "choices"), cluster=cluster)
        answer = answers[0] if answers else UNANSWERABLE
        return self.ask(row, fields, target=list(answers), answer=answer, cluster=cluster)

    def parse(self, responses: Sequence[Response], sample: Sample) -> Prediction:
        """Take the answer as it is; "unanswerable" becomes the empty answer where questions may have none."""
        prediction = super().parse(responses, sample)
        if self.unanswerable and tidy(prediction.text) == UNANSWERABLE:
            return replace(prediction, text="")
        return prediction
