"""What choices are worth: the mean over tasks, the table of differences, the words, and reports of many models."""

import pytest

from mmbench.errors import UsageError
from mmbench_reports.ablation import Factor, ablation_of, text_of
from mmbench_reports.blocks import blocks_of
from mmbench_reports.columns import columns_of
from mmbench_reports.html import MOST_BYTES, html_of
from mmbench_reports.matrix import matrix_of
from mmbench_reports.overall import counted, overall_of
from mmbench_reports.page import MANY

FACTORS = [
    Factor("fusion", "concat", {"mean": "fusion-mean", "attention": "fusion-attention"}),
    Factor("positions", "rotary", {"learned": "positions-learned"}),
]
SCORES = {
    "base": (0.5, 0.5),
    "fusion-mean": (0.3, 0.2),
    "fusion-attention": (0.9, 0.7),
    "positions-learned": (0.51, 0.5),
}


@pytest.fixture
def runs(make_run, told):
    """A base and three variants over two tasks of a hundred samples."""
    return [
        make_run(
            name, told("a", values={"m": one}, scored=True), told("b", "other", values={"m": other}, scored=True)
        )
        for name, (one, other) in SCORES.items()
    ]


def _both(runs):
    columns = columns_of(runs)
    return columns, blocks_of(columns)


def test_the_mean_over_tasks_has_a_paired_interval_and_a_p_value(runs):
    found = overall_of(*_both(runs))
    assert {index: round(one.delta, 3) for index, one in found.items()} == {1: -0.25, 2: 0.3, 3: 0.005}
    assert [one.is_clear for one in found.values()] == [True, True, False]
    for one in found.values():
        assert one.interval.low <= one.delta <= one.interval.high
    assert found[2].interval.low > 0.2


def test_of_an_error_rate_a_lower_one_is_better(make_run, told):
    def run(name, accuracy, errors):
        return make_run(
            name,
            told("a", values={"m": accuracy}, scored=True),
            told("b", values={"e": errors}, better={"e": False}, scored=True),
        )

    columns, blocks = _both([run("base", 0.5, 0.4), run("other", 0.5, 0.2)])
    assert overall_of(columns, blocks)[1].delta == pytest.approx(0.1)


def test_a_metric_without_a_unit_is_no_part_of_the_mean(make_run, told):
    runs = [
        make_run(name, told("a", values={"ppl": value}, bounds={"ppl": (1.0, None)}, scored=True))
        for name, value in (("base", 0.5), ("other", 0.9))
    ]
    assert counted(_both(runs)[1]) == []


def test_a_run_that_lacks_a_task_has_no_mean(make_run, told):
    whole = [told("a", values={"m": 0.5}, scored=True), told("b", values={"m": 0.5}, scored=True)]
    runs = [make_run("base", *whole), make_run("full", *whole), make_run("half", *whole[:1])]
    columns, blocks = _both(runs)
    matrix = matrix_of(columns, blocks)
    assert set(matrix.overall) == {1}
    assert matrix.steps[2][1] is None
    told_of = ablation_of(columns, matrix, [Factor("x", "none", {"full": "full", "half": "half"})])
    assert told_of.findings[0].told == "none holds its place. May be chance: full. Not in all tasks: half."


def test_the_best_choice_wins_only_where_chance_does_not_explain_it(runs):
    columns, blocks = _both(runs)
    found = ablation_of(columns, matrix_of(columns, blocks), FACTORS)
    assert [one.winner for one in found.findings] == ["attention", ""]
    assert found.findings[0].told.startswith("attention wins: +30.0 points (")
    assert found.findings[0].told.endswith("Clearly worse: mean.")
    assert found.verdict.headline == "attention beats concat."
    assert found.verdict.details == ("rotary holds its place.", "Clearly worse: mean.")


def test_a_level_without_a_run_is_refused(runs):
    columns, blocks = _both(runs)
    with pytest.raises(UsageError, match="fusion needs a run of fusion-none"):
        ablation_of(columns, matrix_of(columns, blocks), [Factor("fusion", "concat", {"none": "fusion-none"})])


def test_the_table_is_markdown_and_names_winners(runs):
    lines = text_of(runs, FACTORS).splitlines()
    assert lines[0].startswith("- **fusion**: attention wins: +30.0 points")
    rows = [line for line in lines if line.startswith("|")]
    assert rows[0] == "| factor | choice | all tasks | a m | b m |"
    assert rows[2] == "| base: base |  |  | 50.0% | 50.0% |"
    assert rows[4].startswith("|  | **attention** | **+30.0** (")
    assert len({row.count("|") for row in rows}) == 1


def test_the_page_begins_with_what_choices_are_worth(runs):
    page = html_of(runs, factors=FACTORS)
    assert page.index('id="choices"') < page.index('id="results"')
    assert "attention beats concat." in page


@pytest.fixture
def crowd(make_run, told, row):
    """More models than there are colours, with long answers to many samples."""
    rows = {
        share: [row(f"{i}", "word " * 60, float(i % 10 < share), prompt="why " * 200) for i in range(60)]
        for share in range(MANY + 2)
    }
    return [
        make_run(f"model-{share}", told("a", rows=found, values={"accuracy": share / 10}))
        for share, found in rows.items()
    ]


def test_many_models_are_rows_and_their_colours_differ_in_form(crowd):
    page = html_of(crowd)
    assert '<body class="crowded">' in page
    assert "<title>model-0 vs 7 others" in page
    assert 'class="swatch model0 ring"' in page
    assert 'class="results short models"' in page


def test_a_page_that_would_be_too_large_shows_fewer_samples(crowd, monkeypatch):
    whole = html_of(crowd)
    assert len(whole.encode()) < MOST_BYTES
    most = len(whole.encode()) - 100_000
    monkeypatch.setattr("mmbench_reports.html.MOST_BYTES", most)
    monkeypatch.setattr("mmbench_reports.html.BUDGET", 400_000)
    less = html_of(crowd)
    assert less.count("<article") < whole.count("<article")
    assert html_of(crowd, 10**9).count("<article") == whole.count("<article"), "who asks for more gets it"
