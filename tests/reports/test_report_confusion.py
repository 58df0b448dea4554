"""Confusion matrices from stored statistics."""

import pytest
from msgspec.structs import replace

from mmbench.metrics.classification import F1
from mmbench.schema import Prediction
from mmbench.store.run_folder import Answered
from mmbench_reports.blocks import blocks_of
from mmbench_reports.columns import columns_of
from mmbench_reports.confusion import confusions_of
from mmbench_reports.html import html_of

LABELS = ("negative", "neutral", "positive")
ANSWERS = [
    ("negative", "negative"),
    ("negative", "Negative."),
    ("negative", "positive"),
    ("neutral", "positive"),
    ("positive", "positive"),
    ("positive", "I cannot say"),
]


@pytest.fixture
def moods(make_run, told, row):
    """Write a run of a classification, scored by the real metric."""

    def make(labels=LABELS, extra=()):
        metric = F1(labels=labels)
        rows = []
        for number, (target, said) in enumerate(ANSWERS):
            answered = row(f"{number}", said, target=target, choices=labels)
            statistics = {metric.name: metric.statistics(Prediction(said), answered.sample).tolist()}
            rows.append(Answered(answered.sample, answered.responses, said, statistics))
        task = told("mood", rows=[*rows, *extra], values={metric.name: 0.5})
        task.results = lambda: [replace(told.results(task)[0], signature=metric.signature)]
        return make_run("a", task)

    return make


def _matrices(run):
    columns = columns_of([run])
    return confusions_of(columns, blocks_of(columns)[0])


def test_answers_are_counted_by_target_as_the_metric_read_them(moods):
    (matrix,) = _matrices(moods())
    assert matrix.answers == (*LABELS, "no label")
    assert matrix.counts == ((2, 0, 1, 0), (0, 0, 1, 0), (0, 0, 1, 1))
    assert matrix.share(0, 0) == pytest.approx(2 / 3)
    assert matrix.heat(1, 2) == 9


def test_samples_without_an_answer_are_not_counted(moods, row):
    (matrix,) = _matrices(moods(extra=[row("e", error="broken")]))
    assert sum(map(sum, matrix.counts)) == len(ANSWERS)


def test_labels_that_the_signature_cannot_tell_apart_give_no_matrix(moods):
    assert _matrices(moods((*LABELS, "sad, angry"))) == []


def test_other_metrics_have_no_matrix(gallery):
    columns = columns_of(gallery)
    assert [confusions_of(columns, block) for block in blocks_of(columns)] == [[], [], [], []]


def test_the_page_shows_the_matrix(moods):
    html = html_of([moods()])
    assert 'id="confusion"' in html
    assert "no label" in html
    assert "67%" in html
