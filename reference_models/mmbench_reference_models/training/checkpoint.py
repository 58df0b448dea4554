"""Checkpoints that training goes on from, bit for bit on a CPU.

A checkpoint is a folder ``step-N`` with the model and its processor as ``save_pretrained`` writes them,
``optimizer.pt`` (its moments) and ``state.json``. It gets its name when it is complete, so that there
never is half a one.
"""

import contextlib
import json
import pickle
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from mmbench.backends.hf.quiet import quiet
from mmbench.errors import StoreError
from mmbench_reference_models.training.optim import Optimizer

VERSION = 1
"""Of the layout of a checkpoint."""
STATE = "state.json"
_MOMENTS = "optimizer.pt"
_UNREADABLE = (
    OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, EOFError, pickle.UnpicklingError,
    SafetensorError,
)  # fmt: skip
_NAME = re.compile(r"step-(\d+)")


@dataclass
class State:
    """What a run knows of itself, beside weights and moments.

    Attributes:
        recipe: the recipe's digest.
        step: steps done.
        tokens: input tokens seen, without padding.
        seconds: time spent in training.
        best: the lowest validation loss so far, and ``waited`` how many validations ago it was.
    """

    recipe: str
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    best: float = float("inf")
    waited: int = 0


@contextlib.contextmanager
def told_errors(doing: str) -> Iterator[None]:
    """Turn a disk's failure into one line.

    Raises:
        StoreError: what failed, why, and what to do.
    """
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        raise StoreError(f"cannot {doing}: {_reason(error)}. Free some space or choose another place.") from error


@contextlib.contextmanager
def told_reading(folder: Path) -> Iterator[None]:
    """Turn whatever a broken or foreign checkpoint raises into one line.

    Raises:
        StoreError: what cannot be read, why, and what to do.
    """
    try:
        yield
    except _UNREADABLE as error:
        where = f" ({Path(error.filename).name})" if isinstance(error, OSError) and error.filename else ""
        raise StoreError(
            f"checkpoint {folder} cannot be read: {_reason(error)}{where}. Take an older one or start anew."
        ) from error


def _reason(error: BaseException) -> str:
    """Return what the system says, which torch and safetensors wrap; else the error's first sentence."""
    for one in (error, error.__context__):
        if isinstance(one, OSError) and one.strerror:
            return one.strerror
    if wrapped := re.search(r"I/O error: (.+?) \(os error", str(error)):
        return wrapped[1]
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].partition(". ")[0].rstrip(".")


def save(run: Path, model: Any, processor: Any, optimizer: Optimizer, state: State, keep: int) -> Path:
    """Write a checkpoint and drop the oldest beyond ``keep``; return its folder.

    Raises:
        StoreError: the disk is full or cannot be written; checkpoints from before are left.
    """
    folder = run / f"step-{state.step}"
    half = run / f".{folder.name}"
    with told_errors(f"write the checkpoint {folder}"):
        shutil.rmtree(half, ignore_errors=True)
        try:
            half.mkdir(parents=True)
            save_model(half, model, processor)
            with (half / _MOMENTS).open("wb") as file:  # a path would lose what the system says
                torch.save(optimizer.state_dict(), file)
            (half / STATE).write_text(json.dumps({"version": VERSION, **asdict(state)}, indent=2) + "\n")
            shutil.rmtree(folder, ignore_errors=True)
            half.rename(folder)
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise
        for old in checkpoints(run)[:-keep]:
            shutil.rmtree(old)
    return folder


def save_model(folder: Path, model: Any, processor: Any) -> None:
    """Write the trained model, as ``from_pretrained`` reads it.

    Raises:
        StoreError: the disk is full or cannot be written.
    """
    with told_errors(f"write the model {folder}"), quiet():
        model.save_pretrained(folder)
        processor.save_pretrained(folder)


def checkpoints(run: Path) -> list[Path]:
    """Return the checkpoints of a run, oldest first."""
    found = [(int(match[1]), path) for path in run.glob("step-*") if (match := _NAME.fullmatch(path.name))]
    return [path for _, path in sorted(found)]


def latest(run: Path) -> Path:
    """Return the newest checkpoint of a run.

    Raises:
        StoreError: there is none.
    """
    found = checkpoints(run)
    if not found:
        raise StoreError(f"there is no checkpoint in {run} to go on from. Start without --resume.")
    return found[-1]


def read_state(folder: Path, recipe: str) -> State:
    """Read what a checkpoint knows of its run.

    Args:
        folder: the checkpoint.
        recipe: the digest of the recipe that is to go on.

    Raises:
        StoreError: it cannot be read, is of another version, or was made with another recipe.
    """
    with told_reading(folder):
        found = json.loads((folder / STATE).read_text(encoding="utf-8"))
        version = found.pop("version")
    if version != VERSION:
        raise StoreError(
            f"checkpoint {folder} is of version {version}; this mmbench reads version {VERSION}. "
            "Start anew, or go on with the mmbench that wrote it."
        )
    with told_reading(folder):
        state = State(**found)
    if state.recipe != recipe:
        raise StoreError(f"checkpoint {folder} was made with another recipe. Start anew, or undo the changes.")
    return state


def restore(folder: Path, optimizer: Optimizer) -> None:
    """Put moments back; weights are loaded with the model.

    Raises:
        StoreError: the file cannot be read.
    """
    with told_reading(folder):
        optimizer.load_state_dict(torch.load(folder / _MOMENTS, weights_only=True, map_location="cpu"))
