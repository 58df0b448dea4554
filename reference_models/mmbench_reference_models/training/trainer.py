"""The training loop."""

import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from accelerate import Accelerator

from mmbench.errors import UsageError
from mmbench.training import Outcome, Saved, Stepped, TrainingListener, TrainingStarted, Validated
from mmbench_reference_models.training import MODEL, checkpoint, validation
from mmbench_reference_models.training.batches import batches, validation_batches
from mmbench_reference_models.training.checkpoint import State
from mmbench_reference_models.training.interrupt import Interrupt
from mmbench_reference_models.training.log import Log
from mmbench_reference_models.training.objective import Batch, Objective
from mmbench_reference_models.training.optim import build_optimizer, learning_rate
from mmbench_reference_models.training.recipe import Recipe
from mmbench_reference_models.training.thoughts import MOST_TOKENS

Status = Literal["done", "stopped", "interrupted"]
_WARM = 3  # steps at the beginning that the pace leaves out: workers start, kernels are chosen


class Training:
    """One run: a model that learns by a recipe, its checkpoints and its log in a folder."""

    def __init__(self, recipe: Recipe, run: Path, model: Any, processor: Any, on_event: TrainingListener) -> None:
        """Take what :mod:`mmbench_reference_models.training.build` made; accelerate finds devices and processes.

        Raises:
            UsageError: the batches of a step cannot be shared out among the processes.
        """
        self.recipe, self.run, self.processor = recipe, run, processor
        bf16 = recipe.dtype == "bf16" or (recipe.dtype == "auto" and torch.cuda.is_available())
        self.accelerator = Accelerator(mixed_precision="bf16" if bf16 else "no", cpu=not torch.cuda.is_available())
        self.lanes = lanes_of(recipe, self.accelerator.process_index, self.accelerator.num_processes)
        self._model = model.to(self.accelerator.device).train()
        self._optimizer = build_optimizer(self._model, recipe.optim)
        self._learner = torch.compile(self._model, dynamic=True) if recipe.compile else self._model
        self._backbone = model.config.backbone
        if any(source.think for stage in recipe.stages for source in stage.mix):
            model.config.max_thinking_tokens = MOST_TOKENS
        self._objectives = [
            Objective(self._backbone, stage.loss, stage.balance, apart=stage.apart) for stage in recipe.stages
        ]
        self._held: list[Batch] | None = None
        self.state = State(recipe.digest)
        self._tell = on_event if self.accelerator.is_main_process else lambda _: None

    def resume(self, folder: Path, state: State) -> None:
        """Go on from a checkpoint, whose weights the model already has, and what it knows of its run.

        Raises:
            StoreError: it cannot be read.
        """
        self.state = state
        checkpoint.restore(folder, self._optimizer)

    @property
    def parameters(self) -> int:
        """How many weights the model has; shared ones count once."""
        return sum(weight.numel() for weight in self._model.parameters())

    def train(self) -> Outcome:
        """Train to the recipe's end, an early stop, or Ctrl-C; all of them leave a checkpoint.

        Raises:
            StoreError: the disk is full.
        """
        self._tell(
            TrainingStarted(self.recipe.name, self.run, self.state.step, self.recipe.steps, self.parameters)
        )
        log = Log(self.run, self.state.step) if self.accelerator.is_main_process else None
        try:
            with Interrupt() as interrupt:
                status = self._loop(interrupt, log)
            self._save()
        finally:
            if log is not None:
                log.close()
        model = None
        if status != "interrupted":
            model = self.run / MODEL
            if self.accelerator.is_main_process:
                checkpoint.save_model(model, self._model, self.processor)
        return Outcome(status, self.state.step, model, self.run)

    def _loop(self, interrupt: Interrupt, log: Log | None) -> Status:
        recipe, state = self.recipe, self.state
        pace = Pace(state, recipe.steps)
        data = self._data()
        while (fetched := self._next(data, interrupt)) is not None:
            number, lanes = fetched
            stage = recipe.stages[number].name
            line, asked = self._step(lanes, self._objectives[number], float(interrupt.asked))
            rate, left = pace.after_step()
            self._tell(Stepped(state.step, recipe.steps, stage, line["loss"], rate, left))
            if recipe.validation.every and state.step % recipe.validation.every == 0:
                line |= self._validate()
            if log is not None:
                log.write(step=state.step, stage=stage, tokens=state.tokens, seconds=state.seconds, **line)
            if asked or (interrupt.asked and self.accelerator.num_processes == 1):
                return "interrupted"
            if recipe.validation.patience and state.waited >= recipe.validation.patience:
                return "stopped"
            if state.step % recipe.save_every == 0 and state.step < recipe.steps:
                self._save()
        return "interrupted" if interrupt.asked else "done"

    @staticmethod
    def _next(data: Iterator[tuple[int, list[Batch]]], interrupt: Interrupt) -> tuple[int, list[Batch]] | None:
        """Return the next batches; None at the end, or where a signal to all processes took the workers away."""
        try:
            return next(data, None)
        except RuntimeError:
            if interrupt.asked:
                return None
            raise

    def _data(self) -> Iterator[tuple[int, list[Batch]]]:
        """Yield the stage's number and the batches of each step that is left."""
        while self.state.step < self.recipe.steps:
            number, first = self.recipe.stage_of(self.state.step)
            steps = batches(
                self.recipe,
                self.processor,
                number,
                self.state.step - first,
                backbone=self._backbone,
                lanes=self.lanes,
            )
            for lanes in steps:
                yield number, lanes

    def _step(self, lanes: Sequence[Batch], objective: Objective, asked: float) -> tuple[dict[str, Any], bool]:
        """Make one optimizer step; return its line of the log, and whether any process was ``asked`` to stop.

        The gradient is that of the weighted mean over all that the step learns, in all processes.
        """
        state, plan = self.state, self.recipe.optim
        torch.manual_seed(_mixed(self.recipe.seed, state.step, self.accelerator.process_index))
        rate = learning_rate(state.step, self.recipe.steps, plan)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        total = 0.0
        for batch in lanes:
            with self.accelerator.autocast():
                summed = objective(self._learner, self._placed(batch))
            self.accelerator.backward(summed)
            total += float(summed.detach())
        learnt = sum(map(objective.learnt, lanes))
        tokens = float(sum(int(batch["attention_mask"].sum()) for batch in lanes))
        total, learnt, tokens, asked = self._add_up([total, learnt, tokens, asked])
        for weight in self._model.parameters():
            if weight.grad is not None:
                weight.grad /= learnt
        norm = torch.nn.utils.clip_grad_norm_(self._model.parameters(), plan.clip or math.inf)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        state.step += 1
        state.tokens += int(tokens)
        return {"loss": total / learnt, "lr": rate, "gradient": float(norm)}, asked > 0

    def _add_up(self, counts: list[float]) -> list[float]:
        """Add up gradients and counts of all processes in one go; an unused weight's gradient counts as zeros."""
        weights = list(self._model.parameters())
        for weight in weights:
            weight.grad = torch.zeros_like(weight) if weight.grad is None else weight.grad
        if self.accelerator.num_processes == 1:
            return counts
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        last = torch.tensor(counts, dtype=torch.float32, device=self.accelerator.device)
        together = torch.cat([*(gradient.flatten() for gradient in gradients), last])
        torch.distributed.all_reduce(together)
        *sums, last = torch.split(together, [*(gradient.numel() for gradient in gradients), len(counts)])
        for gradient, part in zip(gradients, sums, strict=True):
            gradient.copy_(part.view_as(gradient))
        return [float(value) for value in last]

    def _placed(self, batch: Batch) -> Batch:
        return {name: value.to(self.accelerator.device, non_blocking=True) for name, value in batch.items()}

    def _validate(self) -> dict[str, Any]:
        """Measure the loss on validation examples, and let ``mmbench.evaluate`` score the tasks."""
        plan, state = self.recipe.validation, self.state
        if self._held is None:
            self._held = validation_batches(self.recipe, self.processor, self._backbone)
        self._model.eval()
        loss = validation.mean_loss(
            self._model, self._objectives[-1], [self._placed(batch) for batch in self._held]
        )
        scores: dict[str, float] = {}
        if plan.tasks and self.accelerator.is_main_process:
            scores = validation.scores(self._model, self.processor, plan)
        self._model.train()
        better = loss < state.best
        state.best, state.waited = (loss, 0) if better else (state.best, state.waited + 1)
        self._tell(Validated(state.step, loss, scores))
        return {"validation_loss": loss, "scores": scores}

    def _save(self) -> None:
        if self.accelerator.is_main_process:
            folder = checkpoint.save(
                self.run, self._model, self.processor, self._optimizer, self.state, self.recipe.keep
            )
            self._tell(Saved(self.state.step, folder))
        self.accelerator.wait_for_everyone()


