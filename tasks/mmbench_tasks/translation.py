"""Machine translation, of text alone or with a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from mmbench.dataset import Column, Dataset
from mmbench.metric import Metric
from mmbench.metrics.translation import BLEU, TER, ChrF
from mmbench.schema import Image, Sample
from mmbench_tasks.base import PromptTask
from mmbench_tasks.fields import Row, facts, media, some_texts, text
from mmbench_tasks.scoring import LONG_TEXT
from mmbench_tasks.sets.translation import DATASETS

LANGUAGES = {
    "cs": "Czech",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "ja": "Japanese",
    "ru": "Russian",
    "zh": "Chinese",
    "ces": "Czech",
    "cmn": "Chinese",
    "deu": "German",
    "eng": "English",
    "fra": "French",
    "hin": "Hindi",
    "jpn": "Japanese",
    "rus": "Russian",
    "spa": "Spanish",
}
"""Names of languages for the prompt; a code that is not here, script apart, is used as it is."""


@dataclass(frozen=True)
class Translation(PromptTask):
    """A sentence to translate.

    Row fields: ``id``, ``source``, ``references``; optional ``image``, ``senses`` (kept for metrics), ``type``,
    ``cluster``.

    Attributes:
        src: code of the source language.
        tgt: code of the target language.
    """

    prompt: str = "Translate this sentence from {src} into {tgt}.\n\n{src}: {source}\n{tgt}:"
    max_tokens: int = 128
    src: str = "en"
    tgt: str = "de"

    name: ClassVar[str] = "translation"
    version: ClassVar[str] = "1"
    datasets: ClassVar[Mapping[str, Dataset]] = DATASETS
    known_columns: ClassVar[Mapping[str, Column]] = {
        "source": Column(("source_text", "src")),
        "references": Column(("translation", "reference", "target", "target_text", "tgt"), many=True),
        "image": Column(("image_path",), required=False),
    }

    @property
    def metrics(self) -> Sequence[Metric]:
        """BLEU, with sacreBLEU's tokenizer for the target language, chrF and TER."""
        tokenizer = "zh" if _language(self.tgt) == "Chinese" else "13a"
        return (BLEU(tokenize=tokenizer), ChrF(), TER(), *LONG_TEXT)

    def sample(self, row: Row) -> Sample:
        """Build a sample; the first reference is the canonical answer."""
        references = some_texts(row, "references")
        return self.ask(
            row,
            {"source": text(row, "source"), "src": _language(self.src), "tgt": _language(self.tgt)},
            media=[media(row, "image", Image)] if row.get("image") else [],
            target=list(references),
            answer=references[0],
            info=facts(row, "senses"),
        )


def _language(code: str) -> str:
    """Return a language's name; the script, as in ``deu_Latn``, is left out."""
    return LANGUAGES.get(code.split("_")[0], code)
