"""What every task must keep: options, catalogue, samples, requests, parsing."""

import dataclasses
from itertools import islice
from typing import Any

import pytest

from mmbench import plugins
from mmbench.data import open_dataset, open_shots, samples
from mmbench.dataset import Dataset, Embedded, Hub
from mmbench.model import EVERY_KIND, Capabilities
from mmbench.schema import Choice, Generate, Perplexity, Response, Sample

OURS = ("caption", "lm", "qa", "sentiment", "speech", "summarization", "translation", "vqa")
ENTRIES = [(name, dataset) for name in OURS for dataset in plugins.load("tasks", name)().datasets]
ON_THE_HUB = [
    (name, dataset)
    for name, dataset in ENTRIES
    if isinstance(plugins.load("tasks", name)().datasets[dataset].source, Hub)
]
EMBEDDED = [(name, next(iter(plugins.load("tasks", name)().datasets))) for name in OURS]


def configured(name: str, dataset: str) -> tuple[Any, Dataset]:
    cls = plugins.load("tasks", name)
    entry = cls().datasets[dataset]
    return cls(**entry.defaults), entry


def first_samples(name: str, dataset: str, count: int = 24) -> tuple[Any, list[Sample]]:
    task, entry = configured(name, dataset)
    rows = open_dataset(entry, name=f"{name}:{dataset}", limit=count, options=dataclasses.asdict(task))
    return task, list(samples(task, rows))


@pytest.mark.parametrize("name", OURS)
def test_a_task_is_a_frozen_dataclass_whose_bare_name_means_embedded_data(name: str) -> None:
    cls = plugins.load("tasks", name)
    task = cls()
    assert task.name == name
    assert task.version
    assert task.metrics
    assert dataclasses.is_dataclass(cls)
    with pytest.raises(dataclasses.FrozenInstanceError):
        task.split = "train"
    assert isinstance(next(iter(task.datasets.values())).source, Embedded)


@pytest.mark.parametrize(("name", "dataset"), ENTRIES)
def test_a_catalogue_entry_is_complete(name: str, dataset: str) -> None:
    task, entry = configured(name, dataset)
    assert entry.license
    names = [metric.name for metric in entry.metrics or task.metrics]
    assert len(names) == len(set(names)) > 0
    if isinstance(entry.source, Hub):
        assert entry.citation or dataset == "asr_samples"
        assert entry.size
        assert entry.source.revision is None or len(entry.source.revision) == 40
        if isinstance(entry.shots, Hub):
            assert entry.shots.split != entry.source.split


@pytest.mark.parametrize(("name", "dataset"), EMBEDDED)
def test_embedded_samples_are_sound(name: str, dataset: str) -> None:
    task, found = first_samples(name, dataset)
    assert len({sample.id for sample in found}) == len(found) == 24
    for sample in found:
        assert sample.answer
        assert isinstance(sample.target, str | list)
        (request,) = task.requests(sample, Capabilities(kinds=frozenset({Generate, Perplexity})))
        assert isinstance(request, Perplexity if name == "lm" else Generate)
        for kinds in (EVERY_KIND, frozenset({Generate, Perplexity})):
            assert task.requests(sample, Capabilities(kinds=kinds)) == task.requests(
                sample, Capabilities(kinds=kinds)
            )


@pytest.mark.parametrize(("name", "dataset"), EMBEDDED)
def test_the_right_answer_has_the_best_score(name: str, dataset: str) -> None:
    if name == "lm":
        pytest.skip("a language model's best score is no answer")
    task, found = first_samples(name, dataset)
    metric = (task.datasets[dataset].metrics or task.metrics)[0]
    if hasattr(metric, "fit"):
        metric = metric.fit(found)
    statistics = [
        metric.statistics(task.parse([Response(text=sample.answer)], sample), sample) for sample in found
    ]
    best = metric.range[1] if metric.higher_is_better else metric.range[0]
    assert float(metric.aggregate(sum(statistics))) == pytest.approx(best, rel=0.01)


@pytest.mark.parametrize(("name", "dataset"), EMBEDDED)
def test_few_shot_rows_are_not_the_tested_ones(name: str, dataset: str) -> None:
    task, tested = first_samples(name, dataset, 8)
    _, entry = configured(name, dataset)
    shots = list(samples(task, open_shots(entry, name=name, limit=8, options=dataclasses.asdict(task))))
    assert not {sample.id for sample in shots} & {sample.id for sample in tested}


def test_choices_are_scored_where_a_model_can() -> None:
    task, (sample, *_) = first_samples("sentiment", "reviews")
    (request,) = task.requests(sample, Capabilities())
    assert request == Choice(sample.messages, ("negative", "neutral", "positive"))
    (request,) = task.requests(sample, Capabilities(kinds=frozenset({Generate})))
    assert request == Generate(sample.messages, max_tokens=8, stop=("\n",))
    (request,) = dataclasses.replace(task, mode="generate").requests(sample, Capabilities())
    assert isinstance(request, Generate)
    (request,) = dataclasses.replace(task, mode="choice").requests(
        sample, Capabilities(kinds=frozenset({Generate}))
    )
    assert isinstance(request, Choice)


def test_log_probabilities_of_options_reach_the_metrics() -> None:
    task, (sample, *_) = first_samples("sentiment", "reviews")
    prediction = task.parse([Response("neutral", logprobs=(-3.0, -1.0, -2.0), tokens=(1, 1, 2))], sample)
    assert (prediction.text, prediction.option_logprobs) == ("neutral", (-3.0, -1.0, -2.0))
    assert prediction.option_tokens == (1, 1, 2)
    written = task.parse([Response("neutral", logprobs=(-1.0,), tokens=(1,))], sample)
    assert (written.text, written.option_logprobs) == ("neutral", ())


@pytest.mark.data
@pytest.mark.parametrize(("name", "dataset"), ON_THE_HUB)
def test_every_set_of_the_mirror_loads(name: str, dataset: str, hub_mirror: Any) -> None:
    task, entry = configured(name, dataset)
    assert isinstance(entry.source, Hub)
    held = any((hub_mirror / path).is_dir() for path in (entry.source.path, *entry.source.copies))
    if not held or dataset == "wikitext103":
        pytest.skip(f"the mirror does not hold {dataset}")
    if dataset == "vqav2":
        task = dataclasses.replace(task, split="train")
    rows = open_dataset(entry, name=f"{name}:{dataset}", options=dataclasses.asdict(task))
    count, ids = 0, set()
    for sample in samples(task, rows):
        count += 1
        ids.add(sample.id)
        assert sample.answer
        assert task.requests(sample, Capabilities())
    assert len(ids) == count
    assert rows.length in (None, count)
    assert rows.fingerprint
    metric = (entry.metrics or task.metrics)[0]
    some = list(islice(samples(task, rows), 20))
    metric = metric.fit(some) if hasattr(metric, "fit") else metric
    if name != "lm":
        assert metric.statistics(task.parse([Response(text=some[0].answer)], some[0]), some[0]).size
