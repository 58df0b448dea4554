"""Runs that cannot be judged: each says so in one line, with exit code 2, and no traceback."""

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

RULE = '[[rule]]\nmetric = "accuracy"\n'


@pytest.fixture
def run(cli, tmp_path):
    def make(model="oracle", *more, out="runs"):
        done = cli("run", "-m", model, "-t", "sentiment", "--limit", "40", "--out", out, "--no-report", *more)
        assert done.returncode == 0, done.stderr
        return next(path for path in (tmp_path / out).iterdir() if path.is_dir())

    return make


def _refused(done, *words):
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(lines) == 1, done.stderr
    told = " ".join(done.stderr.split())
    assert all(word in told for word in words), done.stderr


def test_a_run_without_samples(cli, tmp_path, run):
    good = run()
    bare = shutil.copytree(good, tmp_path / "bare")
    (bare / "samples.parquet").unlink()
    (tmp_path / "gate.toml").write_text(RULE + "min = 50\n")
    for arguments in (
        ("compare", good, bare),
        ("gate", bare, "--policy", "gate.toml"),
        ("diff", good, bare),
        ("score", bare),
        ("baseline", "save", bare),
    ):
        _refused(cli(*arguments), "samples.parquet", "Did the run finish?")


def test_a_corrupt_parquet(cli, tmp_path, run):
    good = run()
    broken = shutil.copytree(good, tmp_path / "broken")
    rows = broken / "samples.parquet"
    rows.write_bytes(rows.read_bytes()[:-200])
    (tmp_path / "gate.toml").write_text(RULE + "min = 50\n")
    for arguments in (
        ("compare", good, broken),
        ("gate", broken, "--policy", "gate.toml"),
        ("diff", broken, good),
        ("score", broken),
    ):
        _refused(cli(*arguments), "cannot read", "samples.parquet")
    whole = bytearray((good / "samples.parquet").read_bytes())
    for at in range(200, 1200, 7):  # bytes of a page, not of the footer
        whole[at] ^= 0x5A
    rows.write_bytes(whole)
    _refused(cli("compare", good, broken), "cannot read", "samples.parquet")


@pytest.mark.parametrize("column", ["target", "info"])
def test_json_that_is_damaged_in_one_row(cli, tmp_path, run, column):
    good = run()
    broken = shutil.copytree(good, tmp_path / "broken")
    rows = broken / "samples.parquet"
    table = pq.read_table(rows)
    cells = table[column].to_pylist()
    cells[3] = '{"half'
    at = table.column_names.index(column)
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(cells)), rows)
    name = table["id"][3].as_py()
    for arguments in (("score", broken), ("diff", good, broken)):
        _refused(cli(*arguments), f"sample '{name}'", f"its {column} is damaged")


def test_runs_that_share_no_sample(cli, tmp_path, run):
    rows = [{"id": f"mine-{i}", "text": f"text {i}", "label": "positive"} for i in range(10)]
    (tmp_path / "reviews.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    other = run()
    done = cli("run", "-m", "oracle", "-t", "sentiment:reviews.jsonl", "--out", "own", "--no-report")
    assert done.returncode == 0, done.stderr
    own = next(path for path in (tmp_path / "own").iterdir() if path.is_dir())
    _refused(cli("compare", other, own), "nothing to compare", "samples are answered")
    (tmp_path / "gate.toml").write_text(RULE + "max_drop = 5\n")
    judged = cli("gate", own, "--policy", "gate.toml", "--baseline", other)
    assert (judged.returncode, "the runs share no sample" in judged.stdout) == (3, True), judged.stdout


def test_other_rows_under_the_same_ids_are_told(cli, tmp_path):
    folders = []
    for name in ("one", "two"):
        rows = [{"id": str(i), "text": f"text {i} of {name}", "label": "ab"[i % 2]} for i in range(10)]
        (tmp_path / "mine.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
        assert (
            cli("run", "-m", "random", "-t", "sentiment:mine.jsonl", "--out", name, "--no-report").returncode == 0
        )
        folders.append(next(path for path in (tmp_path / name).iterdir() if path.is_dir()))
    done = cli("compare", *folders)
    assert done.returncode == 0, done.stderr
    assert "the dataset's rows differ; samples are matched by id" in done.stdout
    assert "10 of 10 prompts differ" in done.stdout


def test_an_unknown_metric_in_a_policy(cli, tmp_path, run):
    good = run()
    (tmp_path / "gate.toml").write_text('[[rule]]\nmetric = "acuracy"\nmin = 50\n')
    _refused(cli("gate", good, "--policy", "gate.toml"), "no metric 'acuracy'", "Did you mean 'accuracy'?")
    (tmp_path / "gate.toml").write_text('[[rule]]\nmetric = "accuracy"\nminimum = 50\n')
    _refused(cli("gate", good, "--policy", "gate.toml"), "unknown key 'rule.1.minimum'")


def test_a_baseline_file_that_was_changed(cli, tmp_path, run):
    import pyarrow.parquet as pq

    good = run()
    assert cli("baseline", "save", good, "kept.mmbench.parquet").returncode == 0
    path = tmp_path / "kept.mmbench.parquet"
    table = pq.read_table(path)
    rows = table.column("id").to_pylist()
    rows[0] = "another"
    changed = table.set_column(table.schema.get_field_index("id"), table.schema.field("id"), [rows])
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
    _refused(cli("compare", good, path), "not what was signed")
    _refused(cli("baseline", "list", "."), "not what was signed")
    path.write_bytes(path.read_bytes()[:100])
    _refused(cli("compare", good, path), "cannot read baseline")
    _refused(cli("compare", good, good / "samples.parquet"), "is no baseline file")


def test_options_of_intervals_and_repeats(cli, run):
    common = ("run", "-m", "oracle", "-t", "sentiment", "--limit", "5", "--no-report")
    _refused(cli(*common, "--interval", "wilsen"), "no method 'wilsen'", "Did you mean 'wilson'?")
    _refused(cli(*common, "--repeats", "0"), "--repeats must be at least 1")
    done = cli(*common, "--repeats", "3")
    assert (done.returncode, "not sampled" in " ".join(done.stderr.split())) == (2, True), done.stderr
    _refused(cli("compare", run()), "at least two runs")
