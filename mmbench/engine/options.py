"""Options of tasks and metrics: the fields of frozen dataclasses, set from text."""

import dataclasses
from typing import Any, get_type_hints

import msgspec

from mmbench import plugins
from mmbench.errors import UsageError, did_you_mean
from mmbench.metric import Metric


def option_kinds(owner: Any) -> dict[str, Any]:
    """Return the options of a dataclass, or of an instance of one, and their types; none for anything else."""
    if not dataclasses.is_dataclass(owner):
        return {}
    hints = get_type_hints(owner if isinstance(owner, type) else type(owner))
    return {field.name: hints[field.name] for field in dataclasses.fields(owner) if field.init}


def convert(option: str, value: str, kind: Any) -> Any:
    """Read an option's value.

    Raises:
        UsageError: the value has another type.
    """
    try:
        return msgspec.convert(value, kind, strict=False, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        reason = str(error)
        raise UsageError(f"{option}={value}: {reason}{'' if reason.endswith(('.', '?')) else '.'}") from error


def _from_text(kind: type, value: Any) -> Any:
    """Make what the option's type has a name for."""
    from mmbench.metrics.extraction import Extractor, load_extractor

    if kind is Extractor:
        return load_extractor(value)
    raise ValueError(f"an option of type {kind.__name__} cannot be given as text")


def check_seed(seed: int) -> None:
    """Refuse what the generators of NumPy, PyTorch and servers do not all take as a seed.

    Raises:
        UsageError: it is negative, or has more than 63 bits.
    """
    if not 0 <= seed < 2**63:
        raise UsageError(f"--seed must be from 0 to 2^63 - 1, not {seed}.")


def load_metric(spec: str) -> Metric:
    """Make a metric from ``name`` or ``name:option=value,...``; the first option may stand without its name.

    Raises:
        UsageError: there is no such metric, option or value.
    """
    name, _, rest = spec.partition(":")
    factory = plugins.load("metrics", name)
    kinds = option_kinds(factory)
    chosen: dict[str, Any] = {}
    for position, item in enumerate(part for part in rest.split(",") if part):
        option, equals, value = item.partition("=")
        if not equals and position == 0 and kinds:
            option, value = next(iter(kinds)), item
        if option not in kinds:
            raise UsageError(f"metric '{name}' has no option '{option}'.{did_you_mean(option, kinds)}")
        chosen[option] = convert(option, value, kinds[option])
    try:
        metric: Metric = factory(**chosen)
    except (TypeError, ValueError) as error:
        raise UsageError(f"metric '{spec}': {error}.") from error
    return metric
