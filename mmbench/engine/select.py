"""From what the user typed to tasks with a dataset and options.

``vqa``, ``vqa:vqav2``, ``vqa:*``, ``core``, ``*:standard``, ``mine.yaml``, ``vqa:mine.csv``, ``mine.csv``.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmbench import plugins
from mmbench.data import dataset_from_file
from mmbench.data.embedded import generator_options
from mmbench.data.local import ENDINGS, columns_of, fitting
from mmbench.dataset import Column, Dataset, Embedded
from mmbench.engine.options import convert, load_metric, option_kinds
from mmbench.errors import UsageError, did_you_mean
from mmbench.task import Task

SUITES: dict[str, tuple[str, ...]] = {
    "core": ("vqa", "caption", "translation", "summarization", "sentiment", "qa"),
}
"""Names for several tasks at once."""


@dataclass(frozen=True)
class Selection:
    """A task, its options set, with one of its datasets.

    ``data_options`` go to the dataset's generator. ``metric_names`` are those from which a user's file made
    ``dataset.metrics``.
    """

    task: Task
    name: str
    dataset: Dataset
    data_options: Mapping[str, str]
    metric_names: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """``task:dataset``."""
        return f"{self.task.name}:{self.name}"


def select(tasks: Sequence[str | Task], options: Mapping[str, str]) -> list[Selection]:
    """Resolve task strings; each element may itself be a comma-separated list.

    Raises:
        UsageError: a task, dataset or option of that name does not exist.
    """
    wanted: list[str | Task] = []
    for item in tasks:
        wanted += [part.strip() for part in item.split(",") if part.strip()] if isinstance(item, str) else [item]
    if not wanted:
        raise UsageError("no tasks named. Try --tasks core, or `mmbench list tasks`.")
    chosen: dict[str, Selection] = {}
    used: set[str] = set()
    for item in wanted:
        for found in _expand(item):
            selection = _configure(found, options, used)
            chosen.setdefault(selection.label, selection)
    _refuse_unused(options, used, list(chosen.values()))
    return list(chosen.values())


def _expand(item: str | Task) -> list[Selection]:
    """Return what an item names, options not yet set."""
    if not isinstance(item, str):
        name, dataset = next(iter(item.datasets.items()))
        return [Selection(item, name, dataset, {})]
    if item in SUITES:
        return [found for part in SUITES[item] for found in _expand(part)]
    ending = Path(item).suffix.lower()
    if ending in (".yaml", ".yml"):
        return [_from_yaml(item)]
    name, _, wanted = item.partition(":")
    if name == "*":
        every = [load_task(task) for task in plugins.names("tasks")]
        pairs = [Selection(task, key, data, {}) for task in every for key, data in task.datasets.items()]
        return [found for found in pairs if _matches(wanted, found.dataset)]
    if ending in ENDINGS and name not in plugins.names("tasks"):
        return [_from_file(load_task(_task_of(item)), item)]
    task = load_task(name)
    named = Path(wanted).suffix.lower() in ENDINGS or Path(wanted).is_file()
    if named and wanted not in task.datasets:
        return [_from_file(task, wanted)]
    return [Selection(task, key, data, {}) for key, data in _datasets(task, wanted)]


def _from_yaml(path: str) -> Selection:
    from mmbench.data.user import read_user_dataset  # pydantic is only needed here

    found = read_user_dataset(path)
    metrics = []
    for number, name in enumerate(found.metrics):
        try:
            metrics.append(load_metric(name))
        except UsageError as error:
            raise found.error(("metrics", number), str(error)) from error
    dataset = dataclasses.replace(found.dataset, metrics=tuple(metrics))
    return Selection(load_task(found.task), found.name, dataset, {}, found.metrics)


def _from_file(task: Task, path: str) -> Selection:
    return Selection(task, Path(path).stem, dataset_from_file(path, _known_columns(task)), {})


def _known_columns(task: Any) -> Mapping[str, Column]:
    known: Mapping[str, Column] = getattr(task, "known_columns", {})
    return known


def _task_of(path: str) -> str:
    """Tell from a file's columns which task it is for: the one that needs most of them.

    Raises:
        UsageError: none or several fit equally well.
        DataError: the file cannot be read.
    """
    there = columns_of(path)
    fits = {name: fitting(_known_columns(found), there) for name, found in plugins.working("tasks")}
    best = [name for name, count in fits.items() if count == max(fits.values()) and count > 1]
    if len(best) == 1:
        return best[0]
    which = f"it may be for {' or '.join(best)}" if best else "its columns fit none"
    raise UsageError(
        f"cannot tell which task '{path}' is for: {which}. It has: {', '.join(there)}. "
        f"Name the task, as in --tasks vqa:{path}, or write a YAML file that does."
    )


def load_task(name: str) -> Task:
    """Make a task with its default options.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in plugins.names("tasks"):
        raise UsageError(f"unknown task '{name}'.{_hint(name)}")
    task: Task = plugins.load("tasks", name)()
    return task


def _hint(name: str) -> str:
    """Guess what was meant by something that is no task; it may be the name of a dataset."""
    working = [(task, found()) for task, found in plugins.working("tasks") if isinstance(found, type)]
    labels = [f"{task}:{key}" for task, made in working for key in made.datasets if key == name]
    if labels:
        return f" Did you mean '{labels[0]}'?"
    return did_you_mean(name, [*plugins.names("tasks"), *SUITES])


def _matches(wanted: str, dataset: Dataset) -> bool:
    if wanted not in ("embedded", "*", "standard"):
        raise UsageError(f"'*:{wanted}' is unknown; use '*:embedded', '*:standard' or '*:*'.")
    return wanted == "*" or isinstance(dataset.source, Embedded) == (wanted == "embedded")


def _datasets(task: Task, wanted: str) -> list[tuple[str, Dataset]]:
    if not wanted:
        return [next(iter(task.datasets.items()))]
    if wanted == "*":
        return list(task.datasets.items())
    if wanted in task.datasets:
        return [(wanted, task.datasets[wanted])]
    raise UsageError(f"task '{task.name}' has no dataset '{wanted}'.{did_you_mean(wanted, task.datasets)}")


def _configure(found: Selection, options: Mapping[str, str], used: set[str]) -> Selection:
    task, dataset = found.task, found.dataset
    kinds = option_kinds(task)
    parameters = _generator_options(found.name, dataset)
    changes: dict[str, Any] = {key: value for key, value in dataset.defaults.items() if key in kinds}
    data_options: dict[str, str] = {}
    for key, value in options.items():
        scope, _, option = key.rpartition(".")
        if scope not in ("", task.name):
            continue
        if option in kinds:
            changes[option] = convert(f"--set {option}", value, kinds[option])
        elif option in parameters:
            data_options[option] = value
        else:
            continue
        used.add(key)
    configured = dataclasses.replace(task, **changes) if changes else task  # type: ignore[type-var]
    return dataclasses.replace(found, task=configured, data_options=data_options)


def _generator_options(name: str, dataset: Dataset) -> set[str]:
    return generator_options(dataset.source, name) if isinstance(dataset.source, Embedded) else set()


def _refuse_unused(options: Mapping[str, str], used: set[str], selections: Sequence[Selection]) -> None:
    for key in options:
        if key not in used:
            known = {option for chosen in selections for option in option_kinds(chosen.task)}
            known |= {
                option for chosen in selections for option in _generator_options(chosen.label, chosen.dataset)
            }
            option = key.rpartition(".")[2]
            raise UsageError(f"no selected task has an option '{key}'.{did_you_mean(option, known)}")
