import json
import sys

import pytest


@pytest.fixture
def model_file(tmp_path):
    (tmp_path / "mymodel.py").write_text(
        "def make():\n    return lambda prompts: ['positive' for _ in prompts]\n"
        "def bad():\n    return lambda prompts: []\n"
        "def number():\n    return 7\n"
    )
    return "python:mymodel:make"


def _folder(tmp_path, name="runs"):
    return next(path for path in sorted((tmp_path / name).iterdir()) if path.is_dir())


def test_the_main_job_prints_a_table_and_the_path_of_a_report(cli, tmp_path):
    done = cli("run", "--model", "oracle", "--tasks", "sentiment,qa", "--limit", "20")
    assert done.returncode == 0, done.stderr
    assert "sentiment:reviews" in done.stdout
    assert "100.0 %" in done.stdout
    page = _folder(tmp_path) / "report.html"
    assert str(page.relative_to(tmp_path)) in done.stdout
    assert page.read_text().startswith("<!doctype html>") or page.read_text().startswith("<!DOCTYPE html>")


def test_json_is_the_only_thing_on_standard_output(cli, tmp_path):
    done = cli("run", "-m", "oracle", "-t", "sentiment", "--limit", "5", "--json")
    assert json.loads(done.stdout) == json.loads((_folder(tmp_path) / "results.json").read_text())


def test_several_models_in_one_command(cli, tmp_path):
    done = cli("run", "-m", "oracle", "-m", "random", "-t", "sentiment", "--limit", "10", "--no-report")
    assert done.returncode == 0
    assert len([path for path in (tmp_path / "runs").iterdir() if path.is_dir()]) == 2


def test_show_and_score(cli, tmp_path):
    cli("run", "-m", "majority", "-t", "sentiment", "--limit", "30")
    folder = str(_folder(tmp_path))
    shown = cli("show", folder, "--slices")
    assert "majority" in shown.stdout
    assert "type=" in shown.stdout
    again = cli("score", folder, "--json")
    assert json.loads(again.stdout) == json.loads((_folder(tmp_path) / "results.json").read_text())


def test_a_python_function_is_a_model(cli, tmp_path, model_file):
    done = cli("run", "-m", model_file, "-t", "sentiment", "--limit", "10", "--set", "mode=generate")
    assert done.returncode == 0, done.stderr


def test_set_reaches_the_task_and_the_manifest(cli, tmp_path):
    cli("run", "-m", "oracle", "-t", "translation", "--limit", "3", "--set", "tgt=fr")
    manifest = json.loads((_folder(tmp_path) / "manifest.json").read_text())
    assert manifest["tasks"][0]["options"]["tgt"] == "fr"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-m", "oracle", "-t", "captoin"], "unknown task 'captoin'. Did you mean 'caption'?"),
        (["-m", "orcale", "-t", "vqa"], "unknown model 'orcale'. Did you mean 'oracle'?"),
        (["-m", "oracle", "-t", "vqa:vqav3"], "no dataset 'vqav3'. Did you mean 'vqav2'?"),
        (["-m", "oracle", "-t", "vqa", "--set", "max_tokns=3"], "Did you mean 'max_tokens'?"),
        (["-m", "oracle", "-t", "vqa", "--set", "max_tokens"], "key=value"),
        (["-m", "oracle", "-t", "vqa", "--limit", "0"], "--limit must be at least 1"),
        (["-m", "oracle", "-t", "vqa", "--seed", "-1"], "--seed must be from 0"),
        (["-m", "", "-t", "vqa"], "unknown model ''"),
        (["-m", "oracle", "-t", "vqa", "--batch-size", "big"], "'auto' or a number"),
        (["-m", "oracle", "-t", ""], "no tasks named"),
        (["-m", "oracle", "-t", "vqa", "--device", "cuda"], "has no option 'device'"),
        (["-m", "./nothing/here", "-t", "vqa"], "nothing/here"),
        (["-m", "python:nomodule_x:f", "-t", "qa"], "nomodule_x"),
        (["-m", "python:json:nope", "-t", "qa"], "nope"),
        (["-m", "python:mymodel:number", "-t", "qa"], "neither a model nor a function"),
        (["-m", "oracle", "-t", "qa", "--out", "/proc/nowhere"], "--out"),
        (["-m", "oracle", "-t", "qa:missing.jsonl"], "missing.jsonl"),
        (["-m", "python:mymodel:make", "-t", "vqa", "--limit", "4"], "takes no image"),
    ],
)
def test_mistakes_get_one_clear_line_and_exit_code_2(cli, model_file, arguments, message):
    done = cli("run", *arguments)
    text = " ".join(done.stderr.split())
    assert message in text
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_exit_code_3_when_some_tasks_finish_and_others_do_not(cli, model_file):
    done = cli("run", "-m", model_file, "-t", "sentiment,vqa", "--limit", "4", "--set", "sentiment.mode=generate")
    assert done.returncode == 3
    assert "vqa:scenes skipped" in done.stderr
    assert "sentiment:reviews" in done.stdout


