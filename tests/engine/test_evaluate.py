import json
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from toys import Addition, Calculator, Exact, with_file, write_sums

import mmbench
from mmbench.dataset import Dataset, Embedded, Files
from mmbench.engine.events import Progress, TaskEnded
from mmbench.errors import DataError, StoreError, UsageError
from mmbench.schema import Image, Response, user


def test_a_run_holds_results_samples_and_manifest(tmp_path):
    run = mmbench.evaluate(Calculator(), Addition(), out=tmp_path)
    overall = run.results.query("slice == ''").iloc[0]
    assert (overall.value, overall.n, overall.errors) == (0.9, 40, 0)
    assert overall.low < 0.9 < overall.high
    samples = run.samples
    assert len(samples) == 40
    assert samples.id.is_unique
    assert dict(samples.iloc[0].statistics)["exact"].tolist() == [1.0, 1.0]
    assert run.manifest.status == "done"
    assert run.manifest.tasks[0].dataset.rows == 40
    assert len(run.manifest.tasks[0].dataset.fingerprint) == 64
    assert run.manifest.finished >= run.manifest.started


def test_the_same_run_again_asks_nothing(tmp_path):
    first = mmbench.evaluate(Calculator(), Addition(), out=tmp_path)
    model = Calculator()
    second = mmbench.evaluate(model, Addition(), out=tmp_path)
    assert model.asked == []
    assert second.manifest.tasks[0].efficiency.cached == 40
    assert (first.path / "results.json").read_bytes() == (second.path / "results.json").read_bytes()


def test_another_model_never_gets_stored_answers(tmp_path):
    mmbench.evaluate(Calculator("one"), Addition(), out=tmp_path)
    model = Calculator("two")
    mmbench.evaluate(model, Addition(), out=tmp_path)
    assert len(model.asked) == 40


def test_cache_off_asks_again(tmp_path):
    for _ in range(2):
        model = Calculator()
        mmbench.evaluate(model, Addition(), out=tmp_path, cache="off")
        assert len(model.asked) == 40
    assert not (tmp_path / "responses.sqlite").exists()


def test_a_crash_loses_at_most_the_batch_in_flight_and_changes_no_number(tmp_path):
    class Crashing(Calculator):
        def run(self, requests):
            if len(self.batches) == 3:
                raise KeyboardInterrupt
            return super().run(requests)

    model = Crashing()
    with pytest.raises(KeyboardInterrupt):
        mmbench.evaluate(model, Addition(), out=tmp_path)
    assert model.closed
    failed = next(path for path in tmp_path.iterdir() if path.is_dir())
    assert json.loads((failed / "manifest.json").read_text())["status"] == "failed"
    again = Calculator()
    resumed = mmbench.evaluate(again, Addition(), out=tmp_path)
    assert len(model.asked) + len(again.asked) == 40
    fresh = mmbench.evaluate(Calculator(), Addition(), out=tmp_path / "fresh")
    assert (resumed.path / "results.json").read_bytes() == (fresh.path / "results.json").read_bytes()
    assert again.batches == [8, 8]


def test_repeated_requests_are_asked_once_but_scored_each(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"id": i, "question": "1+1", "answer": "2"}) + "\n" for i in range(5)))
    model = Calculator()
    run = mmbench.evaluate(model, with_file(path), out=tmp_path)
    assert len(model.asked) == 1
    assert run.entries[0].n == 5


