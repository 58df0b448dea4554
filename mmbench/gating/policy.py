"""The policy file of a gate: TOML, checked key by key.

require = ["vqa:scenes", "sentiment:reviews"]
max_error_rate = 0.01

[[rule]]
metric = "accuracy"          # on every task that has it
max_drop = 0.5               # points under the baseline that are still acceptable

[[rule]]
task = "vqa:scenes"
metric = "exact-match"
slice = "type=counting"
min = 60
"""

import tomllib
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mmbench.errors import UsageError, did_you_mean

KINDS = ("min", "max", "max_drop", "superior")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """One condition on one metric; exactly one of ``min``, ``max``, ``max_drop`` and ``superior``.

    Values are in the unit that tables show: percent for shares of one.

    Attributes:
        task: "task:dataset", "task", or "*" for every task that has the metric.
        metric: its name.
        slice: "name=value", or "" for all samples.
        min: the true value is at least this.
        max: the true value is at most this.
        max_drop: the candidate is worse than the baseline by less than this (non-inferiority).
        superior: the candidate is better than the baseline.
        confidence: of each verdict.
    """

    task: str = "*"
    metric: str
    slice: str = ""
    min: float | None = None
    max: float | None = None
    max_drop: Annotated[float, Field(ge=0)] | None = None
    superior: bool = False
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        given = [kind for kind in KINDS if getattr(self, kind) is not None and getattr(self, kind) is not False]
        if len(given) != 1:
            raise ValueError(f"a rule needs exactly one of {', '.join(KINDS)}; this one has {len(given)}")
        return self

    @property
    def needs_baseline(self) -> bool:
        """Whether the rule compares with another run."""
        return self.max_drop is not None or self.superior


class Policy(_Strict):
    """The whole file.

    Attributes:
        require: tasks that must have finished.
        max_error_rate: largest share of samples without an answer, of any task.
        max_latency_p95: seconds an answer, 95th percentile over all samples of a task.
        max_memory_gib: most memory that the process had resident.
        max_device_memory_gib: most memory that PyTorch had on an accelerator.
        rule: conditions on metrics.
    """

    require: tuple[str, ...] = ()
    max_error_rate: Annotated[float, Field(ge=0, le=1)] | None = None
    max_latency_p95: Annotated[float, Field(gt=0)] | None = None
    max_memory_gib: Annotated[float, Field(gt=0)] | None = None
    max_device_memory_gib: Annotated[float, Field(gt=0)] | None = None
    rule: tuple[Rule, ...] = ()


def load_policy(path: Path) -> Policy:
    """Read a policy file.

    Raises:
        UsageError: it cannot be read, is no TOML, or holds a key or value that does not belong; names the key.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"cannot read policy {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"policy {path} is no TOML: {error}.") from error
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        raise UsageError(f"policy {path}: {_first(error)}") from error


def _first(error: ValidationError) -> str:
    """Say what is wrong with the first bad key."""
    problem = error.errors()[0]
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        known = Rule.model_fields if problem["loc"][0] == "rule" else Policy.model_fields
        return f"unknown key '{where}'.{did_you_mean(str(problem['loc'][-1]), known)}"
    return f"{where}: {problem['msg']}."
