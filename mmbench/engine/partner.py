"""A second model that answers the same rows in the same order, step by step with the first.

It is an ordinary evaluation in a thread of its own, with its own run folder and store; the two take turns, so that
never more than one of them works.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any

from mmbench.data import Rows
from mmbench.engine.evaluate import Evaluation, Settings, run_selections
from mmbench.engine.events import Event, Listener, RunStarted, ignore
from mmbench.engine.plan import Plan
from mmbench.engine.runner import TaskRunner
from mmbench.engine.select import Selection
from mmbench.errors import MMBenchError, ModelError
from mmbench.metric import Metric
from mmbench.model import Baseline, Model
from mmbench.store.records import TaskRecord
from mmbench.store.run import Run


@dataclass(frozen=True, slots=True)
class _Step:
    """Rows to answer of one task."""

    label: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class _Ended:
    """The task is over for the partner, and why."""

    label: str
    reason: str


@dataclass
class _Channel:
    """What the two say to each other.

    ``waiting`` is a step of a task that the partner has not come to yet; ``past`` names tasks that it has left.
    """

    steps: "SimpleQueue[_Step | None]" = field(default_factory=SimpleQueue)
    replies: "SimpleQueue[Any]" = field(default_factory=SimpleQueue)
    waiting: _Step | None = None
    past: set[str] = field(default_factory=set)
    over: bool = False

    def next(self, label: str) -> _Step | None:
        """Return the next step of a task; None if there is no more."""
        while not self.over and (self.waiting is None or self.waiting.label in self.past):
            self.waiting = self.steps.get()
            self.over = self.waiting is None
        if self.waiting is None or self.waiting.label != label:
            return None
        step, self.waiting = self.waiting, None
        return step


class Partner:
    """Runs a model over tasks, only on the rows that it is given.

    Args:
        model: a model string or a model object.
        selections: tasks with their datasets and options.
        extra: metrics beside the tasks' own.
        setup: everything else; another run than the first model's.
        remembering: makes the evaluation's scorer from a plan and a seed; its ``seen`` is what a step returns.
        on_event: is told how the run goes on.

    Raises:
        MMBenchError: the model cannot be loaded.
    """

    def __init__(
        self,
        model: str | Model | Baseline,
        selections: Sequence[Selection],
        extra: Sequence[Metric],
        setup: Settings,
        remembering: Callable[..., Any],
        on_event: Listener = ignore,
    ) -> None:
        self._channel = _Channel()
        self._listener, self._started = on_event, False
        self._outcome: Run | BaseException | None = None
        job = partial(_Following, self._channel, remembering)
        self._run = partial(run_selections, model, selections, extra, setup, self._on_event, job=job)
        self._thread = Thread(target=self._work, name="mmbench-baseline", daemon=True)
        self._thread.start()
        self._reply()

    def answer(self, label: str, rows: Rows) -> Any:
        """Let the partner answer rows of a task; return all that it has seen of the task so far.

        Raises:
            ModelError: it could not.
        """
        self._channel.steps.put(_Step(label, rows))
        reply = self._reply()
        while isinstance(reply, _Ended) and reply.label != label:  # tasks that the first model left early
            reply = self._reply()
        if isinstance(reply, _Ended):
            raise ModelError(f"the baseline did not answer {label}: {reply.reason}")
        return reply

    def finish(self) -> Run:
        """End the run and return it.

        Raises:
            MMBenchError: it failed.
        """
        self._channel.steps.put(None)
        self._thread.join()
        assert self._outcome is not None
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome

    def _reply(self) -> Any:
        reply = self._channel.replies.get()
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def _work(self) -> None:
        try:
            self._outcome = self._run()
        except BaseException as error:  # raised again where the other thread waits
            self._outcome = error
            self._channel.replies.put(error)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, RunStarted) and not self._started:
            self._started = True
            self._channel.replies.put(event)
        self._listener(event)


class _Following(Evaluation):
    """An evaluation that waits to be told which rows to answer."""

    def __init__(self, channel: _Channel, remembering: Callable[..., Any], *arguments: Any) -> None:
        super().__init__(*arguments)
        self.channel, self.remembering = channel, remembering

    def scorer(self, plan: Plan) -> Any:
        return self.remembering(plan.metrics, self.setup.seed)

    def answer(self, plan: Plan, runner: TaskRunner) -> None:
        while step := self.channel.next(plan.selection.label):
            runner.run(step.rows, self.folder)
            plan.rows.fingerprint = step.rows.fingerprint
            self.channel.replies.put(list(runner.scorer.seen))  # type: ignore[attr-defined]

    def _run_task(self, chosen: Selection, record: TaskRecord) -> None:
        try:
            super()._run_task(chosen, record)
        except MMBenchError as error:
            record.reason = str(error)
            raise
        finally:
            self.channel.past.add(chosen.label)
            self.channel.replies.put(_Ended(chosen.label, record.reason or "it answered all that it was asked"))
