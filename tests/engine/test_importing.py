"""Result files of other harnesses become run folders that can be compared, shown, and never verified."""

import json

import pandas as pd
import pytest

import mmbench
from mmbench.engine.importing import import_files
from mmbench.engine.importing.found import decoded, text_of
from mmbench.errors import DataError, UsageError
from mmbench_reports.exchange import lm_eval
from mmbench_reports.html import html_of

STAMP = "2025-03-01T12-00-00.123456"


def _lm_eval(folder, model="org/model", right=7, *, samples=True, stamp=STAMP):
    """Write what lm-evaluation-harness 0.4 writes for a task of ten questions and a group's total."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "results": {
            "arc_easy": {
                "alias": "arc_easy", "acc,none": right / 10, "acc_stderr,none": 0.15,
                "exact_match,strict-match": right / 10, "exact_match_stderr,strict-match": "N/A",
            },
            "wikitext": {"alias": "wikitext", "word_perplexity,none": 21.5, "word_perplexity_stderr,none": "N/A"},
        },
        "configs": {"arc_easy": {"dataset_path": "allenai/ai2_arc", "dataset_name": "ARC-Easy"}, "wikitext": {}},
        "versions": {"arc_easy": 1.0, "wikitext": 2.0},
        "n-shot": {"arc_easy": 5, "wikitext": 0},
        "higher_is_better": {"arc_easy": {"acc": True}, "wikitext": {"word_perplexity": False}},
        "n-samples": {
            "arc_easy": {"original": 10, "effective": 10}, "wikitext": {"original": 62, "effective": 62},
        },
        "config": {"model": "hf", "model_args": f"pretrained={model},dtype=bfloat16"},
        "date": 1740830400.5,
        "git_hash": "abc1234",
    }  # fmt: skip
    path = folder / f"results_{stamp}.json"
    path.write_text(json.dumps(document))
    if samples:
        lines = []
        for index in range(10):
            ok = float(index < right)
            row = {
                "doc_id": index, "doc": {"question": f"Q{index}"}, "target": "B", "filter": "none",
                "arguments": {"gen_args_0": {"arg_0": f"Question: Q{index}\nAnswer:", "arg_1": " B"}},
                "resps": [["B" if ok else "A"]], "filtered_resps": ["B" if ok else "A"], "acc": ok,
            }  # fmt: skip
            lines.append(row)
            lines.append(
                {**{k: v for k, v in row.items() if k != "acc"}, "filter": "strict-match", "exact_match": ok}
            )
        (folder / f"samples_arc_easy_{stamp}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return path


def _value(run, task, metric):
    (found,) = [one for one in run.entries if (one.task, one.metric, one.slice) == (task, metric, "")]
    return found


def test_lm_eval_with_samples(tmp_path):
    (run,) = import_files([_lm_eval(tmp_path / "in")], tmp_path / "runs")
    assert run.manifest.model.name == "org/model"
    assert run.manifest.started == "2025-03-01T12:00:00Z"
    acc = _value(run, "arc_easy", "acc")
    assert (acc.value, acc.n, acc.range) == (pytest.approx(0.7), 10, (0.0, 1.0))
    assert acc.interval.method.startswith("wilson")
    assert _value(run, "arc_easy", "exact_match strict-match").value == pytest.approx(0.7)
    total = _value(run, "wikitext", "word_perplexity")
    assert (total.value, total.higher_is_better, total.n, total.interval) == (21.5, False, 62, None)
    first = run.samples.iloc[0]
    assert (first.prompt, first.prediction, first.target) == ("Question: Q0\nAnswer:", "B", '"B"')


def test_two_imported_runs_are_compared_and_shown(tmp_path):
    runs = import_files(
        [_lm_eval(tmp_path / "a", "org/a", 9), _lm_eval(tmp_path / "b", "org/b", 1)], tmp_path / "runs"
    )
    comparison = next(one for one in mmbench.compare(*runs).comparisons if one.metric == "acc")
    assert comparison.difference.delta == pytest.approx(-0.8)
    assert comparison.difference.p_value < 0.01
    assert comparison.n == 10
    page = html_of(runs)
    assert "org/a is clearly better than org/b" in page
    assert "imported" in page


def test_an_imported_run_is_never_verified(tmp_path):
    (run,) = import_files([_lm_eval(tmp_path / "in")], tmp_path / "runs")
    found = mmbench.verify(run)
    assert not found.ok
    assert run.manifest.reason == "imported from lm-eval, not verified"


def test_totals_without_samples_keep_the_standard_error_as_interval(tmp_path):
    (run,) = import_files([_lm_eval(tmp_path / "in", samples=False)], tmp_path / "runs")
    acc = _value(run, "arc_easy", "acc")
    assert acc.interval.high - acc.interval.low == pytest.approx(2 * 1.96 * 0.15, rel=1e-3)
    assert "standard error told by lm-eval" in acc.interval.method


def test_samples_of_another_date_are_not_mixed_in(tmp_path):
    _lm_eval(tmp_path / "in", right=1, stamp="2024-01-01T00-00-00.000001")
    newer = _lm_eval(tmp_path / "in", right=9)
    (run,) = import_files([newer], tmp_path / "runs")
    assert _value(run, "arc_easy", "acc").value == pytest.approx(0.9)


def test_our_own_export_comes_back(tmp_path):
    own = mmbench.evaluate("majority", "sentiment", limit=20, out=tmp_path / "own", cache="off")
    lm_eval.render([own], tmp_path / "results_mmbench.json")
    (run,) = import_files([tmp_path / "results_mmbench.json"], tmp_path / "runs")
    before = next(one for one in own.entries if one.metric == "accuracy" and not one.slice)
    after = _value(run, "sentiment:reviews", "accuracy")
    assert (after.value, after.n) == (before.value, before.n)


def test_lmms_eval_has_its_date_in_front_and_nested_scores(tmp_path):
    folder = tmp_path / "in"
    _lm_eval(folder, samples=False).rename(folder / "20250301_120000_results.json")
    rows = [
        {"doc_id": i, "target": "yes", "input": f"<image> Q{i}", "filtered_resps": ["yes"], "resps": [["yes"]],
         "mme_score": {"question_id": i, "category": "count", "score": float(i % 2)}}
        for i in range(6)
    ]  # fmt: skip
    (folder / "20250301_120000_samples_arc_easy.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (run,) = import_files([folder / "20250301_120000_results.json"], tmp_path / "runs")
    assert run.manifest.model.spec == "imported:lmms-eval:org/model"
    found = _value(run, "arc_easy", "mme_score")
    assert (found.value, found.n, found.range) == (0.5, 6, (None, None))


def _table(folder, ending):
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"index": i, "question": f"Q{i}?", "A": "cat", "B": "dog", "answer": "A",
         "prediction": "A" if i % 4 else "B", "hit": int(i % 4 > 0), "category": "animals" if i % 2 else None}
        for i in range(12)
    ]  # fmt: skip
    path = folder / f"My-VLM_MMBench_DEV_EN_openai_result{ending}"
    frame = pd.DataFrame(rows)
    if ending == ".xlsx":
        pytest.importorskip("openpyxl", reason="openpyxl is not installed")
        frame.to_excel(path, index=False)
    elif ending == ".json":
        path.write_text(json.dumps(rows))
    else:
        frame.to_csv(path, sep="\t" if ending == ".tsv" else ",", index=False)
    return path


@pytest.mark.parametrize("ending", [".xlsx", ".tsv", ".csv", ".json"])
def test_vlmevalkit_tables(tmp_path, ending):
    (run,) = import_files([_table(tmp_path / "My-VLM", ending)], tmp_path / "runs")
    assert run.manifest.model.name == "My-VLM"
    hit = _value(run, "MMBench_DEV_EN", "hit")
    assert (hit.value, hit.n) == (0.75, 12)
    assert "category=animals" in {one.slice for one in run.entries}
    assert run.samples.iloc[1].prompt == "Q1?\nA. cat\nB. dog"


def test_a_table_whose_name_tells_nothing_needs_names(tmp_path):
    path = _table(tmp_path / "elsewhere", ".tsv")
    with pytest.raises(UsageError, match="say them with --model and --task"):
        import_files([path], tmp_path / "runs")
    (run,) = import_files([path], tmp_path / "runs", model="My-VLM")
    assert run.manifest.tasks[0].name == "MMBench_DEV_EN"


def _written(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "text", "error", "reason"),
    [
        ("x.json", "{", DataError, "x.json is no JSON"),
        ("results_1.json", '{"results": {}, "configs": {}}', DataError, "holds no result"),
        ("a_b.json", '{"a": 1}', DataError, "is no list of rows"),
        ("a_b.tsv", "index\tprediction\n1\tA\n", DataError, "has no score a row"),
        ("a_b.tsv", "question\thit\nx\t1\n", DataError, "no columns 'index' and 'prediction'"),
        ("x.txt", "hello", UsageError, "of no kind that can be imported"),
        ("a_b.xlsx", "not a workbook", DataError, "cannot read a_b.xlsx"),
    ],
)
def test_other_files_are_explained(tmp_path, name, text, error, reason):
    with pytest.raises(error, match=reason):
        import_files([_written(tmp_path / name, text)], tmp_path / "runs", model="a", task="b")


def test_a_damaged_line_is_named(tmp_path):
    path = _lm_eval(tmp_path / "in")
    samples = next((tmp_path / "in").glob("samples_*"))
    samples.write_text(samples.read_text() + '\n{"no": "id"}')
    with pytest.raises(DataError, match=r"line 21, has no doc_id"):
        import_files([path], tmp_path / "runs")


def test_numbers_that_json_does_not_know_are_nothing():
    assert decoded('{"a": NaN, "b": [-Infinity, 1], "c": "NaN, x"}', "x") == {
        "a": None, "b": [None, 1], "c": "NaN, x",
    }  # fmt: skip
    assert text_of([["x"]]) == "x"
    assert text_of(["x", "y"]) == '["x","y"]'
