"""Where commands print: as wide as the terminal, or wide enough for every column where there is none."""

from rich.console import Console


def standard_output() -> Console:
    """Return a console on standard output."""
    console = Console()
    return console if console.is_terminal else Console(width=max(console.width, 130))
