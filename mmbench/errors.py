"""One family of errors: each is a sentence for the user, told without a traceback and with exit code 2."""

from collections.abc import Iterable
from difflib import get_close_matches


class MMBenchError(Exception):
    """Something the user can mend. The message says what was wrong, where, and what to do."""


class UsageError(MMBenchError):
    """A name, an option or a value that does not exist."""


class DataError(MMBenchError):
    """A dataset that cannot be read, lacks a column, or holds a row that makes no sense."""


class MediaError(DataError):
    """A picture, sound or video that cannot be decoded."""


class ModelError(MMBenchError):
    """A model that cannot be loaded, or that cannot do what a task asks of it."""


class CapabilityError(ModelError):
    """A model that does not take the modality, or does not answer the kind of request, that a task needs."""


class StoreError(MMBenchError):
    """A run folder or response store that cannot be read or written."""


class MetricError(MMBenchError):
    """A prediction or a target of the wrong type: names metric, sample and field."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the closest known name, else the list of known names.

    >>> did_you_mean("captoin", ["caption", "vqa"])
    " Did you mean 'caption'?"
    >>> did_you_mean("zzz", ["caption", "vqa"])
    ' Known: caption, vqa.'
    """
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f" Did you mean '{close[0]}'?"
    return f" Known: {', '.join(names)}." if names else ""
