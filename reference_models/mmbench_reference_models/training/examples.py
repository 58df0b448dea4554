"""Examples to learn from: the tasks' own prompts over rows that no evaluation sees.

A row becomes a sample and the sample a request by the task itself, so that the model learns on exactly the prompts
that it will be asked. An example is a pure function of (source, seed, number), in any order and in any process.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from importlib import import_module
from inspect import signature
from itertools import islice
from typing import Any, Literal

import numpy as np

from mmbench import plugins
from mmbench.dataset import Dataset, Embedded
from mmbench.errors import DataError, UsageError, did_you_mean
from mmbench.model import Capabilities
from mmbench.schema import Choice, Message, Perplexity
from mmbench.task import Task
from mmbench_reference_models.training.recipe import Source
from mmbench_reference_models.training.thoughts import thought_of

_TAIL = 10
Split = Literal["train", "validation"]


@dataclass(frozen=True)
class Example:
    """What a model learns from: a conversation and the reply to it; a text without messages is learnt whole.

    ``options`` are the replies to choose from, if they are a closed set; ``thought`` is what of the reply comes
    before the answer.
    """

    id: str
    task: str
    messages: tuple[Message, ...]
    reply: str
    options: tuple[str, ...] = ()
    thought: str = ""


class Stream:
    """The examples of one source, by number, without end."""

    def __init__(self, source: Source, seed: int, split: Split = "train") -> None:
        """Open a source; ``split`` "validation" gives examples that training never sees.

        Raises:
            UsageError: there is no such task, dataset or option, or it would learn from the test split.
        """
        self.source, self._seed, self._validating = source, seed, split == "validation"
        if source.split == "test":
            raise UsageError(f"source '{source.task}': nothing is learnt from the split 'test'.")
        self._task, self.dataset = configured(source)
        self.name = source.task

    def read(self, start: int, count: int) -> list[Example]:
        """Return ``count`` examples from number ``start`` on.

        Raises:
            DataError: the dataset cannot be read, or the task cannot use a row.
        """
        if isinstance(self.dataset.source, Embedded):
            rows = self._generated(self.dataset.source, start, count)
        else:
            rows = (self._shuffled(number) for number in range(start, start + count))
        return [self._example(row) for row in rows]

    def _generated(self, source: Embedded, start: int, count: int) -> Iterator[dict[str, Any]]:
        generate = _generator(source)
        taken = {key: value for key, value in self.source.set.items() if key not in _fields(self._task)}
        options = dict(source.parameters) | taken | self._shared_options(generate)
        split = "validation" if self._validating else self.source.split
        rows = generate(split, start=start, seed=self._seed, **options)
        convert = self.dataset.convert or (lambda row: row)
        return (convert(dict(row)) for row in islice(rows, count))

    def _shared_options(self, generate: Any) -> dict[str, Any]:
        """Options of the task that its generator takes too, such as the languages of a translation."""
        values = {name: getattr(self._task, name) for name in _fields(self._task) & _options(generate)}
        return {name: value for name, value in values.items() if value not in ("", None)}

    def _shuffled(self, number: int) -> dict[str, Any]:
        """Return row ``number`` of an endless series of epochs, each in an order of its own."""
        rows = self._rows
        epoch, place = divmod(number, len(rows))
        if epoch not in self._orders:
            self._orders.clear()  # examples are read roughly in order
            self._orders[epoch] = np.random.default_rng([self._seed, epoch]).permutation(len(rows))
        return dict(rows[int(self._orders[epoch][place])])

    @cached_property
    def _orders(self) -> dict[int, Any]:
        return {}

    @cached_property
    def _rows(self) -> Sequence[dict[str, Any]]:
        """All rows of a dataset that has an end; held in memory."""
        from mmbench.data import open_dataset

        options = {name: getattr(self._task, name) for name in _fields(self._task)}
        options |= dict(self.source.set) | {"split": self.source.split}
        every = list(open_dataset(self.dataset, name=self.source.task, options=options))
        part = "tail" if self._validating else self.source.part
        kept = [row for number, row in enumerate(every) if _in_part(number, part)]
        if not kept:
            raise DataError(f"source '{self.source.task}' has no rows to learn from.")
        return kept

    def _example(self, row: dict[str, Any]) -> Example:
        sample = self._task.sample(row)
        (request, *_) = self._task.requests(sample, Capabilities())
        if isinstance(request, Perplexity):
            return Example(sample.id, self._task.name, (), request.text)
        options = request.options if isinstance(request, Choice) else ()
        thought = thought_of(self._task.name, self.source.think, row) if self.source.think else ""
        reply = f"{thought} {sample.answer}" if thought else sample.answer
        return Example(sample.id, self._task.name, request.messages, reply, options, thought)


def _in_part(number: int, part: str) -> bool:
    return part == "all" or (part == "tail") == (number % _TAIL == _TAIL - 1)


def _fields(task: Task) -> set[str]:
    """Return a task's options."""
    return {entry.name for entry in fields(task)} if is_dataclass(task) else set()


def _generator(source: Embedded) -> Any:
    package, _, function = source.generator.partition(":")
    return getattr(import_module(package), function)


def _options(generate: Any) -> set[str]:
    return set(signature(generate).parameters) - {"split", "start", "seed"}


def _generator_options(dataset: Dataset) -> set[str]:
    return _options(_generator(dataset.source)) if isinstance(dataset.source, Embedded) else set()


def configured(source: Source) -> tuple[Task, Dataset]:
    """Return a source's task, its options set, and the dataset.

    Raises:
        UsageError: there is no such task, dataset or option.
    """
    name, _, wanted = source.task.partition(":")
    task: Any = plugins.load("tasks", name)()
    key = wanted or next(iter(task.datasets))
    if key not in task.datasets:
        raise UsageError(f"task '{name}' has no dataset '{key}'.{did_you_mean(key, task.datasets)}")
    dataset = task.datasets[key]
    own = {option: value for option, value in source.set.items() if option in _fields(task)}
    known = _fields(task) | _generator_options(dataset)
    if foreign := set(source.set) - known:
        raise UsageError(
            f"source '{source.task}': unknown option '{min(foreign)}'.{did_you_mean(min(foreign), known)}"
        )
    return replace(task, **{**dataset.defaults, **own}), dataset
