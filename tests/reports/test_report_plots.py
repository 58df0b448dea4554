"""The chart as a part of the page."""

import xml.etree.ElementTree as ElementTree

import pytest

from mmbench_reports.blocks import blocks_of
from mmbench_reports.columns import columns_of
from mmbench_reports.plots import NARROW, WIDE, overview


def _svg(runs, layout):
    columns = columns_of(runs)
    return overview(columns, blocks_of(columns), layout)


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_chart_is_inline_svg_without_styles_ids_or_links(gallery, layout):
    root = ElementTree.fromstring(_svg(gallery, layout))
    assert {element.tag for element in root.iter()} == {"svg", "path", "text"}
    assert not any({"style", "id", "href"} & set(element.attrib) for element in root.iter())
    words = [element.text for element in root.iter("text")]
    assert "alpha" in words
    assert any("62.0%" in word for word in words)


def test_chart_uses_only_the_colours_of_the_style_sheet(gallery):
    root = ElementTree.fromstring(_svg(gallery, WIDE))
    for element in root.iter("path"):
        assert element.get("fill", "none") == "none", element.attrib
        assert element.get("stroke", "none") == "none", element.attrib


def test_chart_names_are_text_whatever_they_hold(make_run, told):
    run = make_run("<b>$x^$\u202e", told("</svg><script>", values={"m": 0.5}), told("y", values={"m": 0.5}))
    chart = _svg([run], NARROW)
    assert "<script" not in chart
    assert "\u202e" not in chart
    assert "</svg><script>" in [element.text for element in ElementTree.fromstring(chart).iter("text")]


def test_chart_of_nothing_is_nothing(make_run, told):
    assert _svg([make_run("a", told("x", status="failed"))], WIDE) == ""
    assert _svg([make_run("a", told("x", values={"m": None}))], WIDE) == ""
    assert _svg([make_run("a", told("x", values={"m": 0.5}))], WIDE) == "", "one bar says no more than its number"


def test_unbounded_metrics_have_a_scale_of_their_own(make_run, told):
    task = told("x", values={"ppl": 512.0}, bounds={"ppl": (1.0, None)}, width=20.0)
    root = ElementTree.fromstring(_svg([make_run("a", task), make_run("b", task)], NARROW))
    words = [element.text for element in root.iter("text")]
    assert "100" not in words, "no percent axis"
    assert any("512.00" in word for word in words)
