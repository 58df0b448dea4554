"""Which of two translations of an ambiguous word was chosen."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mmbench.errors import MetricError
from mmbench.metric import Vector
from mmbench.schema import Prediction, Sample


@dataclass(frozen=True)
class SenseAccuracy:
    """Share of translations that have a form of the right word and none of the wrong one, case apart.

    ``Sample.info["senses"]`` lists the forms of both, ``right`` and ``wrong``. They are searched as whole words;
    in Chinese, which does not part words, anywhere.
    """

    name: str = "sense-accuracy"
    signature: str = "sense-accuracy|case:folded|version:1"
    higher_is_better: bool = True
    range: tuple[float, float] = (0.0, 1.0)

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [1 if the right word was chosen, 1].

        Raises:
            MetricError: the sample does not tell the forms of the two words.
        """
        senses = sample.info.get("senses")
        if not isinstance(senses, Mapping) or not {"right", "wrong"} <= set(senses):
            raise MetricError(f"{self.name}: sample '{sample.id}' has no senses: it is for ambiguous words only")
        right, wrong = (_strings(senses[side]) for side in ("right", "wrong"))
        text = prediction.text.casefold()
        return np.array([float(_any(right, text) and not _any(wrong, text)), 1.0])

    def aggregate(self, totals: Vector) -> Vector:
        """Return the share."""
        return np.asarray(totals[..., 0] / totals[..., 1])


def _strings(forms: object) -> list[str]:
    return [str(form).casefold() for form in forms] if isinstance(forms, list | tuple) else []


def _any(forms: Iterable[str], text: str) -> bool:
    return any(
        form in text if form > "\u2e80" else re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) for form in forms
    )
