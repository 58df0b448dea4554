import math

import pytest

from mmbench.backends import load_model
from mmbench.errors import CapabilityError, UsageError
from mmbench.schema import Choice, Generate, LogLikelihood, Perplexity, Sample, user

ASK = (user("Q?"),)


def _sample(number, answer, kind="a", choices=("x", "y", "z")):
    return Sample(f"s{number}", ASK, answer, answer, choices=choices, slices={"type": kind})


def test_oracle_gives_the_answer_in_words_and_by_likelihood():
    oracle = load_model("oracle")
    sample = _sample(1, "y")
    assert oracle.answer(Generate(ASK), sample).text == "y"
    scored = oracle.answer(Choice(ASK, ("x", "y", "z")), sample)
    assert scored.logprobs.index(max(scored.logprobs)) == 1
    assert all(math.isfinite(score) for score in scored.logprobs)


def test_oracle_knows_the_true_information_content():
    sample = Sample("t", (), "a b c", "a b c", info={"bits": 6.0})
    response = load_model("oracle").answer(Perplexity("a b c"), sample)
    assert sum(response.logprobs) == pytest.approx(-6 * math.log(2))
    assert response.tokens == (3,)


@pytest.mark.parametrize("name", ["oracle", "random", "majority"])
@pytest.mark.parametrize("request_", [Perplexity("text"), LogLikelihood(ASK, "x")])
def test_no_baseline_makes_up_a_likelihood(name, request_):
    baseline = load_model(name)
    baseline.prepare([_sample(1, "x")])
    with pytest.raises(CapabilityError):
        baseline.answer(request_, _sample(1, "x"))


def test_majority_is_by_type_with_ties_to_the_smaller_text():
    majority = load_model("majority")
    majority.prepare([_sample(1, "x"), _sample(2, "y"), _sample(3, "z", "b"), _sample(4, "z", "b")])
    assert majority.answer(Generate(ASK), _sample(9, "y")).text == "x"
    assert majority.answer(Generate(ASK), _sample(9, "y", "b")).text == "z"


def test_random_is_uniform_over_choices_and_depends_on_id_and_seed_only():
    first, second = load_model("random", seed=1), load_model("random", seed=2)
    samples = [_sample(number, "x") for number in range(3000)]
    first.prepare(samples)
    second.prepare(reversed(samples))
    drawn = [first.answer(Generate(ASK), sample).text for sample in samples]
    shares = [drawn.count(choice) / 3000 for choice in "xyz"]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.03)
    assert drawn == [first.answer(Generate(ASK), sample).text for sample in samples]
    assert drawn != [second.answer(Generate(ASK), sample).text for sample in samples]


def test_random_without_choices_gives_the_answer_of_some_sample():
    baseline = load_model("random")
    baseline.prepare([_sample(1, "p", choices=()), _sample(2, "q", choices=())])
    assert baseline.answer(Generate(ASK), _sample(7, "r", choices=())).text in ("p", "q")


def test_an_option_that_a_model_does_not_take_is_refused():
    with pytest.raises(UsageError, match="has no option 'dtype'"):
        load_model("oracle", dtype="float32")
