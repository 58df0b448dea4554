"""Datasets of the task ``speech``."""

from mmbench.dataset import Dataset, Embedded, Hub
from mmbench.metrics.classification import Accuracy
from mmbench.metrics.extraction import Label, UnparsedRate
from mmbench.metrics.speech import CER, WER
from mmbench_tasks.scoring import SHORT_TEXT

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LENIENT = Label(lenient=True)


def _librispeech(config: str, size: int, published: str) -> Dataset:
    return Dataset(
        Hub("openslr/librispeech_asr", config),
        columns={"cluster": "speaker_id"},
        metrics=(WER("whisper-basic"), CER("whisper-basic"), WER(), *SHORT_TEXT),
        license="CC BY 4.0",
        citation="Panayotov et al. 2015, LibriSpeech (ICASSP)",
        published=f"word error rate {published}, Whisper large-v2 (arXiv 2212.04356)",
        size=size,
        notes=f"test-{config}. References are in capitals without punctuation: read the normalised error rate.",
    )


DATASETS: dict[str, Dataset] = {
    "sounds": Dataset(
        Embedded("mmbench_tasks.worlds.sounds:speech_rows"),
        defaults={"prompt": "Write down the digits, tones or beats of this recording.\nTranscript:"},
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it. Tones, rhythms and dial tones, not speech.",
    ),
    "fsdd": Dataset(
        Hub("Jakobovski/free-spoken-digit-dataset"),
        columns={"id": "file", "text": "transcript", "type": "speaker"},
        defaults={"prompt": "Which digit is said in this recording? Answer with one English word.\nAnswer:"},
        metrics=(
            Accuracy(_DIGITS),
            Accuracy(_DIGITS, _LENIENT),
            UnparsedRate(_LENIENT),
            WER("whisper-basic"),
            *SHORT_TEXT,
        ),
        license="CC BY-SA 4.0",
        citation="Jackson et al. 2018, Free Spoken Digit Dataset",
        size=300,
        notes="Only from a mirror. Single digits, zero to nine; speakers are slices.",
    ),
    "asr_samples": Dataset(
        Hub("mini/asr-samples-en"),
        columns={"cluster": "speaker_id"},
        license="each row its own: public domain or CC BY 4.0",
        size=10,
        notes="Only from a mirror. Ten clips: tells whether the path works, not how good a model is.",
    ),
    "librispeech_clean": _librispeech("clean", 2620, "2.7"),
    "librispeech_other": _librispeech("other", 2939, "5.2"),
    "fleurs": Dataset(
        Hub("google/fleurs", "{language}"),
        columns={"text": "transcription"},
        metrics=(WER("whisper-basic"), CER("whisper-basic"), WER(), *SHORT_TEXT),
        license="CC BY 4.0",
        citation="Conneau et al. 2022, FLEURS (arXiv 2205.12446)",
        size=647,
        notes="--set language=CODE, e.g. en_us, de_de, fr_fr; 647 is the English test part.",
    ),
}
