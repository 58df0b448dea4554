from collections.abc import Callable
from typing import Any

import pytest

from mmbench.metric import Fitted, Metric
from mmbench.schema import Prediction, Sample


@pytest.fixture
def make_sample() -> Callable[..., Sample]:
    """Build a sample from what metrics look at."""

    def build(
        target: Any, choices: tuple[str, ...] = (), info: dict[str, Any] | None = None, id: str = "x"
    ) -> Sample:
        return Sample(id=id, messages=(), target=target, answer="", choices=choices, info=info or {})

    return build


@pytest.fixture
def score(make_sample: Callable[..., Sample]) -> Callable[..., float]:
    """Score texts against targets: the metric's value over all of them."""

    def value(metric: Metric, texts: list[str], targets: list[Any], choices: tuple[str, ...] = ()) -> float:
        samples = [make_sample(target, choices) for target in targets]
        if isinstance(metric, Fitted):
            metric = metric.fit(samples)
        rows = [metric.statistics(Prediction(text=text), one) for text, one in zip(texts, samples, strict=True)]
        return float(metric.aggregate(sum(rows)))

    return value
