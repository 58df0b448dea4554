"""Where commands print: as wide as the terminal, or wide enough for every column where there is none."""

from rich.console import Console
from rich.text import Text

Part = str | tuple[str, str]
"""Text as it is, or text and its style."""


def standard_output() -> Console:
    """Return a console on standard output."""
    console = Console()
    return console if console.is_terminal else Console(width=max(console.width, 130))


def say(console: Console, *parts: Part) -> None:
    """Print one line: brackets in it are no markup, and it is broken nowhere."""
    console.print(Text.assemble(*parts), soft_wrap=True)
