"""The command line: one module a command; nothing heavy is imported before it must be."""

import gc
import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from mmbench.cli import baseline as baseline_command
from mmbench.cli import compare as compare_command
from mmbench.cli import data as data_command
from mmbench.cli import diff as diff_command
from mmbench.cli import gate as gate_command
from mmbench.cli import import_ as import_command
from mmbench.cli import leaderboard as leaderboard_command
from mmbench.cli import list as list_command
from mmbench.cli import new_task as new_task_command
from mmbench.cli import report as report_command
from mmbench.cli import reproduce as reproduce_command
from mmbench.cli import run as run_command
from mmbench.cli import score as score_command
from mmbench.cli import show as show_command
from mmbench.cli import train as train_command
from mmbench.cli import verify as verify_command
from mmbench.cli import view as view_command


class _InterruptedError(Exception):
    """Ctrl-C in a command, under a name that Typer lets through: from KeyboardInterrupt it makes a silent exit."""


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise _InterruptedError from error


app = typer.Typer(
    name="mmbench",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Evaluate multimodal language models: official metrics, honest uncertainty, nothing lost.",
    epilog="Any command takes --debug, which shows the traceback of an error.",
)
app.command("run")(run_command.run)
app.command("show")(show_command.show)
app.command("score")(score_command.score)
app.command("compare")(compare_command.compare)
app.command("gate")(gate_command.gate)
app.command("diff")(diff_command.diff)
app.command("reproduce")(reproduce_command.reproduce)
app.command("verify")(verify_command.verify)
app.command("import")(import_command.import_runs)
app.command("report")(report_command.report)
app.command("view")(view_command.view)
app.add_typer(leaderboard_command.app, name="leaderboard")
app.command("train")(train_command.train)
app.command("list")(list_command.list_names)
app.command("new-task")(new_task_command.new_task)
app.add_typer(baseline_command.baseline, name="baseline")
app.add_typer(data_command.data, name="data")


def main() -> None:
    """Run the command line; turn errors into one line and an exit code.

    Exit codes: 0 done; 1 a fault of mmbench or a plug-in; 2 misuse, bad input or a failing disk; 3 some tasks
    finished and others did not, or some samples have no answer; 130 interrupted.
    """
    # A run makes many small objects and hardly a cycle: look for cycles a hundred times less often.
    gc.set_threshold(70_000, 20, 20)
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        app(arguments)
    except (KeyboardInterrupt, _InterruptedError):
        _stop("interrupted. Everything answered so far is kept: run the same command to go on.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # the process boundary: a user gets a sentence, not a traceback
        if debug:
            raise
        _stop(*_explain(error))


def _explain(error: Exception) -> tuple[str, int]:
    from mmbench.errors import MMBenchError

    if isinstance(error, MMBenchError):
        return str(error), 2
    kind = type(error).__name__
    return f"unexpected {kind}: {error}. Answers so far are kept. Use --debug for the traceback.", 1


def _stop(text: str, code: int) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, soft_wrap=True)
    console.print(Text.assemble(("error: ", "bold red"), " ".join(text.split())))
    sys.exit(code)
