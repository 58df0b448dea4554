"""What a result file of another harness holds, whichever it is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mmbench.errors import DataError

UNIT = frozenset(
    "acc acc_norm accuracy anls bleu_acc em exact exact_match exact_match_flexible f1 hit mc1 mc2 pass@1 "
    "prefix_match relaxed_accuracy relaxed_overall score_acc vqa_accuracy".split()
)
"""Metrics that run from 0 to 1 wherever we have met them."""
_LOWER = re.compile(
    r"perplexity|ppl|bits_per|(^|_)(wer|cer|ter|mae|mse|rmse|loss|nll|brier|ece)(_|$)", re.IGNORECASE
)
_UNKNOWN = re.compile(r"[^A-Za-z0-9_.@/ -]+")


@dataclass(frozen=True)
class ForeignSample:
    """One sample: what was asked, wanted, said, and how it was scored."""

    id: str
    prompt: str
    target: Any
    prediction: str
    scores: Mapping[str, float]
    slices: Mapping[str, str] = field(default_factory=dict)


@dataclass
class ForeignTask:
    """One task of a foreign run; ``samples`` is empty where only totals were kept.

    ``values`` are metric -> (value, standard error); ``higher`` tells which way is better, where the harness says.
    """

    name: str
    source: str
    samples: list[ForeignSample] = field(default_factory=list)
    values: dict[str, tuple[float, float | None]] = field(default_factory=dict)
    higher: dict[str, bool] = field(default_factory=dict)
    shots: int = 0
    n: int = 0
    version: str = ""

    def is_better_higher(self, metric: str) -> bool:
        """Tell which way is better: as the harness says, else by the metric's name."""
        return self.higher.get(metric, _LOWER.search(metric) is None)


@dataclass
class ForeignRun:
    """A run of another harness."""

    harness: str
    model: str
    tasks: list[ForeignTask]
    date: str = ""
    versions: dict[str, str] = field(default_factory=dict)


def label(text: str) -> str:
    """Make a metric's name that fits our options.

    >>> label("exact_match,strict-match"), label("acc,none")
    ('exact_match strict-match', 'acc')
    """
    name, _, kind = text.partition(",")
    return _UNKNOWN.sub("_", name if kind in ("", "none") else f"{name} {kind}").strip()


def decoded(data: bytes | str, where: str) -> Any:
    """Decode JSON.

    Raises:
        DataError: it is none.
    """
    try:
        return msgspec.json.decode(_nan.sub(b"null", data.encode() if isinstance(data, str) else data))
    except msgspec.DecodeError as error:
        raise DataError(f"{where} is no JSON: {error}.") from error


_nan = re.compile(rb"(?<=[:\[,\s])-?(?:NaN|Infinity)(?=[,\]}\s])")


def text_of(value: Any) -> str:
    """Return text as it is, the first of a nest of lists, anything else as JSON."""
    while isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()


def common_metrics(samples: Iterable[ForeignSample]) -> list[str]:
    """Return the metrics that every sample has, in the order of the first."""
    shared: dict[str, None] | None = None
    for sample in samples:
        mine = sample.scores
        shared = dict.fromkeys(mine) if shared is None else {name: None for name in shared if name in mine}
    return list(shared or ())