def test_debug_shows_the_traceback(cli):
    assert "Traceback" in cli("run", "-m", "oracle", "-t", "captoin", "--debug").stderr


def test_rows_that_lack_a_column_name_it(cli, tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"id": "1", "context": "a", "qestion": "b", "answers": ["c"]}\n')
    done = cli("run", "-m", "oracle", "-t", "qa:rows.jsonl")
    assert done.returncode == 2
    assert "question" in done.stderr


def test_help_list_and_a_small_run_import_nothing_heavy(tmp_path):
    import subprocess

    run = ["run", "-m", "oracle", "-t", "vqa", "--limit", "4", "--no-report"]
    for arguments in (["--help"], ["list", "tasks"], ["list", "datasets"], ["list", "models"], run):
        code = (
            "import sys\nfrom mmbench.cli import main\n"
            f"sys.argv = ['mmbench', *{arguments!r}]\n"
            "try:\n    main()\nexcept SystemExit:\n    pass\n"
            "heavy = {'torch', 'transformers', 'datasets', 'pandas', 'matplotlib', 'scipy'} & set(sys.modules)\n"
            "assert not heavy, heavy\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr


def test_importing_mmbench_is_light():
    import subprocess

    code = "import sys, mmbench; assert 'numpy' not in sys.modules; print(len(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200


def test_brackets_and_blanks_in_names_stay_and_break_nothing(cli, tmp_path):
    folder = tmp_path / "my [/data] é"
    folder.mkdir(parents=True)
    rows = [{"id": f"{i}", "text": f"text {i}", "label": "positive"} for i in range(3)]
    (folder / "of [2024].jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    task = f"sentiment:{folder / 'of [2024].jsonl'}"
    done = cli("run", "-m", "oracle", "-t", task, "--out", folder / "runs", COLUMNS="40")
    assert done.returncode == 0, done.stderr
    run = next(path for path in (folder / "runs").iterdir() if path.is_dir())
    assert f"oracle -> {run}\n" in done.stderr
    assert "of [2024]" in cli("show", run).stdout
    failed = cli("run", "-m", "oracle", "-t", task, "--shots", "3", "--out", folder / "runs", COLUMNS="40")
    assert failed.returncode == 2
    assert "sentiment:of [2024] failed: dataset 'sentiment:of [2024]' has no split" in failed.stderr
    assert "not a run" in cli("show", folder / "runs").stderr


def test_ctrl_c_says_that_nothing_is_lost(cli, tmp_path):
    (tmp_path / "stops.py").write_text(
        "class Stops:\n"
        "    def __init__(self):\n        self.calls = 0\n"
        "    def __call__(self, prompts):\n"
        "        self.calls += 1\n"
        "        if self.calls == 4:\n            raise KeyboardInterrupt\n"
        "        return ['positive'] * len(prompts)\n"
        "def make():\n    return Stops()\n"
    )
    run = ("run", "-m", "python:stops:make", "-t", "sentiment", "--limit", "40", "--batch-size", "8", "--json")
    done = cli(*run)
    assert done.returncode == 130
    assert "interrupted. Everything answered so far is kept: run the same command to go on." in done.stderr
    assert "Traceback" not in done.stderr
    manifest = json.loads((_folder(tmp_path) / "manifest.json").read_text())
    assert (manifest["status"], manifest["reason"]) == ("failed", "interrupted")
    again = cli(*run[:-1], "--no-report")  # two batches are left, and the counter starts anew
    assert again.returncode == 0, again.stderr
    assert "24 of 40 requests from the store" in again.stdout
