"""The conformance comparisons of all metric families: one registry, one way to measure a deviation.

A ``test_conf_<family>.py`` in this folder registers comparisons and lets pytest run them:

    from conformance_table import compares, run_all

    @compares("bleu", definition="...", source="Papineni et al. 2002", reference="sacrebleu 2.6.0",
              pitfalls=("averaging sentence BLEU is not corpus BLEU",))
    def bleu_on_own_text():
        for ours, official in ...:
            yield ours, official

    test_bleu, test_... = ...          # or simply:
    test_comparisons = run_all(__name__)

Several functions may register for one metric (own text, adversarial text, hub rows): they share a row of the page,
whose static cells come from whichever gives them. ``data=True`` marks those that need ``MMBENCH_DATA_DIR``;
``slow=True`` those that need minutes or Java.
"""

import math
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

Pairs = Iterator[tuple[float, float]]


@dataclass(frozen=True)
class Entry:
    """The static part of a metric's row."""

    metric: str
    definition: str
    source: str
    reference: str
    pitfalls: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """What one comparison measured: the largest |ours - reference| / max(1, |reference|) over all cases."""

    metric: str
    reference: str
    cases: int
    largest_deviation: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether there was a case, and none beyond the tolerance."""
        return self.cases > 0 and self.largest_deviation <= self.tolerance


@dataclass(frozen=True)
class Registered:
    """A comparison that can be run; ``pairs`` yields (ours, reference)."""

    module: str
    entry: Entry
    pairs: Callable[[], Pairs]
    tolerance: float
    data: bool
    slow: bool

    @property
    def label(self) -> str:
        """Name of the test."""
        return f"{self.entry.metric}:{self.pairs.__name__}"

    def run(self) -> Comparison:
        """Compare all cases."""
        largest, cases = 0.0, 0
        for ours, reference in self.pairs():
            cases += 1
            largest = max(largest, deviation(float(ours), float(reference)))
        return Comparison(self.entry.metric, self.entry.reference, cases, largest, self.tolerance)


REGISTRY: list[Registered] = []


def deviation(ours: float, reference: float) -> float:
    """Return |ours - reference| / max(1, |reference|); 0 if both are NaN or equal, inf if only one is finite."""
    if ours == reference or (math.isnan(ours) and math.isnan(reference)):
        return 0.0
    if not (math.isfinite(ours) and math.isfinite(reference)):
        return math.inf
    return abs(ours - reference) / max(1.0, abs(reference))


def compares(
    metric: str,
    *,
    definition: str = "",
    source: str = "",
    reference: str = "",
    pitfalls: Iterable[str] = (),
    tolerance: float = 1e-9,
    data: bool = False,
    slow: bool = False,
) -> Callable[[Callable[[], Pairs]], Callable[[], Pairs]]:
    """Register a function that yields (our value, the reference's value) for case after case."""

    def register(pairs: Callable[[], Pairs]) -> Callable[[], Pairs]:
        entry = Entry(metric, definition, source, reference, tuple(pitfalls))
        REGISTRY.append(Registered(pairs.__module__, entry, pairs, tolerance, data, slow))
        return pairs

    return register


def run_all(module: str) -> Callable[[Registered], None]:
    """Return a parametrised test that runs every comparison which ``module`` registered."""

    def marks(item: Registered) -> list[pytest.MarkDecorator]:
        return [pytest.mark.data] * item.data + [pytest.mark.slow] * item.slow

    mine = [item for item in REGISTRY if item.module == module]
    params = [pytest.param(item, id=item.label, marks=marks(item)) for item in mine]

    @pytest.mark.parametrize("item", params)
    def test(item: Registered) -> None:
        if item.data:
            hub()
        measured = item.run()
        assert measured.cases > 0
        assert measured.largest_deviation <= measured.tolerance

    return test


def hub() -> Path:
    """Return the local mirror of real data; skips the test without one."""
    folder = os.environ.get("MMBENCH_DATA_DIR")
    if not folder:
        pytest.skip("MMBENCH_DATA_DIR is not set: no real data here")
    return Path(folder)


def entries() -> dict[str, Entry]:
    """Return one static row a metric, merged from all its comparisons, sorted by metric."""
    merged: dict[str, Entry] = {}
    for item in REGISTRY:
        old, new = merged.get(item.entry.metric), item.entry
        if old is None:
            merged[new.metric] = new
            continue
        merged[new.metric] = Entry(
            new.metric,
            old.definition or new.definition,
            old.source or new.source,
            old.reference or new.reference,
            (*old.pitfalls, *(text for text in new.pitfalls if text not in old.pitfalls)),
        )
    return dict(sorted(merged.items()))
