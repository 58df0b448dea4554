"""The running score of a task, and what live.json tells of it while the run goes on."""

import math

import numpy as np
import pytest

from mmbench.engine import running as running_module
from mmbench.engine.events import Notice, Progress, TaskEnded, TaskStarted
from mmbench.engine.live import LiveListener
from mmbench.engine.running import RunningScore
from mmbench.engine.scoring import Scored, Scorer
from mmbench.metrics.classification import Accuracy
from mmbench.metrics.translation import BLEU
from mmbench.schema import Prediction, Sample
from mmbench.store.live import read_live


def sample(number: int, target: str) -> Sample:
    return Sample(str(number), (), target, target)


def test_of_a_mean_it_is_the_textbook_interval():
    metric = Accuracy()
    running = RunningScore(metric)
    hits = [i % 5 < 3 for i in range(200)]
    for number, hit in enumerate(hits):
        running.add(metric.statistics(Prediction("a" if hit else "b"), sample(number, "a")))
    assert running.value() == pytest.approx(0.6)
    reach = 1.959964 * math.sqrt(np.var(hits, ddof=1) / 200)
    assert running.interval() == pytest.approx((0.6 - reach, 0.6 + reach), abs=1e-6)


def test_samples_that_nobody_asks_about_do_not_pile_up(monkeypatch):
    monkeypatch.setattr(running_module, "_WAIT", 10)
    metric = Accuracy()
    running = RunningScore(metric)
    for number in range(95):
        running.add(metric.statistics(Prediction("a"), sample(number, "a" if number < 19 else "b")))
        assert len(running._new) < 10
    assert running.value() == 0.2


def test_it_is_close_to_the_bootstrap_for_a_corpus_metric():
    metric = BLEU()
    scorer = Scorer([metric], seed=0)
    rng = np.random.default_rng(0)
    words = "a the man dog sees red house under tree".split()
    scored = []
    for number in range(400):
        target = [words[i] for i in rng.integers(0, 9, 12)]
        said = [word if rng.random() < 0.8 else "x" for word in target]
        one = sample(number, " ".join(target))
        scored.append(Scored(one, scorer.score(Prediction(" ".join(said)), one)))
    scorer.add(scored)
    (result,) = scorer.results("t", "d")
    low, high = scorer.running.interval()
    assert scorer.running.value() == pytest.approx(result.value)
    assert (low, high) == pytest.approx((result.interval.low, result.interval.high), abs=0.6)


def test_without_spread_or_samples_there_is_no_interval():
    metric = Accuracy()
    running = RunningScore(metric)
    assert math.isnan(running.value())
    assert running.interval() is None
    for number in range(5):
        running.add(metric.statistics(Prediction("a"), sample(number, "a")))
    assert running.value() == 1
    assert running.interval() is None


def test_live_json_follows_the_events_and_goes_away(tmp_path):
    listener = LiveListener(tmp_path, ["vqa:scenes", "lm:sentences"])
    assert [task.status for task in read_live(tmp_path).tasks] == ["pending", "pending"]
    listener(TaskStarted("vqa:scenes", 40))
    listener(Progress("vqa:scenes", 20, 3, "accuracy", 0.5, (0.3, 0.7), (0, 1)))
    listener(Notice("nothing to see"))
    listener(TaskEnded("vqa:scenes", "done", "", 0, ""))
    first, second = read_live(tmp_path).tasks
    assert (first.status, first.total, first.samples, first.cached) == ("done", 40, 20, 3)
    assert (first.metric, first.score, first.low, first.high, first.range) == ("accuracy", 0.5, 0.3, 0.7, (0, 1))
    assert second.status == "pending"
    listener.close()
    assert read_live(tmp_path) is None


def test_a_score_that_is_not_known_is_told_as_none(tmp_path):
    listener = LiveListener(tmp_path, ["lm"])
    listener(Progress("lm", 0, 0, "word-perplexity", math.nan, None, (1, math.inf)))
    listener(TaskEnded("lm", "failed", "no", 0, ""))
    (task,) = read_live(tmp_path).tasks
    assert (task.score, task.low, task.range) == (None, None, (1, None))
