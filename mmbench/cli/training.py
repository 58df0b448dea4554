"""Events of a training run, as a progress bar on a terminal and as lines elsewhere."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn

from mmbench.cli.bars import Bars
from mmbench.training import Saved, Stepped, TrainingEvent, TrainingNotice, TrainingStarted, Validated


class TrainingView(Bars):
    """Shows the step, the loss, the speed and the time left on standard error."""

    def __init__(self, console: Console) -> None:
        super().__init__(
            console,
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
        )
        self._task = self._bars.add_task("", total=None, state="")
        self._lines = 0

    def __call__(self, event: TrainingEvent) -> None:
        """Show an event."""
        match event:
            case TrainingStarted(recipe, out, step, steps, parameters):
                self.say(f"{recipe}: {parameters:,} weights, {steps:,} steps, from step {step} -> {out}")
                self._lines = max(1, steps // 50)
            case Stepped():
                self._step(event)
            case Validated(step, loss, scores):
                shown = "".join(f"  {name} {value:.4g}" for name, value in scores.items())
                self.say(f"step {step}: validation loss {loss:.4f}{shown}")
            case Saved(step, path):
                self.say(f"step {step}: saved {path}")
            case TrainingNotice(text):
                self.say(f"note: {text}")

    def _step(self, event: Stepped) -> None:
        minutes, seconds = divmod(int(event.seconds_left), 60)
        state = f"loss {event.loss:.3f}  {event.tokens_per_second:,.0f} tokens/s  {minutes}:{seconds:02} left"
        self._bars.update(
            self._task, description=event.stage, completed=event.step, total=event.steps, state=state
        )
        if not self._console.is_terminal and event.step % self._lines == 0:
            self.say(f"step {event.step}/{event.steps}  {event.stage}  {state}")
