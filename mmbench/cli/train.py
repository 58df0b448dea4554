"""``mmbench train``: a recipe in, a model out; trainers are plug-ins."""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Self

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from mmbench.training import Stepped, Trainer, TrainingEvent


def train(
    recipe: Annotated[str, typer.Option("--recipe", "-r", help="A shipped recipe or a YAML file.")] = "",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Another value for a key: optim.lr=0.001. Repeatable.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; default: runs/train-RECIPE-TIME.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the run in this folder.")] = None,
    trainer: Annotated[str, typer.Option(help="Which trainer, where several are installed.")] = "reference",
) -> None:
    """Train a model by a recipe; the result is a checkpoint that `mmbench run` takes."""
    from rich.console import Console

    from mmbench import plugins
    from mmbench.cli.run import literal, pairs

    chosen: Trainer = plugins.load("trainers", trainer)()
    changes = {key: literal(value) for key, value in pairs("--set", set_).items()}
    console = Console(stderr=True, soft_wrap=True)
    with TrainingView(console) as view:
        outcome = chosen.train(recipe, changes=changes, out=out, resume=resume, on_event=view)
    if outcome.status == "interrupted":
        console.print(f"interrupted after step {outcome.step}, which is saved. Go on with:")
        typer.echo(f"mmbench train --resume {outcome.folder}", err=True)
        raise typer.Exit(130)
    if outcome.status == "stopped":
        console.print(f"stopped early after step {outcome.step}: the validation loss no longer fell.")
    typer.echo(f"model: {outcome.model}")


class TrainingView:
    """Events of a training run, as a progress bar on a terminal and as lines elsewhere."""

    def __init__(self, console: "Console") -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._console = console
        self._bar = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, state="")
        self._lines = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, event: "TrainingEvent") -> None:
        """Show an event."""
        from mmbench.training import Saved, Stepped, TrainingNotice, TrainingStarted, Validated

        match event:
            case TrainingStarted(recipe, out, step, steps, parameters):
                self._say(f"{recipe}: {parameters:,} weights, {steps:,} steps, from step {step} -> {out}")
                self._lines = max(1, steps // 50)
            case Stepped():
                self._step(event)
            case Validated(step, loss, scores):
                shown = "".join(f"  {name} {value:.4g}" for name, value in scores.items())
                self._say(f"step {step}: validation loss {loss:.4f}{shown}")
            case Saved(step, path):
                self._say(f"step {step}: saved {path}")
            case TrainingNotice(text):
                self._say(f"note: {text}")

    def _step(self, event: "Stepped") -> None:
        minutes, seconds = divmod(int(event.seconds_left), 60)
        state = f"loss {event.loss:.3f}  {event.tokens_per_second:,.0f} tokens/s  {minutes}:{seconds:02} left"
        self._bar.update(self._task, description=event.stage, completed=event.step, total=event.steps, state=state)
        if not self._console.is_terminal and event.step % self._lines == 0:
            self._say(f"step {event.step}/{event.steps}  {event.stage}  {state}")

    def _say(self, text: str) -> None:
        self._bar.print(text, markup=False, highlight=False)
