"""A model that streams: answers are stored as they come, in any order, each once."""

import sqlite3

import pytest
from toys import Addition, Calculator

import mmbench
from mmbench.model import Capabilities, Streaming
from mmbench.schema import Choice, Generate, LogLikelihood, Perplexity, Response


class Stream(Calculator):
    """Hands answers out backwards, three at a time."""

    def __init__(self):
        super().__init__()
        self.windows: list[int] = []
        self.closed_streams = 0

    def stream(self, requests):
        self.windows.append(len(requests))
        self.asked += requests
        order = list(reversed(range(len(requests))))
        try:
            for start in range(0, len(order), 3):
                yield self.group(requests, order[start : start + 3])
        finally:
            self.closed_streams += 1

    def group(self, requests, indices):
        return [(index, self.answer(requests[index])) for index in indices]


def _stored(out) -> int:
    with sqlite3.connect(out / "responses.sqlite") as db:
        return db.execute("SELECT count(*) FROM responses").fetchone()[0]


def test_a_plain_model_does_not_stream():
    assert isinstance(Stream(), Streaming)
    assert not isinstance(Calculator(), Streaming)


def test_streamed_results_equal_batched_ones(tmp_path):
    streamed, batched = Stream(), Calculator()
    runs = [
        mmbench.evaluate(model, Addition(), out=tmp_path / str(i)) for i, model in enumerate((streamed, batched))
    ]
    assert runs[0].entries == runs[1].entries
    assert (runs[0].samples.prediction == runs[1].samples.prediction).all()
    assert streamed.windows == [40]
    assert streamed.batches == []
    assert runs[0].manifest.tasks[0].efficiency.requests == 40
    assert runs[0].manifest.tasks[0].efficiency.model_seconds > 0


def test_a_window_goes_out_whole_and_only_what_is_missing_is_asked(tmp_path, monkeypatch):
    monkeypatch.setattr("mmbench.engine.runner.WINDOW", 16)
    mmbench.evaluate(Stream(), Addition(), out=tmp_path, limit=10)
    model = Stream()
    mmbench.evaluate(model, Addition(), out=tmp_path)
    assert model.windows == [6, 16, 8]
    assert model.closed_streams == 3
    again = Stream()
    mmbench.evaluate(again, Addition(), out=tmp_path)
    assert again.windows == []


def test_the_user_s_batch_size_is_kept(tmp_path):
    model = Stream()
    mmbench.evaluate(model, Addition(), out=tmp_path, batch_size=7)
    assert model.batches == [7, 7, 7, 7, 7, 5]
    assert model.windows == []


def test_what_has_come_is_stored_before_the_next_arrives(tmp_path):
    counts = []

    class Watched(Stream):
        def group(self, requests, indices):
            counts.append(_stored(tmp_path))
            return super().group(requests, indices)

    mmbench.evaluate(Watched(), Addition(), out=tmp_path)
    assert counts == list(range(0, 40, 3))


def test_a_stream_that_breaks_keeps_what_has_come_and_is_closed(tmp_path):
    class Breaks(Stream):
        def group(self, requests, indices):
            if 20 in indices:
                raise KeyboardInterrupt
            return super().group(requests, indices)

    broken = Breaks()
    with pytest.raises(KeyboardInterrupt):
        mmbench.evaluate(broken, Addition(), out=tmp_path)
    assert _stored(tmp_path) == 18
    assert broken.closed_streams == 1
    model = Stream()
    run = mmbench.evaluate(model, Addition(), out=tmp_path)
    assert model.windows == [22]
    assert run.entries[0].n == 40


def test_errors_are_rows_and_are_asked_again(tmp_path):
    class Moody(Stream):
        def answer(self, request):
            answer = super().answer(request)
            return Response(error="no answer") if answer.text.endswith("7") else answer

    run = mmbench.evaluate(Moody(), Addition(), out=tmp_path)
    errors = run.manifest.tasks[0].errors
    assert run.manifest.status == "partial"
    assert errors == run.samples.error.notna().sum() > 0
    model = Stream()
    mmbench.evaluate(model, Addition(), out=tmp_path)
    assert model.windows == [errors]


@pytest.mark.parametrize(
    ("indices", "reason"),
    [
        ([0, 1, 0], "answered twice"),
        ([0, 99], "not asked"),
        ([0, 1, 2], "3 answers to 40 requests"),
    ],
)
def test_an_answer_too_many_or_too_few_fails_loudly(tmp_path, indices, reason):
    class Wrong(Stream):
        def stream(self, requests):
            for index in indices:
                yield [(index, Response(text="1"))]

    run = mmbench.evaluate(Wrong(), Addition(), out=tmp_path)
    assert reason in run.manifest.tasks[0].reason


def test_twins_in_one_group_fail_loudly(tmp_path):
    class Twins(Stream):
        def stream(self, requests):
            yield [(0, Response(text="1")), (0, Response(text="2"))]

    run = mmbench.evaluate(Twins(), Addition(), out=tmp_path)
    assert "answered twice" in run.manifest.tasks[0].reason


def test_capabilities_narrow_to_generation_where_scoring_is_not_offered():
    able = Capabilities(
        frozenset({"text", "image"}), frozenset({Generate, Choice, LogLikelihood, Perplexity}), frozenset({"text"})
    )
    assert able.on(frozenset({"text"})) is able
    assert able.on(frozenset({"text", "image"})).kinds == {Generate}
    unlimited = Capabilities(frozenset({"text", "image"}))
    assert unlimited.on(frozenset({"image"})) is unlimited
