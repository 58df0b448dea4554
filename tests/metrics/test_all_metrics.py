"""What holds for every metric that mmbench.metrics names, whoever wrote it."""

import ast
import importlib
import inspect
import math
import pickle
import pkgutil
import random
import subprocess
import sys

import numpy as np
import pytest

import mmbench.metrics as metrics
from mmbench.engine.options import option_kinds
from mmbench.errors import MetricError
from mmbench.metric import Fitted
from mmbench.metrics.accumulate import Accumulator
from mmbench.schema import Prediction, Sample

LABELS = ("no", "yes")
WORDS = ("a", "red", "bus", "on", "the", "road", "two", "dogs", "sleep", "by", "an", "old", "door")


def is_metric(value):
    return inspect.isclass(value) and hasattr(value, "statistics") and hasattr(value, "aggregate")


CLASSES = [name for name in metrics.__all__ if is_metric(getattr(metrics, name)) and name != "EvaluateMetric"]
NO_TARGET = ("AnswerLength", "Distinct", "EmptyRate", "RefusalRate", "Repetition", "UnparsedRate")
AGAINST_DOCUMENT = ("Compression", "Coverage", "Density")
SCORED = ("AURC", "ECE", "Brier", "ChoiceNLL", "SelectiveAccuracy", "AUROC", "TopK", "MultipleChoiceAccuracy")
LANGUAGE = ("NLL", "BitsPerByte", "ExcessBits", "Perplexity")
LABELLED = (
    *("Accuracy", "BalancedAccuracy", "CohenKappa", "F1", "MacroF1", "MatthewsCorrelation", "Precision", "Recall"),
    *("YesNoAccuracy", "YesNoF1", "YesNoPrecision", "YesNoRecall", "YesRate", "UnparsedRate"),
)


def build(name):
    return getattr(metrics, name)(k=1) if name == "TopK" else getattr(metrics, name)()


def rows(name, seed=0, count=60):
    """Return predictions and samples of the kind that a metric takes."""
    chance = random.Random(seed)
    pairs = []
    for place in range(count):
        label, guess = chance.choice(LABELS), chance.choice((*LABELS, "hm"))
        text = " ".join(chance.choices(WORDS, k=chance.randint(1, 9)))
        scores = (chance.gauss(0, 2), chance.gauss(0, 2))
        prediction = Prediction(
            text=guess if name in LABELLED else text if chance.random() < 0.8 else "a red bus",
            option_logprobs=scores if name in SCORED else (),
            logprob=-chance.uniform(1, 30),
            tokens=chance.randint(1, 9),
        )
        target: object = [text, "a red bus on the road"]
        if name in (*LABELLED, *SCORED):
            target = label
        elif name in LANGUAGE:
            target = text
        pairs.append(
            (
                prediction,
                Sample(
                    id=f"sample-{place}",
                    messages=(),
                    target=target,
                    answer="",
                    choices=LABELS if name in (*LABELLED, *SCORED) else (),
                    info={
                        "bits": 9.5,
                        "document": "two dogs sleep by an old door and a red bus is on the road",
                        "facts": ["red bus", "dog"],
                        "lexicon": {"red bus": ["bus"], "cat": ["dogs"]},
                    },
                ),
            )
        )
    return pairs


def statistics(name):
    pairs = rows(name)
    metric = build(name)
    if isinstance(metric, Fitted):
        metric = metric.fit([sample for _, sample in pairs])
    return metric, np.array([metric.statistics(prediction, sample) for prediction, sample in pairs])


def same(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12, equal_nan=True)


def test_every_public_class_with_statistics_is_named():
    found = set()
    for module in pkgutil.iter_modules(metrics.__path__):
        if not module.name.startswith("_"):
            loaded = importlib.import_module(f"mmbench.metrics.{module.name}")
            own = {name: value for name, value in vars(loaded).items() if not name.startswith("_")}
            found |= {
                name
                for name, value in own.items()
                if is_metric(value) and value.__module__ == loaded.__name__ and hasattr(value, "signature")
            }
    assert found <= set(metrics.__all__)


