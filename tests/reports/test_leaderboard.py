"""The leaderboard's files: only verified runs are ranked, and equal submissions give equal sites."""

import csv
import html
import json
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from knowing_models import Knowing, answers

import mmbench
from mmbench.engine.verification import Fault, Verification
from mmbench.store.packed import pack, unpack
from mmbench.store.records import SAMPLES
from mmbench.store.run import load_run
from mmbench_reports.leaderboard import render
from mmbench_reports.leaderboard.ranks import ranks_of, win_rates

ATOM = "{http://www.w3.org/2005/Atom}"
EVIL = "=<script>alert(1)</script>"


@pytest.fixture(scope="module")
def submissions(tmp_path_factory) -> Path:
    """Real runs: three models (one twice), a baseline, and one that was tampered with."""
    out = tmp_path_factory.mktemp("submissions")
    known = answers("sentiment", 80)

    def run(model, tasks="sentiment", limit=80):
        return mmbench.evaluate(model, tasks, limit=limit, out=out, cache="off").path

    run(Knowing("improved", 0.6, known, 0.03))
    run(Knowing("improved", 0.99, known, 0.03, version=2))
    run(Knowing("quick", 0.55, known, 0.002))
    run(Knowing(EVIL, 0.5, known, 0.2))
    run("majority")
    bad = run(Knowing("cheat", 0.5, known))
    results = json.loads((bad / "results.json").read_text())
    results["results"][0]["value"] = 1.0
    (bad / "results.json").write_text(json.dumps(results))
    return out


def _runs(folder):
    return [load_run(path.parent) for path in sorted(folder.glob("*/manifest.json"))]


@pytest.fixture(scope="module")
def site(submissions, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("site")
    render(_runs(submissions), out, title="Test <board>", url="https://example.org/board/")
    return out


def test_sure_ranks_are_points_and_unsure_ones_intervals():
    def around(value):
        return value + np.sin(np.arange(200.0)) / 50

    ranks = ranks_of([0.5, 0.9, 0.501], [around(0.5), around(0.9), -around(-0.501)])
    assert [(rank.rank, rank.low, rank.high) for rank in ranks] == [(3, 2, 3), (1, 1, 1), (2, 2, 3)]


def test_pairing_makes_small_differences_sure():
    noise = np.sin(np.arange(200.0))
    assert [rank.text for rank in ranks_of([0.5, 0.51], [0.5 + noise, 0.51 + noise])] == ["2", "1"]


def test_where_nothing_can_be_said_no_place_is_excluded():
    unknown = np.full(100, np.nan)
    assert [rank.text for rank in ranks_of([0.1, 0.9], [unknown, unknown])] == ["1–2", "1–2"]


def test_a_task_that_was_not_run_is_lost():
    wins = win_rates([np.array([0.2, 0.1]), np.array([0.2, -np.inf])])
    assert wins.tolist() == [1.0, 0.0]


def test_only_verified_runs_are_shown_and_the_others_refused_with_the_reason(site):
    board = json.loads((site / "leaderboard.json").read_text())
    assert {row["model"] for row in board["models"]} == {"improved", "quick", EVIL, "majority"}
    (refused,) = board["refused"]
    assert refused["model"] == "cheat"
    assert "results.json says 1, the answers give" in refused["reasons"][0]
    page = (site / "index.html").read_text()
    assert "results.json says 1, the answers give" in page
    assert not (site / "models" / "cheat.html").exists()


def _answer(run):
    rows = pq.read_table(run / "samples.parquet").to_pylist()
    rows[3]["responses"][0]["text"] = "negative" if rows[3]["prediction"] != "negative" else "positive"
    pq.write_table(pa.Table.from_pylist(rows, SAMPLES), run / "samples.parquet")


def _score(run):
    document = json.loads((run / "results.json").read_text())
    document["results"][0]["value"] += 0.01
    (run / "results.json").write_text(json.dumps(document))


def _sample(run):
    table = pq.read_table(run / "samples.parquet")
    pq.write_table(table.slice(1).cast(SAMPLES), run / "samples.parquet")


def _dataset(run):
    document = json.loads((run / "manifest.json").read_text())
    document["tasks"][0]["dataset"]["fingerprint"] = "0" * 64
    (run / "manifest.json").write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (_answer, "answer: sentiment:reviews: sample"),
        (_score, "score: sentiment:reviews: accuracy: results.json says"),
        (_sample, "rows: sentiment:reviews: samples.parquet holds 79 rows, the manifest says 80"),
        (_dataset, "dataset: sentiment:reviews: another dataset"),
    ],
)
def test_what_was_tampered_with_is_refused_with_its_own_reason(submissions, tmp_path, tamper, reason):
    good = next(run.path for run in _runs(submissions) if run.manifest.model.name == "quick")
    bad = Path(shutil.copytree(good, tmp_path / "bad"))
    tamper(bad)
    (found,) = render([load_run(bad)], tmp_path / "site")
    assert any(str(fault).startswith(reason) for fault in found.faults), found.faults
    board = json.loads((tmp_path / "site" / "leaderboard.json").read_text())
    assert board["models"] == []
    assert any(text.startswith(reason) for text in board["refused"][0]["reasons"])
    assert html.escape(reason.partition(": ")[2].partition(": ")[2]) in (tmp_path / "site/index.html").read_text()


