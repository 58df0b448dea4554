import numpy as np
import pytest
from toys import Exact

from mmbench.engine.scoring import Scored, Scorer
from mmbench.engine.uncertainty import Uncertainty
from mmbench.errors import UsageError
from mmbench.schema import Prediction, Sample


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wilsen", "Did you mean 'wilson'"),
        ("bca:strata=x", "METHOD:stratify=SLICE"),
        ("bca:stratify", "METHOD:stratify=SLICE"),
        ("analytic:stratify=type", "takes no strata"),
    ],
)
def test_misuse(text, message):
    with pytest.raises(UsageError, match=message):
        Uncertainty.parse(text)


def test_reading():
    assert Uncertainty.parse("auto") == Uncertainty()
    assert Uncertainty.parse("bootstrap:stratify=type") == Uncertainty("bootstrap", "type")


class Score(Exact):
    """The number that was said, 0..1."""

    def statistics(self, prediction, sample):
        return np.array([float(prediction.text), 1.0])


def _results(text, values, kinds, metric=Score, split=1):
    scorer = Scorer([metric()], seed=0, uncertainty=Uncertainty.parse(text))
    made = []
    for i, (value, kind) in enumerate(zip(values, kinds, strict=True)):
        sample = Sample(f"s{i}", (), "1.0", "1.0", slices={"type": kind, "half": str(i % 2)})
        made.append(Scored(sample, scorer.score(Prediction(f"{value}"), sample)))
    for part in np.array_split(np.arange(len(made)), split):
        scorer.add([made[i] for i in part])
    return {result.slice: result for result in scorer.results("t", "d")}


def _two_kinds():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.uniform(0.9, 1.0, 150), rng.uniform(0.0, 0.1, 50)])
    return values, ["easy"] * 150 + ["hard"] * 50


def test_strata_that_explain_the_spread_narrow_the_interval():
    values, kinds = _two_kinds()
    plain, strata = (_results(text, values, kinds)[""] for text in ("bootstrap", "bootstrap:stratify=type"))
    error = np.sqrt(sum(len(part) * part.var() for part in (values[:150], values[150:]))) / 200
    assert strata.value == pytest.approx(plain.value)
    assert strata.interval.high - strata.interval.low == pytest.approx(2 * 1.97 * error, rel=0.1)
    assert plain.interval.high - plain.interval.low > 8 * (strata.interval.high - strata.interval.low)
    assert strata.interval.method == "bootstrap|poisson|replicates:1000|seed:0|stratified:type"


def test_strata_serve_slices_and_do_not_depend_on_windows():
    values, kinds = _two_kinds()
    whole, parts = (_results("bca:stratify=type", values, kinds, split=split) for split in (1, 7))
    for name, result in whole.items():
        assert (parts[name].interval.low, parts[name].interval.high) == pytest.approx(
            (result.interval.low, result.interval.high)
        )
    plain = _results("bca", values, kinds)
    width = {name: result.interval.high - result.interval.low for name, result in whole.items()}
    assert width["half=0"] < 0.3 * (plain["half=0"].interval.high - plain["half=0"].interval.low)


def test_wilson_in_strata_gains_what_they_explain():
    values = [1.0] * 150 + [0.0] * 45 + [1.0] * 5
    kinds = ["easy"] * 150 + ["hard"] * 50
    plain, strata = (_results(text, values, kinds)[""].interval for text in ("auto", "auto:stratify=type"))
    assert (plain.method, strata.method) == ("wilson", "wilson|stratified:type")
    assert strata.high - strata.low < 0.5 * (plain.high - plain.low)


@pytest.mark.parametrize("split", [1, 5])
def test_the_analytic_interval_is_students(split):
    values, kinds = _two_kinds()
    found = _results("analytic", values, kinds, split=split)
    half = 1.97196 * values.std(ddof=1) / np.sqrt(200)
    assert found[""].interval.high == pytest.approx(values.mean() + half, rel=1e-4)
    assert found["type=easy"].interval.method == "analytic|t|df:149"


def test_wilson_leaves_what_is_no_proportion_without():
    values, kinds = _two_kinds()
    assert _results("wilson", values, kinds)[""].interval is None