def test_the_package_loads_nothing_heavy():
    code = (
        "import sys, mmbench.metrics as m; m.Accuracy, m.VQAAccuracy, m.ExactMatch, m.Perplexity\n"
        "heavy = ('torch', 'transformers', 'datasets', 'pandas', 'scipy', 'evaluate', 'pyarrow')\n"
        "print([k for k in heavy if k in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ast.literal_eval(out.stdout) == []


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Acuracy'"):
        getattr(metrics, "Acuracy")  # noqa: B009


@pytest.mark.parametrize("name", [*CLASSES, "EvaluateMetric"])
def test_options_have_types_that_a_command_line_can_read(name):
    assert isinstance(option_kinds(getattr(metrics, name)), dict)


@pytest.mark.parametrize("name", CLASSES)
def test_names_signatures_and_ranges(name):
    metric = build(name)
    assert metric.name
    assert " " not in metric.name
    assert metric.signature.split("|")[-1].startswith("version:")
    assert isinstance(metric.higher_is_better, bool)
    low, high = metric.range
    assert low < high


def test_names_are_unique():
    names = [build(name).name for name in CLASSES if name != "MacroF1"]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", CLASSES)
def test_order_does_not_matter(name):
    metric, table = statistics(name)
    shuffled = np.random.default_rng(1).permutation(len(table))
    same(metric.aggregate(table.sum(0)), metric.aggregate(table[shuffled].sum(0)))


@pytest.mark.parametrize("name", CLASSES)
def test_the_sum_of_parts_is_the_whole(name):
    metric, table = statistics(name)
    whole = metric.aggregate(table.sum(0))
    for cut in (0, 1, 17, len(table)):
        same(metric.aggregate(table[:cut].sum(0) + table[cut:].sum(0)), whole)


@pytest.mark.parametrize("name", CLASSES)
def test_aggregate_takes_any_leading_axes(name):
    metric, table = statistics(name)
    weights = np.random.default_rng(2).poisson(1.0, (2, 3, len(table))).astype(float)
    totals = weights @ table
    values = metric.aggregate(totals)
    assert values.shape == (2, 3)
    for index in np.ndindex(2, 3):
        same(values[index], metric.aggregate(totals[index]))


@pytest.mark.parametrize("name", CLASSES)
def test_values_are_in_range(name):
    metric, table = statistics(name)
    low, high = metric.range
    weights = np.random.default_rng(3).poisson(1.0, (200, len(table))).astype(float)
    values = metric.aggregate(weights @ table)
    values = values[~np.isnan(values)]
    assert len(values)
    assert values.min() >= low - 1e-9
    assert values.max() <= high + 1e-9


@pytest.mark.parametrize("name", CLASSES)
def test_no_samples_have_no_value(name):
    metric, table = statistics(name)
    with np.errstate(all="raise"):
        value = float(metric.aggregate(np.zeros_like(table[0])))
    assert math.isnan(value) or value == 0.0


@pytest.mark.parametrize("name", CLASSES)
def test_metrics_travel_between_processes(name):
    metric, table = statistics(name)
    again = pickle.loads(pickle.dumps(metric))
    assert again.signature == metric.signature
    same(again.aggregate(table.sum(0)), metric.aggregate(table.sum(0)))


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in NO_TARGET])
def test_a_target_of_the_wrong_type_is_told_with_metric_sample_and_field(name):
    metric, _ = statistics(name)
    info = {"facts": 3, "document": 3}
    broken = Sample(id="sample-x", messages=(), target={"not": 1}, answer="", choices=LABELS, info=info)
    prediction = Prediction(text="yes", option_logprobs=(0.0, 1.0), logprob=-1.0, tokens=1)
    with pytest.raises(MetricError) as caught:
        metric.statistics(prediction, broken)
    field = "info['facts']" if name.startswith(("Fact", "Halluc")) else "target"
    field = "info['document']" if name in AGAINST_DOCUMENT else field
    for part in (metric.name, "sample-x", field):
        assert part in str(caught.value)


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in (*SCORED, *LANGUAGE)])
def test_a_prediction_of_the_wrong_type_is_told_with_metric_sample_and_field(name):
    metric, _ = statistics(name)
    _, sample = rows(name)[0]
    with pytest.raises(MetricError, match=r"sample-0.*prediction\.text.*not 7"):
        metric.statistics(Prediction(text=7), sample)


@pytest.mark.parametrize("name", CLASSES)
def test_accumulators_of_shards_merge_to_the_whole(name):
    pairs = rows(name)
    predictions, samples = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    whole = Accumulator(build(name), samples).update(predictions, samples)
    left = Accumulator(build(name), samples).update(predictions[:23], samples[:23])
    right = Accumulator(build(name), samples).update(predictions[23:], samples[23:])
    same(left.merge(right).compute(), whole.compute())
    assert left.samples == whole.samples == len(pairs)
