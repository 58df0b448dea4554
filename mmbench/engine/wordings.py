"""How much a score owes to the wording of the prompt: the same rows in the task's other wordings."""

import dataclasses
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from mmbench.engine.evaluate import Evaluation
from mmbench.engine.events import Event, Listener, Notice, Progress, RunStarted, TaskEnded, TaskStarted
from mmbench.engine.options import option_kinds
from mmbench.engine.select import Selection
from mmbench.errors import UsageError
from mmbench.store.records import Result, Spread

FOLDER = "wordings"
"""Where a run folder keeps the runs in other wordings, each a run folder of its own."""

_OPTION = "variant"


def refuse_few(selections: Sequence[Selection], wanted: int) -> None:
    """Check that every prompt has as many other wordings as are wanted.

    A task has them if it has an option ``variant``, which chooses one, and tells their number as ``paraphrases``.

    Raises:
        UsageError: one has fewer, or a wording was chosen already.
    """
    for chosen in selections:
        known = getattr(chosen.task, "paraphrases", 0) if _OPTION in option_kinds(chosen.task) else 0
        if known < wanted:
            few = f"only {known} other wordings" if known else "no other wording"
            advice = f"Ask for at most {known}, or choose another task." if known else "Choose another task."
            raise UsageError(
                f"{chosen.label}: its prompt has {few}, --prompt-variants asks for {wanted}. {advice}"
            )
        if getattr(chosen.task, _OPTION) != 0:
            raise UsageError(f"{chosen.label}: --prompt-variants asks in all wordings; leave --set variant out.")


class Reworded(Evaluation):
    """A run, and after it one more in each other wording; all share the model and the response store."""

    def spreads(self) -> list[Spread]:
        """Ask in the other wordings and return how each value spreads over all of them."""
        runs = [self.results] + [self._ask(number) for number in range(1, self.setup.prompt_variants + 1)]
        values = [{_key(result): result.value for result in results} for results in runs]
        return [_spread(result, values) for result in self.results if not result.slice]

    def _ask(self, number: int) -> list[Result]:
        done = [task.status == "done" for task in self.manifest.tasks]
        chosen = [_in(number, one) for one, is_done in zip(self.selections, done, strict=True) if is_done]
        setup = dataclasses.replace(self.setup, out=self.folder.path / FOLDER, prompt_variants=0)
        tell = _Relabel(self.listener, number)
        return (
            Evaluation(self.model, self.manifest.model.spec, chosen, self.extra, setup, self.store, tell)
            .run()
            .entries
        )


class _Relabel:
    """Passes events of a run in another wording on, under names that tell which."""

    def __init__(self, listener: Listener, number: int) -> None:
        self._listener, self._number = listener, number

    def __call__(self, event: Event) -> None:
        match event:
            case TaskStarted() | Progress() | TaskEnded():
                self._listener(dataclasses.replace(event, task=f"{event.task} ({self._number})"))
            case Notice():
                self._listener(event)
            case RunStarted():
                pass


def _in(number: int, chosen: Selection) -> Selection:
    task: Any = chosen.task
    return dataclasses.replace(chosen, task=dataclasses.replace(task, **{_OPTION: number}))


def _key(result: Result) -> tuple[str, str, str, str]:
    return result.task, result.dataset, result.metric, result.slice


def _spread(result: Result, runs: Sequence[Mapping[tuple[str, str, str, str], float | None]]) -> Spread:
    values = [run.get(_key(result)) for run in runs]
    known = [value for value in values if value is not None]
    return Spread(
        task=result.task,
        dataset=result.dataset,
        metric=result.metric,
        values=values,
        mean=statistics.fmean(known) if known else None,
        sd=statistics.stdev(known) if len(known) > 1 else None,
        min=min(known, default=None),
        max=max(known, default=None),
    )