def test_the_same_run_sent_twice_counts_once(submissions, tmp_path):
    good = next(run for run in _runs(submissions) if run.manifest.model.name == "quick")
    again = unpack(pack(good, tmp_path), tmp_path / "inbox")
    assert len(render([good, again], tmp_path / "site")) == 1


def test_damaged_submissions_are_listed_as_refused(tmp_path):
    damaged = Verification("x.mmbench", "", [Fault("file", "", "cannot unpack x.mmbench: no zip.")], [], 0, 0, {})
    (found,) = render([], tmp_path / "site", damaged=[damaged])
    assert not found.ok
    assert "cannot unpack x.mmbench" in (tmp_path / "site" / "index.html").read_text()


def test_a_shipped_model_has_its_card_and_its_marks_stay_text(tmp_path, monkeypatch):
    (tmp_path / "README.md").write_text("---\nlicense: x\n---\n# Reference\n**Bold** <script>x</script>\n\n"
                                        "[bad](javascript:alert(1)) ![p](http://x/y.png)\n\n"
                                        "| a |\n|---|\n| `<table>` |\n")  # fmt: skip
    monkeypatch.setattr("mmbench_reports.leaderboard.site.shipped", lambda manifest: tmp_path)
    run = mmbench.evaluate("majority", "sentiment", limit=8, out=tmp_path / "runs", cache="off")
    render([run], tmp_path / "site")
    page = (tmp_path / "site" / "models" / "majority.html").read_text()
    assert "<h3>Reference</h3>" in page
    assert "<strong>Bold</strong> &lt;script&gt;" in page
    assert "license: x" not in page
    assert '<table tabindex="0">' in page, "keys scroll it"
    assert "<code>&lt;table&gt;</code>" in page
    assert 'href="javascript' not in page
    assert 'src="http' not in page


def test_the_latest_run_counts_and_the_older_is_history(site):
    board = json.loads((site / "leaderboard.json").read_text())
    improved = next(row for row in board["models"] if row["model"] == "improved")
    assert improved["rank"] == {"rank": 1, "low": 1, "high": 1, "of": 3}
    assert len(improved["runs"]) == 2
    page = (site / "models" / "improved.html").read_text()
    assert 'id="history"' in page
    assert 'class="history"' in page
    assert 'id="history"' not in (site / "models" / "quick.html").read_text()


def test_baselines_are_shown_but_take_no_place(site):
    rows = list(csv.DictReader((site / "leaderboard.csv").open()))
    baseline = next(row for row in rows if row["model"] == "majority")
    assert (baseline["baseline"], baseline["rank"]) == ("True", "")
    assert {row["ranked"] for row in rows if row["model"] != "majority"} == {"3"}


