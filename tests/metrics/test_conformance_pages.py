"""The generated pages about metrics are what their generators give; the measured cells apart."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

import mmbench.metrics as metrics

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_REFERENCE = {
    *("AnswerLength", "Distinct", "EmptyRate", "RefusalRate", "UnparsedRate", "EvaluateMetric"),
    *("Compression", "Coverage", "Density", "Repetition"),
}
"""Counts and descriptions of answers that no other program defines, or that are checked by hand-worked cases."""


def generator(name):
    for package in ("sklearn", "pycocoevalcap", "sacrebleu", "rouge_score", "jiwer"):
        pytest.importorskip(package)
    path = ROOT / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"generator_of_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def static(page):
    """Drop version numbers and the measured column."""
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    cells = [re.split(r"(?<!\\)\|", re.sub(r"\d+(\.\d+)+", "V", row)) for row in rows]
    return [[cell.strip() for place, cell in enumerate(row) if place != 5] for row in cells]


def committed():
    return (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")


def test_the_metrics_page_has_the_comparisons_that_there_are():
    conformance = generator("conformance")
    conformance.load()
    assert static(committed()) == static(conformance.page({})), "run python benchmarks/conformance.py"


def test_no_deviation_on_the_page_is_above_its_tolerance():
    found = re.findall(r"(\S+) of (\S+) allowed, ([\d,]+) cases", committed())
    assert len(found) >= 40
    for deviation, tolerance, _ in found:
        assert float(deviation) <= float(tolerance)
    assert len(found) == len(static(committed()))


def test_every_metric_with_a_reference_is_on_the_page():
    named = {row[1].strip("`") for row in static(committed())}
    for name in metrics.__all__:
        value = getattr(metrics, name)
        if isinstance(value, type) and hasattr(value, "aggregate") and name not in WITHOUT_REFERENCE:
            kind = re.sub(r"\d+$", "", value().name)
            assert any(row.startswith(kind) for row in named), name


def test_the_divergence_page_is_what_the_code_computes():
    pytest.importorskip("whisper_normalizer")
    page = (ROOT / "docs" / "reference" / "divergence.md").read_text(encoding="utf-8")
    assert page == generator("divergence").page()
