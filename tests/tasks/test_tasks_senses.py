"""Ambiguous words with a picture: which of two translations was chosen, with the picture and without it."""

from itertools import islice

import numpy as np
import pytest

from mmbench.errors import MetricError
from mmbench.schema import Prediction, Sample
from mmbench_tasks.senses import SenseAccuracy
from mmbench_tasks.translation import Translation
from mmbench_tasks.worlds.phrases import translation_rows

METRIC = SenseAccuracy()


def sample(right, wrong):
    return Sample("a", (), "", "", info={"senses": {"right": right, "wrong": wrong}})


@pytest.mark.parametrize(
    ("text", "right", "wrong", "chosen"),
    [
        ("Ich sehe die Bank.", ["Bank", "Banken"], ["Ufer"], 1),
        ("Ich sehe das ufer.", ["Bank", "Banken"], ["Ufer"], 0),
        ("Ich sehe die Bankerin.", ["Bank"], ["Ufer"], 0),
        ("Die Bank am Ufer.", ["Bank"], ["Ufer"], 0),
        ("Les GLACES.", ["glace", "glaces"], ["miroir"], 1),
        ("\u90a3\u9876\u5e3d\u5b50\u5f88\u5927\u3002", ["\u5e3d\u5b50"], ["\u74f6\u76d6"], 1),
        ("", ["Bank"], ["Ufer"], 0),
    ],
)
def test_one_form_of_the_right_word_and_none_of_the_wrong_one(text, right, wrong, chosen):
    counts = METRIC.statistics(Prediction(text), sample(right, wrong))
    assert list(counts) == [chosen, 1]


def test_it_is_a_share():
    assert METRIC.aggregate(np.array([[3.0, 4.0], [0.0, 2.0]])).tolist() == [0.75, 0.0]


def test_a_sample_without_senses_is_refused():
    with pytest.raises(MetricError, match="sample 'a' has no senses"):
        METRIC.statistics(Prediction("x"), Sample("a", (), "", ""))


@pytest.mark.parametrize(("src", "tgt"), [("en", "de"), ("en", "fr"), ("en", "zh"), ("de", "en"), ("zh", "en")])
def test_every_reference_has_the_right_word(src, tgt):
    task = Translation(src=src, tgt=tgt)
    for row in islice(translation_rows("test", src=src, tgt=tgt, pictures="only"), 100):
        made = task.sample(row)
        for reference in made.target:
            assert METRIC.statistics(Prediction(reference), made)[0] == 1, reference
