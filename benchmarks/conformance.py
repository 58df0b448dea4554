"""Compare every metric with its reference and write docs/reference/metrics.md.

    python benchmarks/conformance.py                    # own and adversarial text
    MMBENCH_DATA_DIR=... python benchmarks/conformance.py --slow   # with real rows, and what needs Java

The comparisons are those of ``tests/metrics/conformance``. Ends with code 1 if any deviation is above its
tolerance.
"""

import importlib.util
import math
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "metrics" / "conformance"
PAGE = ROOT / "docs" / "reference" / "metrics.md"
sys.path.insert(0, str(CASES))

import conformance_table

if TYPE_CHECKING:
    from conformance_table import Comparison, Entry

HEAD = """# Metrics

Written by `python benchmarks/conformance.py`; do not edit. Every metric is compared with its reference on text of
our own, on adversarial text and, where there are such, on real rows. The deviation is the largest
|ours - reference| / max(1, |reference|) over all cases. What other scorers say on the same inputs is in
[divergence.md](divergence.md).

| metric | definition | source | reference implementation | largest deviation seen | known pitfalls |
|---|---|---|---|---|---|
"""


def load() -> None:
    """Import all comparison modules, which register themselves."""
    for path in sorted(CASES.glob("test_conf_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise SystemExit(f"cannot read {path}")
        if path.stem not in sys.modules:
            module = importlib.util.module_from_spec(spec)
            sys.modules[path.stem] = module
            spec.loader.exec_module(module)


def measure(data: bool, slow: bool) -> dict[str, list["Comparison"]]:
    """Run the comparisons that this machine can run, by metric."""
    measured = defaultdict(list)
    for item in conformance_table.REGISTRY:
        if (item.data and not data) or (item.slow and not slow):
            continue
        result = item.run()
        measured[result.metric].append(result)
        verdict = "ok" if result.holds else "ABOVE TOLERANCE"
        print(f"{item.label:60} {result.cases:7} cases {result.largest_deviation:10.2g} {verdict}", flush=True)
    return measured


def deviation(results: list["Comparison"]) -> str:
    """Tell the deviation that is largest beside its tolerance, and the number of all cases."""
    if not results:
        return ""
    worst = max(results, key=lambda one: one.largest_deviation / one.tolerance if one.cases else math.inf)
    cases = sum(one.cases for one in results)
    return f"{worst.largest_deviation:.1e} of {worst.tolerance:.0e} allowed, {cases:,} cases"


def row(entry: "Entry", results: list["Comparison"]) -> str:
    """Return a metric's line of the table."""
    pitfalls = "<br>".join(entry.pitfalls)
    cells = (f"`{entry.metric}`", entry.definition, entry.source, entry.reference, deviation(results), pitfalls)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def page(measured: dict[str, list["Comparison"]]) -> str:
    """Return the whole page."""
    lines = [row(entry, measured.get(name, [])) for name, entry in conformance_table.entries().items()]
    return HEAD + "\n".join(lines) + "\n"


def main() -> None:
    """Measure and write."""
    load()
    measured = measure(data="MMBENCH_DATA_DIR" in os.environ, slow="--slow" in sys.argv)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(measured), encoding="utf-8")
    results = [one for several in measured.values() for one in several]
    broken = [one for one in results if not one.holds]
    cases = sum(one.cases for one in results)
    print(f"{len(measured)} metrics, {len(results)} comparisons, {cases:,} cases, {len(broken)} above tolerance")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
