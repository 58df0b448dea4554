"""What both views of something that goes on are made of: bars, and lines above them."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, ProgressColumn

from mmbench.cli.console import Part, say


class Bars:
    """Progress bars on a terminal, none elsewhere, with lines above them; a context manager."""

    def __init__(self, console: Console, *columns: ProgressColumn) -> None:
        self._console = console
        self._bars = Progress(*columns, console=console, disable=not console.is_terminal)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def say(self, *parts: Part) -> None:
        """Print a line above the bars."""
        say(self._bars.console, *parts)
