"""The ends of the scale: what is best on each embedded dataset, and what one gets without looking.

The figures are those of the first 1,000 rows of the test split with the default options, as
``mmbench run --tasks '*:embedded' --model oracle`` (``random``, ``majority``) ``--limit 1000`` reports them. The
ceiling is exact, for any number of rows. What ``random`` and ``majority`` reach depends on the rows: the first
draws from the answers of the rows under test, the second takes the most frequent one of them.
"""

from typing import NamedTuple

ROWS = 1000


class Scale(NamedTuple):
    """A metric with its best value and those of the two baselines, in the metric's own units."""

    metric: str
    ceiling: float
    random: float
    majority: float


SCALES: dict[str, Scale] = {
    "caption:scenes": Scale("fact-f1", 1.0, 0.176, 0.196),
    "caption:inventory": Scale("fact-f1", 1.0, 0.269, 0.29),
    "vqa:scenes": Scale("exact-match", 100.0, 0.7, 37.0),
    "qa:stories": Scale("squad2-f1", 100.0, 0.7, 24.5),
    "summarization:stories": Scale("rougeL", 1.0, 0.167, 0.118),
    "sentiment:reviews": Scale("accuracy", 1.0, 0.35, 0.359),
    "speech:sounds": Scale("wer", 0.0, 1.165, 0.762),
    "translation:phrases": Scale("chrf", 100.0, 16.5, 17.5),
    "translation:pictured": Scale("sense-accuracy", 1.0, 0.061, 0.067),
}
"""By "task:dataset"; language modelling has no baseline that answers, and its ceiling is 0 excess bits a word."""
