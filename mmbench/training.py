"""The contract of a trainer: a recipe in, a checkpoint that ``mmbench run`` reads out.

Trainers are plug-ins of the group ``mmbench.trainers``; the harness has none of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class TrainingStarted:
    """Training begins at ``step`` of ``steps``; ``parameters`` is how many weights there are."""

    recipe: str
    out: Path
    step: int
    steps: int
    parameters: int


@dataclass(frozen=True, slots=True)
class Stepped:
    """One optimizer step is done.

    Attributes:
        step: how many are done, of ``steps``.
        stage: the recipe's name for this part of the training.
        loss: mean negative log-likelihood of a target token, in nats.
        tokens_per_second: input tokens without padding, since the start.
        seconds_left: at the pace so far.
    """

    step: int
    steps: int
    stage: str
    loss: float
    tokens_per_second: float
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Validated:
    """The model was validated: its loss on validation examples, and ``task metric`` -> value."""

    step: int
    loss: float
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint that training can go on from."""

    step: int
    path: Path


@dataclass(frozen=True, slots=True)
class TrainingNotice:
    """Something the user should know."""

    text: str


TrainingEvent = TrainingStarted | Stepped | Validated | Saved | TrainingNotice
TrainingListener = Callable[[TrainingEvent], None]


def ignore(_: TrainingEvent) -> None:
    """Listen to nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How training ended.

    Attributes:
        status: "done"; "stopped" early, because the validation loss no longer fell; "interrupted" by the user.
        step: the last step that was done.
        model: the folder of the trained model; None if it was interrupted.
        folder: what ``--resume`` takes.
    """

    status: Literal["done", "stopped", "interrupted"]
    step: int
    model: Path | None
    folder: Path


@dataclass(frozen=True, slots=True)
class RecipeInfo:
    """A recipe that a trainer ships."""

    name: str
    about: str


def recipes_in(folder: Path) -> list[RecipeInfo]:
    """Return the recipes of a folder, by name: YAML files with ``name`` and ``about``; other files are none.

    A trainer that keeps them in ``recipes/`` of its package is listed without being imported.
    """
    import yaml

    found = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml"))]
    return [
        RecipeInfo(one["name"], one["about"])
        for one in found
        if isinstance(one, dict) and {"name", "about"} <= set(one)
    ]


class Trainer(Protocol):
    """What a plug-in of the group ``mmbench.trainers`` is, once called without arguments."""

    def recipes(self) -> Sequence[RecipeInfo]:
        """Return the recipes that it ships."""
        ...

    def train(
        self,
        recipe: str,
        *,
        changes: Mapping[str, Any],
        out: Path | None,
        resume: Path | None,
        on_event: TrainingListener = ignore,
    ) -> Outcome:
        """Train a model.

        Args:
            recipe: the name of a shipped recipe, or a file; "" with ``resume`` takes the one that was begun.
            changes: dotted keys of the recipe -> other values.
            out: where the run goes; None makes up a name.
            resume: a run to go on with.
            on_event: is told how training goes on.

        Raises:
            UsageError: no such recipe, a key that recipes do not have, or a value of the wrong type.
            StoreError: the disk is full, or the run cannot be read or is of another version.
        """
        ...
