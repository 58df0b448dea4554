"""Markdown, LaTeX, CSV and JSON."""

import csv
import io
import json
import re

import msgspec
import pytest
from markdown_it import MarkdownIt

from mmbench.errors import StoreError
from mmbench_reports import csv_table, json_table, latex, markdown

RENDERERS = [markdown, latex, csv_table, json_table]
EVIL = [
    "<script>alert(1)</script>",
    "a|b\n| c |",
    "**bold** _it_ `code` ~~gone~~ $x$",
    "[text](javascript:alert(1)) ![x](y)",
    "# head",
    "- item",
    "1. one",
    "@everyone",
    r"\input{/etc/passwd} \\ & % $ # _ { } ~ ^ [x]*",
    "=HYPERLINK(1)",
    "+1",
    "@SUM(1)",
    "\x00\u202e,\"'",
]
COMMANDS = {
    "\\textbackslash", "\\textasciitilde", "\\textasciicircum", "\\textless", "\\textgreater", "\\textbar",
    "\\textperiodcentered", "\\dots", "\\begin", "\\end", "\\centering", "\\caption", "\\toprule", "\\midrule",
    "\\bottomrule", "\\textbf", "\\emph", "\\scriptsize", "\\downarrow", "\\usepackage",
    "\\{", "\\}", "\\$", "\\&", "\\#", "\\_", "\\%", "\\\\",
}  # fmt: skip


def _written(renderer, runs, tmp_path) -> str:
    renderer.render(runs, tmp_path / "out")
    return (tmp_path / "out").read_bytes().decode()


@pytest.fixture
def hostile(make_run, told):
    """Make a run in which every name is hostile."""

    def make(evil):
        tasks = [
            told(evil, evil, values={evil: 0.5}, slices={f"{evil}={evil}": 0.4}, fingerprint=evil),
            told("other", status="failed", reason=evil),
        ]
        return make_run(evil, *tasks, versions={evil: evil})

    return make


@pytest.mark.parametrize("renderer", RENDERERS)
def test_equal_runs_give_equal_bytes(renderer, gallery, tmp_path):
    assert _written(renderer, gallery, tmp_path) == _written(renderer, gallery, tmp_path)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_what_cannot_be_written_is_told(renderer, gallery, tmp_path):
    with pytest.raises(StoreError, match="cannot write"):
        renderer.render(gallery, tmp_path / "absent" / "out")


@pytest.mark.parametrize("renderer", RENDERERS)
def test_runs_without_results_have_a_document(renderer, make_run, told, tmp_path):
    run = make_run("a", told("x", status="failed", reason="it broke"), status="failed")
    text = _written(renderer, [run], tmp_path)
    assert text.endswith("\n")
    assert "it broke" in text or renderer is latex


def _tables(text: str) -> list[list[list[str]]]:
    """Return the tables of a Markdown text as a parser sees them, rows of cells of plain text."""
    found: list[list[list[str]]] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and token.level == 4 and found:
            shown = [child.content for child in token.children if child.type in ("text", "text_special")]
            found[-1][-1].append("".join(shown))
    return found


def test_markdown_has_the_table(gallery, tmp_path):
    text = _written(markdown, gallery, tmp_path)
    results, slices = _tables(text)
    assert results[0] == ["Task", "Metric", "alpha", "beta", "n"]
    assert results[1] == ["vqa · scenes", "accuracy", "62.0% (57.0–67.0)", "42.0% (37.0–47.0)", "100"]
    assert ["speech · digits", "wer ↓", "0.200 (0.150–0.250)", "0.200 (0.150–0.250)", "100"] in results
    assert slices[1][:2] == ["type: counting", "accuracy"]
    assert text.startswith("# No clear difference between alpha and beta.")


@pytest.fixture
def unequal(make_run, told):
    """Two runs of which the first is better beyond doubt."""
    return [
        make_run(name, told("x", values={"m": value}, scored=True)) for name, value in (("a", 0.9), ("b", 0.5))
    ]


def test_what_is_significantly_best_is_marked(unequal, tmp_path):
    text = _written(markdown, unequal, tmp_path)
    assert text.startswith("# a is clearly better than b")
    assert "**90.0%**" in text
    assert "**50.0%**" not in text
    assert r"\textbf{90.0}" in _written(latex, unequal, tmp_path)
    report = msgspec.json.decode(_written(json_table, unequal, tmp_path), type=json_table.Report)
    assert report.table[0] == json_table.Comparison("x", "toy", "", "m", [0.9, 0.5], "a", "")
    (gap,) = report.differences
    assert (gap.run, gap.metric, gap.side, gap.samples) == ("b", "m", "worse", 100)
    assert gap.delta == pytest.approx(-0.4)
    assert gap.low < gap.delta < gap.high < 0


