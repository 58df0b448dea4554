"""How comparisons of text metrics score: pairs to samples, corpora to values, frozen vectors."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mmbench.metric import Fitted, Metric
from mmbench.schema import Prediction, Sample

VECTORS = Path(__file__).parent.parent / "vectors"


def corpus_value(metric: Metric, corpus: Iterable[tuple[str, str | Sequence[str]]]) -> float:
    """Fit if need be, add up the statistics of all pairs, and aggregate."""
    scored = [
        (Prediction(text=said), Sample(f"s{place}", (), wanted if isinstance(wanted, str) else list(wanted), ""))
        for place, (said, wanted) in enumerate(corpus)
    ]
    if isinstance(metric, Fitted):
        metric = metric.fit([sample for _, sample in scored])
    return float(metric.aggregate(sum(metric.statistics(*pair) for pair in scored)))


def frozen(name: str) -> Iterator[Any]:
    """Return the cases of one file of frozen vectors."""
    yield from json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["cases"]


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
