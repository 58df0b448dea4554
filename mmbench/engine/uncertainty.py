"""How intervals are made, as the user says it: ``auto``, ``bca``, ``bootstrap:stratify=type`` ..."""

from dataclasses import dataclass

from mmbench.errors import UsageError, did_you_mean
from mmbench.stats.methods import METHODS

DEFAULT = "auto"


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """One of :data:`mmbench.stats.methods.METHODS`; ``strata`` names the slices whose sizes are kept fixed."""

    method: str = DEFAULT
    strata: str = ""

    @classmethod
    def parse(cls, text: str) -> "Uncertainty":
        """Read ``METHOD`` or ``METHOD:stratify=SLICE``.

        Raises:
            UsageError: there is no such method or option, or the method does not take strata.

        >>> Uncertainty.parse("bca:stratify=type")
        Uncertainty(method='bca', strata='type')
        """
        method, _, rest = text.partition(":")
        if method not in METHODS:
            raise UsageError(f"--interval: no method '{method}'.{did_you_mean(method, METHODS)}")
        option, _, strata = rest.partition("=")
        if rest and (option != "stratify" or not strata):
            raise UsageError(f"--interval {text}: write it as METHOD or METHOD:stratify=SLICE.")
        if strata and method == "analytic":
            raise UsageError("--interval analytic takes no strata; bootstrap, bca and auto do.")
        return cls(method, strata)
