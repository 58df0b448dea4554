"""``mmbench train``: a recipe in, a model out; trainers are plug-ins."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mmbench.training import Trainer


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
    from mmbench.cli.training import TrainingView

    chosen: Trainer = plugins.load("trainers", trainer)()
    changes = {key: literal(value) for key, value in pairs("--set", set_).items()}
    with TrainingView(Console(stderr=True)) as view:
        try:
            outcome = chosen.train(recipe, changes=changes, out=out, resume=resume, on_event=view)
        except KeyboardInterrupt:  # before the first step, or a second one that did not wait for the step's end
            view.say("interrupted at once: only what was saved before is kept.")
            raise typer.Exit(130) from None
    if outcome.status == "interrupted":
        view.say(f"interrupted after step {outcome.step}, which is saved. Go on with:")
        typer.echo(f"mmbench train --resume {outcome.folder}", err=True)
        raise typer.Exit(130)
    if outcome.status == "stopped":
        view.say(f"stopped early after step {outcome.step}: the validation loss no longer fell.")
    typer.echo(f"model: {outcome.model}")
