import numpy as np
import pytest

from mmbench.errors import MetricError, UsageError
from mmbench.metrics.facts import FactF1, FactPrecision, FactRecall, HallucinationRate, lexicon_facts
from mmbench.schema import Prediction

LEXICON = {"dog": ["dog", "dogs", "puppy"], "hot dog": ["hot dog", "sausage"], "cat": ["cat", "kitten"]}


@pytest.fixture
def value(make_sample):
    def over(metric, rows):
        return float(
            metric.aggregate(
                sum(
                    metric.statistics(
                        Prediction(text=text), make_sample("", info={"facts": facts, "lexicon": LEXICON})
                    )
                    for text, facts in rows
                )
            )
        )

    return over


def test_longer_phrases_hide_the_words_in_them():
    assert lexicon_facts("A hot dog.", LEXICON) == {"hot dog"}
    assert lexicon_facts("A hot dog and a DOG", LEXICON) == {"hot dog", "dog"}
    assert lexicon_facts("catalogue, dogma", LEXICON) == set()
    assert lexicon_facts("", LEXICON) == set()


def test_one_phrase_may_state_several_facts():
    assert lexicon_facts("a pet", {"dog": ["pet"], "cat": ["pet"]}) == {"dog", "cat"}


def test_values_by_hand(value):
    rows = [("a dog and a cat", ["dog"]), ("a puppy", ["dog", "hot dog"])]
    assert value(FactPrecision(), rows) == pytest.approx(2 / 3)
    assert value(FactRecall(), rows) == pytest.approx(2 / 3)
    assert value(FactF1(), rows) == pytest.approx(2 / 3)
    assert value(HallucinationRate(), rows) == pytest.approx(1 / 3)
    assert value(HallucinationRate(per="text"), rows) == 0.5


def test_counts_are_pooled_not_averaged(value):
    rows = [("a cat", ["dog"]), ("dog, hot dog, kitten", ["dog", "hot dog", "cat"])]
    assert value(FactPrecision(), rows) == 0.75


def test_saying_nothing_is_no_hallucination_and_no_precision(value):
    rows = [("hm", ["dog"])]
    assert np.isnan(value(FactPrecision(), rows))
    assert np.isnan(value(HallucinationRate(), rows))
    assert value(HallucinationRate(per="text"), rows) == 0.0
    assert value(FactRecall(), rows) == 0.0


def test_a_world_brings_its_own_extractor(make_sample):
    metric = FactPrecision(lambda text: set(text.split("+")), "plus-3")
    row = metric.statistics(Prediction(text="red ball+cube"), make_sample("", info={"facts": ["cube"]}))
    np.testing.assert_array_equal(row, [1, 2, 1, 1, 1])
    assert metric.signature == "fact-precision|extractor:plus-3|pooled:corpus|version:1"


def test_scenes_extract_what_they_state(make_sample):
    scenes = pytest.importorskip("mmbench_tasks.worlds.scenes")
    metric = FactF1(scenes.extract_facts, "scenes")
    sample = make_sample("", info={"facts": ["ball", "red ball"]})
    assert metric.aggregate(metric.statistics(Prediction(text="A red ball."), sample)) == 1.0


def test_what_is_missing_is_told(make_sample):
    with pytest.raises(MetricError, match=r"fact-f1: sample 'x': info\['facts'\] must be a list of strings"):
        FactF1().statistics(Prediction(), make_sample(""))
    with pytest.raises(MetricError, match=r"info\['lexicon'\] must be a mapping of facts to phrases"):
        FactF1().statistics(Prediction(), make_sample("", info={"facts": []}))
    with pytest.raises(MetricError, match=r"info\['lexicon'\]\['dog'\] must be a list of phrases"):
        FactF1().statistics(Prediction(), make_sample("", info={"facts": [], "lexicon": {"dog": "dog"}}))
    with pytest.raises(UsageError, match=r"unknown (unit|per)"):
        HallucinationRate(per="caption")
