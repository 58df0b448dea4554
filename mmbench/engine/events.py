"""What a run tells while it goes on: one stream that the terminal, logs and live views all read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A model is loaded and its run folder is made."""

    model: str
    path: Path
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskStarted:
    """A task begins; ``total`` is the number of samples, if known."""

    task: str
    total: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of the current task so far. ``score`` is the running value of its first metric, NaN if unknown."""

    task: str
    samples: int
    cached: int
    metric: str
    score: float
    interval: tuple[float, float] | None
    range: tuple[float, float]


@dataclass(frozen=True, slots=True)
class TaskEnded:
    """A task ended: "done", "skipped" or "failed"; the reason is "" when it is done."""

    task: str
    status: str
    reason: str
    errors: int
    first_error: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know that stops nothing."""

    text: str


Event = RunStarted | TaskStarted | Progress | TaskEnded | Notice
Listener = Callable[[Event], None]


def both(first: Listener, second: Listener) -> Listener:
    """Tell two listeners, one after the other."""

    def tell(event: Event) -> None:
        first(event)
        second(event)

    return tell


def ignore(event: Event) -> None:
    """Listen to nothing."""
