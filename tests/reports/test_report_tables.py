"""The table of results, what is missing from it, and its headline."""

import pytest
from knowing_models import Knowing, answers

import mmbench
from mmbench_reports.blocks import blocks_of
from mmbench_reports.columns import columns_of
from mmbench_reports.tables import problems_of
from mmbench_reports.verdict import verdict_of


def test_table_holds_every_metric_slice_and_run(gallery):
    blocks = blocks_of(columns_of(gallery))
    assert [block.label for block in blocks] == [
        "vqa · scenes",
        "speech · digits",
        "sentiment · reviews",
        "caption · scenes",
    ]
    vqa, _, _, caption = blocks
    assert [line.metric for line in vqa.lines] == ["accuracy", "token-f1"]
    assert [cell.value for cell in vqa.lines[0].cells] == ["62.0%", "42.0%"]
    assert list(vqa.slices) == ["type=counting", "type=colour"]
    assert vqa.slices["type=colour"][0].cells[1].value == "75.0%"
    assert not caption.lines


def _blocks(make_run, told, *values, **fields):
    runs = [
        make_run(f"m{index}", told("x", values=one, scored=True, **fields)) for index, one in enumerate(values)
    ]
    return blocks_of(columns_of(runs))


def test_best_is_marked_only_where_a_paired_test_finds_it(make_run, told):
    (block,) = _blocks(make_run, told, {"m": 0.60, "e": 0.20}, {"m": 0.55, "e": 0.45}, better={"e": False})
    close, apart = block.lines
    assert [cell.best for cell in close.cells] == [False, False]
    assert [cell.best for cell in apart.cells] == [True, False]


def test_pairing_finds_what_overlapping_intervals_hide(make_run, told):
    (block,) = _blocks(make_run, told, {"m": 0.60}, {"m": 0.52}, {"m": 0.40})
    assert [cell.best for cell in block.lines[0].cells] == [True, False, False]
    assert block.lines[0].cells[1].result.interval.high > block.lines[0].cells[0].result.interval.low


def test_best_must_beat_all_others(make_run, told):
    (block,) = _blocks(make_run, told, {"m": 0.60}, {"m": 0.58}, {"m": 0.10})
    assert not any(cell.best for cell in block.lines[0].cells)


def test_more_metrics_need_more_proof(make_run, told):
    values = {"m": 0.5, **{f"m{index}": 0.50 for index in range(8)}}
    other = {"m": 0.5, **{f"m{index}": 0.43 for index in range(8)}}
    (alone,) = _blocks(make_run, told, {"m": 0.5, "m0": 0.5}, {"m": 0.5, "m0": 0.43})
    assert alone.lines[1].cells[0].best, "p = 0.016 of one test"
    (many,) = _blocks(make_run, told, values, other)
    assert not any(cell.best for line in many.lines for cell in line.cells), "p = 0.016 of each of eight"


def test_without_samples_nothing_is_best(make_run, told):
    runs = [make_run("a", told("x", values={"m": 0.9})), make_run("b", told("x", values={"m": 0.1}))]
    (block,) = blocks_of(columns_of(runs))
    assert not any(cell.best for cell in block.lines[0].cells)
    assert block.contrasts == ()


def test_contrasts_are_differences_from_the_first_run(make_run, told):
    (block,) = _blocks(make_run, told, {"e": 0.3}, {"e": 0.3}, {"e": 0.6}, better={"e": False})
    same, worse = block.contrasts
    assert (same.index, same.side, same.is_clear) == (1, "equal", False)
    assert (worse.index, worse.side, worse.is_clear, worse.samples) == (2, "worse", True, 100)
    assert worse.difference.delta == pytest.approx(0.3)


def test_contrasts_are_those_of_compare(tmp_path):
    known = answers("sentiment", 60)
    runs = [
        mmbench.evaluate(Knowing(name, share, known), "sentiment", limit=60, out=tmp_path, cache="off")
        for name, share in (("one", 0.5), ("other", 0.8))
    ]
    (contrast,) = blocks_of(columns_of(runs))[0].contrasts
    expected = mmbench.compare(*runs).comparisons[0]
    assert expected.metric == "accuracy"
    assert contrast.difference == expected.difference


def test_one_run_is_never_best(make_run, told):
    (block,) = blocks_of(columns_of([make_run("a", told("x", values={"m": 0.6}))]))
    assert not block.lines[0].cells[0].best


def test_values_of_other_rows_are_not_compared(make_run, told):
    runs = [
        make_run("a", told("x", values={"m": 0.9})),
        make_run("b", told("x", values={"m": 0.1}, fingerprint="e" * 64)),
    ]
    columns = columns_of(runs)
    blocks = blocks_of(columns)
    assert blocks[0].lines[0].caveat == "not measured on the same rows"
    assert not any(cell.best for cell in blocks[0].lines[0].cells)
    assert verdict_of(columns, blocks).headline == "a and b have no task in common."


