"""A third party's task, metric and model, installed as a package of its own."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mmbench.dataset import Dataset, Embedded
from mmbench.model import Capabilities
from mmbench.schema import Generate, Prediction, Response, Sample, user


def numbers(split, start=0):
    """Rows without end."""
    while True:
        yield {"id": f"{split}-{start}", "number": start}
        start += 1


@dataclass(frozen=True)
class ShareEven:
    """Share of answers that say "even": a metric in a dozen lines, with intervals and slices for free."""

    name: str = "share-even"
    signature: str = "share-even|version:1"
    higher_is_better: bool = True
    range: tuple[float, float] = (0.0, 1.0)

    def statistics(self, prediction, sample):
        return np.array([float(prediction.text == "even"), 1.0])

    def aggregate(self, totals):
        return totals[..., 0] / totals[..., 1]


@dataclass(frozen=True)
class Parity:
    """Even or odd."""

    name: ClassVar = "parity"
    version: ClassVar = "1"
    datasets: ClassVar = {"numbers": Dataset(Embedded("toy_plugin:numbers", version="1", rows=30))}
    metrics: ClassVar = (ShareEven(),)

    def sample(self, row):
        number = row["number"]
        answer = "odd" if number % 2 else "even"
        return Sample(
            row["id"], (user(f"Is {number} even or odd?"),), answer, answer, slices={"size": str(number // 10)}
        )

    def requests(self, sample, capabilities):
        return [Generate(sample.messages, max_tokens=2)]

    def parse(self, responses, sample):
        return Prediction(text=responses[0].text)


class Always:
    """Answers the word after the colon."""

    capabilities = Capabilities(frozenset({"text"}), frozenset({Generate}))
    batch_size = 4

    def __init__(self, word):
        self.name = f"always-{word}"
        self.fingerprint = self.name
        self.word = word

    def run(self, requests):
        return [Response(text=self.word) for _ in requests]

    def size(self, request):
        return 1

    def close(self):
        pass
