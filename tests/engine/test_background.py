"""Windows made ahead, scoring behind: order, limits and failures are those of one thread."""

import threading

import pytest
from toys import Addition, Calculator, Exact, with_file, write_sums

import mmbench
from mmbench.engine.background import Worker, ahead
from mmbench.errors import MetricError


def test_jobs_are_done_in_order_and_all_before_the_context_ends():
    done = []
    with Worker() as worker:
        for number in range(100):
            worker.submit(lambda number=number: done.append((number, threading.current_thread().name)))
    assert [number for number, _ in done] == list(range(100))
    assert {name for _, name in done} == {"mmbench-scoring"}


def test_the_first_failure_is_raised_and_nothing_is_done_after_it():
    done = []

    def fail():
        raise MetricError("no")

    def work():
        with Worker() as worker:
            worker.submit(fail)
            for number in range(50):
                worker.submit(lambda number=number: done.append(number))

    with pytest.raises(MetricError, match="no"):
        work()
    assert done == []


def test_an_error_outside_drops_what_waits():
    done, started, go_on = [], threading.Event(), threading.Event()

    def hold():
        started.set()
        go_on.wait()

    def work():
        with Worker() as worker:
            worker.submit(hold)
            started.wait()
            worker.submit(lambda: done.append(1))
            threading.Timer(0.05, go_on.set).start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == []


def test_the_next_item_is_made_while_one_is_in_use():
    made = []
    third = threading.Event()

    def items():
        for number in range(3):
            made.append(number)
            if number == 2:
                third.set()
            yield number

    stream = ahead(items())
    assert next(stream) == 0
    assert next(stream) == 1
    assert third.wait(5)
    assert list(stream) == [2]


def test_what_the_source_raises_comes_after_the_items_before_it():
    def items():
        yield 1
        raise MetricError("row 2")

    stream = ahead(items())
    assert next(stream) == 1
    with pytest.raises(MetricError, match="row 2"):
        next(stream)


def test_leaving_early_closes_the_source():
    closed = []

    def items():
        try:
            yield from range(100)
        finally:
            closed.append(True)

    stream = ahead(items())
    next(stream)
    stream.close()
    assert closed == [True]


def test_the_model_works_while_the_batch_before_is_scored(tmp_path):
    """The metric waits for the model's second batch: it could not if scoring kept the model waiting."""
    second = threading.Event()

    class Signals(Calculator):
        def run(self, requests):
            if len(self.batches) == 1:
                second.set()
            return super().run(requests)

    class Waits(Exact):
        def statistics(self, prediction, sample):
            assert second.wait(10)
            return super().statistics(prediction, sample)

    class Sums(Addition):
        metrics = (Waits(),)

    run = mmbench.evaluate(Signals(), Sums(), out=tmp_path)
    assert run.entries[0].n == 40


def test_a_metric_that_fails_stops_the_task_and_keeps_the_answers(tmp_path):
    class Picky(Exact):
        def statistics(self, prediction, sample):
            raise MetricError(f"cannot score {sample.id}")

    class Sums(Addition):
        metrics = (Picky(),)

    run = mmbench.evaluate(Calculator(), Sums(), out=tmp_path)
    assert run.manifest.status == "failed"
    assert "cannot score" in run.manifest.tasks[0].reason
    model = Calculator()
    again = mmbench.evaluate(model, Addition(), out=tmp_path)
    assert (again.manifest.status, len(model.asked)) == ("done", 40 - again.manifest.tasks[0].efficiency.cached)
    assert again.manifest.tasks[0].efficiency.cached >= 8


def test_rows_stand_in_the_run_folder_in_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr("mmbench.engine.runner.WINDOW", 16)
    run = mmbench.evaluate(Calculator(), with_file(write_sums(tmp_path / "rows.jsonl", 100)), out=tmp_path)
    assert run.samples.id.tolist() == [f"test-{number}" for number in range(100)]
