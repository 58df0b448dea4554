"""Differences, calibration, cost and learning curves: what the report says beyond the table."""

import json
import math
import xml.etree.ElementTree as ElementTree
from importlib.util import find_spec
from pathlib import Path

import pytest
from knowing_models import Knowing, answers

import mmbench
from mmbench.schema import Response
from mmbench.store.records import Efficiency, Percentiles
from mmbench.store.run_folder import Answered
from mmbench_reports.blocks import blocks_of
from mmbench_reports.calibration import curves_of
from mmbench_reports.checkpoints import folder_of, log_of, parameters, shipped
from mmbench_reports.columns import columns_of
from mmbench_reports.efficiency import table_of
from mmbench_reports.forest import forest
from mmbench_reports.html import html_of
from mmbench_reports.learning import POINTS, learning_of, thinned
from mmbench_reports.plots import NARROW, WIDE
from mmbench_reports.scatter import Dot, frontier
from mmbench_reports.tradeoffs import tradeoffs_of


def _words(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("text")]


def _both(runs):
    columns = columns_of(runs)
    return columns, blocks_of(columns)


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_the_forest_plot_shows_every_difference_and_greys_what_may_be_chance(make_run, told, layout):
    runs = [
        make_run(name, told("x", values={"m": value}, scored=True))
        for name, value in (("base", 0.5), ("close", 0.52), ("far", 0.8))
    ]
    svg = forest(*_both(runs), layout)
    words = " ".join(_words(svg))
    assert "+2.0" in words
    assert "+30.0" in words
    assert "p < 0.001" in words
    assert 'class="f-model2"' in svg, "a clear difference has its model's colour"
    assert 'class="f-model1"' not in svg, "the other is grey"


def test_in_the_forest_plot_better_is_to_the_right(make_run, told):
    runs = [
        make_run(name, told("x", values={"e": value}, better={"e": False}, scored=True))
        for name, value in (("base", 0.6), ("fewer errors", 0.3))
    ]
    columns, blocks = _both(runs)
    assert blocks[0].contrasts[0].side == "better"
    assert "−30.0" in " ".join(_words(forest(columns, blocks, WIDE)))


def test_one_run_has_no_forest_plot(make_run, told):
    assert forest(*_both([make_run("a", told("x", values={"m": 0.5}, scored=True))]), WIDE) == ""


def _sure(row, confidence: float, right: bool, index: int) -> Answered:
    made = row(f"{index}", "yes" if right else "no", float(right))
    return Answered(
        made.sample, [Response("yes", logprobs=(math.log(confidence),))], made.prediction, made.statistics
    )


def test_calibration_is_confidence_against_outcome(make_run, told, row):
    rows = [_sure(row, 0.95, index % 20 > 0, index) for index in range(40)]
    rows += [_sure(row, 0.65, index % 2 > 0, index) for index in range(40, 80)]
    columns, (block,) = _both([make_run("a", told("x", rows=rows, values={"accuracy": 0.7}))])
    (curve,) = curves_of(columns, block)
    assert [(one.count, round(one.confidence, 2), one.accuracy) for one in curve.bins] == [
        (40, 0.65, 0.5),
        (40, 0.95, 0.95),
    ]
    assert curve.error == pytest.approx((0.15 + 0.0) / 2)
    assert curve.bins[0].interval.low < 0.5 < curve.bins[0].interval.high


def test_calibration_of_options_is_their_softmax(make_run, told, row):
    def chosen(index: int) -> Answered:
        made = row(f"{index}", "good", 1.0, choices=("good", "bad"), target="good")
        logs = (math.log(0.06), math.log(0.02))
        return Answered(made.sample, [Response("good", logprobs=logs)], "good", made.statistics)

    rows = [chosen(index) for index in range(20)]
    columns, (block,) = _both([make_run("a", told("x", rows=rows, values={"accuracy": 1.0}))])
    (curve,) = curves_of(columns, block)
    assert curve.bins[0].confidence == pytest.approx(0.75)


def test_no_calibration_where_answers_are_partly_right_few_or_without_confidence(make_run, told, row):
    partly = [_sure(row, 0.9, True, index) for index in range(30)]
    partly[7] = Answered(partly[7].sample, partly[7].responses, "yes", {"accuracy": [0.5, 1.0]})
    few = [_sure(row, 0.9, True, index) for index in range(5)]
    silent = [row(f"{index}") for index in range(30)]
    for rows in (partly, few, silent):
        columns, (block,) = _both([make_run("a", told("x", rows=rows, values={"accuracy": 0.7}))])
        assert curves_of(columns, block) == []


