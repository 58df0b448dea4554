"""Speech and sound transcription."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mmbench.dataset import Column, Dataset
from mmbench.metric import Metric
from mmbench.metrics.speech import CER, WER
from mmbench.schema import Audio, Sample
from mmbench_tasks.base import PromptTask
from mmbench_tasks.fields import Row, media, text
from mmbench_tasks.scoring import SHORT_TEXT
from mmbench_tasks.sets.speech import DATASETS


@dataclass(frozen=True)
class Speech(PromptTask):
    """A recording to write down.

    Row fields: ``id``, ``audio``, ``text``; optional ``type``, ``cluster`` (e.g. the speaker).

    Attributes:
        language: which language of a multilingual dataset.
    """

    prompt: str = "Write down what is said in this recording.\nTranscript:"
    max_tokens: int = 128
    language: str = "en_us"

    name: ClassVar[str] = "speech"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = DATASETS
    known_columns: ClassVar[Mapping[str, Column]] = {
        "audio": Column(("audio_path", "wav", "sound", "file_name")),
        "text": Column(("transcript", "transcription", "sentence")),
    }
    metrics: ClassVar[Sequence[Metric]] = (WER(), CER(), WER("whisper-basic"), *SHORT_TEXT)

    def sample(self, row: Row) -> Sample:
        """Build a sample; the transcript is target and answer."""
        words = text(row, "text")
        return self.ask(row, {}, media=[media(row, "audio", Audio)], target=words, answer=words)
