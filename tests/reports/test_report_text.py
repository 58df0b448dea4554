"""Numbers and hostile text."""

import doctest
import importlib
import pkgutil

import pytest

import mmbench_reports
from mmbench.store.records import IntervalRecord
from mmbench_reports.numbers import interval_text, position, value_text
from mmbench_reports.plain import plain
from mmbench_reports.texts import folded

MODULES = [module.name for module in pkgutil.iter_modules(mmbench_reports.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name):
    result = doctest.testmod(importlib.import_module(f"mmbench_reports.{name}"))
    assert result.failed == 0


@pytest.mark.parametrize(
    ("value", "bounds", "text"),
    [
        (1.0, (0, 1), "100.0%"),
        (0.0004, (0, 1), "0.0%"),
        (-0.0001, (-1, 1), "0.000"),
        (81.25, (0, 100), "81.2"),
        (12345.6, (0, None), "12,346"),
        (0.1234, (0, None), "0.123"),
        (None, (0, None), "–"),
    ],
)
def test_values_have_the_decimals_of_their_range(value, bounds, text):
    assert value_text(value, bounds) == text


def test_only_what_runs_from_zero_to_one_is_percent():
    assert value_text(0.5, (0, 1)).endswith("%")
    assert not value_text(0.5, (0, 100)).endswith("%")
    assert not value_text(0.5, (0, None)).endswith("%")


def test_interval_has_the_unit_of_its_value():
    interval = IntervalRecord(0.1, 0.25, 0.95, "wilson")
    assert interval_text(interval, (0, 1)) == "10.0–25.0"
    assert interval_text(interval, (0, None)) == "0.100–0.250"
    assert interval_text(None, (0, 1)) == ""


def test_position_needs_two_bounds():
    assert position(0.25, (0, 1)) == 0.25
    assert position(120, (0, 100)) == 1
    assert position(3, (1, None)) is None


@pytest.mark.parametrize("code", [0, 7, 0x1B, 0x7F, 0x85, 0x202E, 0x2066, 0x200F, 0x200B, 0xFEFF, 0xE0041, 0xD800])
def test_controls_and_tricks_are_shown_by_name(code):
    shown = plain(f"a{chr(code)}b")
    assert chr(code) not in shown
    assert shown.startswith("a")
    assert shown.endswith("b")
    assert len(shown) > 2


@pytest.mark.parametrize(
    "text", ["tab\tand\nnewline", "héllo wörld", "日本語", "مرحبا", "👩‍👩‍👧", "a\u200cb", "<b>&amp;"]
)
def test_honest_text_is_left_alone(text):
    assert plain(text) == text


def test_long_texts_are_folded_and_endless_ones_cut():
    text = "word " * 10_000
    made = folded(text)
    assert len(made.head) < 500
    assert made.head.endswith("word")
    assert made.dropped == len(text) - 12_000
    assert made.head + " " + made.rest == text[:12_000]