def test_problems_name_task_and_reason(gallery):
    told = [
        (problem.column.label, problem.place, problem.status, problem.reason)
        for problem in problems_of(columns_of(gallery))
    ]
    assert ("alpha", ("caption", "scenes"), "skipped", "model takes no image input.") in told
    assert any(
        status == "no answer" and "1 of 300 samples (vqa:scenes 1)" in reason and "out of memory" in reason
        for _, _, status, reason in told
    )


def test_run_that_stopped_has_no_results_but_a_reason(make_run, told):
    run = make_run("a", told("x", status="pending"), status="failed", reason="the disk is full")
    (run.path / "results.json").unlink()
    columns = columns_of([run])
    assert verdict_of(columns, blocks_of(columns)).headline == "a finished no task."
    assert ("failed", "the disk is full") in [(found.status, found.reason) for found in problems_of(columns)]


def test_equal_names_are_told_apart(make_run, told):
    columns = columns_of([make_run("a", told("x")), make_run("b", told("x")), make_run("a", told("x"))])
    assert [column.label for column in columns] == ["a #1", "b", "a #2"]


def _headline(make_run, told, *models):
    runs = [
        make_run(name, *(told(task, values={"m": value}, scored=True) for task, value in values.items()))
        for name, values in models
    ]
    columns = columns_of(runs)
    return verdict_of(columns, blocks_of(columns))


def test_verdict_of_one_names_values_and_metrics(make_run, told):
    verdict = _headline(make_run, told, ("a", {"x": 0.5}))
    assert verdict.headline == "a scores 50.0% m on x."


def test_verdict_of_one_stays_short(make_run, told):
    verdict = _headline(make_run, told, ("a", dict.fromkeys("stuvwx", 0.5)))
    assert verdict.headline.endswith("and 3 more tasks.")


@pytest.mark.parametrize(
    ("one", "two", "headline"),
    [
        ({"x": 0.9}, {"x": 0.5}, "a is clearly better than b."),
        ({"x": 0.5}, {"x": 0.9}, "b is clearly better than a."),
        ({"x": 0.5}, {"x": 0.52}, "No clear difference between a and b."),
        ({"x": 0.9, "y": 0.5}, {"x": 0.5, "y": 0.5}, "a is clearly better than b on 1 of 2 tasks."),
        ({"x": 0.9, "y": 0.5}, {"x": 0.5, "y": 0.9}, "a and b are each clearly better on 1 task."),
        ({"x": 0.9, "y": 0.8}, {"x": 0.5, "y": 0.5}, "a is clearly better than b on all 2 tasks."),
        (
            {"x": 0.9, "y": 0.8, "z": 0.1},
            {"x": 0.5, "y": 0.5, "z": 0.4},
            "a is clearly better than b on 2 of 3 tasks, clearly worse on 1.",
        ),
    ],
)
def test_verdict_of_two(make_run, told, one, two, headline):
    assert _headline(make_run, told, ("a", one), ("b", two)).headline == headline


def test_verdict_of_many_names_who_is_clearly_ahead(make_run, told):
    verdict = _headline(
        make_run, told, ("a", {"x": 0.9, "y": 0.5}), ("b", {"x": 0.5, "y": 0.5}), ("c", {"x": 0.4, "y": 0.4})
    )
    assert verdict.headline == "a scores best on 2 of 2 tasks."
    assert verdict.details == ("Clearly ahead of all others: a on x.",)


def test_heat_is_goodness_in_ten_steps(make_run, told):
    values = {"high": 0.95, "low": 0.0, "error": 0.05, "open": 3.0, "none": None}
    bounds = {"open": (0.0, None)}
    (block,) = blocks_of(
        columns_of([make_run("a", told("x", values=values, bounds=bounds, better={"error": False}))])
    )
    assert {line.metric: line.cells[0].heat for line in block.lines} == {
        "high": 9,
        "low": 0,
        "error": 9,
        "open": None,
        "none": None,
    }


def test_slices_stand_out_only_with_their_whole_interval(make_run, told):
    slices = {"type=a": 0.56, "type=b": 0.54, "type=c": 0.44, "size=big=1": 0.5}
    (block,) = blocks_of(columns_of([make_run("a", told("x", values={"m": 0.5}, slices=slices))]))
    found = {name: block.stands_out(lines[0], 0) for name, lines in block.slices.items()}
    assert found == {"type=a": "above", "type=b": "", "type=c": "below", "size=big=1": ""}
    assert {name: list(values) for name, values in block.families.items()} == {
        "type": ["a", "b", "c"],
        "size": ["big=1"],
    }
