import math

import numpy as np
import pytest
from scipy import stats
from toys import Addition, Calculator

import mmbench
from mmbench.engine.diff import diff
from mmbench.engine.repeats import STRIDE, Drawing, turns_of
from mmbench.engine.reproduce import reproduce
from mmbench.engine.rescore import rescore
from mmbench.engine.verify import verify
from mmbench.errors import UsageError
from mmbench.schema import Choice, Generate, Response, user


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    monkeypatch.setattr("mmbench.engine.rescore.load_task", lambda name: Addition())
    monkeypatch.setattr("mmbench.engine.select.load_task", lambda name: Addition())


class Unsure(Calculator):
    """Right with a chance of its own for each question; a draw a seed."""

    def __init__(self, levels=(0.1, 0.9), name="unsure"):
        super().__init__(name)
        self.levels = levels

    def answer(self, request):
        text = request.messages[-1].text
        a, b = (int(part) for part in text.rstrip("=").split("+"))
        level = self.levels[a % len(self.levels)]
        right = np.random.default_rng([request.seed, a, b]).random() < level
        return Response(text=str(a + b + (not right)), tokens=(1,))


def _run(tmp_path, model=None, **settings):
    options = {"top": "1001"}
    chosen = {"temperature": 1.0, "repeats": 5, "options": options} | settings
    return mmbench.evaluate(model or Unsure(), Addition(), out=tmp_path, cache="off", **chosen)


def test_each_turn_has_a_seed_of_its_own(tmp_path):
    model = Unsure()
    _run(tmp_path, model, seed=3)
    assert len(model.asked) == 5 * 40
    assert {request.seed for request in model.asked} == {3 + turn * STRIDE for turn in range(5)}
    assert {request.temperature for request in model.asked} == {1.0}


def test_values_are_means_over_turns(tmp_path):
    run = _run(tmp_path)
    entry = run.entries[0]
    frame = run.samples
    shares = []
    for _, row in frame.iterrows():
        texts = [response["text"] for response in row["responses"]]
        assert len(texts) == 5
        shares.append(np.mean([text == str(eval(row["prompt"].rstrip("="))) for text in texts]))
    assert entry.value == pytest.approx(np.mean(shares))
    assert entry.n == 40


def test_the_variance_is_split_into_samples_and_draws(tmp_path):
    run = _run(tmp_path)
    entry = run.entries[0]
    rows = [
        [float(response["text"] == str(eval(row["prompt"].rstrip("=")))) for response in row["responses"]]
        for _, row in run.samples.iterrows()
    ]
    within = np.mean(np.var(rows, axis=1, ddof=1)) / 5 / 40
    total = stats.sem(np.mean(rows, axis=1)) ** 2
    assert entry.repeats.count == 5
    assert entry.repeats.within == pytest.approx(within, rel=1e-6)
    assert entry.repeats.between + entry.repeats.within == pytest.approx(total, rel=0.12)
    assert entry.interval.method.startswith("bootstrap")


def test_pure_chance_is_all_draws_and_certainty_is_none(tmp_path):
    coin = _run(tmp_path, Unsure((0.5,), "coin")).entries[0].repeats
    assert coin.within > 0.6 * (coin.between + coin.within)
    sure = _run(tmp_path, Unsure((1.0, 0.0), "sure")).entries[0].repeats
    assert sure.within == 0
    assert math.sqrt(sure.between) == pytest.approx(0.08, abs=0.02)


def test_one_answer_each_has_no_parts(tmp_path):
    assert _run(tmp_path, repeats=1).entries[0].repeats is None


def test_rescore_verify_and_reproduce_know_of_repeats(tmp_path):
    run = _run(tmp_path, interval="bca")
    assert rescore(run) == run.entries
    assert verify(run).ok
    again = reproduce(run, tmp_path / "again", model=Unsure())
    assert again.identical
    analytic = rescore(run, interval="analytic")[0].interval
    assert analytic.method == "analytic|t|df:39"


def test_diff_names_temperature_and_repeats_as_decoding(tmp_path):
    found = diff(_run(tmp_path), _run(tmp_path, repeats=3, temperature=0.5)).tasks[0]
    assert found.causes["decoding"] == "temperature: 1.0 -> 0.5; repeats: 5 -> 3"
    assert sum(step.points for step in found.metrics[0].steps) == pytest.approx(
        found.metrics[0].b - found.metrics[0].a
    )


def test_repeats_need_answers_that_are_sampled(tmp_path):
    run = _run(tmp_path, temperature=None, repeats=2)
    assert "not sampled" in run.manifest.tasks[0].reason
    with pytest.raises(UsageError, match="never are"):
        Drawing(repeats=2, sampling={"temperature": 1.0}).requests([Choice((user("?"),), ("a", "b"))])
    for wrong in ({"repeats": 0}, {"temperature": -1.0}, {"temperature": math.nan}, {"top_p": 0.0}):
        with pytest.raises(UsageError, match="must be"):
            _run(tmp_path, **wrong)


def test_turns():
    answers = [Response(text=str(i)) for i in range(6)]
    assert [[each.text for each in turn] for turn in turns_of(answers, 3)] == [["0", "1"], ["2", "3"], ["4", "5"]]
    assert turns_of([], 3) == [[]]
    greedy = Drawing(seed=4).requests([Generate((user("?"),))])
    assert greedy[0].seed == 0
