"""The section about wordings of the prompt: there if a run asked in several, and only then."""

from pathlib import Path

import mmbench
from mmbench_reports.html import render
from mmbench_reports.page import page_of


def test_spreads_are_shown_a_line_a_metric_and_run(tmp_path: Path) -> None:
    runs = [
        mmbench.evaluate(model, "sentiment", out=tmp_path, limit=12, prompt_variants=2 * (model != "majority"))
        for model in ("oracle", "random", "majority")
    ]
    page = page_of(runs)
    ((block, lines),) = page.wordings
    assert block.place == ("sentiment", "reviews")
    assert [line.column.label for line in lines[:2]] == ["oracle", "random"]
    assert {line.metric for line in lines} == {spread.metric for spread in runs[0].spreads}
    first = lines[0]
    assert (first.metric, first.count, first.prompt, first.mean, first.sd) == (
        "accuracy",
        3,
        "100.0%",
        "100.0%",
        "0.0%",
    )
    render(runs, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert 'href="#wordings"' in text
    assert "in other wordings of the prompt" in text


def test_a_run_in_one_wording_has_no_such_section(tmp_path: Path) -> None:
    run = mmbench.evaluate("oracle", "sentiment", out=tmp_path, limit=5)
    assert page_of([run]).wordings == []
    render([run], tmp_path / "report.html")
    assert "wordings" not in (tmp_path / "report.html").read_text()
