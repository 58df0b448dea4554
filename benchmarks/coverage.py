"""Do 95 % intervals hold the truth 95 times in 100, and does the paired test cry wolf at most 5 times in 100?

Populations of 2,000 pictures with 5 questions each, whose difficulty the 5 share, answered by two systems that are
equally good: which answer is whose is drawn anew each time. From each, 2,000 samples of n questions are drawn, as
n single questions or as n / 5 whole pictures; every sample gets the interval that `mmbench run` gives (`--interval
auto`), and the comparison of the two systems that `mmbench compare` makes. The truth is the value over the whole
population. Accuracy has five populations, from hard to easy, and 400 samples of each: the number of right answers
is whole, so that at a single true accuracy any interval covers somewhat more or less than it says. With 2,000
repetitions a figure is within one point of its long-run value (two standard errors).
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy is imported

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mmbench.metric import Vector
from mmbench.metrics.classification import Accuracy, MacroF1
from mmbench.metrics.perplexity import Perplexity
from mmbench.metrics.qa import TokenF1
from mmbench.metrics.translation import BLEU
from mmbench.schema import Prediction, Sample
from mmbench.stats.intervals import is_proportion
from mmbench.stats.methods import Sums, interval_of
from mmbench.stats.paired import difference_interval, mcnemar_p_value, paired_proportions, randomization_p_value
from mmbench.stats.replicates import REPLICATES, cluster_keys, poisson_weights

PICTURES, QUESTIONS = 2_000, 5
REPETITIONS, BLOCK, TRIALS = 2_000, 200, 999
SIZES = (50, 200, 1_000)
WORDS = "a the man woman dog red blue small house tree runs sits plays in on under near with two three".split()
LABELS = ("positive", "neutral", "negative")


@dataclass(frozen=True)
class Population:
    """Statistics of two systems, shape (pictures, questions, 2, k), and the metric over them."""

    name: str
    statistics: Vector
    aggregate: Callable[[Vector], Vector]
    bounds: tuple[float, float]

    @property
    def truth(self) -> float:
        """The value over the whole population."""
        return float(self.aggregate(self.statistics.mean(axis=2).sum(axis=(0, 1))))


def populations() -> list[list[Population]]:
    """Make the populations of each metric."""
    rng, other = np.random.default_rng(7), np.random.default_rng(8)
    accuracy = [_accuracy(rng, 3, 1.2), *(_accuracy(other, a, b) for a, b in ((1, 1), (2, 1.3), (4, 1), (6, 1)))]
    return [accuracy, [_macro_f1(rng)], [_token_f1(rng)], [_bleu(rng)], [_perplexity(rng)]]


def _each(draw: Callable[[float], Vector], levels: Vector) -> Vector:
    """Call ``draw(level of the picture)`` for every question and both systems."""
    rows = [[[draw(level) for _ in range(2)] for _ in range(QUESTIONS)] for level in levels]
    return np.asarray(rows)


def _accuracy(rng: np.random.Generator, a: float, b: float) -> Population:
    right = rng.random((PICTURES, QUESTIONS, 2)) < rng.beta(a, b, PICTURES)[:, None, None]
    metric = Accuracy(labels=LABELS)
    return Population(
        "accuracy", np.stack([right, np.ones_like(right)], -1).astype(float), metric.aggregate, (0, 1)
    )


def _macro_f1(rng: np.random.Generator) -> Population:
    metric = MacroF1(labels=LABELS)
    known = {
        (said, true): metric.statistics(Prediction(said), Sample("", (), true, true))
        for said in LABELS
        for true in LABELS
    }

    def draw(level: float) -> Vector:
        true = LABELS[int(rng.choice(3, p=[0.5, 0.3, 0.2]))]
        return known[true if rng.random() < level else LABELS[int(rng.integers(3))], true]

    return Population("macro-f1", _each(draw, rng.beta(4, 1.5, PICTURES)), metric.aggregate, metric.range)


def _said(rng: np.random.Generator, words: list[str], level: float) -> str:
    kept = [word for word in words if rng.random() < 0.95]
    return " ".join(w if rng.random() < level else WORDS[int(rng.integers(len(WORDS)))] for w in kept)


def _texts(rng: np.random.Generator, low: int, high: int) -> list[str]:
    return [WORDS[i] for i in rng.integers(0, len(WORDS), int(rng.integers(low, high)))]


def _token_f1(rng: np.random.Generator) -> Population:
    metric = TokenF1()

    def draw(level: float) -> Vector:
        words = _texts(rng, 1, 5)
        return metric.statistics(Prediction(_said(rng, words, level)), Sample("", (), [" ".join(words)], ""))

    return Population("token-f1", _each(draw, rng.beta(3, 1.5, PICTURES)), metric.aggregate, metric.range)


def _bleu(rng: np.random.Generator) -> Population:
    metric = BLEU()

    def draw(level: float) -> Vector:
        words = _texts(rng, 6, 22)
        return metric.statistics(Prediction(_said(rng, words, level)), Sample("", (), [" ".join(words)], ""))

    return Population("bleu", _each(draw, rng.beta(6, 2, PICTURES)), metric.aggregate, metric.range)


def _perplexity(rng: np.random.Generator) -> Population:
    metric = Perplexity()
    words = rng.integers(8, 60, (PICTURES, QUESTIONS))
    surprise = rng.gamma(12, 1 / 12, PICTURES)[:, None, None]
    nll = rng.gamma(words[..., None] * np.ones(2) * 0.7) / 0.7 * 1.3 * surprise
    statistics = np.stack([nll, np.broadcast_to(words[..., None], nll.shape)], -1).astype(float)
    return Population("perplexity", statistics, metric.aggregate, metric.range)


@dataclass
class Tally:
    """How often an interval missed on either side, the paired interval covered, and the test cried wolf."""

    below: int = 0
    above: int = 0
    paired: int = 0
    alarms: int = 0


def draw(population: Population, n: int, clustered: bool, rng: np.random.Generator) -> Vector:
    """Return the statistics of one block of samples, summed by drawn unit, shape (BLOCK, units, 2, k)."""
    data = population.statistics
    units = data.sum(axis=1) if clustered else data.reshape(PICTURES * QUESTIONS, *data.shape[2:])
    drawn = units[rng.integers(0, len(units), (BLOCK, n // QUESTIONS if clustered else n))]
    swapped = rng.random(drawn.shape[:2]) < 0.5
    return np.where(swapped[..., None, None], drawn[:, :, ::-1], drawn)


def measure(group: Sequence[Population], n: int, clustered: bool, repetitions: int = REPETITIONS) -> Tally:
    """Draw samples again and again, equally often from each population, and count."""
    rng, tally = np.random.default_rng([n, clustered, *group[0].name.encode()]), Tally()
    for population in group:
        _measure(population, n, clustered, repetitions // len(group), rng, tally)
    return tally


def _measure(
    population: Population, n: int, clustered: bool, repetitions: int, rng: np.random.Generator, tally: Tally
) -> None:
    truth = population.truth
    units = n // QUESTIONS if clustered else n
    keys = cluster_keys([str(unit) for unit in range(units)])
    weights = poisson_weights(keys, REPLICATES, 0).T.astype(np.float64)
    for _ in range(repetitions // BLOCK):
        drawn = draw(population, n, clustered, rng)
        flat = drawn.transpose(1, 0, 2, 3).reshape(units, -1)
        resampled = (weights @ flat).reshape(REPLICATES, *drawn.shape[:1], *drawn.shape[2:])
        for index, rows in enumerate(drawn):
            found = interval_of(population.aggregate, sums_of(rows[:, 0], resampled[:, index, 0], n, population))
            if found is None:
                raise ValueError(f"no interval for {population.name} at n = {n}")
            tally.below += truth < found.low
            tally.above += truth > found.high
            compare(population, rows, resampled[:, index], n, keys, tally)


def sums_of(rows: Vector, resampled: Vector, n: int, population: Population) -> Sums:
    """Gather what an interval is made of."""
    proportion = population.name == "accuracy"
    return Sums(rows.sum(axis=0), resampled, n, len(rows), proportion, population.bounds, 0)


def compare(
    population: Population, rows: Vector, resampled: Vector, n: int, keys: np.ndarray, tally: Tally
) -> None:
    """Compare the two systems, as ``compare_statistics`` does; their true difference is 0."""
    a, b = rows[:, 0], rows[:, 1]
    aggregate = population.aggregate
    if len(rows) == n and is_proportion(a) and is_proportion(b):
        only_a, only_b = int((a > b).sum()), int((b > a).sum())
        p_value, found = mcnemar_p_value(only_a, only_b), paired_proportions(only_a, only_b, n)
    else:
        p_value = randomization_p_value(a, b, keys, aggregate, TRIALS, seed=tally.alarms + tally.paired)
        values = aggregate(resampled[:, 1]) - aggregate(resampled[:, 0])
        delta = float(aggregate(b.sum(axis=0)) - aggregate(a.sum(axis=0)))
        interval = difference_interval(values, delta, clusters=len(rows), n=n, seed=0, bounds=population.bounds)
        if interval is None:
            raise ValueError(f"no interval for the difference of {population.name} at n = {n}")
        found = interval
    tally.paired += found.low <= 0 <= found.high
    tally.alarms += p_value <= 0.05


def main(repetitions: int = REPETITIONS, only: Sequence[str] = ()) -> list[str]:
    """Return a table: a line a metric, design and size; of all metrics, or ``only`` some."""
    lines = [
        "| metric | drawn | n | covers | truth below, above it | paired interval covers | false positives |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    alarms: list[int] = []
    for group in populations():
        if only and group[0].name not in only:
            continue
        for clustered in (False, True):
            for n in SIZES:
                tally = measure(group, n, clustered, repetitions)
                alarms.append(tally.alarms)
                low, high, paired = (count / repetitions for count in (tally.below, tally.above, tally.paired))
                unit = "pictures of 5" if clustered else "single"
                lines.append(
                    f"| {group[0].name} | {unit} | {n:,} | {1 - low - high:.1%} | {low:.1%}, {high:.1%} "
                    f"| {paired:.1%} | {tally.alarms / repetitions:.1%} |"
                )
    share = sum(alarms) / len(alarms) / repetitions
    return [
        *lines,
        "",
        f"False positives over all rows: {share:.1%} of {len(alarms) * repetitions:,} comparisons.",
    ]


if __name__ == "__main__":
    print("\n".join(main(only=sys.argv[1:])))
