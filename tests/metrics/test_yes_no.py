import numpy as np
import pytest

from mmbench.errors import MetricError
from mmbench.metrics.extraction import YesNo
from mmbench.metrics.yes_no import (
    PopeParser,
    YesNoAccuracy,
    YesNoF1,
    YesNoPrecision,
    YesNoRecall,
    YesRate,
)

TARGETS = ["yes", "yes", "no", "no"]


def test_an_empty_answer_is_not_yes(score):
    assert score(YesRate(), ["", "", "", ""], TARGETS) == 0.0
    assert score(YesNoAccuracy(), ["", "", "", ""], TARGETS) == 0.0
    assert score(YesNoRecall(), ["", "yes", "", ""], TARGETS) == 0.5


def test_the_published_parser_says_yes_to_everything_that_is_not_no(score):
    """POPE's own program, kept under a name of its own for comparing with published numbers."""
    parser = PopeParser()
    assert [parser(text, ()) for text in ("", "purple", "I cannot tell.", "Nope")] == ["yes"] * 4
    assert [parser(text, ()) for text in ("No", "There is no dog.", "It is not. Yes!", "no,")] == ["no"] * 4
    assert parser("NO", ()) == "yes"
    assert score(YesRate(PopeParser()), ["", "", "", ""], TARGETS) == 1.0
    assert YesRate(PopeParser()).name == "yes-rate-pope"
    assert "extractor:yes-no-pope" in YesRate(PopeParser()).signature


def test_values_by_hand(score):
    answers = ["yes", "no", "yes", "no"]
    for metric in (YesNoAccuracy(), YesNoPrecision(), YesNoRecall(), YesNoF1(), YesRate()):
        assert score(metric, answers, TARGETS) == 0.5
    assert score(YesNoPrecision(), ["yes", "hm", "hm", "no"], TARGETS) == 1.0
    assert score(YesNoF1(), ["yes", "hm", "hm", "no"], TARGETS) == pytest.approx(2 / 3)


def test_an_answer_that_says_neither_is_no_false_positive(score):
    assert score(YesNoPrecision(), ["yes", "yes", "perhaps", "perhaps"], TARGETS) == 1.0
    assert score(YesNoAccuracy(), ["yes", "yes", "perhaps", "perhaps"], TARGETS) == 0.5


def test_undefined_values(score):
    assert score(YesNoPrecision(), ["no"] * 4, TARGETS) == 0.0
    assert np.isnan(score(YesNoRecall(), ["no"], ["no"]))
    assert np.isnan(score(YesNoF1(), ["no"], ["no"]))


def test_strict_and_lenient(score):
    answers = ["Yes, there is.", "yes", "No, it is not.", "no"]
    assert score(YesNoAccuracy(), answers, TARGETS) == 0.5
    assert score(YesNoAccuracy(YesNo(lenient=True)), answers, TARGETS) == 1.0
    assert YesNoAccuracy(YesNo(lenient=True)).name == "yes-no-accuracy-lenient"


def test_targets_are_yes_or_no(score):
    assert score(YesNoAccuracy(), ["yes"], ["Yes"]) == 1.0
    with pytest.raises(MetricError, match="yes-no-f1: sample 'x': target must be 'yes' or 'no', not 'true'"):
        score(YesNoF1(), ["yes"], ["true"])
