"""Tasks, models, metrics, renderers and trainers are found by name through entry points; ours exactly as anyone's.

Names are read from package metadata, so listing them imports nothing. A plug-in is imported when it is used; one
that does not import is reported by name and skipped, and never stops the others.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from mmbench.errors import MMBenchError, UsageError, did_you_mean

Group = Literal["tasks", "models", "metrics", "renderers", "loggers", "publishers", "trainers", "architectures"]
"""What there is; an architecture is a module that makes a ``model_type`` known to Transformers when imported."""


class BrokenPluginError(MMBenchError):
    """A plug-in that is installed but does not import."""


@cache
def names(group: Group) -> dict[str, EntryPoint]:
    """Return all installed plug-ins of a group by name, sorted, without importing them."""
    found = {point.name: point for point in entry_points(group=f"mmbench.{group}")}
    return dict(sorted(found.items()))


def load(group: Group, name: str) -> Any:
    """Import the plug-in ``name``.

    Raises:
        UsageError: there is none of that name.
        BrokenPluginError: it is installed but raised on import.
    """
    known = names(group)
    if name not in known:
        raise UsageError(f"unknown {group[:-1]} '{name}'.{did_you_mean(name, known)}")
    point = known[name]
    try:
        return point.load()
    except Exception as error:  # a third party's import may raise anything
        owner = point.dist.name if point.dist else "an unknown package"
        reason = re.sub(r"\s+", " ", f"{type(error).__name__}: {error}")
        raise BrokenPluginError(
            f"{group[:-1]} '{name}' of package {owner} does not import: {reason}. Mend or uninstall it."
        ) from error


def working(group: Group) -> Iterator[tuple[str, Any | BrokenPluginError]]:
    """Yield every plug-in of a group, imported, or the error that says why it is not."""
    for name in names(group):
        try:
            yield name, load(group, name)
        except BrokenPluginError as error:
            yield name, error
