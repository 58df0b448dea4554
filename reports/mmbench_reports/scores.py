"""What each metric says of one sample, from its stored statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmbench.store.records import Result
from mmbench_reports.columns import Place
from mmbench_reports.known import aggregate_of
from mmbench_reports.numbers import positions, value_text
from mmbench_reports.tables import Block

Verdict = Literal["right", "partly", "wrong", "error", "scored"]
"""How a sample went by its main metric; "scored" where that has no bounds, or says nothing of one sample."""


@dataclass(frozen=True)
class Score:
    """One metric's value on one sample."""

    metric: str
    text: str


class Scorer:
    """Scores single samples of one task of one run, as far as its metrics are at hand."""

    def __init__(self, place: Place, results: Sequence[Result]) -> None:
        self.place = place
        self._results = {result.metric: result for result in results}

    def scores(self, statistics: Mapping[str, Sequence[float]]) -> list[Score]:
        """Return the scores as text in the order of the table, without metrics that score no single sample."""
        told = []
        for name, result in self._results.items():
            value = self._value(result, statistics.get(name, ()))
            if value is not None:
                told.append(Score(name, value_text(value, result.range)))
        return told

    @property
    def main(self) -> Result | None:
        """The result of the main metric; None if there is none."""
        return next(iter(self._results.values()), None)

    def share(self, statistics: Mapping[str, Sequence[float]]) -> float | None:
        """Return the main metric's score from 0 (worst) to 1 (best); None where it has none."""
        found = statistics.get(self.main.metric, ()) if self.main else ()
        share = float(self.shares(np.asarray([found]))[0]) if found else float("nan")
        return None if np.isnan(share) else share

    def shares(self, statistics: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the main metric's scores of samples, shape (n, k), from 0 (worst) to 1 (best); NaN where none."""
        main, (count, width) = self.main, statistics.shape
        aggregate = aggregate_of(self.place, main, width) if main else None
        if main is None or aggregate is None:
            return np.full(count, np.nan)
        shares = positions(aggregate(statistics), main.range)
        return shares if main.higher_is_better else 1 - shares

    def verdict(self, statistics: Mapping[str, Sequence[float]], error: str | None) -> Verdict:
        """Say how a sample went."""
        if error is not None:
            return "error"
        share = self.share(statistics)
        if share is None:
            return "scored"
        return "right" if share >= 1 else "wrong" if share <= 0 else "partly"

    def _value(self, result: Result, statistics: Sequence[float]) -> float | None:
        aggregate = aggregate_of(self.place, result, len(statistics)) if statistics else None
        if aggregate is None:
            return None
        value = float(aggregate(np.asarray(statistics)))
        return value if np.isfinite(value) else None


def scorer_of(block: Block, index: int) -> Scorer:
    """Return the scorer of a run's column in a block."""
    results = [line.cells[index].result for line in block.lines]
    return Scorer(block.place, [result for result in results if result])