class Pace:
    """Keeps a run's time, and tells how fast it goes."""

    def __init__(self, state: State, steps: int) -> None:
        """Start the clock."""
        self._state, self._steps, self._done = state, steps, 0
        self._before, self._began = state.seconds, time.perf_counter()
        self._mark = (self._began, state.tokens, state.step)

    def after_step(self) -> tuple[float, float]:
        """Return tokens a second and the seconds left."""
        now, state = time.perf_counter(), self._state
        state.seconds = self._before + now - self._began
        self._done += 1
        began, tokens, step = self._mark
        rate = (state.tokens - tokens) / max(now - began, 1e-9)
        left = (now - began) / max(state.step - step, 1) * (self._steps - state.step)
        if self._done == _WARM:
            self._mark = (now, state.tokens, state.step)
        return rate, left


def lanes_of(recipe: Recipe, process: int, processes: int) -> list[int]:
    """Return which of a step's batches a process takes.

    Raises:
        UsageError: they cannot be shared out evenly.
    """
    if recipe.batch.accumulate % processes:
        raise UsageError(
            f"recipe '{recipe.name}' makes {recipe.batch.accumulate} batches a step, which {processes} processes "
            f"cannot share evenly. Set batch.accumulate to a multiple of {processes}."
        )
    return list(range(process, recipe.batch.accumulate, processes))


def _mixed(seed: int, step: int, process: int) -> int:
    """Return a seed for one step of one process."""
    return (seed * 1_000_003 + step) * 4096 + process
