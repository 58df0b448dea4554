"""What a gate says: a verdict a rule, and one over all."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class Verdict(StrEnum):
    """What became of a rule, or of the whole gate."""

    passed = "pass"
    failed = "fail"
    undecided = "undecided"


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule on one task.

    ``value`` is what the rule looks at (for comparisons the difference), ``low`` and ``high`` its one-sided
    bounds, in the unit that tables show; ``advice`` says what to do when nothing is decided.
    """

    rule: str
    task: str
    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict of a gate and of each of its rules; ``notes`` say what candidate and baseline have otherwise."""

    verdict: Verdict
    judged: list[Judged]
    notes: list[str] = field(default_factory=list)

    def to_frame(self) -> "pd.DataFrame":
        """Return a table, a row a rule on a task; the columns are the attributes of :class:`Judged`."""
        import pandas as pd

        return pd.DataFrame([asdict(item) | {"verdict": item.verdict.value} for item in self.judged])


def nothing(rule: str, task: str, reason: str, advice: str = "run more samples, or mend the rule.") -> Judged:
    """Say that a rule cannot be decided for lack of data."""
    return Judged(rule, task, Verdict.undecided, None, None, None, 0, reason, advice)


def overall(judged: Sequence[Judged]) -> Verdict:
    """Return the gate's verdict: a failure outweighs what is undecided, which outweighs passes."""
    verdicts = {item.verdict for item in judged}
    if Verdict.failed in verdicts:
        return Verdict.failed
    return Verdict.undecided if Verdict.undecided in verdicts else Verdict.passed