def test_markdown_of_one_run_has_values_and_what_is_missing(gallery, tmp_path):
    text = _written(markdown, gallery[:1], tmp_path)
    assert _tables(text)[0][0] == ["Task", "Metric", "Value", "n"]
    assert "**caption · scenes: skipped** model takes no image input." in text


@pytest.mark.parametrize("evil", EVIL)
def test_markdown_keeps_hostile_names_as_text(hostile, evil, tmp_path):
    text = _written(markdown, [hostile(evil)], tmp_path)
    shown = " ".join(markdown.plain(evil).split())
    results, slices = _tables(text)
    assert results[1][0] == f"{shown} · {shown}"
    assert results[1][1] == shown
    assert slices[1][0] == f"{shown}={shown}".replace("=", ": ", 1)
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    inside = [child for token in parser.parse(text) for child in token.children or ()]
    kinds = {"text", "text_special", "strong_open", "strong_close", "html_inline", "softbreak"}
    assert {child.type for child in inside} <= kinds
    assert {child.content for child in inside if child.type == "html_inline"} <= {"<!-- -->"}


@pytest.mark.parametrize("evil", EVIL)
def test_latex_keeps_hostile_names_as_text(hostile, evil, tmp_path):
    text = _written(latex, [hostile(evil)], tmp_path)
    body = text.partition("\n")[2]
    assert set(re.findall(r"\\(?:[A-Za-z]+|.)", body)) <= COMMANDS
    rows = [line for line in body.splitlines() if line.endswith(r" \\")]
    assert rows
    for line in rows:
        assert len(re.findall(r"(?<!\\)&", line)) == 3
        assert not re.search(r"(?<!\\)[%#~^]", line)
        assert not line.strip().startswith(("[", "*"))
    bare = re.sub(r"\\[{}]", "", body)
    assert bare.count("{") == bare.count("}")


def test_latex_table_has_units_bold_and_intervals(gallery, tmp_path):
    text = _written(latex, gallery, tmp_path)
    assert r"vqa & accuracy (\%) & 62.0 {\scriptsize 57.0--67.0} & 42.0" in text
    assert r"speech & wer $\downarrow$ & 0.200" in text
    assert text.count(r"\midrule") == 3, "a rule before each task that has results"


def test_csv_has_a_line_for_every_value_and_every_task_without_one(gallery, tmp_path):
    rows = list(csv.DictReader(io.StringIO(_written(csv_table, gallery, tmp_path), newline="")))
    assert tuple(rows[0]) == csv_table.FIELDS
    assert len(rows) == 2 * (2 * 3 + 1 + 1 + 1)
    first = rows[0]
    assert (first["model"], first["metric"], float(first["value"])) == ("alpha", "accuracy", 0.62)
    assert float(first["low"]) < 0.62 < float(first["high"])
    (skipped,) = [row for row in rows if row["status"] == "skipped" and row["model"] == "beta"]
    assert (skipped["value"], skipped["reason"]) == ("", "model takes no image input.")


@pytest.mark.parametrize("evil", EVIL)
def test_csv_holds_no_formulas(hostile, evil, tmp_path):
    rows = list(csv.DictReader(io.StringIO(_written(csv_table, [hostile(evil)], tmp_path), newline="")))
    assert len(rows) == 3
    assert rows[0]["task"].endswith(markdown.plain(evil))
    texts = [value for row in rows for value in row.values() if not re.fullmatch(r"-?[\d.e-]+", value)]
    assert not any(text.startswith(("=", "+", "-", "@", "\t")) for text in texts)


def test_json_holds_the_records_whole(gallery, tmp_path):
    text = _written(json_table, gallery, tmp_path)
    report = msgspec.json.decode(text, type=json_table.Report)
    assert [run.label for run in report.runs] == ["alpha", "beta"]
    assert report.runs[0].manifest == gallery[0].manifest
    assert report.runs[1].results == gallery[1].entries
    assert report.table[0] == json_table.Comparison("vqa", "scenes", "", "accuracy", [0.62, 0.42], None, "")
    assert "model takes no image input." in [missing.reason for missing in report.missing]
    assert json.loads(text)["headline"].startswith("No clear difference")