def test_duplicate_ids_are_refused(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": 1, "question": "1+1", "answer": "2"}\n' * 2)
    run = mmbench.evaluate(Calculator(), with_file(path), out=tmp_path)
    assert run.manifest.status == "failed"
    assert "repeat an id" in run.manifest.tasks[0].reason


def test_unanswered_requests_are_error_rows_not_wrong_answers(tmp_path):
    class Flaky(Calculator):
        def answer(self, request):
            if request.messages[-1].text.startswith("3+"):
                return Response(error="timed out")
            return super().answer(request)

    run = mmbench.evaluate(Flaky(), Addition(), out=tmp_path)
    overall = next(entry for entry in run.entries if entry.slice == "")
    assert (overall.n, overall.errors) == (39, 1)
    assert overall.value == pytest.approx(35 / 39)
    assert run.manifest.status == "partial"
    assert run.manifest.tasks[0].first_error.endswith("timed out")
    frame = run.samples
    assert frame.error.notna().sum() == 1
    model = Calculator()
    mmbench.evaluate(model, Addition(), out=tmp_path)
    assert len(model.asked) == 1, "errors must not be stored"


def test_a_missing_modality_skips_the_task_with_the_reason(tmp_path):
    @dataclass(frozen=True)
    class Picture(Addition):
        name: ClassVar[str] = "picture"

        def sample(self, row):
            sample = super().sample(row)
            return type(sample)(sample.id, (user(Image(b"x"), "1+1"),), sample.target, sample.answer)

    run = mmbench.evaluate(Calculator(), [Picture(), Addition()], out=tmp_path)
    assert [task.status for task in run.manifest.tasks] == ["skipped", "done"]
    assert "takes no image" in run.manifest.tasks[0].reason
    assert run.manifest.status == "partial"


def test_an_unreadable_picture_is_an_error_row(tmp_path):
    @dataclass(frozen=True)
    class Picture(Addition):
        def sample(self, row):
            sample = super().sample(row)
            media = (Image(tmp_path / "gone.png"),) if row["id"] == "test-0" else ()
            return type(sample)(sample.id, (user(*media, "1+1"),), sample.target, sample.answer)

    class Seeing(Calculator):
        capabilities = type(Calculator.capabilities)(frozenset({"text", "image"}), Calculator.capabilities.kinds)

    run = mmbench.evaluate(Seeing(), Picture(), out=tmp_path)
    assert run.manifest.tasks[0].errors == 1
    assert "gone.png" in run.manifest.tasks[0].first_error


def test_clusters_are_counted_and_the_method_says_so(tmp_path):
    plain = mmbench.evaluate(Calculator(), Addition(), out=tmp_path).entries[0]
    grouped = mmbench.evaluate(Calculator(), Addition(clustered=True), out=tmp_path).entries[0]
    assert (plain.clusters, grouped.clusters) == (0, 10)
    assert plain.interval.method == "wilson"
    assert grouped.interval.method == "wilson|clustered"
    assert grouped.interval.high - grouped.interval.low >= plain.interval.high - plain.interval.low


def test_few_shot_turns_come_from_the_train_stream(tmp_path):
    model = Calculator()
    run = mmbench.evaluate(model, Addition(), out=tmp_path, shots=2, limit=3)
    turns = model.asked[0].messages
    assert [turn.role for turn in turns] == ["user", "assistant", "user", "assistant", "user"]
    assert run.manifest.tasks[0].shots == 2
    again = Calculator()
    mmbench.evaluate(again, Addition(), out=tmp_path, shots=2, limit=3, seed=5)
    assert len(again.asked) == 3, "another seed draws other examples"


def test_options_change_the_task_and_are_recorded(tmp_path):
    model = Calculator()
    run = mmbench.evaluate(
        model, Addition(), out=tmp_path, limit=2, options={"max_tokens": "3", "addition.top": "7"}
    )
    assert model.asked[0].max_tokens == 3
    assert run.manifest.tasks[0].options["max_tokens"] == 3
    assert "top=7" in run.manifest.tasks[0].dataset.source


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_tokenz": "3"}, "Did you mean 'max_tokens'"),
        ({"max_tokens": "many"}, "max_tokens=many"),
    ],
)
def test_wrong_options_are_explained(tmp_path, options, message):
    with pytest.raises(UsageError, match=message):
        mmbench.evaluate(Calculator(), Addition(), out=tmp_path, options=options)


