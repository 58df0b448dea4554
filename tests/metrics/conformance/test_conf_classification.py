"""Classification and ranking against scikit-learn; answers that are no label are a class of their own there."""

import warnings
from itertools import product

import numpy as np
import pytest
from conformance_table import compares, hub, run_all
from own_text import labelled, scored

from mmbench.metrics.classification import (
    F1,
    Accuracy,
    BalancedAccuracy,
    CohenKappa,
    MatthewsCorrelation,
    Precision,
    Recall,
)
from mmbench.metrics.ranking import AUROC, TopK
from mmbench.schema import Prediction, Sample

skl = pytest.importorskip("sklearn.metrics")

LABELS = (("no", "yes"), ("a", "b", "c"), tuple(f"label {index}" for index in range(12)))
SKLEARN = f"scikit-learn {pytest.importorskip('sklearn').__version__}"


def samples(targets, choices=()):
    return [
        Sample(id=str(place), messages=(), target=target, answer="", choices=choices)
        for place, target in enumerate(targets)
    ]


def value(metric, answers, rows):
    fitted = metric.fit(rows) if hasattr(metric, "fit") else metric
    totals = sum(fitted.statistics(Prediction(text=text), row) for text, row in zip(answers, rows, strict=True))
    return float(fitted.aggregate(totals))


def cases():
    for labels, seed, count in product(LABELS, range(6), (1, 7, 200)):
        targets, answers = labelled(seed, count, labels)
        yield labels, targets, answers


def quiet(function, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(function(*args, **kwargs))


@compares(
    "accuracy",
    definition="share of answers that are the target label",
    source="scikit-learn accuracy_score",
    reference=SKLEARN,
    pitfalls=("an answer that is no label is wrong and counts as unparsed; it is never mapped to a default",),
)
def accuracy():
    for labels, targets, answers in cases():
        yield value(Accuracy(labels), answers, samples(targets)), skl.accuracy_score(targets, answers)


@compares(
    "balanced-accuracy",
    definition="mean recall over the classes that occur as targets",
    source="scikit-learn balanced_accuracy_score",
    reference=SKLEARN,
)
def balanced_accuracy():
    for labels, targets, answers in cases():
        ours = value(BalancedAccuracy(labels), answers, samples(targets))
        yield ours, quiet(skl.balanced_accuracy_score, targets, answers)


FAMILY = {
    "f1": (F1, skl.f1_score, "2tp / (predicted + true)"),
    "precision": (Precision, skl.precision_score, "tp / predicted, 0 for a class that is never answered"),
    "recall": (Recall, skl.recall_score, "tp / true, 0 for a class that is never the target"),
}


def _averages(kind):
    metric, official, definition = FAMILY[kind]
    for average in ("macro", "micro", "weighted"):

        @compares(
            f"{average}-{kind}",
            definition=f"{definition}; {average} average over the label set",
            source=f"scikit-learn {kind}_score",
            reference=SKLEARN,
            pitfalls=(
                "macro over observed labels changes with the subset: state the rule for absent classes",
                "never average the F1 of batches",
            ),
        )
        def averaged(average=average):
            for labels, targets, answers in cases():
                rows = samples(targets)
                seen = [label for label in labels if label in targets or label in answers]
                ours = value(metric(labels, average=average), answers, rows)
                options = {"average": average, "zero_division": 0}
                yield ours, quiet(official, targets, answers, labels=seen, **options)
                ours = value(metric(labels, average=average, absent="zero"), answers, rows)
                yield ours, quiet(official, targets, answers, labels=labels, **options)

    @compares(f"macro-{kind}")
    def one_class():
        for labels, targets, answers in cases():
            each = official(targets, answers, labels=labels, average=None, zero_division=0)
            for label, theirs in zip(labels, each, strict=True):
                yield value(metric(labels, label=label), answers, samples(targets)), float(theirs)


for _kind in FAMILY:
    _averages(_kind)


@compares(
    "mcc",
    definition="Matthews correlation for any number of classes; unparsed answers are a class that is never true",
    source="Gorodkin 2004; scikit-learn matthews_corrcoef",
    reference=SKLEARN,
    pitfalls=("undefined (a constant side) is 0",),
)
def mcc():
    for labels, targets, answers in cases():
        ours = value(MatthewsCorrelation(labels), answers, samples(targets))
        yield ours, quiet(skl.matthews_corrcoef, targets, answers)


@compares(
    "kappa",
    definition="Cohen's kappa; unparsed answers are a class that is never true",
    source="Cohen 1960; scikit-learn cohen_kappa_score",
    reference=SKLEARN,
    pitfalls=("undefined (one class on both sides) is NaN",),
)
def kappa():
    for labels, targets, answers in cases():
        ours = value(CohenKappa(labels), answers, samples(targets))
        yield ours, quiet(skl.cohen_kappa_score, targets, answers)


@compares("macro-f1", data=True)
def macro_f1_on_sst2():
    import pyarrow.parquet as parquet

    path = next((hub() / "stanfordnlp/sst2").rglob("validation*.parquet"))
    table = parquet.read_table(path).to_pydict()
    names = ("negative", "positive")
    targets = [names[label] for label in table["label"]]
    for word in ("good", "not", "the", "film"):
        answers = [names[word in text] if len(text) > 40 else "hm" for text in table["sentence"]]
        options = {"labels": names, "average": "macro"}
        yield value(F1(), answers, samples(targets, names)), skl.f1_score(targets, answers, **options)


def ranked(options, spread):
    for seed in range(10):
        targets, scores = scored(seed, 120, options, spread)
        names = tuple(f"option {index}" for index in range(options))
        yield targets, scores, samples([names[target] for target in targets], names)


def total(metric, scores, rows):
    shown = (Prediction(option_logprobs=one) for one in scores)
    return sum(metric.statistics(one, row) for one, row in zip(shown, rows, strict=True))


@compares(
    "top-5",
    definition="share of samples whose target is among the k best-scored options; ties at the edge by chance",
    source="scikit-learn top_k_accuracy_score",
    reference=SKLEARN,
    pitfalls=("breaking ties by position rewards a model that scores all options alike",),
)
def top_k():
    for targets, scores, rows in ranked(8, 1.0):
        for k in (1, 2, 5):
            metric = TopK(k)
            theirs = skl.top_k_accuracy_score(targets, np.array(scores), k=k, labels=range(8))
            yield float(metric.aggregate(total(metric, scores, rows))), theirs


@compares(
    "auroc",
    definition="chance that a positive sample has larger log-odds than a negative one, ties half; over fixed bins",
    source="scikit-learn roc_auc_score",
    reference=SKLEARN,
    tolerance=5e-3,
    pitfalls=("a rank is no sum: 64 fixed bins of the log-odds, AUROC.bound() tells the largest error",),
)
def auroc():
    for spread in (0.02, 0.3, 1.0, 6.0):
        for targets, scores, rows in ranked(2, spread):
            metric = AUROC("option 1")
            odds = [one[1] - one[0] for one in scores]
            yield float(metric.aggregate(total(metric, scores, rows))), skl.roc_auc_score(targets, odds)


@compares("auroc")
def auroc_of_scores_that_share_no_bin():
    for seed in range(20):
        targets, _ = scored(seed, 25, 2, 1.0)
        odds = [(-1) ** place * 0.05 * 1.3**place for place in range(25)]
        rows = samples([f"option {target}" for target in targets], ("option 0", "option 1"))
        metric = AUROC("option 1")
        ours = metric.aggregate(total(metric, [(0.0, one) for one in odds], rows))
        yield float(ours), skl.roc_auc_score(targets, odds)


test_comparisons = run_all(__name__)