def test_efficiency_has_a_column_for_what_is_known_and_none_for_what_is_not(make_run, told):
    task = told("x", values={"m": 0.5})
    run = make_run("a", task)
    spread = Percentiles(0.2, 0.5, 1.5)
    run.manifest.tasks[0].efficiency = Efficiency(
        2.0, 1.5, 100, 80, 20, 1000, 500, 800, 300, spread, spread, 2**30, None, 7200.0
    )
    columns, blocks = _both([run])
    table = table_of(columns, blocks)
    (_, (work,)) = table.works[0]
    cells = dict(zip((figure.name for figure in table.figures), work.cells, strict=True))
    assert cells["Latency"] == cells["First token"] == "200 ms / 500 ms / 1.5 s"
    assert (cells["Harness"], cells["From store"]) == ("500 ms", "25%")
    assert (cells["Tokens/s in"], cells["Tokens/s out"]) == ("533", "200")
    assert (cells["Memory"], cells["Energy"]) == ("1.0 GiB", "2 Wh")
    assert "GPU memory" not in cells


def test_nothing_beats_what_is_on_the_frontier():
    dots = [Dot("slow", 9, 0.9), Dot("fast", 1, 0.5), Dot("beaten", 5, 0.5), Dot("middle", 3, 0.7)]
    assert [dot.name for dot in frontier(dots)] == ["fast", "middle", "slow"]


def test_quality_against_time_needs_models_that_measured_it(tmp_path):
    known = answers("sentiment", 40)
    runs = [
        mmbench.evaluate(Knowing(name, 0.8, known, seconds), "sentiment", limit=40, out=tmp_path, cache="off")
        for name, seconds in (("one", 0.5), ("other", 0.05))
    ]
    (plot,) = tradeoffs_of(*_both(runs))
    assert plot.title == "time"
    assert {"one", "other"} <= set(_words(plot.charts[0]))
    baseline = mmbench.evaluate("majority", "sentiment", limit=40, out=tmp_path, cache="off")
    assert tradeoffs_of(*_both([runs[0], baseline])) == []


def _checkpoint(folder, steps=6):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    header = json.dumps({"__metadata__": {}, "w": {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]}})
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header.encode())
    lines = ["step,stage,loss,lr,validation_loss,scores"]
    lines += [f"{10 * i},1,{3 - 0.3 * i},0.001,{2.8 if i % 2 else ''},{f'vqa=0.{i}' if i % 2 else ''}"
              for i in range(steps)]  # fmt: skip
    (folder / "log.csv").write_text("\n".join([*lines, "70,1"]) + "\n")
    return folder


def test_learning_curves_come_from_the_log_beside_the_checkpoint(make_run, told, tmp_path):
    folder = _checkpoint(tmp_path / "model")
    assert parameters(folder) == 12
    log = log_of(folder)
    assert [lesson.step for lesson in log] == [0, 10, 20, 30, 40, 50, 70]
    assert log[3].scores == {"vqa": 0.3}
    assert (log[2].validation_loss, log[-1].loss) == (None, None)
    run = make_run("a", told("x", values={"m": 0.5}))
    run.manifest.model.spec = str(folder)
    (found,) = learning_of(columns_of([run]))
    assert {"training", "validation", "step"} <= set(_words(found.loss))
    assert "vqa" in _words(found.scores)
    assert 'id="learning"' in html_of([run])


def test_models_without_a_checkpoint_or_log_have_no_learning_curves(make_run, told, tmp_path):
    run = make_run("a", told("x", values={"m": 0.5}))
    assert folder_of(run.manifest) is None
    assert learning_of(columns_of([run])) == []
    folder = _checkpoint(tmp_path / "model")
    (folder / "log.csv").unlink()
    (folder / "model.safetensors").write_bytes(b"\xff" * 20)
    run.manifest.model.spec = f"hf:{folder}"
    assert folder_of(run.manifest) == folder
    assert parameters(folder) is None
    assert learning_of(columns_of([run])) == []


def test_the_shipped_reference_is_found(make_run, told):
    home = next(iter(find_spec("mmbench_reference_models").submodule_search_locations))
    name = sorted(Path(home, "weights").glob("*/config.json"))[0].parent.name
    run = make_run(name, told("x", values={"m": 0.5}))
    run.manifest.model.spec = "reference"
    folder = folder_of(run.manifest)
    assert folder is not None
    assert (parameters(folder) or 0) > 1_000


@pytest.mark.parametrize("spec", ["reference:../secret", "reference:/etc", "hf:/etc", "W" * 5_000, "a\0b"])
def test_a_strangers_manifest_leads_to_no_folder_of_ours(make_run, told, spec):
    run = make_run("..", told("x", values={"m": 0.5}))
    run.manifest.model.spec = spec
    assert folder_of(run.manifest) is None
    assert shipped(run.manifest) is None


def test_long_logs_are_averaged():
    line = [(float(step), float(step % 2)) for step in range(10_000)]
    short = thinned(line)
    assert len(short) <= POINTS
    assert all(abs(y - 0.5) < 0.02 for _, y in short)
