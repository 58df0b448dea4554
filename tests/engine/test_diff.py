"""Twenty planted changes of one cause each: the cause is named, alone, and its points are the whole difference."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from toys import Addition, Calculator, Exact

import mmbench
from mmbench.dataset import Dataset, Embedded
from mmbench.engine.diff import diff
from mmbench.engine.evaluate import Settings, run_selections
from mmbench.engine.select import Selection
from mmbench.errors import StoreError
from mmbench.schema import Prediction, Response, user
from mmbench.store.baseline import save_baseline


@dataclass(frozen=True)
class Sums(Addition):
    """The toy task with an option that reads answers otherwise."""

    strict: bool = True
    metrics: ClassVar = (Exact(signature="exact|extractor:plain|version:1"),)

    def parse(self, responses, sample):
        text = responses[0].text
        return Prediction(text=text if self.strict else text.lstrip("0123456789"))


class Model(Calculator):
    """Adds if the prompt ends as it knows it; ``off`` shifts answers of every n-th first addend."""

    def __init__(self, fingerprint="model", off=0):
        super().__init__(fingerprint)
        self.off = off

    def answer(self, request):
        text = request.messages[-1].text
        a, b = (int(part) for part in text.split("=")[0].split("+"))
        wrong = a % 10 == 0 or (self.off and a % self.off == 0) or not text.endswith("=")
        wrong = wrong or len(request.messages) > 1 or request.temperature > 0 or request.seed > 0
        return Response(text=str(a + b + int(wrong))[: request.max_tokens], tokens=(1,))


def _rows(change):
    def make(split: str, *, seed: int = 0):
        for i in range(60):
            row = {"id": f"s{i}", "question": f"{(i * 37 + 3 + seed) % 1001}+{i}"}
            row["answer"] = str(sum(int(x) for x in row["question"].split("+")))
            yield change(i, row)

    return make


PLAIN, TARGETS, QUESTIONS = (
    _rows(lambda i, row: row),
    _rows(lambda i, row: row | ({"answer": "7"} if i % 4 == 0 else {})),
    _rows(lambda i, row: row | ({"question": f"{i}0+1"} if i % 3 == 0 else {})),
)


def _task(**changes):
    """Return a class of the toy task with other class attributes."""
    return type("Changed", (Sums,), changes)


def _lenient(self, responses, sample):
    return Prediction(text=str(len(responses[0].text)))


def _shifted(self, row):
    sample = Sums.sample(self, row)
    return dataclasses.replace(sample, messages=(user("Well, "[:0] + sample.messages[0].text + " "),))


@dataclass(frozen=True)
class Half(Exact):
    """Another version of the metric: even targets count double."""

    signature: str = "exact|extractor:plain|version:2"

    def statistics(self, prediction, sample):
        weight = 2.0 - int(sample.target) % 2
        return np.array([weight * (prediction.text == sample.target), weight])


@dataclass(frozen=True)
class Folded(Exact):
    """Another extractor in the metric."""

    signature: str = "exact|extractor:last-digit|version:1"

    def statistics(self, prediction, sample):
        return np.array([float(prediction.text[-1:] == sample.target[-1:]), 1.0])


@dataclass(frozen=True)
class Case:
    """What one of the runs has otherwise."""

    cause: str
    rows: object = PLAIN
    limit: int | None = None
    options: tuple = ()
    task: type = Sums
    model: object = None
    settings: tuple = ()
    shots: int = 0
    data: tuple = ()


CASES = {
    "fewer rows": Case("items", limit=20),
    "one row less": Case("items", limit=59),
    "unanswered": Case("items", model="silent"),
    "targets": Case("dataset", rows=TARGETS),
    "questions": Case("dataset", rows=QUESTIONS),
    "generator seed": Case("dataset", data=(("seed", "5"),)),
    "template": Case("prompt", options=(("prompt", "{question}=?"),)),
    "one space": Case("prompt", options=(("prompt", "{question}= "),)),
    "few-shot": Case("prompt", shots=2),
    "prompt code": Case("prompt", task=_task(version="2", sample=_shifted)),
    "max tokens": Case("decoding", options=(("max_tokens", 2),)),
    "temperature": Case("decoding", options=(("temperature", 1.0),)),
    "parse option": Case("extraction", options=(("strict", False),)),
    "parse code": Case("extraction", task=_task(version="2", parse=_lenient)),
    "metric's extractor": Case("extraction", task=_task(metrics=(Folded(),))),
    "metric version": Case("metric", task=_task(metrics=(Half(),))),
    "weights": Case("model", model=Model("other", off=4)),
    "better weights": Case("model", model=Model("another", off=3)),
    "dtype": Case(
        "numerics", model=Model("model|bf16", off=7), settings=(("model_options", {"dtype": "bfloat16"}),)
    ),
    "batch size": Case("numerics", model=Model(off=6), settings=(("batch_size", 2),)),
}


class Silent(Model):
    def answer(self, request):
        return Response(error="lost") if "9" in request.messages[-1].text else super().answer(request)


def _run(case, where, monkeypatch):
    task = case.task(**dict(case.options))
    monkeypatch.setattr("test_diff_rows.rows", case.rows, raising=False)
    source = Embedded("test_diff_rows:rows", version="1", rows=60)
    dataset = Dataset(source)
    chosen = Selection(task, "sums", dataset, dict(case.data))
    model = {"silent": Silent()}.get(case.model, case.model) if isinstance(case.model, str) else case.model
    setup = Settings(limit=case.limit, shots=case.shots, out=where, cache="off", **dict(case.settings))
    return run_selections(model or Model(), [chosen], [], setup)


@pytest.fixture(autouse=True)
def _rows_module(monkeypatch):
    import sys
    import types

    monkeypatch.setitem(sys.modules, "test_diff_rows", types.ModuleType("test_diff_rows"))


def _installed(monkeypatch, task):
    monkeypatch.setattr("mmbench.engine.rescore.load_task", lambda name: task())


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("code", ["of B", "of A"])
def test_a_single_cause_is_named_and_explains_the_whole_difference(name, code, tmp_path, monkeypatch):
    case = CASES[name]
    a = _run(Case(""), tmp_path / "a", monkeypatch)
    b = _run(case, tmp_path / "b", monkeypatch)
    _installed(monkeypatch, case.task if code == "of B" else Sums)
    found = diff(a, b).tasks[0]
    assert [cause.value for cause in found.causes] == [case.cause]
    metric = found.metrics[0]
    assert metric.note == ""
    assert {cause.value for step in metric.steps for cause in step.causes} <= {case.cause}
    assert sum(step.points for step in metric.steps) == pytest.approx(metric.b - metric.a, abs=1e-9)
    assert (metric.b != metric.a) == bool(metric.steps)


def test_equal_runs_have_no_cause(tmp_path, monkeypatch):
    a, b = (_run(Case(""), tmp_path / name, monkeypatch) for name in "ab")
    _installed(monkeypatch, Sums)
    found = diff(a, b).tasks[0]
    assert found.causes == {}
    assert found.metrics[0].steps == []


def test_several_causes_share_out_the_points(tmp_path, monkeypatch):
    both = Case("", options=(("prompt", "{question}=?"),), limit=30, task=_task(metrics=(Half(),)))
    a, b = _run(Case(""), tmp_path / "a", monkeypatch), _run(both, tmp_path / "b", monkeypatch)
    _installed(monkeypatch, both.task)
    found = diff(a, b).tasks[0]
    assert {cause.value for cause in found.causes} == {"items", "prompt", "metric"}
    metric = found.metrics[0]
    assert sum(step.points for step in metric.steps) == pytest.approx(metric.b - metric.a)
    by_cause = {step.causes[0].value: step.points for step in metric.steps}
    assert by_cause["prompt"] < -0.5


def test_where_no_version_is_installed_the_steps_are_one(tmp_path, monkeypatch):
    other = Case("", task=_task(metrics=(Half(),)), model=Model("other", off=2))
    a, b = _run(Case(""), tmp_path / "a", monkeypatch), _run(other, tmp_path / "b", monkeypatch)
    third = type("Third", (Sums,), {"metrics": (Exact(signature="exact|extractor:plain|version:3"),)})
    _installed(monkeypatch, third)
    metric = diff(a, b).tasks[0].metrics[0]
    assert "neither run's version" in metric.note
    assert [cause.value for cause in metric.steps[0].causes] == ["metric", "model"]


def test_bad_input(tmp_path, monkeypatch):
    a = _run(Case(""), tmp_path / "a", monkeypatch)
    _installed(monkeypatch, Sums)
    kept = save_baseline(a, tmp_path / "a.mmbench.parquet")
    with pytest.raises(StoreError, match="keeps no answers"):
        diff(a, kept)
    other = mmbench.evaluate(Calculator(), Addition(), out=tmp_path / "o")
    renamed = a.manifest.tasks[0].dataset
    renamed.name = "elsewhere"
    with pytest.raises(StoreError, match="no finished task in common"):
        diff(a, other)