def test_the_downloads_agree(site):
    table = pq.read_table(site / "leaderboard.parquet").to_pylist()
    assert table == json.loads((site / "leaderboard.json").read_text())["scores"]
    rows = list(csv.DictReader((site / "leaderboard.csv").open()))
    assert [float(row["value"]) for row in rows] == [row["value"] for row in table]
    assert f"'{EVIL}" in {row["model"] for row in rows}, "no spreadsheet takes it for a formula"
    assert all(row["dataset_compared"] for row in table)


def test_the_feed_is_atom_and_newest_first(site):
    feed = ElementTree.parse(site / "feed.xml").getroot()
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    updated = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert len(entries) == 5
    assert updated == sorted(updated, reverse=True)
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 5
    links = [entry.find(f"{ATOM}link").get("href") for entry in entries]
    assert all(link.startswith("https://example.org/board/models/") for link in links)


def test_badges_are_well_formed_and_hold_no_markup_of_others(site):
    for path in (site / "badges").glob("*.svg"):
        root = ElementTree.parse(path).getroot()
        assert {element.tag.partition("}")[2] for element in root.iter()} == {
            "svg",
            "title",
            "rect",
            "path",
            "g",
            "text",
        }
    texts = ElementTree.parse(site / "badges" / "improved.svg").getroot().itertext()
    assert "rank 1 of 3" in list(texts)


def test_names_of_models_stay_text(site):
    page = (site / "index.html").read_text()
    assert "<script>alert" not in page
    assert "=&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_pages_trust_only_themselves(site):
    for path in [site / "index.html", *(site / "models").glob("*.html")]:
        page = html.unescape(path.read_text())
        assert "default-src 'none'" in page
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert 'style="' not in page


def test_equal_submissions_give_equal_sites(submissions, site, tmp_path):
    render(list(reversed(_runs(submissions))), tmp_path, title="Test <board>", url="https://example.org/board")
    files = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    again = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == again


def test_pages_of_models_that_left_are_removed_and_other_files_kept(submissions, tmp_path):
    runs = _runs(submissions)
    render(runs, tmp_path)
    (tmp_path / "CNAME").write_text("example.org")
    render([run for run in runs if run.manifest.model.name != "quick"], tmp_path)
    assert not (tmp_path / "models" / "quick.html").exists()
    assert not (tmp_path / "badges" / "quick.svg").exists()
    assert (tmp_path / "CNAME").exists()


def test_other_rows_stand_in_a_column_of_their_own(submissions, tmp_path):
    known = answers("sentiment", 80)
    fewer = mmbench.evaluate(Knowing("fewer", 0.7, known), "sentiment", limit=40, out=tmp_path, cache="off")
    render([*_runs(submissions), fewer], tmp_path / "site")
    scores = json.loads((tmp_path / "site" / "leaderboard.json").read_text())["scores"]
    lone = next(row for row in scores if row["model"] == "fewer")
    assert (lone["n"], lone["ranked"]) == (40, 1)
    assert {row["ranked"] for row in scores if row["n"] == 80} == {3, None}


def test_no_submission_passes(submissions, tmp_path):
    bad = [run for run in _runs(submissions) if run.manifest.model.name == "cheat"]
    (found,) = render(bad, tmp_path)
    assert not found.ok
    assert "No submission was verified yet." in (tmp_path / "index.html").read_text()


def test_unreadable_submissions_do_not_stop_the_others(submissions, tmp_path):
    copy = Path(shutil.copytree(_runs(submissions)[0].path, tmp_path / "broken"))
    (copy / "samples.parquet").write_bytes(b"")
    found = render([load_run(copy), *_runs(submissions)], tmp_path / "site")
    assert sorted(one.run for one in found if not one.ok)[-1] == "broken"
    assert len(json.loads((tmp_path / "site" / "leaderboard.json").read_text())["models"]) == 4
