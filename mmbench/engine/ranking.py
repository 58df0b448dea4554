"""More than two runs: who may stand where?

Every pair is compared. A run's rank is at best one more than the number of runs that are clearly better, at worst
the number of runs less those that are clearly worse: with p-values adjusted over all pairs, all rank intervals
hold together (Mogstad, Romano, Shaikh & Wilhelm 2024).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mmbench.engine.comparison import Comparison
from mmbench.stats.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Standing:
    """One run: its value on the samples that all runs share, its rank (1 is best) and the ranks it may have."""

    model: str
    value: float
    interval: Interval | None
    rank: int
    best: int
    worst: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Run ``b`` against run ``a``, both by their place in the order given."""

    a: int
    b: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Contest:
    """One metric on one slice of one dataset, over all runs."""

    task: str
    dataset: str
    metric: str
    slice: str
    higher_is_better: bool
    percent: bool
    n: int
    standings: list[Standing]
    pairs: list[Pair]


@dataclass(frozen=True, slots=True)
class Ranking:
    """All contests of several runs, and everything that makes the runs less than comparable."""

    models: list[str]
    contests: list[Contest]
    notes: list[str] = field(default_factory=list)

    def to_frame(self) -> "pd.DataFrame":
        """Return a table, a row a run in a contest."""
        import pandas as pd

        return pd.DataFrame([_row(contest, each) for contest in self.contests for each in contest.standings])


def contest_of(
    models: Sequence[str], values: Sequence[float], intervals: Sequence[Interval | None], pairs: Sequence[Pair]
) -> Contest:
    """Rank runs by their values, and bound their ranks by the pairs that differ clearly."""
    about = pairs[0].comparison
    sign = 1 if about.higher_is_better else -1
    standings = [
        Standing(
            model,
            value,
            intervals[index],
            rank=1 + sum(sign * other > sign * value for other in values),
            best=1 + _clear(pairs, index, ahead=True),
            worst=len(models) - _clear(pairs, index, ahead=False),
        )
        for index, (model, value) in enumerate(zip(models, values, strict=True))
    ]
    return Contest(
        about.task,
        about.dataset,
        about.metric,
        about.slice,
        about.higher_is_better,
        about.percent,
        about.n,
        standings,
        list(pairs),
    )


def _clear(pairs: Sequence[Pair], index: int, *, ahead: bool) -> int:
    """Count the runs that are clearly better (``ahead``), or clearly worse, than run ``index``."""
    count = 0
    for pair in pairs:
        if index in (pair.a, pair.b) and pair.comparison.p_value < ALPHA:
            i_am_better = pair.comparison.improves == (index == pair.b)
            count += ahead != i_am_better
    return count


def _row(contest: Contest, standing: Standing) -> dict[str, Any]:
    bounds = standing.interval
    return {
        "task": contest.task,
        "dataset": contest.dataset,
        "metric": contest.metric,
        "slice": contest.slice,
        "model": standing.model,
        "value": standing.value,
        "low": bounds.low if bounds else None,
        "high": bounds.high if bounds else None,
        "rank": standing.rank,
        "best": standing.best,
        "worst": standing.worst,
        "n": contest.n,
    }