@pytest.mark.parametrize("settings", [{"limit": 0}, {"shots": -1}, {"batch_size": 0}])
def test_senseless_numbers_are_refused_before_anything_runs(tmp_path, settings):
    with pytest.raises(UsageError):
        mmbench.evaluate(Calculator(), Addition(), out=tmp_path, **settings)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_dataset_fails_the_task(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("")
    run = mmbench.evaluate(Calculator(), with_file(path), out=tmp_path)
    assert run.manifest.status == "failed"
    assert "empty" in run.manifest.tasks[0].reason


def test_out_that_cannot_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StoreError, match="file"):
        mmbench.evaluate(Calculator(), Addition(), out=blocked)


def test_sampling_seed_reaches_the_request(tmp_path):
    model = Calculator()
    mmbench.evaluate(model, Addition(temperature=0.7), out=tmp_path, seed=11, limit=2)
    assert {request.seed for request in model.asked} == {11}


def test_wrong_number_of_answers_fails_loudly(tmp_path):
    class Short(Calculator):
        def run(self, requests):
            return super().run(requests)[:-1]

    run = mmbench.evaluate(Short(), Addition(), out=tmp_path)
    assert "7 answers to 8 requests" in run.manifest.tasks[0].reason


def test_events_tell_progress_and_running_score(tmp_path):
    events: list[Any] = []
    mmbench.evaluate(Calculator(), Addition(), out=tmp_path, on_event=events.append)
    counts = [event for event in events if isinstance(event, Progress)]
    assert counts[-1].samples == 40
    assert counts[-1].score == pytest.approx(0.9)
    assert events[-1] == TaskEnded("addition:sums", "done", "", 0, "")


def test_two_metrics_of_one_name_are_refused(tmp_path):
    @dataclass(frozen=True)
    class Twins(Addition):
        metrics: ClassVar = (Exact(), Exact())

    run = mmbench.evaluate(Calculator(), Twins(), out=tmp_path)
    assert "two metrics are called exact" in run.manifest.tasks[0].reason


def test_memory_window_spans_do_not_change_results(tmp_path, monkeypatch):
    path = write_sums(tmp_path / "a.jsonl", 300)
    whole = mmbench.evaluate(Calculator(), with_file(path), out=tmp_path / "a")
    monkeypatch.setattr("mmbench.engine.runner.WINDOW", 64)
    parts = mmbench.evaluate(Calculator(), with_file(path), out=tmp_path / "b")
    assert (whole.path / "results.json").read_bytes() == (parts.path / "results.json").read_bytes()


def test_a_missing_file_is_named(tmp_path):
    class Gone(Addition):
        datasets: ClassVar = {"gone": Dataset(Files(str(tmp_path / "gone.jsonl")))}

    run = mmbench.evaluate(Calculator(), Gone(), out=tmp_path)
    assert "gone.jsonl" in run.manifest.tasks[0].reason


def test_a_missing_generator_is_named(tmp_path):
    class Gone(Addition):
        datasets: ClassVar = {"gone": Dataset(Embedded("toys:nothing", version="1"))}

    with pytest.raises(DataError, match="toys:nothing"):
        mmbench.evaluate(Calculator(), Gone(), out=tmp_path)


def test_an_interval_is_never_empty_at_the_ends(tmp_path):
    class Wrong(Calculator):
        def answer(self, request):
            return Response(text="no")

    for clustered in (False, True):
        task = Addition(clustered=clustered)
        overall = mmbench.evaluate(Wrong(), task, out=tmp_path, cache="off").entries[0]
        assert (overall.value, overall.interval.low) == (0.0, 0.0)
        assert overall.interval.high > 0.05


def test_too_few_independent_groups_give_no_bootstrap_interval(tmp_path):
    @dataclass(frozen=True)
    class Score(Exact):
        def statistics(self, prediction, sample):
            return super().statistics(prediction, sample) * [0.5, 1.0]

    @dataclass(frozen=True)
    class Graded(Addition):
        metrics: ClassVar = (Score(),)

    run = mmbench.evaluate(Calculator(), Graded(clustered=True), out=tmp_path, limit=12)
    assert (run.entries[0].clusters, run.entries[0].interval) == (3, None)
