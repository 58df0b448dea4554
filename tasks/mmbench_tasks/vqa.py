"""Visual question answering: open, yes/no and multiple-choice questions about one picture."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mmbench.dataset import Dataset
from mmbench.errors import MediaError
from mmbench.metric import Metric
from mmbench.schema import Image, Sample
from mmbench_tasks.base import ChoiceTask, listed
from mmbench_tasks.fields import Row, media, some_texts, text, texts
from mmbench_tasks.scoring import OPEN
from mmbench_tasks.sets.vqa import DATASETS


@dataclass(frozen=True)
class VQA(ChoiceTask):
    """A question about a picture.

    Row fields: ``id``, ``image``, ``question``, ``answers`` (one or more references); optional ``choices``,
    ``type``, ``answer_type``, ``cluster`` (the picture, where not given).

    The target is a string where there is one answer or a closed set of them, else the list of references; the
    canonical answer is the most frequent reference.

    Attributes:
        prompt: for open questions; may hold ``{question}``.
        closed_prompt: for questions with choices; may also hold ``{choices}``.
    """

    prompt: str = "{question}\nAnswer with one word or a short phrase.\nAnswer:"
    closed_prompt: str = "{question}\nAnswer with one of these: {choices}.\nAnswer:"

    name: ClassVar[str] = "vqa"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = DATASETS
    metrics: ClassVar[Sequence[Metric]] = OPEN

    def sample(self, row: Row) -> Sample:
        """Build a sample: the picture, then the question."""
        image, answers = media(row, "image", Image), some_texts(row, "answers")
        choices = texts(row, "choices") if row.get("choices") else []
        answer = Counter(answers).most_common(1)[0][0]
        return self.ask(
            row,
            {"question": text(row, "question"), "choices": listed(choices)},
            media=[image],
            template=self.closed_prompt if choices else self.prompt,
            target=answer if choices or len(answers) == 1 else list(answers),
            answer=answer,
            choices=choices,
            slices=("type", "answer_type", "difficulty", "split_kind"),
            cluster=_picture(image),
        )


def _picture(image: Image) -> str:
    """Name a picture by its bytes; "" if they cannot be read, which the request will tell."""
    try:
        return image.digest[:16]
    except MediaError:
        return ""
