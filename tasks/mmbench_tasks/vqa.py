"""Visual question answering: open, yes/no and multiple-choice questions about one picture."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mmbench.dataset import Column, Dataset
from mmbench.errors import DataError, MediaError
from mmbench.metric import Metric
from mmbench.schema import Image, Json, Sample
from mmbench_tasks.base import SLICES, ChoiceTask
from mmbench_tasks.fields import Row, media, some_texts, text, texts
from mmbench_tasks.scoring import OPEN
from mmbench_tasks.sets.vqa import DATASETS

_SLICES = ("answer_type", *SLICES)


@dataclass(frozen=True)
class VQA(ChoiceTask):
    """A question about a picture.

    Row fields: ``id``, ``image`` (or ``images``), ``question``, ``answers`` (one or more references); optional
    ``choices``, ``type``, ``answer_type``, ``cluster`` (the picture, where not given).

    The target is a string where there is one answer or a closed set of them, else the list of references; the
    canonical answer is the most frequent reference.
    """

    prompt: str = "{question}\nAnswer with one word or a short phrase.\nAnswer:"

    name: ClassVar[str] = "vqa"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = DATASETS
    known_columns: ClassVar[Mapping[str, Column]] = {
        "image": Column(("image_path", "img", "picture", "photo", "file_name")),
        "question": Column(("query", "prompt")),
        "answers": Column(("answer", "label", "target"), many=True),
        "choices": Column(("options",), required=False, many=True),
    }
    metrics: ClassVar[Sequence[Metric]] = OPEN

    def sample(self, row: Row) -> Sample:
        """Build a sample: the picture, then the question."""
        images, answers = _images(row), some_texts(row, "answers")
        fields = {"question": text(row, "question")}
        answer = Counter(answers).most_common(1)[0][0]
        choices = texts(row, "choices") if row.get("choices") else []
        if choices:
            return self.ask_closed(
                row, fields, target=answer, choices=choices, media=images, slices=_SLICES, cluster=_picture(images)
            )
        target: Json = answer if len(answers) == 1 else list(answers)
        return self.ask(
            row, fields, target=target, answer=answer, media=images, slices=_SLICES, cluster=_picture(images)
        )


def _images(row: Row) -> list[Image]:
    images = row.get("images")
    if not images:
        return [media(row, "image", Image)]
    if not isinstance(images, list) or not all(isinstance(image, Image) for image in images):
        raise DataError("field 'images' must be a list of images (paths or bytes)")
    return images


def _picture(images: Sequence[Image]) -> str:
    """Name the first picture by its bytes; "" if they cannot be read, which the request will tell."""
    try:
        return images[0].digest[:16]
    except MediaError:
        return ""
