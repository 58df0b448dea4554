"""95 % intervals of corpus metrics: 2,000 bootstrap replicates over 10,000 samples.

The statistics of each metric are computed once; a replicate is a weighted sum of them. sacreBLEU's own bootstrap
(``--confidence``), on the same sentences and with the same number of replicates, stands beside it, its scoring
without bootstrap taken off. The last row is what a run does: all 20 metrics share one set of weights. Times are
processor seconds of one thread.
"""

import os
import statistics
import time
from collections.abc import Callable

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy is imported

import numpy as np
import sacrebleu

from mmbench.metric import Fitted, Metric
from mmbench.metrics.calibration import AURC, ECE, Brier
from mmbench.metrics.captioning import CIDErD
from mmbench.metrics.classification import Accuracy, CohenKappa, MacroF1, MatthewsCorrelation
from mmbench.metrics.perplexity import Perplexity
from mmbench.metrics.qa import MultipleChoiceAccuracy, TokenF1
from mmbench.metrics.ranking import TopK
from mmbench.metrics.speech import WER
from mmbench.metrics.summarization import Rouge
from mmbench.metrics.translation import BLEU, TER, ChrF
from mmbench.metrics.vqa import VQAAccuracy
from mmbench.schema import Prediction, Sample
from mmbench.stats.replicates import Replicates, cluster_keys, poisson_weights

TEXT: tuple[Metric, ...] = (
    *(BLEU(), ChrF(), TER(), CIDErD(), Rouge("2"), Rouge("L"), WER(), TokenF1(), VQAAccuracy(), Perplexity()),
)
CLASSES: tuple[Metric, ...] = (
    *(Accuracy(), MacroF1(), MatthewsCorrelation(), CohenKappa(), TopK(2), MultipleChoiceAccuracy()),
    *(Brier(), ECE(), ECE(scheme="equal-mass"), AURC()),
)
SAMPLES, REPLICATES, REPEATS = 10_000, 2_000, 5
WORDS = "a the man woman dog red blue small house tree runs sits plays in on under near with two three".split()


def pairs() -> list[tuple[Prediction, Sample]]:
    """Make sentence pairs that share most of their words."""
    rng = np.random.default_rng(0)
    made = []
    for number in range(SAMPLES):
        words = [WORDS[i] for i in rng.integers(0, len(WORDS), 12)]
        said = [word if rng.random() < 0.8 else WORDS[int(rng.integers(0, len(WORDS)))] for word in words]
        prediction = Prediction(" ".join(said), logprob=-float(rng.gamma(12.0)), tokens=12)
        made.append((prediction, Sample(str(number), (), " ".join(words), " ".join(words))))
    return made


def labels() -> list[tuple[Prediction, Sample]]:
    """Make labels of five classes, four in five right."""
    rng = np.random.default_rng(1)
    names = tuple("abcde")
    truth, noise = rng.integers(0, 5, SAMPLES), rng.integers(0, 5, SAMPLES)
    said = np.where(rng.random(SAMPLES) < 0.8, truth, noise)
    scores = np.log(rng.dirichlet(np.ones(5), SAMPLES))
    scores[np.arange(SAMPLES), said] = scores.max(axis=1) + 0.1
    return [
        (
            Prediction(names[s], option_logprobs=tuple(row.tolist()), option_tokens=(1,) * 5),
            Sample(str(i), (), names[t], names[t], choices=names),
        )
        for i, (s, t, row) in enumerate(zip(said, truth, scores, strict=True))
    ]


def median_seconds(work: Callable[[], object]) -> float:
    """Time a call ``REPEATS`` times."""
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return statistics.median(times)


def bootstrap(metric: Metric, vectors: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval, weights included."""
    keys = cluster_keys([str(number) for number in range(len(vectors))])
    sums = Replicates(vectors.shape[1], REPLICATES)
    sums.add(vectors, poisson_weights(keys, REPLICATES, seed=0))
    low, high = np.quantile(metric.aggregate(sums.resampled), [0.025, 0.975])
    return float(low), float(high)


def together(cases: list[tuple[Metric, np.ndarray]]) -> None:
    """Compute the intervals of all metrics on the same weights, as a run does."""
    keys = cluster_keys([str(number) for number in range(SAMPLES)])
    ends = np.cumsum([vectors.shape[1] for _, vectors in cases])
    sums = Replicates(int(ends[-1]), REPLICATES)
    sums.add(np.concatenate([vectors for _, vectors in cases], axis=1), poisson_weights(keys, REPLICATES, seed=0))
    for (metric, vectors), end in zip(cases, ends.tolist(), strict=True):
        np.quantile(metric.aggregate(sums.resampled[:, end - vectors.shape[1] : end]), [0.025, 0.975])


def main() -> list[str]:
    """Measure, and return the lines of a Markdown table."""
    text, classes = pairs(), labels()
    cases: list[tuple[Metric, list[tuple[Prediction, Sample]]]] = [
        *((metric, text) for metric in TEXT),
        *((metric, classes) for metric in CLASSES),
    ]
    lines = ["| metric | k | seconds (median of 5) | 95 % interval | sacreBLEU's own | times faster |"]
    lines.append("|---|---:|---:|---|---:|---:|")
    hypotheses = [prediction.text for prediction, _ in text]
    references = [[sample.answer for _, sample in text]]
    measured: list[tuple[Metric, np.ndarray]] = []
    peers = {"bleu": sacrebleu.BLEU(), "chrf": sacrebleu.CHRF()}
    for metric, data in cases:
        ready = metric.fit(sample for _, sample in data) if isinstance(metric, Fitted) else metric
        vectors = np.stack([ready.statistics(*pair) for pair in data])
        measured.append((ready, vectors))
        seconds = median_seconds(lambda ready=ready, vectors=vectors: bootstrap(ready, vectors))
        low, high = bootstrap(ready, vectors)
        own = ratio = ""
        if peer := peers.get(metric.name):
            whole = median_seconds(lambda peer=peer: peer.corpus_score(hypotheses, references))
            with_bootstrap = median_seconds(
                lambda peer=peer: peer.corpus_score(hypotheses, references, n_bootstrap=REPLICATES)
            )
            own, ratio = f"{with_bootstrap - whole:.2f}", f"{(with_bootstrap - whole) / seconds:.0f}x"
        row = f"{seconds:.3f} | {low:.4g} - {high:.4g} | {own} | {ratio}"
        lines.append(f"| {metric.name} | {vectors.shape[1]} | {row} |")
    width = sum(vectors.shape[1] for _, vectors in measured)
    seconds = median_seconds(lambda: together(measured))
    lines.append(f"| **all {len(measured)} at once** | {width} | {seconds:.3f} | (aim: under 3 s) |  |  |")
    return lines


if __name__ == "__main__":
    print("\n".join(main()))
